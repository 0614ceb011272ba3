"""The shop spreads an order over its locations, each of which is a warehouse of ours, or none of ours."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from include.fulfilment.adapters.storefront.shopify import ShopifyStorefront
from include.fulfilment.adapters.storefront.shopify.settings import ShopifySettings
from include.fulfilment.domain.discrepancy import DriftRules
from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.errors import RetryableError
from include.fulfilment.reports.compare import DriftInputs
from include.fulfilment.reports.drift import build_report
from include.fulfilment.services import drift_report
from include.fulfilment.services.people import correct_order
from tests.fakes import FakeWarehouse, Held
from tests.stories.world import World


@dataclass
class North:
    """The site's second warehouse, and its location in the shop."""

    floor: FakeWarehouse
    location: str


@pytest.fixture
def north(world: World) -> North:
    floor = FakeWarehouse(world.clock)
    return North(floor, world.further_warehouse("north", floor))


def held(floor: FakeWarehouse) -> dict[str, dict[str, int]]:
    """What a warehouse holds: base units by SKU, by reference."""
    found: dict[str, dict[str, int]] = {}
    for each in floor.orders:
        found[each.external_ref] = {each.skus[line]: units for line, units in each.ordered.items()}
    return found


def differences(world: World) -> list[tuple[str, str, int | None, int | None]]:
    """What the two sides disagree on three hours later."""
    world.pass_time(hours=3)
    cut_off, _ = drift_report.collect(world.store, world.warehouses, world.storefronts, world.site, world.clock)
    with world.store.transaction() as rows:
        kept = rows.drift.evidence(cut_off)
    inputs = DriftInputs(kept.stock_ours, kept.stock_shown, kept.lines_ours, kept.lines_shown)
    report = build_report(world.site_code, cut_off, inputs, rules=DriftRules())
    return [(each.subject, each.cause.value, each.ours, each.theirs) for each in report.rows]


def test_lines_at_two_locations_become_two_warehouse_orders_and_the_order_ends_with_both(
    world: World, north: North
) -> None:
    """R26. Each ships what it has, and the shop is told from where."""
    world.goods("MUG", 50)
    world.goods("BOWL", 0)
    north.floor.receive({"BOWL": 20, "MUG": 0})
    name = world.sell(("MUG", 5), ("BOWL", 8))
    world.control.move(name, [2], north.location)
    world.release()
    assert (held(world.floor), held(north.floor)) == ({world.ref(name): {"MUG": 5}}, {world.ref(name, 2): {"BOWL": 8}})
    assert world.units(name) == {"ordered": 13, "released": 13, "outstanding": 13}
    north.floor.ship(world.ref(name, 2))
    world.aggregate()
    assert (world.standing(name)[0], world.posted(name)[0][0]) == ("partly_shipped", {"BOWL": 8})
    assert world.shop(name)["fulfilments"][0]["location"] == north.location
    world.floor.ship(world.ref(name))
    world.aggregate()
    assert world.status(name) == ("FULFILLED", "fulfilled")
    assert [each["location"] for each in world.shop(name)["fulfilments"]] == [north.location, world.location]
    world.sync()
    assert differences(world) == []


def test_a_line_at_a_location_that_is_none_of_ours_is_counted_and_left_to_others(world: World) -> None:
    """R26. The rest of the order goes, and is fulfilled without it."""
    elsewhere = world.control.add_location("High street shop")
    world.goods("MUG", 50)
    name = world.sell(("MUG", 5), ("MUG", 8))
    world.control.move(name, [2], elsewhere)
    world.collect_stock()
    assert world.decide()["lines_elsewhere"] == 1
    world.submit()
    assert (held(world.floor), world.units(name)) == (
        {world.ref(name): {"MUG": 5}},
        {"ordered": 5, "released": 5, "outstanding": 5},
    )
    said = world.query("SELECT words FROM order_event WHERE site = %(site)s ORDER BY event_id")
    assert "8 of MUG leave from a place that is none of ours" in [row["words"] for row in said]
    world.floor.ship(world.ref(name))
    world.aggregate()
    assert (world.standing(name), world.posted(name)[0][0]) == (("fulfilled", ""), {"MUG": 5})
    assert world.status(name) == ("PARTIALLY_FULFILLED", "fulfilled")
    world.sync()
    assert differences(world) == []


