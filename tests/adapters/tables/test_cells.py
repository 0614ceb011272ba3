"""A cell is believed only as far as it goes; what a spreadsheet or another country has made of it is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from include.fulfilment.adapters.tables.cells import (
    Numbers,
    Unreadable,
    Zeros,
    amount,
    at_zone,
    code,
    longest_digits,
    moment,
    text,
    whole,
)

ENGLISH = Numbers(decimal=".", thousands=",")
GERMAN = Numbers(decimal=",", thousands=".")
SWISS = Numbers(decimal=".", thousands="'")
FRENCH = Numbers(decimal=",", thousands=" ")


@pytest.mark.parametrize(
    ("numbers", "written", "meant"),
    [
        (ENGLISH, "1,234.50", "1234.50"),
        (GERMAN, "1.234,50", "1234.50"),
        (GERMAN, "1234567,5", "1234567.5"),
        (SWISS, "1'234'567.00", "1234567.00"),
        (FRENCH, "1\u202f234,50", "1234.50"),
        (FRENCH, "1\u00a0234", "1234"),
        (GERMAN, "-12,00", "-12.00"),
        (GERMAN, "12,00-", "-12.00"),
        (ENGLISH, " 0 ", "0"),
    ],
)
def test_an_amount_is_read_as_its_country_writes_it(numbers: Numbers, written: str, meant: str) -> None:
    assert amount(written, numbers) == Decimal(meant)


@pytest.mark.parametrize(
    ("numbers", "written"),
    [
        (ENGLISH, "1.234,50"),
        (GERMAN, "1,234.50"),
        (Numbers(decimal="."), "1.234"),
        (Numbers(decimal=".", places=0), "12.5"),
        (ENGLISH, "12,34.00"),
        (ENGLISH, "1,2345"),
        (ENGLISH, "£12.00"),
        (ENGLISH, "12.00 CR"),
        (ENGLISH, "--12"),
        (ENGLISH, "-12-"),
        (ENGLISH, ""),
        (ENGLISH, "-"),
        (ENGLISH, "1e5"),
        (ENGLISH, "NaN"),
        (ENGLISH, "١٢"),
        (ENGLISH, "9" * 13),
        (None, "12.00"),
    ],
)
def test_an_amount_written_otherwise_is_refused_and_not_guessed(numbers: Numbers | None, written: str) -> None:
    with pytest.raises(Unreadable):
        amount(written, numbers)


@pytest.mark.parametrize("cell", [12.5, True, None, Decimal("NaN"), Decimal("1E+999999"), 10**15])
def test_what_is_no_exact_amount_is_refused(cell: object) -> None:
    with pytest.raises(Unreadable):
        amount(cell, ENGLISH)


def test_an_exact_number_needs_no_declaration() -> None:
    assert (amount(Decimal("12.345"), None), amount(7, None)) == (Decimal("12.345"), 7)


@pytest.mark.parametrize(
    ("cell", "zeros", "meant"),
    [
        ("00123", None, "00123"),
        ("MUG-1", None, "MUG-1"),
        (" mug ", None, "mug"),
        ("123", 5, "00123"),
        (123, 5, "00123"),
        (Decimal(123), 5, "00123"),
        (123, "none", "123"),
        ("123", "kept", "123"),
        ("AB12", 5, "AB12"),
        (None, None, ""),
    ],
)
def test_a_code_is_text_to_the_last_zero(cell: object, zeros: Zeros | None, meant: str) -> None:
    assert code(cell, zeros) == meant


@pytest.mark.parametrize(
    ("cell", "zeros"),
    [
        (123, None),
        (123, "kept"),
        (Decimal(123), None),
        (Decimal("1.5"), "none"),
        (123.0, "none"),
        (True, "none"),
        ("8.8004E+11", None),
        ("8.8004E+11", 12),
        ("12345.0", "kept"),
        ("123456", 5),
        ("x" * 256, None),
    ],
)
def test_a_code_that_was_taken_for_a_number_is_refused(cell: Any, zeros: Zeros | None) -> None:
    with pytest.raises(Unreadable):
        code(cell, zeros)


def test_a_short_code_is_ambiguous_among_longer_ones_unless_zeros_are_kept() -> None:
    assert longest_digits(["12345", "123456", "MUG", None]) == 6
    with pytest.raises(Unreadable, match="leading zeros"):
        code("12345", None, 6)
    assert code("123456", None, 6) == "123456"
    assert code("MUG", None, 6) == "MUG"
    assert longest_digits(["12345", "012345"]) == 0
    assert longest_digits(["0", "10"]) == 2


@pytest.mark.parametrize(("cell", "meant"), [("12", 12), (" 12 ", 12), (12, 12), (Decimal("12.00"), 12)])
def test_a_whole_number_is_exact(cell: object, meant: int) -> None:
    assert whole(cell) == meant


@pytest.mark.parametrize(
    "cell", ["0", "-1", "1.5", "", "12 EA", "1" * 10, 0, True, 1.0, None, Decimal("1.5"), Decimal("1E+999999999")]
)
def test_what_is_no_whole_number_is_refused(cell: object) -> None:
    with pytest.raises(Unreadable):
        whole(cell)


def test_a_text_has_no_type_but_text_and_can_be_stored() -> None:
    assert text("a\x00b\ud800") == "a\ufffdb\ufffd"
    with pytest.raises(Unreadable, match="a list stands where text was expected"):
        text(["a"])


def test_a_date_has_the_zone_and_the_hour_that_were_declared() -> None:
    assert moment("2026-06-30", "%Y-%m-%d", "Europe/London", time(18)) == datetime(2026, 6, 30, 17, tzinfo=UTC)
    assert moment("30.06.2026 18:00", "%d.%m.%Y %H:%M", "Europe/Berlin", None) == datetime(2026, 6, 30, 16, tzinfo=UTC)
    assert at_zone(date(2026, 6, 30), "Europe/London", time(18)) == datetime(2026, 6, 30, 17, tzinfo=UTC)
    assert at_zone(datetime(2026, 6, 30, 17, tzinfo=UTC), "Asia/Tokyo", None) == datetime(2026, 6, 30, 17, tzinfo=UTC)
    assert at_zone("2026-06-30", "Europe/London", None) is None
    with pytest.raises(Unreadable):
        moment("06/30/2026", "%d/%m/%Y", "Europe/London", time(18))


def test_the_two_marks_of_an_amount_must_differ() -> None:
    with pytest.raises(ValueError, match="cannot be the same"):
        Numbers(decimal=",", thousands=",")
