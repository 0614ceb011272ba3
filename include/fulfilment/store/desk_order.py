"""Everything the store keeps about one order, read for the desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, LiteralString

import psycopg
from psycopg.rows import DictRow

from include.fulfilment.domain.quantity import LineQuantities, Proof
from include.fulfilment.domain.release_case import RuleResult
from include.fulfilment.domain.shipment import Parcel, ShipmentLine
from include.fulfilment.store.desk_rows import (
    DecisionRow,
    EventRow,
    LineRow,
    OrderHead,
    OrderRows,
    ShipmentRow,
    TicketRow,
    VerdictRow,
    WarehouseOrderRow,
)

_HEAD: LiteralString = """
SELECT order_id, name, is_draft, placed_at, payment_method, payment_state, currency, total_gross, account_name,
       po_number, requested_on, shipping_method, state, reason, state_since, storefront,
       content_hash AS version
FROM sales_order WHERE site = %(site)s AND order_id = %(order_id)s
"""
_LINES: LiteralString = """
SELECT line_id, sku, title, quantity, proof, refusal, ordered_base, held_base, released_base, backordered_base,
       cancelled_base, open_base, shipped_base, short_base, over_shipped_base
FROM order_line WHERE site = %(site)s AND order_id = %(order_id)s ORDER BY position, line_id
"""
_DECISION: LiteralString = """
SELECT decided_at, outcome, reason, policy_version, rules FROM release_decision
WHERE site = %(site)s AND order_id = %(order_id)s ORDER BY decision_id DESC LIMIT 1
"""
_WAREHOUSE_ORDERS: LiteralString = """
SELECT w.warehouse, w.external_ref, w.state, w.wms_id, w.part, w.differences, w.created_at, w.acknowledged_at,
       count(l.line_id) AS lines, coalesce(sum(l.base_quantity), 0)::bigint AS units
FROM warehouse_order w LEFT JOIN warehouse_order_line l USING (site, warehouse, external_ref)
WHERE w.site = %(site)s AND w.order_id = %(order_id)s
GROUP BY w.site, w.warehouse, w.external_ref ORDER BY w.part, w.revision
"""
_SHIPMENTS: LiteralString = """
SELECT s.warehouse, s.shipment_id, s.dispatched_at, s.picked_at, s.voided, s.parcels,
       jsonb_agg(jsonb_build_object('external_ref', l.external_ref, 'line_id', l.line_id, 'base_sku', l.base_sku,
                                    'base_quantity', l.base_quantity) ORDER BY l.external_ref, l.line_id) AS lines
FROM warehouse_order w
JOIN shipment_line l USING (site, warehouse, external_ref)
JOIN shipment s USING (site, warehouse, shipment_id)
WHERE w.site = %(site)s AND w.order_id = %(order_id)s
GROUP BY s.site, s.warehouse, s.shipment_id
ORDER BY coalesce(s.dispatched_at, s.picked_at, s.first_seen_at), s.shipment_id
"""
_TICKETS: LiteralString = """
SELECT code, owner, severity, evidence, next_step, opened_at, due_at, closed_at FROM exception_ticket
WHERE site = %(site)s AND order_id = %(order_id)s
ORDER BY closed_at IS NOT NULL, severity <> 'urgent', due_at, ticket_id LIMIT 50
"""
_EVENTS: LiteralString = """
SELECT at, source, words FROM order_event WHERE site = %(site)s AND order_id = %(order_id)s
ORDER BY event_id DESC LIMIT 200
"""
_VERDICTS: LiteralString = """
SELECT decision_id, code, version, verdict, person, reason, at, follows IS NOT NULL AS counts FROM hold_decision
WHERE site = %(site)s AND subject = %(order_id)s AND order_id = %(order_id)s ORDER BY decision_id DESC LIMIT 50
"""


def read_order(connection: psycopg.Connection[DictRow], site: str, order_id: str) -> OrderRows | None:
    """Everything about one order inside the open transaction, or None where there is none."""
    values = {"site": site, "order_id": order_id}
    head = connection.execute(_HEAD, values).fetchone()
    if head is None:
        return None
    decision = connection.execute(_DECISION, values).fetchone()
    return OrderRows(
        head=OrderHead(**head),
        lines=tuple(_line(row) for row in connection.execute(_LINES, values)),
        decision=_decision(decision) if decision else None,
        warehouse_orders=tuple(
            WarehouseOrderRow(**row | {"differences": tuple(row["differences"])})
            for row in connection.execute(_WAREHOUSE_ORDERS, values)
        ),
        shipments=tuple(_shipment(row) for row in connection.execute(_SHIPMENTS, values)),
        tickets=tuple(_ticket(row) for row in connection.execute(_TICKETS, values)),
        events=tuple(EventRow(**row) for row in connection.execute(_EVENTS, values)),
        verdicts=tuple(VerdictRow(**row) for row in connection.execute(_VERDICTS, values)),
    )


def _line(row: Mapping[str, Any]) -> LineRow:
    quantities = {name.removesuffix("_base"): value for name, value in row.items() if name.endswith("_base")}
    kept = row["proof"]
    proof = Proof(**{part.name: kept[part.name] for part in fields(Proof)}) if kept else None
    return LineRow(
        row["line_id"], row["sku"], row["title"], row["quantity"], proof, row["refusal"], LineQuantities(**quantities)
    )


def _decision(row: Mapping[str, Any]) -> DecisionRow:
    rules = tuple(
        RuleResult(rule["rule"], rule["passed"], rule["inputs"], rule.get("code", "")) for rule in row["rules"]
    )
    return DecisionRow(row["decided_at"], row["outcome"], row["reason"], row["policy_version"], rules)


def _shipment(row: Mapping[str, Any]) -> ShipmentRow:
    parcels = tuple(
        Parcel(
            parcel["parcel_id"],
            parcel["carrier"],
            parcel["tracking_number"],
            parcel.get("tracking_url", ""),
            tuple(ShipmentLine(**content) for content in parcel.get("contents", ())),
        )
        for parcel in row["parcels"]
    )
    lines = tuple(ShipmentLine(**line) for line in row["lines"])
    return ShipmentRow(
        row["warehouse"], row["shipment_id"], row["dispatched_at"], row["picked_at"], row["voided"], parcels, lines
    )


def _ticket(row: Mapping[str, Any]) -> TicketRow:
    evidence = {str(name): str(value) for name, value in row["evidence"].items()}
    return TicketRow(**{**row, "evidence": evidence})
