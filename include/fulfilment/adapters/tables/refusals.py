"""What became of the rows that could not be used: told one by one while they are few, and as one matter when many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar

from include.fulfilment.adapters.tables.cells import Unreadable, Zeros, code
from include.fulfilment.errors import ConfigError
from include.fulfilment.ports import Problem, Row, Table

MOST_TOLD = 20  # of one reason, one by one: a thousand tickets help nobody
_Cell = TypeVar("_Cell")


class Refusals:
    """The refused rows of one table. `label` says what a row is about: the subject is `<label> <its key>`."""

    def __init__(self, table: Table, label: str) -> None:
        self._table, self._label = table, label
        self._found: dict[str, list[tuple[str, str]]] = {}
        self._counts: Counter[str] = Counter()

    def add(self, key: str, place: str, reason: str, found: str = "") -> None:
        """Note a row by its key, or where it has none by its place; `reason` is the same for all rows alike."""
        subject = f"{self._label} {key}" if key else place
        told = self._found.setdefault(reason, [])
        self._counts[reason] += 1
        if len(told) <= MOST_TOLD:
            told.append((subject, f"{place}: {found or reason}"))

    def problems(self) -> Iterator[Problem]:
        """The problems for tickets, those of the table itself first."""
        yield from self._table.problems
        for reason, told in self._found.items():
            if self._counts[reason] <= MOST_TOLD:
                yield from (Problem(subject, f"{words}; it was not used") for subject, words in told)
            else:
                words = f"{self._counts[reason]} rows were not used, the first at {told[0][1]}"
                yield Problem(f"{self._table.name}: {reason}", words)


def cell(row: Row, column: str, read: Callable[..., _Cell], *given: object) -> _Cell:
    """What `read(<the row's cell>, *given)` makes of a cell. Raises Unreadable with the column's name in its words."""
    try:
        return read(row.get(column), *given)
    except Unreadable as error:
        raise Unreadable(f"column {column!r}: {error.reason}", error.found) from None


def key(row: Row, column: str, zeros: Zeros | None, longest: int) -> str:
    """The code by which a row is known; see `cells.code`. Raises Unreadable where there is none."""
    found = cell(row, column, code, zeros, longest)
    if not found:
        raise Unreadable(f"column {column!r} is empty, or the row has not as many cells as there are columns")
    return found


def need_columns(table: Table, columns: tuple[str, ...], where: str) -> None:
    """Raises ConfigError where the table lacks a column that the site file maps."""
    missing = [each for each in columns if each and table.columns is not None and each not in table.columns]
    if missing:
        have = ", ".join(repr(each[:40]) for each in (table.columns or ())[:20])
        raise ConfigError(f"{table.name} has no column {missing[0]!r}; it has {have}; correct {where} in the site file")
