"""What a drift comparison reads, kept under its cut-off so that every verdict can be replayed, and the verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, LiteralString, TypeVar, get_type_hints

from include.fulfilment.domain.discrepancy import Discrepancy
from include.fulfilment.domain.drift_inputs import OrderLineOurs, OrderLineShown, StockOurs, StockShown
from include.fulfilment.drift_port import DriftEvidence, DriftNight
from include.fulfilment.errors import DataError
from include.fulfilment.store.site_rows import SiteRows, as_json

R = TypeVar("R")
SIDES: Mapping[str, type] = {
    "stock_ours": StockOurs,
    "stock_shown": StockShown,
    "lines_ours": OrderLineOurs,
    "lines_shown": OrderLineShown,
}

# A shop shows one figure for each location: that of a further warehouse is compared as one of `<shop>@<warehouse>`.
_SHOP: LiteralString = "v.storefront || CASE v.leaves_from WHEN '' THEN '' ELSE '@' || v.leaves_from END"
_STOCK_OURS: LiteralString = """
    WITH newest AS (
        SELECT snapshot_id, as_of FROM stock_snapshot
        WHERE site = %(site)s AND warehouse = %(warehouse)s AND accepted AND as_of <= %(cut_off)s
        ORDER BY as_of DESC LIMIT 1
    ), figure AS (
        SELECT base_sku, sum(on_hand)::bigint AS on_hand FROM stock_level JOIN newest USING (snapshot_id)
        GROUP BY base_sku
    ), sold AS (
        SELECT o.storefront, l.sku, o.placed_at, l.quantity FROM order_line l JOIN sales_order o USING (site, order_id)
        WHERE site = %(site)s AND NOT o.is_draft AND o.cancelled_at IS NULL AND l.leaves_from = %(leaves_from)s
    )
    SELECT {shop} AS storefront, v.sku, coalesce(v.base_sku, '') AS base_sku, v.units_per_uom AS units_per, v.wanted,
        v.wanted_at, v.pushed, v.pushed_at, f.on_hand AS warehouse_base, (SELECT as_of FROM newest) AS as_of,
        coalesce((SELECT sum(s.quantity) FROM sold s
            WHERE s.storefront = v.storefront AND s.sku = v.sku AND s.placed_at > v.pushed_at), 0)::bigint
            AS sold_since_push
    FROM variant v LEFT JOIN figure f ON f.base_sku = v.base_sku
    WHERE v.site = %(site)s AND v.leaves_from = %(leaves_from)s AND v.shown IS NOT NULL
    ORDER BY v.storefront, v.sku, v.inventory_item_id
"""

_LINES_OURS = """
    WITH chosen AS (
        SELECT site, order_id, name, currency FROM sales_order
        WHERE site = %(site)s AND is_b2b AND NOT is_draft AND cancelled_at IS NULL AND state <> 'not_ours'
            AND (state NOT IN ('fulfilled', 'cancelled') OR state_since >= %(since)s)
    ), dispatched AS (
        SELECT s.warehouse, sl.external_ref, sl.line_id, sum(sl.base_quantity)::bigint AS shipped,
            coalesce(min(s.dispatched_at) FILTER (WHERE o.state IS DISTINCT FROM 'done'), max(s.dispatched_at))
                AS dispatched_at,
            CASE WHEN bool_and(o.state = 'done') THEN max(o.done_at) END AS posted_at
        FROM shipment s JOIN shipment_line sl USING (site, warehouse, shipment_id)
        LEFT JOIN outbox o ON o.site = s.site AND o.kind = 'fulfilment'
            AND o.payload ->> 'shipment_id' = s.shipment_id
        WHERE s.site = %(site)s AND NOT s.voided AND s.dispatched_at IS NOT NULL
        GROUP BY s.warehouse, sl.external_ref, sl.line_id
    )
    SELECT coalesce(w.warehouse, '') AS warehouse, l.order_id, l.line_id, coalesce(w.external_ref, '') AS external_ref,
        l.sku, l.units_per_uom AS units_per,
        CASE WHEN l.proof IS NOT NULL THEN l.ordered_base - l.cancelled_base END AS ordered_base,
        coalesce(wl.base_quantity, 0) AS released_base, NULL::bigint AS warehouse_base,
        coalesce(d.shipped, 0) AS shipped_base, w.created_at AS submitted_at, w.acknowledged_at,
        d.dispatched_at, d.posted_at, NULL::timestamptz AS as_of, c.name AS order_name, l.price AS unit_net, c.currency
    FROM chosen c JOIN order_line l USING (site, order_id)
    LEFT JOIN (warehouse_order_line wl JOIN warehouse_order w
        ON w.site = wl.site AND w.warehouse = wl.warehouse AND w.external_ref = wl.external_ref
            AND w.state <> 'rejected')
        ON wl.site = l.site AND wl.order_id = l.order_id AND wl.line_id = l.line_id
    LEFT JOIN dispatched d ON d.warehouse = w.warehouse AND d.external_ref = w.external_ref AND d.line_id = l.line_id
    WHERE l.quantity > 0 OR l.ordered_base > 0
    ORDER BY l.order_id, l.line_id, external_ref
