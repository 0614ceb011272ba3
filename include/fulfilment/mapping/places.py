"""The places of an order in which a merchant may keep a detail, and what is found there.

SparkLayer has no fixed key for PO number, instructions or dates: the merchant names the checkout fields, and the PO
number usually sits in the order's note (docs.sparklayer.io: data sync, custom fields).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from include.fulfilment.errors import ConfigError

_V = TypeVar("_V")
VALUE = "{value}"
_LONGEST_LINE = 1_000  # characters in which a pattern with * looks; it could take long in more


class PlaceKind(StrEnum):
    """Where a place is."""

    SHOP_FIELD = "shop_field"
    NOTE_PATTERN = "note_pattern"
    NOTE_REST = "note_rest"
    NOTE_ATTRIBUTE = "note_attribute"
    CUSTOM_FIELD = "custom_field"
    LINE_PROPERTY = "line_property"
    METAFIELD = "metafield"
    CONSTANT = "constant"


@dataclass(frozen=True, slots=True)
class Place:
    """One place. `name` names the field, attribute, property or metafield (`order.custom.po`), is the pattern of a line
    of the note, or the constant itself; what no pattern claims of the note has none."""

    kind: PlaceKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFields:
    """Every text of one order in which a detail may stand, as its shop gave it. `shop_fields` are what the shop itself
    has a field for, by our name; `metafields` are named `<owner>.<namespace>.<key>`; a property of the lines has the
    values of all lines that have it, in their order."""

    shop_fields: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    note_attributes: Mapping[str, str] = field(default_factory=dict)
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    line_properties: Mapping[str, Sequence[str]] = field(default_factory=dict)
    metafields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotePattern:
    """A line of the note as people write it, with `{value}` for the value and, at either end, `*` for anything:
    `PO: {value}`, `* PO#{value} *`. Case and the number of blanks do not count. What stands before the value and what
    stands after it are looked for one after the other, so that no text that a buyer wrote makes it slow.

    Raises:
        ConfigError: it has no `{value}` or two, or `*` stands elsewhere.
    """

    text: str
    before: re.Pattern[str] = field(init=False)
    after: re.Pattern[str] | None = field(init=False)

    def __post_init__(self) -> None:
        middle = self.text.strip().removeprefix("*").removesuffix("*")
        before, found, after = middle.partition(VALUE)
        if not found or VALUE in after or "*" in before + after:
            raise ConfigError(f"{self.text!r} must have {VALUE} once, and * only at its beginning or end")
        object.__setattr__(self, "before", re.compile(_literal(before.lstrip()), re.IGNORECASE))
        object.__setattr__(self, "after", _ending(after, self.text.strip().endswith("*")))

    @property
    def is_first_line(self) -> bool:
        """Whether it is nothing but the value, which stands for the first line that is not blank."""
        return self.text.strip() == VALUE

    def find(self, line: str) -> str | None:
        """The value in a line; None where the line is none of these."""
        anywhere = self.text.strip().startswith("*")
        if not line or ((anywhere or self.after) and len(line) > _LONGEST_LINE):
            return None
        start = self.before.search(line) if anywhere else self.before.match(line)
        if start is None or self.after is None:
            return line[start.end() :] if start else None
        end = self.after.search(line, start.end())
        return line[start.end() : end.start()] if end else None


def _ending(text: str, anything_after: bool) -> re.Pattern[str] | None:
    if not text.strip():
        return re.compile(r"\s|\Z") if text and anything_after else None
    return re.compile(_literal(text.rstrip()) + ("" if anything_after else r"\Z"), re.IGNORECASE)


class Places:
    """The texts of one order, looked up place by place."""

    def __init__(self, raw: RawFields, patterns: Sequence[NotePattern]) -> None:
        self._raw = raw
        self._named = {
            PlaceKind.SHOP_FIELD: raw.shop_fields,
            PlaceKind.NOTE_ATTRIBUTE: _by_label(raw.note_attributes),
            PlaceKind.CUSTOM_FIELD: _by_label(raw.custom_fields),
            PlaceKind.METAFIELD: raw.metafields,
        }
        self._properties = _by_label(raw.line_properties)
        self._lines: dict[str, list[str]] = {}
        self._rest = self._read_note(patterns)

    def find(self, place: Place) -> list[str]:
        """What stands there: nothing, one text, or several that differ."""
        return [text for text in dict.fromkeys(each.strip() for each in self._texts(place)) if text]

    def _texts(self, place: Place) -> Sequence[str]:
        match place.kind:
            case PlaceKind.CONSTANT:
                return [place.name]
            case PlaceKind.NOTE_REST:
                return [self._rest]
            case PlaceKind.NOTE_PATTERN:
                return self._lines.get(place.name, [])
            case PlaceKind.LINE_PROPERTY:
                return self._properties.get(_folded(place.name), [])
            case PlaceKind.NOTE_ATTRIBUTE | PlaceKind.CUSTOM_FIELD:
                return [self._named[place.kind].get(_folded(place.name), "")]
            case _:
                return [self._named[place.kind].get(place.name, "")]

    def _read_note(self, patterns: Sequence[NotePattern]) -> str:
        """Give each line to the patterns that it fits; answers what none of them claims."""
        rest: list[str] = []
        blank_before = True
        for line in self._raw.note.splitlines():
            looking = [each for each in patterns if blank_before or not each.is_first_line]
            found = {each.text: value for each in looking if (value := each.find(line.strip())) is not None}
            for text, value in found.items():
                self._lines.setdefault(text, []).append(value)
            if not found:
                rest.append(line)
            blank_before = blank_before and not line.strip()
        return "\n".join(rest).strip()


def _literal(text: str) -> str:
    """The text as written by somebody else: blanks in any number, and any or none around a colon."""
    parts = re.split(r"(\s*:\s*|\s+)", text)
    return "".join(r"\s*:\s*" if ":" in part else r"\s+" if part.isspace() else re.escape(part) for part in parts)


def _by_label(found: Mapping[str, _V]) -> dict[str, _V]:
    return {_folded(key): value for key, value in found.items()}


def _folded(label: str) -> str:
    return re.sub(r"\s+", " ", label).strip().casefold()
