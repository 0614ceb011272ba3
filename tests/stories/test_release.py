"""The release stories on the warehouse in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.ports import FindAnswer, Posted
from tests.stories.world import START, World


@pytest.mark.every_warehouse()
def test_r1_an_order_on_account_inside_its_credit_reaches_the_warehouse_complete(world: World) -> None:
    """R1. Limit 5,000.00, exposure 1,200.00, order 1,000.00; a draft completed to an unpaid order."""
    world.goods("MUG", 400)
    note = "PO: PO-77\nDelivery instructions: leave at the gate\nRequested delivery date: 2026-11-30"
    terms = {"payment_terms": {"net": 30}}
    draft = world.sell(("MUG", 400), name="#D7", price="2.50", source="draft", note=note, **terms)
    world.release()
    assert (world.floor.held(), world.standing("#D7")) == ([], ("held", "awaiting_completion"))
    name = world.complete(draft)
    world.release()
    (order,) = world.held(name)
    assert (order.po_number, order.instructions, order.requested_on) == ("PO-77", "leave at the gate", "2026-11-30")
    assert order.ordered == {world.line_ids(name)[0]: 400}
    shop = world.shop(name)
    assert (shop["financial_status"], shop["note"], shop["total"]) == ("PENDING", note, "1000.00")
    assert (world.standing(name), world.tickets()) == (("in_warehouse", ""), [])


@pytest.mark.every_warehouse()
@pytest.mark.parametrize(("contains", "balance"), [("invoices_only", "3000"), ("placed_orders", "6000")])
def test_r2_the_second_order_goes_over_credit_whatever_the_balance_contains(
    world: World, contains: str, balance: str
) -> None:
    """R2. Limit 5,000: two orders of 1,500 a minute apart; both readings of the balance give one answer."""
    world.goods("MUG", 5000)
    world.credit_from(kind="shop", contains=contains, max_age_hours=24)
    world.credit("5000", balance)
    first = world.sell(("MUG", 1500))
    world.pass_time(minutes=1)
    second = world.sell(("MUG", 1500))
    world.release()
    assert world.standing(first) == ("in_warehouse", "")
    assert world.standing(second) == ("held", "credit_limit_exceeded")
    assert world.tickets() == [("credit_limit_exceeded", second, "finance")]
    assert world.evidence("credit_limit_exceeded")["after"] == "6000.00"
    assert world.held(second) == []


@pytest.mark.every_warehouse()
def test_r2_a_raised_limit_releases_the_order_untouched_by_hand(world: World) -> None:
    """R2. Limit raised to 6,500 while the second order waits."""
    world.goods("MUG", 5000)
    world.credit("5000", "3000")
    world.sell(("MUG", 1500))
    world.pass_time(minutes=1)
    second = world.sell(("MUG", 1500))
    world.release()
    world.credit("6500", "3000")
    world.release()
    (order,) = world.held(second)
    assert (sum(order.ordered.values()), world.tickets()) == (1500, [])


def test_r2_a_limit_raised_hours_later_is_seen_though_no_order_changed(world: World) -> None:
    """R2. Other orders have come in since, so that the waiting one is long behind the reading of changes."""
    world.goods("MUG", 5000)
    world.credit("5000", "5000")
    name = world.sell(("MUG", 10))
    hours_pass(world)
    world.credit("6500", "5000")
    world.release()
    assert (len(world.held(name)), world.tickets()) == (1, [])


def hours_pass(world: World) -> None:
    """A night in which the shop sells to others."""
    world.release()
    world.pass_time(hours=12)
    world.sell(("MUG", 1), customer_key=None, company=None, payment="upfrontPayment", financial_status="PAID")
    for _ in range(2):
        world.release()
    world.pass_time(hours=12)


def test_r2_a_limit_in_another_currency_holds_the_order(world: World) -> None:
    world.goods("MUG", 50)
    world.credit(currency="EUR")
    name = world.sell(("MUG", 10))
    world.release()
    assert world.tickets() == [("credit_currency_mismatch", name, "finance")]


def test_r3_a_card_order_waits_for_its_money_without_a_ticket_for_a_day(world: World) -> None:
    """R3. Held `payment_pending`; a ticket only after 24 h; paid, it goes and the ticket closes."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10), payment="upfrontPayment")
    world.release()
    assert (world.standing(name), world.tickets()) == (("held", "payment_pending"), [])
    world.pass_time(hours=23)
    world.release()
    assert world.tickets() == []
    world.pass_time(hours=1)
    world.release()
    assert world.tickets() == [("payment_pending", name, "buyer")]
    assert world.floor.held() == []
    world.control.pay(name)
    world.release()
    assert [sum(each.ordered.values()) for each in world.held(name)] == [10]
    assert world.tickets() == []


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        ("AUTHORIZED", ("in_warehouse", "")),
        ("PARTIALLY_PAID", ("held", "payment_pending")),
        ("PENDING", ("held", "payment_pending")),
    ],
)
def test_r3b_policy_says_which_payment_states_release_a_card_order(
    world: World, state: str, standing: tuple[str, str]
) -> None:
    world.goods("MUG", 50)
    world.agree(card_states=("paid", "authorized"))
    name = world.sell(("MUG", 10), payment="upfrontPayment", financial_status=state)
    world.release()
    assert world.standing(name) == standing


