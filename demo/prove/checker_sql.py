"""What the checker asks the store: its own reading of the tables, shared with nobody."""

from __future__ import annotations

BROKEN_LAWS = """
    SELECT line_id, 'ordered is not held + released + backordered + cancelled' AS what FROM fulfilment.order_line
    WHERE site = %(site)s AND ordered_base <> held_base + released_base + backordered_base + cancelled_base
    UNION ALL
    SELECT line_id, 'released is not open + shipped + short' FROM fulfilment.order_line
    WHERE site = %(site)s AND released_base <> open_base + shipped_base + short_base
    UNION ALL
    SELECT l.line_id, 'what was released is not what the warehouse orders hold'
    FROM fulfilment.order_line l
    LEFT JOIN (SELECT w.order_id, w.line_id, sum(w.base_quantity) AS units FROM fulfilment.warehouse_order_line w
        WHERE w.site = %(site)s GROUP BY w.order_id, w.line_id) w USING (order_id, line_id)
    WHERE l.site = %(site)s AND l.released_base <> coalesce(w.units, 0)
    UNION ALL
    SELECT w.external_ref, 'a warehouse order that nobody owes' FROM fulfilment.warehouse_order w
    WHERE w.site = %(site)s AND NOT EXISTS (SELECT FROM fulfilment.outbox x WHERE x.site = w.site
        AND x.kind = 'warehouse_order' AND x.payload ->> 'external_ref' = w.external_ref)
"""
CLOCKS = """
    SELECT 'cursor ' || stream AS name, read_to AS at FROM fulfilment.read_cursor WHERE site = %(site)s
    UNION ALL
    SELECT 'figure of ' || sku, wanted_as_of FROM fulfilment.variant WHERE site = %(site)s AND wanted_as_of IS NOT NULL
"""
HINTS = """
    SELECT subject, source, count(*) AS times FROM fulfilment.webhook_inbox WHERE site = %(site)s GROUP BY 1, 2
"""
MOVING = """
    SELECT 'order' AS what, order_id AS key, state || ' ' || reason || ' ' || status_shown AS value
    FROM fulfilment.sales_order WHERE site = %(site)s
    UNION ALL
    SELECT 'outbox', key, state FROM fulfilment.outbox WHERE site = %(site)s
    UNION ALL
    SELECT 'variant', sku, coalesce(shown::text, '?') || ' ' || coalesce(wanted::text, '?')
    FROM fulfilment.variant WHERE site = %(site)s
    UNION ALL
    SELECT 'ticket', code || ' ' || subject, '' FROM fulfilment.exception_ticket
    WHERE site = %(site)s AND closed_at IS NULL
    ORDER BY 1, 2, 3
"""
# A refused row is owed no more: it was decided anew, or its order is held or cancelled and told above.
OPEN = """
    SELECT 'order' AS what, order_id AS key, state || ' ' || reason AS state FROM fulfilment.sales_order
    WHERE site = %(site)s AND state NOT IN ('fulfilled', 'cancelled')
    UNION ALL
    SELECT 'owed ' || kind, key, state || ' ' || error FROM fulfilment.outbox
    WHERE site = %(site)s AND state NOT IN ('done', 'refused')
    UNION ALL
    SELECT 'warehouse order', external_ref, state || ', not read back' FROM fulfilment.warehouse_order
    WHERE site = %(site)s AND (state NOT IN ('acknowledged', 'cancelled') OR differences <> '{}')
    UNION ALL
    SELECT 'ticket', code || ' ' || subject, 'open' FROM fulfilment.exception_ticket
    WHERE site = %(site)s AND closed_at IS NULL
"""
