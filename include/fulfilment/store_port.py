"""What the services ask of the store. One transaction per beat; none stays open while a remote is called."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from include.fulfilment.change_port import ChangeRows
from include.fulfilment.domain.exception_ticket import ExceptionTicket
from include.fulfilment.domain.order import SalesOrder, Variant
from include.fulfilment.domain.quantity import LineQuantities, Proof
from include.fulfilment.domain.release import OrderDecision
from include.fulfilment.domain.shipment import FulfilmentPost, LineClosure, Shipment
from include.fulfilment.domain.stock import Availability
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.drift_port import DriftRows
from include.fulfilment.past_port import PastRows
from include.fulfilment.people_port import PeopleRows, QuestionRows
from include.fulfilment.ports import ChangeAnswer, StockSnapshot
from include.fulfilment.source_port import CreditRows, PackRows

Json = dict[str, Any]

QUANTITIES = "order_quantities"
"""The lock of everything that reads and writes the quantities of order lines: two at once would undo each other."""


@dataclass(frozen=True, slots=True)
class StoredLine:
    """One order line as stored. `quantity` is what the shop holds now and leaves to us (0: taken off, or none of ours);
    `proof` what was proven last; `leaves_from` as its sales line says."""

    line_id: str
    sku: str
    title: str
    quantity: int
    pack_size: int | None
    proof: Proof | None
    quantities: LineQuantities
    leaves_from: str | None = ""


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An unfinished order as stored, with what earlier decisions left. `parts` is the highest part among its warehouse
    orders that were not rejected, `rejected_part` the part of a rejected one, `revision` the highest; 0 where none.
    `shared_name`: another order of the site has the same number. `already_as`: the reference under which the warehouse
    `already_at` held it by another route when it was last looked for; empty where none did. `held_at`: the warehouses
    that an order of ours for it was sent to and that did not refuse it."""

    order: SalesOrder
    lines: tuple[StoredLine, ...]
    content_hash: str
    refused_hash: str
    state: str
    reason: str
    state_since: datetime
    decision_digest: str
    parts: int
    rejected_part: int
    revision: int
    shared_name: bool
    already_as: str = ""
    already_at: str = ""
    held_at: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Proven:
    """What was found about a line's quantity: its proof, or the code that refuses it."""

    proof: Proof | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class LineUpdate:
    """What a decision makes of one line. `proven` None leaves the line's proof as it is."""

    line_id: str
    quantities: LineQuantities
    proven: Proven | None = None


@dataclass(frozen=True, slots=True)
class OrderUpdate:
    """What a decision makes of one order; `decision` is None where only quantities or state moved. `warehouse_orders`
    are those that it releases, by the warehouse's code."""

    order_id: str
    lines: tuple[LineUpdate, ...]
    state: str
    reason: str
    event: str
    decision: OrderDecision | None = None
    decision_digest: str = ""
    warehouse_orders: Mapping[str, WarehouseOrder] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One remote creation that is owed. `attempts` above 1 means an earlier try may have reached the remote."""

    outbox_id: int
    key: str
    order_id: str
    payload: Json
    attempts: int


@dataclass(frozen=True, slots=True)
class TakenOrder:
    """A warehouse order that the warehouse has as its `wms_id`, perhaps with differences (in words); `adopted` when it
    was found there and not just created."""

    external_ref: str
    wms_id: str
    differences: tuple[str, ...] = ()
    adopted: bool = False

    def words(self) -> str:
        """The same for the order's timeline."""
        differs = f"; it differs: {', '.join(self.differences)}" if self.differences else ""
        return f"The warehouse took {self.external_ref} as its {self.wms_id}{differs}"


@dataclass(frozen=True, slots=True)
class DifferingOrder:
    """A warehouse order that the warehouse holds otherwise than sent; `adopted` when it was there before our create
    was answered, so that somebody else may have made it."""

    external_ref: str
    order_id: str
    differences: tuple[str, ...]
    adopted: bool


@dataclass(frozen=True, slots=True)
class ReleasedLine:
    """One line of a warehouse order that was not refused, and how the shop counts the order line it serves.
    `cancelled`: the warehouse confirmed its cancel, so that it stands for no more than what left before."""

    external_ref: str
    order_id: str
    line_id: str
    base_sku: str
    base_quantity: int
    short_base: int
    quantity: int
    units_per_uom: int
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class OrderQuantities:
    """State of one order and the quantities of all its lines."""

    state: str
    reason: str
    name: str
    cancelled_in_shop: bool
    lines: Mapping[str, LineQuantities]


@dataclass(frozen=True, slots=True)
class OwedPush:
    """A variant that shows something else than `wanted` (shop units), by what was seen or set at `shown_at`."""

    variant: Variant
    wanted: int
    shown_at: datetime


class OrderRows(Protocol):
    """Sales orders, decisions and warehouse orders."""

    def record(self, orders: Sequence[SalesOrder], now: datetime) -> dict[str, int]: ...
    def waiting(self) -> list[StoredOrder]: ...
    def named(self, order: str) -> list[SalesOrder]: ...
    def touched(self) -> list[StoredOrder]: ...
    def quantities(self, order_ids: Sequence[str]) -> dict[str, OrderQuantities]: ...
    def follow_shop(self, now: datetime) -> None: ...
    def save(self, updates: Sequence[OrderUpdate], policy_version: str, now: datetime) -> None: ...
    def acknowledge(self, warehouse: str, taken: Sequence[TakenOrder], now: datetime) -> None: ...
    def reject(self, warehouse: str, external_ref: str, words: str, now: datetime) -> None: ...
    def there_already(self, warehouse: str, external_ref: str, under: str, words: str, now: datetime) -> None: ...
    def adopted(self, warehouse: str) -> list[WarehouseOrder]: ...
    def unchecked(self, warehouse: str, after: str, limit: int) -> list[tuple[WarehouseOrder, datetime]]: ...
    def checked(self, warehouse: str, found: Mapping[str, Sequence[str]], now: datetime) -> None: ...
    def with_differences(self, warehouse: str) -> list[DifferingOrder]: ...
    def platform_ids(self, order_ids: Sequence[str]) -> dict[str, dict[str, str]]: ...
    def statuses_to_write(self, storefront: str, limit: int, without: Sequence[str] = ()) -> dict[str, str]: ...
    def status_written(self, storefront: str, statuses: Mapping[str, str]) -> None: ...


