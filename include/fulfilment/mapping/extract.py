"""A site's declared places, looked through for each detail of an order: the first place that has something wins, and
what the other places say is kept beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from include.fulfilment.domain.details import COMPARED, NO_DETAILS, TEXTS, Details, Found
from include.fulfilment.mapping.places import NotePattern, Place, PlaceKind, Places, RawFields
from include.fulfilment.mapping.text import shown

DATES: Mapping[str, str] = {
    "requested_on": "requested date",
    "not_before_on": "not-before date",
    "cancel_after_on": "cancel-after date",
}
_MOST_ELSEWHERE, _LONGEST = 5, 200


def _labelled(label: str, kinds: Sequence[PlaceKind]) -> tuple[Place, ...]:
    names = {PlaceKind.NOTE_PATTERN: f"{label}: {{value}}"}
    return tuple(Place(kind, names.get(kind, label)) for kind in kinds)


_LABEL_KINDS = (PlaceKind.NOTE_PATTERN, PlaceKind.NOTE_ATTRIBUTE, PlaceKind.CUSTOM_FIELD)
DEFAULT_PLACES: Mapping[str, tuple[Place, ...]] = {
    "po_number": (
        Place(PlaceKind.SHOP_FIELD, "po_number"),
        Place(PlaceKind.NOTE_PATTERN, "PO: {value}"),
        *_labelled("PO number", _LABEL_KINDS),
    ),
    "instructions": (*_labelled("Delivery instructions", _LABEL_KINDS), Place(PlaceKind.NOTE_REST)),
    "requested_on": _labelled("Requested delivery date", _LABEL_KINDS),
    "not_before_on": _labelled("Not before", _LABEL_KINDS),
    "cancel_after_on": _labelled("Cancel after", _LABEL_KINDS),
}
"""Where a site that says nothing keeps its details."""


_UNREAD = "cannot be read; write it as"


@dataclass(frozen=True, slots=True)
class MappingRules:
    """The rules of one site: the places of each detail in their order, and the forms of a date as strptime patterns,
    tried in turn; none is guessed. Raises ConfigError for a note pattern that cannot be one."""

    places: Mapping[str, tuple[Place, ...]] = field(default_factory=lambda: DEFAULT_PLACES)
    date_formats: tuple[str, ...] = ("%Y-%m-%d",)
    patterns: tuple[NotePattern, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        named = {place.name for place in self.every(PlaceKind.NOTE_PATTERN)}
        object.__setattr__(self, "patterns", tuple(map(NotePattern, sorted(named))))

    def every(self, kind: PlaceKind) -> list[Place]:
        """The places of this kind, whatever they are for, each once."""
        return list(dict.fromkeys(each for places in self.places.values() for each in places if each.kind is kind))


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was found of one order; `problems` says in words what was there and could not be read."""

    po_number: str
    instructions: str
    requested_on: date | None
    not_before_on: date | None = None
    cancel_after_on: date | None = None
    details: Details = NO_DETAILS
    problems: tuple[str, ...] = ()

    def of_the_order(self) -> dict[str, Any]:
        """What was found, by the fields of a sales order."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "problems"}


def extract_details(rules: MappingRules, raw: RawFields) -> Extracted:
    """PO number, instructions, dates and trade details of one order. A date that cannot be read is a problem, not None
    alone: shipping on the wrong day is worse than asking."""
    places = Places(raw, rules.patterns)
    texts: dict[str, str] = {}
    found: list[Found] = []
    for name, declared in rules.places.items():
        sightings = [(place, text) for place in declared for text in places.find(place)]
        if sightings:
            texts[name] = sightings[0][1]
            found.append(_found(name, sightings, rules.date_formats))
    days = {name: _date(texts.get(name, ""), rules.date_formats) for name in DATES}
    problems = tuple(
        f"the {words} {shown(texts[name], 40)} {_UNREAD} {_example(rules.date_formats)}"
        for name, words in DATES.items()
        if name in texts and days[name] is None
    )
    kept = {name: texts[name] for name in TEXTS if name in texts}
    return Extracted(
        po_number=texts.get("po_number", ""),
        instructions=texts.get("instructions", ""),
        **days,
        details=Details(**kept, found=tuple(found)),
        problems=problems,
    )


def is_of_mapping(problem: str) -> bool:
    """Whether an order's problem is that of a date which its mapping could not read."""
    return problem.startswith("the ") and _UNREAD in problem


def _found(name: str, sightings: Sequence[tuple[Place, str]], formats: Sequence[str]) -> Found:
    (place, _), *others = sightings
    compared = name in COMPARED
    elsewhere = tuple((str(where), text[:_LONGEST] if compared else "") for where, text in others)
    means = {_meaning(name, text, formats) for _, text in sightings}
    return Found(name, str(place), elsewhere[:_MOST_ELSEWHERE], differs=compared and len(means) > 1)


def _meaning(name: str, text: str, formats: Sequence[str]) -> object:
    """What two spellings of one thing have in common."""
    day = _date(text, formats) if name in DATES else None
    return day or " ".join(text.split()).casefold()


def _date(text: str, formats: Sequence[str]) -> date | None:
    for pattern in formats if text else ():
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007  a calendar day has no zone
        except ValueError:
            continue
    return None


def _example(formats: Sequence[str]) -> str:
    return " or ".join(date(2026, 11, 26).strftime(pattern) for pattern in formats)
