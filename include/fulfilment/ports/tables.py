"""Rows as a source outside gives them: a file, a database or an HTTP answer, before anybody has believed a cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from include.fulfilment.ports.warehouse import Problem

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Table:
    """One complete reading. `rows` can be gone through again, each with the number by which a person finds it in the
    source; a cell is whatever came. `columns` is None where every record names its own.

    `began_at` is our instant at the START of the reading; `written_at` when a file was written, None for anything else.
    """

    name: str
    columns: tuple[str, ...] | None
    rows: Iterable[tuple[int, Row]]
    began_at: datetime
    written_at: datetime | None = None
    problems: tuple[Problem, ...] = ()


AskDatabase = Callable[[str, str, Mapping[str, object]], Table]
"""Asks the database behind a connection: connection id, one statement that reads, values of its named parameters."""
