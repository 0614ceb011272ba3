"""Mintsoft's records as its API answers them. Times are UTC without a zone, with seven decimals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ..floor.records import FloorLine, FloorProduct
from .parts import Part
from .statuses import id_of

Json = dict[str, Any]

CLIENT_ID, WAREHOUSE_ID, OTHER_WAREHOUSE_ID = 77, 3, 4
COUNTRIES = {"GB": 1, "IE": 2, "FR": 3, "DE": 4, "US": 5}
_SHELF, _BULK = 501, 502
_USER = "sandbox"
_COPIED = (
    "ExternalOrderReference",
    "LastName",
    "CompanyName",
    "Address2",
    "Address3",
    "Town",
    "County",
    "Phone",
    "Mobile",
    "Email",
    "RequiredDespatchDate",
    "RequiredDeliveryDate",
    "Comments",
    "DeliveryNotes",
    "GiftMessages",
    "Tags",
)


def moment(at: datetime) -> str:
    """Write an instant as Mintsoft does."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0"


def order_json(part: Part, with_items: bool) -> Json:
    """An order, or a part of one; without its items they are null."""
    given, despatched = part.order.given, part.despatched_at
    tracking = part.parcels[0].tracking_number if part.parcels else None
    return {
        "ID": part.id,
        "ClientId": CLIENT_ID,
        "OrderNumber": part.order.external_ref,
        **{name: given.get(name) for name in _COPIED},
        "FirstName": given.get("FirstName") or "",
        "Address1": given.get("Address1") or "",
        "PostCode": given.get("PostCode") or "",
        "CountryId": COUNTRIES.get(str(given.get("Country", "")).upper(), 99),
        "CourierServiceTypeId": 1,
        "CourierServiceId": 12,
        "CourierServiceName": given.get("CourierService"),
        "WarehouseId": WAREHOUSE_ID,
        "WAREHOUSE_CODE": "MAIN",
        "OrderDate": moment(part.order.created_at),
        "OrderStatusId": id_of(part.status),
        "Part": part.number,
        "NumberOfParts": part.of,
        "NumberOfParcels": max(1, len(part.parcels)),
        "TotalItems": sum(part.units.values()),
        "TrackingNumber": tracking if despatched else None,
        "TrackingURL": f"https://courier.example/{tracking}" if tracking and despatched else None,
        "DespatchDate": moment(despatched) if despatched else None,
        "DespatchedByUser": _USER if despatched else None,
        "LastUpdated": moment(part.updated_at),
        "LastUpdatedByUser": _USER,
        "OrderNameValues": [
            {"OrderId": part.id, "ID": part.id + number, "Name": pair["Name"], "Value": pair["Value"]}
            for number, pair in enumerate(given.get("OrderNameValues") or ())
        ],
        "OrderItems": items_json(part) if with_items else None,
    }


def items_json(part: Part) -> list[Json]:
    """The lines of a part. They say what is on it, never what was sent of it."""
    lines = {line.id: line for line in part.order.lines}
    return [_item(part, lines[line], units) for line, units in part.units.items()]


def _item(part: Part, line: FloorLine, units: int) -> Json:
    back = units if part.status == "ONBACKORDER" else 0
    return {
        "ID": line.id,
        "OrderId": part.id,
        "ProductId": line.given["product_id"],
        "SKU": line.sku,
        "Quantity": units,
        "Allocated": units - back,
        "Commited": 0,
        "OnBackOrder": back,
        "Details": line.given.get("Details"),
        "OrderItemNameValues": [
            {"ID": line.id + number, "Name": pair["Name"], "Value": pair["Value"], "Internal": False}
            for number, pair in enumerate(line.given.get("OrderItemNameValues") or ())
        ],
        "LastUpdated": moment(part.updated_at),
        "LastUpdatedByUser": _USER,
    }


def consignments_json(part: Part) -> list[Json]:
    """The couriers' consignments of a part: one a courier, with the numbers of its parcels."""
    carriers: dict[str, list[str]] = {}
    first: dict[str, int] = {}
    for parcel in part.parcels:
        carriers.setdefault(parcel.carrier, []).append(parcel.tracking_number)
        first.setdefault(parcel.carrier, parcel.id)
    return [
        {
            "ID": first[carrier],
            "OrderId": part.id,
            "CourierType": carrier,
            "Number": numbers[0],
            "ParcelNumbers": numbers,
            "Manifested": part.despatched_at is not None,
            "ShipmentDate": moment(part.despatched_at or part.updated_at),
            "LastUpdated": moment(part.updated_at),
            "LastUpdatedByUser": _USER,
        }
        for carrier, numbers in carriers.items()
    ]


def inventory_json(found: Iterable[FloorProduct], elsewhere: bool) -> list[Json]:
    """Stock in a record per product and place; of another warehouse too where that was not left out. `OnHand` is what
    is free: StockLevel = OnHand + Allocated. An even number of units lies in two places."""
    rows = []
    for product in found:
        bulk = 0 if product.on_hand % 2 else product.on_hand // 3
        places = {_SHELF: product.on_hand - bulk} | ({_BULK: bulk} if bulk else {})
        allocated = product.allocated
        for place, units in places.items():
            taken = min(allocated, units)
            allocated -= taken
            rows.append(_stock(product, WAREHOUSE_ID, place, units, taken))
        if elsewhere:
            rows.append(_stock(product, OTHER_WAREHOUSE_ID, 601, 1000, 0))
    return rows


def _stock(product: FloorProduct, warehouse: int, place: int, units: int, allocated: int) -> Json:
    none = ("OffHand", "AwaitingReplen", "OnOrder", "RequiredByBackOrder", "InQuarantine", "InTransit", "Scrapped")
    return {
        "ID": product.id * 1000 + place,
        "ProductId": product.id,
        "SKU": product.sku,
        "WarehouseId": warehouse,
        "LocationId": place,
        "ClientId": CLIENT_ID,
        "StockLevel": units,
        "Allocated": allocated,
        "OnHand": units - allocated,
        **dict.fromkeys(none, 0),
        "LastUpdated": moment(product.updated_at),
        "LastUpdatedByUser": _USER,
    }


def result_json(success: bool, message: str = "", record: int = 0) -> Json:
    """A ToolkitResult: the answer to most of what changes something."""
    return {"ID": record, "Success": success, "Message": message, "WarningMessage": None}


def split_json(whole: Part, other: Part, number: int) -> Json:
    """One split: the order and the part that was taken off it."""
    return {
        "ID": number,
        "OrderId": whole.id,
        "SplitOrderId": other.id,
        "Order": order_json(whole, True),
        "SplitOrder": order_json(other, True),
    }


def wanted(query: Mapping[str, str], name: str) -> str:
    """A parameter, whatever its case; one that is not known is passed over without a word."""
    return next((value for key, value in query.items() if key.lower() == name.lower()), "")
