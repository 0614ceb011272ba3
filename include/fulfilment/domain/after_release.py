"""What is to be done about an order in the warehouse that the shop changed since, or that is to be stopped: pure.

Each warehouse order of it is amended where the warehouse can and nothing is picked; else cancelled, so that its units
are decided anew once the warehouse confirmed that; else a person must agree with the warehouse.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from include.fulfilment.domain.order import SalesOrder
from include.fulfilment.domain.preflight import LABELS, Target
from include.fulfilment.domain.telling import told_fields
from include.fulfilment.domain.warehouse_order import Change, WarehouseOrder, WarehouseOrderState


@dataclass(frozen=True, slots=True)
class SentLine:
    """Base units of one line that the warehouse order stands for, that left, and that were closed short."""

    units: int
    shipped: int = 0
    short: int = 0

    @property
    def open(self) -> int:
        return max(0, self.units - self.shipped - self.short)


@dataclass(frozen=True, slots=True)
class SentOrder:
    """A warehouse order as it stands in the warehouse of that code. `asked` is the change under way, of which it is the
    number `changes`; `refused` the last act that the warehouse would not do, for the wish of that digest, in its words.
    `picked`: goods of it are known to be picked or gone."""

    order: WarehouseOrder
    warehouse: str
    state: WarehouseOrderState
    lines: Mapping[str, SentLine]
    picked: bool = False
    asked: str = ""
    changes: int = 0
    refused: str = ""
    refused_wish: str = ""
    refusal: str = ""

    @property
    def open(self) -> int:
        return sum(line.open for line in self.lines.values())


@dataclass(frozen=True, slots=True)
class Wish:
    """What the shop wants now. `units`: base units by line, where they are known; `stop`: why nothing may leave;
    `unfit`: why the order cannot be told as it is; `doubtful`: lines whose quantity is not proven, with the code."""

    order: SalesOrder
    units: Mapping[str, int]
    stop: str = ""
    unfit: str = ""
    doubtful: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holder:
    """A warehouse that holds orders of ours: how an order meets it, and what it does when asked."""

    target: Target
    amend: bool
    cancel: bool


class Move(StrEnum):
    """What to do about one warehouse order."""

    KEEP = "keep"
    WAIT = "wait"
    AMEND = "amend"
    CANCEL = "cancel"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Plan:
    """The move, what differs in words without personal data, why a person must act, and what is to be told."""

    sent: SentOrder
    move: Move
    differences: tuple[str, ...] = ()
    because: str = ""
    target: WarehouseOrder | None = None
    wish: str = ""


def plan_changes(sent: Sequence[SentOrder], wish: Wish, holders: Mapping[str, Holder]) -> list[Plan]:
    """One plan for each warehouse order that its warehouse may still work on."""
    cuts = _cuts(sent, wish.units)
    live = [each for each in sent if each.state is not WarehouseOrderState.CANCELLED]
    return [_plan(each, cuts, wish, holders[each.warehouse]) for each in live]


def too_many(sent: Sequence[SentOrder], units: Mapping[str, int]) -> dict[str, int]:
    """Base units per line that left or are still to leave beyond what the shop wants now. What left of an order beyond
    its own quantity is no matter of an edit, unless its cancel was confirmed."""
    found = {}
    for line_id, wanted in units.items():
        lines = [(each, each.lines[line_id]) for each in sent if line_id in each.lines]
        more = sum(line.open for _, line in lines) + sum(_gone(*each) for each in lines) - wanted
        if more > 0 and lines:
            found[line_id] = more
    return found


def _gone(sent: SentOrder, line: SentLine) -> int:
    return line.shipped if sent.state is WarehouseOrderState.CANCELLED else min(line.shipped, line.units)


def _cuts(sent: Sequence[SentOrder], units: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """Base units to take off, by reference and line: from what is not picked first, the newest before the oldest."""
    cuts: dict[tuple[str, str], int] = {}
    live = [each for each in sent if each.state is not WarehouseOrderState.CANCELLED]
    live.sort(key=lambda each: (each.picked, -each.order.part))
    for line_id, more in too_many(sent, units).items():
        left = more
        for each in live:
            take = min(left, each.lines[line_id].open) if line_id in each.lines else 0
            if take:
                cuts[each.order.external_ref, line_id] = take
                left -= take
    return cuts


def _plan(sent: SentOrder, cuts: Mapping[tuple[str, str], int], wish: Wish, holder: Holder) -> Plan:
    if not sent.open:
        return Plan(sent, Move.KEEP)
    own = {line_id: units for (ref, line_id), units in cuts.items() if ref == sent.order.external_ref}
    target = None if wish.stop else _target(sent, own, wish, holder.target)
    found = (wish.stop,) if wish.stop else _differences(sent.order, target, own)
    if not found:
        return Plan(sent, Move.KEEP)
    digest = _digest(target, wish.stop)
    if sent.asked or sent.state is WarehouseOrderState.QUEUED:
        return Plan(sent, Move.WAIT, found, target=target, wish=digest)
    move, because = _move(sent, target, own, wish, holder, digest)
    return Plan(sent, move, found, because, target, digest)


def _move(
    sent: SentOrder, target: WarehouseOrder | None, own: Mapping[str, int], wish: Wish, holder: Holder, digest: str
) -> tuple[Move, str]:
    if not wish.stop:
        unproven = next((code for line_id, code in wish.doubtful.items() if line_id in own), "")
        unfit = unproven or (wish.unfit if target else "")
        if unfit:
            return Move.PERSON, f"it cannot be told to the warehouse as it is: {unfit}"
        if sent.picked:
            return Move.PERSON, "the warehouse has picked it, or a part of it left"
    acts = [Move.AMEND] if holder.amend and target is not None else []
    acts += [Move.CANCEL] if holder.cancel else []
    if sent.refused and sent.refused_wish == digest:
        acts = [] if sent.refused == Change.CANCEL else [each for each in acts if each is Move.CANCEL]
        if not acts:
            return Move.PERSON, f"the warehouse would not: {sent.refusal}"
    return (acts[0], "") if acts else (Move.PERSON, "this warehouse changes no orders that it holds")


def _target(sent: SentOrder, own: Mapping[str, int], wish: Wish, at: Target) -> WarehouseOrder | None:
    """The warehouse order as the shop wants it now; None where nothing of it is wanted."""
    order = sent.order
    lines = [
        replace(line, base_quantity=sent.lines[line.line_id].units - own.get(line.line_id, 0))
        for line in order.lines
        if line.line_id in sent.lines
    ]
    kept = tuple(line for line in lines if line.base_quantity)
    if not kept:
        return None
    told = told_fields(wish.order, kept, wish.units, at)
    return replace(order, revision=order.revision + 1, lines=kept, **told)


_TOLD = {
    "po_number": "PO number",
    "instructions": "instructions",
    "requested_on": "requested date",
    "shipping_service": "shipping service",
    "ship_to": "delivery address",
    **{name: words for name, words in LABELS.items() if name not in ("po_number", "instructions", "requested_on")},
}


def _differences(told: WarehouseOrder, target: WarehouseOrder | None, own: Mapping[str, int]) -> tuple[str, ...]:
    lines = [f"line {line_id}: {units} EA fewer" for line_id, units in own.items()]
    if target is None:
        return tuple(lines)
    heads = [words for name, words in _TOLD.items() if getattr(told, name) != getattr(target, name)]
    return (*lines, *heads)


def _digest(target: WarehouseOrder | None, stop: str) -> str:
    content = [stop, target.to_json() if target else None]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
