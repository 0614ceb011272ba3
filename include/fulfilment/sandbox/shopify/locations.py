"""The shop's locations: opening a further one, and moving what an order's lines still have to ship to another.

A move closes what it empties and opens a fulfilment order at the new location, as Shopify's fulfillmentOrderMove does.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import Refused
from . import orders, stock
from .gid import gid, number_of
from .state import ShopState


def add_location(state: ShopState, name: str) -> str:
    """Open a location at which every variant is stocked, none of it available; return its id."""
    number, now = state.next_id("Location"), state.now()
    state.run("INSERT INTO location VALUES (?, ?)", number, name)
    state.run("INSERT INTO level SELECT item_id, ?, 0, ?, 0, ? FROM variant", number, now, now)
    return gid("Location", number)


def known(state: ShopState, location: str) -> int:
    """Return the number of one of the shop's locations; raises Refused when it has none of that id."""
    number = number_of("Location", location)
    if number is None or state.one("SELECT 1 FROM location WHERE id = ?", number) is None:
        raise Refused(f"there is no location {location!r} in the shop")
    return number


def move(state: ShopState, name: str, lines: Sequence[int], location: str, units: int | None) -> None:
    """Let what remains of these lines (counted from 1) leave from another location; `units` of each where given."""
    row = orders.find_document(state, "Order", name)
    order_id, place = int(row["id"]), known(state, location)
    its_lines = orders.lines_of(state, order_id)
    moved: list[tuple[int, int]] = []
    for number in lines:
        if not 1 <= number <= len(its_lines):
            raise Refused(f"order {name} has {len(its_lines)} lines, there is no line {number}")
        line = its_lines[number - 1]
        line_id, left = int(line["id"]), int(line["current_quantity"]) - int(line["fulfilled"])
        count = left if units is None else min(units, left)
        stock.release_stock(state, line["variant_id"], count, orders.place_of(state, line_id))
        orders.take_from_fulfil(state, line_id, count)
        stock.commit_stock(state, line["variant_id"], count, place)
        moved.append((line_id, count))
    orders.open_fulfilment_order(state, order_id, moved, place)
    orders.touch(state, order_id)