def test_an_order_that_leaves_from_elsewhere_is_none_of_ours_until_it_is_moved(world: World) -> None:
    """R26. It is counted as not ours, and is no demand of our warehouse."""
    elsewhere = world.control.add_location("High street shop")
    world.goods("MUG", 50)
    name = world.sell(("MUG", 5))
    world.control.move(name, [1], elsewhere)
    world.release()
    assert (world.standing(name), world.floor.orders) == (("not_ours", "leaves_from_elsewhere"), [])
    world.sync()
    assert world.shown() == {"MUG": 50}
    world.control.move(name, [1], world.location)
    world.release()
    assert (world.standing(name)[0], held(world.floor)) == ("in_warehouse", {world.ref(name): {"MUG": 5}})


def test_a_hold_at_one_of_our_locations_holds_the_order_and_one_elsewhere_does_not(world: World, north: North) -> None:
    """R26. What somebody else waits for is no matter of ours."""
    elsewhere = world.control.add_location("High street shop")
    world.goods("MUG", 50)
    north.floor.receive({"MUG": 30})
    name = world.sell(("MUG", 5), ("MUG", 6), ("MUG", 7))
    world.control.move(name, [2], north.location)
    world.control.move(name, [3], elsewhere)
    world.control.hold(name, "OTHER", north.location)
    world.release()
    assert (world.standing(name), held(world.floor)) == (("held", "held_in_shop"), {})
    world.control.hold(name, None, north.location)
    world.control.hold(name, "OTHER", elsewhere)
    world.release()
    assert (held(world.floor), held(north.floor)) == ({world.ref(name): {"MUG": 5}}, {world.ref(name, 2): {"MUG": 6}})


def test_a_line_that_leaves_from_two_locations_is_held_until_the_shop_names_one(world: World, north: North) -> None:
    world.goods("MUG", 50)
    north.floor.receive({"MUG": 20})
    name = world.sell(("MUG", 10))
    world.control.move(name, [1], north.location, units=4)
    world.release()
    assert world.standing(name) == ("held", "order_malformed")
    here, there = (each.rpartition("/")[2] for each in (world.location, north.location))
    words = f"line 1 leaves from the locations {here} and {there}; move it to one of them in the shop"
    assert world.evidence("order_malformed") == {"problems": words}
    world.control.move(name, [1], north.location)
    world.release()
    assert (held(world.floor), held(north.floor)) == ({}, {world.ref(name): {"MUG": 10}})


def test_each_location_shows_what_its_own_warehouse_has_and_nobody_ordered_from_it(world: World, north: North) -> None:
    world.goods("MUG", 50, cases=[12])
    north.floor.receive({"MUG": 30})
    waits = world.sell(("MUG", 6), payment="upfrontPayment")
    world.control.move(waits, [1], north.location)
    world.release()
    world.sync()
    assert (world.shown_at(world.location), world.shown_at(north.location)) == (
        {"MUG": 50, "MUG-12": 4},
        {"MUG": 24, "MUG-12": 2},
    )
    assert differences(world) == []


def test_an_order_moved_elsewhere_while_it_waits_for_stock_comes_back_when_it_is_moved_back(world: World) -> None:
    elsewhere = world.control.add_location("High street shop")
    world.goods("MUG", 0)
    name = world.sell(("MUG", 5))
    world.release()
    assert world.standing(name)[0] == "awaiting_stock"
    world.control.move(name, [1], elsewhere)
    world.release()
    assert world.standing(name) == ("not_ours", "leaves_from_elsewhere")
    world.control.move(name, [1], world.location)
    world.floor.receive({"MUG": 5})
    world.release()
    assert (world.standing(name)[0], held(world.floor)) == ("in_warehouse", {world.ref(name): {"MUG": 5}})


def test_what_is_in_the_warehouse_stays_ours_when_its_line_is_taken_off_beside_one_elsewhere(world: World) -> None:
    elsewhere = world.control.add_location("High street shop")
    world.goods("MUG", 50)
    name = world.sell(("MUG", 5), ("MUG", 8))
    world.control.move(name, [2], elsewhere)
    world.release()
    world.control.edit_line_quantity(name, 1, 0)
    world.release()
    assert [each.state for each in world.floor.orders] == ["cancelled"]
    world.release()
    assert world.units(name) == {"ordered": 5, "cancelled": 5}
    world.sync()
    assert world.shown() == {"MUG": 50}


