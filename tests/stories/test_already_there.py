"""What somebody else sent or brought to the warehouse: never sent a second time, and ours once a person adopts it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import DataError, RetryableError
from include.fulfilment.services.people import correct_order, lift_hold
from tests.stories.test_release import fulfil_by_hand
from tests.stories.world import World

ADA = ("Ada", "our old connector sent it")
LIFTED = ("Ada", "that is a shop counter's order of the same number")


def there(world: World, goods: dict[str, int], units: int = 10) -> tuple[str, str]:
    """An order for 10 mugs whose number the warehouse holds already, for these goods; its name and that number."""
    world.goods("MUG", 50)
    world.goods("CUP", 50)
    name = world.sell(("MUG", units))
    number = name.removeprefix("#")
    world.floor.take_by_another_route(number, goods)
    world.release()
    return name, number


def test_r29_an_order_that_is_there_already_is_not_sent_and_waits_for_a_person(world: World) -> None:
    """R29, F20. Held once in the warehouse, by whoever brought it; a further run changes nothing."""
    name, number = there(world, {"MUG": 10})
    assert [each.external_ref for each in world.floor.held()] == [number]
    assert (world.standing(name), world.units(name)) == (("held", "already_in_warehouse"), {"ordered": 10, "held": 10})
    world.release()
    before = world.contents()
    world.release()
    assert (world.contents(), world.floor.calls["submit"]) == (before, 0)
    assert world.tickets() == [("already_in_warehouse", name, "operations")]
    assert world.evidence("already_in_warehouse")["held_under"] == number


def test_r29_once_adopted_its_shipments_are_those_of_our_order(world: World) -> None:
    """R29. Two parcels in two shipments, one of which was gone before: nothing is created, the shop is told of both."""
    name, number = there(world, {"MUG": 10})
    world.floor.ship(number, {"1": 4})
    correct_order(world.store, name, "adopts", number, *ADA, world.clock)
    world.release()
    assert world.units(name) == {"ordered": 10, "released": 10, "outstanding": 10}
    world.aggregate()
    assert world.units(name) == {"ordered": 10, "released": 10, "shipped": 4, "outstanding": 6}
    world.floor.ship(number)
    world.aggregate()
    world.aggregate()
    assert (world.standing(name), world.tickets()) == (("fulfilled", ""), [])
    assert [goods for goods, _ in world.posted(name)] == [{"MUG": 4}, {"MUG": 6}]
    assert ([each.external_ref for each in world.floor.held()], world.floor.calls["submit"]) == ([number], 0)


def test_r29_what_the_adopted_order_lacks_is_named_and_closed_when_it_is_done(world: World) -> None:
    """R29, F4. Held for 8 of our 10: the difference is a ticket, and after its last shipment two are short."""
    name, number = there(world, {"MUG": 8})
    correct_order(world.store, name, "adopts", number, *ADA, world.clock)
    world.release()
    (line,) = world.line_ids(name)
    assert world.evidence("exists_with_other_content") == {"difference 1": f"line {line}: sent 10 EA, holds 8 EA"}
    world.floor.ship(number)
    world.aggregate()
    assert world.units(name) == {"ordered": 10, "released": 10, "shipped": 8, "short": 2}
    assert [goods for goods, _ in world.posted(name)] == [{"MUG": 8}]


def test_r29_units_of_an_adopted_order_fill_two_lines_of_one_sku_and_goods_never_ordered_are_a_ticket(
    world: World,
) -> None:
    """R29, F5. 3 + 4 mugs ordered on two lines; 7 mugs and a cup leave."""
    world.goods("MUG", 50)
    world.goods("CUP", 50)
    name = world.sell(("MUG", 3), ("MUG", 4))
    number = name.removeprefix("#")
    world.floor.take_by_another_route(number, {"MUG": 7, "CUP": 1})
    world.release()
    correct_order(world.store, name, "adopts", number, *ADA, world.clock)
    world.release()
    world.floor.ship(number)
    world.aggregate()
    assert world.units(name) == {"ordered": 7, "released": 7, "shipped": 7}
    assert [goods for goods, _ in world.posted(name)] == [{"MUG": 7}]
    assert [code for code, _, _ in world.tickets()] == ["exists_with_other_content", "shipment_unmatched"]


def test_r29_lifted_ours_goes_beside_it(world: World) -> None:
    """R29, R31. The other one stays as it is, and its shipments are none of ours."""
    name, number = there(world, {"MUG": 2})
    lift_hold(world.store, name, "already_in_warehouse", *LIFTED, world.clock)
    world.release()
    assert [sum(each.ordered.values()) for each in world.floor.held()] == [2, 10]
    world.floor.ship(number)
    world.aggregate()
    assert (world.units(name), world.tickets()) == ({"ordered": 10, "released": 10, "outstanding": 10}, [])


def test_r29_a_run_for_the_order_looks_again(world: World) -> None:
    """R29. It was cancelled there meanwhile, so ours goes, as its next revision."""
    name, number = there(world, {"MUG": 10})
    world.floor.order(number).state = "cancelled"
    world.decide()
    assert world.standing(name) == ("held", "already_in_warehouse")
    world.decide(order_ids=(name,))
    world.release()
    assert [sum(each.ordered.values()) for each in world.held(name)] == [10]
    assert world.tickets() == []


def test_r29_the_same_number_for_other_goods_stops_nothing(world: World) -> None:
    """R29. Numbers are short: somebody else's 1042 holds cups."""
    name, _ = there(world, {"CUP": 10})
    assert (world.standing(name), world.units(name)["released"]) == (("in_warehouse", ""), 10)


