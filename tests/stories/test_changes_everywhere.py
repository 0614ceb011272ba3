"""What the shop changes before anybody picks, on every dialect: whichever way a warehouse takes it, the goods agree."""

from __future__ import annotations

import pytest

from tests.stories.test_after_release import edited, released
from tests.stories.world import World


def held(world: World, name: str) -> list[tuple[str, int]]:
    """(reference, units ordered) of what the warehouse still means to send of an order."""
    alive = [each for each in world.held(name) if each.state != "cancelled"]
    return [(each.external_ref, sum(each.ordered.values())) for each in alive]


@pytest.mark.every_warehouse()
def test_f33_fewer_units_before_the_pick_are_fewer_in_the_warehouse_whichever_way_it_takes_them(world: World) -> None:
    """F33, R15. Amended where the dialect can, else cancelled and sent anew: six go, once."""
    name = edited(world, 6)
    for _ in range(4):
        world.release()
        world.aggregate()
    ((ref, units),) = held(world, name)
    assert units == 6
    assert world.units(name) == {"ordered": 10, "released": 6, "cancelled": 4, "outstanding": 6}
    assert (world.standing(name), world.tickets()) == (("in_warehouse", ""), [])
    world.floor.ship(ref)
    world.aggregate()
    world.aggregate()
    assert (world.standing(name), world.tickets()) == (("fulfilled", ""), [])
    assert [goods for goods, _ in world.posted(name)] == [{"MUG": 6}]


@pytest.mark.every_warehouse()
def test_f34_a_cancel_before_the_pick_stops_the_order_everywhere(world: World) -> None:
    """F34, R17b. The warehouse sends nothing, the shop shows nothing sent, and nobody is woken."""
    name = released(world)
    world.control.cancel(name)
    for _ in range(4):
        world.release()
        world.aggregate()
    assert held(world, name) == []
    assert world.units(name) == {"ordered": 10, "cancelled": 10}
    assert (world.standing(name), world.tickets(), world.posted(name)) == (("cancelled", ""), [], [])
