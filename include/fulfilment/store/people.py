"""What people decide of single orders: holds they end and corrections for the warehouse, kept for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from include.fulfilment.domain.correction import Correction
from include.fulfilment.domain.release_case import Lift
from include.fulfilment.store.site_rows import SiteRows


class PostgresPeople(SiteRows):
    """Lifts and corrections, and what looks like an order placed twice."""

    def lift(self, order_id: str, code: str, person: str, reason: str, now: datetime) -> Lift:
        """End a hold of this code for the order as it stands; answers whose decision counts, which is the first."""
        self._connection.execute(
            """
            INSERT INTO hold_lift (site, order_id, code, content_hash, person, reason, at)
            SELECT site, order_id, %s, content_hash, %s, %s, %s FROM sales_order WHERE site = %s AND order_id = %s
            ON CONFLICT DO NOTHING
            """,
            (code, person, reason, now, self._site, order_id),
        )
        return self.lifts([order_id])[order_id][code]

    def lifts(self, order_ids: Sequence[str]) -> dict[str, dict[str, Lift]]:
        """The lifts that hold for these orders as they stand now, by code."""
        found = self._connection.execute(
            """
            SELECT l.order_id, l.code, l.person, l.at FROM hold_lift l
            JOIN sales_order o ON o.site = l.site AND o.order_id = l.order_id AND o.content_hash = l.content_hash
            WHERE l.site = %s AND l.order_id = ANY(%s)
            """,
            (self._site, list(order_ids)),
        )
        lifts: dict[str, dict[str, Lift]] = {}
        for row in found:
            lifts.setdefault(row["order_id"], {})[row["code"]] = Lift(row["person"], row["at"])
        return lifts

    def correct(self, order_id: str, field: str, value: str, person: str, reason: str, now: datetime) -> None:
        """Tell the warehouse this in place of what the shop says; an empty value takes an earlier correction back."""
        self._connection.execute(
            "INSERT INTO order_correction (site, order_id, field, value, person, reason, at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (self._site, order_id, field, value, person, reason, now),
        )

    def corrections(self, order_ids: Sequence[str]) -> dict[str, dict[str, Correction]]:
        """The corrections that count for these orders, by field."""
        found = self._connection.execute(
            """
            SELECT DISTINCT ON (order_id, field) order_id, field, value, person FROM order_correction
            WHERE site = %s AND order_id = ANY(%s) ORDER BY order_id, field, correction_id DESC
            """,
            (self._site, list(order_ids)),
        )
        corrections: dict[str, dict[str, Correction]] = {}
        for row in found:
            if row["value"]:
                corrections.setdefault(row["order_id"], {})[row["field"]] = Correction(row["value"], row["person"])
        return corrections

    def alike(self, order_ids: Sequence[str], within: timedelta) -> dict[str, str]:
        """Of these orders, those for which the same account placed one with the same PO number and lines at most so
        long before: the name of that one. Orders without an account or a PO number are like no other."""
        found = self._connection.execute(_ALIKE, {"site": self._site, "ids": list(order_ids), "within": within})
        return {row["order_id"]: row["name"] for row in found}


_ALIKE = """
    WITH pairs AS (
        SELECT o.order_id, e.order_id AS earlier_id, e.name, e.placed_at
        FROM sales_order o JOIN sales_order e ON e.site = o.site AND e.account_id = o.account_id
            AND e.po_number = o.po_number AND e.placed_at >= o.placed_at - %(within)s
            AND (e.placed_at, e.order_id) < (o.placed_at, o.order_id)
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
