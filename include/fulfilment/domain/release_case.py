"""What a release decision looks at: the order, its lines, and everything around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from include.fulfilment.domain.credit import CreditQueue
from include.fulfilment.domain.order import CreditAccount, SalesOrder
from include.fulfilment.domain.preflight import Target
from include.fulfilment.domain.quantity import LineQuantities, Proof, Refusal
from include.fulfilment.domain.release_policy import ReleasePolicy


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule as it was evaluated: its inputs as text, and the hold code it asks for when it does not pass."""

    rule: str
    passed: bool
    inputs: Mapping[str, str]
    code: str = ""


@dataclass(frozen=True, slots=True)
class LineState:
    """One line in the queue: what it means in base units (or why not), what is where, and the factor first proven."""

    line_id: str
    proof: Proof | Refusal
    quantities: LineQuantities
    first_units: int | None = None


@dataclass(frozen=True, slots=True)
class Lift:
    """A person ended a hold of this code, for the order as it stood then."""

    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReleaseCase:
    """One order that waits, with everything its rules look at. `refused_hash` is the content the warehouse refused;
    `lifts` are the holds that a person ended, by code; `like` names an order of the same account, PO and lines that was
    placed shortly before; `stop_asked_by` the person who asked that nothing of it leaves. `already_as` is
    the reference under which the warehouse was seen to hold it by another route, `adopts` that under which a person
    adopted it."""

    order: SalesOrder
    lines: tuple[LineState, ...]
    content_hash: str
    refused_hash: str = ""
    lifts: Mapping[str, Lift] = field(default_factory=dict)
    like: str = ""
    stop_asked_by: str = ""
    already_as: str = ""
    adopts: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the rules know besides the order itself. `target` is the warehouse that the order would go to; `free` is
    None while the warehouse's stock was never read. `released_by_others` are the codes of the shops whose orders
    somebody else releases. Credit figures older than `credit_max_age` are not believed; `ledger` names the account of
    the ledger of each credit account, where that is another: accounts with the same one share its limit."""

    policy: ReleasePolicy
    accounts: Mapping[str, CreditAccount]
    queue: CreditQueue
    target: Target
    free: Mapping[str, int] | None
    now: datetime
    credit_max_age: timedelta
    ledger: Mapping[str, str] = field(default_factory=dict)
    released_by_others: frozenset[str] = frozenset()


Rule = Callable[[ReleaseCase, Surroundings], RuleResult]


def passed_or(rule: str, ok: bool, code: str, **inputs: object) -> RuleResult:
    """A rule that passes, or holds for `code`; its inputs as words."""
    return RuleResult(rule, ok, {name: str(value) for name, value in inputs.items()}, "" if ok else code)
