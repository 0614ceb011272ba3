"""Orders that are cancelled or changed over the API.

An order with labels or shipments is cancelled with `force` alone, as ShipHero documents it
(https://developer.shiphero.com/schema/types/cancel-order-input.html); one that is in a tote is cancelled, and goods go
back. That a change of an order with labels is refused, and all words of refusal, are the sandbox's own.
"""

from __future__ import annotations

from typing import Any

from ..errors import Refused
from ..floor.book import FloorLine, FloorOrder, cancel_order, find_orders
from ..floor.changes import add_line, describe, progress, remove_line, set_line
from ..floor.state import FloorState
from .ids import number_in
from .orders import check_account, new_lines, summary
from .problems import NOT_FOUND, Problem

Record = dict[str, Any]
_KEPT = ("custom_options", "product_name")


def cancel(state: FloorState, data: Record) -> FloorOrder:
    """order_cancel."""
    order = _order(state, data)
    begun = progress(state, order) in ("labelled", "dispatched")
    if begun and not data.get("force"):
        raise Problem("Order has valid labels or completed shipments and can't be canceled")
    if not cancel_order(state, order.id):
        raise Problem("Order has completed shipments and can't be canceled")
    return _order(state, data)


def update(state: FloorState, data: Record) -> FloorOrder:
    """order_update: what is not named stays, null takes away."""
    order = _changeable(state, data)
    given = order.given | {name: value for name, value in data.items() if name != "order_id"}
    describe(state, order.id, given, summary(given))
    return _order(state, data)


def update_lines(state: FloorState, data: Record) -> FloorOrder:
    """order_update_line_items: lines that are not named stay."""
    order = _changeable(state, data)
    for item in data.get("line_items") or ():
        line = _line_of(order, item["id"])
        quantity = item.get("quantity")
        if quantity is not None and quantity <= 0:
            raise Problem(f"Invalid quantity {quantity} for product {line.sku}")
        kept = {name: item[name] for name in _KEPT if name in item}
        units = line.ordered if quantity is None else quantity * int(line.given.get("units") or 1)
        set_line(state, line, units, line.given | kept)
    return _order(state, data)


def add_lines(state: FloorState, data: Record) -> FloorOrder:
    """order_add_line_items."""
    order = _changeable(state, data)
    for line in new_lines(state, data):
        if line.line_key in {each.line_key for each in order.lines}:
            raise Problem(f"partner_line_item_id {line.line_key} is used twice in the order")
        add_line(state, order.id, line)
    return _order(state, data)


def remove_lines(state: FloorState, data: Record) -> FloorOrder:
    """order_remove_line_items."""
    order = _changeable(state, data)
    for line_id in data.get("line_item_ids") or ():
        try:
            remove_line(state, _line_of(order, line_id))
        except Refused as refused:
            raise Problem(str(refused)) from None
    return _order(state, data)


def _order(state: FloorState, data: Record) -> FloorOrder:
    check_account(data)
    found = find_orders(state, ids=[number_in("Order", data["order_id"]) or 0])
    if not found:
        raise Problem("Order not found", NOT_FOUND)
    return found[0]


def _changeable(state: FloorState, data: Record) -> FloorOrder:
    order = _order(state, data)
    if order.state == "cancelled" or progress(state, order):
        raise Problem("Order has been picked, labelled or canceled and can't be changed")
    return order


def _line_of(order: FloorOrder, line_id: str) -> FloorLine:
    number = number_in("LineItem", line_id)
    line = next((each for each in order.lines if each.id == number), None)
    if line is None:
        raise Problem("Line item not found", NOT_FOUND)
    return line
