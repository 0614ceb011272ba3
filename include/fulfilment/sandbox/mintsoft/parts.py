"""An order of the floor as Mintsoft shows it: one order, or the parts that it was split into.

What the staff send in one go is a part, and so is what is open, what was on back order from the start, and what was
given up. The parts share the order number and count themselves (`Part` of `NumberOfParts`). An order that leaves whole,
and the part that leaves last, keep the order's own id. A despatched part that was taken back is cancelled, and what it
held is made again under the same number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..floor.book import find_orders, find_shipments, products
from ..floor.records import FloorOrder, FloorParcel, FloorShipment
from ..floor.state import FloorState

_BACK_ORDER, _GIVEN_UP, _AGAIN = 100_000_000, 300_000_000, 500_000_000  # on top of the order's id
_INVOICED_AFTER = timedelta(hours=1)
_SHIPMENT_STATUS = {"picked": "PICKED", "labelled": "PACKED", "dispatched": "DESPATCHED", "voided": "CANCELLED"}


@dataclass(frozen=True)
class Part:
    """One of Mintsoft's orders: `units` by the floor's line id."""

    id: int
    order: FloorOrder
    status: str
    units: Mapping[int, int]
    updated_at: datetime
    number: int = 1
    of: int = 1
    despatched_at: datetime | None = None
    parcels: tuple[FloorParcel, ...] = ()


def find_parts(state: FloorState, orders: Sequence[FloorOrder]) -> list[Part]:
    """Return the parts of these orders, by order."""
    keys = [order.id for order in orders]
    shipments: dict[int, list[FloorShipment]] = {key: [] for key in keys}
    for shipment in find_shipments(state, order_ids=keys):
        shipments[shipment.order_id].append(shipment)
    on_hand = {each.sku: each.on_hand for each in products(state, skus=[x.sku for o in orders for x in o.lines])}
    marks = {row["order_id"]: row["status"] for row in state.all("SELECT * FROM mark")}
    off: dict[int, dict[int, int]] = {}
    for row in state.all("SELECT * FROM split_off"):
        off.setdefault(row["order_id"], {})[row["line_id"]] = row["units"]
    parts: list[Part] = []
    for order in orders:
        pieces = _sent(order, shipments[order.id], state.now())
        pieces += _waiting(order, pieces, on_hand, marks.get(order.id, ""), off.get(order.id, {}))
        parts += _numbered(pieces)
    return parts


def order_of(state: FloorState, part_id: int) -> FloorOrder | None:
    """Return the order that a part belongs to."""
    owners = {shipment.order_id for shipment in find_shipments(state, ids=[part_id])}
    ids = owners or {part_id - offset for offset in (0, _BACK_ORDER, _GIVEN_UP, _AGAIN)}
    found = find_orders(state, ids=sorted(ids))
    return found[0] if found else None


def _sent(order: FloorOrder, shipments: Sequence[FloorShipment], now: datetime) -> list[Part]:
    parts: list[Part] = []
    so_far: dict[int, int] = {}
    owner = 0
    for shipment in shipments:
        if shipment.state == "voided" and shipment.dispatched_at is None:
            continue
        for line, units in shipment.lines:
            so_far[line] = so_far.get(line, 0) + units
        whole = not owner and all(so_far.get(line.id, 0) >= line.ordered for line in order.lines)
        owner = shipment.id if whole else owner
        status = _SHIPMENT_STATUS[shipment.state]
        if status == "DESPATCHED" and shipment.dispatched_at and now - shipment.dispatched_at >= _INVOICED_AFTER:
            status = "INVOICED"
        parts.append(
            Part(
                id=order.id if whole else shipment.id,
                order=order,
                status=status,
                units=dict(shipment.lines),
                updated_at=shipment.updated_at,
                despatched_at=shipment.dispatched_at,
                parcels=shipment.parcels,
            )
        )
    return parts


def _waiting(
    order: FloorOrder, sent: Sequence[Part], on_hand: Mapping[str, int], mark: str, off: Mapping[int, int]
) -> list[Part]:
    if order.state == "cancelled":
        return [Part(order.id, order, "CANCELLED", {line.id: line.ordered for line in order.lines}, order.updated_at)]
    taken: dict[int, int] = {}
    for part in sent:
        for line, units in part.units.items() if part.status in ("PICKED", "PACKED") else ():
            taken[line] = taken.get(line, 0) + units
    left = {line.id: max(line.left - taken.get(line.id, 0), 0) for line in order.lines}
    back = {line: min(units, off.get(line, 0)) for line, units in left.items()}
    skus = {line.id: line.sku for line in order.lines}
    lacking = any(units > on_hand.get(skus[line], 0) for line, units in left.items())
    free = _AGAIN if any(part.id == order.id for part in sent) else 0
    named = mark or ("QUERYRAISED" if order.state == "held" else "")
    pieces = (
        (free, named or ("ONBACKORDER" if lacking and not off else "NEW"), _difference(left, back)),
        (_BACK_ORDER, named or ("ONBACKORDER" if lacking else "NEW"), back),
        (_GIVEN_UP, "CANCELLED", {line.id: line.closed for line in order.lines}),
    )
    parts = [
        Part(
            order.id + offset, order, status, {line: count for line, count in units.items() if count}, order.updated_at
        )
        for offset, status, units in pieces
        if any(units.values())
    ]
    if not sent and len(parts) == 1:
        (only,) = parts
        return [Part(order.id, order, only.status, only.units, only.updated_at)]
    return parts


def _difference(left: Mapping[int, int], back: Mapping[int, int]) -> dict[int, int]:
    return {line: units - back[line] for line, units in left.items()}


def _numbered(parts: Sequence[Part]) -> list[Part]:
    """One that was taken back does not count, it has the number of one that took its place."""
    counted = [part for part in parts if not _taken_back(part)]
    numbers = {id(part): number for number, part in enumerate(counted, start=1)}
    return [replace(part, number=numbers.get(id(part), 1), of=len(counted)) for part in parts]


def _taken_back(part: Part) -> bool:
    return part.status == "CANCELLED" and part.despatched_at is not None
