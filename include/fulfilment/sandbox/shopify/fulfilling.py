"""Fulfilments: the shop's record that goods left. Created against fulfilment orders, corrected, cancelled.

User errors are worded as Shopify words them; a refused call changes nothing.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from . import orders, stock
from .gid import number_of
from .state import ShopState

UserError = dict[str, Any]
_UNFULFILLABLE = ("CLOSED", "CANCELLED", "ON_HOLD", "INCOMPLETE", "SCHEDULED")


class UserMistake(Exception):
    """What Shopify answers in `userErrors`: the path of the input at fault and a sentence."""

    def __init__(self, field: list[str] | None, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.error: UserError = {"field": field, "message": message, "code": code}


def create_fulfilment(state: ShopState, wanted: dict[str, Any]) -> int:
    """Record that the lines of `wanted` (a FulfillmentInput) have shipped and return the fulfilment's id.

    Raises UserMistake for an unknown or closed fulfilment order, lines beyond what remains, or two orders in one call.
    """
    parts = [_open_part(state, index, part) for index, part in enumerate(wanted["lineItemsByFulfillmentOrder"])]
    if not parts:
        raise UserMistake(
            ["fulfillment", "lineItemsByFulfillmentOrder"], "Line items by fulfillment order can't be blank"
        )
    if len({(parent["order_id"], parent["location_id"]) for parent, _ in parts}) > 1:
        raise UserMistake(["fulfillment"], "All fulfillment orders must have the same order and the same location.")
    shipped = [pair for parent, lines in parts for pair in _units(parent, lines)]
    if not shipped:
        raise UserMistake(["fulfillment"], "The fulfillment has no line items to fulfill.")
    first = parts[0][0]
    fulfilment_id = _insert(state, int(first["order_id"]), int(first["location_id"]), wanted.get("trackingInfo") or {})
    for line, units in shipped:
        _ship(state, fulfilment_id, line, units, int(first["location_id"]))
    for parent, _ in parts:
        _progress(state, int(parent["id"]))
    orders.touch(state, int(first["order_id"]))
    return fulfilment_id


_Part = tuple[sqlite3.Row, list[tuple[sqlite3.Row, int]]]


def _open_part(state: ShopState, index: int, part: dict[str, Any]) -> _Part:
    path = ["fulfillment", "lineItemsByFulfillmentOrder", str(index)]
    number = number_of("FulfillmentOrder", part["fulfillmentOrderId"])
    parent = state.one("SELECT * FROM fulfillment_order WHERE id = ?", number)
    if parent is None:
        raise UserMistake([*path, "fulfillmentOrderId"], "Fulfillment order does not exist.")
    if parent["status"] in _UNFULFILLABLE:
        status = str(parent["status"]).lower()
        raise UserMistake(
            [*path, "fulfillmentOrderId"], f"Fulfillment order {number} has an unfulfillable status= {status}."
        )
    rows = state.all(
        "SELECT fol.*, line.variant_id FROM fulfillment_order_line fol JOIN line ON line.id = fol.line_id"
        " WHERE fol.fulfillment_order_id = ? ORDER BY fol.id",
        number,
    )
    named = part.get("fulfillmentOrderLineItems")
    if not named:  # left out or empty means everything that remains
        return parent, [(row, int(row["remaining"])) for row in rows]
    return parent, [_named_line(rows, row, [*path, "fulfillmentOrderLineItems", str(n)]) for n, row in enumerate(named)]


def _named_line(rows: list[sqlite3.Row], wanted: dict[str, Any], path: list[str]) -> tuple[sqlite3.Row, int]:
    number = number_of("FulfillmentOrderLineItem", wanted["id"])
    line = next((row for row in rows if row["id"] == number), None)
    if line is None:
        raise UserMistake([*path, "id"], "Fulfillment order line item does not exist.")
    if wanted["quantity"] < 1:
        raise UserMistake([*path, "quantity"], "Invalid fulfillment order line item quantity requested.")
    return line, int(wanted["quantity"])


def _units(parent: sqlite3.Row, lines: list[tuple[sqlite3.Row, int]]) -> list[tuple[sqlite3.Row, int]]:
    """Add up lines named twice and refuse more than remains."""
    wanted: dict[int, int] = {}
    by_id = {int(line["id"]): line for line, _ in lines}
    for line, units in lines:
        wanted[int(line["id"])] = wanted.get(int(line["id"]), 0) + units
    for line_id, units in wanted.items():
        if units > int(by_id[line_id]["remaining"]):
            raise UserMistake(
                ["fulfillment", "lineItemsByFulfillmentOrder"],
                "Invalid fulfillment order line item quantity requested.",
            )
    return [(by_id[line_id], units) for line_id, units in wanted.items() if units]


def _insert(state: ShopState, order_id: int, location_id: int, tracking: dict[str, Any]) -> int:
    row = state.one(
        "SELECT name, (SELECT count(*) FROM fulfillment WHERE order_id = document.id) AS earlier"
        " FROM document WHERE id = ?",
        order_id,
    )
    assert row is not None  # noqa: S101  the fulfilment order points at it
    now, fulfilment_id = state.now(), state.next_id("Fulfillment")
    state.insert(
        "fulfillment",
        id=fulfilment_id,
        order_id=order_id,
        location_id=location_id,
        name=f"{row['name']}-F{row['earlier'] + 1}",
        status="SUCCESS",
        created_at=now,
        updated_at=now,
        tracking=json.dumps(tracking_list(tracking)),
    )
    return fulfilment_id


def tracking_list(tracking: dict[str, Any]) -> list[dict[str, str | None]]:
    """Return one {company, number, url} per parcel: `numbers` and `urls` win over their singular forms."""
    numbers = tracking.get("numbers") or ([tracking["number"]] if tracking.get("number") else [])
    urls = tracking.get("urls") or ([tracking["url"]] if tracking.get("url") else [])
    count = max(len(numbers), len(urls), 1 if tracking.get("company") else 0)
    padded_numbers, padded_urls = [*numbers, *[None] * count], [*urls, *[None] * count]
    return [
        {"company": tracking.get("company"), "number": padded_numbers[n], "url": padded_urls[n]} for n in range(count)
    ]


def _ship(state: ShopState, fulfilment_id: int, line: sqlite3.Row, units: int, place: int) -> None:
    state.insert(
        "fulfillment_line",
        id=state.next_id("FulfillmentLineItem"),
        fulfillment_id=fulfilment_id,
        fulfillment_order_line_id=line["id"],
        line_id=line["line_id"],
        quantity=units,
    )
    state.run("UPDATE fulfillment_order_line SET remaining = remaining - ? WHERE id = ?", units, line["id"])
    stock.ship_stock(state, line["variant_id"], units, place)


def _progress(state: ShopState, fulfilment_order_id: int) -> None:
    state.run(
        "UPDATE fulfillment_order SET status = 'IN_PROGRESS', updated_at = ? WHERE id = ?",
        state.now(),
        fulfilment_order_id,
    )
    orders.close_when_done(state, fulfilment_order_id)


def report_progress(state: ShopState, fulfilment_order: str) -> None:
    """Show that work on a fulfilment order has begun; raises UserMistake unless it is open or in progress."""
    row = state.one("SELECT * FROM fulfillment_order WHERE id = ?", number_of("FulfillmentOrder", fulfilment_order))
    if row is None:
        raise UserMistake(["id"], "Fulfillment order does not exist.", "FULFILLMENT_ORDER_NOT_FOUND")
    if row["status"] not in ("OPEN", "IN_PROGRESS"):
        words = f"Fulfillment order status is {str(row['status']).lower()}."
        raise UserMistake(["id"], words, "FULFILLMENT_ORDER_STATUS_INVALID")
    state.run(
        "UPDATE fulfillment_order SET status = 'IN_PROGRESS', updated_at = ? WHERE id = ?", state.now(), row["id"]
    )
    orders.touch(state, int(row["order_id"]))


def update_tracking(state: ShopState, fulfilment: str, tracking: dict[str, Any]) -> int:
    """Replace the tracking of a fulfilment and return its id; raises UserMistake when unknown or cancelled."""
    row = _standing(state, fulfilment, "fulfillmentId")
    state.run(
        "UPDATE fulfillment SET tracking = ?, updated_at = ? WHERE id = ?",
        json.dumps(tracking_list(tracking)),
        state.now(),
        row["id"],
    )
    orders.touch(state, int(row["order_id"]))
    return int(row["id"])


def cancel_fulfilment(state: ShopState, fulfilment: str) -> int:
    """Undo a fulfilment and return its id: its goods are committed again and can be fulfilled anew.

    A fulfilment order that was wholly fulfilled stays closed and a new one is opened, as Shopify does.
    """
    row = _standing(state, fulfilment, "id")
    state.run("UPDATE fulfillment SET status = 'CANCELLED', updated_at = ? WHERE id = ?", state.now(), row["id"])
    anew: list[tuple[int, int]] = []
    for line in state.all(
        "SELECT fl.*, line.variant_id, fo.status AS parent_status FROM fulfillment_line fl"
        " JOIN line ON line.id = fl.line_id JOIN fulfillment_order_line fol ON fol.id = fl.fulfillment_order_line_id"
        " JOIN fulfillment_order fo ON fo.id = fol.fulfillment_order_id WHERE fl.fulfillment_id = ? ORDER BY fl.id",
        row["id"],
    ):
        units = int(line["quantity"])
        stock.ship_stock(state, line["variant_id"], -units, int(row["location_id"]))
        if line["parent_status"] == "CLOSED":
            anew.append((int(line["line_id"]), units))
        else:
            state.run(
                "UPDATE fulfillment_order_line SET remaining = remaining + ? WHERE id = ?",
                units,
                line["fulfillment_order_line_id"],
            )
    if anew:
        orders.open_fulfilment_order(state, int(row["order_id"]), anew, int(row["location_id"]))
    orders.touch(state, int(row["order_id"]))
    return int(row["id"])


def _standing(state: ShopState, fulfilment: str, field: str) -> sqlite3.Row:
    row = state.one("SELECT * FROM fulfillment WHERE id = ?", number_of("Fulfillment", fulfilment))
    if row is None:
        raise UserMistake([field], "Fulfillment not found.")
    if row["status"] == "CANCELLED":
        raise UserMistake([field], "Fulfillment is already cancelled.")
    return row
