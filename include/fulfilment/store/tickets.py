"""Exception tickets: opened, kept up to date and closed by comparing what is open with what still has its cause."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import LiteralString

from include.fulfilment.domain.exception_ticket import ExceptionTicket
from include.fulfilment.store.site_rows import SiteRows, as_json, plain
from include.fulfilment.store.staging import stage


class Tickets(SiteRows):
    """The open tickets of one site."""

    def reconcile_tickets(
        self, scope: str, tickets: Sequence[ExceptionTicket], now: datetime, settled: Collection[str] | None = None
    ) -> dict[str, int]:
        """Make the open tickets of `scope` those whose cause is given: a ticket whose cause is gone closes, one whose
        cause stays gets the newest evidence, and a new cause opens one once it has lasted long enough. Where not all
        was looked at, `settled` names the subjects whose cause is known to be gone: the other tickets stay open.
        Returns how many were `opened` and `closed`, and how many are `open` now."""
        given = {(each.code, each.subject): each for each in tickets}.values()
        if not given and not self._open(scope):
            return {"opened": 0, "closed": 0, "open": 0}
        stage(self._connection, "ticket_given", _COLUMNS, (_row(each, now) for each in given))
        about = {"site": self._site, "scope": scope, "now": now, "settled": None if settled is None else list(settled)}
        counts = self._connection.execute(_RECONCILE, about).fetchone()
        return (counts or {}) | {"open": self._open(scope)}

    def _open(self, scope: str) -> int:
        found = self._connection.execute(
            "SELECT count(*) AS tickets FROM exception_ticket WHERE site = %s AND scope = %s AND closed_at IS NULL",
            (self._site, scope),
        ).fetchone()
        return int(found["tickets"]) if found else 0


def _row(ticket: ExceptionTicket, now: datetime) -> tuple[object, ...]:
    matter = ticket.matter
    return (
        ticket.code,
        plain(ticket.subject),
        ticket.order_id,
        matter.owner,
        matter.severity,
        as_json(ticket.evidence),
        matter.next_step,
        (ticket.since or now) + matter.due_after,
        ticket.is_due_to_open(now),
    )


_COLUMNS: LiteralString = """
    code text, subject text, order_id text, owner text, severity text, evidence jsonb, next_step text,
    due_at timestamptz, due_to_open boolean
"""
# The three parts see the same tickets: each works on other rows, so that their order does not matter.
_RECONCILE = """
    WITH closed AS (
        UPDATE exception_ticket SET closed_at = %(now)s
        WHERE site = %(site)s AND scope = %(scope)s AND closed_at IS NULL
            AND (code, subject) NOT IN (SELECT code, subject FROM ticket_given)
            AND (%(settled)s::text[] IS NULL OR subject = ANY(%(settled)s))
        RETURNING 1
    ), refreshed AS (
        UPDATE exception_ticket t SET evidence = g.evidence FROM ticket_given g
        WHERE t.site = %(site)s AND t.closed_at IS NULL AND g.code = t.code AND g.subject = t.subject
            AND t.evidence <> g.evidence
    ), opened AS (
        INSERT INTO exception_ticket (site, scope, code, subject, order_id, owner, severity, evidence, next_step,
            opened_at, due_at)
        SELECT %(site)s, %(scope)s, code, subject, order_id, owner, severity, evidence, next_step, %(now)s, due_at
        FROM ticket_given WHERE due_to_open
        ON CONFLICT (site, code, subject) WHERE closed_at IS NULL DO NOTHING
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM opened) AS opened, (SELECT count(*) FROM closed) AS closed
"""
