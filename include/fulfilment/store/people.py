"""What people decide: holds they end or leave, and corrections for the warehouse, kept for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from include.fulfilment.domain.correction import Correction
from include.fulfilment.domain.hold_decision import Decision, Seen, Signed, Verdict
from include.fulfilment.domain.release_case import Lift
from include.fulfilment.errors import DataError
from include.fulfilment.store.site_rows import SiteRows


class PostgresPeople(SiteRows):
    """Verdicts and corrections, and what looks like an order placed twice."""

    def decide(
        self, code: str, subject: str, order_id: str | None, verdict: Verdict, seen: Seen, signed: Signed, now: datetime
    ) -> Decision:
        """Store a verdict on what was seen. It counts if nobody has decided since; else it is kept for the audit alone,
        and the answer is the decision that counts."""
        given = {
            "site": self._site,
            "code": code,
            "subject": subject,
            "version": seen.version,
            "order_id": order_id,
            "verdict": verdict,
            "person": signed.person,
            "reason": signed.reason,
            "at": now,
            "after": seen.decision_id,
        }
        stored = self._connection.execute(_DECIDE, given).fetchone()
        if stored is None:  # somebody decided between our look and our row, and has committed: now it is seen
            stored = self._connection.execute(_DECIDE, given).fetchone()
        counts = self.decision(code, subject, seen.version)
        if counts is None:
            raise DataError(f"the decision on {code} of {subject} could not be stored; decide again", subject)
        return replace(counts, late=stored is None or stored["follows"] is None)

    def decision(self, code: str, subject: str, version: str) -> Decision | None:
        """The decision that counts on this version of the subject; None where nobody decided."""
        found = self._connection.execute(
            """
            SELECT decision_id, verdict, person, reason, at FROM hold_decision
            WHERE site = %s AND code = %s AND subject = %s AND version = %s AND follows IS NOT NULL
            ORDER BY decision_id DESC LIMIT 1
            """,
            (self._site, code, subject, version),
        ).fetchone()
        return Decision(**found | {"verdict": Verdict(found["verdict"])}) if found else None

    def lifts(self, order_ids: Sequence[str]) -> dict[str, dict[str, Lift]]:
        """The lifts that hold for these orders as they stand now, by code."""
        found = self._connection.execute(_LIFTS, (self._site, list(order_ids)))
        lifts: dict[str, dict[str, Lift]] = {}
        for row in found:
            if row["verdict"] == Verdict.LIFTED:
                lifts.setdefault(row["order_id"], {})[row["code"]] = Lift(row["person"], row["at"])
        return lifts

    def correct(self, order_id: str, field: str, correction: Correction, reason: str, now: datetime) -> None:
        """Tell the warehouse this in place of what the shop says; an empty value takes an earlier correction back."""
        made = (correction.value, correction.instead_of, correction.person)
        self._connection.execute(
            "INSERT INTO order_correction (site, order_id, field, value, instead_of, person, reason, at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (self._site, order_id, field, *made, reason, now),
        )

    def adopted_as(self, reference: str) -> dict[str, str]:
        """The orders that are to adopt the warehouse's order of this reference, or did: their numbers by our id."""
        found = self._connection.execute(
            """
            SELECT o.order_id, o.name
            FROM (SELECT DISTINCT ON (order_id) order_id, value FROM order_correction
                WHERE site = %s AND field = 'adopts' ORDER BY order_id, correction_id DESC) c
            JOIN sales_order o ON o.site = %s AND o.order_id = c.order_id
            WHERE c.value = %s
            UNION
            SELECT o.order_id, o.name FROM warehouse_order w JOIN sales_order o USING (site, order_id)
            WHERE w.site = %s AND w.content ->> 'adopts' = %s AND w.state IN ('queued', 'acknowledged')
            """,
            (self._site, self._site, reference, self._site, reference),
        )
        return {row["order_id"]: row["name"] for row in found}

    def corrections(self, order_ids: Sequence[str]) -> dict[str, dict[str, Correction]]:
        """The newest corrections of these orders, by field."""
        found = self._connection.execute(
            """
            SELECT DISTINCT ON (order_id, field) order_id, field, value, person, instead_of
            FROM order_correction WHERE site = %s AND order_id = ANY(%s) ORDER BY order_id, field, correction_id DESC
            """,
            (self._site, list(order_ids)),
        )
        corrections: dict[str, dict[str, Correction]] = {}
        for row in found:
            if row["value"]:
                made = Correction(row["value"], row["person"], row["instead_of"])
                corrections.setdefault(row["order_id"], {})[row["field"]] = made
        return corrections

    def alike(self, order_ids: Sequence[str], within: timedelta, later: bool = False) -> dict[str, str]:
        """Of these orders, those for which the same account placed one with the same PO number and lines at most so
        long before: the name of that one. With `later`, of orders of which nothing was released also those for which
        one was placed at most so long after and released first, unless a person has let that one go beside it. Orders
        without an account or a PO number are like no other."""
        given = {"site": self._site, "ids": list(order_ids), "within": within, "later": later}
        found = self._connection.execute(_ALIKE, given)
        return {row["order_id"]: row["name"] for row in found}


