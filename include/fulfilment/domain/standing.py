"""Where an order is: one state from the quantities of its lines and the hold, if any, and one answer for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from include.fulfilment.domain.matter import Team
from include.fulfilment.domain.matters import MATTERS
from include.fulfilment.domain.quantity import LineQuantities


class OrderState(StrEnum):
    """The states of an order; `docs/glossary.md` says what each means."""

    PLACED = "placed"
    HELD = "held"
    AWAITING_STOCK = "awaiting_stock"
    IN_WAREHOUSE = "in_warehouse"
    PARTLY_SHIPPED = "partly_shipped"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NOT_OURS = "not_ours"


FINISHED = frozenset({OrderState.FULFILLED, OrderState.CANCELLED, OrderState.NOT_OURS})


def order_state(lines: Iterable[LineQuantities], hold: str, cancelled_in_shop: bool = False) -> tuple[OrderState, str]:
    """State and reason. `fulfilled` only when every line, backorders included, is shipped or cancelled. An order that
    the shop cancelled while goods were on their way or gone is not finished: a person must settle it."""
    rows = list(lines)
    shipped = sum(row.shipped for row in rows)
    waiting = sum(row.waiting for row in rows)
    if cancelled_in_shop and any(row.open for row in rows):
        return (OrderState.PARTLY_SHIPPED if shipped else OrderState.IN_WAREHOUSE), "cancelled_after_release"
    if cancelled_in_shop and shipped:
        return OrderState.PARTLY_SHIPPED, "shipped_after_cancel"
    if hold:
        return OrderState.HELD, hold
    if not rows:
        return (OrderState.CANCELLED, "") if cancelled_in_shop else (OrderState.NOT_OURS, "nothing_to_ship")
    if all(row.finished for row in rows):
        return (OrderState.FULFILLED if shipped else OrderState.CANCELLED), ""
    rest = "awaiting_stock" if waiting else ""
    still_open = sum(row.open for row in rows)
    if not still_open and not waiting and any(row.short for row in rows):
        rest = "short_closed"
    if shipped:
        return OrderState.PARTLY_SHIPPED, rest
    if still_open or rest == "short_closed":
        return OrderState.IN_WAREHOUSE, rest
    return OrderState.AWAITING_STOCK, "awaiting_stock"


@dataclass(frozen=True, slots=True)
class Standing:
    """The one answer to: where is it, why, who acts next, since when, due by, and what helps."""

    where: str
    why: str
    who: Team
    since: datetime
    due: datetime | None
    next_step: str


_WHERE = {
    OrderState.PLACED: ("Placed, not looked at yet", Team.NOBODY, "The next run of order_release takes it up."),
    OrderState.HELD: ("Held before the warehouse", Team.OPERATIONS, ""),
    OrderState.AWAITING_STOCK: ("Waiting for stock", Team.OPERATIONS, ""),
    OrderState.IN_WAREHOUSE: ("In the warehouse", Team.WAREHOUSE, "The warehouse picks and ships it."),
    OrderState.PARTLY_SHIPPED: ("Partly shipped", Team.WAREHOUSE, "The warehouse ships the rest."),
    OrderState.FULFILLED: ("Fulfilled", Team.NOBODY, "Nothing; every line is shipped or cancelled."),
    OrderState.CANCELLED: ("Cancelled", Team.NOBODY, "Nothing."),
    OrderState.NOT_OURS: ("Not ours to release", Team.NOBODY, "Nothing; it counts as demand until it is fulfilled."),
}


def standing(state: OrderState, reason: str, since: datetime) -> Standing:
    """The answer for people; the reason's owner and next step win over the state's, because they act next."""
    where, who, next_step = _WHERE[state]
    matter = MATTERS.get(reason)
    if matter is None:
        return Standing(where, reason.replace("_", " "), who, since, None, next_step)
    return Standing(where, matter.words, matter.owner, since, since + matter.due_after, matter.next_step)
