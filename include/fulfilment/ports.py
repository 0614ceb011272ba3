"""The doors of the domain: what a storefront and a warehouse must be able to do, and how they answer.

An adapter never pretends. What a system cannot do is a capability that is off, and the services choose the safe path.
After `Unknown` comes find, never create.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from include.fulfilment.domain.order import CreditAccount, SalesOrder, Variant
from include.fulfilment.domain.shipment import FulfilmentPost, LineClosure, Shipment
from include.fulfilment.domain.warehouse_order import WarehouseOrder

# --- answers of a warehouse to `submit` -------------------------------------------------------------------------


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
    """What the warehouse itself holds of one of our orders, read back; `lines` maps line id to base units."""

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


FindAnswer = WarehouseRecord | Absent | Rejected | Pending | Unknown


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the warehouse said that cannot be used (part of a unit, a line that matches nothing, a message that
    cannot be read). It becomes a ticket on `subject` (`shipment <id>` where it is about one); what came with it goes
    through. Without words the subject is settled."""

    subject: str
    words: str


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


class DeductsAt(StrEnum):
    """The step at which a warehouse's reported figure drops by an order."""

    ACKNOWLEDGE = "acknowledge"
    ALLOCATE = "allocate"
    DISPATCH = "dispatch"


class CancelKind(StrEnum):
    """Whether the system cancels an order when asked: not at all, at once, or by a confirmation that comes later."""

    NONE = "none"
    SYNC = "sync"
    ASYNC = "async"


class WebhookProof(StrEnum):
    """How the system's webhooks prove where they come from."""

    NONE = "none"
    HMAC_BASE64 = "hmac_base64"
    STANDARD_WEBHOOKS = "standard_webhooks"


class RateKind(StrEnum):
    """How a remote counts calls: per calendar window, per window that slides, or by a bucket that refills."""

    FIXED = "fixed"
    SLIDING = "sliding"
    BUCKET = "bucket"


@dataclass(frozen=True, slots=True)
class CallRate:
    """The most a remote takes: `calls` (or cost points) in `seconds`; of a bucket its size and the time to fill it."""

    kind: RateKind
    calls: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a warehouse dialect can do; `field_limits` in characters, 0 for a field it cannot carry.

    `update` and `cancel` say what the system offers for an order that it holds; `lots` whether shipments name them;
    `unsafe_gets` that some of its reads change state; `rate` None where no limit is known.
    """

    name: str
    idempotent_create: bool
    find_by_ref: bool
    update: bool
    cancel: CancelKind
    partial_shipments: bool
    parcel_contents: bool
    lots: bool
    uom_on_line: bool
    orders_changed_since: bool
    stock_changed_since: bool
    webhook_proof: WebhookProof
    deducts_at: DeductsAt
    unsafe_gets: bool
    field_limits: Mapping[str, int]
    rate: CallRate | None
    bulk_create: int = 1
    submit_concurrency: int = 1


class Journal(Protocol):
    """An adapter's own durable memory at one remote, for a remote that answers by message instead of by query. Every
    call commits by itself."""

    def next_number(self, series: str) -> int:
        """The next number of a series, from 1. Never given twice, whatever crashes; numbers may be left out."""
        ...

    def add(self, kind: str, key: str, content: Mapping[str, Any], at: datetime) -> bool:
        """Store under (kind, key) unless something is there: then nothing changes and the answer is False."""
        ...

    def put(self, kind: str, key: str, content: Mapping[str, Any], at: datetime) -> None:
        """Store under (kind, key), in place of what was there."""
        ...

    def get(self, kind: str, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """What is stored under these keys; a key with nothing is missing."""
        ...

    def since(self, kind: str, at: datetime | None) -> list[tuple[datetime, str, Mapping[str, Any]]]:
        """(written at, key, content) of everything of this kind written at or after `at`, oldest first."""
        ...


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

    def read_stock(self) -> StockSnapshot:
        """All stock. Raises DataError when paging repeats or breaks off: an incomplete reading is no reading."""
        ...

    def read_shipments(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        """Shipments that changed since then (overlapping on purpose), and lines the warehouse closed short."""
        ...


# --- the storefront --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One page of orders with the credit accounts they name; `read_to` is the newest change seen."""

    orders: tuple[SalesOrder, ...]
    accounts: tuple[CreditAccount, ...]
    read_to: datetime | None


@dataclass(frozen=True, slots=True)
class AvailabilityChange:
    """Set what the shop shows from `change_from` to `quantity` (shop units); refused if it shows something else."""

    sku: str
    inventory_item_id: str
    location_id: str
    quantity: int
    change_from: int


@dataclass(frozen=True, slots=True)
class ChangeAnswer:
    """`outcome`: `applied`, `stale` (the shop showed something else) or `rejected` (with the shop's words)."""

    change: AvailabilityChange
    outcome: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """The shop stored the fulfilment, now or on an earlier try."""

    fulfilment_id: str


@dataclass(frozen=True, slots=True)
class ShopLine:
    """One line as the shop holds it: quantity that counts (edits and refunds taken off) and what is fulfilled."""

    line_id: str
    sku: str
    current_quantity: int
    fulfilled_quantity: int


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """One order's fulfilment side as the shop holds it, for posting, for verdicts and for drift."""

    platform_id: str
    name: str
    cancelled: bool
    fulfilment_status: str
    our_status: str
    lines: tuple[ShopLine, ...]
    tracking_numbers: tuple[str, ...]


class Storefront(Protocol):
    """One shop behind one adapter. Order lines, prices and notes are never written."""

    def read_orders(self, changed_since: datetime | None) -> Iterator[OrderPage]:
        """Orders and drafts changed since then (overlapping on purpose), oldest change first."""
        ...

    def read_accounts(self, platform_ids: Sequence[str]) -> list[CreditAccount]:
        """The credit accounts that these orders name, as they stand now: a payment or a new limit changes no order."""
        ...

    def read_variants(self) -> Iterator[Sequence[Variant]]:
        """All variants with SKU, pack size and what the shop shows."""
        ...

    def read_shop_orders(self, platform_ids: Sequence[str]) -> dict[str, ShopOrder]:
        """The fulfilment side of these orders; one that no longer exists is missing from the answer."""
        ...

    def set_available(self, changes: Sequence[AvailabilityChange], key: str) -> list[ChangeAnswer]:
        """Compare-and-set at most 250 rows; `key` makes a repeat of the same rows harmless. One answer per row."""
        ...

    def post_fulfilments(self, posts: Sequence[tuple[str, FulfilmentPost]]) -> dict[str, Posted | Rejected | Unknown]:
        """Create fulfilments for (platform order id, post), by `post.key`. One found already there is Posted."""
        ...

    def set_statuses(self, statuses: Mapping[str, str]) -> dict[str, str]:
        """Write our status metafield per platform order id; answers the shop's words per order it refused."""
        ...
