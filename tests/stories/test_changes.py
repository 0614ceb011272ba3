"""What people do to an order on its way: edits, cancellations, and what the warehouse holds otherwise than sent."""

from __future__ import annotations

import pytest

from tests.stories.world import World


def test_r10_what_is_found_with_other_content_is_told_and_not_sent_again(world: World) -> None:
    """R10. The reply is lost and the warehouse holds it without the instructions."""
    world.goods("MUG", 50)
    world.floor.submit_faults = ["lost_thin"]
    name = world.sell(("MUG", 10), note="Delivery instructions: ring twice")
    world.release()
    world.release()
    assert world.tickets() == [("exists_with_other_content", world.ref(name), "operations")]
    assert (len(world.held(name)), world.floor.calls["submit"]) == (1, 1)
    world.floor.order(world.ref(name)).instructions = "ring twice"
    world.floor.ship(world.ref(name))
    world.aggregate()
    world.release()
    assert world.tickets() == []


def test_r21_a_slip_is_asked_about_and_cancelled_inside_the_hold_leaves_no_trace(world: World) -> None:
    """R21. 80,995 units, cancelled 12 minutes later."""
    world.goods("MUG", 100_000)
    world.credit("1000000")
    name = world.sell(("MUG", 80_995))
    world.release()
    assert world.tickets() == [("quantity_threshold", name, "operations")]
    world.pass_time(minutes=12)
    world.control.cancel(name)
    world.release()
    assert (world.standing(name), world.tickets()) == (("cancelled", ""), [])
    assert (world.floor.held(), world.units(name)) == ([], {"ordered": 80_995, "cancelled": 80_995})


def test_r15_a_decrease_before_release_simply_counts(world: World) -> None:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10), payment="upfrontPayment")
    world.release()
    world.control.edit_line_quantity(name, 1, 6)
    world.control.pay(name)
    world.release()
    assert [sum(each.ordered.values()) for each in world.held(name)] == [6]
    assert world.units(name) == {"ordered": 10, "released": 6, "cancelled": 4, "outstanding": 6}


@pytest.mark.every_warehouse()
def test_r28_an_increase_is_a_decision_of_its_own_and_goes_as_a_further_order(world: World) -> None:
    """R28. 10 to 16: the 10 go on, the 6 follow once."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    world.release()
    world.control.edit_line_quantity(name, 1, 16)
    for _ in range(2):
        world.release()
    assert [sum(each.ordered.values()) for each in world.held(name)] == [10, 6]
    assert world.units(name) == {"ordered": 16, "released": 16, "outstanding": 16}


def test_r28_an_increase_beyond_the_credit_is_held_alone(world: World) -> None:
    world.goods("MUG", 9_000)
    world.credit("1000", "0")
    name = world.sell(("MUG", 900))
    world.release()
    world.control.edit_line_quantity(name, 1, 1_100)
    world.release()
    assert world.standing(name) == ("held", "credit_limit_exceeded")
    assert world.units(name) == {"ordered": 1_100, "held": 200, "released": 900, "outstanding": 900}
    world.floor.ship(world.ref(name))
    world.aggregate()
    assert world.standing(name) == ("held", "credit_limit_exceeded")
    assert world.status(name)[0] == "PARTIALLY_FULFILLED"
