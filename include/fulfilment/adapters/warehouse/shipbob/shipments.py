"""Shipments at ShipBob, and what will not be sent.

An order has one shipment or several, each with one tracking. Of their statuses (source:
developer.shipbob.com/experimental/status-reference):

- Completed "has left ShipBob". Its instant is `tracking.shipping_date`, or where that is empty
  `actual_fulfillment_date`. By itself the latter says only "picked, packed, and label has been printed" (OpenAPI,
  ShipmentViewModel); with the status it is the last instant that ShipBob names before the goods left, and the stock on
  hand has dropped by then, because it drops with the pick (OpenAPI, /inventory/history:query).
- LabeledCreated is neither picked nor gone. Of a pick there is a status detail (Processing, Picked) without an instant.
- CleanSweeped stands in the OpenAPI alone, and nowhere what became of the goods: a problem, as any unknown status is.
- Cancelled "will not be fulfilled": its units are closed unless another shipment of the order has them. One that had a
  label is told as voided; the others never were a shipment to us.

What an order lacks once it is Fulfilled or Cancelled is closed too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from include.fulfilment.adapters.warehouse.shipbob.record import Line, fill, is_of, read_lines, read_order, units_of
from include.fulfilment.adapters.warehouse.shipbob.wire import (
    Carton,
    Json,
    ShipBobClient,
    ShipBobOrder,
    ShipBobShipment,
    ShippedProduct,
    asked_at,
)
from include.fulfilment.clock import Clock
from include.fulfilment.domain.shipment import LineClosure, Parcel, Shipment, ShipmentLine
from include.fulfilment.domain.warehouse_order import is_our_reference
from include.fulfilment.errors import DataError
from include.fulfilment.ports import Problem, ShipmentPage

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_OVERLAP = timedelta(minutes=5)  # ShipBob does not say whether "updated later than" is inclusive, nor when it commits
_QUIET = frozenset({"None", "Processing", "Exception", "OnHold", "ImportReview"})
_FINAL = ("Fulfilled", "Cancelled")
Told = tuple[list[Shipment], list[LineClosure], list[Problem]]


class ShipBobShipments:
    """Reads the shipments of one channel."""

    def __init__(self, client: ShipBobClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    def read(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        """A page of shipments for each page of orders that were updated since then, or whose tracking was: ShipBob does
        not say that a late tracking number updates the order. The cursor moves with the last page alone, because the
        orders do not come in the order of their updates."""
        read_to: datetime | None = None
        before = changed_since or _NEVER
        last = ShipmentPage((), (), before)
        seen: set[object] = set()
        for filters in _filters(changed_since):
            started = self._clock()
            for reply, orders in self._client.orders(filters):
                read_to = read_to or asked_at(reply, self._clock() - started)
                ours = [raw for raw in orders if _is_ours(raw) and raw.get("id") not in seen]
                seen |= {raw.get("id") for raw in ours}
                if ours:
                    if last != ShipmentPage((), (), before):
                        yield last
                    last = _page([told(raw) for raw in ours], before)
        yield replace(last, read_to=read_to or before)


def _is_ours(raw: Json) -> bool:
    return is_our_reference(str(raw.get("reference_id")))


def _page(told: Sequence[Told], read_to: datetime) -> ShipmentPage:
    return ShipmentPage(
        shipments=tuple(each for shipments, _, _ in told for each in shipments),
        closures=tuple(each for _, closures, _ in told for each in closures),
        read_to=read_to,
        problems=tuple(each for _, _, problems in told for each in problems),
    )


def _filters(changed_since: datetime | None) -> list[dict[str, str]]:
    if changed_since is None:
        return [{}]
    since = (changed_since - _OVERLAP).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [{"LastUpdateStartDate": since}, {"LastTrackingUpdateStartDate": since}]


def told(raw: Json) -> Told:
    """What one order says of its shipments. What cannot be used is a problem of the shipments that it concerns."""
    try:
        order = read_order(raw)
        lines = read_lines(order)
    except DataError as error:
        listed = raw.get("shipments")
        ids = [each.get("id") for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        subjects = [f"shipment {each}" for each in ids] or [f"order {raw.get('reference_id')}"]
        return [], [], [Problem(subject, str(error)) for subject in subjects]
    shipments: list[Shipment] = []
    problems: list[Problem] = []
    missing: list[int] = []
    every = sorted(order.shipments or (), key=_turn)
    try:
        _check_packs(every, lines)
    except DataError as error:
        return [], [], [Problem(f"shipment {each.id}", str(error)) for each in every]
    for found in every:
        if found.status == "Cancelled" and not missing:
            missing = [line.open for line in lines]
        try:
            shipment = _shipment(order.reference_id or "", found, lines)
        except DataError as error:
            problems.append(Problem(f"shipment {found.id}", str(error)))
        else:
            shipments += [shipment] if shipment else []
    closures = [] if problems else _closures(order, lines, missing)
    return shipments, closures, problems


def _turn(found: ShipBobShipment) -> tuple[int, datetime, int]:
    """What left counts before what waits, the earlier before the later, so that a line it was told for keeps it."""
    rank = {"Completed": 0, "Cancelled": 2}.get(found.status, 1)
    return rank, (_instant(found) or _NEVER) if rank == 0 else _NEVER, found.id


def _check_packs(shipments: Sequence[ShipBobShipment], lines: Sequence[Line]) -> None:
    """Goods that were ordered in packs and come back in the very number of packs may be packs or singles: no guess."""
    for sku in {line.sku for line in lines if line.packs and line.packs != line.base}:
        ordered = [line for line in lines if line.sku == sku]
        as_sent = sum(line.packs or line.base for line in ordered)
        products = [each for shipment in shipments for each in shipment.products or () if is_of(each, ordered[0])]
        if as_sent == sum(units_of(each) for each in products):
            words = f"shipbob: {as_sent} of {sku} were ordered, packs counted as one, and {as_sent} are in shipments"
            raise DataError(f"{words}: packs or singles? Ask ShipBob", sku)


def _shipment(ref: str, found: ShipBobShipment, lines: Sequence[Line]) -> Shipment | None:
    """The shipment as the port has it, its units taken off the lines; None where there is nothing to tell yet."""
    counted = [(product, units_of(product)) for product in found.products or ()]
    mine = tuple(ShipmentLine(ref, *share) for product, units in counted for share in fill(product, units, lines))
    gone, labelled, voided = (found.status == word for word in ("Completed", "LabeledCreated", "Cancelled"))
    if found.status in _QUIET or (voided and not _had_label(found)):
        return None
    if not (gone or labelled or voided):
        raise DataError(f"shipbob: shipment {found.id} of {ref} is {found.status!r}, which is no status we know; ask")
    return Shipment(
        shipment_id=str(found.id),
        location=str(found.location.id) if found.location and found.location.id is not None else "",
        dispatched_at=_dispatched_at(ref, found) if gone else None,
        picked_at=None,
        voided=voided,
        lines=mine,
        parcels=_parcels(found, mine),
    )


def _had_label(found: ShipBobShipment) -> bool:
    return bool(found.actual_fulfillment_date or (found.tracking and found.tracking.tracking_number))


def _dispatched_at(ref: str, found: ShipBobShipment) -> datetime:
    instant = _instant(found)
    if instant is None:
        raise DataError(f"shipbob: shipment {found.id} of {ref} is Completed without a date; ask ShipBob for it")
    return instant.astimezone(UTC)


def _instant(found: ShipBobShipment) -> datetime | None:
    shipped_on = found.tracking.shipping_date if found.tracking else None
    return shipped_on or found.actual_fulfillment_date or found.last_update_at


def _parcels(found: ShipBobShipment, mine: Sequence[ShipmentLine]) -> tuple[Parcel, ...]:
    """The cartons with their contents, or the whole shipment as one parcel. There is one tracking number for all: it
    stands on the first, so that it is told once."""
    tracking = found.tracking
    cartons = [carton for parent in found.parent_cartons or () for carton in parent.cartons or ()]
    carrier = (tracking.carrier if tracking else "") or ""
    number = (tracking.tracking_number or tracking.pro_number if tracking else "") or ""
    url = (tracking.tracking_url if tracking else "") or ""
    if not cartons:
        return (Parcel(str(found.id), carrier, number, url, tuple(mine)),) if carrier or number else ()
    left = [Line(each.line_id, None, each.base_sku, 0, 0, each.base_quantity) for each in mine]
    refs = mine[0].external_ref if mine else ""
    parcels = [
        Parcel(_carton_id(carton, found, position), carrier, "", "", _contents(refs, carton, left))
        for position, carton in enumerate(cartons, start=1)
    ]
    parcels[0] = replace(parcels[0], tracking_number=number, tracking_url=url)
    return tuple(parcels)


def _carton_id(carton: Carton, found: ShipBobShipment, position: int) -> str:
    return carton.barcode or (str(carton.id) if carton.id else f"{found.id}-{position}")


def _contents(ref: str, carton: Carton, left: Sequence[Line]) -> tuple[ShipmentLine, ...]:
    """What is in a carton; nothing where it is not written down or cannot be counted."""
    products: list[ShippedProduct] = [each for part in carton.carton_details or () for each in part.products or ()]
    try:
        counted = [(product, units_of(product)) for product in products]
    except DataError:
        return ()
    return tuple(ShipmentLine(ref, *share) for product, units in counted for share in fill(product, units, left))


def _closures(order: ShipBobOrder, lines: Sequence[Line], missing: Sequence[int]) -> list[LineClosure]:
    """What will not come: all that no live shipment has once the order is final, else what cancelled ones had of it.
    An order is not Fulfilled without a shipment, whatever it says."""
    final = order.status in _FINAL and (bool(order.shipments) or order.status == "Cancelled")
    before = missing or [line.open for line in lines]
    shorts = [(line, start if final else start - line.open) for line, start in zip(lines, before, strict=True)]
    ref = order.reference_id or ""
    return [LineClosure(ref, line.line_id, short) for line, short in shorts if short > 0]
