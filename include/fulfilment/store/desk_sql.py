"""The desk's queries. Partial indexes serve them: open orders, open tickets and what is still owed are few."""

from __future__ import annotations

from typing import LiteralString

Query = LiteralString

# Walks from site to site on the primary key instead of reading every order.
SITES: Query = """
WITH RECURSIVE found AS (
    (SELECT site FROM sales_order ORDER BY site LIMIT 1)
    UNION ALL
    SELECT (SELECT o.site FROM sales_order o WHERE o.site > found.site ORDER BY o.site LIMIT 1)
    FROM found WHERE found.site IS NOT NULL
)
SELECT site FROM found WHERE site IS NOT NULL
UNION SELECT site FROM run_clock
ORDER BY site
"""

_OPEN: Query = """
WITH needs AS (
    SELECT DISTINCT order_id FROM exception_ticket
    WHERE site = %(site)s AND closed_at IS NULL AND order_id IS NOT NULL AND owner <> ALL (%(others)s)
), owed AS (
    SELECT DISTINCT order_id FROM outbox
    WHERE site = %(site)s AND state IN ('queued', 'claimed') AND created_at < %(late)s
), unfinished AS (
    SELECT o.order_id, o.name, o.account_name, o.state, o.reason, o.state_since, o.placed_at,
           n.order_id IS NOT NULL AS needing,
           n.order_id IS NULL AND (w.order_id IS NOT NULL OR (o.state = 'placed' AND o.state_since < %(late)s)) AS stuck
    FROM sales_order o LEFT JOIN needs n USING (order_id) LEFT JOIN owed w USING (order_id)
    WHERE o.site = %(site)s AND o.state NOT IN ('fulfilled', 'cancelled', 'not_ours')
)
"""
_ROW: Query = "order_id, name, account_name, state, reason, state_since, placed_at"
_OLDEST: Query = " ORDER BY state_since, order_id LIMIT %(limit)s"

STATES: Query = (
    _OPEN
    + """
SELECT state, count(*) AS orders, min(state_since) AS oldest_since,
       count(*) FILTER (WHERE state_since < %(day_ago)s) AS over_a_day,
       count(*) FILTER (WHERE needing) AS needing, count(*) FILTER (WHERE stuck) AS stuck
FROM unfinished GROUP BY state
"""
)

WAITING: Query = """
SELECT count(DISTINCT order_id) AS orders, min(opened_at) AS since,
       (array_agg(owner ORDER BY opened_at, ticket_id))[1] AS owner
FROM exception_ticket
WHERE site = %(site)s AND closed_at IS NULL AND order_id IS NOT NULL AND owner <> ALL (%(others)s)
"""

FULFILLED_TODAY: Query = """
SELECT count(*) AS orders FROM sales_order
WHERE site = %(site)s AND state = 'fulfilled' AND state_since >= %(midnight)s
"""

GROUPS: Query = """
WITH ranked AS (
    SELECT t.*, row_number() OVER (PARTITION BY code ORDER BY opened_at, ticket_id) AS place
    FROM exception_ticket t WHERE site = %(site)s AND closed_at IS NULL
)
SELECT r.code, min(r.owner) AS owner, max(r.severity) AS severity, min(r.next_step) AS next_step,
       count(*) AS tickets, count(*) FILTER (WHERE r.order_id IS NULL) AS without_order,
       min(r.opened_at) AS oldest_at, min(r.due_at) AS due_at,
       jsonb_agg(jsonb_build_object('subject', r.subject, 'order_id', r.order_id, 'name', o.name) ORDER BY r.place)
           FILTER (WHERE r.place <= 5) AS subjects
FROM ranked r LEFT JOIN sales_order o ON r.place <= 5 AND o.site = r.site AND o.order_id = r.order_id
GROUP BY r.code
ORDER BY bool_or(r.severity = 'urgent') DESC, min(r.due_at), r.code
"""

STEPS: Query = """
SELECT dag_id, beat AS step, good_at FROM run_clock WHERE site = %(site)s ORDER BY dag_id, good_at, beat
"""

# With several warehouses the page is as old as its oldest reading.
STOCK_AS_OF: Query = """
SELECT min(newest) AS as_of FROM (
    SELECT max(as_of) AS newest FROM stock_snapshot WHERE site = %(site)s AND accepted GROUP BY warehouse
) readings
"""

FIND: Query = """
SELECT order_id, name, account_name, state, reason, state_since, placed_at FROM sales_order
WHERE site = %(site)s AND order_id IN (
    SELECT order_id FROM sales_order WHERE site = %(site)s AND name = ANY (%(names)s)
    UNION SELECT order_id FROM sales_order WHERE site = %(site)s AND order_id = %(text)s
    UNION SELECT order_id FROM sales_order WHERE site = %(site)s AND platform_id = %(text)s
    UNION SELECT order_id FROM warehouse_order WHERE site = %(site)s AND external_ref = %(ref)s
)
ORDER BY placed_at DESC, order_id LIMIT %(limit)s
"""

_UNFINISHED: Query = _OPEN + "SELECT " + _ROW + " FROM unfinished"  # noqa: S608 - constants
_NEWEST: Query = " ORDER BY state_since DESC, order_id LIMIT %(limit)s"
_FINISHED: Query = "SELECT " + _ROW + " FROM sales_order WHERE site = %(site)s AND state = "  # noqa: S608 - constants

LIST_STATE: Query = _UNFINISHED + " WHERE state = %(which)s" + _OLDEST

LIST_FINISHED: Query = _FINISHED + "%(which)s" + _NEWEST

LIST_MATTER: Query = """
SELECT o.order_id, o.name, o.account_name, o.state, o.reason, o.state_since, o.placed_at
FROM exception_ticket t JOIN sales_order o ON o.site = t.site AND o.order_id = t.order_id
WHERE t.site = %(site)s AND t.code = %(which)s AND t.closed_at IS NULL
ORDER BY t.opened_at, t.ticket_id LIMIT %(limit)s
"""

LISTS: dict[str, Query] = {
    "moving": _UNFINISHED + " WHERE NOT needing AND NOT stuck" + _OLDEST,
    "stuck": _UNFINISHED + " WHERE stuck" + _OLDEST,
    "needing": """
        SELECT o.order_id, o.name, o.account_name, o.state, o.reason, o.state_since, o.placed_at
        FROM (
            SELECT order_id, min(opened_at) AS since FROM exception_ticket
            WHERE site = %(site)s AND closed_at IS NULL AND order_id IS NOT NULL AND owner <> ALL (%(others)s)
            GROUP BY order_id
        ) t JOIN sales_order o ON o.site = %(site)s AND o.order_id = t.order_id
        ORDER BY t.since, o.order_id LIMIT %(limit)s
    """,
    "fulfilled_today": _FINISHED + "'fulfilled' AND state_since >= %(midnight)s" + _NEWEST,
}
