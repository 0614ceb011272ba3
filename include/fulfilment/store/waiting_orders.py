"""The orders that have something to decide, and what their decision depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, LiteralString

from include.fulfilment.domain.details import Details
from include.fulfilment.domain.order import (
    Address,
    PaymentMethod,
    PaymentState,
    SalesLine,
    SalesOrder,
)
from include.fulfilment.domain.quantity import LineQuantities, Proof
from include.fulfilment.store.site_rows import Row, SiteRows
from include.fulfilment.store_port import OrderQuantities, StoredLine, StoredOrder

_QUANTITIES = ("ordered", "held", "released", "backordered", "cancelled", "open", "shipped", "short", "over_shipped")


class WaitingOrders(SiteRows):
    """Reading orders for a decision."""

    def touched(self) -> list[StoredOrder]:
        """Every unfinished order that may differ from what the warehouse was told: it says something else in the shop
        than when it was last compared, or somebody asked to stop it, or goods left that were to stay."""
        return self._read(_TOUCHED)

    def waiting(self) -> list[StoredOrder]:
        """Every order that has something to decide, in the order they were placed, locked until this transaction ends.

        That is each unfinished order that is placed, held or waits for stock, has waiting units, was cancelled in the
        shop, or has a line whose quantity is not the one proven; and each order that is not ours to release while it
        is demand whose quantity is not proven.
        """
        return self._read(_WAITING)

    def _read(self, which: LiteralString) -> list[StoredOrder]:
        orders = self._connection.execute(_ORDERS + which + _LOCKED, (self._site,)).fetchall()
        ids = [row["order_id"] for row in orders]
        lines: dict[str, list[Row]] = {each: [] for each in ids}
        for line in self._connection.execute(_WAITING_LINES, {"site": self._site, "ids": ids}):
            lines[line["order_id"]].append(line)
        found = [_stored_order(row, lines[row["order_id"]]) for row in orders]
        return sorted(found, key=lambda each: (each.order.placed_at, each.order.order_id))

    def named(self, order: str) -> list[SalesOrder]:
        """The orders that go by this number, with or without #, or by this id of ours, as the shop last stated them."""
        heads = self._connection.execute(_NAMED, (self._site, order, order.removeprefix("#"))).fetchall()
        lines: dict[str, list[Row]] = {row["order_id"]: [] for row in heads}
        for line in self._connection.execute(_WAITING_LINES, {"site": self._site, "ids": list(lines)}):
            lines[line["order_id"]].append(line)
        shown = {key: [line for line in found if line["quantity"]] for key, found in lines.items()}
        return [sales_order(row, shown[row["order_id"]]) for row in heads]

    def quantities(self, order_ids: Sequence[str]) -> dict[str, OrderQuantities]:
        """State and all lines' quantities of these orders; an order we don't hold is missing from the answer."""
        heads = self._connection.execute(
            "SELECT order_id, state, reason, name, cancelled_at IS NOT NULL AS cancelled_in_shop FROM sales_order"
            " WHERE site = %s AND order_id = ANY(%s) ORDER BY order_id FOR NO KEY UPDATE",
            (self._site, list(order_ids)),
        ).fetchall()
        lines: dict[str, dict[str, LineQuantities]] = {row["order_id"]: {} for row in heads}
        for line in self._connection.execute(_LINE_QUANTITIES, (self._site, list(lines))):
            lines[line["order_id"]][line["line_id"]] = _quantities(line)
        return {row["order_id"]: OrderQuantities(**_head(row), lines=lines[row["order_id"]]) for row in heads}


def _stored_order(row: Row, lines: Sequence[Row]) -> StoredOrder:
    kept = {name: row[name] for name in _BESIDE_THE_ORDER}
    order = sales_order(row, [line for line in lines if line["quantity"] or not line["ordered_base"]])
    return StoredOrder(order=order, lines=tuple(_stored_line(line) for line in lines), **kept)


def sales_order(row: Row, lines: Sequence[Row]) -> SalesOrder:
    """The order as recorded, from the columns of `sales_order` that it has, with these rows of `order_line`."""
    stated = {name: row[name] for name in _OF_THE_ORDER}
    stated["payment_method"] = PaymentMethod(row["payment_method"])
    stated["payment_state"] = PaymentState(row["payment_state"])
    stated["ship_to"] = Address(**row["ship_to"])
    stated["details"] = Details.from_json(row["details"])
    stated["problems"] = tuple(row["problems"])
    return SalesOrder(**stated, lines=tuple(_sales_line(line) for line in lines))


_OF_THE_ORDER = tuple(field.name for field in fields(SalesOrder) if field.name != "lines")
_BESIDE_THE_ORDER = (
    "content_hash", "refused_hash", "state", "reason", "state_since", "decision_digest", "parts", "rejected_part",
    "revision", "shared_name", "already_as", "already_at", "held_at",
)  # fmt: skip


def _sales_line(row: Row) -> SalesLine:
    return SalesLine(
        line_id=row["line_id"],
        sku=row["sku"],
        title=row["title"],
        quantity=row["quantity"],
        price=row["price"],
        position=row["position"],
        leaves_from=row["leaves_from"],
    )


def _stored_line(row: Row) -> StoredLine:
    return StoredLine(
        line_id=row["line_id"],
        sku=row["sku"],
        title=row["title"],
        quantity=row["quantity"],
        pack_size=row["pack_size"],
        proof=Proof(**row["proof"]) if row["proof"] else None,
        quantities=_quantities(row),
        leaves_from=row["leaves_from"],
    )


def _quantities(row: Row) -> LineQuantities:
    return LineQuantities(**{name: row[f"{name}_base"] for name in _QUANTITIES})


def _head(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("state", "reason", "name", "cancelled_in_shop")}