def test_a_line_partly_elsewhere_is_held_and_counts_at_every_place_of_ours(world: World, north: North) -> None:
    elsewhere = world.control.add_location("High street shop")
    world.goods("MUG", 50)
    north.floor.receive({"MUG": 20})
    name = world.sell(("MUG", 10))
    world.control.move(name, [1], elsewhere)
    world.control.move(name, [1], world.location, units=4)
    world.release()
    assert (world.standing(name), world.floor.orders) == (("held", "order_malformed"), [])
    world.sync()
    assert (world.shown(), world.shown_at(north.location)) == ({"MUG": 40}, {"MUG": 10})


def test_a_line_spread_over_places_that_are_none_of_ours_holds_none_of_our_lines(world: World) -> None:
    first, second = (world.control.add_location(each) for each in ("High street shop", "Market stall"))
    world.goods("MUG", 50)
    name = world.sell(("MUG", 5), ("MUG", 8))
    world.control.move(name, [2], first)
    world.control.move(name, [2], second, units=3)
    world.release()
    assert (world.standing(name)[0], held(world.floor)) == ("in_warehouse", {world.ref(name): {"MUG": 5}})


def test_what_waits_of_a_line_and_is_sent_by_others_is_not_sent_by_us(world: World) -> None:
    """Three of ten went; the rest leaves from the high street, which sends it."""
    elsewhere = world.control.add_location("High street shop")
    world.goods("MUG", 3)
    name = world.sell(("MUG", 10))
    world.release()
    world.control.move(name, [1], elsewhere)
    world.floor.receive({"MUG": 50})
    world.release()
    assert world.units(name) == {"ordered": 10, "released": 3, "cancelled": 7, "outstanding": 3}
    assert held(world.floor) == {world.ref(name): {"MUG": 3}}


def test_a_line_that_comes_back_from_elsewhere_goes_for_what_others_did_not_send(world: World) -> None:
    """Three of ten went; the high street sent four of the rest before the last three came back."""
    elsewhere = world.control.add_location("High street shop")
    world.goods("MUG", 3)
    name = world.sell(("MUG", 10))
    world.release()
    world.floor.ship(world.ref(name))
    world.aggregate()
    world.control.move(name, [1], elsewhere)
    world.release()
    number, (line,) = world.shop(name)["id"].rpartition("/")[2], world.line_ids(name)
    rest = ("by hand", "DPD", "shop", ("T1",), (), ((line, 4),))
    settings = ShopifySettings(elsewhere)
    their_app = ShopifyStorefront(world.wire, settings, world.clock)
    their_app.post_fulfilments([(number, FulfilmentPost("by hand", *rest))])
    world.control.move(name, [1], world.location)
    world.floor.receive({"MUG": 50})
    world.release()
    world.release()
    assert held(world.floor) == {world.ref(name): {"MUG": 3}, world.ref(name, 2): {"MUG": 3}}


def test_a_line_taken_back_elsewhere_and_moved_back_goes_again(world: World) -> None:
    elsewhere = world.control.add_location("High street shop")
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    world.release()
    world.control.hold(name, "OTHER")
    world.release()
    world.control.hold(name, None)
    world.control.move(name, [1], elsewhere)
    world.release()
    assert world.standing(name) == ("not_ours", "leaves_from_elsewhere")
    world.control.move(name, [1], world.location)
    world.release()
    assert held(world.floor) == {world.ref(name): {"MUG": 10}, world.ref(name, 2): {"MUG": 10}}
    assert [each.state for each in world.floor.orders] == ["cancelled", "open"]


def test_a_waiting_line_that_somebody_else_sent_in_part_goes_for_the_rest_though_another_line_went(
    world: World,
) -> None:
    world.goods("BOWL", 50)
    world.goods("MUG", 0)
    name = world.sell(("BOWL", 2), ("MUG", 10))
    world.release()
    number, (_, line) = world.shop(name)["id"].rpartition("/")[2], world.line_ids(name)
    by_hand = FulfilmentPost("by hand", "by hand", "DPD", "shop", ("T1",), (), ((line, 4),))
    world.storefront.post_fulfilments([(number, by_hand)])
    world.release()
    world.floor.receive({"MUG": 50})
    world.release()
    assert held(world.floor) == {world.ref(name): {"BOWL": 2}, world.ref(name, 2): {"MUG": 6}}


