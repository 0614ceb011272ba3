"""Shipments as the warehouse states them, lines it closed short, and the order lines they serve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from include.fulfilment.domain.shipment import (
    FulfilmentPost,
    LineClosure,
    Parcel,
    Shipment,
    ShipmentLine,
    shipped_by_line,
)
from include.fulfilment.store import locks
from include.fulfilment.store.site_rows import Row, SiteRows, as_json
from include.fulfilment.store_port import ReleasedLine


class PostgresShipments(SiteRows):
    """Shipments, short closures and what they serve."""

    def record(
        self, warehouse: str, shipments: Sequence[Shipment], closures: Sequence[LineClosure], now: datetime
    ) -> int:
        """Store shipments and closed remainders; returns how many shipments and lines that changed.

        A repeat changes nothing. A voided shipment stays voided, one that left the dock stays gone, and a closed
        remainder never shrinks, so that late and repeated messages do no harm.
        """
        locks.take(self._connection, self._site, locks.SHIPMENTS)
        stored = self._by_id(warehouse, [each.shipment_id for each in shipments])
        merged = dict(stored)
        for each in shipments:
            merged[each.shipment_id] = _merged(merged.get(each.shipment_id), each)
        changed = [each for key, each in merged.items() if each != stored.get(key)]
        if changed:
            self._write(warehouse, changed, now)
            self._stamp(warehouse, [each for each in changed if _goods_moved(stored.get(each.shipment_id), each)], now)
        return len(changed) + self._close(warehouse, closures)

    def _write(self, warehouse: str, changed: Sequence[Shipment], now: datetime) -> None:
        heads = as_json([_head_row(each) for each in changed])
        lines = as_json([asdict(line) | {"shipment_id": each.shipment_id} for each in changed for line in each.lines])
        self._connection.execute(_SHIPMENTS, (self._site, warehouse, now, heads))
        self._connection.execute(
            "DELETE FROM shipment_line WHERE site = %s AND warehouse = %s AND shipment_id = ANY(%s)",
            (self._site, warehouse, [each.shipment_id for each in changed]),
        )
        self._connection.execute(_LINES, (self._site, warehouse, lines))

    def _stamp(self, warehouse: str, moved: Sequence[Shipment], now: datetime) -> None:
        self._connection.execute(
            "UPDATE shipment SET changed_at = %s WHERE site = %s AND warehouse = %s AND shipment_id = ANY(%s)",
            (now, self._site, warehouse, [each.shipment_id for each in moved]),
        )

    def _close(self, warehouse: str, closures: Sequence[LineClosure]) -> int:
        rows = as_json([asdict(each) for each in closures])
        return self._connection.execute(_CLOSE, (rows, self._site, warehouse)).rowcount if closures else 0

    def released_lines(self, warehouse: str) -> list[ReleasedLine]:
        """Every line that was given to the warehouse for an order that is not finished, or that is finished and has
        surplus goods, a part of a pack, or goods that left or were taken back since."""
        found = self._connection.execute(_RELEASED, (self._site, warehouse))
        return [ReleasedLine(**row) for row in found]

    def shipments(self, warehouse: str, external_refs: Sequence[str]) -> list[Shipment]:
        """Every shipment with a line of these warehouse orders, whole."""
        found = self._connection.execute(
            "SELECT DISTINCT shipment_id FROM shipment_line"
            " WHERE site = %s AND warehouse = %s AND external_ref = ANY(%s)",
            (self._site, warehouse, list(external_refs)),
        )
        return list(self._by_id(warehouse, [row["shipment_id"] for row in found]).values())

    def _by_id(self, warehouse: str, shipment_ids: Sequence[str]) -> dict[str, Shipment]:
        """These shipments, locked in the order of their ids until this transaction ends."""
        key = (self._site, warehouse, list(shipment_ids))
        heads = self._connection.execute(_HEADS, key).fetchall()
        lines: dict[str, list[ShipmentLine]] = {row["shipment_id"]: [] for row in heads}
        for row in self._connection.execute(_LINES_OF, key):
            lines[row.pop("shipment_id")].append(ShipmentLine(**row))
        return {row["shipment_id"]: _shipment(row, lines[row["shipment_id"]]) for row in heads}

    def unmatched(self, warehouse: str) -> list[tuple[str, str, str, int]]:
        """(shipment id, reference, line id, base units) of goods that left under a reference that looks like ours, or
        under none, and belong to no line we released."""
        found = self._connection.execute(_UNMATCHED, (self._site, warehouse))
        return [(row["shipment_id"], row["external_ref"], row["line_id"], row["base_quantity"]) for row in found]

    def planned_posts(self, order_ids: Sequence[str]) -> list[FulfilmentPost]:
        """The fulfilments that were planned for these orders, whatever became of them, oldest first."""
        found = self._connection.execute(
            "SELECT payload FROM outbox WHERE site = %s AND kind = 'fulfilment' AND order_id = ANY(%s)"
            " ORDER BY outbox_id",
            (self._site, list(order_ids)),
        )
        return [FulfilmentPost.from_json(row["payload"]) for row in found]


def _merged(stored: Shipment | None, told: Shipment) -> Shipment:
    """What holds after the warehouse told this, whenever it wrote it: no message takes back a dispatch or a void."""
    told = _tidy(told)
    if stored is None:
        return told
    voided = stored.voided or told.voided
    if stored.dispatched_at is not None and told.dispatched_at is None:
        return replace(stored, voided=voided)
    return replace(told, voided=voided, picked_at=told.picked_at or stored.picked_at)


def _goods_moved(stored: Shipment | None, now: Shipment) -> bool:
    """Other goods left than we knew. A tracking number that comes late is no such change: else it would have every
    finished order looked at for ever."""
    return shipped_by_line([now]) != (shipped_by_line([stored]) if stored else {})


def _tidy(shipment: Shipment) -> Shipment:
    """Lines in the order they are stored in, each order line once, empty ones left out."""
    lines: dict[tuple[str, str], ShipmentLine] = {}
    for line in sorted(shipment.lines, key=lambda each: (each.external_ref, each.line_id, each.base_sku)):
        key = (line.external_ref, line.line_id)
        before = lines[key].base_quantity if key in lines else 0
        if line.base_quantity:
            lines[key] = replace(line, base_quantity=line.base_quantity + before)
    return replace(shipment, lines=tuple(lines.values()))


def _head_row(shipment: Shipment) -> Row:
    row = {name: value for name, value in asdict(shipment).items() if name != "lines"}
    return row | {"dispatched_at": shipment.dispatched_at, "picked_at": shipment.picked_at}


def _shipment(row: Row, lines: Sequence[ShipmentLine]) -> Shipment:
    parcels = tuple(
        Parcel(**{**each, "contents": tuple(ShipmentLine(**content) for content in each["contents"])})
        for each in row["parcels"]
    )
    ordered = sorted(lines, key=lambda each: (each.external_ref, each.line_id))
    return Shipment(**{**row, "parcels": parcels, "lines": tuple(ordered)})


_HEADS = """
    SELECT shipment_id, location, dispatched_at, picked_at, voided, parcels FROM shipment
    WHERE site = %s AND warehouse = %s AND shipment_id = ANY(%s) ORDER BY shipment_id FOR NO KEY UPDATE
