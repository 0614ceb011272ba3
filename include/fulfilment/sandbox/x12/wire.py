"""X12 on paper: interchanges are taken apart by the delimiters of their header, and written with `*`, `>` and `~`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

Row = list[str]
_GROUPS = {"945": "SW", "846": "IB", "944": "RE", "947": "AW", "997": "FA"}


class NotX12(Exception):
    """The text is no interchange that can be taken apart."""


@dataclass(frozen=True)
class Letter:
    """One transaction set with the control numbers round it; `rows` are its segments without ST and SE."""

    interchange: str
    group_code: str
    group: str
    code: str
    control: str
    rows: list[Row]
    counted: bool


def take_apart(text: str) -> list[Letter]:
    """Return the transaction sets of one interchange.

    Raises:
        NotX12: header or trailer is wrong.
    """
    if len(text) < 107 or not text.startswith("ISA"):
        raise NotX12("no interchange header")
    element, terminator = text[3], text[105]
    rows = [piece.strip("\r\n").split(element) for piece in text.split(terminator) if piece.strip()]
    if rows[-1][0] != "IEA" or rows[-1][2].strip() != rows[0][13]:
        raise NotX12("the trailer does not agree with the header")
    letters: list[Letter] = []
    group = start = rows[0]
    body: list[Row] = []
    for row in rows[1:]:
        if row[0] == "GS":
            group = row
        elif row[0] == "ST":
            start, body = row, []
        elif row[0] == "SE":
            counted = row[1] == str(len(body) + 2) and row[2] == start[2]
            letters.append(Letter(rows[0][13], group[1], group[6], start[1], start[2], body, counted))
            body = []
        else:
            body.append(row)
    return letters


def at(row: Sequence[str], number: int) -> str:
    """Return element `number` of a segment, empty where it is not given."""
    return row[number] if number < len(row) else ""


def put_together(code: str, rows: Sequence[Sequence[str]], number: int, now: datetime) -> str:
    """Write one transaction set in an interchange from the sandbox's warehouse to its merchant; times are UTC."""
    clock = now.strftime("%H%M%S%f")[:8]
    envelope = [
        ["ISA", "00", " " * 10, "00", " " * 10, "ZZ", f"{'WAREHOUSE':15}", "ZZ", f"{'MERCHANT':15}",
         now.strftime("%y%m%d"), now.strftime("%H%M"), "U", "00401", f"{number:09d}", "0", "T", ">"],
        ["GS", _GROUPS[code], "WAREHOUSE", "MERCHANT", now.strftime("%Y%m%d"), clock, str(number), "X", "004010"],
        ["ST", code, f"{number:04d}"],
    ]  # fmt: skip
    written = [*envelope, *(_short(row) for row in rows)]
    written.append(["SE", str(len(rows) + 2), f"{number:04d}"])
    written += [["GE", "1", str(number)], ["IEA", "1", f"{number:09d}"]]
    return "".join("*".join(row) + "~\n" for row in written)


def day_and_time(moment: datetime) -> tuple[str, str]:
    """Return the date and the time to the hundredth of a second, in UTC."""
    return moment.strftime("%Y%m%d"), moment.strftime("%H%M%S%f")[:8]


def _short(row: Sequence[str]) -> Row:
    parts = list(row)
    while not parts[-1]:
        parts.pop()
    return parts
