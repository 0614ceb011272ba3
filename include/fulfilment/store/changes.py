"""Warehouse orders whose order changed after release: what stands, what is asked of the warehouse, what it answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from include.fulfilment.change_port import CHANGE
from include.fulfilment.domain.after_release import SentLine, SentOrder
from include.fulfilment.domain.shipment import LineKey
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderState, comes_from
from include.fulfilment.store.site_rows import as_json, plain
from include.fulfilment.store.stops import Stops


class PostgresChanges(Stops):
    """Changes of warehouse orders, and what people ask to be stopped."""

    def sent(self, order_ids: Sequence[str]) -> dict[str, list[SentOrder]]:
        """By order, its warehouse orders that were not refused, oldest first, with what of each line left."""
        key = (self._site, list(order_ids))
        lines: dict[tuple[str, str], dict[str, SentLine]] = {}
        for row in self._connection.execute(_SENT_LINES, key):
            line = SentLine(row["units"], row["shipped"], row["short"])
            lines.setdefault((row["warehouse"], row["external_ref"]), {})[row["line_id"]] = line
        found: dict[str, list[SentOrder]] = {}
        for row in self._connection.execute(_SENT, key):
            sent = SentOrder(
                order=WarehouseOrder.from_json(row["content"]),
                warehouse=row["warehouse"],
                state=WarehouseOrderState(row["state"]),
                lines=lines.get((row["warehouse"], row["external_ref"]), {}),
                picked=row["picked"],
                asked=row["asked"],
                changes=row["changes"],
                refused=row["refused_act"],
                refused_wish=row["refused_wish"],
                refusal=row["refusal"],
            )
            found.setdefault(row["order_id"], []).append(sent)
        return found

    def looked_at(self, warehouse: str, external_refs: Sequence[str]) -> None:
        """These answer what the shop says now: they are looked at again when it says something else."""
        self._connection.execute(
            "UPDATE warehouse_order w SET source_hash = o.content_hash, refused_act = '', refused_wish = '',"
            " refusal = '' FROM sales_order o WHERE w.site = %s AND w.warehouse = %s AND w.external_ref = ANY(%s)"
            " AND o.site = w.site AND o.order_id = w.order_id"
            " AND (w.source_hash <> o.content_hash OR w.refused_act <> '')",
            (self._site, warehouse, list(external_refs)),
        )

    def ask(self, warehouse: str, external_ref: str, act: str, payload: Mapping[str, Any], now: datetime) -> None:
        """Owe the warehouse this question; its number goes with it, so that a late answer is told from a new one."""
        self._connection.execute(
            """
            WITH asked AS (
                UPDATE warehouse_order SET asked = %s, changes = changes + 1
                WHERE site = %s AND warehouse = %s AND external_ref = %s AND state = 'acknowledged' AND asked = ''
                RETURNING site, warehouse, order_id, external_ref, changes)
            INSERT INTO outbox (site, kind, warehouse, key, order_id, payload, due_at, created_at)
            SELECT site, %s, warehouse, external_ref || '/' || changes, order_id,
                %s::jsonb || jsonb_build_object('number', changes), %s, %s
            FROM asked
            """,
            (act, self._site, warehouse, external_ref, CHANGE, as_json(dict(payload)), now, now),
        )

    def cancelled(self, warehouse: str, external_ref: str, number: int) -> dict[str, int] | None:
        """The warehouse confirmed the cancel: of each line only what left stays. Returns the base units by line that
        come back; None where this answer was recorded before or another question was asked since."""
        taken = self._connection.execute(
            "UPDATE warehouse_order SET state = %s, asked = '' WHERE site = %s AND warehouse = %s AND external_ref = %s"
            " AND asked = 'cancel' AND changes = %s AND state = ANY(%s)",
            (
                WarehouseOrderState.CANCELLED,
                self._site,
                warehouse,
                external_ref,
                number,
                comes_from(WarehouseOrderState.CANCELLED),
            ),
        )
        return self._set_lines(warehouse, external_ref, {}) if taken.rowcount else None

    def amended(self, warehouse: str, target: WarehouseOrder, number: int, source_hash: str) -> dict[str, int] | None:
        """The warehouse holds it as `target` now, and it is to be read back again. Returns the base units by line that
        come back; None as `cancelled`."""
        given = {
            "site": self._site,
            "warehouse": warehouse,
            "ref": target.external_ref,
            "number": number,
            "revision": target.revision,
            "content": as_json(target.to_json()),
            "hash": target.content_hash(),
            "source": source_hash,
        }
        if not self._connection.execute(_AMENDED, given).rowcount:
            return None
        kept = {line.line_id: line.base_quantity for line in target.lines}
        return self._set_lines(warehouse, target.external_ref, kept)

    def _set_lines(self, warehouse: str, external_ref: str, kept: Mapping[str, int]) -> dict[str, int]:
        """Each line of the warehouse order stands for what is kept of it, and never for less than what left."""
        rows = as_json([{"line_id": line_id, "units": units} for line_id, units in kept.items()])
        given = {"site": self._site, "warehouse": warehouse, "ref": external_ref, "kept": rows}
        found = self._connection.execute(_SET_LINES, given)
        return {row["line_id"]: row["back"] for row in found}

    def refused(self, warehouse: str, external_ref: str, number: int, act: str, wish: str, words: str) -> bool:
        """The warehouse would not: `act` and what comes before it are not asked again for this wish. False where this
        answer was recorded before."""
        return bool(
            self._connection.execute(
                "UPDATE warehouse_order SET asked = '', refused_act = %s, refused_wish = %s, refusal = %s"
                " WHERE site = %s AND warehouse = %s AND external_ref = %s AND asked <> '' AND changes = %s",
                (act, wish, plain(words), self._site, warehouse, external_ref, number),
            ).rowcount
        )

    def regained(self, warehouse: str, units: Mapping[LineKey, int]) -> None:
        """So many base units left of these lines though they counted as cancelled: they stand with them again."""
        rows = as_json([{"ref": ref, "line_id": line_id, "units": more} for (ref, line_id), more in units.items()])
        self._connection.execute(
            """
            UPDATE warehouse_order_line l SET base_quantity = l.base_quantity + r.units
            FROM jsonb_to_recordset(%s::jsonb) AS r (ref text, line_id text, units bigint)
            WHERE l.site = %s AND l.warehouse = %s AND l.external_ref = r.ref AND l.line_id = r.line_id
            """,
            (rows, self._site, warehouse),
        )


_SENT = """
    SELECT w.warehouse, w.external_ref, w.order_id, w.state, w.asked, w.changes, w.refused_act, w.refused_wish,
        w.refusal, w.content,
        EXISTS (SELECT FROM shipment_line l JOIN shipment s USING (site, warehouse, shipment_id)
            WHERE l.site = w.site AND l.warehouse = w.warehouse AND l.external_ref = w.external_ref AND NOT s.voided
                AND (s.picked_at IS NOT NULL OR s.dispatched_at IS NOT NULL)) AS picked
    FROM warehouse_order w
    WHERE w.site = %s AND w.order_id = ANY(%s) AND w.state <> 'rejected'
    ORDER BY w.order_id, w.part, w.revision
