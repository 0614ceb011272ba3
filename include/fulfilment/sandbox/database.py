"""A sandbox's memory: one SQLite file, each change committed before it is answered, so a kill loses nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import ClassVar, TypeAlias

Value: TypeAlias = str | int | float | None
Clock: TypeAlias = Callable[[], datetime]

_SHARED_TABLES = Path(__file__).with_name("tables.sql")


def wall_clock() -> datetime:
    """Return the present instant, aware and in UTC."""
    return datetime.now(UTC)


class SandboxDatabase:
    """Tables and a clock. One statement or one transaction at a time; safe to share between threads."""

    first_ids: ClassVar[Mapping[str, int]] = {}
    """What the ids of a kind count on from; a kind that is not named begins at `first_id`."""
    first_id: ClassVar[int] = 1
    id_step: ClassVar[int] = 1

    def __init__(self, path: Path, tables_sql: Path, clock: Clock) -> None:
        """Open or create the file at `path` with the tables that every sandbox has and those of `tables_sql`.

        `clock` returns aware UTC instants.
        """
        self.clock = clock
        self._lock = RLock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")  # survives a killed process; only power loss needs more
        self._db.execute("PRAGMA foreign_keys=ON")
        for tables in (_SHARED_TABLES, tables_sql):
            self.add_tables(tables)

    def add_tables(self, tables_sql: Path) -> None:
        """Make the tables of a file of `CREATE TABLE IF NOT EXISTS` statements."""
        with self._lock:
            self._db.executescript(tables_sql.read_text(encoding="utf-8"))

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
        first = self.first_ids.get(kind, self.first_id)
        self.run("INSERT OR IGNORE INTO sequence VALUES (?, ?)", kind, first - self.id_step)
        row = self.one("UPDATE sequence SET last = last + ? WHERE kind = ? RETURNING last", self.id_step, kind)
        assert row is not None  # noqa: S101  the row was made above
        return int(row["last"])
