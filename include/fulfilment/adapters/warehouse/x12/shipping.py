"""A 945, warehouse shipping advice, as a shipment: what left, in which parcels, and which lines are closed.

The status of a line (W12-01, element 368) decides about its remainder: CP, and CU, IC or DE for what was cancelled,
close it; BP, PR, BO, BK, BM and DS leave it open; CC, CL and CM are complete. A substitute (CS, IS) is no shipment of
what was ordered. The quantity is never derived: unit codes count by what we sent, and anything else is a problem.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from include.fulfilment.adapters.warehouse.x12.orders import SCHEME, SentLine, unit_of
from include.fulfilment.adapters.warehouse.x12.profile import Profile
from include.fulfilment.adapters.warehouse.x12.segments import Message, Segment
from include.fulfilment.errors import DataError
from include.fulfilment.mapping.units import SINGLE, internal_uom
from include.fulfilment.ports import Problem

_CLOSING = frozenset({"CP", "CU", "IC", "DE"})
_OPEN = frozenset({"BP", "PR", "BO", "BK", "BM", "DS"})
_COMPLETE = frozenset({"CC", "CL", "CM"})
_SUBSTITUTES = frozenset({"CS", "IS"})
_MOST_UNITS = 1_000_000_000
_YEARS = range(2000, 2100)  # further away, a date is a slip, and sums with it may be no date at all
_ZONES: Mapping[str, str] = {"UT": "UTC", "GM": "UTC", "Z": "UTC"}


class LineProblem(Exception):
    """A line cannot be used; the text says why."""


@dataclass(slots=True)
class Box:
    """One LX loop: its marks, its carrier, and what is in it (line id to base units)."""

    number: str
    parcel_id: str = ""
    tracking: str = ""
    carrier: str = ""
    inside: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Advice:
    """One 945. `content` is what the journal keeps of it; `problems` are what of it cannot be used."""

    external_ref: str
    shipment_id: str
    replaces: bool
    content: dict[str, Any]
    problems: list[Problem]


def advised(message: Message) -> tuple[str, str]:
    """(our reference, shipment id) that a 945 names in W06-02 and W06-04; the second falls back on the agent's number
    and then on the message's own control number, which begins anew in every interchange, with the reference."""
    head = message.segments[0]
    return head.get(2), head.get(4) or head.get(5) or "-".join(
        each for each in ("945", head.get(2), message.control) if each
    )


def read_advice(message: Message, sent: Mapping[str, SentLine], profile: Profile, sent_at: datetime) -> Advice:
    """What a 945 says of an order whose lines went out as `sent`. `sent_at` is the interchange's own time."""
    ref, shipment_id = advised(message)
    reader = _Reader(sent, profile, f"shipment {shipment_id}")
    for segment in message.segments:
        reader.take(segment)
    reader.end_line()
    dispatched = reader.dispatched_at(message.segments[0].get(3), sent_at)
    units = [units for box in reader.boxes for units in box.inside.values()]
    content = {
        "location": reader.location or profile.location,
        "dispatched_at": dispatched.isoformat(),
        "voided": message.segments[0].get(1) == "R" and not any(units),
        "boxes": [[box.parcel_id, box.carrier or reader.carrier, box.tracking, box.inside] for box in reader.boxes],
        "reference": reader.reference,
        "carrier": reader.carrier,
        "closed": sorted(reader.closed),
    }
    return Advice(ref, shipment_id, message.segments[0].get(1) == "R", content, reader.problems)


def instant(day: str, clock: str, code: str, zone: str) -> datetime:
    """A date CCYYMMDD and time HHMM[SS[DD]] as an aware instant in UTC; `code` (element 623) outweighs the agreed zone.

    Raises:
        LineProblem: it is no date or no time.
    """
    digits = clock.ljust(8, "0")
    try:
        parts = [int(each) for each in (day[:4], day[4:6], day[6:8], digits[:2], digits[2:4], digits[4:6])]
        micro = int(digits[6:8]) * 10_000
        found = datetime(*parts[:3], *parts[3:], micro, tzinfo=ZoneInfo(_ZONES.get(code, zone)))  # type: ignore[misc,arg-type]
    except ValueError as error:
        raise LineProblem(f"{day[:20]!r} {clock[:20]!r} is no date and time") from error
    if found.year not in _YEARS:
        raise LineProblem(f"{day[:20]!r} lies outside {_YEARS.start} to {_YEARS.stop - 1}")
    return found.astimezone(UTC)


def day_bounds(day: str, sent_at: datetime, zone: str) -> tuple[datetime, datetime]:
    """The earliest and latest instant that a date without a time can mean; both are the message's own time where it was
    sent that same day. Raises LineProblem for no date."""
    first, last = instant(day, "0000", "", zone), instant(day, "23595999", "", zone)
    return (sent_at, sent_at) if first <= sent_at <= last else (first, last)


def whole(text: str, what: str) -> int:
    """A count of units. Raises LineProblem for none, for part of a unit, and below zero."""
    if not re.fullmatch(r"\d+\.?\d*|\.\d+", text):
        raise LineProblem(f"{what} is {text[:20]!r}, which is no count of units")
    number = Decimal(text)
    if number != number.to_integral_value():
        raise LineProblem(f"{what} is {number}, which is no whole number of units")
    if number >= _MOST_UNITS:
        raise LineProblem(f"{what} is {text[:20]}, which is more than any warehouse holds")
    return int(number)


