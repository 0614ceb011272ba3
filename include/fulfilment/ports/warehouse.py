"""What a warehouse must be able to do, and how it answers. After `Unknown` comes find, never create."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

from include.fulfilment.domain.shipment import LineClosure, Shipment
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.ports.capabilities import Capabilities


@dataclass(frozen=True, slots=True)
class Created:
    """The warehouse stored the order as its record `wms_id`."""

    wms_id: str


@dataclass(frozen=True, slots=True)
class AlreadyExists:
    """The warehouse held an order under this reference before; `differences` names fields that are not as sent."""

    wms_id: str
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """The remote understood and refused for good; nothing was stored. `field` names the culprit where it is known."""

    code: str
    message: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether the remote stored it (time-out, reset, 5xx after send)."""

    reason: str


@dataclass(frozen=True, slots=True)
class Pending:
    """It was sent, and the remote's acknowledgement is still due: look again later. Once it is overdue the answer is
    Unknown, which a person hears of."""

    reason: str


SubmitAnswer = Created | AlreadyExists | Rejected | Pending | Unknown


class WarehouseStatus(StrEnum):
    """Where a warehouse order is. A word we don't know is UNRECOGNISED and its raw value is kept."""

    RECEIVED = "received"
    HELD = "held"
    BACKORDERED = "backordered"
    ALLOCATED = "allocated"
    PICKING = "picking"
    PACKED = "packed"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNRECOGNISED = "unrecognised"


@dataclass(frozen=True, slots=True)
class WarehouseRecord:
    """What the warehouse itself holds of one of our orders, read back; `lines` maps line id to the base units that the
    order was made for, whatever was shipped or closed since."""

    external_ref: str
    wms_id: str
    status: WarehouseStatus
    raw_status: str
    po_number: str
    instructions: str
    lines: Mapping[str, int]
    duplicates: tuple[str, ...] = ()


def differences(order: WarehouseOrder, record: WarehouseRecord) -> tuple[str, ...]:
    """What the warehouse holds otherwise than it was sent, in words, without personal data."""
    found = [f"reference is held {len(record.duplicates) + 1} times"] if record.duplicates else []
    if record.po_number != order.po_number:
        found.append("PO number")
    if record.instructions != order.instructions:
        found.append("instructions")
    sent = {line.line_id: line.base_quantity for line in order.lines}
    for line_id in sorted(sent.keys() | record.lines.keys()):
        if sent.get(line_id, 0) != record.lines.get(line_id, 0):
            found.append(f"line {line_id}: sent {sent.get(line_id, 0)} EA, holds {record.lines.get(line_id, 0)} EA")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Absent:
    """The warehouse answered clearly that it holds no order under this reference."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the warehouse said that cannot be used (part of a unit, a line that matches nothing, a message that
    cannot be read). It becomes a ticket on `subject` (`shipment <id>` where it is about one); what came with it goes
    through. Without words the subject is settled."""

    subject: str
    words: str


@dataclass(frozen=True, slots=True)
class OtherOrder:
    """An order that the warehouse holds under a reference that is not of our making: another connector, a file or a
    person brought it. `units` maps SKU to base units, empty where they cannot be told; `shipments` are all of its
    shipments so far, their lines told apart by SKU alone, and `problems` what of them cannot be used."""

    reference: str
    wms_id: str
    status: WarehouseStatus
    raw_status: str
    po_number: str
    instructions: str
    units: Mapping[str, int]
    shipments: tuple[Shipment, ...] = ()
    problems: tuple[Problem, ...] = ()


FindAnswer = WarehouseRecord | Absent | Rejected | Pending | Unknown


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The warehouse confirmed that it holds the order as cancelled: nothing of it leaves any more."""


@dataclass(frozen=True, slots=True)
class Amended:
    """The warehouse confirmed that it holds the order as it was sent now."""


@dataclass(frozen=True, slots=True)
class TooLate:
    """The warehouse works on the order or has shipped it, and changed nothing of it. `reason` is its own word."""

    reason: str


CancelAnswer = Cancelled | TooLate | Absent | Rejected | Pending | Unknown
AmendAnswer = Amended | TooLate | Absent | Rejected | Pending | Unknown


@dataclass(frozen=True, slots=True)
class StockLevel:
    """Base units of one SKU at one warehouse location as it reports them. Missing is not zero: no row, no level."""

    base_sku: str
    location: str
    on_hand: int


@dataclass(frozen=True, slots=True)
class StockSnapshot:
    """A complete reading of a warehouse's stock. `as_of` is the warehouse's instant at the START of the reading."""

    as_of: datetime
    levels: tuple[StockLevel, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ShipmentPage:
    """Shipments and closed remainders of one page; `read_to` is the cursor to store once they are stored."""

    shipments: tuple[Shipment, ...]
    closures: tuple[LineClosure, ...]
    read_to: datetime
    problems: tuple[Problem, ...] = ()


Warehouses: TypeAlias = "Mapping[str, Warehouse]"
"""A site's warehouses by their codes, the first one first."""


class Warehouse(Protocol):
    """One warehouse behind one adapter. Every method raises RetryableError, TerminalError or ConfigError on faults
    of the connection as a whole; faults of one record are in the answer."""

    @property
    def capabilities(self) -> Capabilities: ...

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        """Create the order once. Anything but a clear answer is Unknown; so is a create that could not start before
        `until`, after which another worker may look for the order and create it."""
        ...

    def find(self, external_refs: Sequence[str]) -> dict[str, FindAnswer]:
        """What the warehouse holds under each reference, in as few calls as it allows; every reference is answered."""
        ...

    def others(self, references: Sequence[str]) -> dict[str, OtherOrder]:
        """The orders held under these references, none of which is of our making, in as few calls as it allows: of
        several under one reference a live one. No entry where there is none; empty where the system cannot be asked
        (`Capabilities.finds_others` is off)."""
        ...

    def cancel(self, external_ref: str) -> CancelAnswer:
        """Ask that nothing of the order leaves. Cancelled only where the warehouse confirmed that it holds it so; asked
        again it answers the same. Pending: asked, its confirmation comes later and is seen by asking again. TooLate: it
        is worked on or (in part) gone, and all of it stays as it is. Rejected: this system cancels no orders, or not
        this one; nothing changed. Absent: it holds none. Unknown: ask again, which is safe."""
        ...

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        """Make the order that is held under this reference like `order`: units by line, lines taken off or put on, PO
        number, instructions, date, address. Amended only after it was read back so; asked again it answers the same.
        Pending: asked, its confirmation comes later and is seen by asking again. TooLate: picking began, nothing
        changed. Rejected: this system (`Capabilities.update` is off) or this change cannot be amended here, or the
        order is held as cancelled; nothing changed. Absent: it holds none. Unknown: part of it may be changed; ask
        again, which is safe."""
        ...

    def read_stock(self) -> StockSnapshot:
        """All stock. Raises DataError when paging repeats or breaks off: an incomplete reading is no reading."""
        ...

    def read_shipments(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        """Shipments that changed since then (overlapping on purpose), and lines the warehouse closed short."""
        ...
