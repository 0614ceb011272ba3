"""Rows for the desk's tests, written as plain SQL so that they do not depend on the code that writes them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import psycopg

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PROOF = {
    "quantity": 2,
    "uom": "CASE",
    "units_per_uom": 12,
    "base_sku": "MUG",
    "source": "packs.csv row 7",
    "version": "v1",
}


def insert(connection: psycopg.Connection[Any], table: str, **row: Any) -> None:
    """One row; dictionaries and lists of dictionaries become JSON."""
    values = [
        json.dumps(v) if isinstance(v, dict) or (isinstance(v, list) and v and isinstance(v[0], dict)) else v
        for v in row.values()
    ]
    marks = ", ".join(["%s"] * len(values))
    connection.execute(f"INSERT INTO fulfilment.{table} ({', '.join(row)}) VALUES ({marks})", values)  # noqa: S608


def order(connection: psycopg.Connection[Any], site: str, number: int, now: datetime, **changes: Any) -> str:
    """An order of 1,234.50 GBP on account, placed two hours ago and in its state for one; returns its id."""
    order_id = f"cart-{number}"
    row = {
        "site": site,
        "order_id": order_id,
        "platform_id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "is_draft": False,
        "is_b2b": True,
        "placed_at": now - 2 * HOUR,
        "updated_at": now - 2 * HOUR,
        "payment_method": "account",
        "payment_state": "pending",
        "payment_word": "paymentOnAccount",
        "currency": "GBP",
        "total_gross": "1234.50",
        "shipping_net": "10",
        "account_id": "acc-1",
        "account_name": "Harbour Stores Ltd",
        "po_number": "PO-77",
        "po_required": True,
        "instructions": "Ring the bell of Mrs Secret",
        "requested_on": None,
        "shipping_method": "Standard",
        "ship_to": {"name": "Mrs Secret", "city": "Hiddenham"},
        "cancelled_at": None,
        "held_in_shop": False,
        "fulfilled_in_shop": False,
        "problems": [],
        "content_hash": "h",
        "state": "in_warehouse",
        "reason": "",
        "state_since": now - HOUR,
        "first_seen_at": now - 2 * HOUR,
    }
    insert(connection, "sales_order", **row | changes)
    return order_id


def line(connection: psycopg.Connection[Any], site: str, order_id: str, line_id: str, **changes: Any) -> None:
    """A line of two cases of twelve, all held, unless told otherwise."""
    row = {
        "site": site,
        "order_id": order_id,
        "line_id": line_id,
        "position": 1,
        "sku": "MUG-12",
        "title": "Mug, blue",
        "quantity": 2,
        "price": "9.99",
        "proof": PROOF,
        "base_sku": "MUG",
        "units_per_uom": 12,
        "ordered_base": 24,
        "held_base": 24,
    }
    insert(connection, "order_line", **row | changes)


def ticket(connection: psycopg.Connection[Any], site: str, code: str, now: datetime, **changes: Any) -> None:
    """An open warning of finance, an hour old and due in three."""
    row = {
        "site": site,
        "scope": "release",
        "code": code,
        "subject": "#1",
        "order_id": None,
        "owner": "finance",
        "severity": "warning",
        "evidence": {"limit": "5000 GBP"},
        "next_step": "Do what helps.",
        "opened_at": now - HOUR,
        "due_at": now + 3 * HOUR,
        "closed_at": None,
    }
    insert(connection, "exception_ticket", **row | changes)


def seed(connection: psycopg.Connection[Any], site: str, now: datetime) -> None:
    """Orders 1001 to 1006: held over credit, waiting for stock, owed to the warehouse since too long, in the warehouse,
    shipped in parts, and fulfilled an hour ago; the clocks of three DAGs and a stock reading of four minutes ago."""
    _held_over_credit(connection, site, now)
    stock = order(
        connection, site, 1002, now, state="awaiting_stock", reason="awaiting_stock", state_since=now - 2 * DAY
    )
    line(connection, site, stock, "l1", held_base=0, backordered_base=24)
    _owed_to_the_warehouse(connection, site, now)
    order(connection, site, 1004, now)
    _shipped_in_parts(connection, site, now)
    order(connection, site, 1006, now, state="fulfilled")
    _clocks(connection, site, now)
    insert(
        connection,
        "stock_snapshot",
        site=site,
        warehouse="main",
        as_of=now - 4 * MINUTE,
        taken_at=now,
        levels=9,
        accepted=True,
    )


def _held_over_credit(connection: psycopg.Connection[Any], site: str, now: datetime) -> None:
    """Order 1001: held 130 minutes ago because it passes its credit limit, with the ticket and the decision."""
    since = now - 130 * MINUTE
    code = "credit_limit_exceeded"
    held = order(connection, site, 1001, now, state="held", reason=code, state_since=since)
    line(connection, site, held, "l1")
    ticket(connection, site, code, now, subject="#1001", order_id=held, opened_at=since)
    rules = [
        {"rule": "payment", "passed": True, "inputs": {"method": "account"}, "code": ""},
        {"rule": "credit", "passed": False, "inputs": {"limit": "5000 GBP", "after": "6000"}, "code": code},
    ]
    insert(
        connection,
        "release_decision",
        site=site,
        order_id=held,
        decided_at=since,
        outcome="hold",
        reason=code,
        policy_version="demo-1",
        rules=rules,
        digest="d",
    )


def _owed_to_the_warehouse(connection: psycopg.Connection[Any], site: str, now: datetime) -> None:
    """Order 1003: its message to the warehouse has waited in the outbox for an hour."""
    owed = order(connection, site, 1003, now)
    insert(
        connection,
        "outbox",
        site=site,
        kind="warehouse_order",
        key="k1003",
        order_id=owed,
        payload={},
        due_at=now,
        created_at=now - HOUR,
    )


def _clocks(connection: psycopg.Connection[Any], site: str, now: datetime) -> None:
    """The three beats of each of three DAGs, a minute apart; the last beats are two to four minutes old."""
    for dag_id, minutes in (("order_release", 3), ("stock_sync", 4), ("fulfilment_aggregation", 2)):
        for step, later in (("collect", 0), ("decide", 1), ("submit", 2)):
            insert(
                connection,
                "run_clock",
                site=site,
                dag_id=dag_id,
                beat=step,
                good_at=now - (minutes + 2 - later) * MINUTE,
                figures={},
            )


def _shipped_in_parts(connection: psycopg.Connection[Any], site: str, now: datetime) -> None:
    """Order 1005: 24 of its 40 units shipped in two parcels, 4 short, 2 cancelled, 10 on a linked backorder."""
    order_id = order(connection, site, 1005, now, state="partly_shipped", reason="awaiting_stock")
    line(connection, site, order_id, "l1", ordered_base=24, held_base=0, released_base=24, shipped_base=24)
    _short_line(connection, site, order_id)
    for part, (ref, units, line_id) in enumerate((("B2B1005", 24, "l1"), ("B2B1005-2", 4, "l2")), start=1):
        _acknowledged_part(connection, site, order_id, now, part=part, external_ref=ref)
        insert(
            connection,
            "warehouse_order_line",
            site=site,
            warehouse="main",
            external_ref=ref,
            order_id=order_id,
            line_id=line_id,
            base_sku="MUG",
            base_quantity=units,
        )
    _shipment_in_two_parcels(connection, site, now)
    for minutes, source, words in ((60, "order_release", "Released 24 units"), (30, "warehouse", "Shipment OUT1 left")):
        insert(
            connection,
            "order_event",
            site=site,
            order_id=order_id,
            at=now - minutes * MINUTE,
            source=source,
            words=words,
        )


def _short_line(connection: psycopg.Connection[Any], site: str, order_id: str) -> None:
    """The second line of order 1005: 16 single cups, of which 4 released and short, 10 backordered, 2 cancelled."""
    line(
        connection,
        site,
        order_id,
        "l2",
        position=2,
        sku="CUP",
        title="Cup",
        quantity=16,
        proof=PROOF | {"quantity": 16, "uom": "EA", "units_per_uom": 1, "base_sku": "CUP"},
        base_sku="CUP",
        units_per_uom=1,
        ordered_base=16,
        held_base=0,
        released_base=4,
        short_base=4,
        backordered_base=10,
        cancelled_base=2,
    )


def _acknowledged_part(
    connection: psycopg.Connection[Any], site: str, order_id: str, now: datetime, *, part: int, external_ref: str
) -> None:
    """A warehouse order made an hour ago and acknowledged ten minutes later."""
    insert(
        connection,
        "warehouse_order",
        site=site,
        warehouse="main",
        external_ref=external_ref,
        order_id=order_id,
        revision=1,
        part=part,
        content={},
        content_hash="h",
        state="acknowledged",
        wms_id=f"SO{part}",
        created_at=now - HOUR,
        acknowledged_at=now - 50 * MINUTE,
    )


def _shipment_in_two_parcels(connection: psycopg.Connection[Any], site: str, now: datetime) -> None:
    """Shipment OUT1 of 24 mugs, twelve to a parcel, which left half an hour ago."""
    insert(
        connection,
        "shipment",
        site=site,
        warehouse="main",
        shipment_id="OUT1",
        location="dock",
        dispatched_at=now - 30 * MINUTE,
        picked_at=now - 40 * MINUTE,
        voided=False,
        parcels=[
            _parcel("p1", "Parcelforce", "PF1", "https://track.example/PF1"),
            _parcel("p2", "DPD", "DPD2", "javascript:alert(1)"),
        ],
        first_seen_at=now,
    )
    insert(
        connection,
        "shipment_line",
        site=site,
        warehouse="main",
        shipment_id="OUT1",
        external_ref="B2B1005",
        line_id="l1",
        base_sku="MUG",
        base_quantity=24,
    )


def _parcel(parcel_id: str, carrier: str, tracking_number: str, tracking_url: str) -> dict[str, Any]:
    """A parcel with twelve mugs of order 1005."""
    return {
        "parcel_id": parcel_id,
        "carrier": carrier,
        "tracking_number": tracking_number,
        "tracking_url": tracking_url,
        "contents": [{"external_ref": "B2B1005", "line_id": "l1", "base_sku": "MUG", "base_quantity": 12}],
    }


def many(connection: psycopg.Connection[Any], site: str, orders: int, now: datetime) -> None:
    """That many orders: each tenth unfinished, each hundredth held with an open ticket; each with three lines."""
    _many_orders(connection, site, orders, now)
    connection.execute("ANALYZE fulfilment.sales_order")  # else each row's foreign key may be looked up by reading all
    connection.execute(
        """
        INSERT INTO fulfilment.order_line (site, order_id, line_id, position, sku, title, quantity, price, proof)
        SELECT %s, 'big-' || n, l::text, l, 'S' || l, 'T', 1, 1, NULL
        FROM generate_series(1, %s) n, generate_series(1, 3) l
        """,
        (site, orders),
    )
    _many_tickets(connection, site, orders, now)
    connection.execute(
        """
        INSERT INTO fulfilment.warehouse_order (site, warehouse, external_ref, order_id, revision, part, content,
            content_hash, state, created_at)
        SELECT %s, 'main', 'B2BB' || n, 'big-' || n, 1, 1, '{}', 'h', 'acknowledged', %s
        FROM generate_series(1, %s) n WHERE n %% 100 <> 0
        """,
        (site, now, orders),
    )
    connection.execute("ANALYZE")


def _many_orders(connection: psycopg.Connection[Any], site: str, orders: int, now: datetime) -> None:
    """Orders placed a minute apart: each tenth in the warehouse, each hundredth held, the others fulfilled."""
    connection.execute(
        """
        INSERT INTO fulfilment.sales_order (site, order_id, platform_id, name, is_draft, is_b2b, placed_at, updated_at,
            payment_method, payment_state, payment_word, currency, total_gross, shipping_net, account_id, account_name,
            po_number, po_required, instructions, shipping_method, ship_to, held_in_shop, fulfilled_in_shop, problems,
            content_hash, state, reason, state_since, first_seen_at)
        SELECT %(site)s, 'big-' || n, 'gid-' || n, '#B' || n, false, true, %(now)s - n * interval '1 minute', %(now)s,
            'account', 'pending', '', 'GBP', 100, 0, 'a', 'Company ' || n %% 500, 'PO', false, repeat('x', 60), 'std',
            '{"name": "a", "address1": "b", "city": "c", "postcode": "d"}', false, false, '{}', md5(n::text),
            CASE WHEN n %% 100 = 0 THEN 'held' WHEN n %% 10 = 0 THEN 'in_warehouse' ELSE 'fulfilled' END,
            CASE WHEN n %% 100 = 0 THEN 'po_missing' ELSE '' END, %(now)s - n * interval '1 minute', %(now)s
        FROM generate_series(1, %(orders)s) n
        """,
        {"site": site, "orders": orders, "now": now},
    )


def _many_tickets(connection: psycopg.Connection[Any], site: str, orders: int, now: datetime) -> None:
    """An open ticket, an hour old, for each hundredth order."""
    connection.execute(
        """
        INSERT INTO fulfilment.exception_ticket (site, scope, code, subject, order_id, owner, severity, evidence,
            next_step, opened_at, due_at)
        SELECT %s, 'release', 'po_missing', '#B' || n, 'big-' || n, 'customer_service', 'warning', '{}', 'Ask', %s, %s
        FROM generate_series(100, %s, 100) n
        """,
        (site, now - HOUR, now, orders),
    )
