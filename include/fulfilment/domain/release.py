"""Whether an order may go to the warehouse, and how much of it, over a queue of orders: pure.

Decisions are Release, Hold or NotOurs(reason); no machine rejects a customer's order. The rules are in `release_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from include.fulfilment.domain.quantity import Refusal
from include.fulfilment.domain.release_case import ReleaseCase, RuleResult, Surroundings
from include.fulfilment.domain.release_policy import Dispatch, ReleasePolicy
from include.fulfilment.domain.release_rules import RULES, ours


class Outcome(StrEnum):
    """What was decided of an order."""

    RELEASE = "release"
    HOLD = "hold"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class OrderDecision:
    """The verdict on one order: every rule evaluated, and base units to release now per line id."""

    order_id: str
    outcome: Outcome
    code: str
    rules: tuple[RuleResult, ...]
    allocated: Mapping[str, int] = field(default_factory=dict)

    @property
    def evidence(self) -> dict[str, str]:
        """The inputs of the rule that decided."""
        return next((dict(rule.inputs) for rule in self.rules if not rule.passed), {})


def decide_releases(cases: Iterable[ReleaseCase], around: Surroundings) -> list[OrderDecision]:
    """A decision for every case. Stock goes to whoever ordered first; an order that is held takes none."""
    free = {name: dict(place.free or {}) for name, place in around.places.items()}
    ranked = sorted(cases, key=lambda case: (case.order.placed_at, case.order.order_id))
    return [_decide(case, around, free) for case in ranked]


Free = dict[str | None, dict[str, int]]
"""What is left to allocate: base units by SKU, by warehouse as `Surroundings.places` names it."""


def _decide(case: ReleaseCase, around: Surroundings, free: Free) -> OrderDecision:
    order_id = case.order.order_id
    around = replace(around, policy=around.policy.applying_to(case.order))
    mine = ours(case, around)
    if not mine.passed:
        return OrderDecision(order_id, Outcome.NOT_OURS, mine.code, (mine,))
    rules = tuple(_lifted(rule(case, around), case) for rule in RULES)
    failed = next((result for result in rules if not result.passed), None)
    if failed is not None:
        return OrderDecision(order_id, Outcome.HOLD, failed.code, rules)
    if case.adopts:
        return _release(case, around, rules, _adopted(case, around, free))
    if around.policy.ship_complete:
        return _complete(case, around, free, rules)
    return _release(case, around, rules, _allocate(case, around.policy, free))


def _lifted(result: RuleResult, case: ReleaseCase) -> RuleResult:
    """The rule as it counts: a hold that a person ended for this order passes, and says whose decision that was."""
    lift = case.lifts.get(result.code)
    if result.passed or lift is None:
        return result
    inputs = {**result.inputs, "would hold": result.code, "lifted by": lift.person, "lifted at": lift.at.isoformat()}
    return RuleResult(result.rule, True, inputs)


def _release(
    case: ReleaseCase, around: Surroundings, rules: tuple[RuleResult, ...], allocated: dict[str, int]
) -> OrderDecision:
    if allocated and around.policy.dispatch is not None:
        rules = (*rules, _due(around.policy.dispatch, around.now))
    return OrderDecision(case.order.order_id, Outcome.RELEASE, "", rules, allocated)


def _due(dispatch: Dispatch, now: datetime) -> RuleResult:
    """On which day the goods should leave."""
    return RuleResult(
        "due", True, {"leaves on": dispatch.due_on(now).isoformat(), "cut-off": f"{dispatch.cut_off.at:%H:%M}"}
    )


def _complete(case: ReleaseCase, around: Surroundings, free: Free, rules: tuple[RuleResult, ...]) -> OrderDecision:
    """All of it or nothing. While the order is younger than `reserve_for`, what is there of it is kept for it."""
    left = {name: dict(units) for name, units in free.items()}
    allocated = _allocate(case, around.policy, left)
    whole = sum(allocated.values()) == sum(line.quantities.waiting for line in case.lines)
    reserved = not whole and around.now - case.order.placed_at < around.policy.reserve_for
    if whole or reserved:
        free.update(left)
    kept = sum(allocated.values()) if reserved else 0
    inputs = {"there": "all of it" if whole else "a part", "kept for it meanwhile": f"{kept} EA"}
    choice = RuleResult("ship_complete", True, inputs)
    return _release(case, around, (*rules, choice), allocated if whole else {})


def _adopted(case: ReleaseCase, around: Surroundings, free: Free) -> dict[str, int]:
    """What is adopted is in its warehouse whole: it has its stock there, or has left already. What leaves from another
    one takes what is free there."""
    codes = {name: place.code for name, place in around.places.items()}
    there = [line for line in case.lines if case.adopts_at in ("", codes.get(line.leaves_from))]
    others = replace(case, lines=tuple(line for line in case.lines if line not in there))
    taken = {line.line_id: line.quantities.waiting for line in there if line.quantities.waiting}
    return taken | _allocate(others, around.policy, free)


def _allocate(case: ReleaseCase, policy: ReleasePolicy, free: Free) -> dict[str, int]:
    """Base units per line that can go now: whole packs, so that nobody breaks a case by accident, unless the policy
    lets this SKU's packs be split. All that waits goes together, also where a part that left before broke a pack."""
    allocated: dict[str, int] = {}
    for line in case.lines:
        if isinstance(line.proof, Refusal):  # a refused line holds its order, so no such line comes here
            continue
        units = 1 if line.proof.base_sku in policy.split_packs else line.proof.units_per_uom
        there = free.get(line.leaves_from, {})  # what waits leaves from a known place, or the order is held
        possible = min(line.quantities.waiting, there.get(line.proof.base_sku, 0) - policy.buffer)
        whole = possible if possible == line.quantities.waiting else max(0, possible) // units * units
        if whole:
            allocated[line.line_id] = whole
            there[line.proof.base_sku] -= whole
    return allocated
