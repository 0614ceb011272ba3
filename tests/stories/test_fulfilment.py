"""The fulfilment stories on the warehouse in memory."""

from __future__ import annotations

from itertools import permutations

import pytest

from include.fulfilment.ports import Problem
from tests.stories.world import World


def test_p1_three_parcels_on_two_days_become_three_fulfilments(world: World) -> None:
    """P1, F26. 24 + 18 + 5: day 1 sends 12 + 18 + 0 in two parcels by two carriers, day 2 12 + 0 + 5."""
    world.goods("MUG", 100, cases=[12])
    world.goods("CUP", 100, pack_size=6)
    name = world.sell(("MUG-12", 2), ("CUP", 18), ("MUG", 5))
    world.release()
    case, cup, mug = world.line_ids(name)
    boxes = [("DPD", "D1", {case: 12}), ("Palletways", "P1", {cup: 18})]
    world.floor.ship(world.ref(name), {case: 12, cup: 18}, boxes)
    world.aggregate()
    assert world.posted(name) == [({"MUG-12": 1}, ["D1"]), ({"CUP": 18}, ["P1"])]
    assert world.status(name) == ("PARTIALLY_FULFILLED", "partly_shipped")
    world.pass_time(hours=24)
    world.floor.ship(world.ref(name), {case: 12, mug: 5}, [("DPD", "D2", {case: 12, mug: 5})])
    world.aggregate()
    assert world.posted(name)[2:] == [({"MUG-12": 1, "MUG": 5}, ["D2"])]
    assert world.status(name) == ("FULFILLED", "fulfilled")
    assert world.units(name) == {"ordered": 47, "released": 47, "shipped": 47}


@pytest.mark.parametrize("arrival", list(permutations(range(3))))
def test_p2_shipments_told_again_and_in_any_order_are_posted_once_each(world: World, arrival: tuple[int, ...]) -> None:
    """P2, F7, F26, F27. Each confirm comes five times, in every order of the three, over two runs."""
    world.goods("MUG", 100)
    name = world.sell(("MUG", 30))
    world.release()
    (mug,) = world.line_ids(name)
    for units in (5, 10, 15):
        world.floor.ship(world.ref(name), {mug: units})
        world.pass_time(minutes=1)
    told = [world.floor.told[number] for number in arrival]
    world.floor.told = told[:1] * 5
    world.aggregate()
    assert len(world.posted(name)) == 1
    world.floor.told = told[:1] + [each for each in told[1:] for _ in range(5)] + told[:1]
    world.aggregate()
    sent = sorted(quantities["MUG"] for quantities, _ in world.posted(name))
    assert (sent, world.status(name)[0]) == ([5, 10, 15], "FULFILLED")


def test_p2_a_shipment_voided_before_it_was_posted_never_is(world: World) -> None:
    world.goods("MUG", 100)
    name = world.sell(("MUG", 30))
    world.release()
    world.floor.void(world.floor.ship(world.ref(name)))
    world.aggregate()
    assert (world.posted(name), world.units(name)["outstanding"]) == ([], 30)
    world.floor.ship(world.ref(name))
    world.aggregate()
    assert [quantities for quantities, _ in world.posted(name)] == [{"MUG": 30}]


def test_p3_a_fulfilment_whose_reply_was_lost_is_not_made_twice(world: World) -> None:
    """P3, F4. The shop stores it and drops the connection; a run later it is known again."""
    world.goods("MUG", 100)
    name = world.sell(("MUG", 30))
    world.release()
    world.floor.ship(world.ref(name))
    world.fault("fulfillmentCreate", "reset_after")
    for _ in range(3):
        world.aggregate()
    assert len(world.posted(name)) == 1
    assert (world.control.calls()["fulfillmentCreate"], world.status(name)) == (1, ("FULFILLED", "fulfilled"))


def test_p4_a_line_closed_short_ends_once_the_buyer_is_credited(world: World) -> None:
    """P4. 40 ordered, 37 shipped, 3 closed: a ticket for finance that closes when the shop's quantity is reduced."""
    world.goods("MUG", 100)
    name = world.sell(("MUG", 40))
    world.release()
    (mug,) = world.line_ids(name)
    world.floor.ship(world.ref(name), {mug: 37}, close_rest=True)
    world.aggregate()
    assert world.tickets() == [("short_closed", f"{name} line {mug}", "finance")]
    assert world.evidence("short_closed") == {"released": "40", "shipped": "37", "short": "3"}
    assert world.standing(name) == ("partly_shipped", "short_closed")
    world.control.edit_line_quantity(name, 1, 37)
    world.release()
    world.aggregate()
    assert (world.standing(name), world.tickets()) == (("fulfilled", ""), [])
    assert world.units(name) == {"ordered": 40, "released": 37, "cancelled": 3, "shipped": 37}
    assert world.status(name) == ("FULFILLED", "fulfilled")


