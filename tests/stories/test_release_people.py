"""What people decide of an order: they end a hold, or correct what the warehouse is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from include.fulfilment.domain.hold_decision import Seen
from include.fulfilment.errors import DataError, Overtaken
from include.fulfilment.services.people import correct_order, lift_hold
from tests.stories.world import World

ADA, BEN = ("Ada", "the buyer confirmed by phone"), ("Ben", "asked again")


def timeline(world: World, name: str) -> list[str]:
    sql = """SELECT e.words FROM order_event e JOIN sales_order o USING (site, order_id)
        WHERE e.site = %(site)s AND o.name = %(name)s AND e.source = 'person' ORDER BY event_id"""
    return [row["words"] for row in world.query(sql, name=name)]


def test_r5_a_po_number_that_is_too_long_is_corrected_for_the_warehouse_and_goes(world: World) -> None:
    """R5, R31. The shop's order stays as the buyer wrote it."""
    world.warehouse.capabilities = replace(world.warehouse.capabilities, field_limits={"po_number": 22})  # type: ignore[misc]
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10), note="PO: " + "P" * 45)
    world.release()
    correct_order(world.store, name, "po_number", "PO-4711", *ADA, world.clock)
    world.release()
    assert [each.po_number for each in world.held(name)] == ["PO-4711"]
    assert (world.tickets(), world.shop(name)["note"]) == ([], "PO: " + "P" * 45)
    assert timeline(world, name) == ["Ada corrected po_number for the warehouse: the buyer confirmed by phone"]


def test_r7_a_person_confirms_the_factor_of_the_order_and_it_goes_with_that(world: World) -> None:
    """R7, F38. 12 when ordered, 10 at release; confirmed 12 for this order: 24 go, and the proof says who said so."""
    world.goods("MUG", 100, cases=[12])
    name = world.sell(("MUG-12", 2), payment="upfrontPayment")
    world.release()
    world.packs(("MUG", "EA", "MUG", 1), ("MUG-12", "CASE", "MUG", 10), replace=True)
    world.control.pay(name)
    world.release()
    (line,) = world.line_ids(name)
    correct_order(world.store, name, f"factor:{line}", "12", *ADA, world.clock)
    world.release()
    assert [each.ordered for each in world.held(name)] == [{line: 24}]
    (row,) = world.query("SELECT proof FROM order_line WHERE site = %(site)s")
    assert row["proof"]["source"].startswith("confirmed by Ada; packs.csv row ")
    assert world.tickets() == []


def test_r21_a_person_is_asked_about_a_slip_and_the_lift_counts_for_the_order_as_it_stood(world: World) -> None:
    """R21, R31. Lifted by Ada, then by Ben: Ada's counts. After an edit the hold counts again."""
    world.agree(largest_line_base=1_000)
    world.goods("MUG", 90_000)
    name = world.sell(("MUG", 2_000), payment="upfrontPayment")
    world.control.pay(name)
    world.release()
    assert world.standing(name) == ("held", "quantity_threshold")
    assert lift_hold(world.store, name, "quantity_threshold", *ADA, world.clock).person == "Ada"
    assert lift_hold(world.store, name, "quantity_threshold", *BEN, world.clock).person == "Ada"
    assert [words.partition(" “")[0] for words in timeline(world, name)] == [
        "Ada lifted the hold",
        "Too late after Ada: Ben lifted the hold",
    ]
    world.control.edit_line_quantity(name, 1, 3_000)
    world.release()
    assert (world.standing(name), world.floor.held()) == (("held", "quantity_threshold"), [])
    lift_hold(world.store, name, "quantity_threshold", *BEN, world.clock)
    world.release()
    assert [sum(each.ordered.values()) for each in world.held(name)] == [3_000]
    assert world.tickets() == []


def test_a_lifted_hold_leaves_every_other_rule_in_force(world: World) -> None:
    """Without a PO number and over the limit: ending one of the two lets the other hold."""
    world.goods("MUG", 50)
    world.credit("5", "0")
    world.customer_says("po_required")
    name = world.sell(("MUG", 10))
    world.release()
    lift_hold(world.store, name, "po_missing", *ADA, world.clock)
    world.release()
    assert (world.standing(name), world.floor.held()) == (("held", "credit_limit_exceeded"), [])


@pytest.mark.parametrize(
    ("code", "person", "reason", "words"),
    [
        ("po_missing", "", "by phone", "needs the name of the person and a reason"),
        ("po_missing", "Ada", " ", "needs the name of the person and a reason"),
        ("pack_unknown", "Ada", "by phone", "a hold 'pack_unknown' cannot be lifted, only its cause mended"),
        ("value_threshold", "Ada", "by phone", "is not held by 'value_threshold' now but is held po_missing"),
    ],
)
def test_a_lift_that_cannot_be_is_refused_and_nothing_changes(
    world: World, code: str, person: str, reason: str, words: str
) -> None:
    world.goods("MUG", 50)
    world.customer_says("po_required")
    name = world.sell(("MUG", 10))
    world.release()
    before = world.contents()
    with pytest.raises(DataError, match=words):
        lift_hold(world.store, name, code, person, reason, world.clock)
    with pytest.raises(DataError, match="order '#404' has nothing to decide now; nothing was stored"):
        lift_hold(world.store, "#404", "po_missing", *ADA, world.clock)
    assert (world.contents(), world.query("SELECT * FROM hold_decision WHERE site = %(site)s")) == (before, [])


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("note", "x", "'note' cannot be corrected; known: po_number, instructions"),
        ("requested_on", "26.11.2026", "'26.11.2026' is no day; write it as 2026-11-26"),
        ("factor:404", "12", "'factor:404' cannot be corrected"),
        ("factor:{line}", "1.5", "'1.5' is no number of base units"),
        ("factor:{line}", "0", "'0' is no number of base units"),
    ],
)
def test_a_correction_that_cannot_stand_is_refused_and_nothing_changes(
    world: World, field: str, value: str, words: str
) -> None:
    world.goods("MUG", 50)
    world.customer_says("po_required")
    name = world.sell(("MUG", 10))
    world.release()
    before = world.contents()
    with pytest.raises(DataError, match=words):
        correct_order(world.store, name, field.format(line=world.line_ids(name)[0]), value, *ADA, world.clock)
    assert (world.contents(), world.query("SELECT * FROM order_correction WHERE site = %(site)s")) == (before, [])


