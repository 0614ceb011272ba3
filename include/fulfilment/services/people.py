"""What people decide of single orders: they end a hold, or correct what the warehouse is told.

Each is kept for ever with the person and the reason, and counts from the next run of order_release.
"""

from __future__ import annotations

from include.fulfilment.clock import Clock
from include.fulfilment.domain.correction import check_correction
from include.fulfilment.domain.hold_matters import LIFTABLE
from include.fulfilment.domain.matters import MATTERS
from include.fulfilment.domain.order import is_named
from include.fulfilment.domain.release_case import Lift
from include.fulfilment.errors import DataError
from include.fulfilment.store_port import QUANTITIES, Rows, Store, StoredOrder

PERSON = "person"


def lift_hold(store: Store, order: str, code: str, person: str, reason: str, clock: Clock) -> Lift:
    """End the hold of this code for the order as it stands now; an edit in the shop makes it count again. Of two people
    the first decides: the answer says who that was. Raises DataError when nothing was decided, and says why."""
    _signed(person, reason)
    with store.transaction(lock=QUANTITIES) as rows:
        stored = _waiting(rows, order)
        name = stored.order.name
        if code not in LIFTABLE:
            allowed = ", ".join(sorted(LIFTABLE))
            raise DataError(
                f"order {name}: a hold {code!r} cannot be lifted, only its cause mended; {allowed} can", name
            )
        if stored.reason != code:
            raise DataError(
                f"order {name} is not held by {code!r} now but is {stored.state} {stored.reason}".strip(), name
            )
        before = rows.people.lifts([stored.order.order_id]).get(stored.order.order_id, {})
        lift = before.get(code) or rows.people.lift(stored.order.order_id, code, person, reason, clock())
        if code not in before:
            words = f"{person} lifted the hold “{MATTERS[code].words}”: {reason}"
            rows.log.events([(stored.order.order_id, PERSON, words)], clock())
    return lift


def correct_order(store: Store, order: str, field: str, value: str, person: str, reason: str, clock: Clock) -> None:
    """Tell the warehouse `value` in place of what the shop says in `field`; an empty value takes an earlier correction
    back. What the warehouse has already stays. Raises DataError when nothing was stored, and says why."""
    _signed(person, reason)
    with store.transaction(lock=QUANTITIES) as rows:
        stored = _waiting(rows, order)
        if value:
            check_correction(stored.order, field, value)
        rows.people.correct(stored.order.order_id, field, value, person, reason, clock())
        # no value here: it may be personal, and the timeline is shown to everybody
        words = (
            f"{person} {'corrected' if value else 'took back the correction of'} {field} for the warehouse: {reason}"
        )
        rows.log.events([(stored.order.order_id, PERSON, words)], clock())


def _signed(person: str, reason: str) -> None:
    if not person.strip() or not reason.strip():
        raise DataError("a decision needs the name of the person and a reason; nothing was stored")


def _waiting(rows: Rows, order: str) -> StoredOrder:
    found = [each for each in rows.orders.waiting() if is_named((order,), each.order.order_id, each.order.name)]
    if len(found) != 1:
        what = "has nothing to decide now" if not found else f"is the number of {len(found)} orders; name one by its id"
        raise DataError(f"order {order!r} {what}; nothing was stored", order)
    return found[0]
