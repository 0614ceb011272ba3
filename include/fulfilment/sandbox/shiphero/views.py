"""What the warehouse holds in ShipHero's words: orders, lines, shipments, labels and products.

A shipment is made with its labels; one that is labelled and has not left is `completed: false`. What was only picked is
in a tote and no shipment. A shipment that was taken back has void labels. The word `void` is the sandbox's own: of a
label's words only `valid` was seen in real answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..floor.book import FloorLine, FloorOrder, FloorParcel, FloorProduct, FloorShipment, find_shipments
from ..floor.state import FloorState
from .ids import ACCOUNT, WAREHOUSE, gid

Record = dict[str, Any]
_HOLDS = ("address_hold", "client_hold", "fraud_hold", "operator_hold", "payment_hold", "shipping_method_hold")
_WAREHOUSE_NAME = "Primary"


def moment(at: datetime) -> str:
    """Write an instant as ShipHero does: UTC to the second, without saying so."""
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def order_view(state: FloorState, order: FloorOrder) -> Record:
    """Return an order; its lines and shipments are made when they are asked for (`of_order`)."""
    given = order.given
    held = order.state == "held"
    asked = given.get("holds") or {}
    return {
        "of_order": order,
        "id": gid("Order", order.id),
        "legacy_id": order.id,
        "fulfillment_status": status(state, order),
        "order_date": given.get("order_date") or moment(order.created_at),
        "updated_at": moment(order.updated_at),
        "account_id": gid("Account", ACCOUNT),
        "source": "api",
        "tags": given.get("tags") or [],
        "holds": {name: bool(asked.get(name)) or (held and name == "operator_hold") for name in _HOLDS},
        "profile": given.get("profile") or "default",
        **{
            name: given.get(name)
            for name in (
                "order_number",
                "partner_order_id",
                "shop_name",
                "email",
                "packing_note",
                "gift_note",
                "required_ship_date",
                "hold_until_date",
                "allow_partial",
                "shipping_lines",
                "shipping_address",
            )
        },
    }


def status(state: FloorState, order: FloorOrder) -> str:
    """Return the order's status: ShipHero's own words where it ended, else what people or the sender wrote."""
    if order.state == "cancelled":
        return "canceled"
    if not any(line.left for line in order.lines):
        return "fulfilled" if any(line.shipped for line in order.lines) else "canceled"
    row = state.one("SELECT status FROM order_word WHERE order_id = ?", order.id)
    return str(row["status"] if row else order.given.get("fulfillment_status") or "pending")


def line_views(state: FloorState, order: FloorOrder) -> list[Record]:
    """Return the lines of an order."""
    allocated = _allocated(state, {line.sku for line in order.lines})
    picked = _picked(state, order)
    return [_line(order, line, allocated.get(line.id, 0), picked.get(line.id, 0)) for line in order.lines]


def _line(order: FloorOrder, line: FloorLine, allocated: int, picked: int) -> Record:
    pending = line.left if order.state != "cancelled" else 0
    done = "fulfilled" if line.shipped else "canceled"
    return {
        **{name: line.given.get(name) for name in ("product_name", "barcode", "option_title", "price")},
        "custom_options": line.given.get("custom_options"),
        "id": gid("LineItem", line.id),
        "legacy_id": line.id,
        "order_id": gid("Order", order.id),
        "partner_line_item_id": line.line_key,
        "sku": line.sku,
        "quantity": counted(line, line.ordered - line.closed),
        "quantity_shipped": counted(line, line.shipped),
        "quantity_pending_fulfillment": counted(line, pending),
        "quantity_allocated": counted(line, min(allocated, pending)),
        "backorder_quantity": counted(line, pending - min(allocated, pending)),
        "fulfillment_status": "pending" if pending else "canceled" if order.state == "cancelled" else done,
        "warehouse_id": gid("Warehouse", WAREHOUSE),
        "created_at": moment(order.created_at),
        "updated_at": moment(order.updated_at),
        "tote_picks": [{"sku": line.sku, "quantity": counted(line, picked), "picked_quantity": counted(line, picked)}]
        if picked
        else [],
        "unit_of_measure": line.given.get("unit_of_measure"),
    }


def counted(line: FloorLine, units: int) -> int:
    """Return base units in the unit that the line was ordered in, a broken pack as a whole one."""
    return -(-units // int(line.given.get("units") or 1))


def shipment_views(state: FloorState, order: FloorOrder) -> list[Record]:
    """Return the shipments of an order: what got a label."""
    found = find_shipments(state, order_ids=[order.id])
    return [shipment_view(state, order, each) for each in found if each.state != "picked" and each.parcels]


def shipment_view(state: FloorState, order: FloorOrder, shipment: FloorShipment) -> Record:
    """Return a shipment; its lines are made when they are asked for (`of_shipment`)."""
    return {
        "of_shipment": (order, shipment),
        "id": gid("Shipment", shipment.id),
        "legacy_id": shipment.id,
        "order_id": gid("Order", order.id),
        "warehouse_id": gid("Warehouse", WAREHOUSE),
        "profile": order.given.get("profile") or "default",
        "created_date": moment(shipment.dispatched_at or shipment.created_at),
        "completed": shipment.state != "labelled",
        "dropshipment": False,
        "shipped_off_shiphero": False,
        "total_packages": len(shipment.parcels),
        "shipping_labels": [
            _label(state, order, shipment, parcel, number) for number, parcel in enumerate(shipment.parcels, start=1)
        ],
    }


def shipped_line_views(order: FloorOrder, shipment: FloorShipment) -> list[Record]:
    """Return the lines of a shipment, one for each label they are in; what nobody wrote down is in the first."""
    rest = dict(shipment.lines)
    rows: list[tuple[int, int, int]] = []
    for parcel in shipment.parcels:
        for line_id, units in parcel.contents:
            rows.append((line_id, units, parcel.id))
            rest[line_id] = rest.get(line_id, 0) - units
    rows += [(line_id, units, shipment.parcels[0].id) for line_id, units in rest.items() if units > 0]
    lines = {line.id: line for line in order.lines}
    return [
        {
            "id": gid("ShippedLineItem", shipment.id * 1000 + number),
            "legacy_id": number,
            "line_item_id": gid("LineItem", line_id),
            "quantity": counted(lines[line_id], units),
            "shipment_id": gid("Shipment", shipment.id),
            "shipping_label_id": gid("ShippingLabel", label),
        }
        for number, (line_id, units, label) in enumerate(rows, start=1)
    ]


def _label(state: FloorState, order: FloorOrder, shipment: FloorShipment, parcel: FloorParcel, number: int) -> Record:
    """Return a label. Its ids of warehouse and account are bare numbers, as in real answers."""
    word = state.one("SELECT status FROM label_word WHERE parcel_id = ?", parcel.id)
    usual = "void" if shipment.state == "voided" else "valid"
    method = (order.given.get("shipping_lines") or {}).get("title")
    return {
        "id": gid("ShippingLabel", parcel.id),
        "legacy_id": parcel.id,
        "account_id": gid("Account", ACCOUNT),
        "order_account_id": str(ACCOUNT),
        "shipment_id": gid("Shipment", shipment.id),
        "order_id": gid("Order", order.id),
        "order_number": order.given.get("order_number"),
        "status": word["status"] if word else usual,
        "carrier": parcel.carrier or "genericlabel",
        "shipping_method": method or "genericlabel",
        "tracking_number": parcel.tracking_number,
        "tracking_url": f"https://www.google.com/search?q={parcel.tracking_number}",
        "package_number": number,
        "created_date": moment(shipment.dispatched_at or shipment.created_at),
        "warehouse": _WAREHOUSE_NAME,
        "warehouse_id": str(WAREHOUSE),
    }


def product_view(product: FloorProduct) -> Record:
    """Return a product at the warehouse."""
    return {
        "id": gid("WarehouseProduct", product.id),
        "legacy_id": product.id,
        "account_id": gid("Account", ACCOUNT),
        "sku": product.sku,
        "warehouse_id": gid("Warehouse", WAREHOUSE),
        "warehouse_identifier": _WAREHOUSE_NAME,
        "on_hand": product.on_hand,
        "allocated": product.allocated,
        "available": product.on_hand - product.allocated,
        "backorder": 0,
        "reserve_inventory": 0,
        "non_sellable_quantity": 0,
        "sell_ahead": 0,
        "active": True,
        "updated_at": moment(product.updated_at),
    }


def _allocated(state: FloorState, skus: set[str]) -> Mapping[int, int]:
    """Return the units of each waiting line that the stock covers, older lines first."""
    wanted = json.dumps(sorted(skus))
    sql = "SELECT sku, on_hand FROM product WHERE sku IN (SELECT value FROM json_each(?))"
    free = {row["sku"]: int(row["on_hand"]) for row in state.all(sql, wanted)}
    waiting: Sequence[Any] = state.all(
        "SELECT line.id, line.sku, max(ordered - shipped - closed, 0) AS units FROM line"
        " JOIN warehouse_order o ON o.id = line.order_id"
        " WHERE o.state <> 'cancelled' AND line.sku IN (SELECT value FROM json_each(?)) ORDER BY line.id",
        wanted,
    )
    covered: dict[int, int] = {}
    for row in waiting:
        covered[row["id"]] = min(row["units"], free.get(row["sku"], 0))
        free[row["sku"]] = free.get(row["sku"], 0) - covered[row["id"]]
    return covered


def _picked(state: FloorState, order: FloorOrder) -> Mapping[int, int]:
    found = find_shipments(state, order_ids=[order.id])
    return {line_id: units for each in found if each.state == "picked" for line_id, units in each.lines}