def test_r29_while_the_other_orders_cannot_be_asked_for_nothing_is_sent(world: World) -> None:
    """R29. A search that fails is no proof of absence."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    world.collect()
    world.collect_stock()
    world.decide()
    world.floor.lost_others = 1
    with pytest.raises(RetryableError, match="no answer to the search"):
        world.submit()
    assert world.floor.held() == []
    world.pass_time(minutes=5)
    world.release()
    assert world.units(name)["released"] == 10
    assert len(world.held(name)) == 1


def test_r29_an_order_adopted_by_a_reference_that_the_warehouse_does_not_hold_is_refused_and_never_created(
    world: World,
) -> None:
    """R29, R31. The correction is corrected, and a run for the order takes it."""
    name, number = there(world, {"MUG": 10})
    correct_order(world.store, name, "adopts", "9999999", *ADA, world.clock)
    world.release()
    assert (len(world.floor.held()), world.standing(name)) == (1, ("held", "warehouse_rejected"))
    correct_order(world.store, name, "adopts", number, *ADA, world.clock)
    world.decide(order_ids=(name,))
    world.release()
    assert (world.standing(name), world.tickets()) == (("in_warehouse", ""), [])
    assert [each.external_ref for each in world.floor.held()] == [number]


@pytest.mark.parametrize("value", ["B2B1042", "10,42", " 1042", "1" * 101])
def test_r29_what_is_no_reference_of_another_route_cannot_be_adopted(world: World, value: str) -> None:
    name, _ = there(world, {"MUG": 10})
    before = world.contents()
    with pytest.raises(DataError, match="reference"):
        correct_order(world.store, name, "adopts", value, *ADA, world.clock)
    assert world.contents() == before


def test_r29_what_one_order_adopted_no_other_can_adopt_until_it_is_taken_back(world: World) -> None:
    """R29. Else its shipments would count for two."""
    name, number = there(world, {"MUG": 10})
    other, _ = there(world, {"MUG": 10})
    correct_order(world.store, name, "adopts", number, *ADA, world.clock)
    before = world.contents()
    with pytest.raises(DataError, match=f"was adopted by order {name}; nothing was stored"):
        correct_order(world.store, other, "adopts", number, *ADA, world.clock)
    assert world.contents() == before
    correct_order(world.store, name, "adopts", "", *ADA, world.clock)
    correct_order(world.store, other, "adopts", number, *ADA, world.clock)
    world.release()
    assert (world.standing(name), world.standing(other)) == (("held", "already_in_warehouse"), ("in_warehouse", ""))
    correct_order(world.store, name, "adopts", "9999999", *ADA, world.clock)
    with pytest.raises(DataError, match=f"was adopted by order {other}; nothing was stored"):
        correct_order(world.store, name, "adopts", number, *ADA, world.clock)


def test_r29_an_adopted_order_that_the_shop_cancels_is_cancelled_there(world: World) -> None:
    """R29, R17b."""
    name, number = there(world, {"MUG": 10})
    correct_order(world.store, name, "adopts", number, *ADA, world.clock)
    world.release()
    world.control.cancel(name)
    for _ in range(3):
        world.release()
        world.aggregate()
    assert world.floor.order(number).state == "cancelled"
    assert (world.standing(name), world.units(name)) == (("cancelled", ""), {"ordered": 10, "cancelled": 10})


def test_f31_what_somebody_else_fulfilled_in_part_is_not_sent_again(world: World) -> None:
    """F31. 4 of 10 were sent from the shop's admin, before the order was read or after: 6 go, and 6 are posted."""
    world.goods("MUG", 50)
    names = [world.sell(("MUG", 10)), world.sell(("MUG", 10))]
    world.collect()
    for name in names:
        fulfil_by_hand(world, name, 4)
    names.append(world.sell(("MUG", 10)))
    fulfil_by_hand(world, names[-1], 10)
    world.release()
    assert world.standing(names.pop()) == ("not_ours", "fulfilled_elsewhere")
    for name in names:
        assert [list(each.ordered.values()) for each in world.held(name)] == [[6]]
        assert world.units(name) == {"ordered": 6, "released": 6, "outstanding": 6}
        world.floor.ship(world.ref(name))
    world.aggregate()
    world.release()
    world.aggregate()
    for name in names:
        assert world.standing(name) == ("fulfilled", "")
        assert world.units(name) == {"ordered": 6, "released": 6, "shipped": 6}
        assert [goods for goods, _ in world.posted(name)] == [{"MUG": 4}, {"MUG": 6}]
    assert world.tickets() == []