"""
_LINES_OF = """
    SELECT shipment_id, external_ref, line_id, base_sku, base_quantity FROM shipment_line
    WHERE site = %s AND warehouse = %s AND shipment_id = ANY(%s)
"""
_SHIPMENTS = """
    INSERT INTO shipment (site, warehouse, shipment_id, location, dispatched_at, picked_at, voided, parcels,
        first_seen_at)
    SELECT %s, %s, shipment_id, location, dispatched_at, picked_at, voided, parcels, %s
    FROM jsonb_populate_recordset(NULL::shipment, %s::jsonb) ORDER BY shipment_id
    ON CONFLICT (site, warehouse, shipment_id) DO UPDATE SET location = EXCLUDED.location,
        dispatched_at = EXCLUDED.dispatched_at, picked_at = EXCLUDED.picked_at, voided = EXCLUDED.voided,
        parcels = EXCLUDED.parcels
"""
_LINES = """
    INSERT INTO shipment_line (site, warehouse, shipment_id, external_ref, line_id, base_sku, base_quantity)
    SELECT %s, %s, shipment_id, external_ref, line_id, base_sku, base_quantity
    FROM jsonb_populate_recordset(NULL::shipment_line, %s::jsonb)
"""
_CLOSE = """
    UPDATE warehouse_order_line l SET short_base = least(r.short, l.base_quantity)
    FROM (SELECT external_ref, line_id, max(short) AS short
        FROM jsonb_to_recordset(%s::jsonb) AS r (external_ref text, line_id text, short bigint)
        GROUP BY external_ref, line_id) r, warehouse_order w
    WHERE w.site = l.site AND w.warehouse = l.warehouse AND w.external_ref = l.external_ref AND w.state <> 'cancelled'
        AND l.site = %s AND l.warehouse = %s AND l.external_ref = r.external_ref AND l.line_id = r.line_id
        AND l.short_base < least(r.short, l.base_quantity)
"""
_RELEASED = """
    SELECT w.external_ref, w.order_id, w.line_id, w.base_sku, w.base_quantity, w.short_base, l.quantity,
        coalesce(l.units_per_uom, 1) AS units_per_uom, h.state = 'cancelled' AS cancelled
    FROM warehouse_order_line w JOIN warehouse_order h USING (site, warehouse, external_ref)
    JOIN sales_order o ON o.site = w.site AND o.order_id = w.order_id
    JOIN order_line l ON l.site = w.site AND l.order_id = w.order_id AND l.line_id = w.line_id
    WHERE w.site = %s AND w.warehouse = %s AND (o.state NOT IN ('fulfilled', 'cancelled', 'not_ours')
        OR o.state <> 'not_ours' AND (l.over_shipped_base > 0 OR l.shipped_base %% coalesce(l.units_per_uom, 1) <> 0
            OR EXISTS (SELECT FROM warehouse_order_line v
                JOIN shipment_line g USING (site, warehouse, external_ref, line_id)
                JOIN shipment s USING (site, warehouse, shipment_id)
                WHERE v.site = o.site AND v.order_id = o.order_id AND s.changed_at > o.state_since)))
    ORDER BY w.external_ref, l.position, w.line_id
"""
_UNMATCHED = """
    SELECT l.shipment_id, l.external_ref, l.line_id, l.base_quantity
    FROM shipment_line l JOIN shipment s USING (site, warehouse, shipment_id)
    WHERE l.site = %s AND l.warehouse = %s AND s.dispatched_at IS NOT NULL AND NOT s.voided
        AND (l.external_ref = '' OR l.external_ref ~ '^B2B[A-Z0-9-]*$')
        AND NOT EXISTS (SELECT FROM warehouse_order_line w WHERE w.site = l.site AND w.warehouse = l.warehouse
            AND w.external_ref = l.external_ref AND w.line_id = l.line_id)
    ORDER BY l.shipment_id, l.external_ref, l.line_id
"""
