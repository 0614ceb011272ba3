"""What another release policy would have decided of orders that were decided on already: which flip, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from include.fulfilment.domain.matters import MATTERS
from include.fulfilment.domain.release import OrderDecision, Outcome
from include.fulfilment.domain.release_case import RuleResult
from include.fulfilment.domain.release_replay import PastDecision

_NOT_OURS = {
    "released_elsewhere": "somebody else releases this shop's orders",
    "not_sparklayer": "not made by SparkLayer",
    "placed_before_start": "placed before the policy's start",
    "fulfilled_elsewhere": "somebody else fulfilled it",
    "leaves_from_elsewhere": "it leaves from a place that is none of ours",
}
_CHOICES = ("ship_complete", "due")
UNITS = "units"
"""Stands for a rule where every rule agrees and only the units differ: buffer, whole packs, backorder terms."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy makes of an order at one instant: base units that go now, those that are cancelled as the balance
    of what goes, and on which day the goods leave (ISO, empty where no calendar is agreed)."""

    outcome: Outcome
    code: str
    released: Mapping[str, int]
    cancelled: int = 0
    leaves_on: str = ""

    @property
    def units(self) -> int:
        """Base units that go now."""
        return sum(self.released.values())

    @property
    def words(self) -> str:
        """`Released`, `Held: Not paid yet`, `Not ours: placed before the policy's start`."""
        return outcome_words(self.outcome, self.code)


def outcome_words(outcome: str, code: str) -> str:
    """An outcome with its reason as people say it."""
    if outcome == Outcome.RELEASE:
        return "Released"
    if outcome == Outcome.NOT_OURS:
        return f"Not ours: {_NOT_OURS.get(code, code)}"
    return f"Held: {MATTERS[code].words if code in MATTERS else code}"


@dataclass(frozen=True, slots=True)
class RuleDifference:
    """A rule that the two policies answer differently, with what it looked at under each."""

    rule: str
    present: str
    candidate: str


@dataclass(frozen=True, slots=True)
class Flip:
    """An order that the candidate decides otherwise: at the first of its decisions that differs. `decided` is what was
    decided then, in words, under the policy `decided_under`; `agrees`: the present policy gives just that again."""

    order_id: str
    order_name: str
    storefront: str
    account_id: str
    placed_at: datetime
    judged_at: datetime
    currency: str
    total_gross: Decimal
    decided: str
    decided_under: str
    agrees: bool
    present: Verdict
    candidate: Verdict
    rules: tuple[RuleDifference, ...]

    @property
    def units_difference(self) -> int:
        """Base units that go at that instant with the candidate, less those that go with the present policy."""
        return self.candidate.units - self.present.units


@dataclass(frozen=True, slots=True)
class Change:
    """A field of policy or site file that the candidate changes; `caution` says what a replay cannot see of it."""

    field: str
    present: str
    candidate: str
    caution: str = ""


@dataclass(frozen=True, slots=True)
class FlipTotal:
    """Flips of one kind: how many orders, units, and gross value by currency (never added together)."""

    present: str
    candidate: str
    rule: str
    orders: int
    units_difference: int
    gross: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class DetailTotal:
    """Of how many orders another mapping finds a detail that was not found, finds none any more, or finds another."""

    field: str
    found: int
    lost: int
    other: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer for one site. Orders placed between `since` and `until` were compared at each of their `decisions`;
    `undecided` ones have none and are left out. `agreeing` orders replay under the present policy just as they were
    decided; `other_versions` were decided under another version of it at least once. Where the mapping changes too,
    `read_otherwise` orders have other `details` under it; `unread` ones the shops gave no more, so that their details
    stayed as they are."""

    site: str
    since: datetime
    until: datetime
    present_version: str
    candidate_version: str
    agreed: bool
    changes: tuple[Change, ...]
    flips: tuple[Flip, ...]
    orders: int = 0
    decisions: int = 0
    undecided: int = 0
    agreeing: int = 0
    other_versions: int = 0
    details: tuple[DetailTotal, ...] = ()
    read_otherwise: int = 0
    unread: int = 0

    @property
    def totals(self) -> tuple[FlipTotal, ...]:
        """The flips by what they were, what they become and the first rule that differs; the most orders first."""
        groups: dict[tuple[str, str, str], list[Flip]] = {}
        for flip in self.flips:
            groups.setdefault((flip.present.words, flip.candidate.words, flip.rules[0].rule), []).append(flip)
        found = [
            FlipTotal(*kind, len(flips), sum(each.units_difference for each in flips), gross_by_currency(flips))
            for kind, flips in groups.items()
        ]
        return tuple(sorted(found, key=lambda each: (-each.orders, each.present, each.candidate, each.rule)))

    @property
    def headline(self) -> str:
        """The answer in one sentence."""
        since = f"{self.since.day} {self.since:%B %Y}"
        if not self.orders:
            return f"No order that was decided on was placed since {since}; try more days."
        checked = f"{self.orders:,} orders placed since {since}"
        read = f" Details of {self.read_otherwise:,} would be read otherwise." if self.read_otherwise else ""
        if not self.flips:
            return f"None of {checked} would have been decided otherwise.{read}"
        most = self.totals[0]
        return (
            f"{len(self.flips):,} of {checked} would have been decided otherwise; most often ({most.orders:,}) "
            f"“{most.present}” becomes “{most.candidate}”.{read}"
        )


