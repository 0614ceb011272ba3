"""Orders that another route brought to Tryton: sales read by the number that they have in the shop, told apart by SKU.

| who | where the shop's number stands |
|---|---|
| Tryton's own connection to a shop (modules/web_shop_shopify), a person | sale `reference`, the customer's reference |
| a sender that keeps its reference where we keep ours | sale `description` |

A sale's `number` is Tryton's own, and may be the same by chance: it is not asked for. Our own sales have the customer's
PO number as `reference`, so they are left out by their `description`. A sale that nobody has confirmed yet is there
too, and held. A customer shipment that somebody made without a sale is not found.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from include.fulfilment.adapters.warehouse.tryton.orders import (
    SUBMITTED,
    TrytonOrders,
    may_be_called_off,
    raw_status,
    status_of,
)
from include.fulfilment.adapters.warehouse.tryton.shipments import TrytonShipments
from include.fulfilment.adapters.warehouse.tryton.wire import Record, TrytonClient, chunks, whole
from include.fulfilment.domain.warehouse_order import is_our_reference
from include.fulfilment.errors import DataError
from include.fulfilment.ports import OtherOrder, Problem, WarehouseStatus

_BATCH = 100
_FIELDS = ("description", "reference", "comment", "state", "shipment_state")
_LINE_FIELDS = ("sale", "quantity", "unit.factor", "product.code", "product.default_uom.factor")


class TrytonOthers:
    """Reads the sales of one Tryton that are not of our making."""

    def __init__(self, client: TrytonClient, orders: TrytonOrders, shipments: TrytonShipments) -> None:
        self._client, self._orders, self._shipments = client, orders, shipments

    def read(self, numbers: Sequence[str]) -> dict[str, OtherOrder]:
        """The sale under each number that has one: of several the oldest live one."""
        found: dict[str, OtherOrder] = {}
        for batch in chunks(sorted(set(numbers)), _BATCH):
            named = ["OR", ["reference", "in", list(batch)], ["description", "in", list(batch)]]
            sales = [each for each in self._client.search("sale.sale", [named], _FIELDS) if not _is_ours(each)]
            lines = self._lines([sale["id"] for sale in sales])
            quiet = {line["id"]: sale["id"] for sale in sales if may_be_called_off(sale) for line in lines[sale["id"]]}
            called_off = self._orders.called_off(quiet) | {each["id"] for each in sales if each["state"] == "cancelled"}
            for sale in sorted(sales, key=lambda each: (each["id"] in called_off, each["id"])):
                for number in {sale["reference"], sale["description"]} & set(batch) - found.keys():
                    found[number] = self._other(number, sale, lines[sale["id"]], sale["id"] in called_off)
        return found

    def _lines(self, sales: Sequence[int]) -> defaultdict[int, list[Record]]:
        lines: defaultdict[int, list[Record]] = defaultdict(list)
        for batch in chunks(sales, _BATCH):
            domain = [["sale", "in", list(batch)], ["type", "=", "line"]]
            for line in self._client.search("sale.line", domain, _LINE_FIELDS):
                lines[line["sale"]].append(line)
        return lines

    def _other(self, number: str, sale: Record, lines: Sequence[Record], is_called_off: bool) -> OtherOrder:
        """The sale as it can be read. A line that is no whole number of base units leaves all its units unknown."""
        problems: list[Problem] = []
        units: Counter[str] = Counter()
        try:
            for line in lines:
                units[(line["product."] or {}).get("code") or ""] += _base_units(line)
        except DataError as error:
            problems.append(Problem(f"order {number}", str(error)))
            units.clear()
        try:
            shipments = tuple(self._shipments.of_sale(sale["id"]))
        except DataError as error:
            problems.append(Problem(f"order {number}", str(error)))
            shipments = ()
        waits = status_of(sale) if sale["state"] in SUBMITTED else WarehouseStatus.HELD
        return OtherOrder(
            reference=number,
            wms_id=str(sale["id"]),
            status=WarehouseStatus.CANCELLED if is_called_off else waits,
            raw_status=raw_status(sale),
            po_number="" if sale["reference"] == number else sale["reference"] or "",
            instructions=sale["comment"] or "",
            units=dict(units),
            shipments=shipments,
            problems=tuple(problems),
        )


def _base_units(line: Record) -> int:
    """A line's quantity in the product's own unit: a person orders in cases too."""
    quantity: Any = line["quantity"]
    product = line["product."] or {}
    factor, one = (line["unit."] or {}).get("factor"), product.get("default_uom.", {}).get("factor")
    return whole(quantity if factor == one else quantity * factor / one, f"sale line {line['id']}")


def _is_ours(sale: Record) -> bool:
    return is_our_reference(sale["description"] or "")