"""
_SENT_LINES = """
    SELECT l.warehouse, l.external_ref, l.line_id, l.base_quantity AS units, l.short_base AS short,
        coalesce((SELECT sum(g.base_quantity) FROM shipment_line g JOIN shipment s USING (site, warehouse, shipment_id)
            WHERE g.site = l.site AND g.warehouse = l.warehouse AND g.external_ref = l.external_ref
                AND g.line_id = l.line_id AND s.dispatched_at IS NOT NULL AND NOT s.voided), 0)::bigint AS shipped
    FROM warehouse_order_line l
    WHERE l.site = %s AND l.order_id = ANY(%s)
"""
_AMENDED = """
    UPDATE warehouse_order SET asked = '', revision = %(revision)s, content = %(content)s, content_hash = %(hash)s,
        source_hash = %(source)s, differences = '{}', checked_at = NULL, refused_act = '', refused_wish = '',
        refusal = ''
    WHERE site = %(site)s AND warehouse = %(warehouse)s AND external_ref = %(ref)s AND asked = 'amend'
        AND changes = %(number)s
"""
_SET_LINES = """
    WITH gone AS (
        SELECT g.line_id, sum(g.base_quantity) AS units
        FROM shipment_line g JOIN shipment s USING (site, warehouse, shipment_id)
        WHERE g.site = %(site)s AND g.warehouse = %(warehouse)s AND g.external_ref = %(ref)s
            AND s.dispatched_at IS NOT NULL AND NOT s.voided
        GROUP BY g.line_id
    ), stands AS (
        SELECT l.line_id, l.base_quantity AS before,
            least(l.base_quantity, greatest(coalesce(r.units, 0), coalesce(g.units, 0))) AS after
        FROM warehouse_order_line l LEFT JOIN gone g USING (line_id)
        LEFT JOIN jsonb_to_recordset(%(kept)s::jsonb) AS r (line_id text, units bigint) USING (line_id)
        WHERE l.site = %(site)s AND l.warehouse = %(warehouse)s AND l.external_ref = %(ref)s
    )
    UPDATE warehouse_order_line l
    SET base_quantity = v.after, short_base = least(l.short_base, v.after - least(v.after, coalesce(
        (SELECT units FROM gone WHERE gone.line_id = l.line_id), 0)))
    FROM stands v
    WHERE l.site = %(site)s AND l.warehouse = %(warehouse)s AND l.external_ref = %(ref)s AND l.line_id = v.line_id
        AND v.after < v.before
    RETURNING l.line_id, (v.before - v.after)::bigint AS back
"""
