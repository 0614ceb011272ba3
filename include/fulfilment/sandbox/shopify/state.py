"""The shop's memory: one SQLite file, each change committed before it is answered, so a kill loses nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import TypeAlias

Value: TypeAlias = str | int | float | None
Clock: TypeAlias = Callable[[], datetime]

_TABLES = Path(__file__).with_name("tables.sql")

# Order ids start above 2^53 and are odd, so that a client that reads them as floating point gets a wrong id at once.
_FIRST = {"Order": 9_107_199_254_740_991, "DraftOrder": 1_180_000_000_000, "LineItem": 16_400_000_000_000}
_FIRST_OF_OTHERS = 7_000_000_000_000


class ShopState:
    """The shop's tables and its clock. One statement or one transaction at a time; safe to share between threads."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open or create the file at `path`; `clock` returns aware UTC instants."""
        self._clock = clock
        self._lock = RLock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")  # survives a killed process; only power loss needs more
        self._db.execute("PRAGMA foreign_keys=ON")
        self._db.executescript(_TABLES.read_text(encoding="utf-8"))
        self._set_up()

    def _set_up(self) -> None:
        with self.transaction():
            defaults = {"name": "Sandbox Trade Shop", "currency": "GBP"}
            for name, value in defaults.items():
                self.run("INSERT OR IGNORE INTO setting VALUES (?, ?)", name, value)
            if self.one("SELECT id FROM location") is None:
                self.run("INSERT INTO location VALUES (?, ?)", self.next_id("Location"), "Main warehouse")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other threads out, so that an answer made of several reads is of one moment."""
        with self._lock:
            yield

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything inside together, or nothing when an error leaves the block; an inner block joins."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def run(self, sql: str, *values: Value) -> int:
        """Execute one statement and return the number of rows it touched."""
        with self._lock:
            return self._db.execute(sql, values).rowcount

    def all(self, sql: str, *values: Value) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Value) -> sqlite3.Row | None:
        """Return the first row of a query, or None."""
        with self._lock:
            row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
            return row

    def insert(self, table: str, **values: Value) -> None:
        """Insert one row; table and column names are the program's own, values are bound."""
        names = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *values.values())  # noqa: S608

    def many(self, sql: str, rows: Sequence[tuple[Value, ...]]) -> None:
        """Execute one statement for each row."""
        with self._lock:
            self._db.executemany(sql, rows)

    def next_id(self, kind: str) -> int:
        """Return a new id for a record of the type `kind`, never handed out before."""
        first = _FIRST.get(kind, _FIRST_OF_OTHERS)
        self.run("INSERT OR IGNORE INTO sequence VALUES (?, ?)", kind, first)
        row = self.one("UPDATE sequence SET last = last + 2 WHERE kind = ? RETURNING last", kind)
        assert row is not None  # noqa: S101  the row was made above
        return int(row["last"])

    def setting(self, name: str) -> str:
        """Return one of the shop's settings: `name` or `currency`."""
        row = self.one("SELECT value FROM setting WHERE name = ?", name)
        assert row is not None  # noqa: S101  made on opening
        return str(row["value"])

    def location_id(self) -> int:
        """Return the id of the location that stock and orders belong to."""
        row = self.one("SELECT id FROM location ORDER BY id")
        assert row is not None  # noqa: S101  made on opening
        return int(row["id"])

    def now(self) -> str:
        """Return the shop's time as Shopify writes it: UTC, to the second."""
        return instant_text(self._clock())


def instant_text(moment: datetime) -> str:
    """Write an aware instant as Shopify does: `2026-11-23T12:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
