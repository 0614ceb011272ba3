"""What is promised to buyers and still in, or not yet out of, the figure that the warehouse reported."""

from __future__ import annotations

from datetime import datetime
from typing import LiteralString

from include.fulfilment.store.site_rows import SiteRows


class Demand(SiteRows):
    """Base units that a warehouse figure of a given instant does not contain yet."""

    def outstanding(self, warehouse: str, as_of: datetime) -> dict[str, int]:
        """Base units per base SKU that were released to the warehouse and had not left it by `as_of`: the figure of
        that instant, of a warehouse that deducts at dispatch, still contains them."""
        return self._units(_OUTSTANDING, {"site": self._site, "warehouse": warehouse, "as_of": as_of})

    def demand(self, warehouse: str, as_of: datetime, leaves_from: str = "") -> dict[str, int]:
        """Base units per base SKU that the figure of `as_of` still contains though they are ordered: what is
        outstanding, what is held or backordered, and orders that are not ours to release until the shop has fulfilled
        them. Drafts promise nothing. Lines name the warehouse as `leaves_from`; one that leaves from several places
        counts at each, so that too little is shown and never too much."""
        given = {"site": self._site, "warehouse": warehouse, "as_of": as_of, "leaves_from": leaves_from}
        return self._units(_DEMAND, given)

    def unproven(self, leaves_from: str = "") -> list[tuple[str, int]]:
        """(SKU, quantity in the shop's unit) of lines that are demand but not proven: they have no base units."""
        found = self._connection.execute(
            """
            SELECT l.sku, l.quantity FROM order_line l JOIN sales_order o USING (site, order_id)
            WHERE o.site = %s AND NOT o.is_draft AND o.cancelled_at IS NULL AND NOT o.fulfilled_in_shop
                AND l.proof IS NULL AND l.quantity > 0 AND l.leaves_from IN (%s, '*')
            ORDER BY l.order_id, l.line_id
            """,
            (self._site, leaves_from),
        )
        return [(row["sku"], row["quantity"]) for row in found]

    def _units(self, query: LiteralString, given: dict[str, object]) -> dict[str, int]:
        found = self._connection.execute(query, given)
        return {row["base_sku"]: row["units"] for row in found}


# By warehouse order line and not from the order's folded quantities, so that a shipment counts from the instant it is
# recorded and not only once it was folded. Lines of finished orders count while they have a dispatch after the figure.
_LEFT_LINES: LiteralString = """
    WITH live AS (
        SELECT w.external_ref FROM warehouse_order w JOIN sales_order o USING (site, order_id)
        WHERE w.site = %(site)s AND w.warehouse = %(warehouse)s AND w.state <> 'rejected'
            AND o.state NOT IN ('fulfilled', 'cancelled', 'not_ours')
        UNION
        SELECT l.external_ref FROM shipment s JOIN shipment_line l USING (site, warehouse, shipment_id)
        WHERE s.site = %(site)s AND s.warehouse = %(warehouse)s AND s.dispatched_at > %(as_of)s AND NOT s.voided
    ), gone AS (
        SELECT l.external_ref, l.line_id, sum(l.base_quantity) AS units
        FROM live JOIN shipment_line l ON l.site = %(site)s AND l.warehouse = %(warehouse)s
            AND l.external_ref = live.external_ref
        JOIN shipment s USING (site, warehouse, shipment_id)
        WHERE s.dispatched_at <= %(as_of)s AND NOT s.voided
        GROUP BY l.external_ref, l.line_id
    ), left_lines AS (
        SELECT l.base_sku, greatest(0, l.base_quantity - l.short_base - coalesce(g.units, 0)) AS units
        FROM live JOIN warehouse_order_line l ON l.site = %(site)s AND l.warehouse = %(warehouse)s
            AND l.external_ref = live.external_ref
        LEFT JOIN gone g ON g.external_ref = l.external_ref AND g.line_id = l.line_id
    )
"""
_PER_SKU: LiteralString = """
    SELECT base_sku, sum(units)::bigint AS units FROM wanted GROUP BY base_sku HAVING sum(units) > 0
"""
_WAITING: LiteralString = """
    , wanted AS (
        SELECT base_sku, units FROM left_lines
        UNION ALL
        SELECT l.base_sku, l.held_base + l.backordered_base
        FROM order_line l JOIN sales_order o USING (site, order_id)
        WHERE l.site = %(site)s AND l.held_base + l.backordered_base + l.open_base > 0 AND NOT o.is_draft
            AND l.leaves_from IN (%(leaves_from)s, '*') AND (o.state NOT IN ('fulfilled', 'cancelled', 'not_ours')
                OR o.state = 'not_ours' AND NOT o.fulfilled_in_shop AND o.cancelled_at IS NULL)
        UNION ALL  -- what the shop asks for beyond what was decided: an edit not yet taken in, or one that is refused
        SELECT l.base_sku, l.quantity * l.units_per_uom - (l.ordered_base - l.cancelled_base)
        FROM order_line l JOIN sales_order o USING (site, order_id)
        WHERE l.site = %(site)s AND l.proof IS NOT NULL AND o.cancelled_at IS NULL AND NOT o.is_draft
            AND NOT o.fulfilled_in_shop AND l.quantity * l.units_per_uom > l.ordered_base - l.cancelled_base
            AND l.leaves_from IN (%(leaves_from)s, '*')
    )
"""
_OUTSTANDING: LiteralString = _LEFT_LINES + ", wanted AS (SELECT * FROM left_lines)" + _PER_SKU  # noqa: S608 - constants
_DEMAND: LiteralString = _LEFT_LINES + _WAITING + _PER_SKU