def test_f31_what_we_posted_ourselves_is_never_taken_for_somebody_elses(world: World) -> None:
    """F31, R8. 10 ordered, 6 there: they go and are posted; once more is there, the 4 go too."""
    world.goods("MUG", 6)
    name = world.sell(("MUG", 10))
    world.release()
    world.floor.ship(world.ref(name))
    world.aggregate()
    world.release()
    world.floor.receive({"MUG": 50})
    world.release()
    assert [sum(each.ordered.values()) for each in world.held(name)] == [6, 4]
    assert world.units(name) == {"ordered": 10, "released": 10, "shipped": 6, "outstanding": 4}


@pytest.mark.every_warehouse(x12="the partner cannot be asked for orders of another route")
def test_r29_over_the_wire_an_adopted_order_ships_once(world: World) -> None:
    """R29. The other connector writes through the warehouse's own API; ours only reads it."""
    ships_once(world, "MUG")


def ships_once(world: World, sku: str) -> None:
    """The story for goods of this SKU, in whatever warehouse the merchant has."""
    world.goods(sku, 50)
    first = world.sell((sku, 10))
    world.release()
    (sent,) = world.query("SELECT content FROM warehouse_order WHERE site = %(site)s")
    name = world.sell((sku, 10))
    number = name.removeprefix("#")
    ours = WarehouseOrder.from_json(sent["content"])
    world.warehouse.submit(replace(ours, external_ref=number), world.clock().replace(year=2100))
    world.release()
    assert world.standing(name) == ("held", "already_in_warehouse")
    correct_order(world.store, name, "adopts", number, *ADA, world.clock)
    world.release()
    world.floor.ship(number)
    for _ in range(2):
        world.aggregate()
    assert (world.standing(name), world.standing(first)) == (("fulfilled", ""), ("in_warehouse", ""))
    assert [goods for goods, _ in world.posted(name)] == [{sku: 10}]
    there = [each for each in world.floor.held() if each.external_ref in (number, world.ref(first), world.ref(name))]
    assert sorted(each.external_ref for each in there) == sorted([number, world.ref(first)])
