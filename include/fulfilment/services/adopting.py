"""Orders that came to the warehouse by another route and were adopted: behind the port they are orders of ours.

Another route knows no line ids of ours, so its units are told apart by SKU: they fill our lines of the SKU in sequence,
and what is more than was ordered goes on the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from include.fulfilment.domain.shipment import LineClosure, Parcel, Shipment, ShipmentLine, shipped_by_line
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.ports import (
    Absent,
    AlreadyExists,
    AmendAnswer,
    CancelAnswer,
    Capabilities,
    FindAnswer,
    OtherOrder,
    Rejected,
    ShipmentPage,
    StockSnapshot,
    SubmitAnswer,
    Warehouse,
    WarehouseRecord,
    WarehouseStatus,
    differences,
)
from include.fulfilment.store_port import Store

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class AdoptingWarehouse:
    """The port `Warehouse` over a site's warehouse of this code. An adopted order is never created."""

    def __init__(self, warehouse: Warehouse, store: Store, code: str) -> None:
        self._warehouse = warehouse
        self._store = store
        self._code = code

    @property
    def capabilities(self) -> Capabilities:
        """Those of the warehouse itself."""
        return self._warehouse.capabilities

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        """An adopted order is there: it is read, and refused where the warehouse holds none under that reference."""
        if not order.adopts:
            return self._warehouse.submit(order, until)
        other = self._warehouse.others([order.adopts]).get(order.adopts)
        if other is None:
            words = f"the warehouse holds no order under {order.adopts}, which was to be adopted"
            return Rejected("adopted_missing", words, "adopts")
        record = _record(order, other)
        return AlreadyExists(record.wms_id, differences(order, record))

    def find(self, external_refs: Sequence[str]) -> dict[str, FindAnswer]:
        """What the warehouse holds under each reference, an adopted order under the one that it has there."""
        adopted = {each.external_ref: each for each in self._adopted() if each.external_ref in external_refs}
        answers = self._warehouse.find([ref for ref in external_refs if ref not in adopted])
        others = self._others(list(adopted.values()))
        held = {ref: _record(order, others[order.adopts]) for ref, order in adopted.items() if order.adopts in others}
        return answers | {ref: held.get(ref, Absent()) for ref in adopted}

    def others(self, references: Sequence[str]) -> dict[str, OtherOrder]:
        """As the warehouse itself answers."""
        return self._warehouse.others(references)

    def cancel(self, external_ref: str) -> CancelAnswer:
        """Cancel the order, an adopted one under the reference that it has there."""
        adopts = {each.external_ref: each.adopts for each in self._adopted()}
        return self._warehouse.cancel(adopts.get(external_ref, external_ref))

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        """Amend the order; an adopted one stays as the other route brought it."""
        if not order.adopts:
            return self._warehouse.amend(order)
        return Rejected("adopted", f"it came to the warehouse by another route, as {order.adopts}: change it there")

    def read_stock(self) -> StockSnapshot:
        """As the warehouse itself answers."""
        return self._warehouse.read_stock()

    def read_shipments(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        """All that left of the adopted orders so far, then what changed of ours."""
        adopted = self._adopted()
        others = self._others(adopted)
        told = [_told(order, others[order.adopts]) for order in adopted if order.adopts in others]
        if told:
            yield ShipmentPage(
                shipments=tuple(each for shipments, _ in told for each in shipments),
                closures=tuple(each for _, closures in told for each in closures),
                read_to=changed_since or _NEVER,
                problems=tuple(each for other in others.values() for each in other.problems),
            )
        yield from self._warehouse.read_shipments(changed_since)

    def _adopted(self) -> list[WarehouseOrder]:
        with self._store.transaction() as rows:
            return rows.orders.adopted(self._code)

    def _others(self, adopted: Sequence[WarehouseOrder]) -> dict[str, OtherOrder]:
        return self._warehouse.others([each.adopts for each in adopted]) if adopted else {}


class _Lines:
    """The lines of an order of ours while units that are known by SKU alone fill them."""

    def __init__(self, order: WarehouseOrder) -> None:
        self._sku = {line.line_id: line.base_sku for line in order.lines}
        self._open = {line.line_id: line.base_quantity for line in order.lines}

    def fill(self, sku: str, units: int) -> dict[str, int]:
        """Units by line id; under the empty id where no line of ours is of this SKU."""
        mine = [line_id for line_id, of in self._sku.items() if of == sku]
        taken: dict[str, int] = {}
        for line_id in mine:
            taken[line_id] = min(units, self._open[line_id])
            self._open[line_id] -= taken[line_id]
            units -= taken[line_id]
        last = mine[-1] if mine else ""
        taken[last] = taken.get(last, 0) + units
        return {line_id: count for line_id, count in taken.items() if count}


def _record(order: WarehouseOrder, other: OtherOrder) -> WarehouseRecord:
    lines, held = _Lines(order), dict[str, int]()
    for sku, units in other.units.items():
        held |= {line_id or f"sku {sku}": count for line_id, count in lines.fill(sku, units).items()}
    return WarehouseRecord(
        external_ref=order.external_ref,
        wms_id=other.wms_id,
        status=other.status,
        raw_status=other.raw_status,
        po_number=other.po_number,
        instructions=other.instructions,
        lines=held,
    )


def _told(order: WarehouseOrder, other: OtherOrder) -> tuple[list[Shipment], list[LineClosure]]:
    """The shipments as those of our order, and what will not come once the other one is done: what it has not sent."""
    lines = _Lines(order)
    mine = [_shipment(order, each, lines) for each in sorted(other.shipments, key=_turn)]
    gone = shipped_by_line(mine)
    done = other.status is WarehouseStatus.CANCELLED or (other.status is WarehouseStatus.SHIPPED and bool(gone))
    if not done or other.problems:
        return mine, []
    short = {each.line_id: each.base_quantity - gone.get((order.external_ref, each.line_id), 0) for each in order.lines}
    return mine, [LineClosure(order.external_ref, key, units) for key, units in short.items() if units > 0]


def _turn(shipment: Shipment) -> tuple[bool, str, str]:
    """What left first fills the lines first, what has not left after it."""
    return shipment.dispatched_at is None, str(shipment.dispatched_at), shipment.shipment_id


def _shipment(order: WarehouseOrder, found: Shipment, lines: _Lines) -> Shipment:
    filled = _Lines(order) if found.voided else lines
    units = {line.base_sku: 0 for line in found.lines}
    for line in found.lines:
        units[line.base_sku] += line.base_quantity
    mine = tuple(
        ShipmentLine(order.external_ref, line_id, sku, count)
        for sku, total in units.items()
        for line_id, count in filled.fill(sku, total).items()
    )
    return replace(found, lines=mine, parcels=tuple(_parcel(each, mine) for each in found.parcels))


def _parcel(parcel: Parcel, mine: Sequence[ShipmentLine]) -> Parcel:
    """The parcel with its contents on our lines; where a SKU is on several of them, what is in which parcel is not
    known, and the contents are left out."""
    line_of: Mapping[str, ShipmentLine] = {line.base_sku: line for line in mine}
    if len(line_of) < len(mine):
        return replace(parcel, contents=())
    contents = tuple(
        replace(line_of[each.base_sku], base_quantity=each.base_quantity)
        for each in parcel.contents
        if each.base_sku in line_of
    )
    return replace(parcel, contents=contents)
