"""What the warehouse holds: products, orders and shipments. All quantities are base units."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..database import Value
from .records import FloorLine, FloorOrder, FloorParcel, FloorProduct, FloorShipment, NewLine
from .state import FloorState, instant, stored

__all__ = [
    "FloorLine",
    "FloorOrder",
    "FloorParcel",
    "FloorProduct",
    "FloorShipment",
    "NewLine",
    "add_order",
    "add_product",
    "cancel_order",
    "find_orders",
    "find_shipments",
    "products",
    "touch_products",
]


_PRODUCTS = """
SELECT p.*, min(coalesce(waiting.units, 0), on_hand) AS allocated FROM product p LEFT JOIN (
  SELECT line.sku, sum(max(ordered - shipped - closed, 0)) AS units FROM line
  JOIN warehouse_order o ON o.id = line.order_id WHERE o.state <> 'cancelled' GROUP BY line.sku
) waiting USING (sku)"""


def add_order(
    state: FloorState,
    external_ref: str,
    lines: Sequence[NewLine],
    given: Mapping[str, Any],
    summary: Mapping[str, Any],
) -> FloorOrder:
    """Store an order. Nothing is looked up or refused here: what a repeated reference means, the dialect decides."""
    now = stored(state.now())
    with state.transaction():
        order_id = state.next_id("order")
        state.insert(
            "warehouse_order",
            id=order_id,
            external_ref=external_ref,
            state="open",
            created_at=now,
            updated_at=now,
            summary=json.dumps(dict(summary)),
            given=json.dumps(dict(given)),
        )
        for line in lines:
            state.insert(
                "line",
                id=state.next_id("line"),
                order_id=order_id,
                line_key=line.line_key,
                sku=line.sku,
                ordered=line.quantity,
                shipped=0,
                closed=0,
                given=json.dumps(line.given),
            )
        touch_products(state, [line.sku for line in lines])
        (order,) = find_orders(state, ids=[order_id])
    return order


def find_orders(
    state: FloorState,
    *,
    ids: Sequence[int] | None = None,
    refs: Sequence[str] | None = None,
    changed_since: datetime | None = None,
    after_id: int = 0,
    limit: int | None = None,
) -> list[FloorOrder]:
    """Return the orders that match all that is given, by id ascending; `changed_since` is inclusive."""
    with state.exclusive():
        found = _select(
            state,
            "SELECT * FROM warehouse_order",
            {"id": ids, "external_ref": refs},
            changed_since,
            after_id,
            limit,
        )
        rows = _in(state, "SELECT * FROM line", "order_id", [row["id"] for row in found], "id")
    lines = _grouped(rows, "order_id")
    return [_order(row, lines[row["id"]]) for row in found]


def find_shipments(
    state: FloorState,
    *,
    ids: Sequence[int] | None = None,
    order_ids: Sequence[int] | None = None,
    changed_since: datetime | None = None,
    after_id: int = 0,
    limit: int | None = None,
) -> list[FloorShipment]:
    """Return the shipments that match all that is given, by id ascending; `changed_since` is inclusive."""
    with state.exclusive():
        found = _select(
            state, "SELECT * FROM shipment", {"id": ids, "order_id": order_ids}, changed_since, after_id, limit
        )
        keys = [row["id"] for row in found]
        lines = _grouped(_in(state, "SELECT * FROM shipment_line", "shipment_id", keys, "line_id"), "shipment_id")
        parcels = _in(state, "SELECT * FROM parcel", "shipment_id", keys, "id")
        inside = _in(state, "SELECT * FROM parcel_line", "parcel_id", [row["id"] for row in parcels], "line_id")
    contents, by_shipment = _grouped(inside, "parcel_id"), _grouped(parcels, "shipment_id")
    return [_shipment(row, lines[row["id"]], by_shipment[row["id"]], contents) for row in found]


def products(
    state: FloorState,
    *,
    skus: Sequence[str] | None = None,
    ids: Sequence[int] | None = None,
    after_id: int = 0,
    limit: int | None = None,
) -> list[FloorProduct]:
    """Return the products that match all that is given, by id ascending."""
    rows = _select(state, _PRODUCTS, {"id": ids, "sku": skus}, None, after_id, limit)
    return [
        FloorProduct(row["id"], row["sku"], row["title"], row["on_hand"], row["allocated"], instant(row["updated_at"]))
        for row in rows
    ]


def add_product(state: FloorState, sku: str, title: str) -> FloorProduct:
    """Return the product of this SKU, made with nothing on hand if it is not there yet."""
    with state.transaction():
        if state.one("SELECT id FROM product WHERE sku = ?", sku) is None:
            now = stored(state.now())
            state.insert("product", id=state.next_id("product"), sku=sku, title=title, on_hand=0, updated_at=now)
        (product,) = products(state, skus=[sku])
    return product


def cancel_order(state: FloorState, order_id: int) -> bool:
    """Cancel an order with its picks and labels; False, and nothing changed, when something of it left."""
    with state.transaction():
        (order,) = find_orders(state, ids=[order_id])
        if any(line.shipped for line in order.lines):
            return False
        now = stored(state.now())
        state.run("UPDATE warehouse_order SET state = 'cancelled', updated_at = ? WHERE id = ?", now, order_id)
        state.run(
            "UPDATE shipment SET state = 'voided', updated_at = ? WHERE order_id = ? AND state <> 'voided'",
            now,
            order_id,
        )
        touch_products(state, [line.sku for line in order.lines])
    return True


def touch_products(state: FloorState, skus: Sequence[str]) -> None:
    """Note that the figures of these products change now."""
    now = stored(state.now())
    state.run("UPDATE product SET updated_at = ? WHERE sku IN (SELECT value FROM json_each(?))", now, json.dumps(skus))


def _select(
    state: FloorState,
    sql: str,
    lists: Mapping[str, Sequence[int] | Sequence[str] | None],
    changed_since: datetime | None,
    after_id: int,
    limit: int | None,
) -> list[sqlite3.Row]:
    wheres, bound = ["id > ?"], list[Value]([after_id])
    for column, wanted in lists.items():
        if wanted is not None:
            wheres.append(f"{column} IN (SELECT value FROM json_each(?))")  # noqa: S608  the columns are our own
            bound.append(json.dumps(list(wanted)))
    if changed_since is not None:
        wheres.append("updated_at >= ?")
        bound.append(stored(changed_since))
    bound.append(-1 if limit is None else limit)
    return state.all(f"{sql} WHERE {' AND '.join(wheres)} ORDER BY id LIMIT ?", *bound)


def _in(state: FloorState, sql: str, column: str, ids: Sequence[int], order: str) -> list[sqlite3.Row]:
    where = f"{column} IN (SELECT value FROM json_each(?))"  # noqa: S608  table and column are our own
    return state.all(f"{sql} WHERE {where} ORDER BY {order}", json.dumps(ids))


def _grouped(rows: Sequence[sqlite3.Row], column: str) -> dict[int, list[sqlite3.Row]]:
    groups: dict[int, list[sqlite3.Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


def _order(row: sqlite3.Row, lines: Sequence[sqlite3.Row]) -> FloorOrder:
    return FloorOrder(
        row["id"],
        row["external_ref"],
        row["state"],
        instant(row["created_at"]),
        instant(row["updated_at"]),
        json.loads(row["summary"]),
        json.loads(row["given"]),
        tuple(_line(line) for line in lines),
    )


def _line(row: sqlite3.Row) -> FloorLine:
    figures = (row["ordered"], row["shipped"], row["closed"])
    return FloorLine(row["id"], row["line_key"], row["sku"], *figures, json.loads(row["given"]))


def _shipment(
    row: sqlite3.Row,
    lines: Sequence[sqlite3.Row],
    parcels: Sequence[sqlite3.Row],
    contents: Mapping[int, Sequence[sqlite3.Row]],
) -> FloorShipment:
    return FloorShipment(
        row["id"],
        row["order_id"],
        row["state"],
        instant(row["created_at"]),
        instant(row["updated_at"]),
        instant(row["dispatched_at"]) if row["dispatched_at"] else None,
        tuple((line["line_id"], line["units"]) for line in lines),
        tuple(
            FloorParcel(
                parcel["id"],
                parcel["carrier"],
                parcel["tracking_number"],
                tuple((line["line_id"], line["units"]) for line in contents.get(parcel["id"], ())),
            )
            for parcel in parcels
        ),
    )
