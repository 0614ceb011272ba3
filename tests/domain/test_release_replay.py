"""A decision made again from what it kept is the same decision, whatever became of the order since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from include.fulfilment.domain.order import CreditAccount, PaymentMethod, PaymentState, SalesOrder
from include.fulfilment.domain.quantity import LineQuantities, Refusal
from include.fulfilment.domain.release import OrderDecision, decide_releases
from include.fulfilment.domain.release_case import Lift, LineState
from include.fulfilment.domain.release_replay import ENOUGH, PastDecision, as_decided
from include.fulfilment.domain.what_if import agrees, verdict
from tests.domain.test_release import ACCOUNT, POLICY, around, case
from tests.store.seeds import MINUTE, NOW, order, proof

LATER: dict[str, Any] = {
    "payment_state": PaymentState.PAID,
    "held_in_shop": False,
    "is_draft": False,
    "po_number": "PO-9",
    "po_required": True,
    "problems": (),
    "total_gross": Decimal("77.00"),
    "fulfilled_in_shop": True,
}
"""What the shop says of the order when it is all over."""
RICH = CreditAccount("account-1", Decimal(10**6), Decimal(0), "EUR", False, NOW + timedelta(days=9), "placed_orders")
STALE = replace(ACCOUNT, as_of=NOW - timedelta(hours=30))


def decided(given: SalesOrder, *lines: LineState, lift: str = "", **changes: Any) -> OrderDecision:
    lifts = {lift: Lift("Ada", NOW)} if lift else {}
    (decision,) = decide_releases([replace(case(given, *lines), lifts=lifts)], around(given, **changes))
    return decision


def past(decision: OrderDecision, **more: Any) -> PastDecision:
    given = (decision.outcome.value, decision.code, POLICY.version, decision.rules, decision.allocated)
    return PastDecision(NOW, *given, **more)


def again(decision: OrderDecision, given: SalesOrder) -> OrderDecision:
    """The decision made again from the order as it is later, where the account is another and stock is unread."""
    known = around(given, accounts={"account-1": RICH}, free=None, now=NOW + timedelta(days=30))
    then, surroundings = as_decided(replace(given, **LATER), {"1": proof(40)}, "hash", known, past(decision))
    (found,) = decide_releases([then], surroundings)
    return found


@pytest.mark.parametrize(
    ("changes", "surroundings"),
    [
        ({}, {}),
        ({"payment_method": PaymentMethod.CARD}, {}),
        ({"payment_method": PaymentMethod.CARD, "payment_state": PaymentState.PAID}, {}),
        ({"payment_method": PaymentMethod.UNKNOWN, "payment_word": "barter"}, {}),
        ({"is_draft": True}, {}),
        ({"held_in_shop": True}, {}),
        ({"problems": ("line 1: quantity 1.5; no price",)}, {}),
        ({"po_number": "", "po_required": True}, {}),
        ({"po_number": ""}, {}),
        ({"total_gross": Decimal("4000.00")}, {}),
        ({"total_gross": Decimal("12.00")}, {"accounts": {"account-1": replace(ACCOUNT, on_stop=True)}}),
        ({}, {"accounts": {"account-1": replace(ACCOUNT, balance=Decimal("4999.50"), contains="placed_orders")}}),
        ({}, {"accounts": {"account-1": STALE}}),
        ({}, {"accounts": {}}),
        ({"currency": "EUR"}, {}),
        ({}, {"free": None}),
        ({}, {"free": {"MUG": 25}}),
        ({}, {"free": {}}),
    ],
)
def test_it_is_the_same_rule_by_rule(changes: dict[str, Any], surroundings: dict[str, Any]) -> None:
    given = order(1, **changes)
    first = decided(given, **surroundings)
    assert again(first, given) == first


@pytest.mark.parametrize(
    ("code", "changes", "surroundings"),
    [
        ("credit_data_stale", {}, {"accounts": {"account-1": STALE}}),
        ("account_on_stop", {}, {"accounts": {"account-1": replace(ACCOUNT, on_stop=True)}}),
        ("po_missing", {"po_number": "", "po_required": True}, {}),
        ("credit_limit_exceeded", {"total_gross": Decimal("4000.00")}, {}),
    ],
)
def test_a_hold_that_a_person_had_ended_stays_ended(
    code: str, changes: dict[str, Any], surroundings: dict[str, Any]
) -> None:
    given = order(1, **changes)
    first = decided(given, lift=code, **surroundings)
    assert first.allocated == {"1": 40}
    assert again(first, given) == first


@pytest.mark.parametrize("adopts", ["", "1042"])
def test_an_order_that_the_warehouse_held_by_another_route_is_held_or_adopted_again(adopts: str) -> None:
    """R29."""
    given = order(1)
    (first,) = decide_releases([replace(case(given), already_as="1042", adopts=adopts)], around(given))
    assert (first.outcome, first.code) == (("release", "") if adopts else ("hold", "already_in_warehouse"))
    assert again(first, given) == first


def test_a_line_that_was_refused_then_is_refused_again_though_it_was_proven_since() -> None:
    refused = LineState("1", Refusal("pack_unknown", "SKU 'MUG' has no row"), LineQuantities())
    first = decided(order(1), refused)
    assert again(first, order(1)) == first


def test_a_factor_that_had_moved_holds_again_and_says_both() -> None:
    first = decided(order(1), LineState("1", proof(40), LineQuantities.placed(40), first_units=12))
    found = again(first, order(1))
    assert (first.code, found.code) == ("pack_changed", "pack_changed")
    assert found.evidence == {"line": "1", "found": f"12 at order, now {proof(40).text()}"}


def test_an_order_that_was_held_or_went_whole_finds_enough_and_one_that_went_in_part_just_that() -> None:
    def free(stock: int, buffer: int = 0) -> int:
        first = decided(order(1), free={"MUG": stock})
        known = around(order(1), policy=replace(POLICY, buffer=buffer))
        found = as_decided(order(1), {"1": proof(40)}, "hash", known, past(first))[1].places[""].free
        assert found is not None
        return found["MUG"]

    assert (free(40), free(39), free(39, buffer=5), free(0)) == (ENOUGH, 39, 44, 0)
    held = decided(order(1, payment_method=PaymentMethod.UNKNOWN), free={"MUG": 1})
    assert as_decided(order(1), {"1": proof(40)}, "hash", around(order(1)), past(held))[1].places[""].free == {
        "MUG": ENOUGH
    }


def test_what_earlier_decisions_released_does_not_wait_any_more() -> None:
    kept = past(decided(order(1)), released_before={"1": 25})
    found, _ = as_decided(order(1), {"1": proof(40)}, "hash", around(order(1)), kept)
    assert found.lines[0].quantities == LineQuantities(ordered=40, held=15, released=25, open=25)


def test_an_order_that_was_never_ours_is_judged_by_what_is_known_now() -> None:
    given = order(1, placed_at=NOW - MINUTE)
    first = decided(given, policy=replace(POLICY, start=NOW))
    assert (first.code, len(first.rules)) == ("placed_before_start", 1)
    found, then = as_decided(given, {"1": proof(40)}, "hash", around(given), past(first))
    (open_now,) = decide_releases([found], then)
    assert open_now.allocated == {"1": 40}
    assert then.accounts == {"account-1": ACCOUNT}


def test_agreement_is_of_outcome_reason_and_the_units_of_every_line() -> None:
    first = decided(order(1))
    found = verdict(first, 0)
    assert agrees(found, past(first))
    assert not agrees(found, replace(past(first), released={"1": 39}))
    assert not agrees(found, replace(past(first), code="po_missing"))
    assert not agrees(found, replace(past(first), outcome="hold"))
