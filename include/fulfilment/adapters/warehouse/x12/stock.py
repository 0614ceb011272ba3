"""What an 846 (inventory advice), a 944 (receipt advice) and a 947 (adjustment advice) say of the stock.

An 846 is a complete statement of one location at one instant. Receipts and adjustments are differences; those later
than the 846 are added to it. A date without a time can mean any instant of that day: then an increase counts only if
even its earliest is later than the 846, a decrease if only its latest is, so that no unit is promised twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from include.fulfilment.adapters.warehouse.x12.profile import Profile
from include.fulfilment.adapters.warehouse.x12.segments import Message, Segment
from include.fulfilment.adapters.warehouse.x12.shipping import LineProblem, base_units, day_bounds, instant, whole
from include.fulfilment.errors import DataError
from include.fulfilment.ports import Problem, StockLevel, StockSnapshot

_COMPLETE = frozenset({"00", "05"})  # BIA01: original, replace
Problems = list[list[str]]  # subject and words, as the journal keeps them


def read_inventory(message: Message, profile: Profile, sent_at: datetime) -> dict[str, Any]:
    """The statement of an 846, for the journal: instant, units by location and SKU, and what of it cannot be used.

    Raises:
        LineProblem: it is no complete statement, or its instant is missing; none of it can be used.
    """
    head = message.segments[0]
    if head.get(1) not in _COMPLETE:
        raise LineProblem(f"846 BIA01: purpose {head.get(1)!r} is no complete statement of stock (00 or 05)")
    levels: dict[str, dict[str, int]] = {}
    problems: Problems = []
    location = _location(message, profile, "LIN")
    levels[location] = {}
    unusable: set[tuple[str, str]] = set()
    for item in _items(message, "LIN"):
        place = next((each.get(4) or each.get(2) for each in item if _names_place(each)), location)
        sku = _add_level(levels.setdefault(place, {}), item, profile, problems)
        unusable |= {(place, sku)} if sku else set()
    for place, sku in unusable:  # a part of a sum is no figure
        levels[place].pop(sku, None)
    as_of = _stated_at(message, profile, sent_at)
    return {"as_of": as_of.isoformat(), "levels": levels, "problems": problems}


def read_movement(message: Message, profile: Profile, sent_at: datetime) -> dict[str, Any]:
    """The differences of a 944 or a 947, for the journal: units by SKU, below zero for what is gone.

    Raises:
        LineProblem: its date cannot be read; none of it can be used.
    """
    head = message.segments[0]
    receipt = message.code == "944"
    first, last = day_bounds(head.get(2 if receipt else 1), sent_at, profile.zone)
    units: Counter[str] = Counter()
    problems: Problems = []
    for segment in message.segments:
        if segment.name != ("W07" if receipt else "W19"):
            continue
        number, unit, ids = (1, 2, 4) if receipt else (2, 3, 5)
        try:
            sku = _sku(segment, ids, profile)
            told = segment.get(number)
            units[sku] += _count(told, unit=segment.get(unit), profile=profile, what=f"{segment.name}{number:02d}")
        except LineProblem as problem:
            problems.append([f"stock, {message.code} {movement_id(message)}", f"{segment.name}: {problem}"])
    return {
        "earliest": first.isoformat(),
        "latest": last.isoformat(),
        "location": _location(message, profile, "W07" if receipt else "W19"),
        "units": dict(units),
        "problems": problems,
    }


def movement_id(message: Message) -> str:
    """The warehouse's own number of a receipt (W17-03) or an adjustment (W15-02); else the message's control number."""
    head = message.segments[0]
    return head.get(3 if message.code == "944" else 2) or message.control


def snapshot(statements: Iterable[Mapping[str, Any]], movements: Iterable[Mapping[str, Any]]) -> StockSnapshot:
    """The stock by the newest statement of each location and all later differences.

    `as_of` is the oldest of these statements' instants, because that is what the figures surely contain. What is known
    beyond it makes a reading of its own, by microseconds: one for each difference, and one for each second by which
    another location's statement is newer; else a statement of one location would pass for the reading before it.

    Raises:
        DataError: there is no statement at all.
    """
    newest: dict[str, Mapping[str, Any]] = {}
    for each in sorted(statements, key=lambda each: datetime.fromisoformat(each["as_of"])):
        newest.update(dict.fromkeys(each["levels"], each))
    if not newest:
        raise DataError("x12: the warehouse has sent no 846 yet; ask it for a complete statement of stock", "stock")
    figures = {place: Counter(each["levels"][place]) for place, each in newest.items()}
    problems = {Problem(*found): None for each in newest.values() for found in each["problems"]}
    added = 0
    for move in movements:
        place = move["location"]
        if place not in newest:
            continue
        as_of = datetime.fromisoformat(newest[place]["as_of"])
        gained = datetime.fromisoformat(move["earliest"]) > as_of
        lost = datetime.fromisoformat(move["latest"]) > as_of
        figures[place].update({sku: n for sku, n in move["units"].items() if (n > 0 and gained) or (n < 0 and lost)})
        added += gained or lost
        problems |= {Problem(*found): None for found in move["problems"] if lost}
    instants = [datetime.fromisoformat(each["as_of"]) for each in newest.values()]
    oldest = min(instants)
    newer = sum(int((each - oldest).total_seconds()) for each in instants)
    levels = [StockLevel(sku, place, n) for place, units in figures.items() for sku, n in units.items()]
    return StockSnapshot(oldest + timedelta(microseconds=added + newer), tuple(levels), tuple(problems))


def _stated_at(message: Message, profile: Profile, sent_at: datetime) -> datetime:
    head = message.segments[0]
    day, clock, code = head.get(4), head.get(5), ""
    if profile.stock_instant != "BIA":
        told = next((s for s in message.segments if s.name == "DTM" and s.get(1) == profile.stock_instant), None)
        if told is None:
            raise LineProblem(
                f"846: no DTM*{profile.stock_instant}, which was agreed to say when the stock was counted"
            )
        day, clock, code = told.get(2), told.get(3), told.get(4)
    if clock:
        return instant(day, clock, code, profile.zone)
    return day_bounds(day, sent_at, profile.zone)[0]


def _items(message: Message, start: str) -> list[list[Segment]]:
    items: list[list[Segment]] = []
    for segment in message.segments:
        if segment.name == start:
            items.append([])
        if items:
            items[-1].append(segment)
    return items


def _names_place(segment: Segment) -> bool:
    return segment.name == "N1" and segment.get(1) == "WH"


def _location(message: Message, profile: Profile, until: str) -> str:
    for segment in message.segments:
        if segment.name == until:
            break
        if _names_place(segment):
            return segment.get(4) or segment.get(2) or profile.location
    return profile.location


def _add_level(levels: dict[str, int], item: list[Segment], profile: Profile, problems: Problems) -> str:
    """One item's figure; an item that stands several times (once per lot, say) adds up. Answers the SKU where its
    figure cannot be used."""
    name, sku = item[0].get(3)[:40], ""
    try:
        name = sku = _sku(item[0], 2, profile)
        levels[sku] = levels.get(sku, 0) + _figure(item, profile)
    except LineProblem as problem:
        problems.append([f"stock of {name}", f"846 LIN: {problem}"])
        return sku
    return ""


def _figure(item: list[Segment], profile: Profile) -> int:
    found = [n for n, each in enumerate(item) if each.name == "QTY" and each.get(1) == profile.stock_quantity]
    if len(found) != 1:
        raise LineProblem(f"{len(found)} quantities with the qualifier {profile.stock_quantity}; one is needed")
    quantity = item[found[0]]
    after = item[found[0] + 1] if found[0] + 1 < len(item) else None
    unit = quantity.get(3) or (after.get(1) if after is not None and after.name == "UIT" else "")
    return _count(quantity.get(2), unit=unit, profile=profile, what="QTY02")


def _count(text: str, *, unit: str, profile: Profile, what: str) -> int:
    """Base units of a figure or a difference; below zero where more left than was there, which is the warehouse's word
    and no fault of the message."""
    number = whole(text.removeprefix("-"), what)
    units = number if not unit and not profile.strict else base_units(number, unit, None, profile)
    return -units if text.startswith("-") else units


def _sku(segment: Segment, first: int, profile: Profile) -> str:
    """The product under the agreed qualifiers; they stand in pairs from element `first` on."""
    given = {segment.get(n): segment.get(n + 1) for n in range(first, len(segment.elements) + 1, 2)}
    found = next((given[kind] for kind in profile.product_ids if given.get(kind)), "")
    if not found:
        raise LineProblem(f"no product under {', '.join(profile.product_ids)}")
    return found
