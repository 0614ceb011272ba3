"""What happens to an order after it exists: paid, edited, held, cancelled; and a draft that becomes an order.

Each change moves the order's `updated_at`, because a connector finds changed orders by it.
"""

from __future__ import annotations

import sqlite3

from ..errors import Refused
from . import stock
from .state import ShopState

_SHIPPED = """(SELECT coalesce(sum(fl.quantity), 0) FROM fulfillment_line fl
  JOIN fulfillment f ON f.id = fl.fulfillment_id WHERE fl.line_id = line.id AND f.status = 'SUCCESS')"""
LINES = f"""SELECT line.*, variant.sku AS variant_sku, {_SHIPPED} AS fulfilled
  FROM line LEFT JOIN variant ON variant.id = line.variant_id"""  # noqa: S608


def touch(state: ShopState, document_id: int) -> None:
    """Move `updated_at` of an order or draft to now."""
    state.run("UPDATE document SET updated_at = ? WHERE id = ?", state.now(), document_id)


def lines_of(state: ShopState, document_id: int) -> list[sqlite3.Row]:
    """Return the lines of an order or draft, each with `fulfilled`, the units in fulfilments that stand."""
    return state.all(f"{LINES} WHERE line.document_id = ? ORDER BY line.id", document_id)


def find_document(state: ShopState, kind: str, name: str) -> sqlite3.Row:
    """Return an order or draft by its visible number; raises Refused when the shop has none."""
    row = state.one("SELECT * FROM document WHERE kind = ? AND name = ?", kind, name)
    if row is None:
        raise Refused(f"there is no {kind} named {name!r} in the shop")
    return row


def open_for_fulfilment(state: ShopState, order_id: int) -> None:
    """Promise the stock of a new order and open its fulfilment order at the shop's first location."""
    place = state.location_id()
    rows = state.all("SELECT id, variant_id, current_quantity FROM line WHERE document_id = ? ORDER BY id", order_id)
    open_fulfilment_order(state, order_id, [(int(row["id"]), int(row["current_quantity"])) for row in rows], place)
    for row in rows:
        stock.commit_stock(state, row["variant_id"], int(row["current_quantity"]), place)


def place_of(state: ShopState, line_id: int) -> int:
    """Return the location that a line leaves from: where something of it remains, else where it was last."""
    row = state.one(
        "SELECT fo.location_id FROM fulfillment_order_line fol"
        " JOIN fulfillment_order fo ON fo.id = fol.fulfillment_order_id"
        " WHERE fol.line_id = ? ORDER BY fol.remaining > 0 DESC, fol.id DESC",
        line_id,
    )
    return int(row["location_id"]) if row else state.location_id()


def open_fulfilment_order(state: ShopState, order_id: int, quantities: list[tuple[int, int]], place: int) -> None:
    """Open a fulfilment order for (line id, units) at a location."""
    now, parent = state.now(), state.next_id("FulfillmentOrder")
    state.insert(
        "fulfillment_order",
        id=parent,
        order_id=order_id,
        location_id=place,
        status="OPEN",
        hold_reason=None,
        created_at=now,
        updated_at=now,
    )
    state.many(
        "INSERT INTO fulfillment_order_line VALUES (?, ?, ?, ?, ?)",
        [(state.next_id("FulfillmentOrderLineItem"), parent, line_id, units, units) for line_id, units in quantities],
    )


def pay(state: ShopState, name: str) -> None:
    """Mark an order as paid; raises Refused when it is cancelled."""
    row = _alive(state, name)
    state.run("UPDATE document SET financial_status = 'PAID' WHERE id = ?", row["id"])
    touch(state, row["id"])


def set_note(state: ShopState, kind: str, name: str, note: str | None) -> None:
    """Replace the note of an order or draft, as a person does in the admin."""
    row = find_document(state, kind, name)
    state.run("UPDATE document SET note = ? WHERE id = ?", note, row["id"])
    touch(state, row["id"])


def hold(state: ShopState, name: str, reason: str | None, place: int | None = None) -> None:
    """Put an order's open fulfilment orders on hold for `reason`, or release them when it is None; those at one
    location alone where that is given."""
    row = _alive(state, name)
    before, after = ("ON_HOLD", "OPEN") if reason is None else ("OPEN", "ON_HOLD")
    state.run(
        "UPDATE fulfillment_order SET status = ?, hold_reason = ?, updated_at = ? WHERE order_id = ? AND status = ?"
        " AND location_id = coalesce(?, location_id)",
        after,
        reason,
        state.now(),
        row["id"],
        before,
        place,
    )
    touch(state, row["id"])


def cancel(state: ShopState, name: str, reason: str) -> None:
    """Cancel what an order has not shipped: its goods become available again, money is voided or refunded."""
    row = _alive(state, name)
    order_id = int(row["id"])
    for line in lines_of(state, order_id):
        left = int(line["current_quantity"]) - int(line["fulfilled"])
        stock.release_stock(state, line["variant_id"], left, place_of(state, int(line["id"])))
        state.run("UPDATE line SET current_quantity = ? WHERE id = ?", line["fulfilled"], line["id"])
    state.run(
        "UPDATE fulfillment_order_line SET remaining = 0 WHERE fulfillment_order_id IN"
        " (SELECT id FROM fulfillment_order WHERE order_id = ?)",
        order_id,
    )
    state.run(
        "UPDATE fulfillment_order SET status = CASE status WHEN 'OPEN' THEN 'CANCELLED' WHEN 'ON_HOLD' THEN 'CANCELLED'"
        " ELSE 'CLOSED' END, updated_at = ? WHERE order_id = ?",
        state.now(),
        order_id,
    )
    money = "REFUNDED" if row["financial_status"] == "PAID" else "VOIDED"
    state.run(
        "UPDATE document SET cancelled_at = ?, cancel_reason = ?, financial_status = ? WHERE id = ?",
        state.now(),
        reason,
        money,
        order_id,
    )
    touch(state, order_id)


