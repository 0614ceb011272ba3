"""Asking the warehouse to amend or cancel what it holds. Both are safe to ask again: after Unknown comes the same
question, and quantities move only once the answer is recorded, each in a transaction of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from include.fulfilment.change_port import CHANGE
from include.fulfilment.clock import Clock
from include.fulfilment.domain.exception_ticket import ExceptionTicket
from include.fulfilment.domain.quantity import LineQuantities
from include.fulfilment.domain.standing import OrderState, order_state
from include.fulfilment.domain.warehouse_order import Change, WarehouseOrder
from include.fulfilment.errors import DataError, FulfilmentError
from include.fulfilment.ports import (
    Absent,
    AmendAnswer,
    Amended,
    CancelAnswer,
    Cancelled,
    Pending,
    Rejected,
    TooLate,
    Unknown,
    Warehouse,
)
from include.fulfilment.store_port import QUANTITIES, LineUpdate, OrderUpdate, OutboxRow, Rows, Store

BATCH = 20
ASK_AGAIN = timedelta(seconds=30)
ASK_WITHIN = timedelta(seconds=45)
"""How long after a claim a question may still start: inside the claim's lease, as with creates."""
BELIEVED_ABSENT = timedelta(hours=1)
"""A search may lag: an order that the warehouse took counts as gone once it was absent for so long."""
_HOLDS = {"held_in_shop": "held_in_shop", "cancel_asked": "cancel_asked"}


def submit(store: Store, code: str, warehouse: Warehouse, clock: Clock) -> dict[str, int]:
    """Ask the warehouse of this code everything that is owed, each question once in a run. One that fails stays owed
    and stops no other."""
    figures = Counter({"amended": 0, "cancelled": 0, "change_refused": 0})
    started = clock()
    while True:
        claimed_at = clock()
        with store.transaction() as rows:
            claimed = rows.outbox.claim(CHANGE, BATCH, claimed_at, due_by=started, warehouse=code)
        if not claimed:
            break
        for row in claimed:
            if clock() >= claimed_at + ASK_WITHIN:
                with store.transaction() as rows:
                    rows.outbox.again({row.outbox_id: "not asked in its turn"}, started)
                continue
            figures[_note(store, code, row, _answer(warehouse, row), clock())] += 1
    with store.transaction() as rows:
        tickets = [
            ExceptionTicket("outcome_unknown", key, order_id, since, {"last answer": words})
            for key, (order_id, words, since) in rows.outbox.uncertain(CHANGE).items()
        ]
        rows.log.reconcile_tickets(CHANGE, tickets, clock())
    return dict(figures)


def _answer(warehouse: Warehouse, row: OutboxRow) -> CancelAnswer | AmendAnswer:
    order = WarehouseOrder.from_json(row.payload["order"])
    try:
        return warehouse.amend(order) if row.payload["act"] == Change.AMEND else warehouse.cancel(order.external_ref)
    except FulfilmentError as error:
        return Unknown(str(error))


def _note(store: Store, code: str, row: OutboxRow, answer: CancelAnswer | AmendAnswer, now: datetime) -> str:
    try:
        with store.transaction(lock=QUANTITIES) as rows:
            return _record(rows, code, row, answer, now)
    except DataError as error:
        with store.transaction() as rows:
            rows.outbox.again({row.outbox_id: f"its answer could not be recorded: {error}"}, now + ASK_AGAIN)
        return "change_unknown"


def _record(rows: Rows, code: str, row: OutboxRow, answer: CancelAnswer | AmendAnswer, now: datetime) -> str:
    order = WarehouseOrder.from_json(row.payload["order"])
    ref = order.external_ref
    match answer:
        case Amended():
            back = rows.changes.amended(code, order, row.payload["number"], row.payload["source_hash"])
            _move(rows, row, back, f"The warehouse holds {ref} as revision {order.revision} now", now)
            rows.outbox.done({row.outbox_id: "amended"}, now)
            return "amended"
        case Cancelled():
            return _cancelled(rows, code, row, f"The warehouse confirmed the cancel of {ref}", now)
        case Absent() if row.payload["act"] == Change.CANCEL and _is_believed(row, now):
            return _cancelled(rows, code, row, f"The warehouse holds no {ref} any more", now)
        case Absent():
            rows.outbox.again({row.outbox_id: f"the warehouse holds no order {ref}"}, now + ASK_AGAIN)
            return "change_unknown"
        case TooLate(reason):
            return _refused(rows, code, row, Change.CANCEL, f"too late: {reason}", now)
        case Rejected(reason, message, _):
            return _refused(rows, code, row, Change(row.payload["act"]), f"{reason}: {message}", now)
        case Pending():
            rows.outbox.again({row.outbox_id: ""}, now + ASK_AGAIN)
            return "change_pending"
        case Unknown(reason):
            rows.outbox.again({row.outbox_id: reason}, now + ASK_AGAIN)
            return "change_unknown"


def _is_believed(row: OutboxRow, now: datetime) -> bool:
    return now - datetime.fromisoformat(row.payload["asked_at"]) >= BELIEVED_ABSENT


def _cancelled(rows: Rows, code: str, row: OutboxRow, words: str, now: datetime) -> str:
    ref = WarehouseOrder.from_json(row.payload["order"]).external_ref
    _move(rows, row, rows.changes.cancelled(code, ref, row.payload["number"]), words, now)
    rows.outbox.done({row.outbox_id: "cancelled"}, now)
    return "cancelled"


def _refused(rows: Rows, code: str, row: OutboxRow, act: Change, words: str, now: datetime) -> str:
    """`act` is the last one that is out of the question: after a plain refusal to amend a cancel is still asked."""
    ref = WarehouseOrder.from_json(row.payload["order"]).external_ref
    if rows.changes.refused(code, ref, row.payload["number"], act, row.payload["wish"], words):
        told = f"The warehouse would not {row.payload['act']} {ref}: {words}"
        rows.log.events([(row.order_id, "warehouse", told)], now)
    rows.outbox.refused(row.outbox_id, words, now)
    return "change_refused"


def _move(rows: Rows, row: OutboxRow, back: Mapping[str, int] | None, words: str, now: datetime) -> None:
    """Units that the warehouse gave back: cancelled where the order was amended or the shop cancelled it, else held to
    be decided anew. Nothing where this answer was recorded before."""
    if back is None:
        return
    before = rows.orders.quantities([row.order_id])[row.order_id]
    cancel = row.payload["act"] == Change.AMEND or before.cancelled_in_shop
    lines: dict[str, LineQuantities] = dict(before.lines)
    for line_id, units in back.items():
        lines[line_id] = lines[line_id].take_back(units, cancel)
    hold = before.reason if before.state == OrderState.HELD else ""
    if not cancel and any(back.values()):
        hold = _HOLDS.get(row.payload["stop"], "taken_back")
    state, reason = order_state(lines.values(), hold, before.cancelled_in_shop)
    updates = tuple(LineUpdate(key, each) for key, each in lines.items() if each != before.lines[key])
    event = f"{words}: {sum(back.values())} EA less" if any(back.values()) else words
    update = OrderUpdate(row.order_id, updates, state, reason, event)
    rows.orders.save([update], "", now)
