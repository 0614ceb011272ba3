"""What the shop says late, twice or in an odd order must neither vanish nor stop others."""

from __future__ import annotations

from tests.stories.world import World


def test_an_increase_that_breaks_the_pack_size_is_held_and_stays_demand(world: World) -> None:
    """Ten are in the warehouse; seventeen are asked for, sold in fives. Nobody may forget the seven."""
    world.goods("MUG", 100, pack_size=5, shown=100)
    name = world.sell(("MUG", 10))
    world.release()
    world.control.edit_line_quantity(name, 1, 17)
    world.release()
    world.sync()
    assert world.standing(name) == ("held", "pack_size_violated")
    assert world.tickets() == [("pack_size_violated", name, "customer_service")]
    assert world.shown() == {"MUG": 83}
    world.floor.ship(world.ref(name))
    world.aggregate()
    assert world.standing(name) == ("held", "pack_size_violated")
    world.control.edit_line_quantity(name, 1, 15)
    world.release()
    assert world.units(name) == {"ordered": 15, "released": 15, "shipped": 10, "outstanding": 5}


def test_an_order_emptied_and_filled_again_is_taken_up_again(world: World) -> None:
    world.goods("MUG", 0)
    name = world.sell(("MUG", 5))
    world.release()
    world.control.edit_line_quantity(name, 1, 0)
    world.release()
    assert world.standing(name) == ("cancelled", "")
    world.control.edit_line_quantity(name, 1, 6)
    world.floor.receive({"MUG": 20})
    world.release()
    assert world.standing(name) == ("in_warehouse", "")
    assert world.units(name) == {"ordered": 11, "cancelled": 5, "released": 6, "outstanding": 6}


def test_an_order_cancelled_before_it_was_ever_seen_is_cancelled_and_waits_for_nothing(world: World) -> None:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 5))
    world.control.cancel(name)
    world.release()
    assert (world.standing(name), world.floor.held(), world.tickets()) == (("cancelled", ""), [], [])


def test_a_second_order_with_the_same_cart_is_held_and_counts_as_demand(world: World) -> None:
    world.goods("MUG", 100, shown=100)
    first, second = world.sell(("MUG", 5), cart="one"), world.sell(("MUG", 50), cart="one")
    world.release()
    world.sync()
    assert world.standing(first) == ("in_warehouse", "")
    assert world.standing(second) == ("held", "order_malformed")
    assert "carries the same cart" in world.evidence("order_malformed")["problems"]
    assert world.shown() == {"MUG": 45}
    assert len(world.floor.held()) == 1


def test_what_was_decided_and_cancelled_before_it_was_sent_is_never_sent(world: World) -> None:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 5))
    world.collect_stock()
    world.decide()
    world.control.cancel(name)
    world.release()
    assert (world.standing(name), world.floor.held(), world.tickets()) == (("cancelled", ""), [], [])
    assert world.units(name) == {"ordered": 5, "cancelled": 5}


def test_naming_an_order_that_does_not_wait_is_counted_and_touches_no_other(world: World) -> None:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 5))
    world.collect_stock()
    figures = world.decide(order_ids=("nope",))
    assert (figures["release"], figures["not_waiting"], world.standing(name)) == (0, 1, ("placed", ""))
    figures = world.decide(order_ids=(name.strip("#"),))
    assert (figures["release"], figures["not_waiting"], world.standing(name)) == (1, 0, ("in_warehouse", ""))
