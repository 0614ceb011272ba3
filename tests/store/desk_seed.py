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
    held = order(
        connection, site, 1001, now, state="held", reason="credit_limit_exceeded", state_since=now - 130 * MINUTE
    )
    line(connection, site, held, "l1")
    ticket(connection, site, "credit_limit_exceeded", now, subject="#1001", order_id=held, opened_at=now - 130 * MINUTE)
    rules = [
        {"rule": "payment", "passed": True, "inputs": {"method": "account"}, "code": ""},
        {
            "rule": "credit",
            "passed": False,
            "inputs": {"limit": "5000 GBP", "after": "6000"},
            "code": "credit_limit_exceeded",
        },
    ]
    insert(
        connection,
        "release_decision",
        site=site,
        order_id=held,
        decided_at=now - 130 * MINUTE,
        outcome="hold",
        reason="credit_limit_exceeded",
        policy_version="demo-1",
        rules=rules,
        digest="d",
    )
    stock = order(
        connection, site, 1002, now, state="awaiting_stock", reason="awaiting_stock", state_since=now - 2 * DAY
    )
    line(connection, site, stock, "l1", held_base=0, backordered_base=24)
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
    order(connection, site, 1004, now)
    parts(connection, site, now)
    order(connection, site, 1006, now, state="fulfilled")
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


def parts(connection: psycopg.Connection[Any], site: str, now: datetime) -> None:
    """Order 1005: 24 of its 40 units shipped in two parcels, 4 short, 2 cancelled, 10 on a linked backorder."""
    order_id = order(connection, site, 1005, now, state="partly_shipped", reason="awaiting_stock")
    line(connection, site, order_id, "l1", ordered_base=24, held_base=0, released_base=24, shipped_base=24)
    proof = PROOF | {"quantity": 16, "uom": "EA", "units_per_uom": 1, "base_sku": "CUP"}
    line(
        connection,
        site,
        order_id,
        "l2",
        position=2,
        sku="CUP",
        title="Cup",
        quantity=16,
        proof=proof,
        base_sku="CUP",
        units_per_uom=1,
        ordered_base=16,
        held_base=0,
        released_base=4,
        short_base=4,
        backordered_base=10,
        cancelled_base=2,
    )
    for part, (ref, units, line_id) in enumerate((("B2B1005", 24, "l1"), ("B2B1005-2", 4, "l2")), start=1):
        insert(
            connection,
            "warehouse_order",
            site=site,
            warehouse="main",
            external_ref=ref,
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
    content = {"external_ref": "B2B1005", "line_id": "l1", "base_sku": "MUG", "base_quantity": 12}
    parcels = [
        {
            "parcel_id": "p1",
            "carrier": "Parcelforce",
            "tracking_number": "PF1",
            "tracking_url": "https://track.example/PF1",
            "contents": [content],
        },
        {
            "parcel_id": "p2",
            "carrier": "DPD",
            "tracking_number": "DPD2",
            "tracking_url": "javascript:alert(1)",
            "contents": [content],
        },
    ]
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
        parcels=parcels,
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


def many(connection: psycopg.Connection[Any], site: str, orders: int, now: datetime) -> None:
    """That many orders: each tenth unfinished, each hundredth held with an open ticket; each with three lines."""
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
    connection.execute(
        """
        INSERT INTO fulfilment.order_line (site, order_id, line_id, position, sku, title, quantity, price, proof)
        SELECT %s, 'big-' || n, l::text, l, 'S' || l, 'T', 1, 1, NULL
        FROM generate_series(1, %s) n, generate_series(1, 3) l
        """,
        (site, orders),
    )
    connection.execute(
        """
        INSERT INTO fulfilment.exception_ticket (site, scope, code, subject, order_id, owner, severity, evidence,
            next_step, opened_at, due_at)
        SELECT %s, 'release', 'po_missing', '#B' || n, 'big-' || n, 'customer_service', 'warning', '{}', 'Ask', %s, %s
        FROM generate_series(100, %s, 100) n
        """,
        (site, now - HOUR, now, orders),
    )
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
