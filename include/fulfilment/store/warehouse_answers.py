"""What the warehouse answered to our orders, and what reading them back showed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderState, comes_from
from include.fulfilment.errors import DataError
from include.fulfilment.store.order_events import WAREHOUSE, add_events
from include.fulfilment.store.site_rows import SiteRows, as_json, plain
from include.fulfilment.store_port import DifferingOrder, TakenOrder


class WarehouseAnswers(SiteRows):
    """Recording acknowledgements, rejections and differences of warehouse orders."""

    def acknowledge(self, warehouse: str, taken: Sequence[TakenOrder], now: datetime) -> None:
        """The warehouse has these orders. A repeat changes nothing. Raises DataError for a reference that is not stored
        or was rejected; then nothing of them is recorded."""
        given = {
            "site": self._site,
            "warehouse": warehouse,
            "before": comes_from(WarehouseOrderState.ACKNOWLEDGED),
            "now": now,
            "rows": as_json([asdict(row) for row in taken]),
        }
        self._connection.execute(_LOCK_ORDERS, given | {"refs": [row.external_ref for row in taken]})
        changed = {row["external_ref"]: row["order_id"] for row in self._connection.execute(_TAKEN, given)}
        for row in taken:
            if row.external_ref not in changed:
                self._expect(warehouse, row.external_ref, "acknowledged")
        events = [(changed[row.external_ref], WAREHOUSE, row.words()) for row in taken if row.external_ref in changed]
        add_events(self._connection, self._site, events, now)

    def reject(self, warehouse: str, external_ref: str, words: str, now: datetime) -> None:
        """The warehouse refused it for good: its units are held again and the order waits until its content changes.
        A repeat changes nothing. Raises DataError for a reference that is not stored or was acknowledged."""
        order_id = self._never_there(warehouse, external_ref)
        if order_id is None:
            return
        self._connection.execute(
            """
            UPDATE sales_order SET refused_hash = judged_hash, ever_held = true,
                state_since = CASE WHEN (state, reason) = ('held', 'warehouse_rejected') THEN state_since ELSE %s END,
                state = 'held', reason = 'warehouse_rejected'
            WHERE site = %s AND order_id = %s
            """,
            (now, self._site, order_id),
        )
        event = (order_id, WAREHOUSE, f"The warehouse refused {external_ref}: {words}")
        add_events(self._connection, self._site, [event], now)

    def there_already(self, warehouse: str, external_ref: str, under: str, words: str, now: datetime) -> None:
        """It was not sent, because the warehouse holds the order `under` another reference: its units are held again
        until a person adopts that order or lets ours go beside it. A repeat changes nothing. Raises as `reject`."""
        order_id = self._never_there(warehouse, external_ref)
        if order_id is None:
            return
        self._connection.execute(
            """
            UPDATE sales_order SET already_as = %s, already_at = %s, ever_held = true, state_since = %s, state = 'held',
                reason = 'already_in_warehouse'
            WHERE site = %s AND order_id = %s
            """,
            (plain(under), warehouse, now, self._site, order_id),
        )
        add_events(self._connection, self._site, [(order_id, WAREHOUSE, f"{external_ref} was not sent: {words}")], now)

    def _never_there(self, warehouse: str, external_ref: str) -> str | None:
        """The order whose warehouse order is rejected now, its units held again; None where it was so before."""
        key = (self._site, warehouse, external_ref)
        refused = self._connection.execute(
            "UPDATE warehouse_order SET state = 'rejected'"
            " WHERE site = %s AND warehouse = %s AND external_ref = %s AND state = ANY(%s) RETURNING order_id",
            (*key, comes_from(WarehouseOrderState.REJECTED)),
        ).fetchone()
        if refused is None:
            self._expect(warehouse, external_ref, "rejected")
            return None
        self._connection.execute(_UNITS_BACK, key)
        return str(refused["order_id"])

    def adopted(self, warehouse: str) -> list[WarehouseOrder]:
        """The warehouse orders of unfinished orders that came by another route and were adopted."""
        found = self._connection.execute(
            """
            SELECT w.content FROM warehouse_order w JOIN sales_order o USING (site, order_id)
            WHERE w.site = %s AND w.warehouse = %s AND w.content ? 'adopts' AND w.state IN ('queued', 'acknowledged')
                AND o.state NOT IN ('fulfilled', 'cancelled', 'not_ours')
            ORDER BY w.external_ref
            """,
            (self._site, warehouse),
        )
        return [WarehouseOrder.from_json(row["content"]) for row in found]

    def withdraw_changed(self, now: datetime) -> int:
        """Take back what is still to be sent, and was never tried, of orders that the shop changed or cancelled since:
        it is decided anew by what the shop says now."""
        withdrawn = self._connection.execute(
            """
            WITH gone AS (
                UPDATE outbox x SET state = 'refused', done_at = %s, error = 'changed in the shop before it was sent'
                FROM sales_order o, warehouse_order w
                WHERE x.site = %s AND x.kind = 'warehouse_order' AND x.state = 'queued' AND x.attempts = 0
                    AND o.site = x.site AND o.order_id = x.order_id
                    AND w.site = x.site AND w.order_id = x.order_id AND w.state = 'queued'
                    AND w.external_ref = x.payload ->> 'external_ref' AND w.source_hash <> o.content_hash
                RETURNING w.site, w.warehouse, w.external_ref, o.cancelled_at IS NOT NULL AS cancelled)
            UPDATE warehouse_order w SET state = 'rejected' FROM gone
            WHERE w.site = gone.site AND w.warehouse = gone.warehouse AND w.external_ref = gone.external_ref
            RETURNING w.warehouse, w.external_ref, w.order_id, gone.cancelled
            """,
            (now, self._site),
        ).fetchall()
        for row in withdrawn:
            self._connection.execute(_UNITS_BACK, (self._site, row["warehouse"], row["external_ref"]))
        events = [
            (
                row["order_id"],
                WAREHOUSE,
                f"{row['external_ref']} was not sent: {'cancelled' if row['cancelled'] else 'changed'} in the shop",
            )
            for row in withdrawn
        ]
        add_events(self._connection, self._site, events, now)
        return len(withdrawn)

    def _expect(self, warehouse: str, external_ref: str, state: str) -> None:
        found = self._connection.execute(
            "SELECT state FROM warehouse_order WHERE site = %s AND warehouse = %s AND external_ref = %s",
            (self._site, warehouse, external_ref),
        ).fetchone()
        if found is None:
            raise DataError(f"warehouse order {external_ref} is not stored for warehouse {warehouse}", external_ref)
        if found["state"] != state:
            raise DataError(
                f"warehouse order {external_ref} is {found['state']} and cannot become {state}; "
                "look it up in the warehouse",
                external_ref,
            )

    def unchecked(self, warehouse: str, after: str, limit: int) -> list[tuple[WarehouseOrder, datetime]]:
        """What was sent and acknowledged but not read back yet, and since when: at most `limit` whose reference comes
        after this one. An order whose every line the warehouse closed is left out: nothing is left to compare."""
        found = self._connection.execute(
            """
            SELECT w.content, w.acknowledged_at FROM warehouse_order w
            WHERE w.site = %s AND w.warehouse = %s AND w.state = 'acknowledged' AND w.checked_at IS NULL
                AND w.external_ref > %s
                AND EXISTS (SELECT FROM warehouse_order_line l WHERE l.site = w.site AND l.warehouse = w.warehouse
                    AND l.external_ref = w.external_ref AND l.short_base < l.base_quantity)
            ORDER BY w.external_ref LIMIT %s
            """,
            (self._site, warehouse, after, limit),
        )
        return [(WarehouseOrder.from_json(row["content"]), row["acknowledged_at"]) for row in found]

    def checked(self, warehouse: str, found: Mapping[str, Sequence[str]], now: datetime) -> None:
        """These references were read back, each with what the warehouse holds otherwise, in words."""
        rows = [{"external_ref": ref, "differences": differences} for ref, differences in found.items()]
        self._connection.execute(_CHECKED, (now, as_json(rows), self._site, warehouse))

    def with_differences(self, warehouse: str) -> list[DifferingOrder]:
        """Warehouse orders of unfinished orders that the warehouse holds otherwise than they were sent."""
        found = self._connection.execute(
            """
            SELECT w.external_ref, w.order_id, w.differences, w.adopted
            FROM warehouse_order w JOIN sales_order o USING (site, order_id)
            WHERE w.site = %s AND w.warehouse = %s AND w.state = 'acknowledged' AND w.differences <> '{}'
                AND o.state NOT IN ('fulfilled', 'cancelled', 'not_ours')
            ORDER BY w.external_ref
            """,
            (self._site, warehouse),
        )
        return [DifferingOrder(**row | {"differences": tuple(row["differences"])}) for row in found]


_LOCK_ORDERS = """
    SELECT FROM sales_order o JOIN warehouse_order w USING (site, order_id)
    WHERE w.site = %(site)s AND w.warehouse = %(warehouse)s AND w.external_ref = ANY(%(refs)s)
    ORDER BY o.order_id FOR NO KEY UPDATE OF o
