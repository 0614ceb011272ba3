"""What a decision writes: quantities, states, the decision itself, and warehouse orders with what is owed for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple
from datetime import datetime
from typing import LiteralString

from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import DataError
from include.fulfilment.store.order_events import DECISION, add_events
from include.fulfilment.store.site_rows import Row, SiteRows, as_json, plain
from include.fulfilment.store.staging import stage
from include.fulfilment.store_port import LineUpdate, OrderUpdate


class Decisions(SiteRows):
    """Writing what was decided."""

    def save(self, updates: Sequence[OrderUpdate], policy_version: str, now: datetime) -> None:
        """Write the decisions of one beat. An order's clock (`state_since`) moves only when its state or reason does;
        a decision equal to the last one is not written again.

        Raises DataError when a quantity law would break, when a line or order is not stored, or when a warehouse order
        would carry a reference that is taken: only a rejected order's reference is used again, by its next revision.
        """
        if not updates:
            return
        self._save_lines([(each.order_id, line) for each in updates for line in each.lines])
        self._save_states(updates, now)
        self._save_decisions([each for each in updates if each.decision is not None], policy_version, now)
        events = [(each.order_id, DECISION, each.event) for each in updates if each.event]
        add_events(self._connection, self._site, events, now)
        released: dict[str, list[WarehouseOrder]] = {}
        for each in updates:
            for warehouse, order in each.warehouse_orders.items():
                released.setdefault(warehouse, []).append(order)
        for warehouse, orders in released.items():
            self._save_warehouse_orders(orders, warehouse, now)

    def _save_lines(self, lines: Sequence[tuple[str, LineUpdate]]) -> None:
        stage(self._connection, "line_decided", _LINE_COLUMNS, (_line_row(*each) for each in lines))
        missing = self._connection.execute(_MISSING_LINE, (self._site,)).fetchone()
        if missing is not None:
            order_id, line_id = missing["order_id"], missing["line_id"]
            raise DataError(f"order {order_id} has no line {line_id} any more: decide again", subject=order_id)
        self._connection.execute(_LINES, (self._site,))

    def _save_states(self, updates: Sequence[OrderUpdate], now: datetime) -> None:
        columns: LiteralString = "order_id text, state text, reason text, backordered boolean"
        stage(self._connection, "order_decided", columns, (_state_row(each) for each in updates))
        self._connection.execute(_STATES, (now, self._site))

    def _save_decisions(self, updates: Sequence[OrderUpdate], policy_version: str, now: datetime) -> None:
        rows = [
            {
                "order_id": each.order_id,
                "outcome": each.decision.outcome,
                "reason": each.decision.code,
                "rules": [asdict(rule) for rule in each.decision.rules],
                "digest": each.decision_digest,
            }
            for each in updates
            if each.decision is not None
        ]
        self._connection.execute(_DECISIONS, (self._site, now, policy_version, as_json(rows), self._site))

    def _save_warehouse_orders(self, orders: Sequence[WarehouseOrder], warehouse: str, now: datetime) -> None:
        rows = as_json([_order_row(order) for order in orders])
        stored = self._connection.execute(_WAREHOUSE_ORDERS, (self._site, warehouse, now, self._site, rows)).fetchall()
        refs = {row["external_ref"] for row in stored}
        taken = next((order for order in orders if order.external_ref not in refs), None)
        if taken is not None:
            raise DataError(
                f"order {taken.order_id}: the reference {taken.external_ref} is taken in warehouse {warehouse}; "
                "look which order holds it before this one is released",
                subject=taken.order_id,
            )
        self._connection.execute(_WAREHOUSE_LINES, (self._site, warehouse, rows))
        self._connection.execute(_JUDGED, (self._site, [order.order_id for order in orders]))
        self._connection.execute(_OWED, (self._site, warehouse, now, now, rows))


def _line_row(order_id: str, line: LineUpdate) -> tuple[object, ...]:
    proof = line.proven.proof if line.proven else None
    proven = (
        line.proven is not None,
        as_json(asdict(proof)) if proof else None,
        plain(proof.base_sku) if proof else None,
        proof.units_per_uom if proof else None,
        line.proven.refusal if line.proven else "",
    )
    return (order_id, line.line_id, *proven, *astuple(line.quantities))


def _state_row(update: OrderUpdate) -> tuple[object, ...]:
    backordered = any(line.quantities.backordered for line in update.lines)
    return (update.order_id, update.state, update.reason, backordered)


def _order_row(order: WarehouseOrder) -> Row:
    return {
        "external_ref": order.external_ref,
        "order_id": order.order_id,
        "revision": order.revision,
        "part": order.part,
        "key": order.key,
        "content": order.to_json(),
        "content_hash": order.content_hash(),
    }


_LINE_COLUMNS: LiteralString = """
    order_id text, line_id text, judged boolean, proof jsonb, base_sku text, units_per_uom integer, refusal text,
    ordered_base bigint, held_base bigint, released_base bigint, backordered_base bigint, cancelled_base bigint,
    open_base bigint, shipped_base bigint, short_base bigint, over_shipped_base bigint