def test_p5_an_open_remainder_waits(world: World) -> None:
    """P5. Nothing is said about the rest: no ticket, and the order stays open."""
    world.goods("MUG", 100)
    name = world.sell(("MUG", 40))
    world.release()
    (mug,) = world.line_ids(name)
    world.floor.ship(world.ref(name), {mug: 37})
    world.aggregate()
    assert (world.standing(name), world.tickets()) == (("partly_shipped", ""), [])
    assert world.units(name) == {"ordered": 40, "released": 40, "outstanding": 3, "shipped": 37}


def test_p6_more_than_was_released_is_posted_up_to_it_and_told(world: World) -> None:
    """P6, F27. 13 left for 12: 12 shipped, 1 over; splitting it over two shipments gets around nothing."""
    world.goods("MUG", 100)
    name = world.sell(("MUG", 12))
    other = world.sell(("MUG", 5))
    world.release()
    (mug,) = world.line_ids(name)
    world.floor.ship(world.ref(name), {mug: 6})
    world.floor.ship(world.ref(name), {mug: 7})
    world.aggregate()
    assert sum(quantities["MUG"] for quantities, _ in world.posted(name)) == 12
    assert world.units(name) == {"ordered": 12, "released": 12, "shipped": 12, "over_shipped": 1}
    assert world.tickets() == [("over_shipped", f"{name} line {mug}", "customer_service")]
    assert world.evidence("over_shipped") == {"released": "12", "shipped": "12", "over": "1"}
    assert world.posted(other) == []
    world.aggregate()
    assert world.tickets() == [("over_shipped", f"{name} line {mug}", "customer_service")]


def test_p6_goods_that_leave_after_the_order_is_fulfilled_are_told_and_not_posted(world: World) -> None:
    world.goods("MUG", 100)
    name = world.sell(("MUG", 12))
    world.release()
    (mug,) = world.line_ids(name)
    world.floor.ship(world.ref(name))
    world.aggregate()
    assert (world.standing(name), world.tickets()) == (("fulfilled", ""), [])
    world.floor.ship(world.ref(name), {mug: 12})
    for _ in range(2):
        world.aggregate()
        assert world.tickets() == [("over_shipped", f"{name} line {mug}", "customer_service")]
    assert world.units(name) == {"ordered": 12, "released": 12, "shipped": 12, "over_shipped": 12}
    assert (len(world.posted(name)), world.standing(name)) == (1, ("fulfilled", ""))


def test_a_shipment_voided_after_it_was_posted_is_told_and_its_order_is_open_until_the_goods_leave_again(
    world: World,
) -> None:
    world.goods("MUG", 100)
    name = world.sell(("MUG", 12))
    world.release()
    shipment = world.floor.ship(world.ref(name), {world.line_ids(name)[0]: 12}, [("DPD", "D1", {})])
    world.aggregate()
    world.pass_time(minutes=1)
    world.floor.void(shipment)
    for _ in range(2):
        world.aggregate()
        assert world.tickets() == [("voided_after_post", f"shipment {shipment} of {name}", "customer_service")]
    assert world.evidence("voided_after_post") == {f"line {world.line_ids(name)[0]}, DPD D1": "12 posted to the shop"}
    assert world.units(name) == {"ordered": 12, "released": 12, "outstanding": 12}
    world.floor.ship(world.ref(name))
    world.aggregate()
    world.aggregate()
    assert (world.standing(name), world.tickets()) == (("fulfilled", ""), [])
    assert [quantities for quantities, _ in world.posted(name)] == [{"MUG": 12}]


def test_p7_the_same_sku_on_two_lines_is_told_apart_by_line_id(world: World) -> None:
    """P7, F28."""
    world.goods("MUG", 100)
    name = world.sell(("MUG", 5), ("MUG", 7))
    world.release()
    _, second = world.line_ids(name)
    world.floor.ship(world.ref(name), {second: 7})
    world.aggregate()
    assert [line["fulfilled"] for line in world.shop(name)["lines"]] == [0, 7]


def test_p8_an_order_is_fulfilled_only_with_its_backorder(world: World) -> None:
    """P8, F24, F26. 25 of 40 ship; the 15 follow as their own warehouse order."""
    world.goods("MUG", 25)
    name = world.sell(("MUG", 40))
    world.release()
    world.floor.ship(world.ref(name))
    world.aggregate()
    assert world.standing(name) == ("partly_shipped", "awaiting_stock")
    assert world.status(name) == ("PARTIALLY_FULFILLED", "partly_shipped")
    world.floor.receive({"MUG": 15})
    world.release()
    world.floor.ship(world.ref(name, 2))
    world.aggregate()
    assert world.status(name) == ("FULFILLED", "fulfilled")
    assert [quantities for quantities, _ in world.posted(name)] == [{"MUG": 25}, {"MUG": 15}]


