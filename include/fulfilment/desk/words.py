"""The desk's words: what states, rules, teams and spans of time are called for the people who read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from include.fulfilment.domain.matter import Team
from include.fulfilment.domain.matters import MATTERS
from include.fulfilment.domain.standing import OrderState

STATES: dict[str, str] = {
    OrderState.PLACED: "Placed",
    OrderState.HELD: "Held",
    OrderState.AWAITING_STOCK: "Awaiting stock",
    OrderState.IN_WAREHOUSE: "In warehouse",
    OrderState.PARTLY_SHIPPED: "Partly shipped",
    OrderState.FULFILLED: "Fulfilled",
    OrderState.CANCELLED: "Cancelled",
    OrderState.NOT_OURS: "Not ours",
}
RULES: dict[str, str] = {
    "ours": "It is ours to release",
    "record_usable": "The record is complete and usable",
    "completed": "It is an order, no draft or quote",
    "not_held_in_shop": "The shop does not hold it",
    "not_to_be_stopped": "Nobody asked to stop it",
    "minimum_age": "It is old enough not to be changed at once",
    "payment": "Its payment allows release",
    "po_number": "A PO number is there if one is required",
    "quantities": "Every quantity is proven in base units",
    "line_size": "No line is so large that a person is asked",
    "value": "It is not worth so much that a person is asked",
    "ordered_once": "It was not ordered twice",
    "details_agree": "Its PO number and dates are stated once, or alike",
    "dates": "It is the day to send it",
    "fits_target": "Every field that the warehouse needs is there and fits",
    "address": "The address to ship to is complete",
    "shipping_method": "The shipping method is mapped to a warehouse service",
    "account": "The credit account is there, in the order's currency",
    "on_stop": "The account is not on stop",
    "credit_age": "The credit figures are fresh",
    "credit": "It is inside the account's credit",
    "not_refused_by_warehouse": "The warehouse has not refused it as it is",
    "not_already_in_warehouse": "It is not in the warehouse by another route, or was adopted",
    "stock_known": "It leaves from warehouses of ours, and their stock has been read",
    "due": "The day on which it leaves",
    "ship_complete": "The customer wants the whole order at once",
}
OUTCOMES = {"release": "Released", "hold": "Held", "not_ours": "Not ours to release"}
LISTS = {
    "moving": "Orders moving by themselves",
    "needing": "Orders waiting for a person",
    "stuck": "Orders stuck in a system",
    "fulfilled_today": "Orders fulfilled today",
}
WAREHOUSE_ORDER_STATES = {
    "queued": "Owed to the warehouse",
    "acknowledged": "The warehouse has it",
    "rejected": "The warehouse refused it",
    "cancelled": "The warehouse cancelled it",
}
VERDICTS = {"lifted": "lifted", "refused": "kept"}
SEVERITIES = {"urgent": "Urgent", "warning": "Warning", "info": "For information"}


def plain(code: str) -> str:
    """A code of ours that has no words of its own, made readable."""
    return code.replace("_", " ")


def team(owner: str) -> str:
    """A team's name as people say it."""
    return "nobody" if owner == Team.NOBODY else plain(owner)


def matter(code: str) -> str:
    """A hold or exception code in words."""
    known = MATTERS.get(code)
    return known.words if known else plain(code).capitalize()


def state(code: str) -> str:
    """An order state in words."""
    return STATES.get(code, plain(code).capitalize())


def rule(code: str) -> str:
    """A release rule as a statement that passes or fails."""
    return RULES.get(code, plain(code).capitalize())


def listing(which: str) -> str:
    """The title of a list of orders."""
    if which in LISTS:
        return LISTS[which]
    return f"Orders: {state(which).lower()}" if which in STATES else f"Orders with: {matter(which).lower()}"


def count(number: int, one: str, many: str = "") -> str:
    """`1 order`, `1,204 orders`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def span(length: timedelta) -> str:
    """A span of time as people say it, to the precision they need: `4 minutes`, `2 h 10`, `3 days`."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return count(minutes, "minute")
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest:02}"
    days, left = divmod(hours, 24)
    return f"{count(days, 'day')} {left} h" if days < 3 and left else count(days, "day")


def exact(instant: datetime) -> str:
    """An instant to the second in UTC."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def when(instant: datetime, now: datetime) -> Markup:
    """An instant relative to `now`, with the exact one on hover and for machines."""
    ahead = instant > now
    words = span(abs(now - instant))
    said = f"in {words}" if ahead else f"{words} ago"
    return _time(instant, said)


def since(instant: datetime, now: datetime) -> Markup:
    """How long something has lasted, with the instant it began on hover."""
    return _time(instant, span(now - instant))


def due(instant: datetime, now: datetime) -> Markup:
    """By when something must be done; what is late says so in words."""
    if instant >= now:
        return _time(instant, f"in {span(instant - now)}")
    late = _time(instant, f"overdue by {span(now - instant)}")
    return Markup('<strong class="late">{}</strong>').format(late)


def _time(instant: datetime, words: str) -> Markup:
    moment = instant.astimezone(UTC)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(moment.isoformat(), exact(moment), words)