"""
_MISSING_LINE = """
    SELECT r.order_id, r.line_id FROM line_decided r
    LEFT JOIN order_line l ON l.site = %s AND l.order_id = r.order_id AND l.line_id = r.line_id
    WHERE l.line_id IS NULL LIMIT 1
"""
# A line that stays as it was is not written.
_LINES = """
    UPDATE order_line l SET
        proof = CASE WHEN r.judged THEN r.proof ELSE l.proof END,
        base_sku = CASE WHEN r.judged THEN r.base_sku ELSE l.base_sku END,
        units_per_uom = CASE WHEN r.judged THEN r.units_per_uom ELSE l.units_per_uom END,
        refusal = CASE WHEN r.judged THEN r.refusal ELSE l.refusal END,
        ordered_base = r.ordered_base, held_base = r.held_base, released_base = r.released_base,
        backordered_base = r.backordered_base, cancelled_base = r.cancelled_base, open_base = r.open_base,
        shipped_base = r.shipped_base, short_base = r.short_base, over_shipped_base = r.over_shipped_base
    FROM line_decided r
    WHERE l.site = %s AND l.order_id = r.order_id AND l.line_id = r.line_id
        AND (r.judged AND (l.proof, l.refusal) IS DISTINCT FROM (r.proof, r.refusal)
            OR (l.ordered_base, l.held_base, l.released_base, l.backordered_base, l.cancelled_base, l.open_base,
                l.shipped_base, l.short_base, l.over_shipped_base)
            <> (r.ordered_base, r.held_base, r.released_base, r.backordered_base, r.cancelled_base, r.open_base,
                r.shipped_base, r.short_base, r.over_shipped_base))
"""
_STATES = """
    UPDATE sales_order o SET state = r.state, reason = r.reason,
        state_since = CASE WHEN (o.state, o.reason) = (r.state, r.reason) THEN o.state_since ELSE %s END,
        ever_held = o.ever_held OR r.state = 'held', ever_backordered = o.ever_backordered OR r.backordered
    FROM order_decided r
    WHERE o.site = %s AND o.order_id = r.order_id
        AND ((o.state, o.reason) <> (r.state, r.reason) OR r.backordered AND NOT o.ever_backordered)
"""
_DECISIONS = """
    INSERT INTO release_decision (site, order_id, decided_at, outcome, reason, policy_version, rules, digest)
    SELECT %s, r.order_id, %s, r.outcome, r.reason, %s, r.rules, r.digest
    FROM jsonb_to_recordset(%s::jsonb) AS r (order_id text, outcome text, reason text, rules jsonb, digest text)
    WHERE r.digest IS DISTINCT FROM (SELECT d.digest FROM release_decision d
        WHERE d.site = %s AND d.order_id = r.order_id ORDER BY d.decision_id DESC LIMIT 1)
"""
_WAREHOUSE_ORDERS = """
    INSERT INTO warehouse_order (site, warehouse, external_ref, order_id, revision, part, content, content_hash, state,
        created_at, source_hash)
    SELECT %s, %s, r.external_ref, r.order_id, r.revision, r.part, r.content, r.content_hash, 'queued', %s,
        (SELECT o.content_hash FROM sales_order o WHERE o.site = %s AND o.order_id = r.order_id)
    FROM jsonb_to_recordset(%s::jsonb) AS r (external_ref text, order_id text, revision integer, part integer,
        content jsonb, content_hash text)
    ON CONFLICT (site, warehouse, external_ref) DO UPDATE SET
        revision = EXCLUDED.revision, content = EXCLUDED.content, content_hash = EXCLUDED.content_hash,
        state = 'queued', wms_id = '', differences = '{}', created_at = EXCLUDED.created_at, acknowledged_at = NULL,
        checked_at = NULL, source_hash = EXCLUDED.source_hash
    WHERE warehouse_order.state = 'rejected' AND warehouse_order.order_id = EXCLUDED.order_id
        AND warehouse_order.part = EXCLUDED.part AND warehouse_order.revision < EXCLUDED.revision
    RETURNING external_ref
"""
# What a rejection refuses is the content that was judged, and not one that came after.
_JUDGED = "UPDATE sales_order SET judged_hash = content_hash WHERE site = %s AND order_id = ANY(%s)"
_WAREHOUSE_LINES = """
    INSERT INTO warehouse_order_line (site, warehouse, external_ref, order_id, line_id, base_sku, base_quantity)
    SELECT %s, %s, r.external_ref, r.order_id, l.line_id, l.base_sku, l.base_quantity
    FROM jsonb_to_recordset(%s::jsonb) AS r (external_ref text, order_id text, content jsonb),
        jsonb_to_recordset(r.content -> 'lines') AS l (line_id text, base_sku text, base_quantity bigint)
"""
_OWED = """
    INSERT INTO outbox (site, kind, warehouse, key, order_id, payload, due_at, created_at)
    SELECT %s, 'warehouse_order', %s, r.key, r.order_id, r.content, %s, %s
    FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS (key text, order_id text, content jsonb)) WITH ORDINALITY
        AS r (key, order_id, content, place)
    ORDER BY r.place
"""
