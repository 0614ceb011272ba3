"""Exception tickets: opened, kept up to date and closed by comparing what is open with what still has its cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from include.fulfilment.domain.exception_ticket import ExceptionTicket
from include.fulfilment.store.site_rows import Row, SiteRows, as_json


class Tickets(SiteRows):
    """The open tickets of one site."""

    def reconcile_tickets(self, scope: str, tickets: Sequence[ExceptionTicket], now: datetime) -> dict[str, int]:
        """Make the open tickets of `scope` those whose cause is given: a ticket whose cause is gone closes, one whose
        cause stays gets the newest evidence, and a new cause opens one once it has lasted long enough. Returns how
        many were `opened` and `closed`, and how many are `open` now."""
        rows = list({(each.code, each.subject): _row(each, now) for each in tickets}.values())
        counts = self._connection.execute(
            _RECONCILE, {"site": self._site, "scope": scope, "now": now, "rows": as_json(rows)}
        ).fetchone()
        still_open = self._connection.execute(
            "SELECT count(*) AS tickets FROM exception_ticket WHERE site = %s AND scope = %s AND closed_at IS NULL",
            (self._site, scope),
        ).fetchone()
        return (counts or {}) | {"open": int(still_open["tickets"]) if still_open else 0}


def _row(ticket: ExceptionTicket, now: datetime) -> Row:
    matter = ticket.matter
    return {
        "code": ticket.code,
        "subject": ticket.subject,
        "order_id": ticket.order_id,
        "owner": matter.owner,
        "severity": matter.severity,
        "evidence": ticket.evidence,
        "next_step": matter.next_step,
        "due_at": (ticket.since or now) + matter.due_after,
        "due_to_open": ticket.is_due_to_open(now),
    }


# The three parts see the same tickets: each works on other rows, so that their order does not matter.
_RECONCILE = """
    WITH given AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (code text, subject text, order_id text, owner text,
            severity text, evidence jsonb, next_step text, due_at timestamptz, due_to_open boolean)
    ), closed AS (
        UPDATE exception_ticket t SET closed_at = %(now)s
        WHERE t.site = %(site)s AND t.scope = %(scope)s AND t.closed_at IS NULL
            AND NOT EXISTS (SELECT FROM given g WHERE g.code = t.code AND g.subject = t.subject)
        RETURNING 1
    ), refreshed AS (
        UPDATE exception_ticket t SET evidence = g.evidence FROM given g
        WHERE t.site = %(site)s AND t.closed_at IS NULL AND g.code = t.code AND g.subject = t.subject
            AND t.evidence <> g.evidence
    ), opened AS (
        INSERT INTO exception_ticket (site, scope, code, subject, order_id, owner, severity, evidence, next_step,
            opened_at, due_at)
        SELECT %(site)s, %(scope)s, code, subject, order_id, owner, severity, evidence, next_step, %(now)s, due_at
        FROM given g WHERE due_to_open AND NOT EXISTS (SELECT FROM exception_ticket t WHERE t.site = %(site)s
            AND t.code = g.code AND t.subject = g.subject AND t.closed_at IS NULL)
        ON CONFLICT (site, code, subject) WHERE closed_at IS NULL DO NOTHING
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM opened) AS opened, (SELECT count(*) FROM closed) AS closed
"""
