"""The rows of a CSV file, once it has shown that it is whole. Every cell is text: no digit is lost here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Protocol

from include.fulfilment.errors import DataError
from include.fulfilment.ports import Row


class HalfWritten(Exception):
    """The file is not complete, or not yet."""


class Shape(Protocol):
    """How the file is written; `trailer` is the first cell of its last row, empty where it has no such row."""

    @property
    def delimiter(self) -> str: ...
    @property
    def encoding(self) -> str: ...
    @property
    def trailer(self) -> str: ...


class CsvRows:
    """The data rows, by number of row with the header as the first; they can be gone through again. A row with other
    than the header's number of cells lacks them all, so that nothing is read out of the wrong column."""

    def __init__(self, text: str, delimiter: str, columns: tuple[str, ...], last: int) -> None:
        self._text, self._delimiter, self._columns, self._last = text, delimiter, columns, last

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        for number, cells in _numbered(self._text, self._delimiter):
            if 1 < number <= self._last:
                yield number, dict(zip(self._columns, cells, strict=True)) if len(cells) == len(self._columns) else {}


def csv_rows(content: bytes, name: str, shape: Shape) -> tuple[tuple[str, ...], Iterable[tuple[int, Row]]]:
    """Header and rows. Raises HalfWritten for a file that breaks off, DataError for what is no such CSV."""
    try:
        text = content.decode("utf-8-sig" if shape.encoding == "utf-8" else shape.encoding)
        last, final, columns = 0, list[str](), tuple[str, ...]()
        for number, cells in _numbered(text, shape.delimiter):
            if number == 1:
                columns = tuple(each.strip() for each in cells)
            last, final = number, cells
    except UnicodeDecodeError as error:
        raise DataError(f"{name} is not {shape.encoding} at byte {error.start}; declare its encoding", name) from None
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise HalfWritten("breaks off inside a quotation") from None
        raise DataError(f"{name} is no CSV: {error}; nothing of it was used", name) from None
    if len(set(columns)) != len(columns) or not columns:
        raise DataError(f"{name} has no header, or one that names a column twice; nothing of it was used", name)
    if shape.trailer:
        return columns, CsvRows(text, shape.delimiter, columns, _before_trailer(final, last, shape.trailer))
    if not text.endswith(("\n", "\r")):
        raise HalfWritten("does not end its last line (declare a trailer if it never does)")
    if len(final) != len(columns):
        raise HalfWritten(f"ends with a row of {len(final)} cells where there are {len(columns)} columns")
    return columns, CsvRows(text, shape.delimiter, columns, last)


def _before_trailer(final: list[str], last: int, trailer: str) -> int:
    if not final or final[0].strip() != trailer:
        raise HalfWritten(f"does not end with the row {trailer!r}")
    told = final[1].strip() if len(final) > 1 else ""
    if told and told != str(last - 2):
        raise HalfWritten(f"says that it has {told} rows, and has {last - 2}")
    return last - 1


def _numbered(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not empty, counted from 1."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return enumerate((cells for cells in rows if cells), start=1)
