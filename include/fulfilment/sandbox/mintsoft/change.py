"""What a sender may still change of an order: a cancel by GET, POST /api/Order/{id}, and its items one by one.

An order is open for both until the pick has begun. Until when Mintsoft takes them is written nowhere; the words of the
refusals are the sandbox's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Refused
from ..floor.book import cancel_order, products
from ..floor.changes import add_line, describe, progress, remove_line, set_line
from ..floor.records import FloorLine, FloorOrder
from ..floor.state import FloorState
from .create import item_line, refused_item, summary_of
from .views import COUNTRIES, Json, result_json

_CHANGEABLE = frozenset(
    [
        *("OrderNumber", "ExternalOrderReference", "Title", "FirstName", "LastName", "CompanyName", "Email", "Phone"),
        *("Mobile", "Address1", "Address2", "Address3", "Town", "County", "PostCode", "CountryId", "DeliveryNotes"),
        *("GiftMessages", "CourierService", "RequiredDeliveryDate", "RequiredDespatchDate"),
    ]
)
_BEGUN = {"picked": "picked", "labelled": "packed", "dispatched": "despatched"}


def cancel(state: FloorState, order: FloorOrder) -> Json:
    """GET /api/Order/{id}/Cancel."""
    if begun := progress(state, order):
        return result_json(False, f"Order has been {_BEGUN[begun]}", order.id)
    cancel_order(state, order.id)
    return result_json(True, "", order.id)


def update(state: FloorState, order: FloorOrder, body: Any) -> Json:
    """POST /api/Order/{id}: fields that it does not know are passed over, those that are not named stay."""
    if refused := _closed(state, order):
        return refused
    named = {name: value for name, value in body.items() if name in _CHANGEABLE} if isinstance(body, dict) else {}
    country = {number: code for code, number in COUNTRIES.items()}.get(named.pop("CountryId", 0))
    given = order.given | named | ({"Country": country} if country else {})
    describe(state, order.id, given, summary_of(given))
    return result_json(True, "", order.id)


def add_item(state: FloorState, order: FloorOrder, body: Any) -> Json:
    """PUT /api/Order/{id}/Items."""
    if refused := _closed(state, order) or _unusable(state, order, body):
        return refused
    add_line(state, order.id, item_line(state, body, len(order.lines) + 1))
    return result_json(True, "", order.id)


def set_item(state: FloorState, order: FloorOrder, item_id: int, body: Any) -> Json:
    """POST /api/Order/{id}/Items/{ItemId}."""
    line = _line(order, item_id)
    if refused := _closed(state, order) or _unusable(state, order, body):
        return refused
    if line is None or line.sku != body["SKU"]:
        return result_json(False, "Order Item could not be found", order.id)
    set_line(state, line, body["Quantity"], item_line(state, body, 1).given)
    return result_json(True, "", order.id)


def delete_item(state: FloorState, order: FloorOrder, item_id: int) -> Json:
    """DELETE /api/Order/{id}/Items/{ItemId}."""
    line = _line(order, item_id)
    if refused := _closed(state, order):
        return refused
    if line is None:
        return result_json(False, "Order Item could not be found", order.id)
    try:
        remove_line(state, line)
    except Refused as error:
        return result_json(False, str(error), order.id)
    return result_json(True, "", order.id)


def countries() -> list[Json]:
    """GET /api/RefData/Countries."""
    return [{"ID": number, "Name": code, "Code": code, "Code3": None} for code, number in COUNTRIES.items()]


def _closed(state: FloorState, order: FloorOrder) -> Json | None:
    if order.state == "cancelled":
        return result_json(False, "Order is cancelled", order.id)
    begun = progress(state, order)
    return result_json(False, f"Order has been {_BEGUN[begun]}", order.id) if begun else None


def _unusable(state: FloorState, order: FloorOrder, body: Any) -> Json | None:
    item: Mapping[str, Any] = body if isinstance(body, dict) else {}
    known = {product.sku for product in products(state, skus=[str(item.get("SKU"))])}
    words = refused_item(item, known)
    return result_json(False, words, order.id) if words else None


def _line(order: FloorOrder, item_id: int) -> FloorLine | None:
    return next((line for line in order.lines if line.id == item_id), None)
