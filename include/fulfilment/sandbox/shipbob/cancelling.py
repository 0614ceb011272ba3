"""POST /order/{id}:cancel: each shipment is cancelled, unless somebody works on it or it has left.

Of an order of which one shipment is under way ShipBob cancels the others (PartialSuccess); what is cancelled so is
closed short on the floor. The words of the reasons are the sandbox's own.
"""

from __future__ import annotations

from typing import Any

from ..floor import staff
from ..floor.book import cancel_order, find_orders, find_shipments
from ..floor.changes import progress
from ..floor.records import FloorOrder
from ..floor.state import FloorState
from .views import orders_view

Json = dict[str, Any]
_REASONS = {
    "picked": "Shipment has been picked",
    "labelled": "Shipment has been labeled",
    "dispatched": "Shipment has been completed",
}


def cancel(state: FloorState, order: FloorOrder) -> Json:
    """Cancel what can be cancelled, and answer a result for each shipment."""
    if order.state == "cancelled" or not progress(state, order):
        cancel_order(state, order.id)
        return _answer(state, order, {order.id: ""})
    under_way = [each for each in find_shipments(state, order_ids=[order.id]) if each.state in _REASONS]
    results = {each.id: _REASONS[each.state] for each in under_way}
    busy = {line: units for each in under_way if each.state != "dispatched" for line, units in each.lines}
    waiting = [(line.line_key, line.left - busy.get(line.id, 0)) for line in order.lines]
    waiting = [(key, units) for key, units in waiting if units > 0]
    for key, units in waiting:
        staff.close_short(state, order.external_ref, key, units)
    return _answer(state, order, {**results, **({order.id: ""} if waiting else {})})


def _answer(state: FloorState, order: FloorOrder, results: dict[int, str]) -> Json:
    done = [not reason for reason in results.values()]
    status = "Success" if all(done) else "PartialSuccess" if any(done) else "Failure"
    return {
        "canceled_shipment_results": [
            {"action": "Cancel", "is_success": not reason, "reason": reason or None, "shipment_id": shipment}
            for shipment, reason in results.items()
        ],
        "order": orders_view(state, find_orders(state, ids=[order.id]))[0],
        "order_id": order.id,
        "status": status,
    }
