"""Rows as the GraphQL objects about shipping: fulfilment orders, fulfilments, and the lines of both."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable

from . import orders
from .gid import gid
from .paging import Node, page_of
from .state import ShopState

AsLine = Callable[[sqlite3.Row, str], Node]


def fulfilment_orders(state: ShopState, order: sqlite3.Row, as_line: AsLine) -> list[tuple[int, Node]]:
    """Return an order's FulfillmentOrder objects with their numbers, oldest first."""
    rows = state.all(
        "SELECT fo.*, location.name AS location_name FROM fulfillment_order fo"
        " JOIN location ON location.id = fo.location_id WHERE fo.order_id = ? ORDER BY fo.id",
        order["id"],
    )
    return [(int(row["id"]), _fulfilment_order(state, row, order, as_line)) for row in rows]


def _fulfilment_order(state: ShopState, row: sqlite3.Row, order: sqlite3.Row, as_line: AsLine) -> Node:
    location = {"id": gid("Location", row["location_id"]), "name": row["location_name"]}

    def lines(_info: object, first: int | None = None, after: str | None = None) -> Node:
        found = state.all("SELECT * FROM fulfillment_order_line WHERE fulfillment_order_id = ? ORDER BY id", row["id"])
        by_id = {int(line["id"]): line for line in orders.lines_of(state, int(order["id"]))}
        nodes = [_line(part, as_line(by_id[int(part["line_id"])], order["currency"])) for part in found]
        return page_of([(int(part["id"]), node) for part, node in zip(found, nodes, strict=True)], first, after)

    return {
        "__typename": "FulfillmentOrder",
        "id": gid("FulfillmentOrder", row["id"]),
        "status": row["status"],
        "requestStatus": "UNSUBMITTED",
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
        "assignedLocation": {"name": row["location_name"], "location": location},
        "fulfillmentHolds": [_hold(row)] if row["hold_reason"] else [],
        "lineItems": lines,
    }


def _hold(row: sqlite3.Row) -> Node:
    return {"id": gid("FulfillmentHold", row["id"]), "reason": row["hold_reason"], "reasonNotes": None}


def _line(part: sqlite3.Row, line: Node) -> Node:
    return {
        "id": gid("FulfillmentOrderLineItem", part["id"]),
        "sku": line["sku"],
        "totalQuantity": part["total"],
        "remainingQuantity": part["remaining"],
        "lineItem": line,
    }


def fulfilments(state: ShopState, order: sqlite3.Row, as_line: AsLine) -> list[Node]:
    """Return an order's Fulfillment objects, oldest first, cancelled ones included."""
    rows = state.all("SELECT * FROM fulfillment WHERE order_id = ? ORDER BY id", order["id"])
    return [fulfilment(state, row, order, as_line) for row in rows]


def fulfilment(state: ShopState, row: sqlite3.Row, order: sqlite3.Row, as_line: AsLine) -> Node:
    """Return one Fulfillment object."""
    parts = state.all("SELECT * FROM fulfillment_line WHERE fulfillment_id = ? ORDER BY id", row["id"])
    tracking = json.loads(row["tracking"])

    def lines(_info: object, first: int | None = None, after: str | None = None) -> Node:
        by_id = {int(line["id"]): line for line in orders.lines_of(state, int(order["id"]))}
        nodes = [
            {
                "id": gid("FulfillmentLineItem", part["id"]),
                "quantity": part["quantity"],
                "lineItem": as_line(by_id[int(part["line_id"])], order["currency"]),
            }
            for part in parts
        ]
        return page_of([(int(part["id"]), node) for part, node in zip(parts, nodes, strict=True)], first, after)

    return {
        "__typename": "Fulfillment",
        "id": gid("Fulfillment", row["id"]),
        "name": row["name"],
        "status": row["status"],
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
        "totalQuantity": sum(int(part["quantity"]) for part in parts),
        "trackingInfo": lambda _info, first=None: tracking[:first],
        "location": {"id": gid("Location", row["location_id"]), "name": _location_name(state, row["location_id"])},
        "fulfillmentLineItems": lines,
    }


def _location_name(state: ShopState, location_id: int) -> str:
    row = state.one("SELECT name FROM location WHERE id = ?", location_id)
    return str(row["name"]) if row else ""