class StockRows(Protocol):
    """Stock readings, variants and what the shop shows."""

    def record_snapshot(self, warehouse: str, snapshot: StockSnapshot, accepted: bool, now: datetime) -> None: ...
    def previous_levels(self, warehouse: str) -> int: ...
    def doubtful(self, warehouse: str, version: str) -> tuple[str, bool] | None: ...
    def accept_reading(self, warehouse: str, version: str) -> None: ...
    def record_variants(self, variants: Sequence[Variant], read_at: datetime) -> None: ...
    def variants(self) -> list[Variant]: ...
    def figures(self, warehouse: str) -> tuple[datetime, dict[str, int]] | None: ...
    def outstanding(self, warehouse: str, as_of: datetime) -> dict[str, int]: ...
    def demand(self, warehouse: str, as_of: datetime, leaves_from: str = "") -> dict[str, int]: ...
    def unproven(self, leaves_from: str = "") -> list[tuple[str, int]]: ...
    def want(self, rows: Mapping[str, Availability], as_of: datetime, leaves_from: str = "") -> int: ...
    def to_push(self, skus: Sequence[str] | None) -> list[OwedPush]: ...
    def pushed(self, storefront: str, answers: Sequence[ChangeAnswer], now: datetime) -> None: ...
    def refused(self) -> dict[str, str]: ...


class ShipmentRows(Protocol):
    """Shipments, short closures and what they serve."""

    def record(
        self, warehouse: str, shipments: Sequence[Shipment], closures: Sequence[LineClosure], now: datetime
    ) -> int: ...
    def released_lines(self, warehouse: str) -> list[ReleasedLine]: ...
    def shipments(self, warehouse: str, external_refs: Sequence[str]) -> list[Shipment]: ...
    def unmatched(self, warehouse: str) -> list[tuple[str, str, str, int]]: ...
    def planned_posts(self, order_ids: Sequence[str]) -> list[FulfilmentPost]: ...


class OutboxRows(Protocol):
    """What is owed to a remote, claimed so that no two workers send the same."""

    def put(self, kind: str, rows: Sequence[tuple[str, str, Json]], now: datetime) -> None: ...
    def claim(
        self, kind: str, limit: int, now: datetime, due_by: datetime | None = None, warehouse: str = ""
    ) -> list[OutboxRow]: ...
    def done(self, remote_ids: Mapping[int, str], now: datetime) -> None: ...
    def refused(self, outbox_id: int, words: str, now: datetime) -> None: ...
    def again(self, words: Mapping[int, str], due_at: datetime) -> None: ...
    def not_sent(self, claimed: Sequence[OutboxRow], due_at: datetime) -> None: ...
    def retry_refused(self, kind: str, order_ids: Sequence[str], now: datetime) -> int: ...
    def left(self, kind: str) -> int: ...
    def uncertain(self, kind: str) -> dict[str, tuple[str, str, datetime]]: ...
    def refusals(self, kind: str) -> dict[str, tuple[str, str]]: ...


class LogRows(Protocol):
    """Cursors, clocks, counters, tickets and timelines."""

    def cursor(self, stream: str) -> datetime | None: ...
    def cursors(self, stream: str) -> dict[str, datetime]: ...
    def forget_cursors(self, streams: Sequence[str]) -> None: ...
    def move_cursor(self, stream: str, read_to: datetime) -> None: ...
    def beat_done(self, dag_id: str, beat: str, figures: Mapping[str, int], now: datetime) -> None: ...
    def count_calls(self, counts: Mapping[tuple[str, str, str], int]) -> None: ...
    def reconcile_tickets(
        self, scope: str, tickets: Sequence[ExceptionTicket], now: datetime, settled: Collection[str] | None = None
    ) -> dict[str, int]: ...
    def events(self, rows: Sequence[tuple[str, str, str]], now: datetime) -> None: ...


class Rows(Protocol):
    """Everything of one site inside one open transaction."""

    @property
    def orders(self) -> OrderRows: ...
    @property
    def changes(self) -> ChangeRows: ...
    @property
    def people(self) -> PeopleRows: ...
    @property
    def questions(self) -> QuestionRows: ...
    @property
    def credit(self) -> CreditRows: ...
    @property
    def packs(self) -> PackRows: ...
    @property
    def stock(self) -> StockRows: ...
    @property
    def shipments(self) -> ShipmentRows: ...
    @property
    def outbox(self) -> OutboxRows: ...
    @property
    def drift(self) -> DriftRows: ...
    @property
    def past(self) -> PastRows: ...
    @property
    def log(self) -> LogRows: ...


class Store(Protocol):
    """The store of one site."""

    def transaction(self, lock: str = "") -> AbstractContextManager[Rows]:
        """Commit on success, roll back on error. `lock` names what only one transaction may decide at a time."""
        ...

    def snapshot(self) -> AbstractContextManager[Rows]:
        """Everything as it is at one instant, to be read only: a write in it is refused."""
        ...
