"""One cell, believed only as far as it goes: text, a code, a whole number, an amount, an instant.

A spreadsheet takes codes for numbers and loses their leading zeros; two countries write one amount two ways. What is
ambiguous is refused, unless the site declares what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import model_validator

from include.fulfilment.mapping.text import shown, storable
from include.fulfilment.yaml_file import Strict

MOST_TEXT = 255
_MOST_DIGITS = 12  # of money before its decimal mark
_WHOLE = re.compile(r"[0-9]{1,9}")
_SPOILT = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]+|[0-9]+\.0+")  # 8.8004E+11; 12345.0
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " "})

Zeros = Literal["kept", "none"] | int
"""Leading zeros of codes: they are `kept` in the source; codes have `none`, so that a number is the code; or codes that
are digits alone are padded with zeros to that many."""


class Unreadable(ValueError):
    """A cell that cannot be used: `reason` in words, the same for every such cell, and what was `found` there."""

    def __init__(self, reason: str, found: str = "") -> None:
        super().__init__(f"{reason}: {shown(found)}" if found else reason)
        self.reason, self.found = reason, found


class Numbers(Strict):
    """How the source writes amounts: the decimal mark, the mark between thousands (empty: none), most decimal places.
    An amount with more places is refused: most often its point stands for thousands."""

    decimal: Literal[".", ","]
    thousands: Literal["", ".", ",", " ", "'"] = ""
    places: int = 2

    @model_validator(mode="after")
    def _distinct(self) -> Numbers:
        if self.decimal == self.thousands:
            raise ValueError("the decimal mark and the mark between thousands cannot be the same")
        return self


def text(cell: object, most: int = MOST_TEXT) -> str:
    """The cell as text without outer spaces; empty where there is nothing. Raises Unreadable for what is no text."""
    if cell is None:
        return ""
    if isinstance(cell, bool) or not isinstance(cell, str | int | Decimal):
        raise Unreadable(f"a {type(cell).__name__} stands where text was expected", str(cell))
    found = storable(str(cell).strip())
    if len(found) > most:
        raise Unreadable(f"more than {most} characters", found)
    return found


def code(cell: object, zeros: Zeros | None, longest: int = 0) -> str:
    """A code, compared exactly ever after. `longest` is the length of the column's longest code of digits alone, or 0
    where its leading zeros are evidently kept. Raises Unreadable where zeros may have been lost."""
    found = text(cell)
    if isinstance(cell, str) and _SPOILT.fullmatch(found):
        raise Unreadable("a spreadsheet has made a number of the code; export the column as text", found)
    if isinstance(cell, Decimal) and cell != cell.to_integral_value():
        raise Unreadable("a number with decimals stands where a code was expected", found)
    if not isinstance(cell, str) and found:
        found = format(Decimal(found), "f").partition(".")[0]
    digits = found.isascii() and found.isdigit()
    if isinstance(zeros, int) and digits:
        if len(found) > zeros:
            raise Unreadable(f"more than the declared {zeros} digits", found)
        return found.zfill(zeros)
    lost = (not isinstance(cell, str) and zeros != "none") or (zeros is None and digits and len(found) < longest)
    if found and lost:
        raise Unreadable("leading zeros of the code may be lost; export it as text, or declare `zeros`", found)
    return found


def longest_digits(cells: Iterable[object]) -> int:
    """The length of the longest code of digits alone in a column; 0 as soon as one begins with a zero, because then
    the column keeps them."""
    longest = 0
    for cell in cells:
        found = cell.strip() if isinstance(cell, str) else ""
        if found.isascii() and found.isdigit():
            if found.startswith("0") and len(found) > 1:
                return 0
            longest = max(longest, len(found))
    return longest


def whole(cell: object) -> int:
    """A whole number of at least 1, at most nine digits. Raises Unreadable."""
    if isinstance(cell, Decimal) and cell.is_finite() and cell.adjusted() < 9 and cell == cell.to_integral_value():
        cell = int(cell)
    found = str(cell).strip() if isinstance(cell, str | int) else ""
    if not _WHOLE.fullmatch(found) or int(found) < 1:
        raise Unreadable("not a whole number of 1 or more", str(cell))
    return int(found)


def amount(cell: object, numbers: Numbers | None) -> Decimal:
    """An amount of money. A number of the source is taken as it is; text is read as declared. Raises Unreadable."""
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        exact = Decimal(cell)
        if not exact.is_finite() or exact.adjusted() > _MOST_DIGITS:
            raise Unreadable("beyond any amount of money", str(cell))
        return exact
    if not isinstance(cell, str):
        raise Unreadable("not an amount of money in exact digits", str(cell))
    if numbers is None:
        raise Unreadable("an amount is written as text; declare `numbers` in the site file", cell)
    found = cell.translate(_SPACES).strip()
    sign = "-" if found.startswith("-") or found.endswith("-") else ""
    match = _written(numbers).fullmatch(found.removeprefix("-") if found[:1] == "-" else found.removesuffix("-"))
    if match is None:
        raise Unreadable(f"not an amount with {numbers.decimal!r} before at most {numbers.places} decimals", cell)
    whole_part = match["whole"].replace(numbers.thousands, "") if numbers.thousands else match["whole"]
    return Decimal(f"{sign}{whole_part}.{match['places'] or 0}")


def _written(numbers: Numbers) -> re.Pattern[str]:
    mark, thousands = re.escape(numbers.decimal), re.escape(numbers.thousands)
    grouped = rf"[0-9]{{1,3}}(?:{thousands}[0-9]{{3}}){{1,3}}|" if numbers.thousands else ""
    places = rf"(?:{mark}(?P<places>[0-9]{{1,{numbers.places}}}))?" if numbers.places else "(?P<places>)"
    return re.compile(rf"(?P<whole>{grouped}[0-9]{{1,{_MOST_DIGITS}}}){places}")


def moment(words: str, form: str, zone: str, at: time | None) -> datetime:
    """An instant in UTC from text of this strptime form. Raises Unreadable."""
    try:
        found = datetime.strptime(words.strip(), form)  # noqa: DTZ007  the zone is declared beside the form
        return _aware(found, zone, at)
    except (ValueError, OverflowError):
        raise Unreadable(f"not a date of the form {form}", words) from None


def at_zone(cell: object, zone: str, at: time | None) -> datetime | None:
    """An instant in UTC from a cell that is a date or an instant already; None from any other."""
    if isinstance(cell, datetime):
        return _aware(cell, zone, None)
    if isinstance(cell, date):
        if at is None:
            raise Unreadable("a date without an hour; declare `at`", str(cell))
        return _aware(datetime.combine(cell, at), zone, None)
    return None


def _aware(found: datetime, zone: str, at: time | None) -> datetime:
    if at is not None:
        found = datetime.combine(found.date(), at, found.tzinfo)
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