def test_p8_a_backorder_that_leaves_first_takes_no_quantity_of_its_parent(world: World) -> None:
    world.goods("MUG", 25)
    name = world.sell(("MUG", 40))
    world.release()
    world.floor.receive({"MUG": 15})
    world.release()
    world.floor.ship(world.ref(name, 2))
    world.aggregate()
    assert [quantities for quantities, _ in world.posted(name)] == [{"MUG": 15}]
    assert world.units(name) == {"ordered": 40, "released": 40, "outstanding": 25, "shipped": 15}


def test_p10_a_confirmed_pick_is_progress_and_no_fulfilment(world: World) -> None:
    world.goods("MUG", 100)
    name = world.sell(("MUG", 40))
    world.release()
    world.floor.pick(world.ref(name))
    world.aggregate()
    assert (world.posted(name), world.standing(name)) == ([], ("in_warehouse", ""))


def test_p12_a_part_pack_is_never_posted_as_a_pack(world: World) -> None:
    """P12. 4 cases of 12: 42 units leave, 6 are closed short: 3 cases posted, 6 units a matter for people."""
    world.goods("MUG", 100, cases=[12])
    name = world.sell(("MUG-12", 4))
    world.release()
    (case,) = world.line_ids(name)
    world.floor.ship(world.ref(name), {case: 42}, close_rest=True)
    world.aggregate()
    assert [quantities for quantities, _ in world.posted(name)] == [{"MUG-12": 3}]
    assert [(code, owner) for code, _, owner in world.tickets()] == [
        ("shipped_part_pack", "customer_service"),
        ("short_closed", "finance"),
    ]
    assert world.evidence("shipped_part_pack")["loose units"] == "6"


def test_p12_a_part_pack_stays_told_after_the_rest_was_credited(world: World) -> None:
    """3 cases and 6 units left; the fourth case is credited, the 6 units are still to be settled."""
    world.goods("MUG", 100, cases=[12])
    name = world.sell(("MUG-12", 4))
    world.release()
    (case,) = world.line_ids(name)
    world.floor.ship(world.ref(name), {case: 42}, close_rest=True)
    world.aggregate()
    world.control.edit_line_quantity(name, 1, 3)
    world.release()
    for _ in range(3):
        world.aggregate()
        assert world.standing(name)[0] == "fulfilled"
        assert ("shipped_part_pack", f"{name} line {case}", "customer_service") in world.tickets()


def test_a_pack_that_a_later_shipment_completes_is_posted_with_that_one(world: World) -> None:
    world.goods("MUG", 100, cases=[12])
    name = world.sell(("MUG-12", 2))
    world.release()
    (case,) = world.line_ids(name)
    for units in (7, 7, 10):
        world.floor.ship(world.ref(name), {case: units})
        world.aggregate()
    assert [quantities for quantities, _ in world.posted(name)] == [{"MUG-12": 1}, {"MUG-12": 1}]
    assert (world.status(name)[0], world.tickets()) == ("FULFILLED", [])


def test_goods_that_left_under_a_reference_of_ours_and_no_line_open_a_ticket(world: World) -> None:
    world.goods("MUG", 100)
    name = world.sell(("MUG", 5))
    world.release()
    world.floor.order(world.ref(name)).skus["999"] = "MUG"
    shipment = world.floor.ship(world.ref(name), {"999": 2})
    world.aggregate()
    assert world.tickets() == [("shipment_unmatched", f"shipment {shipment} line 999", "operations")]
    assert world.posted(name) == []


def test_what_cannot_be_used_of_a_reading_is_a_ticket_until_the_same_is_told_properly(world: World) -> None:
    """Part of a unit, a line nobody knows, an unreadable message: the rest of the reading goes through."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 5))
    world.release()
    world.floor.problems = [
        Problem("shipment S0001", "counts 1.5 units of MUG"),
        Problem("message 7", "cannot be read"),
    ]
    world.aggregate()
    about = [("message_unusable", "message 7", "warehouse"), ("message_unusable", "shipment S0001", "warehouse")]
    assert sorted(world.tickets()) == about
    world.floor.problems = []
    world.aggregate()
    assert sorted(world.tickets()) == about
    world.floor.ship(world.ref(name))
    world.floor.problems = [Problem("message 7", "")]
    world.aggregate()
    assert world.tickets() == []


def test_a_fulfilment_that_the_shop_refuses_becomes_a_ticket_and_the_others_are_posted(world: World) -> None:
    """F30. One order was cancelled in the shop after the goods had left."""
    world.goods("MUG", 100)
    gone, sound = world.sell(("MUG", 5)), world.sell(("MUG", 6))
    world.release()
    world.floor.ship(world.ref(gone))
    world.floor.ship(world.ref(sound))
    world.control.cancel(gone)
    world.aggregate()
    assert world.posted(gone) == []
    assert [quantities for quantities, _ in world.posted(sound)] == [{"MUG": 6}]
    assert [code for code, _, _ in world.tickets()] == ["fulfilment_refused"]
