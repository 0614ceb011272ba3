"""What is to be stopped: by a person who asks, or because the account of an order is on stop; and what had left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from include.fulfilment.change_port import CancelRequest, GoneGoods
from include.fulfilment.errors import DataError
from include.fulfilment.store.site_rows import SiteRows


class Stops(SiteRows):
    """Cancel requests, accounts on stop, and goods that left all the same."""

    def ask_cancel(self, order: str, person: str, reason: str, now: datetime) -> CancelRequest:
        """Note that a person asks to stop this order (its number or our id); of two people the first is noted, and the
        answer says who that was. Raises DataError when it names no order, or more than one."""
        found = self._connection.execute(
            "SELECT order_id FROM sales_order WHERE site = %s AND (order_id = %s OR ltrim(name, '#') = ltrim(%s, '#'))",
            (self._site, order, order),
        ).fetchall()
        if len(found) != 1:
            what = "is not known" if not found else f"is the number of {len(found)} orders; name one by its id"
            raise DataError(f"order {order!r} {what}; nothing was stored", order)
        order_id = str(found[0]["order_id"])
        self._connection.execute(
            "INSERT INTO cancel_request (site, order_id, person, reason, asked_at) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (self._site, order_id, person, reason, now),
        )
        noted = self._connection.execute(
            "SELECT order_id, person, reason, asked_at, verdict FROM cancel_request WHERE site = %s AND order_id = %s",
            (self._site, order_id),
        ).fetchone()
        if noted is None:
            raise DataError(f"order {order!r}: the request was not stored; ask again", order)
        return CancelRequest(**noted)

    def cancel_requests(self) -> dict[str, CancelRequest]:
        """By order, the requests that still count: those without a verdict, and those whose order was stopped whole or
        in part. One whose goods had all left is over."""
        found = self._connection.execute(
            """
            SELECT c.order_id, c.person, c.reason, c.asked_at, c.verdict
            FROM cancel_request c JOIN sales_order o USING (site, order_id)
            WHERE c.site = %s AND c.verdict <> 'shipped'
                AND (c.verdict = '' OR o.state NOT IN ('cancelled', 'not_ours'))
            """,
            (self._site,),
        )
        return {row["order_id"]: CancelRequest(**row) for row in found}

    def left_behind(self, warehouses: Sequence[str]) -> dict[str, int]:
        """By warehouse, how many orders that are not finished have something in one that is none of these."""
        found = self._connection.execute(
            """
            SELECT w.warehouse, count(DISTINCT w.order_id) AS orders
            FROM warehouse_order w JOIN sales_order o USING (site, order_id)
            WHERE w.site = %s AND w.warehouse <> ALL (%s) AND w.state IN ('queued', 'acknowledged')
                AND o.state NOT IN ('fulfilled', 'cancelled', 'not_ours')
                AND EXISTS (SELECT FROM warehouse_order_line l JOIN order_line o USING (site, order_id, line_id)
                    WHERE l.site = w.site AND l.warehouse = w.warehouse AND l.external_ref = w.external_ref
                        AND l.base_quantity > l.short_base AND o.open_base > 0)
            GROUP BY w.warehouse ORDER BY w.warehouse
            """,
            (self._site, list(warehouses)),
        )
        return {row["warehouse"]: row["orders"] for row in found}

    def judge(self, order_id: str, verdict: str, now: datetime) -> None:
        """What became of the request, by the goods."""
        self._connection.execute(
            "UPDATE cancel_request SET verdict = %s, verdict_at = %s WHERE site = %s AND order_id = %s",
            (verdict, now, self._site, order_id),
        )

    def on_stop(self) -> dict[str, tuple[str, str]]:
        """(number, account) by order, of unfinished orders whose account is on stop while the warehouse still has goods
        of them to send."""
        found = self._connection.execute(
            """
            SELECT o.order_id, o.name, o.account_name FROM sales_order o JOIN credit_account c USING (site, account_id)
            WHERE o.site = %s AND c.on_stop AND o.payment_method = 'account'
                AND o.state NOT IN ('fulfilled', 'cancelled', 'not_ours')
                AND EXISTS (SELECT FROM order_line l
                    WHERE l.site = o.site AND l.order_id = o.order_id AND l.open_base > 0)
            """,
            (self._site,),
        )
        return {row["order_id"]: (row["name"], row["account_name"]) for row in found}

    def gone(self, order_ids: Sequence[str]) -> dict[str, GoneGoods]:
        """By order, what left of it whatever became of it since."""
        found = self._connection.execute(_GONE, {"site": self._site, "ids": list(order_ids)})
        return {
            row["order_id"]: GoneGoods(
                row["value_net"], row["currency"], tuple(row["tracking_numbers"]), row["last_dispatched_at"]
            )
            for row in found
        }


_GONE = """
    WITH left_goods AS (
        SELECT w.order_id, g.line_id, g.shipment_id, g.base_quantity, s.dispatched_at, s.parcels
        FROM warehouse_order w JOIN shipment_line g USING (site, warehouse, external_ref)
        JOIN shipment s USING (site, warehouse, shipment_id)
        WHERE w.site = %(site)s AND w.order_id = ANY(%(ids)s) AND s.dispatched_at IS NOT NULL AND NOT s.voided
    ), numbers AS (
        SELECT order_id, array_agg(DISTINCT p ->> 'tracking_number') AS tracking_numbers
        FROM left_goods, jsonb_array_elements(parcels) p WHERE p ->> 'tracking_number' <> '' GROUP BY order_id
    )
    SELECT o.order_id, o.currency, round(sum(l.price * x.base_quantity / coalesce(l.units_per_uom, 1)), 2) AS value_net,
        coalesce(min(n.tracking_numbers), '{}') AS tracking_numbers, max(x.dispatched_at) AS last_dispatched_at
    FROM left_goods x JOIN sales_order o ON o.site = %(site)s AND o.order_id = x.order_id
    JOIN order_line l ON l.site = o.site AND l.order_id = x.order_id AND l.line_id = x.line_id
    LEFT JOIN numbers n ON n.order_id = x.order_id
    GROUP BY o.order_id, o.currency
"""
