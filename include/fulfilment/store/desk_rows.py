"""What the desk reads from the store: rows as they are kept, before anything is put into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from include.fulfilment.domain.order import SHOP
from include.fulfilment.domain.quantity import LineQuantities, Proof
from include.fulfilment.domain.release_case import RuleResult
from include.fulfilment.domain.shipment import Parcel, ShipmentLine


@dataclass(frozen=True, slots=True)
class Marks:
    """The instants a page measures against. What is owed to a system since before `late` is stuck."""

    now: datetime
    late: datetime
    day_ago: datetime
    midnight: datetime


@dataclass(frozen=True, slots=True)
class StateCount:
    """Unfinished orders in one state; `needing` wait for a person, `stuck` for a system, and none is both."""

    state: str
    orders: int
    oldest_since: datetime
    over_a_day: int
    needing: int
    stuck: int


@dataclass(frozen=True, slots=True)
class TicketSubject:
    """What one ticket is about; `order_id` and `order_name` are empty where it is no order."""

    subject: str
    order_id: str
    order_name: str


@dataclass(frozen=True, slots=True)
class TicketGroup:
    """Open tickets of one code, with the oldest few of them; `without_order` of them belong to no order."""

    code: str
    owner: str
    severity: str
    next_step: str
    tickets: int
    without_order: int
    oldest_at: datetime
    due_at: datetime
    oldest: tuple[TicketSubject, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """When one step of a DAG last ended well."""

    dag_id: str
    step: str
    good_at: datetime


@dataclass(frozen=True, slots=True)
class TodayRows:
    """Everything the Today page counts. `waiting_orders` have an open ticket of one of our teams, finished or not;
    `waiting_since` and `waiting_for` belong to the oldest of these. `stock_as_of` is the warehouse's own instant."""

    states: tuple[StateCount, ...]
    fulfilled_today: int
    waiting_orders: int
    waiting_since: datetime | None
    waiting_for: str
    groups: tuple[TicketGroup, ...]
    steps: tuple[Step, ...]
    stock_as_of: datetime | None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order in a list."""

    order_id: str
    name: str
    account_name: str
    state: str
    reason: str
    state_since: datetime
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class OrderHead:
    """The order itself, without anything personal: no ship-to, no instructions. `version` names its content."""

    order_id: str
    name: str
    is_draft: bool
    placed_at: datetime
    payment_method: str
    payment_state: str
    currency: str
    total_gross: Decimal
    account_name: str
    po_number: str
    requested_on: date | None
    shipping_method: str
    state: str
    reason: str
    state_since: datetime
    storefront: str = SHOP
    version: str = ""


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line. `quantity` is in the buyer's unit; without a proof there are no base units, and `refusal` says why."""

    line_id: str
    sku: str
    title: str
    quantity: int
    proof: Proof | None
    refusal: str
    quantities: LineQuantities


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A release decision as it was taken."""

    decided_at: datetime
    outcome: str
    reason: str
    policy_version: str
    rules: tuple[RuleResult, ...]


@dataclass(frozen=True, slots=True)
class WarehouseOrderRow:
    """One warehouse order; `units` are its base units, `differences` what the warehouse stored otherwise."""

    warehouse: str
    external_ref: str
    state: str
    wms_id: str
    part: int
    differences: tuple[str, ...]
    created_at: datetime
    acknowledged_at: datetime | None
    lines: int
    units: int


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """One shipment with its parcels, and of its lines those of the order."""

    warehouse: str
    shipment_id: str
    dispatched_at: datetime | None
    picked_at: datetime | None
    voided: bool
    parcels: tuple[Parcel, ...]
    lines: tuple[ShipmentLine, ...]


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One exception of the order, open while `closed_at` is None."""

    code: str
    owner: str
    severity: str
    evidence: dict[str, str]
    next_step: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One entry of the timeline."""

    at: datetime
    source: str
    words: str


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """What a person decided of a hold. `counts` is false for who came too late."""

    decision_id: int
    code: str
    version: str
    verdict: str
    person: str
    reason: str
    at: datetime
    counts: bool


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A doubtful stock reading that is kept back, with the one that is used; `verdicts` since the doubt arose."""

    warehouse: str
    version: str
    as_of: datetime
    levels: int
    used_as_of: datetime | None
    used_levels: int
    due_at: datetime
    after: int
    verdicts: tuple[VerdictRow, ...]


@dataclass(frozen=True, slots=True)
class OrderRows:
    """Everything the Order page shows of one order; events and verdicts newest first, tickets open ones first."""

    head: OrderHead
    lines: tuple[LineRow, ...]
    decision: DecisionRow | None
    warehouse_orders: tuple[WarehouseOrderRow, ...]
    shipments: tuple[ShipmentRow, ...]
    tickets: tuple[TicketRow, ...]
    events: tuple[EventRow, ...]
    verdicts: tuple[VerdictRow, ...] = ()
