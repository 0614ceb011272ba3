"""The Tryton adapter on a real Tryton of the session's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from demo.floor import HeldOrder
from demo.tryton.floor import Floor, Plan
from demo.tryton.install import DATABASE, FLOOR, fresh_database
from demo.tryton.ledger import held_orders
from demo.tryton.rpc import Rpc
from demo.tryton.server import running
from demo.tryton.setup import load_products
from include.fulfilment.adapters.registry import make_warehouse
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.ports import Warehouse
from tests.contract.kit import Bench
from tests.contract.serving import given, site
from tests.demo.tryton.kit import home
from tests.stories.world import Ticking

TRAITS = {
    "slow",
    "one_carrier",
    "no_void",
    "no_over_shipment",
    "no_label",
    "no_hold",
    "no_cancel",
    "amends_nothing",
    "closes_on_shipping",
}
_receipts = count(1)


class TrytonFloor:
    """The staff and the ledger, through Tryton's own interface as the floor login."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc, self._floor = rpc, Floor(rpc)

    def load_products(self, products: Mapping[str, str]) -> None:
        load_products(self._rpc, dict(products))

    def receive(self, goods: Mapping[str, int]) -> None:
        self._floor.receive(f"GRN-bench-{next(_receipts)}", goods)

    def ship(
        self,
        ref: str,
        quantities: Mapping[str, int] | None = None,
        parcels: Sequence[object] = (),
        boxes: int = 1,
        close_rest: bool = False,
    ) -> None:
        plan = Plan(quantities=quantities, parcels=boxes, close_rest=close_rest)
        self._floor.ship({each.id: plan for each in self._floor.open_shipments([ref])})

    def pick(self, ref: str) -> None:
        for each in self._floor.open_shipments([ref]):
            for button in ("assign_try", "pack"):
                self._rpc.call(f"model.stock.shipment.out.{button}", [each.id])

    def held(self) -> list[HeldOrder]:
        """Orders as the ledger has them; one whose shipments are all cancelled is cancelled, as nothing of it goes."""
        going = {each.external_ref for each in self._floor.open_shipments()}
        return [
            each if each.shipments or each.external_ref in going else replace(each, state="cancelled")
            for each in held_orders(self._rpc)
        ]

    def requested_on(self, ref: str) -> Any:
        (sale,) = self._rpc.search("sale.sale", [["description", "=", ref]], ["shipping_date"])
        return sale["shipping_date"]


@contextmanager
def open_bench(folder: Path) -> Iterator[Bench]:
    """One installation on a copy of the template's database. Our clock only bounds what we send; Tryton has its own."""
    installed, clock, log = home(), Ticking(), list[tuple[str, str, str]]()
    clock.now = datetime.now(UTC)
    fresh_database(installed, folder)
    with running(installed, folder) as url, Rpc(url, DATABASE, FLOOR, installed.password_of(FLOOR)) as rpc:

        def fresh() -> Warehouse:
            access = {"schema": DATABASE, "password": installed.api_key}
            return make_warehouse(given(site("tryton"), url, log, clock, "warehouse_bench_main", **access))

        def bring(order: WarehouseOrder, number: str) -> WarehouseOrder:
            return _keyed_in(rpc, order, number)

        yield Bench("tryton", fresh(), TrytonFloor(rpc), clock, fresh, log, set(TRAITS), bring=bring)


def _keyed_in(rpc: Rpc, order: WarehouseOrder, number: str) -> WarehouseOrder:
    """A sale as a person keys it in: the shop's number as the customer's reference. The description and the notes on
    the lines, by which the staff of the bench name things, are that person's own."""
    kept = replace(order, external_ref=f"by hand, for {order.order_id}")
    parties = rpc.create("party.party", [{"name": "Corner Shop", "addresses": [["create", [{"city": "Leeds"}]]]}])
    (address,) = rpc.search("party.address", [["party", "in", parties]], ["id"])
    codes = [line.base_sku for line in order.lines]
    fields = ["code", "template.default_uom"]
    products = {each["code"]: each for each in rpc.search("product.product", [["code", "in", codes]], fields)}
    lines = [
        {
            "product": products[line.base_sku]["id"],
            "unit": products[line.base_sku]["template."]["default_uom"],
            "quantity": line.base_quantity,
            "unit_price": Decimal(5),
            "note": line.line_id,
        }
        for line in order.lines
    ]
    sale = {
        "reference": number,
        "description": kept.external_ref,
        "party": parties[0],
        "shipment_address": address["id"],
        "invoice_address": address["id"],
        "invoice_method": "manual",
        "shipment_method": "order",
        "lines": [["create", lines]],
    }
    made = rpc.create("sale.sale", [sale])
    for button in ("quote", "confirm"):
        rpc.call(f"model.sale.sale.{button}", made)
    return kept