"""


class PostgresDrift(SiteRows):
    """Drift evidence and verdicts of one site inside one open transaction."""

    def stock_ours(self, warehouse: str, cut_off: datetime, leaves_from: str = "") -> list[StockOurs]:
        """Our side of every variant stocked at the location of the warehouse of that name: what we want shown, what we
        pushed, what the warehouse says."""
        parameters = {"site": self._site, "warehouse": warehouse, "cut_off": cut_off, "leaves_from": leaves_from}
        found = self._connection.execute(_STOCK_OURS.format(shop=_SHOP), parameters)
        return [StockOurs(**row) for row in found]

    def stock_shown(self, places: Sequence[str] = ("",)) -> list[StockShown]:
        """What the shops showed, at the locations of the warehouses of these names, when they were last read."""
        sql: LiteralString = """SELECT {shop} AS storefront, v.sku, v.shown, v.shown_at AS read_at FROM variant v
            WHERE v.site = %s AND v.leaves_from = ANY(%s) AND v.shown IS NOT NULL
            ORDER BY v.storefront, v.sku, v.inventory_item_id, v.leaves_from"""
        return [
            StockShown(**row) for row in self._connection.execute(sql.format(shop=_SHOP), (self._site, list(places)))
        ]

    def lines_ours(self, finished_since: datetime) -> dict[str, list[OrderLineOurs]]:
        """Every line of every order that is open or finished since then, one row per warehouse order that serves it, by
        the code of its warehouse: empty for a line that was not released."""
        found: dict[str, list[OrderLineOurs]] = {}
        for row in self._connection.execute(_LINES_OURS, {"site": self._site, "since": finished_since}):
            found.setdefault(row.pop("warehouse"), []).append(OrderLineOurs(**row))
        return found

    def left_to_others(self, order_ids: Sequence[str]) -> dict[tuple[str, str], int]:
        """By order and line, how many of it, in the shop's unit, are none of ours: fulfilled by somebody else, or to
        leave from elsewhere."""
        sql = """SELECT order_id, line_id, left_to_others FROM order_line
            WHERE site = %s AND order_id = ANY(%s) AND left_to_others > 0"""
        found = self._connection.execute(sql, (self._site, list(order_ids)))
        return {(row["order_id"], row["line_id"]): row["left_to_others"] for row in found}

    def keep(self, cut_off: datetime, evidence: DriftEvidence) -> None:
        """Keep the rows of one comparison; a cut-off that is kept already stays as it is."""
        sql = """INSERT INTO drift_evidence (site, cut_off, side, row_number, content)
            SELECT %s, %s, %s, row_number, content
            FROM jsonb_array_elements(%s) WITH ORDINALITY AS t (content, row_number) ON CONFLICT DO NOTHING"""
        for side in SIDES:
            content = as_json([asdict(row) for row in getattr(evidence, side)])
            self._connection.execute(sql, (self._site, cut_off, side, content))

    def evidence(self, cut_off: datetime) -> DriftEvidence:
        """The rows kept under a cut-off. Raises DataError where there are none."""
        sql = """SELECT side, content FROM drift_evidence WHERE site = %s AND cut_off = %s ORDER BY side, row_number"""
        kept: dict[str, list[Any]] = {side: [] for side in SIDES}
        for row in self._connection.execute(sql, (self._site, cut_off)):
            kept[row["side"]].append(_row(SIDES[row["side"]], row["content"]))
        if not any(kept.values()):
            raise DataError(f"no drift rows are kept for {cut_off.isoformat()}; give the cut-off of a stored report")
        return DriftEvidence(**kept)

    def save(
        self,
        cut_off: datetime,
        found: Sequence[Discrepancy],
        digest: str,
        headline: str,
        counts: Mapping[str, int],
        now: datetime,
    ) -> None:
        """Store the verdict on a cut-off. A replay finds it there and must agree; raises DataError when it does not."""
        before = self.digest(cut_off)
        if before:
            if before != digest:
                raise DataError(f"drift report of {cut_off.isoformat()}: a replay gives another verdict than stored")
            return
        self._connection.execute(
            """INSERT INTO drift_report (site, cut_off, digest, headline, counts, made_at)
            VALUES (%s, %s, %s, %s, %s, %s)""",
            (self._site, cut_off, digest, headline, as_json(dict(counts)), now),
        )
        self._connection.execute(
            """INSERT INTO drift_row (site, cut_off, key, kind, aspect, storefront, sku, order_id, line_id,
                external_ref, ours, theirs, difference_base, difference_net, currency, cause, owner, next_step, since,
                lines)
            SELECT %s, %s, key, kind, aspect, storefront, sku, order_id, line_id, external_ref, ours, theirs,
                difference_base, difference_net, currency, cause, owner, next_step, since, lines
            FROM jsonb_to_recordset(%s) AS r (key text, kind text, aspect text, storefront text, sku text,
                order_id text, line_id text, external_ref text, ours bigint, theirs bigint, difference_base bigint,
                difference_net numeric, currency text, cause text, owner text, next_step text, since timestamptz,
                lines integer)""",
            (self._site, cut_off, as_json([_flat(row) for row in found])),
        )

    def digest(self, cut_off: datetime) -> str:
        """Digest of the stored verdict, empty where there is none."""
        sql = "SELECT digest FROM drift_report WHERE site = %s AND cut_off = %s"
        row = self._connection.execute(sql, (self._site, cut_off)).fetchone()
        return str(row["digest"]) if row else ""

    def history(self, before: datetime, days: int) -> list[DriftNight]:
        """The last report of each earlier day, oldest first."""
        sql = """SELECT DISTINCT ON (cut_off::date) cut_off, counts,
                ARRAY(SELECT key FROM drift_row d WHERE d.site = r.site AND d.cut_off = r.cut_off) AS keys
            FROM drift_report r WHERE site = %s AND cut_off < %s AND cut_off >= %s
            ORDER BY cut_off::date, cut_off DESC"""
        rows = self._connection.execute(sql, (self._site, before, before - timedelta(days=days)))
        return [DriftNight(row["cut_off"], row["counts"], frozenset(row["keys"])) for row in rows]


def _flat(row: Discrepancy) -> dict[str, Any]:
    return asdict(row) | {"key": row.key, "owner": row.owner, "next_step": row.next_step}


def _row(shape: type[R], content: Mapping[str, Any]) -> R:
    """A kept row as it was: instants and money come back from their text. A field that came later has its default."""
    hints = get_type_hints(shape)
    known = [field.name for field in fields(shape) if field.name in content]  # type: ignore[arg-type]
    values = {name: _value(content[name], hints[name]) for name in known}
    return shape(**values)


def _value(value: Any, hint: Any) -> Any:
    if value is None:
        return None
    wanted: Iterable[Any] = getattr(hint, "__args__", (hint,))
    if datetime in wanted:
        return datetime.fromisoformat(value)
    return Decimal(value) if Decimal in wanted else value
