"""Sales that another route brought to a real Tryton: keyed in by people, in cases, or not confirmed yet."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from include.fulfilment.adapters.warehouse.tryton import TrytonWarehouse
from include.fulfilment.ports import Cancelled, Problem, WarehouseStatus
from tests.demo.tryton.kit import Yard

pytestmark = pytest.mark.e2e
_numbers = count(1)


def keyed_in(yard: Yard, reference: str, *lines: tuple[str, str, float], confirm: bool = True, **more: Any) -> int:
    """A sale of (SKU, symbol of a unit, quantity); answers Tryton's id of it."""
    parties = yard.rpc.create("party.party", [{"name": "Corner Shop", "addresses": [["create", [{"city": "Leeds"}]]]}])
    (address,) = yard.rpc.search("party.address", [["party", "in", parties]], ["id"])
    units = {each["symbol"]: each["id"] for each in yard.rpc.search("product.uom", [], ["symbol"])}
    products = {each["code"]: each["id"] for each in yard.rpc.search("product.product", [], ["code"])}
    rows = [
        {"product": products[sku], "unit": units[unit], "quantity": quantity, "unit_price": Decimal(5)}
        for sku, unit, quantity in lines
    ]
    sale = {
        "reference": reference,
        "party": parties[0],
        "shipment_address": address["id"],
        "invoice_address": address["id"],
        "invoice_method": "manual",
        "shipment_method": "order",
        "lines": [["create", rows]],
        **more,
    }
    made = yard.rpc.create("sale.sale", [sale])
    for button in ("quote", "confirm") if confirm else ():
        yard.rpc.call(f"model.sale.sale.{button}", made)
    return made[0]


def a_unit(yard: Yard, symbol: str, factor: float) -> str:
    """A new unit of so many pieces; answers its symbol."""
    (piece,) = yard.rpc.search("product.uom", [["symbol", "=", "u"]], ["category"])
    values = {"name": symbol, "symbol": symbol, "category": piece["category"], "digits": 0, "rounding": 1.0}
    yard.rpc.create("product.uom", [values | {"factor": factor, "rate": round(1 / factor, 12)}])
    return symbol


@pytest.fixture(scope="module")
def case(yard: Yard) -> str:
    """The symbol of a case of twelve."""
    return a_unit(yard, "cs12", 12.0)


def test_a_sale_in_cases_and_pieces_is_told_in_base_units(yard: Yard, warehouse: TrytonWarehouse, case: str) -> None:
    (sku,) = yard.goods(50)
    sale = keyed_in(yard, "#91042", (sku, case, 2), (sku, "u", 5), comment="Ring twice")
    told = warehouse.others(["#91042", "91042"])
    assert told.keys() == {"#91042"}
    other = told["#91042"]
    assert (other.wms_id, other.status, other.raw_status) == (str(sale), WarehouseStatus.RECEIVED, "processing/waiting")
    assert (dict(other.units), other.po_number, other.instructions) == ({sku: 29}, "", "Ring twice")
    assert (other.shipments, other.problems) == ((), ())


def test_a_sale_that_nobody_confirmed_is_there_and_waits(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(50)
    keyed_in(yard, "91043", (sku, "u", 5), confirm=False)
    other = warehouse.others(["91043"])["91043"]
    assert (other.status, other.raw_status, dict(other.units)) == (WarehouseStatus.HELD, "draft/none", {sku: 5})


def test_part_of_a_base_unit_leaves_all_units_unknown(yard: Yard, warehouse: TrytonWarehouse, case: str) -> None:
    (sku,) = yard.goods(50)
    keyed_in(yard, "91044", (sku, case, 1), (sku, a_unit(yard, "quarter", 0.25), 3), confirm=False)
    other = warehouse.others(["91044"])["91044"]
    assert dict(other.units) == {}
    (line,) = yard.rpc.search("sale.line", [["sale.reference", "=", "91044"], ["unit.symbol", "=", "quarter"]], ["id"])
    words = f"tryton: sale line {line['id']} counts 0.75 base units, which is no whole number; correct it there"
    assert other.problems == (Problem("order 91044", words),)


def test_trytons_own_number_of_a_sale_is_not_the_shops(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(50)
    sale = keyed_in(yard, "Corner 7", (sku, "u", 5))
    (found,) = yard.rpc.search("sale.sale", [["id", "=", sale]], ["number"])
    assert found["number"]
    assert warehouse.others([found["number"]]) == {}


def test_it_is_cancelled_by_the_number_and_told_so(yard: Yard, warehouse: TrytonWarehouse) -> None:
    (sku,) = yard.goods(50)
    sale = keyed_in(yard, "91045", (sku, "u", 5))
    assert warehouse.cancel("91045") == Cancelled()
    shipments = yard.rpc.search("sale.sale", [["id", "=", sale]], ["shipments"])[0]["shipments"]
    states = yard.rpc.search("stock.shipment.out", [["id", "in", shipments]], ["state"])
    assert [each["state"] for each in states] == ["cancelled"]
    assert warehouse.others(["91045"])["91045"].status is WarehouseStatus.CANCELLED
    assert warehouse.cancel("91045") == Cancelled()
