"""An order that Mintsoft holds is cancelled or changed there.

Both answer a `ToolkitResult` with status 200: what counts is its `Success`. A cancel is a GET that changes state, so it
is sent like any write: never repeated. Until when Mintsoft takes either is written nowhere, so it is not asked once the
pick has begun, and after each call it is read back what is held.

An order that was split is cancelled part by part, and not amended: what is on which part is the warehouse's decision.
POST /api/Order/{id} knows no pairs (help article 11522105), so a PO number stays as it is. Lines are put on, changed
and taken off, each step left out where it has been done, so that a second try goes on where the first broke off. A
line's pairs come with each change, because they carry its id and what was ordered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from include.fulfilment.adapters.transport import RemoteRefusal, UnknownOutcome
from include.fulfilment.adapters.warehouse.changing import (
    Refusal,
    also_by_number,
    amend_held,
    cancel_held,
    refused_with,
)
from include.fulfilment.adapters.warehouse.mintsoft.client import MintsoftClient
from include.fulfilment.adapters.warehouse.mintsoft.order import changed_order, item
from include.fulfilment.adapters.warehouse.mintsoft.orders import MintsoftOrders, find_family, refused_words
from include.fulfilment.adapters.warehouse.mintsoft.others import MintsoftOthers
from include.fulfilment.adapters.warehouse.mintsoft.parts import LINE_ID, Family
from include.fulfilment.adapters.warehouse.mintsoft.wire import Result, Row, read, value_of
from include.fulfilment.domain.warehouse_order import WarehouseOrder, is_our_reference
from include.fulfilment.ports import AmendAnswer, CancelAnswer, Rejected, TooLate, WarehouseRecord

_TOO_LATE = re.compile(r"despatch|pick|pack|invoic|shipped", re.IGNORECASE)
Call = tuple[str, str, str, Row | None]


class MintsoftChanges:
    """Cancels and changes the orders of one Mintsoft account."""

    def __init__(self, client: MintsoftClient, orders: MintsoftOrders, others: MintsoftOthers) -> None:
        self._client, self._orders, self._others = client, orders, others

    def cancel(self, ref: str) -> CancelAnswer:
        """Cancel every part that is held under the reference, or by another route under this number."""
        find = also_by_number(self._orders.find, self._others.read)
        return cancel_held(find, ref, lambda held: self._cancel(ref))

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        """Make what is held like `order`."""
        return amend_held(self._orders.find, order, lambda held: self._change(order, held))

    def _cancel(self, ref: str) -> Refusal | None:
        done = 0
        family = self._family(ref) if is_our_reference(ref) else self._others.family(ref)
        for part in family.parts:
            if part.cancelled:
                continue
            refused = self._asked(("GET", f"/api/Order/{part.order.id}/Cancel", "CancelOrder", None))
            if refused and done:
                raise UnknownOutcome(f"Mintsoft cancelled {done} parts of {ref} and refused the next; look there")
            if refused:
                return refused
            done += 1
        return None

    def _change(self, order: WarehouseOrder, held: WarehouseRecord) -> Refusal | None:
        if held.po_number != order.po_number:
            words = "Mintsoft changes no PO number of an order; cancel it and send a new one"
            return Rejected("amend_unsupported", words, "po_number")
        family = self._family(order.external_ref)
        if len(family.parts) > 1:
            return Rejected("amend_unsupported", "Mintsoft has split the order into parts; change those there")
        country = self._client.country_id(order.ship_to.country_code)
        if country is None:
            words = f"Mintsoft has no country {order.ship_to.country_code!r}"
            return Rejected("refused_by_warehouse", words, "ship_to.country_code")
        for call in _calls(order, family, country):
            if refused := self._asked(call, order):
                return refused
        return None

    def _family(self, ref: str) -> Family:
        family = find_family(self._client, ref)
        if not isinstance(family, Family):
            raise UnknownOutcome(family or f"Mintsoft does not find {ref} any more")
        return family

    def _asked(self, call: Call, order: WarehouseOrder | None = None) -> Refusal | None:
        try:
            answer = read(Result, self._client.change(*call))
        except RemoteRefusal as refusal:
            return refused_with(str(refusal))
        if not isinstance(answer, Result):
            raise UnknownOutcome("Mintsoft's answer does not say whether it was carried out")
        if answer.success:
            return None
        refused = refused_words([answer.message], order)
        return TooLate(refused.message) if _TOO_LATE.search(answer.message) else refused


def _calls(order: WarehouseOrder, family: Family, country_id: int) -> Iterator[Call]:
    """The writes that make the one part like `order`: lines on, changed and off, then the head."""
    part = family.parts[0].order
    path, wanted, held = f"/api/Order/{part.id}", {line.line_id: line for line in order.lines}, set[str]()
    off = []
    changed = []
    for each, (line_id, sku, units) in zip(part.items, family.lines(part), strict=True):
        line = wanted.get(line_id)
        if line is None or line_id in held:
            off.append(each.id)
            continue
        held.add(line_id)
        named = value_of(each.pairs, LINE_ID) == line_id
        if (sku, units, named) != (line.base_sku, line.base_quantity, True):
            changed.append((each.id, line))
    for line_id, line in wanted.items():
        if line_id not in held:
            yield "PUT", f"{path}/Items", "AddOrderItem", item(line)
    for item_id, line in changed:
        yield "POST", f"{path}/Items/{item_id}", "UpdateOrderItem", item(line)
    for item_id in off:
        yield "DELETE", f"{path}/Items/{item_id}", "DeleteOrderItem", None
    yield "POST", path, "UpdateOrder", changed_order(order, country_id)
