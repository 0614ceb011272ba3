"""What is owed to a remote: written with the decision, claimed so that no two workers send the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from include.fulfilment.store.site_rows import SiteRows, as_json, plain
from include.fulfilment.store_port import Json, OutboxRow

CLAIM = timedelta(seconds=180)
"""How long a claim holds: a worker that died is forgotten after it, and its rows are claimed again."""


class PostgresOutbox(SiteRows):
    """The outbox of one site, by kind of creation."""

    def put(self, kind: str, rows: Sequence[tuple[str, str, Json]], now: datetime) -> None:
        """Owe these (key, order id, payload); a key that is or was owed before is left as it is."""
        given = [{"key": key, "order_id": order_id, "payload": payload} for key, order_id, payload in rows]
        self._connection.execute(_PUT, (self._site, kind, now, now, as_json(given)))

    def claim(
        self, kind: str, limit: int, now: datetime, due_by: datetime | None = None, warehouse: str = ""
    ) -> list[OutboxRow]:
        """Take at most `limit` rows that were due by `due_by` (now), those due longest first; rows that another worker
        is taking are passed over. Each claim counts as an attempt, because its answer may get lost. What is owed to a
        warehouse is claimed for the `warehouse` of that code."""
        given = {"site": self._site, "kind": kind, "limit": limit, "now": now, "until": now + CLAIM}
        given["warehouse"] = warehouse
        given["due_by"] = due_by or now
        found = self._connection.execute(_CLAIM, given).fetchall()
        return sorted((OutboxRow(**row) for row in found), key=lambda row: row.outbox_id)

    def done(self, remote_ids: Mapping[int, str], now: datetime) -> None:
        """The remote has these, each as its remote id."""
        rows = [{"outbox_id": key, "remote_id": remote_id} for key, remote_id in remote_ids.items()]
        self._connection.execute(_DONE, (now, as_json(rows), self._site))

    def refused(self, outbox_id: int, words: str, now: datetime) -> None:
        """The remote refused it for good, in these words. What is done stays done."""
        self._connection.execute(
            "UPDATE outbox SET state = 'refused', error = %s, done_at = %s, claimed_until = NULL"
            " WHERE site = %s AND outbox_id = %s AND state <> 'done'",
            (plain(words), now, self._site, outbox_id),
        )

    def again(self, words: Mapping[int, str], due_at: datetime) -> None:
        """Look again from `due_at` on: nobody knows what became of these, as their words say; without words an
        acknowledgement is merely awaited. A late worker doesn't wake what is settled."""
        rows = [{"outbox_id": key, "error": said} for key, said in words.items()]
        self._connection.execute(_AGAIN, (due_at, as_json(rows), self._site))

    def not_sent(self, claimed: Sequence[OutboxRow], due_at: datetime) -> None:
        """These were claimed and certainly not sent: due again from `due_at` on, and the claim was no attempt. A late
        worker wakes neither what is settled nor what another one has claimed since."""
        rows = [{"outbox_id": row.outbox_id, "attempts": row.attempts} for row in claimed]
        self._connection.execute(_NOT_SENT, (due_at, as_json(rows), self._site))

    def retry_refused(self, kind: str, order_ids: Sequence[str], now: datetime) -> int:
        """Owe again what the remote refused of these orders, because a person says that its cause is mended."""
        return self._connection.execute(
            "UPDATE outbox SET state = 'queued', due_at = %s, done_at = NULL"
            " WHERE site = %s AND kind = %s AND state = 'refused' AND order_id = ANY(%s)",
            (now, self._site, kind, list(order_ids)),
        ).rowcount

    def left(self, kind: str) -> int:
        """How many are still owed."""
        found = self._connection.execute(
            "SELECT count(*) AS rows FROM outbox WHERE site = %s AND kind = %s AND state IN ('queued', 'claimed')",
            (self._site, kind),
        ).fetchone()
        return int(found["rows"]) if found else 0

    def uncertain(self, kind: str) -> dict[str, tuple[str, str, datetime]]:
        """(order id, last words, owed since) by key of what was tried and is still owed."""
        found = self._connection.execute(
            "SELECT key, order_id, error, created_at FROM outbox WHERE site = %s AND kind = %s"
            " AND state IN ('queued', 'claimed') AND attempts > 0 AND error <> '' ORDER BY outbox_id",
            (self._site, kind),
        )
        return {row["key"]: (row["order_id"], row["error"], row["created_at"]) for row in found}

    def refusals(self, kind: str) -> dict[str, tuple[str, str]]:
        """(order id, the remote's words) by key of what was refused for good."""
        found = self._connection.execute(
            "SELECT key, order_id, error FROM outbox WHERE site = %s AND kind = %s AND state = 'refused'"
            " ORDER BY outbox_id",
            (self._site, kind),
        )
        return {row["key"]: (row["order_id"], row["error"]) for row in found}


_PUT = """
    INSERT INTO outbox (site, kind, key, order_id, payload, due_at, created_at)
    SELECT %s, %s, r.key, r.order_id, r.payload, %s, %s
    FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS (key text, order_id text, payload jsonb)) WITH ORDINALITY
        AS r (key, order_id, payload, place)
    ORDER BY r.place
    ON CONFLICT (site, kind, key) DO NOTHING
"""
_CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT outbox_id FROM outbox
        WHERE site = %(site)s AND kind = %(kind)s AND warehouse = %(warehouse)s
            AND (state = 'queued' AND due_at <= %(due_by)s
            OR state = 'claimed' AND claimed_until < %(now)s)
        ORDER BY due_at, outbox_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    UPDATE outbox o SET state = 'claimed', attempts = o.attempts + 1, claimed_until = %(until)s
    FROM due WHERE o.outbox_id = due.outbox_id
    RETURNING o.outbox_id, o.key, o.order_id, o.payload, o.attempts
"""
_DONE = """
    UPDATE outbox o SET state = 'done', remote_id = r.remote_id, done_at = %s, claimed_until = NULL, error = ''
    FROM jsonb_to_recordset(%s::jsonb) AS r (outbox_id bigint, remote_id text)
    WHERE o.site = %s AND o.outbox_id = r.outbox_id
"""
_NOT_SENT = """
    UPDATE outbox o SET state = 'queued', attempts = o.attempts - 1, due_at = %s, claimed_until = NULL
    FROM jsonb_to_recordset(%s::jsonb) AS r (outbox_id bigint, attempts integer)
    WHERE o.site = %s AND o.outbox_id = r.outbox_id AND o.state = 'claimed' AND o.attempts = r.attempts
"""
_AGAIN = """
    UPDATE outbox o SET state = 'queued', error = r.error, due_at = %s, claimed_until = NULL
    FROM jsonb_to_recordset(%s::jsonb) AS r (outbox_id bigint, error text)
    WHERE o.site = %s AND o.outbox_id = r.outbox_id AND o.state = 'claimed'
"""