def test_a_location_that_is_named_later_brings_its_orders_along(world: World) -> None:
    location = world.control.add_location("North")
    world.goods("MUG", 50)
    name = world.sell(("MUG", 5))
    world.control.move(name, [1], location)
    world.release()
    assert world.standing(name) == ("not_ours", "leaves_from_elsewhere")
    world.pass_time(hours=36)
    floor = FakeWarehouse(world.clock)
    floor.receive({"MUG": 9})
    world.further_warehouse("north", floor, location)
    world.release()
    world.release()  # its account's credit was last read while it was ours
    assert (world.standing(name)[0], held(floor)) == ("in_warehouse", {world.ref(name): {"MUG": 5}})


def test_orders_in_a_warehouse_that_the_site_file_no_longer_names_are_a_matter(world: World, north: North) -> None:
    world.goods("MUG", 50)
    north.floor.receive({"MUG": 30})
    name = world.sell(("MUG", 5))
    world.control.move(name, [1], north.location)
    world.release()
    site = world.site
    storefront = site.storefront.model_copy(update={"more_locations": {}})
    world.site = site.model_copy(update={"more_warehouses": (), "storefront": storefront})
    world.more_warehouses = {}
    world.release()
    assert world.tickets("warehouse") == [("warehouse_unknown", "warehouse north", "operations")]
    assert world.evidence("warehouse_unknown") == {"orders that it holds": "1"}
    world.site, world.more_warehouses = site, {"north": north.floor}
    world.release()
    assert world.tickets() == []


def test_a_warehouse_that_cannot_be_read_is_a_ticket_and_the_other_s_stock_and_shipments_flow_on(
    world: World, north: North
) -> None:
    world.goods("MUG", 50)
    north.floor.receive({"MUG": 30})
    name = world.sell(("MUG", 5))
    world.release()
    world.sync()
    north.floor.down = True
    world.floor.ship(world.ref(name))
    world.aggregate()
    assert world.status(name) == ("FULFILLED", "fulfilled")
    world.floor.receive({"MUG": 10})
    world.sync()
    assert (world.shown(), world.shown_at(north.location)) == ({"MUG": 55}, {"MUG": 30})
    assert world.tickets() == [
        ("warehouse_unreachable", "shipments of north", "on_call"),
        ("warehouse_unreachable", "stock of north", "on_call"),
    ]
    north.floor.down = False
    world.sync()
    assert world.tickets() == []


def test_a_warehouse_that_is_down_keeps_neither_orders_nor_stock_of_the_other_waiting(
    world: World, north: North
) -> None:
    world.goods("MUG", 50)
    north.floor.receive({"MUG": 30})
    world.sync()
    here, there = world.sell(("MUG", 5)), world.sell(("MUG", 6))
    world.control.move(there, [1], north.location)
    world.collect()
    world.decide()
    north.floor.down = True
    with pytest.raises(RetryableError, match="cannot be reached"):
        world.submit()
    assert (held(world.floor), held(north.floor)) == ({world.ref(here): {"MUG": 5}}, {})
    north.floor.down = False
    world.pass_time(minutes=3)  # until the claim of the run that failed is over
    world.release()
    assert (held(world.floor), held(north.floor)) == (
        {world.ref(here): {"MUG": 5}},
        {world.ref(there): {"MUG": 6}},
    )


def test_goods_that_one_warehouse_lacks_are_not_taken_from_the_other(world: World, north: North) -> None:
    world.goods("MUG", 50)
    north.floor.receive({"MUG": 3})
    name = world.sell(("MUG", 5), ("MUG", 8))
    world.control.move(name, [2], north.location)
    world.release()
    assert (held(world.floor), held(north.floor)) == ({world.ref(name): {"MUG": 5}}, {world.ref(name, 2): {"MUG": 3}})
    assert world.units(name) == {"ordered": 13, "released": 8, "backordered": 5, "outstanding": 8}
    north.floor.receive({"MUG": 10})
    world.release()
    assert held(north.floor) == {world.ref(name, 2): {"MUG": 3}, world.ref(name, 3): {"MUG": 5}}


