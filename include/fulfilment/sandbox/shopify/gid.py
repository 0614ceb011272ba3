"""Shopify's global ids: `gid://shopify/<type>/<number>`, where the number is a 64-bit integer."""

from __future__ import annotations

import re

_GID = re.compile(r"gid://shopify/([A-Za-z]+)/(\d{1,19})(?:\?inventory_item_id=(\d{1,19}))?", re.ASCII)


def gid(kind: str, number: int) -> str:
    """Return the global id of record `number` of the type `kind`."""
    return f"gid://shopify/{kind}/{number}"


def split_gid(value: str) -> tuple[str, int] | None:
    """Return (type, number) of a global id, or None when the text is not one."""
    match = _GID.fullmatch(value)
    return (match[1], int(match[2])) if match else None


def number_of(kind: str, value: str) -> int | None:
    """Return the number of a global id of the type `kind`, or None for any other text."""
    parts = split_gid(value)
    return parts[1] if parts and parts[0] == kind else None


def level_gid(location_id: int, item_id: int) -> str:
    """Return the id of an inventory level, which Shopify builds from its location and its item."""
    return f"gid://shopify/InventoryLevel/{location_id}?inventory_item_id={item_id}"