def edit_line_quantity(state: ShopState, name: str, line_number: int, quantity: int) -> None:
    """Set the units wanted of an order's line (counted from 1); raises Refused below what has shipped.

    A decrease leaves the ordered quantity and lowers the current one; an increase raises both.
    """
    row = _alive(state, name)
    order_id, lines = int(row["id"]), lines_of(state, int(row["id"]))
    if not 1 <= line_number <= len(lines):
        raise Refused(f"order {name} has {len(lines)} lines, there is no line {line_number}")
    line = lines[line_number - 1]
    if quantity < int(line["fulfilled"]):
        raise Refused(
            f"order {name} line {line_number} has shipped {line['fulfilled']}, it cannot be cut to {quantity}"
        )
    change, place = quantity - int(line["current_quantity"]), place_of(state, int(line["id"]))
    state.run(
        "UPDATE line SET current_quantity = ?, quantity = quantity + ? WHERE id = ?",
        quantity,
        max(change, 0),
        line["id"],
    )
    if change > 0:
        stock.commit_stock(state, line["variant_id"], change, place)
        _add_to_fulfil(state, order_id, int(line["id"]), change, place)
    else:
        stock.release_stock(state, line["variant_id"], -change, place)
        take_from_fulfil(state, int(line["id"]), -change)
    touch(state, order_id)


def _add_to_fulfil(state: ShopState, order_id: int, line_id: int, units: int, place: int) -> None:
    row = state.one(
        "SELECT fol.id FROM fulfillment_order_line fol JOIN fulfillment_order fo ON fo.id = fol.fulfillment_order_id"
        " WHERE fol.line_id = ? AND fo.status IN ('OPEN', 'IN_PROGRESS', 'ON_HOLD') ORDER BY fol.id DESC",
        line_id,
    )
    if row is None:
        open_fulfilment_order(state, order_id, [(line_id, units)], place)
        return
    state.run(
        "UPDATE fulfillment_order_line SET total = total + ?, remaining = remaining + ? WHERE id = ?",
        units,
        units,
        row["id"],
    )


def take_from_fulfil(state: ShopState, line_id: int, units: int) -> None:
    """Lower what remains to ship of a line, in its oldest fulfilment order first; close what is empty then."""
    rows = state.all("SELECT * FROM fulfillment_order_line WHERE line_id = ? AND remaining > 0 ORDER BY id", line_id)
    for row in rows:
        taken = min(units, int(row["remaining"]))
        units -= taken
        state.run(
            "UPDATE fulfillment_order_line SET total = total - ?, remaining = remaining - ? WHERE id = ?",
            taken,
            taken,
            row["id"],
        )
        close_when_done(state, int(row["fulfillment_order_id"]))


def close_when_done(state: ShopState, fulfilment_order_id: int) -> None:
    """Close a fulfilment order that has nothing left to ship."""
    state.run(
        "UPDATE fulfillment_order SET status = 'CLOSED', updated_at = ? WHERE id = ? AND NOT EXISTS"
        " (SELECT 1 FROM fulfillment_order_line WHERE fulfillment_order_id = fulfillment_order.id AND remaining > 0)",
        state.now(),
        fulfilment_order_id,
    )


def complete_draft(state: ShopState, draft: sqlite3.Row, *, payment_pending: bool) -> int:
    """Turn a draft into an order and return the order's id; raises Refused when that has happened before.

    The order is a new record with its own id and number; note, PO number and attributes (`sparkCartId`) come along.
    A draft with payment terms completes unpaid, as one marked pending does.
    """
    if draft["order_id"] is not None:
        raise Refused(f"draft order {draft['name']} has already been completed")
    order_id, now = state.next_id("Order"), state.now()
    unpaid = payment_pending or draft["net_days"] is not None
    values = {key: draft[key] for key in draft.keys()}  # noqa: SIM118  a sqlite3.Row iterates over its values
    values |= {"id": order_id, "kind": "Order", "name": next_order_name(state), "created_at": now, "updated_at": now}
    values |= {"processed_at": now, "financial_status": "PENDING" if unpaid else "PAID"}
    state.insert("document", **values)
    for line in lines_of(state, int(draft["id"])):
        columns = ("sku", "title", "variant_id", "quantity", "current_quantity", "unit_price", "attributes")
        copied = {column: line[column] for column in columns}
        state.insert("line", id=state.next_id("LineItem"), document_id=order_id, **copied)
    state.run("UPDATE document SET order_id = ?, completed_at = ? WHERE id = ?", order_id, now, draft["id"])
    touch(state, int(draft["id"]))
    open_for_fulfilment(state, order_id)
    return order_id


def next_order_name(state: ShopState) -> str:
    """Return the next free order number, `#1001` in an empty shop."""
    row = state.one("SELECT max(CAST(substr(name, 2) AS INTEGER)) AS last FROM document WHERE kind = 'Order'")
    last = int(row["last"] or 0) if row else 0
    return f"#{max(last, 1000) + 1}"


def _alive(state: ShopState, name: str) -> sqlite3.Row:
    row = find_document(state, "Order", name)
    if row["cancelled_at"] is not None:
        raise Refused(f"order {name} is cancelled")
    return row