def test_shipments_of_two_warehouses_under_one_id_are_two(world: World, north: North) -> None:
    """Each warehouse counts its shipments for itself."""
    world.goods("MUG", 50)
    north.floor.receive({"MUG": 30})
    name = world.sell(("MUG", 5), ("MUG", 8))
    world.control.move(name, [2], north.location)
    world.release()
    world.floor.ship(world.ref(name))
    north.floor.ship(world.ref(name, 2))
    assert world.floor.told[0][1].shipment_id == north.floor.told[0][1].shipment_id
    world.aggregate()
    assert sorted(each["MUG"] for each, _ in world.posted(name)) == [5, 8]
    assert world.status(name) == ("FULFILLED", "fulfilled")


def test_a_line_moved_after_its_release_is_a_persons_matter_until_it_is_moved_back(world: World, north: North) -> None:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 5))
    world.release()
    world.control.move(name, [1], north.location)
    world.release()
    (line,) = world.line_ids(name)
    assert world.tickets(name) == [("changed_after_release", name, "customer_service")]
    assert world.evidence("changed_after_release") == {
        f"line {line}": f"the shop moved it to north; main sends it with {world.ref(name)}"
    }
    assert (held(world.floor), held(north.floor)) == ({world.ref(name): {"MUG": 5}}, {})
    world.control.move(name, [1], world.location)
    world.release()
    assert world.tickets(name) == []


def test_fewer_of_one_line_is_asked_of_the_warehouse_that_holds_it(world: World, north: North) -> None:
    world.goods("MUG", 50)
    north.floor.receive({"MUG": 30})
    name = world.sell(("MUG", 5), ("MUG", 8))
    world.control.move(name, [2], north.location)
    world.release()
    world.control.edit_line_quantity(name, 2, 6)
    world.release()
    assert (held(world.floor), held(north.floor)) == ({world.ref(name): {"MUG": 5}}, {world.ref(name, 2): {"MUG": 6}})
    assert world.units(name) == {"ordered": 13, "released": 11, "cancelled": 2, "outstanding": 11}


def test_what_another_route_brought_to_one_warehouse_is_adopted_there_alone(world: World, north: North) -> None:
    """R29 where two warehouses send the order: only one of them holds it by another route."""
    world.goods("MUG", 50)
    north.floor.receive({"MUG": 30})
    name = world.sell(("MUG", 5), ("MUG", 8))
    world.control.move(name, [2], north.location)
    number = name.strip("#")
    by_hand = Held(number, "", "", {"x": 8}, {"x": "MUG"})
    north.floor.orders.append(by_hand)
    world.release()
    assert (world.standing(name), held(world.floor)) == (
        ("held", "already_in_warehouse"),
        {world.ref(name): {"MUG": 5}},
    )
    assert held(north.floor) == {number: {"MUG": 8}}
    world.release()
    assert held(north.floor) == {number: {"MUG": 8}}
    order_id = f"cart:cart-{number}"
    correct_order(world.store, order_id, "adopts", number, "Ola", "sent by hand while the line was down", world.clock)
    world.release()
    assert (held(world.floor), held(north.floor)) == ({world.ref(name): {"MUG": 5}}, {number: {"MUG": 8}})
    assert (world.standing(name), world.tickets(name)) == (("in_warehouse", ""), [])
    north.floor.ship(number)
    world.floor.ship(world.ref(name))
    world.aggregate()
    assert sorted(each["MUG"] for each, _ in world.posted(name)) == [5, 8]
    assert world.status(name) == ("FULFILLED", "fulfilled")


def test_two_warehouses_that_refuse_an_order_are_both_asked_again_once_it_is_mended(world: World, north: North) -> None:
    world.goods("MUG", 50)
    north.floor.receive({"MUG": 30})
    name = world.sell(("MUG", 5), ("MUG", 8))
    world.control.move(name, [2], north.location)
    world.collect_stock()
    world.decide()
    hidden = world.floor.stock.pop("MUG"), north.floor.stock.pop("MUG")
    world.submit()
    assert (world.floor.orders, north.floor.orders) == ([], [])
    assert [row["state"] for row in world.query("SELECT state FROM warehouse_order WHERE site = %(site)s")] == [
        "rejected",
        "rejected",
    ]
    world.floor.stock["MUG"], north.floor.stock["MUG"] = hidden
    world.collect_stock()
    world.decide(order_ids=[name])
    world.submit()
    assert (held(world.floor), held(north.floor)) == ({world.ref(name): {"MUG": 5}}, {world.ref(name, 2): {"MUG": 8}})