def base_units(quantity: int, unit: str, line: SentLine | None, profile: Profile) -> int:
    """Base units of a quantity in the partner's unit. A pack counts only if we sent this very line in it.

    Raises:
        LineProblem: nobody knows how many base units that is.
    """
    if not unit and line is not None and not profile.strict:
        return quantity * line.units
    if line is not None and unit == line.unit:
        return quantity * line.units
    if unit and unit == unit_of(profile, SINGLE):
        return quantity
    try:
        known = internal_uom(SCHEME, unit) if unit else "no unit"
    except DataError as error:
        raise LineProblem(str(error)) from error
    if known == SINGLE:
        return quantity
    ours = f"we sent it in {line.unit!r}" if line else "its factor was never agreed"
    raise LineProblem(f"it counts in {unit or 'no unit'!r}; {ours}, so its base units are not known")


class _Reader:
    """Takes the segments of one 945 in turn."""

    def __init__(self, sent: Mapping[str, SentLine], profile: Profile, subject: str) -> None:
        self._sent, self._profile, self._subject = sent, profile, subject
        self.boxes: list[Box] = []
        self.closed: set[str] = set()
        self.problems: list[Problem] = []
        self.location = self.carrier = self.reference = ""
        self._shipped_on: Segment | None = None
        self._line: Segment | None = None
        self._line_id: str | None = None
        self._counted = 0

    def take(self, segment: Segment) -> None:
        match segment.name:
            case "LX":
                self.end_line()
                self.boxes.append(Box(segment.get(1)))
            case "W12":
                self.end_line()
                self._line = segment
            case "N9" if self._line is not None:
                if segment.get(1) == "LI":
                    self._line_id = segment.get(2)
            case "MAN":
                self._mark(segment)
            case "W27":
                self._carry(segment)
            case _ if not self.boxes:
                self._head(segment)

    def _head(self, segment: Segment) -> None:
        if segment.name == "N1" and segment.get(1) == "WH":
            self.location = segment.get(4) or segment.get(2)
        elif segment.name == "G62" and segment.get(1) == "11":
            self._shipped_on = segment
        elif segment.name == "N9" and segment.get(1) == "CN":
            self.reference = segment.get(2)

    def _mark(self, segment: Segment) -> None:
        """GM is the SSCC on the parcel, CP the carrier's number for it: one segment can hold both."""
        for kind, mark in ((segment.get(1), segment.get(2)), (segment.get(4), segment.get(5))):
            if kind == "GM" and self.boxes:
                self.boxes[-1].parcel_id = mark
            elif kind == "CP" and self.boxes:
                self.boxes[-1].tracking = mark

    def _carry(self, segment: Segment) -> None:
        scac = segment.get(2)
        carrier = self._profile.carriers.get(scac) or segment.get(3) or scac
        if self._line is not None and self.boxes:
            self.boxes[-1].carrier = carrier
        else:
            self.carrier = carrier

    def end_line(self) -> None:
        """Judge the line that just ended, now that its references are known."""
        segment, line_id, self._line, self._line_id = self._line, self._line_id, None, None
        if segment is None:
            return
        self._counted += 1
        try:
            self._count(segment, self._match(segment, line_id))
        except LineProblem as problem:
            name = line_id or f"{self._counted} of the message"
            self.problems.append(Problem(f"{self._subject} line {name}", f"945 W12: {problem}"))

    def _match(self, segment: Segment, line_id: str | None) -> str:
        if segment.get(1) in _SUBSTITUTES:
            raise LineProblem(f"status {segment.get(1)}: another product left in place of the one ordered")
        told = self._told_skus(segment)
        if line_id is not None:
            if line_id not in self._sent:
                raise LineProblem(f"N9*LI names line {line_id[:30]!r}, which the order does not have")
            if told and self._sent[line_id].sku not in told:
                raise LineProblem(f"another product than ordered: {', '.join(sorted(told))[:60]!r}")
            return line_id
        found = [key for key, line in self._sent.items() if line.sku in told]
        if len(found) != 1:
            raise LineProblem(f"no line number, and its product is on {len(found)} lines of the order")
        return found[0]

    def _told_skus(self, segment: Segment) -> set[str]:
        given = {segment.get(7): segment.get(8)}
        return {given[kind] for kind in self._profile.product_ids if given.get(kind)}

    def _count(self, segment: Segment, line_id: str) -> None:
        status = segment.get(1)
        line = self._sent[line_id]
        if status in _CLOSING:
            self.closed.add(line_id)
        shipped = 0 if status in _CLOSING | _OPEN and not segment.get(3) else whole(segment.get(3), "W1203")
        units = base_units(shipped, segment.get(5), line, self._profile) if shipped else 0
        if not self.boxes:
            self.boxes.append(Box(""))
        inside = self.boxes[-1].inside
        inside[line_id] = inside.get(line_id, 0) + units
        if status not in _CLOSING | _OPEN | _COMPLETE:
            raise LineProblem(
                f"status {status[:4]!r} is not known; {units} base units are counted, the rest stays open"
            )

    def dispatched_at(self, head_date: str, sent_at: datetime) -> datetime:
        """When the goods left. A date without a time is the message's own time if it was sent that day, and else the
        end of that day: a figure of stock of that day must not be taken to be without them already."""
        told = self._shipped_on
        day = (told.get(2) if told else "") or head_date
        try:
            if told is not None and told.get(4):
                return instant(day, told.get(4), told.get(5), self._profile.zone)
            return day_bounds(day, sent_at, self._profile.zone)[1]
        except LineProblem as problem:
            self.problems.append(Problem(f"{self._subject} date", f"945: {problem}; the message's own time is taken"))
            return sent_at
