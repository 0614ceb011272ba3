"""What the desk asks of whatever keeps the records. Every question is answered from one consistent reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from include.fulfilment.store.desk_rows import Marks, OrderRow, OrderRows, ReadingRow, TodayRows


class DeskReader(Protocol):
    """Read-only questions of the desk. Each raises ConfigError or RetryableError when the store can't be read."""

    def sites(self) -> Sequence[str]:
        """Every site that has an order or a run, by name."""
        ...

    def today(self, site: str, marks: Marks) -> TodayRows:
        """What the Today page counts."""
        ...

    def find(self, site: str, text: str) -> Sequence[OrderRow]:
        """Orders whose number (with or without #), own id or warehouse reference is `text`; at most 50."""
        ...

    def listed(self, site: str, which: str, marks: Marks, limit: int) -> Sequence[OrderRow]:
        """The oldest `limit` orders that a number on the Today page counts. `which` is an order state, `moving`,
        `needing`, `stuck`, `fulfilled_today` or an exception code."""
        ...

    def order(self, site: str, order_id: str) -> OrderRows | None:
        """Everything about one order, or None where there is none."""
        ...

    def readings(self, site: str) -> Sequence[ReadingRow]:
        """The stock readings that are kept back because they are doubtful, the newest of each warehouse."""
        ...