_DECIDE = """
    INSERT INTO hold_decision (site, code, subject, version, order_id, verdict, person, reason, at, follows)
    SELECT %(site)s, %(code)s, %(subject)s, %(version)s, %(order_id)s, %(verdict)s, %(person)s, %(reason)s, %(at)s,
        CASE WHEN coalesce(max(decision_id), 0) = %(after)s THEN %(after)s END
    FROM hold_decision
    WHERE site = %(site)s AND code = %(code)s AND subject = %(subject)s AND version = %(version)s
        AND follows IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING follows
"""
_LIFTS = """
    SELECT DISTINCT ON (d.order_id, d.code) d.order_id, d.code, d.verdict, d.person, d.at
    FROM hold_decision d
    JOIN sales_order o ON o.site = d.site AND o.order_id = d.order_id AND o.content_hash = d.version
    WHERE d.site = %s AND d.subject = ANY(%s) AND d.follows IS NOT NULL
    ORDER BY d.order_id, d.code, d.decision_id DESC
"""
_ALIKE = """
    WITH pairs AS (
        SELECT o.order_id, e.order_id AS earlier_id, e.name, e.placed_at
        FROM sales_order o JOIN sales_order e ON e.site = o.site AND e.account_id = o.account_id
            AND e.po_number = o.po_number AND e.order_id <> o.order_id
            AND e.placed_at BETWEEN o.placed_at - %(within)s AND o.placed_at + %(within)s
            AND ((e.placed_at, e.order_id) < (o.placed_at, o.order_id)
                OR %(later)s AND NOT EXISTS (SELECT FROM hold_decision d
                    WHERE d.site = e.site AND d.order_id = e.order_id AND d.code = 'possible_duplicate'
                        AND d.verdict = 'lifted' AND d.follows IS NOT NULL)
                AND EXISTS (SELECT FROM warehouse_order w
                    WHERE w.site = e.site AND w.order_id = e.order_id AND w.state <> 'rejected')
                AND NOT EXISTS (SELECT FROM warehouse_order w
                    WHERE w.site = o.site AND w.order_id = o.order_id AND w.state <> 'rejected'))
        WHERE o.site = %(site)s AND o.order_id = ANY(%(ids)s) AND o.account_id <> '' AND o.po_number <> ''
            AND NOT o.is_draft AND NOT e.is_draft AND e.cancelled_at IS NULL
    ), contents AS (
        SELECT l.order_id, array_agg(l.sku || ' ' || l.quantity ORDER BY l.sku, l.quantity) AS lines
        FROM order_line l
        WHERE l.site = %(site)s AND l.quantity > 0
            AND l.order_id IN (SELECT order_id FROM pairs UNION SELECT earlier_id FROM pairs)
        GROUP BY l.order_id
    )
    SELECT DISTINCT ON (p.order_id) p.order_id, p.name
    FROM pairs p JOIN contents mine ON mine.order_id = p.order_id
    JOIN contents earlier ON earlier.order_id = p.earlier_id AND earlier.lines = mine.lines
    ORDER BY p.order_id, p.placed_at DESC
"""
