"""What the warehouse answered to a batch of warehouse orders, recorded for all of them at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from include.fulfilment.errors import DataError
from include.fulfilment.ports import AlreadyExists, Created, Pending, Rejected, Unknown
from include.fulfilment.services.sending import Answers, HeldAlready
from include.fulfilment.store_port import QUANTITIES, OutboxRow, Rows, Store, TakenOrder

LOOK_AGAIN = timedelta(seconds=30)


def record_answers(
    store: Store, warehouse: str, claimed: Sequence[OutboxRow], answers: Answers, now: datetime, started: datetime
) -> Counter[str]:
    """Record the answers in one transaction; how many there were of each kind. Where the store refuses one, each gets a
    transaction of its own: it costs no other order its answer, and its words stand in the ticket `outcome_unknown`.
    Rows that were not sent are due again from `started` on, the beginning of the run, as though nobody had claimed
    them: what the shop changes of them meanwhile still counts."""
    try:
        with store.transaction(lock=QUANTITIES) as rows:
            return _record(rows, warehouse, claimed, answers, now, started)
    except DataError as error:
        if len(claimed) > 1:
            alone = (record_answers(store, warehouse, [row], answers, now, started) for row in claimed)
            return sum(alone, Counter[str]())
        with store.transaction() as rows:
            words = f"its answer could not be recorded: {error}"
            rows.outbox.again({claimed[0].outbox_id: words}, now + LOOK_AGAIN)
        return Counter({"unknown": 1})


def _record(
    rows: Rows, warehouse: str, claimed: Sequence[OutboxRow], answers: Answers, now: datetime, started: datetime
) -> Counter[str]:
    figures: Counter[str] = Counter()
    taken: list[TakenOrder] = []
    remote_ids: dict[int, str] = {}
    look_again: dict[int, str] = {}
    not_sent: list[OutboxRow] = []
    for row in claimed:
        key, ref = row.outbox_id, str(row.payload["external_ref"])
        match answers[key]:
            case None:
                not_sent.append(row)
                kind = "put_back"
            case Created(wms_id):
                remote_ids[key], kind = wms_id, "created"
                taken.append(TakenOrder(ref, wms_id))
            case AlreadyExists(wms_id, found):
                remote_ids[key], kind = wms_id, "found"
                taken.append(TakenOrder(ref, wms_id, found, adopted=True))
            case Rejected() as refusal:
                _refuse(rows, warehouse, key, ref, refusal, now)
                kind = "rejected"
            case HeldAlready() as other:
                _set_aside(rows, warehouse, key, ref, other, now)
                kind = "there_already"
            case Pending():
                look_again[key], kind = "", "pending"
            case Unknown(reason):
                look_again[key], kind = reason, "unknown"
        figures[kind] += 1
    rows.orders.acknowledge(warehouse, taken, now)
    rows.outbox.done(remote_ids, now)
    rows.outbox.again(look_again, now + LOOK_AGAIN)
    rows.outbox.not_sent(not_sent, started)
    return figures


def _refuse(rows: Rows, warehouse: str, outbox_id: int, ref: str, refusal: Rejected, now: datetime) -> None:
    words = f"{refusal.code}: {refusal.message}" + (f" (field {refusal.field})" if refusal.field else "")
    rows.orders.reject(warehouse, ref, words, now)
    rows.outbox.refused(outbox_id, words, now)


def _set_aside(rows: Rows, warehouse: str, outbox_id: int, ref: str, other: HeldAlready, now: datetime) -> None:
    words = f"the warehouse holds its order {other.wms_id} under {other.reference}, for some of the same goods at least"
    rows.orders.there_already(warehouse, ref, other.reference, words, now)
    rows.outbox.refused(outbox_id, words, now)
