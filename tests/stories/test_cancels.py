"""What is stopped while the warehouse has it: cancelled in the shop, held there, or asked for on the desk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from include.fulfilment.domain.order import SalesOrder
from include.fulfilment.errors import DataError
from include.fulfilment.ports import CancelKind
from include.fulfilment.services.people import ask_cancel, lift_hold
from tests.stories.test_after_release import able, ordered, released, timeline
from tests.stories.world import World

ADA = ("Ada", "the buyer rang")
BEN = ("Ben", "ordered twice")


def cancelled(world: World) -> str:
    """An order of 10 that the warehouse holds and the shop has cancelled."""
    name = released(world)
    world.control.cancel(name)
    return name


def changed(world: World, name: str, **content: object) -> None:
    """The shop tells the order otherwise, as its next reading would."""
    (order,) = [each for page in world.storefront.read_orders(None) for each in page.orders if each.name == name]
    told: SalesOrder = replace(order, **content)  # type: ignore[arg-type]
    with world.store.transaction() as rows:
        rows.orders.record([told], world.clock())


def test_f34_cancelled_in_the_shop_before_the_pick_is_cancelled_in_the_warehouse(world: World) -> None:
    name = cancelled(world)
    for _ in range(2):
        world.release()
        world.aggregate()
    assert ordered(world, name) == [(world.ref(name), "cancelled", 10)]
    assert (world.standing(name), world.tickets()) == (("cancelled", ""), [])
    assert world.units(name) == {"ordered": 10, "cancelled": 10}
    assert world.floor.calls["cancel"] == 1
    assert timeline(world, name)[-2:] == [
        f"Asked the warehouse to cancel {world.ref(name)}: cancelled in shop",
        f"The warehouse confirmed the cancel of {world.ref(name)}: 10 EA less",
    ]


@pytest.mark.parametrize("can", [CancelKind.NONE, CancelKind.SYNC])
def test_f34_a_cancel_that_comes_too_late_is_a_persons_matter_until_the_goods_tell(
    world: World, can: CancelKind
) -> None:
    """R17b. The shop stays cancelled and shows nothing as fulfilled; the value is told to finance."""
    able(world, cancel=can)
    name = cancelled(world)
    world.floor.begin_picking(world.ref(name))
    for _ in range(2):
        world.release()
    assert world.tickets() == [("cancelled_after_release", name, "customer_service")]
    assert world.units(name) == {"ordered": 10, "released": 10, "outstanding": 10}
    world.floor.ship(world.ref(name))
    for _ in range(2):
        world.aggregate()
        world.release()
        assert world.standing(name) == ("partly_shipped", "shipped_after_cancel")
        assert world.tickets() == [
            ("settle_after_cancel", name, "finance"),
            ("shipped_after_cancel", name, "customer_service"),
        ]
        assert world.posted(name) == []
    assert world.units(name) == {"ordered": 10, "released": 10, "shipped": 10}
    told = world.evidence("settle_after_cancel")
    assert (told["value"], told["tracking"]) == ("10.00 GBP net", "T00011")


def test_r17b_a_shipment_that_races_the_confirmed_cancel_wins(world: World) -> None:
    """R17b, F34. The warehouse confirms the cancel, and a lorry had left with four: nothing is dropped."""
    name = cancelled(world)
    world.release()
    assert world.units(name) == {"ordered": 10, "cancelled": 10}
    (line,) = world.line_ids(name)
    world.floor.order(world.ref(name)).closed.clear()
    world.floor.ship(world.ref(name), {line: 4})
    for _ in range(3):
        world.aggregate()
        world.release()
        assert world.units(name) == {"ordered": 10, "released": 4, "cancelled": 6, "shipped": 4}
        assert world.standing(name) == ("partly_shipped", "shipped_after_cancel")
        assert [code for code, _, _ in world.tickets()] == ["settle_after_cancel", "shipped_after_cancel"]
    assert (world.evidence("settle_after_cancel")["value"], world.posted(name)) == ("4.00 GBP net", [])


def test_r15_a_shipment_that_races_the_edit_keeps_the_rest_from_going_twice(world: World) -> None:
    """The cancel of the ten was confirmed and six were sent anew; then the ten are told to have left."""
    able(world, update=False)
    name = released(world)
    world.control.edit_line_quantity(name, 1, 6)
    world.release()
    world.release()
    assert ordered(world, name) == [(world.ref(name), "cancelled", 10), (world.ref(name, 2), "open", 6)]
    world.floor.order(world.ref(name)).closed.clear()
    world.floor.ship(world.ref(name))
    world.aggregate()
    assert world.units(name) == {"ordered": 10, "released": 10, "shipped": 4, "outstanding": 6, "over_shipped": 6}
    world.release()
    assert ordered(world, name)[1] == (world.ref(name, 2), "cancelled", 6)
    for _ in range(2):
        world.aggregate()
        world.release()
    assert world.units(name) == {"ordered": 10, "released": 10, "shipped": 10}
    assert (len(world.held(name)), world.floor.calls["submit"]) == (2, 2)


def test_held_in_the_shop_is_taken_back_and_goes_again_when_the_shop_lets_it(world: World) -> None:
    """R26. The units are held, and sent once more under the next number."""
    name = released(world)
    world.control.hold(name, "OTHER")
    for _ in range(3):
        world.release()
    assert ordered(world, name) == [(world.ref(name), "cancelled", 10)]
    assert world.standing(name) == ("held", "held_in_shop")
    world.control.hold(name, None)
    world.release()
    assert ordered(world, name)[1] == (world.ref(name, 2), "open", 10)
    assert world.units(name) == {"ordered": 10, "released": 10, "outstanding": 10}


def test_a_new_po_number_is_told_to_the_warehouse(world: World) -> None:
    """F33. The note is changed; the quantity stays."""
    name = released(world)
    world.control.set_note(name, "PO: PO-2")
    world.release()
    (held,) = world.held(name)
    assert (held.po_number, held.ordered) == ("PO-2", {world.line_ids(name)[0]: 10})
    assert timeline(world, name)[-2].endswith("PO number")


def test_f35_another_address_is_told_to_the_warehouse(world: World) -> None:
    """F35. The timeline names the field and never the address."""
    name = released(world)
    (order,) = [each for page in world.storefront.read_orders(None) for each in page.orders if each.name == name]
    changed(world, name, ship_to=replace(order.ship_to, address1="9 Low Street"))
    world.decide()
    world.submit()
    (held,) = world.held(name)
    assert held.ship_to.address1 == "9 Low Street"
    assert timeline(world, name)[-2].endswith("revision 2: delivery address")
    assert not any("Low Street" in words for words in timeline(world, name))


def test_f35_an_address_that_cannot_be_told_is_a_persons_matter(world: World) -> None:
    name = released(world)
    (order,) = [each for page in world.storefront.read_orders(None) for each in page.orders if each.name == name]
    changed(world, name, ship_to=replace(order.ship_to, city=""))
    world.decide()
    world.submit()
    assert world.tickets() == [("changed_after_release", name, "customer_service")]
    assert world.evidence("changed_after_release") == {
        world.ref(name): "delivery address",
        f"why not {world.ref(name)}": "it cannot be told to the warehouse as it is: address_incomplete",
    }
    assert (world.floor.calls["amend"], world.floor.calls["cancel"]) == (0, 0)


def test_r17a_asked_on_the_desk_after_the_goods_left_is_shipped(world: World) -> None:
    """R17a. Dispatched 09:59:58, asked 10:00:00, told 10:03: the shop is fulfilled, and whoever asked reads why."""
    name = released(world)
    world.floor.ship(world.ref(name))
    _, told_later = world.floor.told.pop()
    world.pass_time(minutes=2 / 60)
    asked_at = world.clock()
    assert ask_cancel(world.store, name, *ADA, world.clock).verdict == ""
    assert ask_cancel(world.store, name, *BEN, world.clock).person == "Ada"
    for _ in range(2):
        world.release()
    assert world.tickets() == [("stop_refused", name, "customer_service")]
    assert world.units(name) == {"ordered": 10, "released": 10, "outstanding": 10}
    world.floor.told.append((world.clock(), told_later))
    world.aggregate()
    world.release()
    assert (world.standing(name), world.status(name)[0]) == (("fulfilled", ""), "FULFILLED")
    assert ask_cancel(world.store, name, *ADA, world.clock).verdict == "shipped"
    assert world.tickets() == []
    left_at = f"{asked_at.replace(second=asked_at.second - 2):%H:%M:%S}"
    assert timeline(world, name)[-1] == (
        f"Shipped: Ada had asked at {asked_at:%H:%M:%S} UTC to stop it; goods left at {left_at} UTC"
    )


def test_r17a_asked_in_time_stops_the_order_until_the_hold_is_lifted(world: World) -> None:
    """Lifted, it goes again once; cancelled in the shop instead, it is over."""
    name = released(world)
    ask_cancel(world.store, name, *ADA, world.clock)
    for _ in range(3):
        world.release()
    assert ordered(world, name) == [(world.ref(name), "cancelled", 10)]
    assert world.standing(name) == ("held", "cancel_asked")
    assert world.units(name) == {"ordered": 10, "held": 10}
    assert ask_cancel(world.store, name, *ADA, world.clock).verdict == "stopped"
    assert "Stopped: Ada had asked at" in timeline(world, name)[-1]
    lift_hold(world.store, name, "cancel_asked", *BEN, world.clock)
    for _ in range(2):
        world.release()
    assert ordered(world, name)[1:] == [(world.ref(name, 2), "open", 10)]
    world.control.cancel(name)
    for _ in range(2):
        world.release()
    assert (world.standing(name), world.units(name)) == (("cancelled", ""), {"ordered": 10, "cancelled": 10})


def test_a_stop_asked_before_the_release_keeps_it_from_the_warehouse(world: World) -> None:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    world.release()
    other = world.sell(("MUG", 5), payment="upfrontPayment")
    world.release()
    ask_cancel(world.store, other, *ADA, world.clock)
    world.control.pay(other)
    world.release()
    assert world.standing(other) == ("held", "cancel_asked")
    assert (world.held(other), len(world.held(name))) == ([], 1)


@pytest.mark.parametrize(
    ("order", "person", "reason"), [("#404", "Ada", "x"), ("{name}", " ", "x"), ("{name}", "Ada", "")]
)
def test_a_stop_that_cannot_be_is_refused_and_nothing_changes(
    world: World, order: str, person: str, reason: str
) -> None:
    name = released(world)
    before = world.contents()
    with pytest.raises(DataError, match="nothing was stored"):
        ask_cancel(world.store, order.format(name=name), person, reason, world.clock)
    assert (world.contents(), world.query("SELECT * FROM cancel_request WHERE site = %(site)s")) == (before, [])
