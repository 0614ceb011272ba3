"""Where two systems differ at one cut-off, and why.

A `Difference` is one pair of figures that does not agree (the rows compared are in `drift_inputs`); `cause_of` gives
it exactly one cause, and `CAUSES` says in words what that means, who acts next and how.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from include.fulfilment.domain.order import SHOP


class Kind(StrEnum):
    """What a discrepancy is about."""

    STOCK = "stock"
    ORDER = "order"
    ORDER_LINE = "order_line"


class Aspect(StrEnum):
    """Which two figures are set against each other."""

    AVAILABLE = "available"
    PACK = "pack"
    ORDERED = "ordered"
    IN_WAREHOUSE = "in_warehouse"
    SHIPPED = "shipped"


class Cause(StrEnum):
    """Why two figures differ. `IN_FLIGHT` is no drift: it is younger than the settling window."""

    IN_FLIGHT = "in_flight"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    NOT_POSTED = "not_posted"
    CHANNEL_EDIT = "channel_edit"
    UNIT_OF_MEASURE = "unit_of_measure"
    UNMAPPED = "unmapped"
    MISSING_IN_WAREHOUSE = "missing_in_warehouse"
    MISSING_IN_SHOP = "missing_in_shop"
    STALE_READ = "stale_read"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CauseWords:
    """What a cause is called, which team acts next, and what they do."""

    words: str
    owner: str
    next_step: str


CAUSES: dict[Cause, CauseWords] = {
    Cause.IN_FLIGHT: CauseWords("Still settling", "", "Nothing to do: it is younger than the settling window."),
    Cause.NOT_ACKNOWLEDGED: CauseWords(
        "Sent but not confirmed by the warehouse",
        "operations",
        "Rerun order_release for this order: it looks in the warehouse before it sends anything again.",
    ),
    Cause.NOT_POSTED: CauseWords(
        "Not told to the shop",
        "operations",
        "Rerun fulfilment_aggregation for this order, or stock_sync for this SKU.",
    ),
    Cause.CHANNEL_EDIT: CauseWords(
        "Changed in the shop by somebody else",
        "ecommerce",
        "Look in the shop's history who changed it. Stock is put right by the next stock_sync; an order edit is taken "
        "in by the next order_release; a fulfilment made or cancelled by hand must be settled by a person.",
    ),
    Cause.UNIT_OF_MEASURE: CauseWords(
        "Pack factor differs",
        "master data",
        "Agree on the factor, correct the side that is wrong, then rerun drift_report: the quantities follow.",
    ),
    Cause.UNMAPPED: CauseWords(
        "No proven match",
        "master data",
        "Give the SKU exactly one variant in the shop and one row with its factor in the pack catalogue.",
    ),
    Cause.MISSING_IN_WAREHOUSE: CauseWords(
        "In the shop but not in the warehouse",
        "operations",
        "Order: rerun order_release for it. SKU: ask the warehouse to list it, or stop selling it.",
    ),
    Cause.MISSING_IN_SHOP: CauseWords(
        "Known here but gone from the shop",
        "ecommerce",
        "Restore it in the shop, or cancel the order here and retire the SKU in the pack catalogue.",
    ),
    Cause.STALE_READ: CauseWords(
        "Compared with an old reading",
        "on-call",
        "See on Today which side was last read when; once it is read again, rerun drift_report.",
    ),
    Cause.UNKNOWN: CauseWords(
        "No known cause fits",
        "operations",
        "Compare both records on the order's page, and ask the warehouse why it holds another quantity.",
    ),
}


@dataclass(frozen=True, slots=True)
class DriftRules:
    """`settling`: how young a change may be and still not count. `stale_after`: how old a reading may be at cut-off."""

    settling: timedelta = timedelta(minutes=30)
    stale_after: timedelta = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Difference:
    """One pair that does not agree. `ours` and `theirs` are in shop units for AVAILABLE, base units per shop unit for
    PACK, base units otherwise; None means that side does not have it. `started_at` is when the newest step of ours
    began (wanted, submitted, dispatched) or the shop's order changed; `answered_at` is when the other side confirmed
    that step. `pushed` is what the shop should show by our last push and its own sales since. `read_at` is the older
    of the readings compared. `copies` counts variants of one SKU in one shop, `lines` the rows that one row stands for;
    `storefront` is the code of the shop whose stock differs."""

    kind: Kind
    aspect: Aspect
    sku: str
    ours: int | None
    theirs: int | None
    units_per: int | None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    read_at: datetime | None = None
    order_id: str = ""
    line_id: str = ""
    order_name: str = ""
    external_ref: str = ""
    pushed: int | None = None
    warehouse_lists_it: bool = True
    copies: int = 1
    lines: int = 1
    difference_base: int | None = None
    difference_net: Decimal | None = None
    currency: str = ""
    storefront: str = SHOP


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A judged difference: `difference_base` is their side less ours in base units, `difference_net` the same in
    money; None where it cannot be known. `since` is the earliest instant the evidence supports."""

    kind: Kind
    aspect: Aspect
    sku: str
    order_id: str
    line_id: str
    order_name: str
    external_ref: str
    ours: int | None
    theirs: int | None
    difference_base: int | None
    difference_net: Decimal | None
    currency: str
    cause: Cause
    since: datetime | None
    lines: int
    storefront: str = SHOP

    @property
    def key(self) -> str:
        """The same thing on two nights has the same key, whatever its figures and however it was split since."""
        part = self.external_ref if self.aspect is Aspect.IN_WAREHOUSE else ""
        shop = () if self.storefront == SHOP else (self.storefront,)
        return "|".join((self.aspect, self.order_id, self.line_id, part, self.sku, *shop))

    @property
    def subject(self) -> str:
        """What a person calls it."""
        if self.kind is Kind.STOCK:
            place = "" if self.storefront == SHOP else f" in {self.storefront}"
            return (f"SKU {self.sku}" if self.sku else "variants without a SKU") + place
        order = self.order_name or self.order_id
        return f"Order {order}" if self.kind is Kind.ORDER else f"Order {order}, line {self.line_id} ({self.sku})"

    @property
    def owner(self) -> str:
        return CAUSES[self.cause].owner

    @property
    def next_step(self) -> str:
        return CAUSES[self.cause].next_step


