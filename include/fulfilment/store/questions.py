"""Holds that wait for a person's verdict: which there are, who asks for it, and who is told that there is one.

An order's question lasts while that hold is the order's and nobody has decided on its content as it stands; a stock
reading's while its ticket is open, nothing newer is used, and nobody has refused since the ticket was opened.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from include.fulfilment.domain.hold_decision import READING, Question
from include.fulfilment.store.inbox import CHANNEL
from include.fulfilment.store.site_rows import Row, SiteRows

NOUN = "question"


class PostgresQuestions(SiteRows):
    """Open questions of one site."""

    def announce(self, codes: Collection[str], now: datetime) -> bool:
        """Wake hold_decision if one of these holds waits for a verdict that nobody asks for yet; whether it was so."""
        values = self._values(codes) | {"run_id": "", "now": now}
        if self._connection.execute(_UNASKED + " LIMIT 1", values).fetchone() is None:
            return False
        self.wake(NOUN, "", now)
        return True

    def claim(self, codes: Collection[str], run_id: str, now: datetime, until: datetime, limit: int) -> list[Question]:
        """The questions that this run asks, those due first: what no other run asks until its own `until`. Asked again
        by the same run, the answer is the same."""
        values = self._values(codes) | {"run_id": run_id, "now": now, "until": until, "limit": limit}
        return [_question(row) for row in self._connection.execute(_CLAIM, values)]

    def question(self, code: str, subject: str, version: str) -> Question | None:
        """The question as it stands; None once it is answered or gone."""
        query = _WAITING + " SELECT * FROM waiting WHERE code = %(code)s AND subject = %(subject)s"  # noqa: S608 - constants
        values = self._values([code]) | {"code": code, "subject": subject, "version": version}
        found = self._connection.execute(query + " AND version = %(version)s", values).fetchone()
        return _question(found) if found else None

    def wake(self, noun: str, subject: str, now: datetime) -> None:
        """Have the DAGs that wait for this noun (`question`, `order`, `stock`) run soon."""
        self._connection.execute(_WAKE, {"site": self._site, "noun": noun, "subject": subject, "now": now})
        self._connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, noun))

    def _values(self, codes: Collection[str]) -> Row:
        return {"site": self._site, "codes": list(codes), "reading": READING}


def _question(row: Row) -> Question:
    return Question(
        code=row["code"],
        subject=row["subject"],
        version=row["version"],
        order_id=row["order_id"] or "",
        name=row["name"],
        due_at=row["due_at"],
        evidence={str(name): str(value) for name, value in row["evidence"].items()},
    )


_WAITING = """
    WITH waiting AS (
        SELECT t.code, o.order_id AS subject, o.content_hash AS version, o.order_id, o.name, t.evidence, t.due_at,
            t.opened_at AS since
        FROM exception_ticket t
        JOIN sales_order o ON o.site = t.site AND o.order_id = t.order_id AND o.reason = t.code
        WHERE t.site = %(site)s AND t.closed_at IS NULL AND t.code = ANY(%(codes)s) AND NOT EXISTS (
            SELECT FROM hold_decision d WHERE d.site = t.site AND d.code = t.code AND d.subject = o.order_id
                AND d.version = o.content_hash AND d.follows IS NOT NULL)
        UNION ALL
        SELECT t.code, s.warehouse, to_json(s.as_of) #>> '{}', NULL, 'stock of ' || s.warehouse, t.evidence, t.due_at,
            s.as_of
        FROM exception_ticket t
        JOIN stock_snapshot s ON s.site = t.site AND t.subject = 'stock of ' || s.warehouse
            AND s.taken_at >= t.opened_at AND NOT s.accepted
        WHERE t.site = %(site)s AND t.closed_at IS NULL AND t.code = %(reading)s AND t.code = ANY(%(codes)s)
            AND NOT EXISTS (SELECT FROM stock_snapshot n WHERE n.site = s.site AND n.warehouse = s.warehouse
                AND n.accepted AND n.as_of > s.as_of)
            AND NOT EXISTS (SELECT FROM hold_decision d WHERE d.site = t.site AND d.code = t.code
                AND d.subject = s.warehouse AND d.verdict = 'refused' AND d.follows IS NOT NULL AND d.at >= t.opened_at)
    )
"""
# Of a subject's readings the newest is asked about, unless another is being asked about still.
_UNASKED = (
    _WAITING  # noqa: S608 - constants
    + """
    SELECT DISTINCT ON (w.code, w.subject) w.* FROM waiting w
    WHERE NOT EXISTS (
        SELECT FROM asked_question a JOIN waiting open USING (code, subject, version)
        WHERE a.site = %(site)s AND a.code = w.code AND a.subject = w.subject AND a.until > %(now)s
            AND (a.run_id <> %(run_id)s OR a.version <> w.version))
    ORDER BY w.code, w.subject, w.since DESC
"""
)
_CLAIM = (
    "WITH unasked AS ("  # noqa: S608 - constants
    + _UNASKED
    + """
    ), chosen AS (
        SELECT * FROM unasked ORDER BY due_at, code, subject LIMIT %(limit)s
    ), claimed AS (
        INSERT INTO asked_question (site, code, subject, version, run_id, asked_at, until)
        SELECT %(site)s, code, subject, version, %(run_id)s, %(now)s, %(until)s FROM chosen
        ON CONFLICT (site, code, subject) DO UPDATE SET
            version = EXCLUDED.version, run_id = EXCLUDED.run_id, asked_at = EXCLUDED.asked_at, until = EXCLUDED.until
        RETURNING code, subject
    )
    SELECT chosen.* FROM chosen JOIN claimed USING (code, subject) ORDER BY due_at, code, subject
"""
)
# One waiting hint is enough.
_WAKE = """
    INSERT INTO webhook_inbox (site, source, warehouse, noun, topic, subject, event_id, fingerprint, received_at)
    SELECT %(site)s, 'fulfilment', '', %(noun)s, 'decision', %(subject)s, gen_random_uuid()::text, '', %(now)s
    WHERE NOT EXISTS (SELECT FROM webhook_inbox WHERE site = %(site)s AND source = 'fulfilment' AND noun = %(noun)s
        AND subject = %(subject)s AND taken_at IS NULL)
"""
