"""PUT /api/Order: an order comes in, or is refused with a 200 and Success false."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..floor.book import add_order, find_orders, products
from ..floor.records import FloorOrder, NewLine
from ..floor.state import FloorState
from .parts import find_parts
from .statuses import id_of
from .views import WAREHOUSE_ID, Json

LINE_PAIR, PO_PAIR = "Order line id", "PO Number"
"""The pairs that this merchant agreed on with its warehouse."""


class Unreadable(Exception):
    """The body has not the form of NewOrderWithItems."""


def create_order(state: FloorState, body: Any, unique_numbers: bool) -> list[Json]:
    """Store an order and answer a result for each order that came of it.

    Raises:
        Unreadable: the body is no order.
    """
    items = _items(body)
    with state.transaction():
        refused = _refusal(state, body, items, unique_numbers)
        if refused:
            return [_result(body, 0, False, "FAILED", refused)]
        order = _store(state, body, items)
        if state.one("SELECT value FROM policy WHERE name = 'holding' AND value = 'split'"):
            _split(state, order)
        parts = find_parts(state, find_orders(state, ids=[order.id]))
    return [_result(body, part.id, True, part.status, "") for part in parts]


def _items(body: Any) -> list[Json]:
    items = body.get("OrderItems") if isinstance(body, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Unreadable("OrderItems")
    for item in items:
        if not isinstance(item.get("Quantity"), int) or isinstance(item["Quantity"], bool):
            raise Unreadable("OrderItems.Quantity")
    return items


def _refusal(state: FloorState, body: Json, items: list[Json], unique_numbers: bool) -> str:
    for name in ("Country", "CourierService", "OrderNumber", "FirstName", "Address1", "PostCode"):
        if not body.get(name) and not body.get(f"{name}Id"):
            return f"{name} is required"
    if body.get("WarehouseId") != WAREHOUSE_ID and body.get("Warehouse") != "Main Warehouse":
        return "Warehouse could not be found"
    if not items or any(item["Quantity"] <= 0 for item in items):
        return "At least one OrderItem with a Quantity is required"
    known = {product.sku for product in products(state, skus=[str(item.get("SKU")) for item in items])}
    for item in items:
        if words := refused_item(item, known):
            return words
    taken = [order for order in find_orders(state, refs=[body["OrderNumber"]]) if order.state != "cancelled"]
    return f"Order Number {body['OrderNumber']} already exists for this client" if unique_numbers and taken else ""


def _store(state: FloorState, body: Json, items: list[Json]) -> FloorOrder:
    lines = [item_line(state, item, number) for number, item in enumerate(items, start=1)]
    return add_order(state, body["OrderNumber"], lines, body, summary_of(body))


def refused_item(item: Mapping[str, Any], known: set[str]) -> str:
    """Why a line cannot be taken; nothing where it can."""
    quantity = item.get("Quantity")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity <= 0:
        return "A Quantity is required"
    return "" if item.get("SKU") in known else f"Product with SKU {item.get('SKU')} could not be found"


def item_line(state: FloorState, item: Json, number: int) -> NewLine:
    """A line as the floor keeps it; its key is our pair, or its number on the order."""
    (product,) = products(state, skus=[item["SKU"]])
    key = _pair(item.get("OrderItemNameValues"), LINE_PAIR) or str(number)
    return NewLine(key, item["SKU"], item["Quantity"], {**item, "product_id": product.id})


def summary_of(body: Mapping[str, Any]) -> Json:
    """What the floor reads of an order."""
    return {
        "po_number": _pair(body.get("OrderNameValues"), PO_PAIR),
        "instructions": body.get("DeliveryNotes") or "",
        "service": body.get("CourierService") or "",
        "requested_on": str(body.get("RequiredDeliveryDate") or "")[:10],
    }


def _split(state: FloorState, order: FloorOrder) -> None:
    """What is not there goes to a part of its own, if anything is there."""
    on_hand = {each.sku: each.on_hand for each in products(state, skus=[line.sku for line in order.lines])}
    lacking = {line.id: max(line.ordered - on_hand[line.sku], 0) for line in order.lines}
    if any(lacking[line.id] < line.ordered for line in order.lines):
        rows: list[tuple[str | int | float | None, ...]] = [(order.id, *each) for each in lacking.items() if each[1]]
        state.many("INSERT INTO split_off VALUES (?, ?, ?)", rows)


def _pair(pairs: Any, name: str) -> str:
    return next((str(pair["Value"]) for pair in pairs or () if pair.get("Name") == name), "")


def _result(body: Json, order_id: int, success: bool, status: str, message: str) -> Json:
    return {
        "OrderId": order_id,
        "DropShipOrderId": 0,
        "OrderNumber": body.get("OrderNumber"),
        "Success": success,
        "OrderStatusId": id_of(status),
        "OrderStatus": status,
        "Message": message,
        "OrderItems": None,
    }
