"""What people decide, on the desk or in Airflow: they end a hold or leave it, accept a stock reading, or correct what
the warehouse is told.

Each is kept for ever with the person and the reason, and counts from the next run, which is woken at once. Of two
people the first decides; the other is told, and kept in the audit too.
"""

from __future__ import annotations

from include.fulfilment.change_port import CancelRequest
from include.fulfilment.clock import Clock
from include.fulfilment.domain.correction import ADOPTS, Correction, check_correction, shop_says
from include.fulfilment.domain.hold_decision import (
    LONGEST_REASON,
    READING,
    Decision,
    Seen,
    Signed,
    Verdict,
)
from include.fulfilment.domain.hold_matters import LIFTABLE
from include.fulfilment.domain.matters import MATTERS
from include.fulfilment.domain.order import SalesOrder, is_named
from include.fulfilment.errors import DataError, Overtaken
from include.fulfilment.services.collecting import stock_tickets
from include.fulfilment.store_port import QUANTITIES, Rows, Store, StoredOrder

PERSON = "person"
ANYTHING = Seen()
_DONE = {Verdict.LIFTED: "lifted the hold", Verdict.REFUSED: "refused to lift the hold"}


def lift_hold(
    store: Store, order: str, code: str, person: str, reason: str, clock: Clock, seen: Seen = ANYTHING
) -> Decision:
    """End the hold of this code for the order as it stands now; an edit in the shop makes it count again. Answers the
    decision that counts, which is somebody else's if they were first (`late`).

    Raises Overtaken when the order is no longer what was `seen` or no longer held so, DataError when this cannot be
    decided; nothing was stored then."""
    return _decide_hold(store, order, code, Verdict.LIFTED, Signed(person, reason), clock, seen)


def refuse_hold(
    store: Store, order: str, code: str, person: str, reason: str, clock: Clock, seen: Seen = ANYTHING
) -> Decision:
    """Leave the order held, on purpose. Answers and raises as `lift_hold` does; who has seen a refusal may still
    lift."""
    return _decide_hold(store, order, code, Verdict.REFUSED, Signed(person, reason), clock, seen)


def _decide_hold(
    store: Store, order: str, code: str, verdict: Verdict, signed: Signed, clock: Clock, seen: Seen
) -> Decision:
    _check(signed)
    if code not in LIFTABLE:
        allowed = ", ".join(sorted(LIFTABLE))
        raise DataError(f"order {order}: a hold {code!r} cannot be lifted, only its cause mended; {allowed} can", order)
    with store.transaction(lock=QUANTITIES) as rows:
        order_id, version = _subject(rows, order, code, seen)
        looked_at = Seen(version, seen.decision_id)
        found = rows.people.decide(code, order_id, order_id, verdict, looked_at, signed, clock())
        words = f"{signed.person} {_DONE[verdict]} “{MATTERS[code].words}”: {signed.reason}"
        if found.late:
            words = f"Too late after {found.person}: {words}"
        rows.log.events([(order_id, PERSON, words)], clock())
        if verdict is Verdict.LIFTED and not found.late:
            rows.questions.wake("order", order_id, clock())
    return found


def _subject(rows: Rows, order: str, code: str, seen: Seen) -> tuple[str, str]:
    """Our id of the order and its content. Somebody's decision on what was seen stands also where the order went on
    because of it."""
    made = rows.people.decision(code, order, seen.version) if seen.version else None
    if made and made.decision_id > seen.decision_id:
        return order, seen.version
    stored = _waiting(rows, order)
    name = stored.order.name
    _check_seen(stored, seen)
    if stored.reason != code:
        state = f"{stored.state} {stored.reason}".strip()
        raise Overtaken(f"order {name} is not held by {code!r} now but is {state}; nothing was stored", name)
    return stored.order.order_id, stored.content_hash


def _check_seen(stored: StoredOrder, seen: Seen) -> None:
    if seen.version not in ("", stored.content_hash):
        name = stored.order.name
        raise Overtaken(f"order {name} was changed in the shop since you looked; nothing was stored, look again", name)


def accept_reading(store: Store, warehouse: str, person: str, reason: str, clock: Clock, seen: Seen) -> Decision:
    """Use the one doubtful stock reading that was seen (its version is its instant); the next is judged again, against
    this one. Answers the decision that counts, and raises, as `lift_hold` does."""
    return _decide_reading(store, warehouse, Verdict.LIFTED, Signed(person, reason), clock, seen)