@pytest.mark.every_warehouse()
def test_r4_a_draft_and_the_order_it_became_are_released_once(world: World) -> None:
    """R4, F47. The order has another id than its draft and the same cart."""
    world.goods("MUG", 50)
    draft = world.sell(("MUG", 10), name="#D9", source="draft", payment_terms={"net": 30})
    world.release()
    name = world.complete(draft)
    for _ in range(3):
        world.release()
    assert [each.external_ref for each in world.floor.held()] == [world.ref(name)]
    assert world.query("SELECT name FROM sales_order WHERE site = %(site)s") == [{"name": name}]


def test_r5_a_missing_po_number_holds_and_a_note_with_it_releases(world: World) -> None:
    """R5. The customer requires a PO number."""
    world.goods("MUG", 50)
    world.customer_says("po_required")
    name = world.sell(("MUG", 10))
    world.release()
    assert world.tickets() == [("po_missing", name, "customer_service")]
    assert world.floor.held() == []
    world.control.set_note(name, "PO: PO-4711")
    world.release()
    assert [each.po_number for each in world.held(name)] == ["PO-4711"]
    assert world.tickets() == []


def test_r5_a_po_number_that_does_not_fit_is_never_cut(world: World) -> None:
    """R5, F37. 45 characters to a target with 22: the ticket names field, length and limit; nothing is submitted."""
    world.warehouse.capabilities = replace(world.warehouse.capabilities, field_limits={"po_number": 22})
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10), note="PO: " + "P" * 45)
    world.release()
    assert world.tickets() == [("field_too_long", name, "customer_service")]
    assert world.evidence("field_too_long") == {"field": "po_number", "length": "45", "limit": "22"}
    assert (world.floor.held(), world.floor.calls["submit"]) == ([], 0)


@pytest.mark.every_warehouse()
def test_r6_packs_and_singles_on_one_order_are_told_in_base_units_with_their_proof(world: World) -> None:
    """R6, F28, F38. A case of 12, a single sold in sixes, and the case's base as a single: three lines stay three."""
    world.goods("MUG", 100, cases=[12])
    world.goods("CUP", 100, pack_size=6)
    name = world.sell(("MUG-12", 2), ("CUP", 18), ("MUG", 5))
    world.release()
    (order,) = world.held(name)
    first, second, third = world.line_ids(name)
    assert order.ordered == {first: 24, second: 18, third: 5}
    assert order.skus == {first: "MUG", second: "CUP", third: "MUG"}
    (row,) = world.query("SELECT content FROM warehouse_order WHERE site = %(site)s")
    assert [line["proof"] for line in row["content"]["lines"]] == [
        "2 × CASE(12) = 24 EA, factor from packs.csv row 3, version v1",
        "18 × EA = 18 EA, factor from packs.csv row 4, version v1",
        "5 × EA = 5 EA, factor from packs.csv row 2, version v1",
    ]


def test_r6_a_quantity_that_breaks_the_pack_size_holds_the_whole_order(world: World) -> None:
    """F49: one bad line never lets the rest of the order go by accident."""
    world.goods("MUG", 100)
    world.goods("CUP", 100, pack_size=6)
    name = world.sell(("MUG", 5), ("CUP", 17))
    world.release()
    assert world.tickets() == [("pack_size_violated", name, "customer_service")]
    assert world.floor.held() == []