_NAMED = """
    SELECT o.* FROM sales_order o
    WHERE o.site = %s AND (o.order_id = %s OR ltrim(o.name, '#') = %s) ORDER BY o.order_id
"""
# The rows are locked in the order of their ids, so that two transactions cannot block each other.
_ORDERS: LiteralString = """
    SELECT o.order_id, o.platform_id, o.name, o.is_draft, o.is_b2b, o.placed_at, o.updated_at, o.payment_method,
        o.payment_state, o.payment_word, o.currency, o.total_gross, o.shipping_net, o.account_id, o.account_name,
        o.po_number, o.po_required, o.instructions, o.requested_on, o.shipping_method, o.ship_to, o.cancelled_at,
        o.held_in_shop, o.fulfilled_in_shop, o.problems, o.storefront, o.not_before_on,
        o.cancel_after_on, o.customer_group, o.details, o.content_hash, o.refused_hash, o.already_as, o.already_at,
        o.state, o.reason, o.state_since,
        coalesce((SELECT d.digest FROM release_decision d WHERE d.site = o.site AND d.order_id = o.order_id
            ORDER BY d.decision_id DESC LIMIT 1), '') AS decision_digest,
        w.parts, w.rejected_part, w.revision, w.held_at,
        EXISTS (SELECT FROM sales_order s WHERE s.site = o.site AND ltrim(s.name, '#') = ltrim(o.name, '#')
            AND s.order_id <> o.order_id) AS shared_name
    FROM sales_order o
    CROSS JOIN LATERAL (
        SELECT coalesce(max(part) FILTER (WHERE state <> 'rejected'), 0) AS parts,
            coalesce(max(part) FILTER (WHERE state = 'rejected'), 0) AS rejected_part,
            coalesce(array_agg(DISTINCT warehouse) FILTER (WHERE state <> 'rejected'), '{}') AS held_at,
            coalesce(max(revision + CASE state WHEN 'cancelled' THEN 1 ELSE 0 END), 0) AS revision
        FROM warehouse_order w WHERE w.site = o.site AND w.order_id = o.order_id) w
    WHERE o.site = %s AND ("""
_LOCKED: LiteralString = """)
    ORDER BY o.order_id FOR NO KEY UPDATE OF o
"""
_WAITING: LiteralString = """
        o.state NOT IN ('fulfilled', 'cancelled', 'not_ours') AND (
            o.state IN ('placed', 'held', 'awaiting_stock') OR o.cancelled_at IS NOT NULL
            OR EXISTS (SELECT FROM order_line l WHERE l.site = o.site AND l.order_id = o.order_id
                AND (l.held_base + l.backordered_base > 0 OR l.leaves_from IS NOT NULL
                    AND (l.proof ->> 'quantity')::bigint IS DISTINCT FROM l.quantity)))
        OR o.state = 'not_ours' AND NOT o.fulfilled_in_shop AND o.cancelled_at IS NULL
            AND (o.reason IN ('fulfilled_elsewhere', 'nothing_to_ship')
                OR EXISTS (SELECT FROM order_line l WHERE l.site = o.site AND l.order_id = o.order_id
                    AND l.leaves_from IS NOT NULL AND (l.proof ->> 'quantity')::bigint IS DISTINCT FROM l.quantity))
        OR o.state IN ('fulfilled', 'cancelled') AND o.cancelled_at IS NULL
            AND EXISTS (SELECT FROM order_line l WHERE l.site = o.site AND l.order_id = o.order_id AND l.quantity > 0
                AND (l.proof ->> 'quantity')::bigint IS DISTINCT FROM l.quantity)
"""
_TOUCHED: LiteralString = """
        o.state NOT IN ('fulfilled', 'cancelled', 'not_ours') AND NOT o.is_draft AND (
            EXISTS (SELECT FROM warehouse_order w WHERE w.site = o.site AND w.order_id = o.order_id
                AND w.state IN ('queued', 'acknowledged') AND w.source_hash <> o.content_hash)
            OR EXISTS (SELECT FROM cancel_request c WHERE c.site = o.site AND c.order_id = o.order_id
                AND c.verdict <> 'shipped')
            OR EXISTS (SELECT FROM order_line l WHERE l.site = o.site AND l.order_id = o.order_id
                AND l.open_base > 0 AND l.over_shipped_base > 0))
"""
# The pack sizes are joined as one set: looked up per line they cost more than all the rest of a decision.
_WAITING_LINES = """
    WITH pack_sizes AS MATERIALIZED (
        SELECT DISTINCT ON (storefront, sku) storefront, sku, pack_size, group_pack_sizes AS by_group
        FROM variant WHERE site = %(site)s
        ORDER BY storefront, sku, shown_at DESC NULLS LAST, pack_size DESC NULLS LAST)
    SELECT l.order_id, l.line_id, l.sku, l.title, l.quantity, l.price, l.position, l.proof, l.ordered_base, l.held_base,
        l.released_base, l.backordered_base, l.cancelled_base, l.open_base, l.shipped_base, l.short_base,
        l.over_shipped_base, l.leaves_from,
        coalesce((p.by_group ->> o.customer_group)::integer, p.pack_size) AS pack_size
    FROM order_line l JOIN sales_order o USING (site, order_id)
    LEFT JOIN pack_sizes p ON p.storefront = o.storefront AND p.sku = l.sku
    WHERE l.site = %(site)s AND l.order_id = ANY(%(ids)s) ORDER BY l.order_id, l.position, l.line_id
"""
_LINE_QUANTITIES = """
    SELECT order_id, line_id, ordered_base, held_base, released_base, backordered_base, cancelled_base, open_base,
        shipped_base, short_base, over_shipped_base
    FROM order_line WHERE site = %s AND order_id = ANY(%s) ORDER BY order_id, position, line_id
"""
