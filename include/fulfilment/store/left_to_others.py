"""Of each order line, what is none of ours to send: fulfilled by somebody else, or to leave from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from include.fulfilment.domain.order import SalesOrder
from include.fulfilment.store.order_events import SHOP, add_events
from include.fulfilment.store.site_rows import Row, SiteRows, as_json


class LeftToOthers(SiteRows):
    """Recording what others send."""

    def leave_to_others(self, orders: Sequence[SalesOrder], now: datetime) -> None:
        """What the shop shows as fulfilled before anything was released was sent by somebody else: it is not sent
        again. From the first release on our own fulfilments come back, and what was left to others stays as it was.
        Of a line that leaves from a place which is none of ours all is left to others that was not released before;
        when it comes back from there, or from several places, others fulfilled what is beyond our own posts."""
        rows = [
            {
                "order_id": order.order_id,
                "line_id": line.line_id,
                "quantity": line.quantity,
                "fulfilled": line.fulfilled,
                "leaves_from": line.leaves_from,
            }
            for order in orders
            for line in order.lines
        ]
        changed = self._connection.execute(_LEFT_TO_OTHERS, (as_json(rows), self._site)).fetchall()
        events = [(row["order_id"], SHOP, _left_words(row)) for row in changed if row["left_to_others"] or row["back"]]
        add_events(self._connection, self._site, events, now)


def _left_words(row: Row) -> str:
    if row["elsewhere"]:
        return f"{row['left_to_others']} of {row['sku']} leave from a place that is none of ours"
    if row["left_to_others"]:
        return f"{row['left_to_others']} of {row['sku']} fulfilled in the shop by somebody else"
    return f"{row['sku']} leaves from a warehouse of ours after all"


_LEFT_TO_OTHERS = """
    WITH told AS (
        SELECT l.site, l.order_id, l.line_id, r.leaves_from, r.quantity, l.leaves_from AS before, CASE
                WHEN r.leaves_from IS NULL THEN greatest(0, r.quantity - ours.units)
                WHEN NOT EXISTS (SELECT FROM warehouse_order_line s
                    JOIN warehouse_order w USING (site, warehouse, external_ref)
                    WHERE s.site = l.site AND s.order_id = l.order_id AND s.line_id = l.line_id
                        AND s.base_quantity > 0 AND w.state <> 'rejected') THEN r.fulfilled
                WHEN l.leaves_from = r.leaves_from THEN l.left_to_others
                ELSE greatest(CASE WHEN l.leaves_from IS NULL THEN 0 ELSE l.left_to_others END, r.fulfilled - coalesce((
                    SELECT sum((told ->> 1)::integer) FROM outbox p, jsonb_array_elements(p.payload -> 'lines') AS told
                    WHERE p.site = l.site AND p.order_id = l.order_id AND p.kind = 'fulfilment' AND p.state = 'done'
                        AND told ->> 0 = l.line_id), 0)) END AS left_now
        FROM jsonb_to_recordset(%s::jsonb) AS r (order_id text, line_id text, quantity integer, fulfilled integer,
            leaves_from text), order_line l, LATERAL (
                SELECT ceil(l.released_base::numeric / coalesce(l.units_per_uom, 1))::integer AS units) ours
        WHERE l.site = %s AND l.order_id = r.order_id AND l.line_id = r.line_id
            AND (l.leaves_from IS DISTINCT FROM r.leaves_from
                OR r.leaves_from IS NULL OR l.left_to_others <> r.fulfilled)
    )
    UPDATE order_line l SET leaves_from = t.leaves_from, left_to_others = t.left_now,
        quantity = GREATEST(0, t.quantity - t.left_now)
    FROM told t
    WHERE l.site = t.site AND l.order_id = t.order_id AND l.line_id = t.line_id
        AND (l.leaves_from IS DISTINCT FROM t.leaves_from OR l.left_to_others <> t.left_now)
    RETURNING l.order_id, l.sku, l.left_to_others, l.leaves_from IS NULL AS elsewhere,
        t.before IS NULL AND t.leaves_from IS NOT NULL AS back
"""
