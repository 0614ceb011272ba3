"""A warehouse in memory behind the port `Warehouse`, with its staff and its faults. It deducts stock at dispatch.

On purpose it neither dedupes nor looks before it creates: an order sent twice is held twice, and the test sees it.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from include.fulfilment.clock import Clock
from include.fulfilment.domain.order import Address
from include.fulfilment.domain.shipment import LineClosure, Parcel, Shipment, ShipmentLine
from include.fulfilment.domain.warehouse_order import WarehouseOrder, is_our_reference
from include.fulfilment.errors import DataError, RetryableError
from include.fulfilment.ports import (
    Absent,
    AmendAnswer,
    Amended,
    CancelAnswer,
    CancelKind,
    Cancelled,
    Capabilities,
    Created,
    DeductsAt,
    FindAnswer,
    OtherOrder,
    Pending,
    Problem,
    Rejected,
    ShipmentPage,
    StockLevel,
    StockSnapshot,
    SubmitAnswer,
    TooLate,
    Unknown,
    WarehouseRecord,
    WarehouseStatus,
    WebhookProof,
)

OVERLAP = timedelta(minutes=5)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
CAPABILITIES = Capabilities(
    name="fake",
    idempotent_create=False,
    find_by_ref=True,
    finds_others=True,
    update=True,
    cancel=CancelKind.SYNC,
    partial_shipments=True,
    parcel_contents=True,
    lots=False,
    uom_on_line=False,
    orders_changed_since=True,
    stock_changed_since=False,
    webhook_proof=WebhookProof.NONE,
    deducts_at=DeductsAt.DISPATCH,
    unsafe_gets=False,
    field_limits={},
    rate=None,
)


@dataclass(slots=True)
class Held:
    """One order as the warehouse itself holds it. Quantities are base units per line id."""

    external_ref: str
    po_number: str
    instructions: str
    ordered: dict[str, int]
    skus: dict[str, str] = field(default_factory=dict)
    requested_on: str = ""
    ship_to: Address | None = None
    shipped: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)
    tracking_numbers: list[str] = field(default_factory=list)
    state: str = "open"
    picked: bool = False


class FakeWarehouse:
    """The port, and beside it what the staff do (`receive`, `ship`, `close_short`, `void`) and what the ledger says.

    Its `capabilities` may be replaced: without `update` it refuses to amend; with cancel NONE it refuses to cancel, and
    with ASYNC a cancel or an amendment is Pending until the staff `answer_requests`."""

    def __init__(self, clock: Clock) -> None:
        self.capabilities = CAPABILITIES
        self.stock: dict[str, int] = {}
        self.orders: list[Held] = []
        self.told: list[tuple[datetime, Shipment]] = []
        self.closures: list[tuple[datetime, LineClosure]] = []
        self.calls: Counter[str] = Counter()
        self.submit_faults: list[str] = []  # per submit: lost_reply, lost_request, thin, lost_thin, ""
        self.change_faults: list[str] = []  # per cancel or amend: lost_reply, lost_request, ""
        self.asked: dict[str, WarehouseOrder | None] = {}  # what the staff have yet to answer; None is a cancel
        self.lost_finds = self.lost_others = 0
        self.down = False
        self.asks_to_wait = 1.0  # seconds that a warehouse that is down asks for
        self.hidden: set[str] = set()  # SKUs that the stock reading leaves out
        self.stock_breaks_off = False
        self.problems: list[Problem] = []  # told with the shipments
        self.as_of: datetime | None = None  # an instant other than now for the next stock reading
        self.page_size = 50
        self._clock = clock
        self._numbers = count(1)
        self._lock = threading.Lock()

    # --- the port

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        with self._lock:
            self._call("submit")
            fault = self.submit_faults.pop(0) if self.submit_faults else ""
            if fault == "lost_request":
                return Unknown("the connection was reset")
            for line in order.lines:
                if line.base_sku not in self.stock:
                    return Rejected("sku_unknown", f"no product {line.base_sku!r}", f"sku {line.base_sku}")
            self.orders.append(_held(order, thin=fault in ("thin", "lost_thin")))
            if fault in ("lost_reply", "lost_thin"):
                return Unknown("the connection was reset")
            return Created(f"W{len(self.orders)}")

    def find(self, external_refs: Sequence[str]) -> dict[str, FindAnswer]:
        with self._lock:
            self._call("find")
            if self.lost_finds:
                self.lost_finds -= 1
                return {ref: Unknown("no answer to the search") for ref in external_refs}
            return {ref: self._found(ref) for ref in external_refs}

    def others(self, references: Sequence[str]) -> dict[str, OtherOrder]:
        with self._lock:
            self._call("others")
            if self.lost_others:
                self.lost_others -= 1
                raise RetryableError("fake: no answer to the search; it will be tried again")
            held = {each.external_ref: each for each in reversed(self.orders)}
            return {ref: self._other(held[ref]) for ref in references if ref in held}

    def cancel(self, external_ref: str) -> CancelAnswer:
        with self._lock:
            self._call("cancel")
            if self.capabilities.cancel is CancelKind.NONE:
                return Rejected("cancel_unsupported", "this warehouse cancels no orders")
            if in_the_way := self._in_the_way(external_ref):
                return in_the_way
            if self.order(external_ref).state == "cancelled":
                return Cancelled()
            return self._asked(external_ref, None) or Cancelled()

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        with self._lock:
            self._call("amend")
            if not self.capabilities.update:
                return Rejected("amend_unsupported", "this warehouse amends no orders")
            if in_the_way := self._in_the_way(order.external_ref):
                return in_the_way
            held, wanted = self.order(order.external_ref), _held(order, thin=False)
            if held.state == "cancelled":
                return Rejected("cancelled", f"order {order.external_ref} is cancelled in the warehouse")
            if unknown := sorted(set(wanted.skus.values()) - self.stock.keys()):
                return Rejected("sku_unknown", f"no product {unknown[0]!r}", f"sku {unknown[0]}")
            if _same(held, wanted):
                return Amended()
            return self._asked(order.external_ref, order) or Amended()

    def read_stock(self) -> StockSnapshot:
        self._call("read_stock")
        if self.stock_breaks_off:
            raise DataError("page 3 repeats page 2; the reading is incomplete", "stock")
        as_of, self.as_of = self.as_of or self._clock(), None
        shown = {sku: units for sku, units in sorted(self.stock.items()) if sku not in self.hidden}
        return StockSnapshot(as_of, tuple(StockLevel(sku, "A1", units) for sku, units in shown.items()))

    def read_shipments(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        self._call("read_shipments")
        now = self._clock()
        since = changed_since - OVERLAP if changed_since else None
        new = [each for at, each in self.told if since is None or at >= since]
        shipments = [each for each in new if all(is_our_reference(line.external_ref) for line in each.lines)]
        closed = [each for at, each in self.closures if since is None or at >= since]
        closures = tuple(each for each in closed if is_our_reference(each.external_ref))
        pages = [shipments[start : start + self.page_size] for start in range(0, len(shipments), self.page_size)]
        for number, page in enumerate(pages or [[]], start=1):
            last = number >= len(pages)
            yield ShipmentPage(
                tuple(page), closures if last else (), now if last else changed_since or NEVER, tuple(self.problems)
            )

    def _call(self, operation: str) -> None:
        self.calls[operation] += 1
        if self.down:
            raise RetryableError("fake: the warehouse cannot be reached; it will be tried again", self.asks_to_wait)

    def _in_the_way(self, ref: str) -> Absent | TooLate | None:
        held = [each for each in self.orders if each.external_ref == ref]
        if not held:
            return Absent()
        if held[0].picked or +held[0].shipped:
            return TooLate("shipped" if +held[0].shipped else "picking")
        return None

    def _asked(self, ref: str, wanted: WarehouseOrder | None) -> Pending | Unknown | None:
        fault = self.change_faults.pop(0) if self.change_faults else ""
        if fault == "lost_request":
            return Unknown("the connection was reset")
        if self.capabilities.cancel is CancelKind.ASYNC:
            self.asked[ref] = wanted
        else:
            self._change(ref, wanted)
        if fault == "lost_reply":
            return Unknown("the connection was reset")
        return Pending("asked for, not answered yet") if ref in self.asked else None

    def _change(self, ref: str, wanted: WarehouseOrder | None) -> None:
        held = self.order(ref)
        if wanted is None:
            held.state = "cancelled"
            for line_id, units in self._open(held).items():  # as the real ones tell it
                self.close_short(ref, line_id, units)
            return
        new = _held(wanted, thin=False)
        held.po_number, held.instructions, held.requested_on = new.po_number, new.instructions, new.requested_on
        held.ordered, held.skus, held.ship_to = new.ordered, new.skus, new.ship_to

    def _found(self, ref: str) -> FindAnswer:
        held = [(number, each) for number, each in enumerate(self.orders, start=1) if each.external_ref == ref]
        if not held:
            return Absent()
        number, first = held[0]
        doubles = tuple(f"W{number}" for number, _ in held[1:])
        status = WarehouseStatus.PARTIALLY_SHIPPED if first.shipped else WarehouseStatus.RECEIVED
        if +first.shipped and not self._open(first):
            status = WarehouseStatus.SHIPPED
        elif first.state == "cancelled":
            status = WarehouseStatus.CANCELLED
        elif first.picked and not +first.shipped:
            status = WarehouseStatus.PICKING
        texts = (first.po_number, first.instructions)
        return WarehouseRecord(ref, f"W{number}", status, status.value, *texts, dict(first.ordered), doubles)

    def _other(self, held: Held) -> OtherOrder:
        found = self._found(held.external_ref)
        assert isinstance(found, WarehouseRecord)
        units: Counter[str] = Counter()
        for line_id, ordered in held.ordered.items():
            units[held.skus[line_id]] += ordered
        told = {each.shipment_id: each for _, each in self.told if self._is_of(each, held.external_ref)}
        texts = (found.raw_status, held.po_number, held.instructions)
        return OtherOrder(held.external_ref, found.wms_id, found.status, *texts, dict(units), tuple(told.values()))

    def _is_of(self, shipment: Shipment, ref: str) -> bool:
        return any(line.external_ref == ref for line in shipment.lines)

    # --- the staff

    def take_by_another_route(self, reference: str, goods: Mapping[str, int]) -> None:
        """Key in an order that another connector, a file or a person brought, its lines 1, 2, … by SKU."""
        skus = {str(number): sku for number, sku in enumerate(goods, start=1)}
        ordered = {number: goods[sku] for number, sku in skus.items()}
        self.orders.append(Held(reference, "", "", ordered, skus))

    def receive(self, goods: Mapping[str, int]) -> None:
        for sku, units in goods.items():
            self.stock[sku] = self.stock.get(sku, 0) + units

    def ship(
        self,
        ref: str,
        quantities: Mapping[str, int] | None = None,
        parcels: Sequence[tuple[str, str, Mapping[str, int]]] = (),
        boxes: int = 1,
        close_rest: bool = False,
    ) -> str:
        """Dispatch base units per line id (None: all that is open), in parcels of (carrier, tracking, contents), or in
        so many boxes of one carrier. Answers the shipment's id."""
        held, number = self.order(ref), next(self._numbers)
        sent = dict(quantities) if quantities is not None else self.left(ref)
        rest = {line: units - sent.get(line, 0) for line, units in self.left(ref).items()}
        packed = parcels or [("DPD", f"T{number:04d}{box}", sent if box == 1 else {}) for box in range(1, boxes + 1)]
        lines = tuple(self._line(held, line_id, units) for line_id, units in sent.items() if units)
        made = tuple(
            Parcel(f"P{number}-{box}", carrier, tracking, "", tuple(self._line(held, *each) for each in inside.items()))
            for box, (carrier, tracking, inside) in enumerate(packed, start=1)
        )
        shipment = Shipment(f"S{number:04d}", "A1", self._clock(), None, False, lines, made)
        for line in lines:
            held.shipped[line.line_id] += line.base_quantity
            self.stock[line.base_sku] -= line.base_quantity
        held.tracking_numbers += [tracking for _, tracking, _ in packed]
        self.told.append((self._clock(), shipment))
        if close_rest:
            for line_id, units in rest.items():
                self.close_short(ref, line_id, units)
        return shipment.shipment_id

    def pick(self, ref: str) -> None:
        """Pick everything and tell so; nothing has left."""
        held = self.order(ref)
        held.picked = True
        lines = tuple(self._line(held, line_id, units) for line_id, units in held.ordered.items())
        picked = Shipment(f"S{next(self._numbers):04d}", "A1", None, self._clock(), False, lines, ())
        self.told.append((self._clock(), picked))

    def begin_picking(self, ref: str) -> None:
        """Begin to pick, which is told to nobody but by the order's status."""
        self.order(ref).picked = True

    def answer_requests(self) -> None:
        """Answer what was asked since: the order is cancelled or changed, unless it was picked meanwhile."""
        for ref, wanted in self.asked.items():
            if self._in_the_way(ref) is None:
                self._change(ref, wanted)
        self.asked.clear()

    def close_short(self, ref: str, line_id: str, units: int) -> None:
        """Tell that so many units of the line will not be sent."""
        if units > 0:
            self.order(ref).closed[line_id] += units
            self.closures.append((self._clock(), LineClosure(ref, line_id, self.order(ref).closed[line_id])))

    def void(self, shipment_id: str) -> None:
        """Take a shipment back: nothing of it left after all."""
        shipment = next(each for _, each in reversed(self.told) if each.shipment_id == shipment_id)
        for line in shipment.lines:
            self.order(line.external_ref).shipped[line.line_id] -= line.base_quantity
            self.stock[line.base_sku] += line.base_quantity
        self.told.append((self._clock(), replace(shipment, voided=True)))

    # --- the ledger

    def held(self) -> list[Held]:
        return self.orders

    def order(self, ref: str) -> Held:
        (found,) = [each for each in self.orders if each.external_ref == ref]
        return found

    def requested_on(self, ref: str) -> str:
        return self.order(ref).requested_on

    def left(self, ref: str) -> dict[str, int]:
        """Base units per line id that are neither shipped nor closed."""
        return self._open(self.order(ref))

    def _open(self, held: Held) -> dict[str, int]:
        open_units = {line: units - held.shipped[line] - held.closed[line] for line, units in held.ordered.items()}
        return {line: units for line, units in open_units.items() if units > 0}

    def _line(self, held: Held, line_id: str, units: int) -> ShipmentLine:
        return ShipmentLine(held.external_ref, line_id, held.skus.get(line_id, ""), units)


