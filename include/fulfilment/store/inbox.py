"""The webhook inbox: hints that something changed at a shop or warehouse, kept until Airflow was told of them.

A hint holds no content: it only causes a reading, so a hint too many is harmless and a lost one waits for the next
scheduled run. Rows are announced on a PostgreSQL channel; an announcement may be lost, the row is not.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from include.fulfilment.errors import ConfigError, DataError, RetryableError
from include.fulfilment.store.site_rows import as_json

CHANNEL = "fulfilment_inbox"
CONNECT_SECONDS = 3  # the least a sender waits for its answer is 5 s
_STATEMENT_MILLISECONDS = "3000"
_PREPARE = """
    SELECT set_config('search_path', 'fulfilment', true), set_config('timezone', 'UTC', true),
        set_config('statement_timeout', %s, true)
"""


@dataclass(frozen=True, slots=True)
class Hint:
    """`noun` (order, shipment or stock) of `subject` changed at this source; an empty subject is all of them.
    `event_id` names the event for ever; `fingerprint` is a digest of a body that states its own time, else empty."""

    site: str
    source: str
    warehouse: str
    noun: str
    topic: str
    subject: str
    event_id: str
    fingerprint: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A hint that Airflow was not told of yet."""

    inbox_id: int
    site: str
    subject: str


class PostgresInbox:
    """The writing side. `conninfo` holds a password: it is never logged and not part of any error. Its role needs no
    more than USAGE on the schema, INSERT on the table and SELECT on its column `noun`."""

    def __init__(self, conninfo: str) -> None:
        """Raises ConfigError when that is no address of a database."""
        self._conninfo = _checked(conninfo)

    def put(self, hints: Sequence[Hint]) -> int:
        """Store and announce the hints in one transaction, committed on return; how many were new. Raises
        RetryableError when the database can't be reached or is too slow, DataError when it refuses one."""
        with _told(), psycopg.connect(self._conninfo, **_OPTIONS) as connection:
            connection.execute(_PREPARE, (_STATEMENT_MILLISECONDS,))
            found = connection.execute(_PUT, {"rows": as_json([asdict(hint) for hint in hints]), "channel": CHANNEL})
            return int((found.fetchone() or {"added": 0})["added"])


class InboxListener:
    """The reading side, for one noun of all sites, on an open connection that listens."""

    def __init__(self, connection: psycopg.AsyncConnection[dict[str, Any]], noun: str) -> None:
        self._connection = connection
        self._noun = noun

    async def waiting(self, limit: int, besides: Collection[int] = ()) -> list[Waiting]:
        """The oldest hints that Airflow was not told of, without those in `besides`."""
        query = "SELECT inbox_id, site, subject FROM fulfilment.webhook_inbox WHERE noun = %s AND taken_at IS NULL"
        values = (self._noun, list(besides), limit)
        found = await self._connection.execute(query + " AND inbox_id <> ALL(%s) ORDER BY inbox_id LIMIT %s", values)
        return [Waiting(**row) for row in await found.fetchall()]

    async def announced(self, seconds: float) -> None:
        """Come back at the next announcement of this noun, or after `seconds` without one."""
        # Closed at once, because it keeps the connection to itself while it is open.
        async with aclosing(self._connection.notifies(timeout=seconds)) as notices:
            async for notice in notices:
                if notice.payload == self._noun:
                    break

    async def forget(self, before: datetime) -> None:
        """Delete what Airflow was told of before this instant."""
        query = "DELETE FROM fulfilment.webhook_inbox WHERE noun = %s AND taken_at < %s"
        await self._connection.execute(query, (self._noun, before))


@asynccontextmanager
async def listening(conninfo: str, noun: str) -> AsyncIterator[InboxListener]:
    """A listener on a connection of its own. Raises RetryableError when the database can't be reached or goes away."""
    with _told():
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True, **_OPTIONS) as connection:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            yield InboxListener(connection, noun)


async def take(conninfo: str, inbox_ids: Sequence[int], now: datetime) -> None:
    """Airflow was told of these hints at `now`. Raises RetryableError when the database can't be reached."""
    query = "UPDATE fulfilment.webhook_inbox SET taken_at = %s WHERE inbox_id = ANY(%s) AND taken_at IS NULL"
    with _told():
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True, **_OPTIONS) as connection:
            await connection.execute(query, (now, list(inbox_ids)))


def _checked(conninfo: str) -> str:
    """The address, if it can be one. A password with a bare `@` or `:` would be taken for host or port, which the
    database's errors name."""
    try:
        found = conninfo_to_dict(conninfo)
    except psycopg.Error:
        found = {}
    ports, hosts = str(found.get("port", "")), str(found.get("host", ""))
    if not found or "@" in hosts or not re.fullmatch("[0-9,]*", ports):
        words = "in a password write @ as %40, : as %3A, / as %2F and % as %25"
        raise ConfigError(f"the address of the store is no URL of a PostgreSQL database; {words}")
    return conninfo


_OPTIONS: dict[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "application_name": "fulfilment inbox",
    "row_factory": dict_row,
    # A peer that vanished without a word would otherwise be listened to for hours.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    # The same for what was sent and never confirmed, which would otherwise be waited for a quarter of an hour.
    "tcp_user_timeout": 10_000,
}
_PUT = """
    WITH added AS (
        INSERT INTO webhook_inbox (site, source, warehouse, noun, topic, subject, event_id, fingerprint, received_at)
        SELECT site, source, warehouse, noun, topic, subject, event_id, fingerprint, received_at
        FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (site text, source text, warehouse text, noun text,
            topic text, subject text, event_id text, fingerprint text, received_at timestamptz)
        ORDER BY site, source, warehouse, noun, subject, event_id
        ON CONFLICT DO NOTHING
        RETURNING noun
    ), announced AS (
        SELECT pg_notify(%(channel)s, noun) FROM (SELECT DISTINCT noun FROM added) AS nouns
    )
    SELECT (SELECT count(*) FROM added) AS added, (SELECT count(*) FROM announced) AS nouns
"""


@contextmanager
def _told() -> Iterator[None]:
    """The database's faults by what helps; without the server's DETAIL, which repeats the row."""
    try:
        yield
    except psycopg.OperationalError as error:
        words = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise RetryableError(f"fulfilment_db: {words}; nothing was stored, send it again") from None
    except psycopg.DatabaseError as error:
        words = error.diag.message_primary or "no reason given"
        raise DataError(f"fulfilment_db refused the webhook inbox: {words}", subject="webhook_inbox") from None