def test_r6_a_customer_group_buys_in_multiples_of_its_own(world: World) -> None:
    """R6. Six for everybody, four for the group: 16 go to a buyer of the group and to nobody else."""
    world.goods("MUG", 100)
    settings = [{"customer_group": "base", "pack_size": 6}, {"customer_group": "vip", "pack_size": 4}]
    metafield = {"namespace": "sparklayer", "key": "settings", "type": "json", "value": settings}
    world.packs(("CUP", "EA", "CUP", 1))
    world.floor.receive({"CUP": 100})
    world.control.load(variants=[{"sku": "CUP", "title": "Cup", "available": 0, "metafields": [metafield]}])
    name = world.sell(("CUP", 16))
    world.release()
    assert world.standing(name) == ("held", "pack_size_violated")
    world.control.set_customer_metafield("cobalt", "sparklayer", "group", "single_line_text_field", "vip")
    world.release()
    assert (world.standing(name)[0], world.units(name)["released"]) == ("in_warehouse", 16)


def test_r7_a_factor_that_changed_since_the_order_is_asked_about(world: World) -> None:
    """R7, F38. 12 when ordered, 10 when released; nothing is guessed. Confirming it on the desk comes later."""
    world.goods("MUG", 100, cases=[12])
    name = world.sell(("MUG-12", 2), payment="upfrontPayment")
    world.release()
    world.packs(("MUG", "EA", "MUG", 1), ("MUG-12", "CASE", "MUG", 10), replace=True)
    world.control.pay(name)
    world.release()
    assert world.tickets() == [("pack_changed", name, "master_data")]
    assert world.evidence("pack_changed")["found"] == (
        "SKU 'MUG-12' was CASE(12) of MUG (packs.csv row 3, version v1) when ordered"
        " and is CASE(10) of MUG (packs.csv row 3, version v1) now"
    )
    assert world.floor.held() == []


@pytest.mark.every_warehouse()
def test_r8_the_balance_of_a_short_order_follows_once_when_stock_arrives(world: World) -> None:
    """R8, F24, F25. 40 ordered and 25 there: 25 now, 15 as a linked backorder; the other line is not held up."""
    world.goods("MUG", 25)
    world.goods("CUP", 10)
    name = world.sell(("MUG", 40), ("CUP", 10))
    world.release()
    mug, cup = world.line_ids(name)
    assert [each.ordered for each in world.held(name)] == [{mug: 25, cup: 10}]
    assert world.units(name) == {"ordered": 50, "released": 35, "backordered": 15, "outstanding": 35}
    world.floor.receive({"MUG": 15})
    for _ in range(3):
        world.release()
    assert [(each.external_ref, each.ordered) for each in world.held(name)] == [
        (world.ref(name), {mug: 25, cup: 10}),
        (world.ref(name, 2), {mug: 15}),
    ]
    assert world.units(name) == {"ordered": 50, "released": 50, "outstanding": 50}


@pytest.mark.every_warehouse()
def test_r8b_a_case_is_never_broken_for_a_backorder(world: World) -> None:
    """R8b. 4 cases of 12 with 30 units free: two cases go, two wait; never 30."""
    world.goods("MUG", 30, cases=[12])
    name = world.sell(("MUG-12", 4))
    world.release()
    assert [sum(each.ordered.values()) for each in world.held(name)] == [24]
    assert world.units(name) == {"ordered": 48, "released": 24, "backordered": 24, "outstanding": 24}


@pytest.mark.every_warehouse()
def test_r8d_a_balance_that_comes_due_on_stop_is_held_again(world: World) -> None:
    """R8d, R27. The account went on stop while the balance waited; taken off it, the balance goes."""
    world.goods("MUG", 25)
    name = world.sell(("MUG", 40))
    hours_pass(world)
    world.customer_says("on_stop")
    world.floor.receive({"MUG": 20})
    world.release()
    listed = [("account_on_stop", name, "finance"), ("released_on_stop", name, "finance")]  # the 25 that nobody picked
    assert (len(world.held(name)), world.tickets()) == (1, listed)
    assert world.units(name) == {"ordered": 40, "released": 25, "held": 15, "outstanding": 25}
    world.customer_says("on_stop", "false")
    world.release()
    assert [sum(each.ordered.values()) for each in world.held(name)] == [25, 15]


def test_a_balance_that_waited_for_days_is_not_held_for_old_credit_data(world: World) -> None:
    world.goods("MUG", 25)
    name = world.sell(("MUG", 40))
    for _ in range(3):
        hours_pass(world)
    world.floor.receive({"MUG": 20})
    world.release()
    assert (len(world.held(name)), world.tickets()) == (2, [])


