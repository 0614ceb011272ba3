"""An order that ShipHero holds is cancelled or changed there.

ShipHero cancels by `order_cancel`, one "with valid labels and completed shipments" only with `force`, which is never
sent (https://developer.shiphero.com/schema/types/cancel-order-input.html). What it answers otherwise is not documented,
nor whether it takes goods back out of a tote: an order with picks is not asked for at all, and after each call it is
read back what is held.

No mutation changes an order as a whole (https://developer.shiphero.com/schema/mutations/order-update.html and the
pages of order-update-line-items, order-add-line-items and order-remove-line-items). Lines are put on, changed and taken
off, so that the order is never without any, then the head is changed; each step is left out where it has been done, so
that a second try goes on where the first broke off. No input gives a line another product.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from include.fulfilment.adapters.transport import RemoteRefusal, UnknownOutcome
from include.fulfilment.adapters.warehouse.changing import (
    Others,
    Refusal,
    also_by_number,
    amend_held,
    cancel_held,
    refused_with,
)
from include.fulfilment.adapters.warehouse.shiphero import documents
from include.fulfilment.adapters.warehouse.shiphero.client import GraphQLRefusal, ShipHeroClient
from include.fulfilment.adapters.warehouse.shiphero.options import Options
from include.fulfilment.adapters.warehouse.shiphero.order import head_input, line_input
from include.fulfilment.adapters.warehouse.shiphero.orders import ShipHeroOrders, unknown_sku
from include.fulfilment.adapters.warehouse.shiphero.wire import ORDERED, OrderLine, global_id
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.ports import AmendAnswer, CancelAnswer, Rejected, TooLate, Unknown, WarehouseRecord

_TOO_LATE = re.compile(r"label|ship|fulfil|pick|pack", re.IGNORECASE)
_REASON = "Cancelled by the merchant"
_CHANGED = ("quantity", "quantity_pending_fulfillment", "custom_options")
Step = tuple[str, dict[str, Any]]


class ShipHeroChanges:
    """Cancels and changes the orders of one ShipHero account."""

    def __init__(self, client: ShipHeroClient, orders: ShipHeroOrders, options: Options, customer: str) -> None:
        self._client, self._orders, self._options = client, orders, options
        self._customer = {"customer_account_id": customer} if customer else {}

    def cancel(self, ref: str, others: Others) -> CancelAnswer:
        """Cancel what is held under the reference, or by another route under this number."""
        return cancel_held(also_by_number(self._orders.find, others), ref, self._cancel)

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        """Make what is held like `order`."""
        if self._options.order_kind == "wholesale":
            return Rejected("amend_unsupported", "ShipHero changes no wholesale order; cancel it and send a new one")
        return amend_held(self._orders.find, order, lambda held: self._change(order, held))

    def _cancel(self, held: WarehouseRecord) -> Refusal | None:
        return self._asked(documents.CANCEL, held, {"reason": _REASON, "void_on_platform": False})

    def _change(self, order: WarehouseOrder, held: WarehouseRecord) -> Refusal | None:
        missing = self._orders.missing_sku({line.base_sku for line in order.lines})
        if missing:
            return unknown_sku(missing)
        lines = self._lines(order.external_ref)
        wanted = {line.line_id: line.base_sku for line in order.lines}
        if other := [each.line_id for each in lines if wanted.get(each.line_id, each.sku) != each.sku]:
            return refused_with(f"ShipHero gives line {other[0]} no other product; cancel the order and send a new one")
        for document, data in self._steps(order, lines):
            if refused := self._asked(document, held, data):
                return refused
        return None

    def _lines(self, ref: str) -> list[OrderLine]:
        found = self._orders.heads([ref])[ref]
        live = [each for each in found if not each.is_cancelled] if isinstance(found, list) else []
        lines = self._orders.lines(live[:1])[live[0].raw_id] if live else Unknown("it is gone")
        if isinstance(lines, Unknown):
            raise UnknownOutcome(f"the lines of {ref} could not be read: {lines.reason}")
        return lines

    def _steps(self, order: WarehouseOrder, held: list[OrderLine]) -> Iterator[Step]:
        wanted = {line.line_id: line for line in order.lines}
        kept = {each.line_id: each for each in held if each.line_id in wanted}
        off = [global_id("LineItem", each.id) for each in held if kept.get(each.line_id) is not each]
        changed = [
            {"id": global_id("LineItem", each.id)}
            | {name: value for name, value in line_input(wanted[key], self._options).items() if name in _CHANGED}
            for key, each in kept.items()
            if (each.quantity, each.option(ORDERED)) != (wanted[key].base_quantity,) * 2
        ]
        on = [line_input(line, self._options) for key, line in wanted.items() if key not in kept]
        if on:
            yield documents.ADD_LINES, {"line_items": on}
        if changed:
            yield documents.UPDATE_LINES, {"line_items": changed}
        if off:
            yield documents.REMOVE_LINES, {"line_item_ids": off}
        emptied = {"required_ship_date": None, "hold_until_date": None}
        yield documents.UPDATE, emptied | head_input(order, self._options)

    def _asked(self, document: str, held: WarehouseRecord, data: dict[str, Any]) -> Refusal | None:
        try:
            named = {**self._customer, "order_id": global_id("Order", held.wms_id)}
            self._client.mutate(document, {**named, **data})
        except GraphQLRefusal as refusal:
            too_late = _TOO_LATE.search(refusal.words)
            return TooLate(refusal.words) if too_late else refused_with(refusal.words, refusal.field)
        except RemoteRefusal as refusal:
            return refused_with(str(refusal))
        return None
