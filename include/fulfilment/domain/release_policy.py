"""What finance, operations and customer experience agreed about releasing orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any

from include.fulfilment.domain.order import PaymentState, SalesOrder
from include.fulfilment.domain.working_time import CutOff, WorkingCalendar

_PAID = frozenset({PaymentState.PAID})


class PoRequired(StrEnum):
    """Whose orders need a purchase order number."""

    AS_CUSTOMER_SAYS = "as_customer_says"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """When the warehouse ships. Goods wanted on a day go `lead_days` working days before it; what is released before
    `cut_off` leaves on that working day. `age_yields`: an order that would miss a cut-off by its minimum age goes
    earlier."""

    calendar: WorkingCalendar
    cut_off: CutOff
    lead_days: int = 0
    age_yields: bool = False

    def due_on(self, released_at: datetime) -> date:
        """The day on which an order released then should leave."""
        return self.cut_off.due_on(released_at, self.calendar)

    def saves_a_day(self, now: datetime, later: datetime) -> bool:
        """Whether going now instead of at `later` is agreed and makes the goods leave on an earlier day."""
        return self.age_yields and self.due_on(now) < self.due_on(later)


@dataclass(frozen=True, slots=True)
class ReleasePolicy:
    """The agreement. `invoice` has no default on purpose: None holds. Orders placed before `start` were released by
    whoever did it before us. Orders above `largest_line_base` (base units in a line) or `largest_order_gross` (by
    currency) wait for a person. `minimum_age`: edits and cancels of the first minutes never reach the warehouse.

    `ship_complete` waits until the whole order is there; for `reserve_for` after it was placed younger orders cannot
    take what is there already. `split_packs` are the SKUs whose packs may be broken. `customers` are the terms of
    single customers, by account id or name, and `groups` those of customer groups: the fields that they change.
    `dispatch` None: no order waits for the day it is wanted on; days are
    those of `zone`. A draft on account that nobody completed for `draft_waiting` of working
    time is a matter.
    """

    version: str
    card_states: frozenset[PaymentState]
    invoice: str | None
    largest_line_base: int
    keep_backorder: bool
    buffer: int
    start: datetime | None = None
    hokodo_states: frozenset[PaymentState] = _PAID
    largest_order_gross: Mapping[str, Decimal] = field(default_factory=dict)
    po_required: PoRequired = PoRequired.AS_CUSTOMER_SAYS
    minimum_age: timedelta = timedelta(0)
    ship_complete: bool = False
    reserve_for: timedelta = timedelta(0)
    split_packs: frozenset[str] = frozenset()
    customers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    groups: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    duplicates_within: timedelta = timedelta(0)
    dispatch: Dispatch | None = None
    zone: tzinfo = UTC
    draft_waiting: timedelta | None = None

    def applying_to(self, order: SalesOrder) -> ReleasePolicy:
        """The terms of the order's customer: what was agreed with it, else with its group, else with everybody."""
        own = self.customers.get(order.account_id) or self.customers.get(order.account_name) or {}
        changed = {**self.groups.get(order.customer_group, {}), **own}
        return replace(self, **changed) if changed else self
