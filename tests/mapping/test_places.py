"""Patterns of a note's line: what they find, what they refuse, and that no text makes them slow."""

from __future__ import annotations

import time

import pytest

from include.fulfilment.errors import ConfigError
from include.fulfilment.mapping.places import NotePattern, Place, PlaceKind, Places, RawFields


def found(pattern: str, note: str) -> list[str]:
    places = Places(RawFields(note=note), [NotePattern(pattern)])
    return places.find(Place(PlaceKind.NOTE_PATTERN, pattern))


@pytest.mark.parametrize(
    ("pattern", "note", "values"),
    [
        ("PO: {value}", "Po  :  4711 / 12 ", ["4711 / 12"]),
        ("PO {value}", "PO   4711", ["4711"]),
        ("PO {value} / *", "PO 4711 / gate 3", ["4711"]),
        ("* PO#{value} *", "our PO#4711 thanks", ["4711"]),
        ("*PO#{value}", "please use po#4711", ["4711"]),
        ("PO (new): {value}", "po (NEW): 7", ["7"]),
        ("PO: {value}", "the PO: 4711", []),
        ("PO: {value}", "PO:", []),
        ("PO: {value}", "PO: 1\nPO: 2\nPO: 1", ["1", "2"]),
        ("{value}", "\n 4711 \n4712", ["4711"]),
    ],
)
def test_a_pattern_is_the_line_as_people_write_it(pattern: str, note: str, values: list[str]) -> None:
    assert found(pattern, note) == values


@pytest.mark.parametrize("pattern", ["PO:", "{value} {value}", "P*O {value}", ""])
def test_a_pattern_that_cannot_be_one_is_refused(pattern: str) -> None:
    with pytest.raises(ConfigError, match=r"must have \{value\} once, and \* only at its beginning or end"):
        NotePattern(pattern)


@pytest.mark.parametrize("line", ["PO " * 6_000, "PO" + " " * 19_990 + "x", "P" * 20_000, "PO:" * 300])
def test_no_note_makes_a_pattern_slow(line: str) -> None:
    started = time.perf_counter()
    for pattern in ("PO: {value}", "* PO {value} : *", "PO {value} end", "*PO : {value}"):
        found(pattern, line)
    assert time.perf_counter() - started < 2
