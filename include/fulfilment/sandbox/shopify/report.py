"""The shop's whole state in plain JSON, for a run that checks its own figures against what the shop holds."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from . import orders, views
from .gid import gid
from .state import ShopState

Record = dict[str, Any]
PARTS = ("variants", "customers", "orders", "drafts", "webhooks")


def whole_state(state: ShopState, part: str | None, after: str, limit: int | None) -> Record:
    """Return the records of `part`, or of all when None, by key; `after` and `limit` page through one part."""
    makers = {
        "variants": _variants,
        "customers": _customers,
        "orders": _orders,
        "drafts": _drafts,
        "webhooks": _webhooks,
    }
    with state.exclusive():
        shop = {"name": state.setting("name"), "currency": state.setting("currency"), "location": _location(state)}
        wanted = [part] if part else list(PARTS)
        return {"shop": shop} | {name: makers[name](state, after, -1 if limit is None else limit) for name in wanted}


def _location(state: ShopState) -> str:
    return gid("Location", state.location_id())


def _metafields(state: ShopState, owner: str) -> Record:
    rows = state.all("SELECT namespace, key, value FROM metafield WHERE owner = ? ORDER BY namespace, key", owner)
    return {f"{row['namespace']}.{row['key']}": row["value"] for row in rows}


def _variants(state: ShopState, after: str, limit: int) -> list[Record]:
    rows = state.all(
        "SELECT variant.*, level.available, level.committed FROM variant JOIN level USING (item_id)"
        " WHERE level.location_id = ? AND (? = '' OR variant.sku > ?) ORDER BY variant.sku LIMIT ?",
        state.location_id(),
        after,
        after,
        limit,
    )
    return [
        {
            "id": gid("ProductVariant", row["id"]),
            "inventory_item_id": gid("InventoryItem", row["item_id"]),
            "sku": row["sku"],
            "title": row["title"],
            "available": row["available"],
            "committed": row["committed"],
            "on_hand": row["available"] + row["committed"],
            "available_at": _available_at(state, int(row["item_id"])),
            "metafields": _metafields(state, gid("ProductVariant", row["id"])),
        }
        for row in rows
    ]


def _available_at(state: ShopState, item_id: int) -> dict[str, int]:
    rows = state.all("SELECT location_id, available FROM level WHERE item_id = ? ORDER BY location_id", item_id)
    return {gid("Location", row["location_id"]): int(row["available"]) for row in rows}


def _webhooks(state: ShopState, after: str, limit: int) -> list[Record]:
    rows = state.all(
        "SELECT * FROM webhook_subscription WHERE id > ? ORDER BY id LIMIT ?",
        int(after) if after.isdigit() else 0,
        limit,
    )
    return [
        {
            "id": row["id"],
            "topic": row["topic"],
            "uri": row["uri"],
            "include_fields": json.loads(row["include_fields"]),
        }
        for row in rows
    ]


def _customers(state: ShopState, after: str, limit: int) -> list[Record]:
    rows = state.all("SELECT * FROM customer WHERE key > ? ORDER BY key LIMIT ?", after, limit)
    return [
        {
            "id": gid("Customer", row["id"]),
            "key": row["key"],
            "name": row["display_name"],
            "metafields": _metafields(state, gid("Customer", row["id"])),
        }
        for row in rows
    ]


def _documents(state: ShopState, kind: str, after: str, limit: int) -> list[sqlite3.Row]:
    return state.all("SELECT * FROM document WHERE kind = ? AND name > ? ORDER BY name LIMIT ?", kind, after, limit)


def _shared(state: ShopState, row: sqlite3.Row, line_kind: str) -> Record:
    lines = orders.lines_of(state, int(row["id"]))
    return {
        "id": gid(row["kind"], row["id"]),
        "name": row["name"],
        "note": row["note"],
        "po_number": row["po_number"],
        "custom_attributes": json.loads(row["attributes"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "financial_status": row["financial_status"],
        "total": str(views.totals(row, lines, "quantity")[0]),
        "metafields": _metafields(state, gid(row["kind"], row["id"])),
        "lines": [_line(line, line_kind) for line in lines],
    }


def _line(line: sqlite3.Row, kind: str) -> Record:
    return {
        "id": gid(kind, line["id"]),
        "sku": line["sku"],
        "title": line["title"],
        "quantity": line["quantity"],
        "current_quantity": line["current_quantity"],
        "fulfilled": line["fulfilled"],
        "unit_price": line["unit_price"],
        "custom_attributes": json.loads(line["attributes"]),
    }


def _drafts(state: ShopState, after: str, limit: int) -> list[Record]:
    return [
        _shared(state, row, "DraftOrderLineItem")
        | {
            "completed_at": row["completed_at"],
            "order_id": gid("Order", row["order_id"]) if row["order_id"] is not None else None,
        }
        for row in _documents(state, "DraftOrder", after, limit)
    ]


def _orders(state: ShopState, after: str, limit: int) -> list[Record]:
    return [
        _shared(state, row, "LineItem")
        | {
            "cancelled_at": row["cancelled_at"],
            "fulfilment_status": views.fulfilment_status(state, row),
            "fulfilment_orders": _fulfilment_orders(state, int(row["id"])),
            "fulfilments": _fulfilments(state, int(row["id"])),
        }
        for row in _documents(state, "Order", after, limit)
    ]


def _fulfilment_orders(state: ShopState, order_id: int) -> list[Record]:
    rows = state.all(
        "SELECT fo.id, fo.status, sum(fol.remaining) AS remaining FROM fulfillment_order fo"
        " JOIN fulfillment_order_line fol ON fol.fulfillment_order_id = fo.id"
        " WHERE fo.order_id = ? GROUP BY fo.id ORDER BY fo.id",
        order_id,
    )
    return [
        {"id": gid("FulfillmentOrder", row["id"]), "status": row["status"], "remaining": row["remaining"]}
        for row in rows
    ]


def _fulfilments(state: ShopState, order_id: int) -> list[Record]:
    rows = state.all("SELECT * FROM fulfillment WHERE order_id = ? ORDER BY id", order_id)
    return [
        {
            "id": gid("Fulfillment", row["id"]),
            "name": row["name"],
            "status": row["status"],
            "created_at": row["created_at"],
            "location": gid("Location", row["location_id"]),
            "tracking": json.loads(row["tracking"]),
            "lines": [
                {"line_id": gid("LineItem", part["line_id"]), "sku": part["sku"], "quantity": part["quantity"]}
                for part in state.all(
                    "SELECT fl.line_id, fl.quantity, line.sku FROM fulfillment_line fl"
                    " JOIN line ON line.id = fl.line_id WHERE fl.fulfillment_id = ? ORDER BY fl.id",
                    row["id"],
                )
            ],
        }
        for row in rows
    ]
