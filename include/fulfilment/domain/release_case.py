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
    """One line in the queue: what it means in base units (or why not), what is where, the factor first proven, and the
    warehouse that it leaves from, as its sales line names it."""

    line_id: str
    proof: Proof | Refusal
    quantities: LineQuantities
    first_units: int | None = None
    leaves_from: str | None = ""


@dataclass(frozen=True, slots=True)
class Lift:
    """A person ended a hold of this code, for the order as it stood then."""

    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReleaseCase:
    """One order that waits, with everything its rules look at. `refused_hash` is the content the warehouse refused;
    `lifts` are the holds that a person ended, by code; `like` names an order of the same account, PO and lines that was
    placed shortly before; `stop_asked_by` the person who asked that nothing of it leaves. `already_as` is the reference
    under which a warehouse was seen to hold it by another route, `adopts` that under which a person adopted it, at the
    warehouse of the code `adopts_at` (empty: wherever it goes). `elsewhere` counts, while nothing of it is released,
    the lines that leave from a place which is none of ours: they are not in `lines`."""

    order: SalesOrder
    lines: tuple[LineState, ...]
    content_hash: str
    refused_hash: str = ""
    lifts: Mapping[str, Lift] = field(default_factory=dict)
    like: str = ""
    stop_asked_by: str = ""
    already_as: str = ""
    adopts: str = ""
    adopts_at: str = ""
    elsewhere: int = 0

    def places(self) -> list[str | None]:
        """The warehouses that its lines leave from, as the lines name them; the site's first one where it has none."""
        return list(dict.fromkeys(line.leaves_from for line in self.lines)) or [""]


@dataclass(frozen=True, slots=True)
class Place:
    """One warehouse as a decision knows it: its code, how an order meets it, and what is free there in base units by
    SKU, None while its stock was never read."""

    code: str
    target: Target
    free: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the rules know besides the order itself. `places` are the site's warehouses by what lines call them (see
    `SalesLine.leaves_from`), the first one under the empty name. `released_by_others` are the codes of the shops whose
    orders somebody else releases. Credit figures older than `credit_max_age` are not believed; `ledger` names the
    account of the ledger of each credit account, where that is another: accounts with the same one share its limit."""

    policy: ReleasePolicy
    accounts: Mapping[str, CreditAccount]
    queue: CreditQueue
    places: Mapping[str | None, Place]
    now: datetime
    credit_max_age: timedelta
    ledger: Mapping[str, str] = field(default_factory=dict)
    released_by_others: frozenset[str] = frozenset()

    def targets(self, case: ReleaseCase) -> list[Target]:
        """The warehouses that the order would go to; those that are none of ours are left out."""
        return [self.places[each].target for each in case.places() if each in self.places]


Rule = Callable[[ReleaseCase, Surroundings], RuleResult]


def passed_or(rule: str, ok: bool, code: str, **inputs: object) -> RuleResult:
    """A rule that passes, or holds for `code`; its inputs as words."""
    return RuleResult(rule, ok, {name: str(value) for name, value in inputs.items()}, "" if ok else code)