def test_r8c_the_balance_is_cancelled_where_policy_says_so(world: World) -> None:
    """R8c. 25 released, 15 cancelled; more stock changes nothing."""
    world.goods("MUG", 25)
    world.agree(backorder="cancel")
    name = world.sell(("MUG", 40))
    world.release()
    world.floor.receive({"MUG": 15})
    world.release()
    assert [sum(each.ordered.values()) for each in world.held(name)] == [25]
    assert world.units(name) == {"ordered": 40, "released": 25, "cancelled": 15, "outstanding": 25}
    world.floor.ship(world.ref(name))
    world.aggregate()
    world.release()
    assert world.standing(name) == ("fulfilled", "")
    assert world.units(name) == {"ordered": 40, "released": 25, "cancelled": 15, "shipped": 25}


@pytest.mark.every_warehouse()
def test_r8_stock_goes_to_whoever_ordered_first_whenever_the_order_is_seen(world: World) -> None:
    world.goods("MUG", 30)
    younger = world.sell(("MUG", 20))
    older = world.sell(("MUG", 20), created_at="2026-11-23T08:00:00Z")
    world.release()
    assert [sum(each.ordered.values()) for each in world.held(older)] == [20]
    assert [sum(each.ordered.values()) for each in world.held(younger)] == [10]


def test_r10_a_lost_reply_is_found_and_not_sent_again(world: World) -> None:
    """R10, F4. The warehouse commits, the connection breaks; the next attempt adopts what is there."""
    world.goods("MUG", 50)
    world.floor.submit_faults = ["lost_reply"]
    name = world.sell(("MUG", 10))
    assert world.release()["unknown"] == 1
    assert world.standing(name) == ("in_warehouse", "")
    assert world.release()["found"] == 1
    assert (len(world.held(name)), world.floor.calls["submit"]) == (1, 1)
    rows = world.query("SELECT state, wms_id FROM warehouse_order WHERE site = %(site)s")
    assert rows == [{"state": "acknowledged", "wms_id": "W1"}]


def test_r10_a_request_that_never_arrived_is_sent_again_once_it_is_known_to_be_absent(world: World) -> None:
    world.goods("MUG", 50)
    world.floor.submit_faults = ["lost_request"]
    name = world.sell(("MUG", 10))
    world.release()
    assert world.held(name) == []
    world.release()
    assert (len(world.held(name)), world.floor.calls["submit"]) == (1, 2)


def test_r10_nothing_is_sent_while_the_search_itself_has_no_answer(world: World) -> None:
    """After Unknown comes find, and after an unknown find comes another find; a ticket tells after an hour."""
    world.goods("MUG", 50)
    world.floor.submit_faults = ["lost_reply"]
    name = world.sell(("MUG", 10))
    world.release()
    world.floor.lost_finds = 1
    assert world.release()["unknown"] == 1
    world.floor.lost_finds = 1
    world.pass_time(hours=1)
    world.release()
    assert [code for code, _, _ in world.tickets()] == ["outcome_unknown"]
    world.release()
    assert (len(world.held(name)), world.floor.calls["submit"], world.tickets()) == (1, 1, [])


