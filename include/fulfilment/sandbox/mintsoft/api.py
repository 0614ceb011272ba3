"""What Mintsoft's API answers to each call, once the key is good. A GET is no proof that nothing changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.responses import JSONResponse, Response

from ..errors import Refused
from ..floor import staff
from ..floor.book import find_orders, products
from ..floor.records import FloorOrder
from ..floor.state import FloorState
from . import change
from .create import Unreadable, create_order
from .parts import Part, find_parts, order_of
from .statuses import listed
from .views import (
    WAREHOUSE_ID,
    consignments_json,
    inventory_json,
    items_json,
    moment,
    order_json,
    result_json,
    split_json,
    wanted,
)

Query = Mapping[str, str]

_MOST_ORDERS, _MOST_STOCK, _PAGE, _MOST_FOUND = 100, 500, 100, 10
_MARKS = {
    "MarkAwaitingConfirmation": "AWAITINGCONFIRMATION",
    "MarkAwaitingPayment": "AWAITINGPAYMENT",
    "MarkPackAndHold": "PACKANDHOLD",
    "MarkPrinted": "PRINTED",
    "MarkConfirmed": "",
    "MarkPaymentReceived": "",
    "MarkReleasePackAndHold": "",
    "UpdateNumberOfParcels": "",
}
CHANGES = ("Cancel", "MarkDespatched", *_MARKS)
"""Last words of the paths under an order whose GET changes it."""


class Api:
    """The account's calls over its state."""

    def __init__(self, state: FloorState, unique_numbers: bool) -> None:
        """`unique_numbers` as 3PL accounts have it: an order number that is there already is refused."""
        self._state, self._unique_numbers = state, unique_numbers

    def create(self, body: Any) -> Response:
        """PUT /api/Order."""
        try:
            return JSONResponse(create_order(self._state, body, self._unique_numbers))
        except Unreadable as where:
            return JSONResponse(
                {"Message": "The request is invalid.", "ModelState": {f"order.{where}": ["is not readable"]}}, 400
            )

    def statuses(self, _query: Query) -> Response:
        """GET /api/Order/Statuses."""
        return JSONResponse(listed(moment(self._state.now())))

    def search(self, query: Query) -> Response:
        """GET /api/Order/Search: by order number, external reference or tracking number, the newest ten."""
        text, exact = wanted(query, "OrderNumber").lower(), wanted(query, "exactMatch") == "true"
        with self._state.exclusive():
            orders = find_orders(self._state, ids=self._named(text)) if exact else find_orders(self._state)
            found = [part for part in find_parts(self._state, orders) if exact or text in _names(part)]
        newest = sorted(found, key=lambda part: part.id, reverse=True)[:_MOST_FOUND]
        items = wanted(query, "IncludeOrderItems") == "true"
        return JSONResponse([order_json(part, items) for part in newest])

    def order_list(self, query: Query) -> Response:
        """GET /api/Order/List: at most a hundred a page, whatever is asked for."""
        since = _time(wanted(query, "SinceLastUpdated"))
        with self._state.exclusive():
            parts = self._parts(since)
        status = wanted(query, "OrderStatusId")
        found = [order_json(part, wanted(query, "IncludeOrderItems") == "true") for part in parts]
        found = [row for row in found if not status or str(row["OrderStatusId"]) == status]
        found.sort(key=lambda row: (row["OrderDate"], row["ID"]), reverse=wanted(query, "SortOldestFirst") != "true")
        return JSONResponse(_page(found, query, _MOST_ORDERS))

    def inventory(self, query: Query) -> Response:
        """GET /api/Product/Inventory/Bulk: products without an inventory record are not in it."""
        sku, warehouse = wanted(query, "SKU"), wanted(query, "WarehouseId")
        with self._state.exclusive():
            known = {row["sku"] for row in self._state.all("SELECT sku FROM inventory")}
            found = [each for each in products(self._state, skus=[sku] if sku else None) if each.sku in known]
        rows = inventory_json(found, elsewhere=not warehouse) if warehouse in ("", str(WAREHOUSE_ID)) else []
        return JSONResponse(_page(rows, query, _MOST_STOCK))

    def one(self, part_id: int, what: str, query: Query) -> Response:
        """GET /api/Order/{id} and what lies under it; 404 for what is not there and for what is not ours."""
        with self._state.transaction():
            order = order_of(self._state, part_id)
            parts = find_parts(self._state, [order]) if order else []
            part = next((each for each in parts if each.id == part_id), None)
            if order is None or part is None:
                return JSONResponse({"Message": "Order not found or not accessible"}, 404)
            if what in CHANGES:
                return JSONResponse(self._change(order, what))
        match what:
            case "":
                return JSONResponse(order_json(part, True))
            case "Items":
                return JSONResponse(items_json(part))
            case "Shipments":
                return JSONResponse(consignments_json(part))
            case "Splits":
                others = [each for each in parts if each.id != part_id]
                return JSONResponse([split_json(part, other, number) for number, other in enumerate(others, start=1)])
        return JSONResponse({"Message": f"No HTTP resource was found that matches {what}"}, 404)

    def changed(self, part_id: int, method: str, item_id: int | None, body: Any) -> Response:
        """The writes under an order: POST on itself; PUT on its items, POST and DELETE on one of them."""
        with self._state.transaction():
            order = order_of(self._state, part_id)
            if order is None:
                return JSONResponse({"Message": "Order not found or not accessible"}, 404)
            if method == "DELETE":
                return JSONResponse(change.delete_item(self._state, order, item_id or 0))
            if method == "PUT":
                return JSONResponse(change.add_item(self._state, order, body))
            if item_id is not None:
                return JSONResponse(change.set_item(self._state, order, item_id, body))
            return JSONResponse(change.update(self._state, order, body))

    def order_id(self, query: Query) -> Response:
        """GET /api/Order/GetOrderId: a bare id, and a 404 that means two things."""
        found = find_orders(self._state, refs=[wanted(query, "OrderNumber")])
        if not found:
            return JSONResponse({"Message": "Order not found or not accessible"}, 404)
        return JSONResponse({"ID": found[0].id})

    def _named(self, text: str) -> list[int]:
        """Orders that have exactly this name, in letters of either case, as any of those that are searched."""
        rows = self._state.all(
            "SELECT id FROM warehouse_order WHERE lower(external_ref) = ?1"
            " OR lower(json_extract(given, '$.ExternalOrderReference')) = ?1"
            " UNION SELECT order_id FROM parcel JOIN shipment s ON s.id = shipment_id"
            " WHERE lower(tracking_number) = ?1",
            text,
        )
        return [row["id"] for row in rows]

    def _parts(self, since: datetime | None = None) -> list[Part]:
        parts = find_parts(self._state, find_orders(self._state, changed_since=since))
        return [part for part in parts if since is None or part.updated_at >= since]

    def _change(self, order: FloorOrder, what: str) -> dict[str, Any]:
        if what == "Cancel":
            return change.cancel(self._state, order)
        if what == "MarkDespatched":
            try:
                staff.ship(self._state, order.external_ref, staff.Dispatch())
            except Refused as error:
                return result_json(False, str(error), order.id)
            return result_json(True, "", order.id)
        self.mark(order, _MARKS[what])
        return result_json(True, "", order.id)

    def set_policy(self, holding: str) -> None:
        """What becomes of a new order that the stock does not cover."""
        self._state.run("INSERT OR REPLACE INTO policy VALUES ('holding', ?)", holding)

    def mark(self, order: FloorOrder, status: str) -> None:
        """Set the status of what is open of an order; none takes the mark away."""
        with self._state.transaction():
            self._state.run("DELETE FROM mark WHERE order_id = ?", order.id)
            if status:
                self._state.insert("mark", order_id=order.id, status=status)
            self._state.run(
                "UPDATE warehouse_order SET updated_at = ? WHERE id = ?",
                self._state.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                order.id,
            )


def _names(part: Part) -> str:
    known = [part.order.external_ref, str(part.order.given.get("ExternalOrderReference") or "")]
    return "\n".join([*known, *(parcel.tracking_number for parcel in part.parcels)]).lower()


def _page(rows: list[dict[str, Any]], query: Query, most: int) -> list[dict[str, Any]]:
    size = min(max(_number(wanted(query, "Limit"), _PAGE), 1), most)
    first = (max(_number(wanted(query, "PageNo"), 1), 1) - 1) * size
    return rows[first : first + size]


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _time(text: str) -> datetime | None:
    try:
        moment_given = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment_given if moment_given.tzinfo else moment_given.replace(tzinfo=UTC)
