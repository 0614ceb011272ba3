"""What the shop says late, twice or in an odd order must neither vanish nor stop others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from include.fulfilment.errors import RetryableError
from include.fulfilment.ports import CancelKind
from tests.fakes import CAPABILITIES
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


@pytest.mark.parametrize("asks_to_wait", [60.0, 0.0])
def test_what_an_outage_kept_from_going_is_never_sent_once_the_shop_cancels_it(
    world: World, asks_to_wait: float
) -> None:
    """A warehouse that cannot cancel: whatever was created there would have left."""
    put_back(world, asks_to_wait)
    name = world.sell(("MUG", 5))
    world.collect_stock()
    world.decide()
    fail_to_send(world)
    world.control.cancel(name)
    world.pass_time(minutes=240)
    world.release()
    assert (world.standing(name), world.floor.orders, world.tickets()) == (("cancelled", ""), [], [])


def test_what_an_outage_kept_from_going_goes_once_as_the_shop_says_it_by_then(world: World) -> None:
    put_back(world, 60.0)
    name = world.sell(("MUG", 40))
    world.collect_stock()
    world.decide()
    fail_to_send(world)
    world.control.edit_line_quantity(name, 1, 4)
    world.pass_time(minutes=240)
    world.release()
    assert [sum(each.ordered.values()) for each in world.floor.orders] == [4]
    assert (world.standing(name), world.tickets()) == (("in_warehouse", ""), [])


def put_back(world: World, asks_to_wait: float) -> None:
    """Goods in a warehouse that can neither change nor cancel an order, and that will ask to wait so long."""
    world.floor.capabilities = replace(CAPABILITIES, update=False, cancel=CancelKind.NONE)
    world.floor.asks_to_wait = asks_to_wait
    world.goods("MUG", 50)


def fail_to_send(world: World) -> None:
    """A run in which the warehouse takes nothing."""
    world.floor.down = True
    with pytest.raises(RetryableError):
        world.submit()
    world.floor.down = False
    sql = "SELECT state, attempts FROM outbox WHERE site = %(site)s AND kind = 'warehouse_order'"
    assert world.query(sql) == [{"state": "queued", "attempts": 0}]


def test_of_the_orders_of_a_cart_the_next_one_goes_once_the_first_is_cancelled(world: World) -> None:
    world.goods("MUG", 100)
    first, second, third = (world.sell(("MUG", units), cart="one") for units in (5, 6, 7))
    world.release()
    assert [world.standing(each) for each in (second, third)] == [("held", "order_malformed")] * 2
    world.pass_time(hours=2)
    world.control.cancel(first)
    for _ in range(3):
        world.release()
    assert [world.standing(each) for each in (first, second, third)] == [
        ("cancelled", ""),
        ("in_warehouse", ""),
        ("held", "order_malformed"),
    ]
    world.control.set_note(third, "PO: PO-3")
    world.pass_time(minutes=5)
    world.release()
    assert world.standing(third) == ("held", "order_malformed")


def test_a_second_order_of_a_cart_stays_held_where_the_first_had_left(world: World) -> None:
    """Cancelled after delivery is a refund, and no word that the other is wanted."""
    world.goods("MUG", 100)
    first, second = world.sell(("MUG", 5), cart="one"), world.sell(("MUG", 5), cart="one")
    world.release()
    world.floor.ship(world.ref(first))
    world.aggregate()
    world.control.cancel(first)
    world.pass_time(hours=2)
    for _ in range(2):
        world.release()
    assert (world.standing(second), len(world.floor.held())) == (("held", "order_malformed"), 1)


def test_a_rest_smaller_than_a_pack_goes_whole(world: World) -> None:
    """The pack was broken while that was agreed; nobody can make a case of what is left."""
    world.agree(split_packs=frozenset({"MUG"}))
    world.goods("MUG", 7, cases=[12])
    name = world.sell(("MUG-12", 1))
    world.release()
    assert world.units(name) == {"ordered": 12, "released": 7, "outstanding": 7, "backordered": 5}
    world.agree(split_packs=frozenset())
    world.floor.receive({"MUG": 4})
    world.release()
    assert world.units(name)["backordered"] == 5
    world.floor.receive({"MUG": 1})
    world.release()
    assert world.units(name) == {"ordered": 12, "released": 12, "outstanding": 12}