@pytest.mark.parametrize(("seconds", "sent"), [(3, 20), (50, 0)])
def test_r10_orders_whose_search_takes_longer_than_their_turn_go_in_smaller_batches_and_the_run_ends(
    world: World, seconds: int, sent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty requests got lost; each search takes so long. Where even one takes longer than its turn, none is sent."""
    world.goods("MUG", 50)
    world.floor.submit_faults = ["lost_request"] * 20
    for _ in range(20):
        world.sell(("MUG", 1))
    assert world.release()["unknown"] == 20
    found = world.warehouse.find

    def slow(refs: Sequence[str]) -> dict[str, FindAnswer]:
        world.pass_time(minutes=seconds * len(refs) / 60)
        return found(refs)

    monkeypatch.setattr(world.warehouse, "find", slow)
    figures = world.release()
    assert (figures["created"], len(world.floor.held())) == (sent, sent)
    monkeypatch.undo()
    world.release()
    assert (len(world.floor.held()), world.floor.calls["submit"]) == (20, 40)


def test_r11_an_order_stored_without_its_instructions_is_told_before_the_pick(world: World) -> None:
    """R11. The warehouse stores it thin; the ticket names what is missing."""
    world.goods("MUG", 50)
    world.floor.submit_faults = ["thin"]
    name = world.sell(("MUG", 10), note="Delivery instructions: ring twice")
    world.release()
    assert world.tickets() == [("record_incomplete", world.ref(name), "operations")]
    assert world.evidence("record_incomplete") == {"difference 1": "instructions"}


def test_r14_one_rotten_order_of_each_kind_in_250_stops_no_other(world: World) -> None:
    """R14, F49. Each rotten one has one ticket that names its culprit; odd but sound texts arrive as written."""
    world.warehouse.capabilities = replace(world.warehouse.capabilities, field_limits={"instructions": 2000})
    world.goods("MUG", 5000)
    world.credit("100000")
    odd = "Delivery instructions: שלום 🎁 '; DROP TABLE sales_order; --"
    unknown = world.sell(("MUG", 1), ("NO-SUCH", 1))
    nameless = world.sell((None, 1))
    long = world.sell(("MUG", 1), note="Delivery instructions: " + "x" * 10_000)
    huge = world.sell(("MUG", 80_995))
    sound = [world.sell(("MUG", 1), note=odd) for _ in range(246)]
    world.release()
    assert {each.external_ref for each in world.floor.held()} == {world.ref(name) for name in sound}
    assert {each.instructions for each in world.floor.held()} == {odd.partition(": ")[2]}
    assert world.tickets() == [
        ("field_too_long", long, "customer_service"),
        ("order_malformed", nameless, "customer_service"),
        ("pack_unknown", unknown, "master_data"),
        ("quantity_threshold", huge, "operations"),
    ]
    assert world.evidence("pack_unknown")["found"] == "SKU 'NO-SUCH' has no row in the pack catalogue"
    assert world.evidence("field_too_long") == {"field": "instructions", "length": "10000", "limit": "2000"}


def test_r18_a_quote_stays_where_it_is(world: World) -> None:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10), name="#Q1", source="draft", payment="quote")
    world.release()
    assert (world.standing(name), world.floor.held(), world.tickets()) == (("held", "quote_open"), [], [])


@pytest.mark.every_warehouse()
def test_r19_an_unknown_way_of_paying_is_finance_s_matter(world: World) -> None:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10), payment="carrierPigeon")
    world.release()
    assert world.tickets() == [("payment_method_unmapped", name, "finance")]
    assert world.evidence("payment_method_unmapped")["word"] == "carrierPigeon"
    assert world.floor.held() == []


def test_r26_an_order_on_hold_in_the_shop_waits(world: World) -> None:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    world.control.hold(name, "HIGH_RISK_OF_FRAUD")
    world.release()
    assert world.tickets() == [("held_in_shop", name, "customer_service")]
    world.control.hold(name, None)
    world.release()
    assert [sum(each.ordered.values()) for each in world.held(name)] == [10]


@pytest.mark.every_warehouse()
def test_r30_an_unmapped_shipping_method_is_never_given_a_default(world: World) -> None:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10), shipping_line={"title": "By camel", "price": "0"})
    world.release()
    assert world.tickets() == [("shipping_method_unmapped", name, "operations")]
    assert world.floor.held() == []


def test_f31_an_order_that_somebody_else_fulfilled_is_never_sent(world: World) -> None:
    """F31. A person fulfilled it in the shop's admin before its turn came."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    fulfil_by_hand(world, name, 10)
    world.release()
    assert (world.standing(name), world.floor.held()) == (("not_ours", "fulfilled_elsewhere"), [])


def fulfil_by_hand(world: World, name: str, quantity: int) -> None:
    number, (line,) = world.shop(name)["id"].rpartition("/")[2], world.line_ids(name)
    post = FulfilmentPost("by hand", "by hand", "DPD", "shop", ("T1",), (), ((line, quantity),))
    (answer,) = world.storefront.post_fulfilments([(number, post)]).values()
    assert isinstance(answer, Posted)


def test_orders_from_before_we_began_are_left_to_whoever_had_them(world: World) -> None:
    world.goods("MUG", 50)
    world.agree(start=START)
    old = world.sell(("MUG", 10), created_at="2026-11-22T23:00:00Z")
    new = world.sell(("MUG", 10))
    world.release()
    assert (world.standing(old), world.held(old)) == (("not_ours", "placed_before_start"), [])
    assert len(world.held(new)) == 1


def test_f40_skus_are_compared_exactly(world: World) -> None:
    """F40. Codes that differ only by case or by a space are different goods, and none is merged."""
    world.goods("MUG", 50)
    lower, spaced = world.sell(("mug", 1)), world.sell(("MUG ", 1))
    world.release()
    assert world.tickets() == [("pack_unknown", lower, "master_data"), ("pack_unknown", spaced, "master_data")]
    assert world.floor.held() == []
