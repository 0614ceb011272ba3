"""What the credit source says of the accounts that orders wait on, and the orders that use their credit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from include.fulfilment.domain.credit import OpenOrder
from include.fulfilment.domain.order import CreditAccount
from include.fulfilment.ports import CreditReading, Debtor
from include.fulfilment.store.site_rows import SiteRows, as_json

PER_ACCOUNT = 100
"""How many waiting orders of one account are looked at for its logins."""


class PostgresCredit(SiteRows):
    """Recording readings of the credit source, and reading them for a decision."""

    def debtors(self) -> list[Debtor]:
        """The accounts that orders wait on, or that goods are still to leave for, by the newest `PER_ACCOUNT` of
        each: a shop keeps the figures per login of the account, and each order leads to the one that placed it."""
        found = self._connection.execute(_DEBTORS, (self._site, PER_ACCOUNT))
        return [Debtor(**row) for row in found]

    def record(self, debtors: Sequence[Debtor], reading: CreditReading, source: str, now: datetime) -> None:
        """Make this reading, taken at `now`, what is known of the accounts of `debtors`: one that it does not have has
        no credit any more. An older statement never replaces a newer one of the same `source`."""
        newest = {each.account_id: each for each in sorted(reading.accounts, key=lambda each: each.as_of)}
        gone = {each.account_id for each in debtors} - newest.keys()
        self._connection.execute(
            "DELETE FROM credit_account WHERE site = %s AND account_id = ANY(%s)", (self._site, sorted(gone))
        )
        beside = {"site": self._site, "source": source, "taken_at": now}
        rows = [
            asdict(each) | beside | {"ledger_id": reading.ledger.get(each.account_id, each.account_id)}
            for each in newest.values()
        ]
        self._connection.execute(_RECORD, (as_json(rows),))

    def known(self) -> CreditReading:
        """Every account as it was read last."""
        found = self._connection.execute(
            "SELECT account_id, credit_limit, balance, currency, on_stop, as_of, contains, ledger_id"
            " FROM credit_account WHERE site = %s",
            (self._site,),
        ).fetchall()
        ledger = {row["account_id"]: row.pop("ledger_id") for row in found}
        return CreditReading(tuple(CreditAccount(**row) for row in found), ledger)

    def queue(self) -> list[OpenOrder]:
        """The orders on account that use credit, under the account of the ledger where that is known: no drafts, none
        cancelled in the shop, and of the finished ones those that the oldest balance in use may not contain yet. An
        order is finished when the last of its goods had left."""
        return [OpenOrder(**row) for row in self._connection.execute(_QUEUE, {"site": self._site})]


_WAITS = """
    o.payment_method = 'account' AND NOT o.is_draft AND o.account_id <> ''
    AND o.state NOT IN ('fulfilled', 'cancelled', 'not_ours')
    AND (o.state IN ('placed', 'held', 'awaiting_stock') OR EXISTS (SELECT FROM order_line l
        WHERE l.site = o.site AND l.order_id = o.order_id AND l.backordered_base + l.open_base > 0))
"""
_DEBTORS = f"""
    SELECT account_id, platform_id, storefront FROM (
        SELECT o.account_id, o.platform_id, o.storefront,
            row_number() OVER (PARTITION BY o.account_id ORDER BY o.placed_at DESC, o.order_id) AS place
        FROM sales_order o WHERE o.site = %s AND {_WAITS}) waiting
    WHERE place <= %s ORDER BY account_id, place
"""  # noqa: S608 - constants
_RECORD = """
    INSERT INTO credit_account
    SELECT * FROM jsonb_populate_recordset(NULL::credit_account, %s::jsonb) ORDER BY account_id
    ON CONFLICT (site, account_id) DO UPDATE SET
        credit_limit = EXCLUDED.credit_limit, balance = EXCLUDED.balance, currency = EXCLUDED.currency,
        on_stop = EXCLUDED.on_stop, as_of = EXCLUDED.as_of, contains = EXCLUDED.contains,
        ledger_id = EXCLUDED.ledger_id, source = EXCLUDED.source, taken_at = EXCLUDED.taken_at
    WHERE credit_account.as_of <= EXCLUDED.as_of OR credit_account.source <> EXCLUDED.source
"""
# Who releases an order that is not ours tells the ledger, by when is not known here: it counts as when it was placed.
# Released is what has nothing left that waits. A finished order is stored as such after its goods left, so that
# `state_since` bounds the search.
_QUEUE = f"""
    WITH oldest AS (
        SELECT c.ledger_id, min(c.as_of) AS as_of FROM credit_account c
        WHERE c.site = %(site)s AND c.account_id IN (
            SELECT o.account_id FROM sales_order o WHERE o.site = %(site)s AND {_WAITS})
        GROUP BY c.ledger_id
    ), released AS (
        SELECT w.order_id, max(w.created_at) AS released_at
        FROM warehouse_order w JOIN sales_order o USING (site, order_id)
        WHERE w.site = %(site)s AND w.state <> 'rejected' AND o.payment_method = 'account'
            AND o.state NOT IN ('fulfilled', 'cancelled', 'not_ours')
            AND NOT EXISTS (SELECT FROM order_line l WHERE l.site = w.site AND l.order_id = w.order_id
                AND l.held_base + l.backordered_base > 0)
        GROUP BY w.order_id
    ), finished AS (
        SELECT o.order_id, c.ledger_id, t.as_of,
            max(w.created_at) FILTER (WHERE w.state <> 'rejected') AS released_at,
            coalesce(max(s.dispatched_at), o.state_since) AS finished_at
        FROM sales_order o
        JOIN credit_account c USING (site, account_id)
        JOIN oldest t USING (ledger_id)
        LEFT JOIN warehouse_order w ON w.site = o.site AND w.order_id = o.order_id
        LEFT JOIN shipment_line l ON l.site = w.site AND l.warehouse = w.warehouse AND l.external_ref = w.external_ref
        LEFT JOIN shipment s ON s.site = l.site AND s.warehouse = l.warehouse AND s.shipment_id = l.shipment_id
            AND NOT s.voided
        WHERE o.site = %(site)s AND o.state = 'fulfilled' AND o.payment_method = 'account' AND o.cancelled_at IS NULL
            AND o.state_since > t.as_of
        GROUP BY o.site, o.order_id, c.ledger_id, t.as_of
    )
    SELECT o.order_id, coalesce(c.ledger_id, o.account_id) AS account_id, o.placed_at, o.total_gross,
        CASE o.state WHEN 'not_ours' THEN o.placed_at ELSE r.released_at END AS released_at,
        NULL::timestamptz AS finished_at
    FROM sales_order o
    LEFT JOIN credit_account c USING (site, account_id)
    LEFT JOIN released r USING (order_id)
    WHERE o.site = %(site)s AND o.state NOT IN ('fulfilled', 'cancelled') AND o.payment_method = 'account'
        AND NOT o.is_draft AND o.cancelled_at IS NULL AND NOT (o.state = 'not_ours' AND o.fulfilled_in_shop)
    UNION ALL
    SELECT o.order_id, f.ledger_id, o.placed_at, o.total_gross, f.released_at, f.finished_at
    FROM finished f JOIN sales_order o ON o.site = %(site)s AND o.order_id = f.order_id
    WHERE f.finished_at > f.as_of
"""  # noqa: S608 - constants
