"""A release decision made again: the order and what was around it as that decision kept them, for the same rules. Pure.

A decision is kept with the inputs of every rule, so what a rule looked at then comes from there: payment, credit, PO
number, value, drafts, holds in the shop, lifts. What no rule keeps is as stored now: address, dates, texts, and lines
as the shop asks for them today. Stock is not kept per instant; what a decision released is, and tells what was there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from include.fulfilment.domain.credit import CreditQueue
from include.fulfilment.domain.order import CreditAccount, PaymentMethod, PaymentState, SalesLine, SalesOrder
from include.fulfilment.domain.quantity import LineQuantities, Proof, Refusal
from include.fulfilment.domain.release import Outcome
from include.fulfilment.domain.release_case import Lift, LineState, Place, ReleaseCase, RuleResult, Surroundings
from include.fulfilment.domain.release_policy import PoRequired

ENOUGH = 10**12
"""Base units that stand for stock of which nothing is known: more than any order asks for."""


@dataclass(frozen=True, slots=True)
class PastDecision:
    """A decision as it was kept. `released` are the base units per line that it released, `released_before` those that
    earlier ones had released."""

    at: datetime
    outcome: str
    code: str
    policy_version: str
    rules: tuple[RuleResult, ...]
    released: Mapping[str, int] = field(default_factory=dict)
    released_before: Mapping[str, int] = field(default_factory=dict)

    def inputs(self, rule: str) -> Mapping[str, str]:
        """The inputs of a rule as it was evaluated then; empty where it was not."""
        return next((each.inputs for each in self.rules if each.rule == rule), {})

    def held_by(self, rule: str) -> str:
        """The code by which a rule held then, a hold that a person had ended included; empty where it passed."""
        found = next((each for each in self.rules if each.rule == rule), None)
        return (found.code or found.inputs.get("would hold", "")) if found else ""


class KeptExposure(CreditQueue):
    """The credit queue as one decision saw it. Placed orders use their account's credit whether they are held or
    released, so what stood before the order is the same under any policy."""

    def __init__(self, used: Decimal) -> None:
        super().__init__(())
        self._used = used

    def exposure_before(
        self, order_id: str, account_id: str, balance: Decimal, contains: str, as_of: datetime | None = None
    ) -> Decimal:
        """What the account used before the order, as it was kept."""
        return self._used


def as_decided(
    order: SalesOrder,
    proofs: Mapping[str, Proof],
    content_hash: str,
    around: Surroundings,
    past: PastDecision,
) -> tuple[ReleaseCase, Surroundings]:
    """The case and its surroundings as they were for that decision. `around` holds what counts now: its policy is the
    one in force (its buffer tells how much more than a partial release was there), its accounts stand in where the
    decision kept no credit figures."""
    then = _order(order, past, around.policy.applying_to(order).po_required)
    refusal, elsewhere = _refusal(past), _elsewhere(past)
    taking_part = [line for line in order.lines if _takes_part(line, past) and not elsewhere]
    lines = tuple(_line(line, proofs, refusal, past) for line in taking_part)
    refused = past.inputs("not_refused_by_warehouse").get("refused_as_is") == "True"
    there = past.inputs("not_already_in_warehouse")
    case = ReleaseCase(
        order=then,
        lines=lines,
        content_hash=content_hash,
        refused_hash=content_hash if refused else "",
        lifts=_lifts(past),
        already_as=there["held_under"] if there.get("held_under", "nothing") != "nothing" else "",
        adopts=there["adopted"] if there.get("adopted", "no") != "no" else "",
        adopts_at=there.get("at", ""),
        elsewhere=elsewhere,
    )
    account = _account_then(then, around, past)
    kept = past.inputs("credit").get("exposure_before")
    used = Decimal(kept) if kept is not None else account.balance if account else Decimal(0)
    return case, replace(
        around,
        accounts={then.account_id: account} if account else {},
        queue=KeptExposure(used),
        places=_places(lines, around, past),
        now=past.at,
    )


def _order(order: SalesOrder, past: PastDecision, asked: PoRequired) -> SalesOrder:
    payment, completed = past.inputs("payment"), past.inputs("completed")
    problems, value = past.inputs("record_usable").get("problems"), past.inputs("value").get("order")
    held, po = past.inputs("not_held_in_shop").get("held"), past.inputs("po_number")
    customer_said = "required" in po and asked is PoRequired.AS_CUSTOMER_SAYS  # else the policy did
    return replace(
        order,
        payment_method=PaymentMethod(payment.get("method", order.payment_method)),
        payment_word=payment.get("word", order.payment_word),
        payment_state=PaymentState(payment.get("state", order.payment_state)),
        is_draft=completed["draft"] == "True" if completed else order.is_draft,
        problems=order.problems if problems is None else tuple(each for each in [problems] if each != "none"),
        held_in_shop=order.held_in_shop if held is None else held == "True",
        po_number="" if po.get("given") == "False" else order.po_number,
        po_required=po["required"] == "True" if customer_said else order.po_required,
        total_gross=order.total_gross if value is None else Decimal(value.partition(" ")[0]),
        fulfilled_in_shop=_fulfilled_elsewhere(order, past),
    )


def _fulfilled_elsewhere(order: SalesOrder, past: PastDecision) -> bool:
    """An order of ours was not fulfilled by others when it was decided; later we fulfilled it ourselves."""
    ours = past.outcome != Outcome.NOT_OURS
    return not ours and (past.code == "fulfilled_elsewhere" or order.fulfilled_in_shop)


def _elsewhere(past: PastDecision) -> int:
    """How many lines left from places that are none of ours, where that is why the order was none."""
    return int(past.inputs("ours")["lines"]) if past.code == "leaves_from_elsewhere" else 0


def _takes_part(line: SalesLine, past: PastDecision) -> bool:
    return line.quantity > 0 or line.line_id in past.released


def _refusal(past: PastDecision) -> dict[str, Refusal]:
    """The line whose quantity was refused then."""
    code, found = past.held_by("quantities"), past.inputs("quantities")
    if not code or "line" not in found:
        return {}
    moved = f"{found.get('at order')} at order, now {found.get('now')}"
    return {found["line"]: Refusal(code, found.get("found", moved))}


def _line(
    line: SalesLine, proofs: Mapping[str, Proof], refusal: Mapping[str, Refusal], past: PastDecision
) -> LineState:
    line_id, place = line.line_id, line.leaves_from
    proof = refusal.get(line_id) or proofs.get(line_id) or Refusal("pack_unknown", "its quantity was never proven")
    if isinstance(proof, Refusal):
        return LineState(line_id, proof, LineQuantities(), leaves_from=place)
    before = past.released_before.get(line_id, 0)
    waits = max(0, proof.base - before)
    quantities = LineQuantities(ordered=before + waits, held=waits, released=before, open=before)
    return LineState(line_id, proof, quantities, proof.units_per_uom, place)


def _lifts(past: PastDecision) -> dict[str, Lift]:
    return {
        each.inputs["would hold"]: Lift(each.inputs["lifted by"], datetime.fromisoformat(each.inputs["lifted at"]))
        for each in past.rules
        if "would hold" in each.inputs
    }


def _account_then(order: SalesOrder, around: Surroundings, past: PastDecision) -> CreditAccount | None:
    """The credit account as the decision kept it, or as it is now where it kept none."""
    account = _account(past)
    if account is None and "account" not in past.inputs("account"):
        return around.accounts.get(order.account_id)
    return account


def _account(past: PastDecision) -> CreditAccount | None:
    """The credit account as the rules on credit kept it. Figures that were fresh then are taken as just read."""
    credit, age = past.inputs("credit"), past.inputs("credit_age")
    if "limit" not in credit:
        return None
    balance, _, contains = credit["balance"].partition(" ")
    limit, _, currency = credit["limit"].partition(" ")
    return CreditAccount(
        account_id=credit["account"],
        credit_limit=Decimal(limit),
        balance=Decimal(balance),
        currency=currency,
        on_stop=bool(past.held_by("on_stop")),
        as_of=datetime.fromisoformat(age["as_of"]) if "as_of" in age else past.at,
        contains=contains.strip("()"),
    )


def _places(lines: Sequence[LineState], around: Surroundings, past: PastDecision) -> dict[str | None, Place]:
    """The warehouses with what the order could have there; without stock where none was read then."""
    buffer, known = around.policy.buffer, past.inputs("stock_known").get("reading") != "none"
    return {
        name: replace(place, free=_free(lines, name, buffer, past) if known else None)
        for name, place in around.places.items()
    }


def _free(lines: Sequence[LineState], place: str | None, buffer: int, past: PastDecision) -> dict[str, int]:
    """Base units per SKU that the order could have there: what it took where it took less than all, and else enough."""
    wanted: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for line in lines:
        if isinstance(line.proof, Proof) and line.leaves_from == place:
            wanted[line.proof.base_sku] += line.quantities.waiting
            taken[line.proof.base_sku] += past.released.get(line.line_id, 0)
    partly = past.outcome == Outcome.RELEASE
    return {sku: taken[sku] + buffer if partly and taken[sku] < units else ENOUGH for sku, units in wanted.items()}