def gross_by_currency(flips: Iterable[Flip]) -> dict[str, Decimal]:
    """Gross value of the orders that flip, by currency."""
    totals: dict[str, Decimal] = {}
    for flip in flips:
        totals[flip.currency] = totals.get(flip.currency, Decimal(0)) + flip.total_gross
    return dict(sorted(totals.items()))


def verdict(decision: OrderDecision, cancelled: int) -> Verdict:
    """What a decision comes to, with the base units that it cancels."""
    return Verdict(
        outcome=decision.outcome,
        code=decision.code,
        released=dict(decision.allocated),
        cancelled=cancelled,
        leaves_on=next((rule.inputs["leaves on"] for rule in decision.rules if rule.rule == "due"), ""),
    )


def agrees(found: Verdict, past: PastDecision) -> bool:
    """Whether a replay gives what was decided: outcome, reason, and units of every line."""
    return (found.outcome, found.code, dict(found.released)) == (past.outcome, past.code, dict(past.released))


def differences(present: OrderDecision, candidate: OrderDecision) -> tuple[RuleDifference, ...]:
    """The rules that pass under one policy and not under the other, in the order in which they count, then what else
    was chosen otherwise."""
    goes = present.outcome is candidate.outcome is Outcome.RELEASE  # only then are choices compared
    ours, theirs = (
        {rule.rule: rule for rule in each.rules if goes or rule.rule not in _CHOICES} for each in (present, candidate)
    )
    found = [
        RuleDifference(rule, _words(ours.get(rule)), _words(theirs.get(rule)))
        for rule in dict.fromkeys([*ours, *theirs])
        if _answer(ours.get(rule)) != _answer(theirs.get(rule))
    ]
    return tuple(found) or (RuleDifference(UNITS, _units(present), _units(candidate)),)


def _answer(result: RuleResult | None) -> tuple[object, ...]:
    """What a rule says. Rules that were not looked at, and inputs of one that passes anyway, make no difference; what
    is chosen of an order that goes is all in its inputs."""
    if result is None or result.rule not in _CHOICES:
        return (True, "") if result is None or result.passed else (False, result.code)
    return (True, tuple(sorted(result.inputs.items())))


def _words(result: RuleResult | None) -> str:
    if result is None:
        return "not asked"
    inputs = ", ".join(f"{name} {value}" for name, value in result.inputs.items())
    says = "" if result.passed else f"{outcome_words(Outcome.HOLD, result.code).removeprefix('Held: ')}; "
    if result.rule == "ours" and not result.passed:
        says = f"{_NOT_OURS.get(result.code, result.code)}; "
    return f"{says}{inputs}".removesuffix("; ") or "passes"


def _units(decision: OrderDecision) -> str:
    return f"{sum(decision.allocated.values())} EA go"
