"""How an order that a warehouse holds is cancelled or amended there, whatever the dialect: looked at first, asked for
once, read back, and only what was read back is believed.

A dialect gives `find` and the calls. What those answer is None where the warehouse said yes, or its refusal. A call
that got no clear answer raises UnknownOutcome; after it the read back decides, or nobody knows and it is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from include.fulfilment.adapters.transport import RemoteRefusal, UnknownOutcome
from include.fulfilment.domain.warehouse_order import WarehouseOrder, is_our_reference
from include.fulfilment.errors import DataError, RetryableError
from include.fulfilment.ports import (
    Absent,
    AmendAnswer,
    Amended,
    CancelAnswer,
    Cancelled,
    FindAnswer,
    OtherOrder,
    Pending,
    Rejected,
    TooLate,
    Unknown,
    WarehouseRecord,
    WarehouseStatus,
    differences,
)

BEGUN = frozenset(
    {
        WarehouseStatus.PICKING,
        WarehouseStatus.PACKED,
        WarehouseStatus.PARTIALLY_SHIPPED,
        WarehouseStatus.SHIPPED,
    }
)
"""Somebody works on the order or has sent (some of) it: it is neither cancelled nor amended any more."""
Find = Callable[[Sequence[str]], Mapping[str, FindAnswer]]
Others = Callable[[Sequence[str]], Mapping[str, OtherOrder]]
Refusal = TooLate | Rejected
_HELD_TWICE = "held_twice"
_CANCELLED = "cancelled"


def also_by_number(find: Find, others: Others) -> Find:
    """`find` that also finds what another route brought, which may keep the number elsewhere than we keep ours: an
    adopted order that is not found would be taken for one that is gone, while its goods leave."""

    def found(refs: Sequence[str]) -> Mapping[str, FindAnswer]:
        ours = [ref for ref in refs if is_our_reference(ref)]
        held = others([ref for ref in refs if ref not in ours])
        answers: dict[str, FindAnswer] = dict(find(ours)) if ours else {}
        return answers | {ref: _brought(held.get(ref)) for ref in refs if ref not in ours}

    return found


def _brought(other: OtherOrder | None) -> FindAnswer:
    if other is None:
        return Absent()
    if other.status is WarehouseStatus.UNRECOGNISED and other.problems:
        return Unknown(other.problems[0].words)
    texts = (other.raw_status, other.po_number, other.instructions)
    return WarehouseRecord(other.reference, other.wms_id, other.status, *texts, lines=other.units)


def cancel_held(find: Find, ref: str, ask: Callable[[WarehouseRecord], Refusal | None]) -> CancelAnswer:
    """Cancel what is held under `ref`; `ask` makes the one call that does it."""
    held = find([ref])[ref]
    if not isinstance(held, WarehouseRecord):
        return held
    if refusal := _doubled(held):
        return refusal
    if held.status is WarehouseStatus.CANCELLED:
        return Cancelled()
    if held.status in BEGUN:
        return TooLate(held.raw_status)
    try:
        refused, doubt = ask(held), ""
    except UnknownOutcome as unclear:
        refused, doubt = None, str(unclear)
    now = _again(find, ref)
    if isinstance(now, WarehouseRecord) and now.status is WarehouseStatus.CANCELLED:
        return Cancelled()
    if not isinstance(now, WarehouseRecord):
        return Unknown(doubt or now.reason)
    if refused and now.status in BEGUN:
        return TooLate(now.raw_status)
    return refused or Unknown(doubt or f"the warehouse said yes and still holds {ref} as {now.raw_status}")


def amend_held(find: Find, order: WarehouseOrder, change: Callable[[WarehouseRecord], Refusal | None]) -> AmendAnswer:
    """Make what is held under the order's reference like `order`; `change` makes the calls, and makes none where it
    refuses at once. Where it was refused half way, the answer is Unknown: part of the order may be changed."""
    ref = order.external_ref
    held = find([ref])[ref]
    if not isinstance(held, WarehouseRecord):
        return held
    if refusal := _unchangeable(held):
        return refusal
    try:
        refused, doubt = change(held), ""
    except (UnknownOutcome, RetryableError) as unclear:
        refused, doubt = None, str(unclear)
    now = _again(find, ref)
    if not isinstance(now, WarehouseRecord):
        return Unknown(doubt or now.reason)
    if doubt:
        return Unknown(doubt)
    if not refused:
        left = ", ".join(differences(order, now))
        return Unknown(f"the warehouse said yes and holds {ref} otherwise: {left}") if left else Amended()
    if _content(now) != _content(held):
        return Unknown(f"the warehouse changed a part of {ref} and refused the rest: {_words(refused)}")
    return TooLate(now.raw_status) if now.status in BEGUN else refused


def refused_with(words: str, field: str = "") -> Rejected:
    """The warehouse's own words for a refusal that is no matter of time."""
    return Rejected("refused_by_warehouse", words or "the warehouse refused without saying why", field)


def _unchangeable(held: WarehouseRecord) -> Refusal | None:
    if held.status is WarehouseStatus.CANCELLED:
        return Rejected(_CANCELLED, f"{held.external_ref} is cancelled in the warehouse; send a new order")
    return TooLate(held.raw_status) if held.status in BEGUN else _doubled(held)


def _doubled(held: WarehouseRecord) -> Rejected | None:
    if not held.duplicates:
        return None
    words = f"{held.external_ref} is held {len(held.duplicates) + 1} times; settle that in the warehouse first"
    return Rejected(_HELD_TWICE, words)


def _again(find: Find, ref: str) -> WarehouseRecord | Unknown:
    """What is held after the calls. Whatever goes wrong now, the calls were made: the answer is that nobody knows."""
    try:
        found = find([ref])[ref]
    except (RetryableError, RemoteRefusal, DataError) as error:
        return Unknown(f"it was asked for, and what is held was not to be read: {error}")
    match found:
        case WarehouseRecord() | Unknown():
            return found
        case Absent():
            return Unknown(f"it was asked for, and {ref} is not found any more")
        case Pending() | Rejected():
            return Unknown(_words(found))


def _words(refusal: Refusal | Pending) -> str:
    return refusal.message if isinstance(refusal, Rejected) else refusal.reason


def _content(held: WarehouseRecord) -> tuple[object, ...]:
    return (held.po_number, held.instructions, dict(held.lines))
