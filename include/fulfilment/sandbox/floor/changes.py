"""What a sender may still change of an order that the warehouse holds. How it asks for that, and in which words it is
refused once the staff have begun, is the dialect's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import Refused
from .book import find_orders, find_shipments, touch_products
from .records import FloorLine, FloorOrder, NewLine
from .state import FloorState, stored

_FURTHER = ("picked", "labelled", "dispatched")


def progress(state: FloorState, order: FloorOrder) -> str:
    """How far the staff have come with an order: picked, labelled or dispatched; empty where they have not begun."""
    found = {shipment.state for shipment in find_shipments(state, order_ids=[order.id])}
    return next((word for word in reversed(_FURTHER) if word in found), "")


def describe(state: FloorState, order_id: int, given: Mapping[str, Any], summary: Mapping[str, Any]) -> None:
    """Put what the dialect keeps of an order, and what it understood of it, in the place of what it had."""
    sql = "UPDATE warehouse_order SET given = ?, summary = ?, updated_at = ? WHERE id = ?"
    state.run(sql, json.dumps(dict(given)), json.dumps(dict(summary)), stored(state.now()), order_id)


def add_line(state: FloorState, order_id: int, line: NewLine) -> None:
    """Put one more line on an order."""
    with state.transaction():
        state.insert(
            "line",
            id=state.next_id("line"),
            order_id=order_id,
            line_key=line.line_key,
            sku=line.sku,
            ordered=line.quantity,
            shipped=0,
            closed=0,
            given=json.dumps(line.given),
        )
        _touch(state, order_id, line.sku)


def set_line(state: FloorState, line: FloorLine, units: int, given: Mapping[str, Any]) -> None:
    """Ask for so many units of a line from now on."""
    with state.transaction():
        order_id = _order_of(state, line)
        state.run("UPDATE line SET ordered = ?, given = ? WHERE id = ?", units, json.dumps(dict(given)), line.id)
        _touch(state, order_id, line.sku)


def remove_line(state: FloorState, line: FloorLine) -> None:
    """Take a line off its order.

    Raises:
        Refused: it was picked once; its units can only be lowered.
    """
    with state.transaction():
        order_id = _order_of(state, line)
        if state.one("SELECT 1 FROM shipment_line WHERE line_id = ?", line.id):
            raise Refused(f"line {line.line_key!r} was picked once and stays on its order")
        state.run("DELETE FROM line WHERE id = ?", line.id)
        _touch(state, order_id, line.sku)


def replace_lines(state: FloorState, order_id: int, lines: Sequence[NewLine]) -> None:
    """Make the lines of an order, told apart by their keys, those that are given."""
    with state.transaction():
        (order,) = find_orders(state, ids=[order_id])
        wanted, held = {line.line_key: line for line in lines}, {line.line_key: line for line in order.lines}
        for key, line in held.items():
            if key in wanted:
                set_line(state, line, wanted[key].quantity, wanted[key].given)
            else:
                remove_line(state, line)
        for key, new in wanted.items():
            if key not in held:
                add_line(state, order_id, new)


def _order_of(state: FloorState, line: FloorLine) -> int:
    row = state.one("SELECT order_id FROM line WHERE id = ?", line.id)
    if row is None:
        raise Refused(f"line {line.line_key!r} is on no order")
    return int(row["order_id"])


def _touch(state: FloorState, order_id: int, sku: str) -> None:
    state.run("UPDATE warehouse_order SET updated_at = ? WHERE id = ?", stored(state.now()), order_id)
    touch_products(state, [sku])
