"""An adapter's durable memory at one remote, in PostgreSQL. Every call is a transaction of its own: what was answered
is stored, whatever becomes of the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store.site_rows import as_json, plain


class PostgresJournal:
    """The journal of one remote, named by its connection id."""

    def __init__(self, store: PostgresStore, remote: str) -> None:
        self._store = store
        self._remote = remote

    def next_number(self, series: str) -> int:
        """The next number of a series, from 1; never given twice."""
        with self._store.connected() as (connection, site):
            found = connection.execute(_NEXT, (site, self._remote, series)).fetchone()
        assert found is not None  # noqa: S101 - an upsert returns its row
        return int(found["last"])

    def add(self, kind: str, key: str, content: Mapping[str, Any], at: datetime) -> bool:
        """Store under (kind, key) unless something is there: then nothing changes and the answer is False."""
        with self._store.connected() as (connection, site):
            row = (site, self._remote, kind, plain(key), as_json(dict(content)), at)
            return connection.execute(_ADD, row).rowcount == 1

    def put(self, kind: str, key: str, content: Mapping[str, Any], at: datetime) -> None:
        """Store under (kind, key), in place of what was there."""
        with self._store.connected() as (connection, site):
            connection.execute(_PUT, (site, self._remote, kind, plain(key), as_json(dict(content)), at))

    def get(self, kind: str, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """What is stored under these keys; a key with nothing is missing."""
        with self._store.connected() as (connection, site):
            found = connection.execute(_GET, (site, self._remote, kind, list(keys))).fetchall()
        return {row["key"]: row["content"] for row in found}

    def since(self, kind: str, at: datetime | None) -> list[tuple[datetime, str, Mapping[str, Any]]]:
        """(written at, key, content) of everything of this kind written at or after `at`, oldest first."""
        with self._store.connected() as (connection, site):
            found = connection.execute(_SINCE, (site, self._remote, kind, at, at)).fetchall()
        return [(row["written_at"], row["key"], row["content"]) for row in found]


_NEXT = """
    INSERT INTO journal_series (site, remote, series, last) VALUES (%s, %s, %s, 1)
    ON CONFLICT (site, remote, series) DO UPDATE SET last = journal_series.last + 1 RETURNING last
"""
_ADD = """
    INSERT INTO journal_entry (site, remote, kind, key, content, written_at) VALUES (%s, %s, %s, %s, %s::jsonb, %s)
    ON CONFLICT (site, remote, kind, key) DO NOTHING
"""
_PUT = """
    INSERT INTO journal_entry (site, remote, kind, key, content, written_at) VALUES (%s, %s, %s, %s, %s::jsonb, %s)
    ON CONFLICT (site, remote, kind, key) DO UPDATE SET content = EXCLUDED.content, written_at = EXCLUDED.written_at
"""
_GET = "SELECT key, content FROM journal_entry WHERE site = %s AND remote = %s AND kind = %s AND key = ANY(%s)"
_SINCE = """
    SELECT written_at, key, content FROM journal_entry
    WHERE site = %s AND remote = %s AND kind = %s AND (%s::timestamptz IS NULL OR written_at >= %s)
    ORDER BY written_at, place
"""
