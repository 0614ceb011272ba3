"""Where a site's orders carry their PO number, delivery instructions and requested date: by declared rules.

SparkLayer has no fixed key for these: the merchant names the checkout fields, and the PO number usually sits in the
order's note (docs.sparklayer.io: data sync, custom fields). So each site declares an ordered list of rules per
detail; the first that finds something wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from include.fulfilment.errors import ConfigError


class Source(StrEnum):
    """Where a rule looks. `note_line` is a line `<label>: value`; `note_rest` what no labelled line has claimed."""

    PLATFORM_PO = "platform_po"
    ATTRIBUTE = "attribute"
    NOTE_LINE = "note_line"
    NOTE_FIRST_LINE = "note_first_line"
    NOTE_REST = "note_rest"


_LABELLED = frozenset({Source.ATTRIBUTE, Source.NOTE_LINE})


@dataclass(frozen=True, slots=True)
class Rule:
    """One place to look. `label` names the attribute or the line's label; case and outer spaces do not count.
    Raises ConfigError when a label is missing or has no use."""

    source: Source
    label: str = ""

    def __post_init__(self) -> None:
        if (self.source in _LABELLED) != bool(self.label.strip()):
            raise ConfigError(f"extraction rule {self.source}: it needs {'a' if not self.label else 'no'} label")


@dataclass(frozen=True, slots=True)
class ExtractionRules:
    """The rules of one site. `date_formats` are strptime patterns, tried in turn; none is guessed."""

    po_number: tuple[Rule, ...] = (
        Rule(Source.PLATFORM_PO),
        Rule(Source.NOTE_LINE, "PO"),
        Rule(Source.NOTE_LINE, "PO number"),
        Rule(Source.ATTRIBUTE, "PO number"),
    )
    instructions: tuple[Rule, ...] = (
        Rule(Source.NOTE_LINE, "Delivery instructions"),
        Rule(Source.ATTRIBUTE, "Delivery instructions"),
        Rule(Source.NOTE_REST),
    )
    requested_on: tuple[Rule, ...] = (
        Rule(Source.NOTE_LINE, "Requested delivery date"),
        Rule(Source.ATTRIBUTE, "Requested delivery date"),
    )
    not_before_on: tuple[Rule, ...] = (Rule(Source.NOTE_LINE, "Not before"), Rule(Source.ATTRIBUTE, "Not before"))
    cancel_after_on: tuple[Rule, ...] = (
        Rule(Source.NOTE_LINE, "Cancel after"),
        Rule(Source.ATTRIBUTE, "Cancel after"),
    )
    date_formats: tuple[str, ...] = ("%Y-%m-%d",)

    def note_labels(self) -> frozenset[str]:
        """Every label that claims a line of the note."""
        days = (*self.requested_on, *self.not_before_on, *self.cancel_after_on)
        rules = (*self.po_number, *self.instructions, *days)
        return frozenset(_folded(rule.label) for rule in rules if rule.source is Source.NOTE_LINE)


@dataclass(frozen=True, slots=True)
class Details:
    """What the rules found; `problems` says in words what was there and could not be read."""

    po_number: str
    instructions: str
    requested_on: date | None
    not_before_on: date | None = None
    cancel_after_on: date | None = None
    problems: tuple[str, ...] = ()


def extract_details(rules: ExtractionRules, platform_po: str, note: str, attributes: Mapping[str, str]) -> Details:
    """PO number, instructions and dates of one order. A date that cannot be read is a problem, not None alone: shipping
    on the wrong day is worse than asking."""
    place = _Place(platform_po, note, attributes, rules.note_labels())
    days = {
        "requested date": place.first(rules.requested_on),
        "not-before date": place.first(rules.not_before_on),
        "cancel-after date": place.first(rules.cancel_after_on),
    }
    read = {name: _date(text, rules.date_formats) for name, text in days.items()}
    problems = tuple(
        f"the {name} {text[:40]!r} cannot be read; write it as {_example(rules.date_formats)}"
        for name, text in days.items()
        if text and read[name] is None
    )
    return Details(
        po_number=place.first(rules.po_number),
        instructions=place.first(rules.instructions),
        requested_on=read["requested date"],
        not_before_on=read["not-before date"],
        cancel_after_on=read["cancel-after date"],
        problems=problems,
    )


class _Place:
    """The texts of one order, cut into what each rule may find."""

    def __init__(self, platform_po: str, note: str, attributes: Mapping[str, str], labels: Iterable[str]) -> None:
        self._platform_po = platform_po.strip()
        self._attributes = {_folded(key): value.strip() for key, value in attributes.items()}
        self._lines: dict[str, str] = {}
        rest: list[str] = []
        claimed = frozenset(labels)
        for line in note.splitlines():
            label, colon, value = line.partition(":")
            if colon and _folded(label) in claimed:
                self._lines.setdefault(_folded(label), value.strip())
            else:
                rest.append(line)
        self._first_line = next((line.strip() for line in note.splitlines() if line.strip()), "")
        self._rest = "\n".join(rest).strip()

    def first(self, rules: Sequence[Rule]) -> str:
        return next((found for rule in rules if (found := self._find(rule))), "")

    def _find(self, rule: Rule) -> str:
        match rule.source:
            case Source.PLATFORM_PO:
                return self._platform_po
            case Source.ATTRIBUTE:
                return self._attributes.get(_folded(rule.label), "")
            case Source.NOTE_LINE:
                return self._lines.get(_folded(rule.label), "")
            case Source.NOTE_FIRST_LINE:
                return self._first_line
            case Source.NOTE_REST:
                return self._rest


def _folded(label: str) -> str:
    return re.sub(r"\s+", " ", label).strip().casefold()


def _date(text: str, formats: Sequence[str]) -> date | None:
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007  a calendar day has no zone
        except ValueError:
            continue
    return None


def _example(formats: Sequence[str]) -> str:
    return " or ".join(date(2026, 11, 26).strftime(pattern) for pattern in formats)