def cause_of(difference: Difference, cut_off: datetime, rules: DriftRules) -> Cause:
    """Why the two sides differ: the first that fits, so that every difference has exactly one cause."""
    structural = _structural_cause(difference)
    young = _younger(difference.started_at, cut_off, rules) or _younger(difference.answered_at, cut_off, rules)
    if structural is not None:
        return Cause.IN_FLIGHT if young and structural in _ARRIVING else structural
    if difference.read_at is not None and cut_off - difference.read_at > rules.stale_after:
        return Cause.STALE_READ
    return Cause.IN_FLIGHT if young else _settled_cause(difference)


def judge(difference: Difference, cut_off: datetime, rules: DriftRules) -> Discrepancy:
    """The difference with its cause."""
    cause = cause_of(difference, cut_off, rules)
    return Discrepancy(
        kind=difference.kind,
        aspect=difference.aspect,
        sku=difference.sku,
        order_id=difference.order_id,
        line_id=difference.line_id,
        order_name=difference.order_name,
        external_ref=difference.external_ref,
        ours=difference.ours,
        theirs=difference.theirs,
        difference_base=difference.difference_base,
        difference_net=difference.difference_net,
        currency="" if difference.difference_net is None else difference.currency,
        cause=cause,
        since=_since(difference, cause),
        lines=difference.lines,
        storefront=difference.storefront,
    )


# A record that is missing on one side may simply be on its way; a missing factor or a second variant never is.
_ARRIVING = frozenset({Cause.MISSING_IN_WAREHOUSE, Cause.MISSING_IN_SHOP, Cause.CHANNEL_EDIT})


def _structural_cause(difference: Difference) -> Cause | None:
    """A cause that does not depend on how the figures compare."""
    if difference.aspect is Aspect.PACK:
        return Cause.UNIT_OF_MEASURE
    if difference.aspect is Aspect.IN_WAREHOUSE or difference.aspect is Aspect.SHIPPED:
        return None
    if difference.kind is not Kind.ORDER and (difference.units_per is None or difference.copies > 1):
        return Cause.UNMAPPED
    if difference.ours is None and difference.kind is not Kind.STOCK:
        return Cause.MISSING_IN_WAREHOUSE if difference.kind is Kind.ORDER else Cause.CHANNEL_EDIT
    if difference.theirs is None:
        return Cause.MISSING_IN_SHOP
    return None if difference.warehouse_lists_it else Cause.MISSING_IN_WAREHOUSE


def _settled_cause(difference: Difference) -> Cause:
    """Nothing is on its way any more: whose figure is the wrong one?"""
    match difference.aspect:
        case Aspect.AVAILABLE:
            untouched = difference.pushed is None or difference.theirs == difference.pushed
            return Cause.NOT_POSTED if untouched else Cause.CHANNEL_EDIT
        case Aspect.ORDERED:
            return Cause.CHANNEL_EDIT
        case Aspect.SHIPPED:
            return Cause.NOT_POSTED if _shop_lags(difference) else Cause.CHANNEL_EDIT
        case _:
            if difference.answered_at is None:
                return Cause.NOT_ACKNOWLEDGED
            return Cause.UNKNOWN if difference.theirs else Cause.MISSING_IN_WAREHOUSE


def _since(difference: Difference, cause: Cause) -> datetime | None:
    """The earliest instant the evidence supports: a shop that was edited still agreed when it took our last push."""
    if difference.aspect is Aspect.AVAILABLE and cause is Cause.CHANNEL_EDIT:
        return difference.answered_at
    return difference.started_at or difference.answered_at


def _shop_lags(difference: Difference) -> bool:
    """The warehouse shipped more than the shop shows, and a dispatch was not posted."""
    return (difference.difference_base or 0) < 0 and difference.answered_at is None


def _younger(instant: datetime | None, cut_off: datetime, rules: DriftRules) -> bool:
    # An instant after the cut-off is young too: that row changed while the two sides were being read.
    return instant is not None and cut_off - instant < rules.settling
