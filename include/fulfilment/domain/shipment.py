"""What left the warehouse, folded into the state of each line: independent of arrival order and of repeats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class ShipmentLine:
    """`base_quantity` base units of one order line that left. An empty `line_id` is matched by nothing: a ticket."""

    external_ref: str
    line_id: str
    base_sku: str
    base_quantity: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel with its carrier; `contents` maps (external_ref, line_id) to base units where the warehouse says."""

    parcel_id: str
    carrier: str
    tracking_number: str
    tracking_url: str = ""
    contents: tuple[ShipmentLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Shipment:
    """One shipment as the warehouse states it. `shipment_id` is stable; `dispatched_at` is when goods left the dock.
    `picked_at` without `dispatched_at` is progress only."""

    shipment_id: str
    location: str
    dispatched_at: datetime | None
    picked_at: datetime | None
    voided: bool
    lines: tuple[ShipmentLine, ...]
    parcels: tuple[Parcel, ...]


@dataclass(frozen=True, slots=True)
class LineClosure:
    """The warehouse will ship no more of this line of this warehouse order: what is missing is short."""

    external_ref: str
    line_id: str
    short: int


LineKey = tuple[str, str]  # (external_ref, line_id)


def shipped_by_line(shipments: Iterable[Shipment]) -> dict[LineKey, int]:
    """Base units dispatched per line of a warehouse order; each shipment counts once, a voided one not at all."""
    total: dict[LineKey, int] = {}
    for shipment in {each.shipment_id: each for each in shipments}.values():
        if shipment.voided or shipment.dispatched_at is None:
            continue
        for line in shipment.lines:
            key = (line.external_ref, line.line_id)
            total[key] = total.get(key, 0) + line.base_quantity
    return total


@dataclass(frozen=True, slots=True)
class SoldAs:
    """How a line is counted in the shop: `units` base units make one of `quantity`."""

    order_id: str
    line_id: str
    quantity: int
    units: int


@dataclass(frozen=True, slots=True)
class FulfilmentPost:
    """One fulfilment to write to the shop: one per shipment, carrier and location. `lines` maps our line id to the
    quantity in the shop's unit (packs where packs are sold). The goods left the warehouse `left_from`: its code, empty
    for the site's first one."""

    order_id: str
    shipment_id: str
    carrier: str
    location: str
    tracking_numbers: tuple[str, ...]
    tracking_urls: tuple[str, ...]
    lines: tuple[tuple[str, int], ...]
    left_from: str = ""

    @property
    def key(self) -> str:
        return _post_key(self.order_id, self.shipment_id, self.carrier, self.location)

    def to_json(self) -> dict[str, Any]:
        """The post as plain JSON values, for the outbox; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FulfilmentPost:
        """The post that `to_json` wrote."""
        rebuilt = dict(data) | {
            "tracking_numbers": tuple(data["tracking_numbers"]),
            "tracking_urls": tuple(data["tracking_urls"]),
            "lines": tuple((line_id, units) for line_id, units in data["lines"]),
        }
        return cls(**rebuilt)


def plan_posts(
    shipments: Iterable[Shipment],
    sold: Mapping[LineKey, SoldAs],
    planned: Iterable[FulfilmentPost],
    left_from: Mapping[str, str] = MappingProxyType({}),
) -> list[FulfilmentPost]:
    """The fulfilments still to post for dispatched shipments.

    `sold` maps each warehouse-order line to the order line it serves. `planned` are the posts of earlier runs, so a
    repeat plans nothing. Packs are floored over the running total: a pack that is
    completed by a later shipment is posted with that one. Never more than the line's quantity is posted. `left_from`
    names by shipment the warehouse that it left, where that is not the site's first one.
    """
    out: list[FulfilmentPost] = []
    base_so_far: dict[LineKey, int] = {}
    known: set[str] = set()
    done: dict[LineKey, int] = {}
    for earlier in planned:
        known.add(earlier.key)
        _add_units(done, earlier)
    candidates = [
        (shipment, carrier, order_id, parts)
        for shipment in _dispatched(shipments)
        for carrier, parts in _by_carrier(shipment).items()
        for order_id in sorted({sold[key].order_id for key in parts if key in sold})
    ]
    # What was planned counts first: else an earlier shipment told late finds its units taken and is never posted.
    candidates.sort(key=lambda each: _post_key(each[2], each[0].shipment_id, each[1], each[0].location) not in known)
    for shipment, carrier, order_id, parts in candidates:
        post = _post(shipment, carrier, order_id, parts, sold, base_so_far, done)
        post = replace(post, left_from=left_from.get(shipment.shipment_id, ""))
        if post.key not in known and post.lines:
            _add_units(done, post)
            out.append(post)
    return out


def _post_key(order_id: str, shipment_id: str, carrier: str, location: str) -> str:
    return f"{order_id}/{shipment_id}/{carrier}/{location}"


def _dispatched(shipments: Iterable[Shipment]) -> list[Shipment]:
    unique = {each.shipment_id: each for each in shipments}.values()
    gone = [each for each in unique if each.dispatched_at is not None and not each.voided]
    return sorted(gone, key=lambda each: (str(each.dispatched_at), each.shipment_id))


def _add_units(done: dict[LineKey, int], post: FulfilmentPost) -> None:
    for line_id, units in post.lines:
        done[(post.order_id, line_id)] = done.get((post.order_id, line_id), 0) + units


def _by_carrier(shipment: Shipment) -> dict[str, dict[LineKey, int]]:
    """Base units per carrier. Where parcels do not say what is in them, everything goes with the first carrier."""
    carriers: dict[str, dict[LineKey, int]] = {}
    left = {(line.external_ref, line.line_id): 0 for line in shipment.lines}
    for line in shipment.lines:
        left[(line.external_ref, line.line_id)] += line.base_quantity
    for parcel in shipment.parcels:
        parts = carriers.setdefault(parcel.carrier, {})
        for content in parcel.contents:
            key = (content.external_ref, content.line_id)
            take = min(content.base_quantity, left.get(key, 0))
            if take:
                parts[key] = parts.get(key, 0) + take
                left[key] -= take
    first = next(iter(carriers.values()), None)
    if first is None:
        first = carriers.setdefault("", {})
    for key, rest in left.items():
        if rest:
            first[key] = first.get(key, 0) + rest
    return carriers


def _parcels(shipment: Shipment, carrier: str) -> list[Parcel]:
    """The carrier's parcels. Where no parcel says what is in it, all goods went with the first carrier, and so do the
    other carriers' tracking numbers: better under another's name than unknown to the buyer."""
    said = any(parcel.contents for parcel in shipment.parcels)
    return [parcel for parcel in shipment.parcels if parcel.carrier == carrier or not said]


def _post(
    shipment: Shipment,
    carrier: str,
    order_id: str,
    parts: Mapping[LineKey, int],
    sold: Mapping[LineKey, SoldAs],
    base_so_far: dict[LineKey, int],
    done: Mapping[LineKey, int],
) -> FulfilmentPost:
    lines: dict[str, int] = {}
    for key, base in parts.items():
        line = sold.get(key)
        if line is None or line.order_id != order_id:
            continue
        whole = (order_id, line.line_id)
        base_so_far[whole] = base_so_far.get(whole, 0) + base
        reached = min(base_so_far[whole] // line.units, line.quantity)
        units = reached - done.get(whole, 0) - lines.get(line.line_id, 0)
        if units > 0:
            lines[line.line_id] = lines.get(line.line_id, 0) + units
    parcels = _parcels(shipment, carrier)
    return FulfilmentPost(
        order_id=order_id,
        shipment_id=shipment.shipment_id,
        carrier=carrier,
        location=shipment.location,
        tracking_numbers=tuple(parcel.tracking_number for parcel in parcels if parcel.tracking_number),
        tracking_urls=tuple(parcel.tracking_url for parcel in parcels if parcel.tracking_url),
        lines=tuple(sorted(lines.items())),
    )