"""
_TAKEN = """
    WITH taken AS (
        UPDATE warehouse_order w SET state = 'acknowledged', wms_id = r.wms_id, acknowledged_at = %(now)s,
            differences = r.differences, adopted = r.adopted
        FROM jsonb_to_recordset(%(rows)s::jsonb)
            AS r (external_ref text, wms_id text, differences text[], adopted boolean)
        WHERE w.site = %(site)s AND w.warehouse = %(warehouse)s AND w.external_ref = r.external_ref
            AND w.state = ANY(%(before)s)
        RETURNING w.order_id, w.external_ref
    ), released AS (
        UPDATE sales_order o SET ever_released = true FROM taken t
        WHERE o.site = %(site)s AND o.order_id = t.order_id AND NOT o.ever_released
    )
    SELECT order_id, external_ref FROM taken
"""
_CHECKED = """
    UPDATE warehouse_order w SET checked_at = %s, differences = r.differences
    FROM jsonb_to_recordset(%s::jsonb) AS r (external_ref text, differences text[])
    WHERE w.site = %s AND w.warehouse = %s AND w.external_ref = r.external_ref
"""
_UNITS_BACK = """
    WITH back AS (
        DELETE FROM warehouse_order_line WHERE site = %s AND warehouse = %s AND external_ref = %s
        RETURNING site, order_id, line_id, base_quantity)
    UPDATE order_line l SET held_base = l.held_base + b.base_quantity,
        released_base = l.released_base - b.base_quantity, open_base = l.open_base - b.base_quantity
    FROM back b WHERE l.site = b.site AND l.order_id = b.order_id AND l.line_id = b.line_id
"""
