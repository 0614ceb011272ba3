"""Orders that another route brought to Mintsoft: read by the number that they have in the shop, told apart by SKU.

Nothing is published about where a shop's own connection to Mintsoft, a file or a person writes the shop's number. Two
fields of an order can hold it, `OrderNumber` and `ExternalOrderReference`. Order/Search looks into both at once, and
into other clients' orders, so what it found is compared again. It takes one number a call: an order that we send costs
a call more for each of the forms that the shop's number may have.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from include.fulfilment.adapters.transport import UnknownOutcome
from include.fulfilment.adapters.warehouse.mintsoft.client import MOST_FOUND, MintsoftClient
from include.fulfilment.adapters.warehouse.mintsoft.options import Account, Options
from include.fulfilment.adapters.warehouse.mintsoft.parts import Family, Part
from include.fulfilment.adapters.warehouse.mintsoft.shipments import MintsoftShipments
from include.fulfilment.adapters.warehouse.mintsoft.wire import Order, Row, read
from include.fulfilment.domain.warehouse_order import is_our_reference
from include.fulfilment.ports import OtherOrder, Problem, WarehouseStatus


class MintsoftOthers:
    """Reads the orders of one account that are not of our making."""

    def __init__(self, client: MintsoftClient, options: Options) -> None:
        self._client, self._options = client, options

    def read(self, numbers: Sequence[str]) -> dict[str, OtherOrder]:
        """The order under each number that has one, with all its parts: of several the oldest live one."""
        found = {number: self._other(number) for number in dict.fromkeys(numbers)}
        return {number: other for number, other in found.items() if other}

    def family(self, number: str) -> Family:
        """All parts of the order that counts under a number. Raises UnknownOutcome where they are not to be read."""
        orders = self._found(number)
        if not isinstance(orders, list) or not orders:
            raise UnknownOutcome(f"Mintsoft does not tell any more what it holds under {number}: {orders or 'nothing'}")
        return Family(orders, self._client.status_names())

    def _other(self, number: str) -> OtherOrder | None:
        orders = self._found(number)
        if isinstance(orders, str):
            problem = Problem(f"order {number}", orders)
            return OtherOrder(number, "", WarehouseStatus.UNRECOGNISED, "", "", "", {}, (), (problem,))
        return self._told(number, orders) if orders else None

    def _told(self, number: str, orders: Sequence[Order]) -> OtherOrder:
        names = self._client.status_names()
        family = Family(orders, names)
        record = family.record(number, self._options.po_name)
        units: Counter[str] = Counter()
        for part in family.parts:
            for item in part.order.items:
                units[item.sku] += item.quantity
        parts = [Part.of_order(order, names) for order in orders]
        words = f"Mintsoft shows {len(family.parts)} parts of {number} and counts more; look there"
        return OtherOrder(
            reference=number,
            wms_id=record.wms_id,
            status=record.status,
            raw_status=record.raw_status,
            po_number=record.po_number,
            instructions=record.instructions,
            units=dict(units),
            shipments=tuple(MintsoftShipments(self._client, self._options).of_parts(parts, family)),
            problems=() if family.complete else (Problem(f"order {number}", words),),
        )

    def _found(self, number: str) -> list[Order] | str:
        """The parts of the order that counts under the number; empty for none, or in words why that is not known."""
        rows = self._client.search(number)
        mine = [row for row in rows if _bears(row, number, self._client.account)]
        orders = [read(Order, row) for row in mine]
        if unreadable := [words for words in orders if isinstance(words, str)]:
            return f"Mintsoft's record of {number} cannot be read: {unreadable[0]}"
        if not mine and len(rows) >= MOST_FOUND:
            return f"Mintsoft's search for {number} was answered with as many other orders as it gives; look there"
        by_number: dict[str, list[Order]] = defaultdict(list)
        for order in orders:
            if isinstance(order, Order):
                by_number[order.order_number].append(order)
        return min(by_number.values(), key=self._turn, default=[])

    def _turn(self, orders: Sequence[Order]) -> tuple[bool, int]:
        """A live order before a cancelled one, then the oldest."""
        live = Family(orders, self._client.status_names()).live
        return not live, min(order.id for order in orders)


def _bears(row: Row, number: str, account: Account) -> bool:
    """Whether it is somebody else's order under this very number, and of this client."""
    mine = account.client_id is None or row.get("ClientId") in (None, account.client_id)
    named = number in (row.get("OrderNumber"), row.get("ExternalOrderReference"))
    return mine and named and not is_our_reference(str(row.get("OrderNumber") or ""))