class MemoryJournal:
    """The port `Journal` in memory."""

    def __init__(self) -> None:
        self._series: Counter[str] = Counter()
        self._entries: dict[tuple[str, str], tuple[datetime, Mapping[str, Any]]] = {}

    def next_number(self, series: str) -> int:
        self._series[series] += 1
        return self._series[series]

    def add(self, kind: str, key: str, content: Mapping[str, Any], at: datetime) -> bool:
        if (kind, key) in self._entries:
            return False
        self._entries[(kind, key)] = (at, json.loads(json.dumps(content)))
        return True

    def put(self, kind: str, key: str, content: Mapping[str, Any], at: datetime) -> None:
        self._entries[(kind, key)] = (at, json.loads(json.dumps(content)))

    def get(self, kind: str, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        return {key: self._entries[(kind, key)][1] for key in keys if (kind, key) in self._entries}

    def since(self, kind: str, at: datetime | None) -> list[tuple[datetime, str, Mapping[str, Any]]]:
        found = [(written, key, content) for (of, key), (written, content) in self._entries.items() if of == kind]
        return sorted((each for each in found if at is None or each[0] >= at), key=lambda each: each[0])


def _held(order: WarehouseOrder, thin: bool) -> Held:
    return Held(
        external_ref=order.external_ref,
        po_number=order.po_number,
        instructions="" if thin else order.instructions,
        ordered={line.line_id: line.base_quantity for line in order.lines},
        skus={line.line_id: line.base_sku for line in order.lines},
        requested_on=order.requested_on.isoformat() if order.requested_on else "",
        ship_to=order.ship_to,
    )


def _same(held: Held, wanted: Held) -> bool:
    fields = ("po_number", "instructions", "ordered", "skus", "requested_on", "ship_to")
    return all(getattr(held, each) == getattr(wanted, each) for each in fields)