def refuse_reading(store: Store, warehouse: str, person: str, reason: str, clock: Clock, seen: Seen) -> Decision:
    """Leave the stock sync stopped until a complete reading comes. Answers and raises as `lift_hold` does."""
    return _decide_reading(store, warehouse, Verdict.REFUSED, Signed(person, reason), clock, seen)


def _decide_reading(
    store: Store, warehouse: str, verdict: Verdict, signed: Signed, clock: Clock, seen: Seen
) -> Decision:
    _check(signed)
    with store.transaction(lock=f"stock/{warehouse}") as rows:
        version, doubtful = rows.stock.doubtful(warehouse, seen.version) or ("", False)
        found = rows.people.decide(READING, warehouse, None, verdict, Seen(version, seen.decision_id), signed, clock())
        if not (doubtful or found.late):
            what = f"the stock reading of {warehouse} of {seen.version} is used already, or a newer one is"
            raise Overtaken(f"{what}; nothing was stored", warehouse)
        if verdict is Verdict.LIFTED and not found.late:
            rows.stock.accept_reading(warehouse, version)
            # Nothing of the old doubt is left; a next reading that is doubtful opens a ticket of its own.
            rows.log.reconcile_tickets(stock_tickets(warehouse), [], clock(), settled=[f"stock of {warehouse}"])
            rows.questions.wake("stock", "", clock())
    return found


def correct_order(
    store: Store,
    order: str,
    field: str,
    value: str,
    person: str,
    reason: str,
    clock: Clock,
    seen: Seen = ANYTHING,
) -> None:
    """Tell the warehouse `value` in place of what the shop says in `field`, until the shop says something else there;
    an empty value takes an earlier correction back. What the warehouse has already stays.

    Raises Overtaken when the order is no longer what was `seen`, DataError when this cannot be corrected; nothing was
    stored then."""
    _check(Signed(person, reason))
    with store.transaction(lock=QUANTITIES) as rows:
        stored = _waiting(rows, order)
        _check_seen(stored, seen)
        if value:
            check_correction(stored.order, field, value)
        if value and field == ADOPTS:
            _check_unadopted(rows, stored.order, value)
        correction = Correction(value, person, shop_says(stored.order, field))
        rows.people.correct(stored.order.order_id, field, correction, reason, clock())
        # no value here: it may be personal, and the timeline is shown to everybody
        words = (
            f"{person} {'corrected' if value else 'took back the correction of'} {field} for the warehouse: {reason}"
        )
        rows.log.events([(stored.order.order_id, PERSON, words)], clock())
        rows.questions.wake("order", stored.order.order_id, clock())


def _check_unadopted(rows: Rows, order: SalesOrder, reference: str) -> None:
    """One order there is one order of ours: its shipments must count once."""
    for order_id, name in rows.people.adopted_as(reference).items():
        if order_id != order.order_id:
            what = f"{reference!r} was adopted by order {name}; nothing was stored"
            raise DataError(f"order {order.name}: {what}. Take it back there first", order.name)


def ask_cancel(store: Store, order: str, person: str, reason: str, clock: Clock) -> CancelRequest:
    """Ask that nothing of this order leaves any more. What waits is held from the next run of order_release on, and the
    warehouse is asked to cancel what it has; the goods tell what became of it, and the answer is the request with its
    verdict so far. Of two people the first asks. The shop's order is not touched: it is cancelled there, or the hold
    `cancel_asked` is lifted. Raises DataError when nothing was stored, and says why."""
    _check(Signed(person, reason))
    with store.transaction(lock=QUANTITIES) as rows:
        now = clock()
        request = rows.changes.ask_cancel(order, person, reason, now)
        if request.asked_at == now and request.person == person:
            rows.log.events([(request.order_id, PERSON, f"{person} asked to stop the order: {reason}")], now)
    return request


def _check(signed: Signed) -> None:
    if not signed.person.strip() or not signed.reason.strip():
        raise DataError("a decision needs the name of the person and a reason; nothing was stored")
    if len(signed.reason) > LONGEST_REASON:
        raise DataError(f"a reason has at most {LONGEST_REASON} characters; nothing was stored")


def _waiting(rows: Rows, order: str) -> StoredOrder:
    found = [each for each in rows.orders.waiting() if is_named((order,), each.order.order_id, each.order.name)]
    if len(found) != 1:
        what = "has nothing to decide now" if not found else f"is the number of {len(found)} orders; name one by its id"
        raise DataError(f"order {order!r} {what}; nothing was stored", order)
    return found[0]
