"""Connections: pages of records by an opaque cursor. Without `first` a page has 100 records, as ShipHero's has."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any

from .problems import Problem

DEFAULT_PAGE = 100
Record = dict[str, Any]


def connection(fetch: Callable[[int, int], Sequence[Record]], first: int | None, after: str | None) -> Record:
    """Return a page of `first` records behind the cursor.

    `fetch(after, count)` returns at most `count` records whose `legacy_id` is above `after`, in its order.
    """
    size = DEFAULT_PAGE if first is None else first
    if size < 0:
        raise Problem("first and last can't be negative values")
    found = list(fetch(_position(after), size + 1))
    page = found[:size]
    cursors = [_cursor(record["legacy_id"]) for record in page]
    return {
        "edges": [{"cursor": cursor, "node": record} for cursor, record in zip(cursors, page, strict=True)],
        "pageInfo": {
            "hasNextPage": len(found) > size,
            "hasPreviousPage": after is not None,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def listed(records: Sequence[Record], first: int | None, after: str | None) -> Record:
    """Return a page of records that are all at hand, in the order of their `legacy_id`."""
    return connection(
        lambda position, count: [each for each in records if each["legacy_id"] > position][:count], first, after
    )


def _cursor(number: int) -> str:
    return base64.b64encode(f"after:{number}".encode()).decode()


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        word, number = "", ""
    if word != "after" or not number.isdigit():
        raise Problem("Invalid cursor")
    return int(number)
