"""An order's timeline: one line of words per thing that happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from include.fulfilment.store.site_rows import StoreConnection, as_json

SHOP, DECISION, WAREHOUSE = "shop", "decision", "warehouse"


def add_events(connection: StoreConnection, site: str, rows: Sequence[tuple[str, str, str]], now: datetime) -> None:
    """Append (order id, source, words) to the orders' timelines; words for an order we don't hold are left out."""
    given = [{"order_id": order, "source": source, "words": words} for order, source, words in rows]
    if not given:
        return
    connection.execute(
        """
        INSERT INTO order_event (site, order_id, at, source, words)
        SELECT %s, r.order_id, %s, r.source, r.words
        FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS (order_id text, source text, words text))
            WITH ORDINALITY AS r (order_id, source, words, place)
        WHERE (SELECT true FROM sales_order o WHERE o.site = %s AND o.order_id = r.order_id)
        ORDER BY r.place
        """,
        (site, now, as_json(given), site),
    )