def test_a_correction_is_taken_back_with_an_empty_value(world: World) -> None:
    world.goods("MUG", 50)
    world.customer_says("po_required")
    name = world.sell(("MUG", 10))
    world.release()
    correct_order(world.store, name, "po_number", "PO-1", *ADA, world.clock)
    correct_order(world.store, name, "po_number", "", *BEN, world.clock)
    world.release()
    assert (world.standing(name), world.floor.held()) == (("held", "po_missing"), [])


def test_an_order_above_a_value_waits_for_a_person_and_an_invoice_for_its_approval(world: World) -> None:
    """R3b. By policy `approved`."""
    world.agree(largest_order_gross={"GBP": Decimal(500)}, invoice="approved")
    world.goods("MUG", 2_000)
    dear = world.sell(("MUG", 600), payment="upfrontPayment")
    world.control.pay(dear)
    invoice = world.sell(("MUG", 1), payment="paymentByInvoice")
    world.release()
    assert (world.standing(dear), world.standing(invoice)) == (("held", "value_threshold"), ("held", "approval_needed"))
    lift_hold(world.store, dear, "value_threshold", *ADA, world.clock)
    lift_hold(world.store, invoice, "approval_needed", *ADA, world.clock)
    world.release()
    assert sorted(sum(each.ordered.values()) for each in world.floor.held()) == [1, 600]


def test_a_corrected_address_counts_until_the_shop_has_another_one(world: World) -> None:
    """Half of what a person corrected and half of what the buyer changed would be no address at all."""
    address = {"first_name": "Ada", "address1": "", "city": "Leeds", "zip": "LS1 1AA", "country_code": "GB"}
    name = world.sell(("MUG", 10), shipping_address=address)
    world.goods("MUG", 0)
    world.release()
    assert world.standing(name) == ("held", "address_incomplete")
    correct_order(world.store, name, "ship_to.address1", "1 High Street", *ADA, world.clock)
    world.release()
    assert world.standing(name) == ("awaiting_stock", "awaiting_stock")
    move_to(world, name, address1="9 Deansgate", city="Manchester", postcode="M3 1AZ")
    world.floor.receive({"MUG": 50})
    world.collect_stock()
    world.decide()
    world.submit()
    (held,) = world.held(name)
    assert (held.ship_to.address1, held.ship_to.city) == ("9 Deansgate", "Manchester")


def move_to(world: World, name: str, **address: str) -> None:
    """The buyer changes the address in the shop, and it is read."""
    with world.store.transaction() as rows:
        (stored,) = rows.orders.named(name)
        later = stored.updated_at + timedelta(minutes=5)
        moved = replace(stored, ship_to=replace(stored.ship_to, **address), updated_at=later)
        rows.orders.record([moved], world.clock())


def test_a_correction_made_on_an_old_page_is_refused_and_the_shop_s_value_goes(world: World) -> None:
    world.goods("MUG", 50)
    world.customer_says("po_required")
    name = world.sell(("MUG", 10))
    world.release()
    (row,) = world.query("SELECT content_hash FROM sales_order WHERE site = %(site)s")
    world.control.set_note(name, "PO: PO-RIGHT")
    world.pass_time(minutes=5)
    world.collect()
    with pytest.raises(Overtaken, match=f"order {name} was changed in the shop since you looked; nothing was stored"):
        correct_order(world.store, name, "po_number", "PO-OLD", *ADA, world.clock, Seen(row["content_hash"]))
    assert timeline(world, name) == []
    world.release()
    assert [each.po_number for each in world.held(name)] == ["PO-RIGHT"]


def test_a_correction_that_settled_two_places_ends_when_one_of_them_says_something_new(world: World) -> None:
    world.maps({"po_number": [{"note_attribute": "PO"}, {"note_pattern": "PO: {value}"}]})
    world.goods("CUP", 0)
    said = {"sparkCartId": "c77", "sparkPaymentType": "paymentOnAccount", "PO": "P1"}
    name = world.sell(("CUP", 10), note="PO: P2", custom_attributes=said)
    world.release()
    assert world.standing(name) == ("held", "details_disagree")
    correct_order(world.store, name, "po_number", "P2", *ADA, world.clock)
    world.release()
    assert world.standing(name) == ("awaiting_stock", "awaiting_stock")
    world.control.set_note(name, "PO: P3")
    world.pass_time(minutes=5)
    world.floor.receive({"CUP": 20})
    world.release()
    assert (world.standing(name), world.floor.held()) == (("held", "details_disagree"), [])
