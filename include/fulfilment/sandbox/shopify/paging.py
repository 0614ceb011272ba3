"""Relay connections with opaque cursors, and Shopify's rules for `first`."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

Node = dict[str, Any]
PAGE_LIMIT = 250


def page_size(first: int | None) -> int:
    """Return how many nodes were asked for; raises GraphQLError when left out or outside 1 to 250."""
    if first is None:
        raise GraphQLError("you must provide one of first or last", extensions={"code": "BAD_REQUEST"})
    if not 1 <= first <= PAGE_LIMIT:
        raise GraphQLError(
            f"first must be between 1 and {PAGE_LIMIT}, got {first}", extensions={"code": "MAX_INPUT_SIZE_EXCEEDED"}
        )
    return first


def write_cursor(position: Sequence[str | int]) -> str:
    """Encode a position as an opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(list(position)).encode()).decode()


def read_cursor(cursor: str, shape: tuple[type, ...]) -> list[Any]:
    """Decode a cursor into values of the types in `shape`; raises GraphQLError for any other text."""
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        fits = isinstance(position, list) and [type(part) for part in position] == list(shape)
    except ValueError:
        fits = False
    if not fits:
        raise GraphQLError("Invalid cursor for current pagination sort.", extensions={"code": "BAD_REQUEST"})
    return list(position)


def connection(found: list[tuple[str, Node]], *, more: bool, earlier: bool) -> Node:
    """Build a connection from (cursor, node) pairs of one page."""
    return {
        "nodes": [node for _, node in found],
        "edges": [{"cursor": cursor, "node": node} for cursor, node in found],
        "pageInfo": {
            "hasNextPage": more,
            "hasPreviousPage": earlier,
            "startCursor": found[0][0] if found else None,
            "endCursor": found[-1][0] if found else None,
        },
    }


def page_of(nodes: list[tuple[int, Node]], first: int | None, after: str | None) -> Node:
    """Page through (number, node) pairs held in memory, in order of their number."""
    size = page_size(first)
    start = read_cursor(after, (int,))[0] if after else -1
    rest = [(number, node) for number, node in nodes if number > start]
    found = [(write_cursor([number]), node) for number, node in rest[:size]]
    return connection(found, more=len(rest) > size, earlier=len(rest) < len(nodes))
