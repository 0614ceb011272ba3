"""Orders by the shop's own ids: which to read again, which status is still to be written there, and what was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from include.fulfilment.store.site_rows import SiteRows, as_json

PER_ACCOUNT = 100
"""How many waiting orders of one account are looked at for its logins."""


class ShopStatuses(SiteRows):
    """The shop's ids of our orders, and the status metafield."""

    def platform_ids(self, order_ids: Sequence[str]) -> dict[str, dict[str, str]]:
        """By the code of each shop, its own id of each of these orders that was placed there."""
        found = self._connection.execute(
            "SELECT storefront, order_id, platform_id FROM sales_order WHERE site = %s AND order_id = ANY(%s)"
            " ORDER BY storefront, order_id",
            (self._site, list(order_ids)),
        )
        ids: dict[str, dict[str, str]] = {}
        for row in found:
            ids.setdefault(row["storefront"], {})[row["order_id"]] = row["platform_id"]
        return ids

    def accounts_in_use(self, storefront: str) -> list[str]:
        """The shop's ids of its orders that still wait on their credit account or for the warehouse to send them, the
        newest `PER_ACCOUNT` of each: the figures are kept per login of the account, and each order leads to the one
        that placed it."""
        found = self._connection.execute(
            """
            SELECT platform_id FROM (
                SELECT o.platform_id, o.account_id,
                    row_number() OVER (PARTITION BY o.account_id ORDER BY o.placed_at DESC, o.order_id) AS place
                FROM sales_order o
                WHERE o.site = %s AND o.storefront = %s AND o.payment_method = 'account' AND NOT o.is_draft
                    AND o.account_id <> ''
                    AND o.state NOT IN ('fulfilled', 'cancelled', 'not_ours')
                    AND (o.state IN ('placed', 'held', 'awaiting_stock') OR EXISTS (SELECT FROM order_line l
                        WHERE l.site = o.site AND l.order_id = o.order_id
                            AND l.backordered_base + l.open_base > 0))) waiting
            WHERE place <= %s ORDER BY account_id, place
            """,
            (self._site, storefront, PER_ACCOUNT),
        )
        return [row["platform_id"] for row in found]

    def statuses_to_write(self, storefront: str, limit: int, without: Sequence[str] = ()) -> dict[str, str]:
        """At most `limit` statuses that the shop does not show yet, by the shop's order id, longest waiting first:
        the state, or `held:` and the reason. Drafts and orders that are not ours get none, nor do those in `without`
        (the shop's ids), so that what it keeps refusing does not stand before the rest."""
        found = self._connection.execute(
            """
            SELECT platform_id, wanted FROM (
                SELECT platform_id, status_shown, state_since, order_id,
                    CASE state WHEN 'held' THEN 'held:' || reason ELSE state END AS wanted
                FROM sales_order
                WHERE site = %s AND storefront = %s AND is_b2b AND NOT is_draft AND state <> 'not_ours') o
            WHERE wanted <> status_shown AND platform_id <> ALL(%s) ORDER BY state_since, order_id LIMIT %s
            """,
            (self._site, storefront, list(without), limit),
        )
        return {row["platform_id"]: row["wanted"] for row in found}

    def status_written(self, storefront: str, statuses: Mapping[str, str]) -> None:
        """The shop now shows these statuses, by the shop's order id."""
        rows = [{"platform_id": platform_id, "status": status} for platform_id, status in statuses.items()]
        self._connection.execute(
            """
            UPDATE sales_order o SET status_shown = r.status
            FROM jsonb_to_recordset(%s::jsonb) AS r (platform_id text, status text)
            WHERE o.site = %s AND o.storefront = %s AND o.platform_id = r.platform_id
            """,
            (as_json(rows), self._site, storefront),
        )
