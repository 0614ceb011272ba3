"""What the warehouse answered to our orders, and what reading them back showed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderState, comes_from
from include.fulfilment.errors import DataError
from include.fulfilment.store.order_events import WAREHOUSE, add_events
from include.fulfilment.store.site_rows import SiteRows, plain
from include.fulfilment.store_port import DifferingOrder


class WarehouseAnswers(SiteRows):
    """Recording acknowledgements, rejections and differences of warehouse orders."""

    def acknowledge(
        self,
        warehouse: str,
        external_ref: str,
        wms_id: str,
        differences: Sequence[str],
        now: datetime,
        adopted: bool = False,
    ) -> None:
        """The warehouse has it as `wms_id`, perhaps with differences (in words); `adopted` when it was found there and
        not just created. A repeat changes nothing. Raises DataError for a reference not stored or rejected."""
        taken = self._connection.execute(
            """
            WITH taken AS (
                UPDATE warehouse_order
                SET state = 'acknowledged', wms_id = %s, acknowledged_at = %s, differences = %s, adopted = %s
                WHERE site = %s AND warehouse = %s AND external_ref = %s AND state = ANY(%s) RETURNING site, order_id)
            UPDATE sales_order o SET ever_released = true FROM taken t
            WHERE o.site = t.site AND o.order_id = t.order_id RETURNING o.order_id
            """,
            (
                plain(wms_id),
                now,
                [plain(each) for each in differences],
                adopted,
                self._site,
                warehouse,
                external_ref,
                comes_from(WarehouseOrderState.ACKNOWLEDGED),
            ),
        ).fetchone()
        if taken is None:
            self._expect(warehouse, external_ref, "acknowledged")
            return
        words = f"The warehouse took {external_ref} as its {wms_id}"
        words += f"; it differs: {', '.join(differences)}" if differences else ""
        add_events(self._connection, self._site, [(taken["order_id"], WAREHOUSE, words)], now)

    def reject(self, warehouse: str, external_ref: str, words: str, now: datetime) -> None:
        """The warehouse refused it for good: its units are held again and the order waits until its content changes.
        A repeat changes nothing. Raises DataError for a reference that is not stored or was acknowledged."""
        key = (self._site, warehouse, external_ref)
        refused = self._connection.execute(
            "UPDATE warehouse_order SET state = 'rejected'"
            " WHERE site = %s AND warehouse = %s AND external_ref = %s AND state = ANY(%s) RETURNING order_id",
            (*key, comes_from(WarehouseOrderState.REJECTED)),
        ).fetchone()
        if refused is None:
            self._expect(warehouse, external_ref, "rejected")
            return
        self._connection.execute(_UNITS_BACK, key)
        self._connection.execute(
            """
            UPDATE sales_order SET refused_hash = judged_hash, ever_held = true,
                state_since = CASE WHEN (state, reason) = ('held', 'warehouse_rejected') THEN state_since ELSE %s END,
                state = 'held', reason = 'warehouse_rejected'
            WHERE site = %s AND order_id = %s
            """,
            (now, self._site, refused["order_id"]),
        )
        event = (refused["order_id"], WAREHOUSE, f"The warehouse refused {external_ref}: {words}")
        add_events(self._connection, self._site, [event], now)

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

    def unchecked(self, warehouse: str) -> list[tuple[WarehouseOrder, datetime]]:
        """What was sent and acknowledged but not read back yet, and since when. An order whose every line the warehouse
        closed is left out: there is nothing left to compare."""
        found = self._connection.execute(
            """
            SELECT w.content, w.acknowledged_at FROM warehouse_order w
            WHERE w.site = %s AND w.warehouse = %s AND w.state = 'acknowledged' AND w.checked_at IS NULL
                AND EXISTS (SELECT FROM warehouse_order_line l WHERE l.site = w.site AND l.warehouse = w.warehouse
                    AND l.external_ref = w.external_ref AND l.short_base < l.base_quantity)
            ORDER BY w.created_at, w.external_ref
            """,
            (self._site, warehouse),
        )
        return [(WarehouseOrder.from_json(row["content"]), row["acknowledged_at"]) for row in found]

    def checked(self, warehouse: str, external_ref: str, differences: Sequence[str], now: datetime) -> None:
        """It was read back; `differences` is what the warehouse holds otherwise, in words."""
        self._connection.execute(
            "UPDATE warehouse_order SET checked_at = %s, differences = %s"
            " WHERE site = %s AND warehouse = %s AND external_ref = %s",
            (now, [plain(each) for each in differences], self._site, warehouse, external_ref),
        )

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


_UNITS_BACK = """
    WITH back AS (
        DELETE FROM warehouse_order_line WHERE site = %s AND warehouse = %s AND external_ref = %s
        RETURNING site, order_id, line_id, base_quantity)
    UPDATE order_line l SET held_base = l.held_base + b.base_quantity,
        released_base = l.released_base - b.base_quantity, open_base = l.open_base - b.base_quantity
    FROM back b WHERE l.site = b.site AND l.order_id = b.order_id AND l.line_id = b.line_id
"""
