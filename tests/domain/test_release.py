"""Release, hold or not ours: every rule by its story, and stock to whoever ordered first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.fulfilment.domain.carriage import Carriage
from include.fulfilment.domain.credit import CreditQueue, OpenOrder
from include.fulfilment.domain.order import Address, CreditAccount, PaymentMethod, PaymentState, SalesOrder
from include.fulfilment.domain.preflight import Target
from include.fulfilment.domain.quantity import LineQuantities, Proof, Refusal
from include.fulfilment.domain.release import OrderDecision, Outcome, decide_releases
from include.fulfilment.domain.release_case import LineState, Place, ReleaseCase, Surroundings
from include.fulfilment.domain.release_policy import PoRequired, ReleasePolicy
from include.fulfilment.domain.release_rules import RULES
from tests.store.seeds import MINUTE, NOW, order, proof

POLICY = ReleasePolicy("1", frozenset({PaymentState.PAID}), None, 10_000, True, 0)
ACCOUNT = CreditAccount("account-1", Decimal(5000), Decimal(1200), "GBP", False, NOW, "invoices_only")
DAY = timedelta(hours=24)
TARGET = Target({"po_number": 22}, {"Standard": Carriage("std")})
PLACE = Place("main", TARGET, {"MUG": 100})
CARD, INVOICE = PaymentMethod.CARD, PaymentMethod.INVOICE


def case(given: SalesOrder, *lines: LineState, refused_hash: str = "") -> ReleaseCase:
    whole = LineState("1", proof(40), LineQuantities.placed(40))
    return ReleaseCase(given, lines or (whole,), "hash", refused_hash)


def around(*orders: SalesOrder, **changes: Any) -> Surroundings:
    queue = CreditQueue(OpenOrder(row.order_id, row.account_id, row.placed_at, row.total_gross) for row in orders)
    known = Surroundings(POLICY, {"account-1": ACCOUNT}, queue, {"": PLACE}, NOW, DAY)
    if "free" in changes:
        changes["places"] = {"": replace(PLACE, free=changes.pop("free"))}
    return replace(known, **changes)


def decide(given: SalesOrder, *lines: LineState, refused_hash: str = "", **changes: Any) -> OrderDecision:
    (decision,) = decide_releases([case(given, *lines, refused_hash=refused_hash)], around(given, **changes))
    return decision


def test_an_order_inside_its_credit_is_released_whole_with_every_rule_kept() -> None:
    decision = decide(order(1, total_gross=Decimal(1000)))

    assert (decision.outcome, decision.code, decision.allocated) == (Outcome.RELEASE, "", {"1": 40})
    assert len(decision.rules) == len(RULES)
    assert all(rule.passed for rule in decision.rules)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"problems": ("line 1: quantity 1.5",)}, "order_malformed"),
        ({"is_draft": True}, "awaiting_completion"),
        ({"is_draft": True, "payment_method": PaymentMethod.QUOTE}, "quote_open"),
        ({"held_in_shop": True}, "held_in_shop"),
        ({"payment_method": CARD, "payment_state": PaymentState.PENDING}, "payment_pending"),
        ({"payment_method": CARD, "payment_state": PaymentState.AUTHORIZED}, "payment_pending"),
        ({"payment_method": CARD, "payment_state": PaymentState.VOIDED}, "payment_failed"),
        ({"payment_method": CARD, "payment_state": PaymentState.EXPIRED}, "payment_failed"),
        ({"payment_method": CARD, "payment_state": PaymentState.PAID}, ""),
        ({"payment_method": INVOICE}, "invoice_policy_missing"),
        ({"payment_method": PaymentMethod.UNKNOWN, "payment_word": "barter"}, "payment_method_unmapped"),
        ({"po_number": "", "po_required": True}, "po_missing"),
        ({"po_number": "P" * 45}, "field_too_long"),
        (
            {"ship_to": Address(name="A Buyer", address1="1 Mill Lane", city=" ", country_code="GB")},
            "address_incomplete",
        ),
        ({"ship_to": Address(company="A", address1="1 Mill Lane", city="X", country_code="ZZ")}, "address_incomplete"),
        ({"shipping_method": "Pigeon"}, "shipping_method_unmapped"),
        ({"account_id": "account-9"}, "account_unverified"),
        ({"currency": "EUR"}, "credit_currency_mismatch"),
        ({"total_gross": Decimal("3800.01")}, "credit_limit_exceeded"),
        ({"total_gross": Decimal("3800.00")}, ""),
        ({"is_b2b": False}, "not_sparklayer"),
    ],
)
def test_each_hold_has_its_code(changes: dict[str, Any], code: str) -> None:
    decision = decide(order(1, **changes))

    assert decision.code == code
    assert bool(decision.allocated) == (not code)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"on_stop": True}, "account_on_stop"),
        ({"as_of": NOW - timedelta(hours=24)}, ""),
        ({"as_of": NOW - timedelta(hours=24, seconds=1)}, "credit_data_stale"),
    ],
)
def test_the_account_must_be_open_and_its_data_fresh(changes: dict[str, Any], code: str) -> None:
    assert decide(order(1), accounts={"account-1": replace(ACCOUNT, **changes)}).code == code


@pytest.mark.parametrize(
    ("invoice", "state", "code"),
    [
        ("terms", PaymentState.PENDING, ""),
        ("paid_first", PaymentState.PENDING, "payment_pending"),
        ("paid_first", PaymentState.PAID, ""),
    ],
)
def test_pay_by_invoice_goes_by_the_agreed_policy(invoice: str, state: PaymentState, code: str) -> None:
    given = order(1, payment_method=INVOICE, payment_state=state)

    assert decide(given, policy=replace(POLICY, invoice=invoice)).code == code


@pytest.mark.parametrize(("contains", "balance"), [("invoices_only", 3000), ("placed_orders", 6000)])
def test_the_queue_counts_alike_whatever_the_balance_contains(contains: str, balance: int) -> None:
    """R2: limit 5,000, two orders of 1,500: the first goes, the second is over."""
    first, second = (order(number, total_gross=Decimal(1500)) for number in (1, 2))
    account = replace(ACCOUNT, balance=Decimal(balance), contains=contains, as_of=NOW + MINUTE)
    known = around(first, second, accounts={"account-1": account})

    decisions = decide_releases([case(second), case(first)], known)
    assert [(each.order_id, each.code) for each in decisions] == [("cart:1", ""), ("cart:2", "credit_limit_exceeded")]
    assert decisions[1].evidence["after"] == "6000"

    raised = replace(known, accounts={"account-1": replace(account, credit_limit=Decimal(6500))})
    assert [each.code for each in decide_releases([case(first), case(second)], raised)] == ["", ""]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (LineState("1", Refusal("pack_unknown", "no row"), LineQuantities()), "pack_unknown"),
        (LineState("1", proof(2, 10), LineQuantities.placed(24), first_units=12), "pack_changed"),
        (LineState("1", proof(80_995), LineQuantities.placed(80_995)), "quantity_threshold"),
    ],
)
def test_a_quantity_that_is_in_doubt_holds_the_order(line: LineState, code: str) -> None:
    assert decide(order(1), line).code == code


def test_what_the_warehouse_refused_waits_until_its_content_changes() -> None:
    assert decide(order(1), refused_hash="hash").code == "warehouse_rejected"
    assert decide(order(1), refused_hash="other").code == ""


def test_without_a_stock_reading_nothing_is_released() -> None:
    assert decide(order(1), free=None).code == "stock_unknown"


@pytest.mark.parametrize(
    ("line", "free", "released"),
    [
        (LineState("1", proof(40), LineQuantities.placed(40)), 25, {"1": 25}),  # R8
        (LineState("1", proof(4, 12), LineQuantities.placed(48)), 30, {"1": 24}),  # R8b: whole packs only
        (LineState("1", proof(4, 12), LineQuantities.placed(48)), 11, {}),
        (LineState("1", proof(40), LineQuantities.placed(40).allocate(25)), 100, {"1": 15}),  # the backorder
    ],
)
def test_what_is_there_goes_in_whole_packs_and_the_rest_waits(
    line: LineState, free: int, released: dict[str, int]
) -> None:
    decision = decide(order(1), line, free={"MUG": free})

    assert (decision.outcome, decision.allocated) == (Outcome.RELEASE, released)


def test_a_held_order_takes_no_stock_from_a_younger_one() -> None:
    held, younger = order(1, held_in_shop=True), order(2)

    decisions = decide_releases([case(held), case(younger)], around(held, younger, free={"MUG": 40}))
    assert [each.allocated for each in decisions] == [{}, {"1": 40}]


def test_a_buffer_stays_on_the_shelf() -> None:
    assert decide(order(1), policy=replace(POLICY, buffer=70)).allocated == {"1": 30}


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from([1, 6, 12])), min_size=1, max_size=12),
    st.integers(0, 200),
    st.integers(0, 20),
    st.randoms(use_true_random=False),
)
def test_never_more_is_released_than_is_free_and_nobody_is_passed_by(
    wanted: list[tuple[int, int]], free: int, buffer: int, random: Any
) -> None:
    cases, packs = [], {}
    for number, (quantity, per) in enumerate(wanted):
        made = order(number, payment_method=CARD, payment_state=PaymentState.PAID, placed_at=NOW + number * MINUTE)
        given_proof: Proof = proof(quantity, per)
        packs[made.order_id] = given_proof
        cases.append(case(made, LineState("1", given_proof, LineQuantities.placed(given_proof.base))))
    random.shuffle(cases)
    known = around(free={"MUG": free}, policy=replace(POLICY, buffer=buffer))

    decisions = decide_releases(cases, known)

    left = max(0, free - buffer)
    for decision in decisions:
        asked = packs[decision.order_id]
        per = asked.units_per_uom
        assert decision.allocated.get("1", 0) == min(asked.base, left) // per * per
        left -= decision.allocated.get("1", 0)
    assert [each.order_id for each in decisions] == [f"cart:{number}" for number in range(len(wanted))]


def test_a_young_order_waits_until_edits_and_cancels_of_the_first_minutes_are_over() -> None:
    policy = replace(POLICY, minimum_age=timedelta(minutes=15))
    young = decide(order(1, placed_at=NOW - 14 * MINUTE), policy=policy)
    assert (young.code, young.evidence) == ("minimum_age", {"goes_at": (NOW + MINUTE).isoformat()})
    assert decide(order(1, placed_at=NOW - 15 * MINUTE), policy=policy).outcome is Outcome.RELEASE


def test_a_person_is_asked_above_a_value_in_the_order_s_own_currency() -> None:
    policy = replace(POLICY, largest_order_gross={"GBP": Decimal(1000)})
    card = {"payment_method": CARD, "payment_state": PaymentState.PAID}
    assert decide(order(1, total_gross=Decimal("1000.01"), **card), policy=policy).code == "value_threshold"
    assert decide(order(1, total_gross=Decimal(1000), **card), policy=policy).code == ""
    assert decide(order(1, total_gross=Decimal(9000), currency="EUR", **card), policy=policy).code == ""


@pytest.mark.parametrize(
    ("asked", "customer", "code"),
    [("always", False, "po_missing"), ("never", True, ""), ("as_customer_says", True, "po_missing")],
)
def test_whether_a_po_number_is_needed_is_agreed(asked: str, customer: bool, code: str) -> None:
    policy = replace(POLICY, po_required=PoRequired(asked))
    assert decide(order(1, po_number="", po_required=customer), policy=policy).code == code


def test_hokodo_is_a_method_of_its_own_and_an_invoice_may_need_approval() -> None:
    policy = replace(POLICY, hokodo_states=frozenset({PaymentState.AUTHORIZED}), invoice="approved")
    hokodo = {"payment_method": PaymentMethod.HOKODO}
    assert decide(order(1, payment_state=PaymentState.AUTHORIZED, **hokodo), policy=policy).code == ""
    assert decide(order(1, payment_state=PaymentState.PENDING, **hokodo), policy=policy).code == "payment_pending"
    card = order(1, payment_method=CARD, payment_state=PaymentState.AUTHORIZED)
    assert decide(card, policy=policy).code == "payment_pending"
    assert decide(order(1, payment_method=INVOICE), policy=policy).code == "approval_needed"


def two(policy: ReleasePolicy, free: int) -> list[OrderDecision]:
    """An order of 40 and a younger one of 10."""
    first, second = order(1, placed_at=NOW - 20 * MINUTE), order(2, placed_at=NOW - 10 * MINUTE)
    younger = ReleaseCase(second, (LineState("1", proof(10), LineQuantities.placed(10)),), "hash", "")
    return decide_releases([case(first), younger], around(first, second, policy=policy, free={"MUG": free}))


@pytest.mark.parametrize(
    ("reserve", "free", "allocated"),
    [(0, 25, [{}, {"1": 10}]), (1, 25, [{}, {}]), (1, 36, [{}, {}]), (0, 50, [{"1": 40}, {"1": 10}])],
)
def test_an_order_that_must_ship_complete_goes_whole_or_waits_and_may_keep_what_is_there(
    reserve: int, free: int, allocated: list[dict[str, int]]
) -> None:
    """R9: of the 25 that are there a younger order can have 10 only where they are not kept."""
    policy = replace(POLICY, ship_complete=True, reserve_for=timedelta(days=reserve))
    assert [each.allocated for each in two(policy, free)] == allocated


def test_what_is_kept_for_an_order_is_free_again_when_it_has_waited_too_long() -> None:
    policy = replace(POLICY, ship_complete=True, reserve_for=timedelta(minutes=20))
    first, second = two(policy, 25)
    assert (first.allocated, second.allocated) == ({}, {"1": 10})
    assert first.rules[-1].inputs == {"there": "a part", "kept for it meanwhile": "0 EA"}


def test_packs_are_broken_only_where_that_is_agreed() -> None:
    """R8b: 4 cases of 12 and 30 there."""
    cases = LineState("1", proof(4, units=12), LineQuantities.placed(48))
    assert decide(order(1), cases, free={"MUG": 30}).allocated == {"1": 24}
    split = replace(POLICY, split_packs=frozenset({"MUG"}))
    assert decide(order(1), cases, free={"MUG": 30}, policy=split).allocated == {"1": 30}
