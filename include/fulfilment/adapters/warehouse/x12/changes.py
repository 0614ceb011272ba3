"""An order is cancelled (W05-01 F) or changed (W05-01 R) by another 940, and the answer comes by message.

A 997 that accepts a change is what it is for an order: the warehouse has it so. A cancel is more than that: only the
945 that closes the order's lines as cancelled says that nothing leaves, and one that ships them that it came too late.
A 997 that refuses either at W05-01, the kind of the order, or without a place, says that the warehouse does not do this
to it any more; at any other place, that it could not use the message. Nothing changed then. The standard has no other
answer to either; after the silence that was agreed nobody knows, and a person asks.

A cancel is written once and never again. A change that follows another waits until that one is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from include.fulfilment.adapters.warehouse.changing import BEGUN, Refusal
from include.fulfilment.adapters.warehouse.x12.compose import Unsendable
from include.fulfilment.adapters.warehouse.x12.inbox import next_numbers
from include.fulfilment.adapters.warehouse.x12.memory import Memory, sent_lines_of
from include.fulfilment.adapters.warehouse.x12.orders import cancel_segments, field_of, order_segments, sent_lines
from include.fulfilment.adapters.warehouse.x12.outbox import Kept, Outbox, refusal_words
from include.fulfilment.adapters.warehouse.x12.profile import Profile
from include.fulfilment.clock import Clock
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import DataError
from include.fulfilment.ports import (
    Absent,
    AmendAnswer,
    Amended,
    CancelAnswer,
    Cancelled,
    FindAnswer,
    Pending,
    Rejected,
    TooLate,
    Unknown,
    WarehouseRecord,
    WarehouseStatus,
)

_CANCEL, _CHANGE = "cancel", "change"
_KIND_OF_ORDER = "W0501"
Find = Callable[[Sequence[str]], Mapping[str, FindAnswer]]


class X12Changes:
    """Cancels and changes the orders of one partner."""

    def __init__(
        self,
        outbox: Outbox,
        memory: Memory,
        profile: Profile,
        clock: Clock,
        line_unit: Literal["base", "pack"],
        find: Find,
    ) -> None:
        self._outbox, self._memory, self._profile, self._clock = outbox, memory, profile, clock
        self._line_unit, self._find = line_unit, find
        self._journal = memory.journal

    def cancel(self, ref: str) -> CancelAnswer:
        """Ask for the cancel once, and answer what became of it."""
        held = self._held(ref)
        if not isinstance(held, WarehouseRecord):
            return held
        if held.status is WarehouseStatus.CANCELLED:
            return Cancelled()
        return self._standing(_CANCEL, ref, self._kept(_CANCEL, ref) or self._new_cancel(ref, held))

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        """Ask for the change once, and answer what became of it."""
        ref, wanted = order.external_ref, order.content_hash()
        held = self._held(ref)
        if not isinstance(held, WarehouseRecord):
            return held
        if held.status is WarehouseStatus.CANCELLED:
            return Rejected("cancelled", f"{ref} is cancelled in the warehouse; send a new order")
        if in_the_way := self._unanswered(_CANCEL, ref):
            return in_the_way
        if self._journal.get("order", [ref])[ref].get("content") == wanted:
            return Amended()
        kept = self._kept(_CHANGE, ref)
        if kept is not None and kept["content"] == wanted:
            return self._standing(_CHANGE, ref, kept)
        before = self._unanswered(_CHANGE, ref)
        new = before if isinstance(before, Pending) else self._new_change(order)
        return new if isinstance(new, Pending | Rejected) else self._standing(_CHANGE, ref, new)

    def _held(self, ref: str) -> WarehouseRecord | Absent | TooLate | Pending | Unknown:
        """The order, if it is one that can be cancelled or changed."""
        held = self._find([ref])[ref]
        if isinstance(held, Rejected):
            return Absent()  # a 997 refused the order itself
        if isinstance(held, WarehouseRecord) and held.status in BEGUN:
            return TooLate(f"{held.raw_status}: {held.status}")
        return held

    def _kept(self, kind: str, ref: str) -> Kept | None:
        return self._journal.get(kind, [ref]).get(ref)

    def _unanswered(self, kind: str, ref: str) -> Pending | Unknown | None:
        """What still waits for the warehouse's word, or is in doubt."""
        kept = self._kept(kind, ref)
        if kept is None or (kind == _CHANGE and self._outbox.accepted(kept)):
            return None
        answer = self._standing(kind, ref, kept)
        return answer if isinstance(answer, Pending | Unknown) else None

    def _new_cancel(self, ref: str, held: WarehouseRecord) -> Kept:
        lines = sent_lines_of(self._journal.get("order", [ref])[ref])
        segments = cancel_segments(ref, held.po_number, lines, self._profile)
        content = self._outbox.composed(segments, next_numbers(self._memory))
        if self._journal.add(_CANCEL, ref, content, self._clock()):
            return content
        return self._journal.get(_CANCEL, [ref])[ref]  # another worker kept it first

    def _new_change(self, order: WarehouseOrder) -> Kept | Rejected:
        try:
            lines = sent_lines(order, self._profile, self._line_unit)
            segments = order_segments(order, lines, self._profile, "R")
            message = self._outbox.composed(segments, next_numbers(self._memory))
        except Unsendable as unsendable:
            name = field_of(unsendable.fault.place)
            return Rejected("x12_element", f"{name} cannot be written in the 940: {unsendable}", name)
        except DataError as error:
            return Rejected("x12_unit", str(error), field_of("W0102"))
        content = {
            **message,
            "po_number": order.po_number,
            "instructions": order.instructions,
            "lines": {line_id: line.to_json() for line_id, line in lines.items()},
            "content": order.content_hash(),
        }
        self._memory.record_change(order.external_ref, content, self._clock())
        return content

    def _standing(self, kind: str, ref: str, kept: Kept) -> Pending | Unknown | Refusal:
        """What a cancel or a change that is not carried out yet has come to, as far as we were told."""
        verdict = self._outbox.verdicts(kept)[0]
        if verdict is not None and not self._outbox.accepted(kept):
            words = refusal_words(kept, verdict)
            late = verdict["place"] in ("", _KIND_OF_ORDER)
            return TooLate(words) if late else Rejected("x12_997", words, field_of(verdict["place"]))
        if not kept["written_at"]:
            return self._outbox.post(kind, ref, kept)
        due = self._outbox.due(datetime.fromisoformat(kept["written_at"]))
        what = "cancel (945)" if kind == _CANCEL else "change (997)"
        if self._clock() <= due:
            return Pending(f"{kept['file']} is written; what became of the {what} is due by {due:%Y-%m-%d %H:%M} UTC")
        words = f"nothing was heard of the {what} in {kept['file']} by {due:%Y-%m-%d %H:%M} UTC"
        return Unknown(f"{words}; ask the warehouse what it does with the order {ref}")
