"""Rows as the GraphQL objects of the catalogue: variants, their inventory items and their stock."""

from __future__ import annotations

import sqlite3

from graphql import GraphQLError

from .gid import gid, level_gid
from .paging import Node, page_of
from .state import ShopState
from .views import with_metafields

_NAMES = ("available", "committed", "on_hand")


def variant(state: ShopState, row: sqlite3.Row) -> Node:
    """Return a ProductVariant object."""
    owner = gid("ProductVariant", row["id"])
    return {
        "__typename": "ProductVariant",
        "id": owner,
        "sku": row["sku"],
        "title": row["title"],
        "updatedAt": row["updated_at"],
        "inventoryQuantity": lambda _info: sum(level["available"] for level in _levels(state, row)),
        "inventoryItem": lambda _info: inventory_item(state, row),
        "product": {
            "__typename": "Product",
            "id": gid("Product", row["product_id"]),
            "title": row["product_title"],
            "status": row["product_status"],
        },
    } | with_metafields(state, owner)


def _levels(state: ShopState, row: sqlite3.Row) -> list[sqlite3.Row]:
    return state.all(
        "SELECT level.*, location.name AS location_name FROM level JOIN location ON location.id = level.location_id"
        " WHERE level.item_id = ? ORDER BY level.location_id",
        row["item_id"],
    )


def _location_gid(level: sqlite3.Row) -> str:
    return gid("Location", level["location_id"])


def inventory_item(state: ShopState, row: sqlite3.Row) -> Node:
    """Return the InventoryItem object of a variant's row."""

    def levels(_info: object, first: int | None = None, after: str | None = None) -> Node:
        return page_of([(int(r["location_id"]), _level(state, row, r)) for r in _levels(state, row)], first, after)

    return {
        "__typename": "InventoryItem",
        "id": gid("InventoryItem", row["item_id"]),
        "tracked": True,
        "sku": row["sku"],
        "variant": lambda _info: variant(state, row),
        "inventoryLevel": lambda _info, **place: next(
            (_level(state, row, each) for each in _levels(state, row) if place["locationId"] == _location_gid(each)),
            None,
        ),
        "inventoryLevels": levels,
    }


def _level(state: ShopState, row: sqlite3.Row, level: sqlite3.Row) -> Node:
    changed = max(level["available_at"], level["committed_at"])
    values = {
        "available": (level["available"], level["available_at"]),
        "committed": (level["committed"], level["committed_at"]),
        "on_hand": (level["available"] + level["committed"], changed),
    }
    own = level_gid(level["location_id"], level["item_id"])

    def quantities(_info: object, names: list[str]) -> list[Node]:
        unknown = [name for name in names if name not in values]
        if unknown:
            raise GraphQLError(f"the sandbox keeps the quantities {', '.join(_NAMES)}, not {', '.join(unknown)}")
        return [
            {
                "id": f"{own}&name={name}".replace("InventoryLevel", "InventoryQuantity"),
                "name": name,
                "quantity": values[name][0],
                "updatedAt": values[name][1],
            }
            for name in names
        ]

    return {
        "__typename": "InventoryLevel",
        "id": own,
        "updatedAt": changed,
        "item": lambda _info: inventory_item(state, row),
        "location": {"id": _location_gid(level), "name": level["location_name"]},
        "quantities": quantities,
    }
