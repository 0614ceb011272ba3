"""Products, orders, shipments and stock in ShipBob's JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..floor.book import find_shipments, products
from ..floor.records import FloorOrder, FloorProduct, FloorShipment
from ..floor.state import FloorState
from .boxes import Box, boxes

Json = dict[str, Any]
CENTRE = {"id": 8, "name": "Cicero (IL)"}
CHANNEL = {"id": 100_001, "name": "Sandbox channel"}
_GOODS = 9_000_000  # added to a product's id: the id of its goods on the shelf
_EXPECTED = {"Exception": "AwaitingInventoryAllocation", "OnHold": "AwaitingReset", "Completed": "FulfilledOnTime"}


def orders_view(state: FloorState, orders: Sequence[FloorOrder]) -> list[Json]:
    """Return orders with their shipments."""
    shipments: dict[int, list[FloorShipment]] = {order.id: [] for order in orders}
    for shipment in find_shipments(state, order_ids=list(shipments)):
        shipments[shipment.order_id].append(shipment)
    known = {each.sku: each for each in products(state, skus=sorted({x.sku for o in orders for x in o.lines}))}
    on_hand = {sku: product.on_hand for sku, product in known.items()}
    return [_order(order, boxes(order, shipments[order.id], on_hand), known) for order in orders]


def _order(order: FloorOrder, parts: Sequence[Box], known: Mapping[str, FloorProduct]) -> Json:
    given = order.given
    kept = ("recipient", "retailer_program_data", "shipping_method", "shipping_terms", "type", "purchase_date")
    return {
        **{name: given[name] for name in kept if name in given},
        "channel": CHANNEL,
        "created_date": instant_text(order.created_at),
        "gift_message": given.get("gift_message"),
        "id": order.id,
        "order_number": given.get("order_number") or order.external_ref,
        "products": [{**_sold(line.given), "id": known[line.sku].id} for line in order.lines],
        "reference_id": order.external_ref,
        "shipments": [shipment_view(order, box, known) for box in parts],
        "status": _status(order, parts),
        "tags": given.get("tags", []),
    }


def _sold(given: Json) -> Json:
    kept = ("external_line_id", "gtin", "quantity", "quantity_unit_of_measure_code", "reference_id", "upc")
    return {**{name: given.get(name) for name in kept}, "sku": given["reference_id"], "unit_price": None}


def _status(order: FloorOrder, parts: Sequence[Box]) -> str:
    """An order's status is imputed from its shipments'."""
    found = Counter(box.status for box in parts)
    open_units = any(line.left for line in order.lines)
    if order.state == "cancelled" or not (found["Completed"] or open_units):
        return "Cancelled"
    if found["Completed"]:
        return "PartiallyFulfilled" if open_units else "Fulfilled"
    return "Exception" if found["Exception"] else "Processing"


def shipment_view(order: FloorOrder, box: Box, known: Mapping[str, FloorProduct]) -> Json:
    """Return one shipment."""
    return {
        "actual_fulfillment_date": _text(box.labelled_at),
        "created_date": instant_text(box.created_at),
        "delivery_date": None,
        "estimated_fulfillment_date": None,
        "estimated_fulfillment_date_status": _EXPECTED.get(box.status, "PendingOnTime"),
        "gift_message": order.given.get("gift_message"),
        "id": box.id,
        "is_tracking_uploaded": False,
        "last_tracking_update_at": _text(box.updated_at if box.parcel else None),
        "last_update_at": instant_text(box.updated_at),
        "location": {**CENTRE, "id": order.given.get("location_id") or CENTRE["id"]},
        "order_id": order.id,
        "package_material_type": "Box",
        "parent_cartons": [],
        "products": _products(order, box.units, known, reserved=box.reason != "OutOfStock"),
        "recipient": {**order.given["recipient"], "full_name": order.given["recipient"]["name"]},
        "reference_id": order.external_ref,
        "require_signature": False,
        "ship_option": order.given["shipping_method"],
        "status": box.status,
        "status_details": [_detail(box.reason)] if box.reason else [],
        **({"tracking": _tracking(box)} if box.parcel else {}),
    }


def _detail(reason: str) -> Json:
    return {"id": 101, "name": reason, "description": reason, "inventory_id": None}


def _tracking(box: Box) -> Json:
    parcel = box.parcel
    number = parcel.tracking_number if parcel else ""
    return {
        "bol": None,
        "carrier": parcel.carrier if parcel else None,
        "carrier_service": None,
        "pro_number": None,
        "scac": None,
        "shipping_date": _text(box.dispatched_at),
        "tracking_number": number,
        "tracking_url": f"https://track.example/{number}",
    }


def _products(
    order: FloorOrder, units: Mapping[int, int], known: Mapping[str, FloorProduct], *, reserved: bool
) -> list[Json]:
    """The products of a shipment; ShipBob names no order line, so lines of one product are one entry."""
    by_sku: Counter[str] = Counter()
    for line in order.lines:
        by_sku[line.sku] += units.get(line.id, 0)
    return [
        {
            "id": known[sku].id,
            "inventory_items": [_goods(known[sku], count, count if reserved else 0)],
            "name": known[sku].title,
            "reference_id": sku,
            "sku": sku,
        }
        for sku, count in by_sku.items()
        if count
    ]


def _goods(product: FloorProduct, units: int, committed: int) -> Json:
    return {
        "expiration_date": None,
        "id": product.id + _GOODS,
        "is_dangerous_goods": False,
        "lot": None,
        "name": product.title,
        "quantity": units,
        "quantity_committed": committed,
        "serial_numbers": [],
    }


def product_view(product: FloorProduct) -> Json:
    """Return a product with its one variant."""
    variant = {
        "created_on": instant_text(product.updated_at),
        "id": product.id,
        "inventory": {"inventory_id": product.id + _GOODS, "on_hand_qty": product.on_hand},
        "is_digital": False,
        "name": product.title,
        "sku": product.sku,
        "status": "Active",
        "updated_on": instant_text(product.updated_at),
    }
    return {
        "created_on": instant_text(product.updated_at),
        "id": product.id,
        "name": product.title,
        "type": "Regular",
        "updated_on": instant_text(product.updated_at),
        "user_id": 1,
        "variants": [variant],
    }


def level_view(product: FloorProduct) -> Json:
    """Return what is on hand of a product in all fulfilment centres."""
    free = product.on_hand - product.allocated
    return {
        "inventory_id": product.id + _GOODS,
        "name": product.title,
        "sku": product.sku,
        "total_awaiting_quantity": 0,
        "total_backordered_quantity": 0,
        "total_committed_quantity": product.allocated,
        "total_exception_quantity": 0,
        "total_fulfillable_quantity": free,
        "total_internal_transfer_quantity": 0,
        "total_on_hand_quantity": product.on_hand,
        "total_sellable_quantity": free,
    }


def centre_level_view(product: FloorProduct, centre: str | None) -> Json:
    """Return what is on hand of a product by fulfilment centre: there is one, and it has everything."""
    there = {
        "location_id": CENTRE["id"],
        "name": CENTRE["name"],
        "awaiting_quantity": 0,
        "committed_quantity": product.allocated,
        "fulfillable_quantity": product.on_hand - product.allocated,
        "internal_transfer_quantity": 0,
        "on_hand_quantity": product.on_hand,
    }
    return {
        "inventory_id": product.id + _GOODS,
        "name": product.title,
        "sku": product.sku,
        "locations": [there] if centre in (None, str(CENTRE["id"])) else [],
    }


def instant_text(moment: datetime) -> str:
    """Write an aware instant as ShipBob does: UTC with fractions and a Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _text(moment: datetime | None) -> str | None:
    return instant_text(moment) if moment else None
