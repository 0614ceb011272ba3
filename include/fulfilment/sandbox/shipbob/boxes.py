"""How the staff's shipments look at ShipBob: a shipment has one tracking, so each box of theirs is a shipment there.

What nobody works on yet is a shipment too, under the order's own number; so is what was closed short, as cancelled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..floor.records import FloorOrder, FloorParcel, FloorShipment

_CLOSED = 1_000_000_000  # added to an order's id: a number that no shipment, order or parcel has


@dataclass(frozen=True)
class Box:
    """One ShipBob shipment: units by line id, and where it is."""

    id: int
    status: str
    units: Mapping[int, int]
    created_at: datetime
    updated_at: datetime
    parcel: FloorParcel | None = None
    labelled_at: datetime | None = None
    dispatched_at: datetime | None = None
    reason: str = ""


def boxes(order: FloorOrder, shipments: Sequence[FloorShipment], on_hand: Mapping[str, int]) -> list[Box]:
    """Return every shipment of the order, by id; `on_hand` are units by SKU."""
    found = [box for shipment in shipments for box in _of_shipment(shipment)]
    under_way: Counter[int] = Counter()
    for shipment in shipments:
        if shipment.state in ("picked", "labelled"):
            under_way.update(dict(shipment.lines))
    waiting = {line.id: line.left - under_way[line.id] for line in order.lines if line.left > under_way[line.id]}
    closed = {line.id: line.closed for line in order.lines if line.closed}
    times = (order.created_at, order.updated_at)
    if waiting:
        found.append(Box(order.id, *_waits(order, waiting, on_hand), *times, reason=_reason(order, waiting, on_hand)))
    if closed and order.state != "cancelled":
        found.append(Box(order.id + _CLOSED, "Cancelled", closed, *times))
    return sorted(found, key=lambda box: box.id)


def _waits(order: FloorOrder, waiting: Mapping[int, int], on_hand: Mapping[str, int]) -> tuple[str, Mapping[int, int]]:
    if order.state == "cancelled":
        return "Cancelled", waiting
    reason = _reason(order, waiting, on_hand)
    return {"": "Processing", "OutOfStock": "Exception"}.get(reason, "OnHold"), waiting


def _reason(order: FloorOrder, waiting: Mapping[int, int], on_hand: Mapping[str, int]) -> str:
    if order.state == "held":
        return "ManuallyHeld"
    needed: Counter[str] = Counter()
    for line in order.lines:
        needed[line.sku] += waiting.get(line.id, 0)
    short = any(units > on_hand.get(sku, 0) for sku, units in needed.items())
    return "OutOfStock" if short and order.state == "open" else ""


def _of_shipment(shipment: FloorShipment) -> list[Box]:
    status = {"picked": "Processing", "labelled": "LabeledCreated", "dispatched": "Completed", "voided": "Cancelled"}
    labelled = shipment.dispatched_at or (shipment.updated_at if shipment.parcels else None)
    parts = _dealt(shipment) if shipment.parcels else [dict(shipment.lines)]
    return [
        Box(
            id=shipment.id if number == 0 else shipment.parcels[number].id,
            status=status[shipment.state],
            units=units,
            created_at=shipment.created_at,
            updated_at=shipment.updated_at,
            parcel=shipment.parcels[number] if shipment.parcels else None,
            labelled_at=labelled,
            dispatched_at=shipment.dispatched_at if shipment.state == "dispatched" else None,
        )
        for number, units in enumerate(parts)
    ]


def _dealt(shipment: FloorShipment) -> list[dict[int, int]]:
    """What is in each parcel. What is written down counts; where a parcel has nothing written down the goods are dealt
    out evenly, because ShipBob lists the products of every shipment."""
    parcels = shipment.parcels
    if all(parcel.contents for parcel in parcels):
        parts = [dict(parcel.contents) for parcel in parcels]
        for line, units in shipment.lines:
            rest = units - sum(part.get(line, 0) for part in parts)
            if rest > 0:
                parts[0][line] = parts[0].get(line, 0) + rest
        return parts
    parts = [{} for _ in parcels]
    for turn, (line, units) in enumerate(shipment.lines):
        share, odd = divmod(units, len(parcels))
        for number, part in enumerate(parts):
            mine = share + ((number - turn) % len(parcels) < odd)
            if mine:
                part[line] = mine
    return parts
