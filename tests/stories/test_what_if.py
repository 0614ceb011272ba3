"""What-if on the warehouse in memory: orders are decided by the real runs, then judged again under another policy."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from functools import partial
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from psycopg import sql

from include.fulfilment.adapters.storefront.shopify import ShopifyStorefront
from include.fulfilment.adapters.storefront.shopify.settings import ShopifySettings
from include.fulfilment.domain.order import SHOP, PaymentState
from include.fulfilment.domain.release_policy import PoRequired
from include.fulfilment.domain.what_if import Change, DetailTotal, Flip, WhatIf
from include.fulfilment.ports import Storefront
from include.fulfilment.release_policy import Calendar
from include.fulfilment.services import release_what_if
from include.fulfilment.services.people import correct_order, lift_hold
from include.fulfilment.settings import Site
from include.fulfilment.site_mapping import MappingSection, ShippingSite
from tests.stories.world import World


def what_if(world: World, days: int = 30, **changes: Any) -> WhatIf:
    """The answer for a policy that differs from the agreed one in these fields."""
    release = world.site.release.model_copy(update={"version": "test-2", **changes})
    return replayed(world, world.site.model_copy(update={"release": release}), days)


def replayed(world: World, candidate: Site, days: int = 30) -> WhatIf:
    """The answer for another form of the site file."""
    shops = partial(shops_as, world)
    return release_what_if.replay(world.store, world.site, world.warehouses, candidate, shops, days, world.clock)


def shops_as(world: World, site: Site) -> dict[str, Storefront]:
    """The merchant's shop as that site maps its orders."""
    settings = ShopifySettings(world.location, mapping=site.mapping.rules())
    return {SHOP: ShopifyStorefront(world.wire, settings, world.clock)}


def mapped(world: World, **mapping: Any) -> Site:
    """The site with another mapping."""
    return world.site.model_copy(update={"mapping": MappingSection.model_validate(mapping)})


def whole_database(world: World) -> dict[str, tuple[int, str]]:
    """Row count and digest of every table, whichever the site."""
    found = {}
    with psycopg.connect(world.store_url) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
            " AND table_schema IN ('fulfilment', 'public')"
        ).fetchall()
        for table in tables:
            query = sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(sql.Identifier(*table))
            rows = [row[0] for row in connection.execute(query)]
            found[".".join(table)] = (len(rows), sha256("\n".join(rows).encode()).hexdigest())
    return found


def a_mixed_week(world: World) -> dict[str, str]:
    """Orders of every fate: gone whole, gone in part and later, lifted, held by credit, PO and payment, paid later."""
    world.agree(largest_line_base=1_000)
    world.goods("MUG", 100, cases=[12])
    world.goods("CUP", 100_000)
    names = {"whole": world.sell(("MUG-12", 2), ("MUG", 3)), "part": world.sell(("MUG-12", 8))}
    names["later"] = world.sell(("MUG", 10), payment="upfrontPayment")
    names["slip"] = world.sell(("CUP", 2_000), payment="upfrontPayment")
    names["credit"] = world.sell(("CUP", 900), price="9.00")
    names["draft"] = world.sell(("CUP", 5), source="draft")
    names["unknown"] = world.sell(("NOBODY", 5))
    world.release()
    world.control.pay(names["slip"])
    world.control.pay(names["later"])
    world.release()
    lift_hold(world.store, names["slip"], "quantity_threshold", "Ada", "the buyer confirmed", world.clock)
    world.floor.receive({"MUG": 100})
    world.release()
    world.customer_says("po_required")
    names["po"] = world.sell(("CUP", 7))
    world.release()
    world.floor.ship(world.ref(names["whole"]))
    world.aggregate()
    return names


def test_the_present_policy_against_itself_flips_nothing_and_gives_what_was_decided(world: World) -> None:
    names = a_mixed_week(world)
    found = what_if(world)
    assert found.flips == ()
    assert (found.orders, found.agreeing, found.other_versions, found.undecided) == (len(names), len(names), 0, 0)
    assert found.decisions > len(names)


def test_nothing_is_written_anywhere_and_a_write_would_be_refused(world: World) -> None:
    a_mixed_week(world)
    before = whole_database(world)
    assert len(what_if(world, largest_line_base=1).flips) > 3
    assert whole_database(world) == before
    assert before["fulfilment.release_decision"][0] > 8
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), world.store.snapshot() as rows:
        rows.orders.withdraw_changed(world.clock())
        rows.log.events([], world.clock())
        rows.log.move_cursor("storefront/orders/shop", world.clock() + timedelta(days=1))
    assert whole_database(world) == before


def one(found: WhatIf) -> Flip:
    (flip,) = found.flips
    return flip


def test_a_lower_line_limit_would_have_asked_a_person_and_says_why(world: World) -> None:
    world.goods("MUG", 5_000)
    small, large = world.sell(("MUG", 10)), world.sell(("MUG", 2_000))
    world.release()
    flip = one(what_if(world, largest_line_base=1_000))
    line = world.line_ids(large)[0]
    assert (flip.order_name, flip.decided, flip.decided_under, flip.agrees) == (large, "Released", "test-1", True)
    assert (flip.present.units, flip.candidate.units, flip.units_difference) == (2_000, 0, -2_000)
    assert flip.candidate.words == "Held: Unusually large quantity"
    assert [(each.rule, each.present, each.candidate) for each in flip.rules] == [
        ("line_size", "asks from 10000", f"Unusually large quantity; line {line}, base units 2000, asks from 1000")
    ]
    assert (flip.currency, flip.total_gross) == ("GBP", Decimal("2000.00"))
    assert small not in {flip.order_name}


def test_a_hold_that_a_person_ended_would_not_have_been_needed(world: World) -> None:
    """The flip is the first decision that differs: the hold, and not the release that Ada's word made possible."""
    world.agree(largest_line_base=1_000)
    world.goods("MUG", 5_000)
    name = world.sell(("MUG", 2_000))
    world.release()
    lift_hold(world.store, name, "quantity_threshold", "Ada", "the buyer confirmed", world.clock)
    world.release()
    flip = one(what_if(world, largest_line_base=3_000))
    assert (flip.decided, flip.candidate.words, flip.units_difference) == (
        "Held: Unusually large quantity",
        "Released",
        2_000,
    )
    assert what_if(world, largest_line_base=1_500).flips == ()  # lifted for the order, under any limit


def test_an_order_that_went_in_part_would_have_waited_and_one_without_stock_still_waits(world: World) -> None:
    world.goods("MUG", 30)
    first, second = world.sell(("MUG", 40)), world.sell(("MUG", 5))
    world.release()
    found = what_if(world, ship="complete")
    flip = one(found)
    assert (flip.order_name, flip.present.units, flip.candidate.units) == (first, 30, 0)
    assert [(each.rule, each.present) for each in flip.rules] == [("ship_complete", "not asked")]
    assert flip.rules[0].candidate == "there a part, kept for it meanwhile 0 EA"
    assert [(each.field, each.present, each.candidate) for each in found.changes] == [("ship", "available", "complete")]
    assert "goes on waiting" in found.changes[0].caution
    assert second not in {flip.order_name}


def test_a_balance_that_would_be_cancelled_flips_though_as_much_goes(world: World) -> None:
    world.goods("MUG", 30)
    world.sell(("MUG", 40))
    world.release()
    flip = one(what_if(world, backorder="cancel"))
    assert (flip.present.units, flip.candidate.units, flip.present.cancelled, flip.candidate.cancelled) == (
        30,
        30,
        0,
        10,
    )
    assert [each.rule for each in flip.rules] == ["units"]


def test_other_days_of_dispatch_flip_with_both_days(world: World) -> None:
    hours = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), ("08:00", "17:00"))
    world.agree(calendar=Calendar.model_validate({"hours": hours}), cut_off=time(14))
    world.goods("MUG", 30)
    world.sell(("MUG", 10))
    world.release()
    flip = one(what_if(world, cut_off=time(9)))
    assert (flip.present.leaves_on, flip.candidate.leaves_on) == ("2026-11-23", "2026-11-24")
    assert [(each.rule, each.candidate) for each in flip.rules] == [("due", "leaves on 2026-11-24, cut-off 09:00")]


def test_orders_placed_twice_are_looked_for_in_the_candidate_s_own_span(world: World) -> None:
    world.agree(duplicate_days=0)
    world.goods("MUG", 100)
    first = world.sell(("MUG", 10), note="PO: PO-1")
    world.release()
    second = world.sell(("MUG", 10), note="PO: PO-1")
    world.release()
    flip = one(what_if(world, duplicate_days=14))
    assert (flip.order_name, flip.rules[0].candidate) == (second, f"Perhaps ordered twice; like {first}")


def test_a_span_counts_from_the_placing_and_undecided_orders_are_counted_apart(world: World) -> None:
    world.goods("MUG", 100)
    world.sell(("MUG", 10))
    world.release()
    world.pass_time(hours=48)
    world.sell(("MUG", 10))
    world.collect()
    found, young = what_if(world), what_if(world, days=1)
    assert (found.orders, found.decisions, found.undecided) == (1, 1, 1)
    assert (young.orders, young.undecided, young.headline) == (
        0,
        1,
        "No order that was decided on was placed since 24 November 2026; try more days.",
    )


def test_orders_decided_under_an_older_policy_are_counted_and_say_what_they_were(world: World) -> None:
    world.goods("MUG", 5_000)
    world.sell(("MUG", 2_000))
    world.release()
    world.agree(version="test-1b", largest_line_base=1_000)
    found = what_if(world, largest_line_base=10_000)
    flip = one(found)
    assert (found.orders, found.agreeing, found.other_versions) == (1, 0, 1)
    assert (flip.agrees, flip.decided, flip.decided_under) == (False, "Released", "test-1")
    assert (flip.present.words, flip.candidate.words) == ("Held: Unusually large quantity", "Released")


def test_totals_add_up_orders_units_and_value_by_kind_and_rule(world: World) -> None:
    world.goods("MUG", 50_000)
    for units in (1_500, 2_500):
        world.sell(("MUG", units), payment="upfrontPayment", financial_status="PAID")
    world.sell(("MUG", 20), payment="upfrontPayment")
    world.release()
    found = what_if(world, largest_line_base=1_000, card_states=(PaymentState.PAID, PaymentState.PENDING))
    assert [(each.present, each.candidate, each.rule, each.orders, each.units_difference) for each in found.totals] == [
        ("Released", "Held: Unusually large quantity", "line_size", 2, -4_000),
        ("Held: Not paid yet", "Released", "payment", 1, 20),
    ]
    assert [each.gross for each in found.totals] == [{"GBP": Decimal("4000.00")}, {"GBP": Decimal("20.00")}]
    assert found.headline == (
        "3 of 3 orders placed since 24 October 2026 would have been decided otherwise; most often (2) “Released” "
        "becomes “Held: Unusually large quantity”."
    )


def test_another_mapping_would_have_found_the_po_number_that_the_order_was_held_for(world: World) -> None:
    world.agree(po_number=PoRequired.ALWAYS)
    world.goods("MUG", 100)
    hidden = world.sell(("MUG", 10), note="Our order 4711")
    plain = world.sell(("MUG", 5), note="PO: 4712")
    world.release()
    before, calls = whole_database(world), world.control.calls()
    found = replayed(world, mapped(world, po_number=[{"note_pattern": "our order {value}"}]))
    by_name = {flip.order_name: flip for flip in found.flips}
    assert {name: (flip.present.words, flip.candidate.words) for name, flip in by_name.items()} == {
        hidden: ("Held: PO number missing", "Released"),
        plain: ("Released", "Held: PO number missing"),
    }
    assert [each.rule for each in by_name[hidden].rules] == ["po_number"]
    assert found.changes == (
        Change(
            "mapping.po_number",
            "shop_field po_number; note_pattern PO: {value}; note_pattern PO number: {value}; "
            "note_attribute PO number; custom_field PO number",
            "note_pattern our order {value}",
            "Orders placed twice are told by the PO numbers as they were found.",
        ),
    )
    # What no pattern claims of the note are the instructions.
    assert found.details == (
        DetailTotal("instructions", 1, 1, 0, (hidden, plain)),
        DetailTotal("po_number", 1, 1, 0, (hidden, plain)),
    )
    assert (found.read_otherwise, found.unread, found.orders, found.agreeing) == (2, 0, 2, 2)
    assert whole_database(world) == before
    asked = {name for name, times in world.control.calls().items() if times > calls.get(name, 0)}
    assert asked == {"draftOrders", "orders"}


def test_a_date_in_another_form_could_have_been_read(world: World) -> None:
    world.goods("MUG", 100)
    name = world.sell(("MUG", 10), note="PO: 1\nRequested delivery date: 24/11/2026")
    world.release()
    found = replayed(world, mapped(world, date_formats=["%d/%m/%Y"]))
    flip = one(found)
    assert (flip.order_name, flip.candidate.words, flip.candidate.units) == (name, "Released", 10)
    assert [each.rule for each in flip.rules] == ["record_usable"]
    assert found.details == (
        DetailTotal("problems", 0, 1, 0, (name,)),
        DetailTotal("requested_on", 1, 0, 0, (name,)),
    )


def test_an_order_that_goes_all_the_same_but_says_something_else_is_no_flip_and_is_counted(world: World) -> None:
    world.goods("MUG", 100)
    name = world.sell(("MUG", 10), note="PO: 1\nMark for: Store 12")
    world.sell(("MUG", 5), note="PO: 2")
    world.release()
    found = replayed(world, mapped(world, mark_for=[{"note_pattern": "Mark for: {value}"}]))
    assert (found.flips, found.read_otherwise) == ((), 1)
    assert found.details == (
        DetailTotal("instructions", 0, 1, 0, (name,)),
        DetailTotal("mark_for", 1, 0, 0, (name,)),
    )
    assert found.headline == (
        "None of 2 orders placed since 24 October 2026 would have been decided otherwise. Details of 1 would be read "
        "otherwise."
    )


def test_a_problem_that_no_mapping_mends_stays_one(world: World) -> None:
    """Two orders of one cart, of which nobody has said yet which counts."""
    world.goods("MUG", 100)
    world.sell(("MUG", 5), cart="one", note="Our order 1")
    world.sell(("MUG", 6), cart="one", note="Our order 2")
    world.release()
    found = replayed(world, mapped(world, po_number=[{"note_pattern": "our order {value}"}]))
    assert found.flips == ()
    assert {each.field: (each.found, each.lost) for each in found.details} == {
        "po_number": (2, 0),
        "instructions": (0, 2),
    }


def test_what_a_person_corrected_counts_under_any_mapping(world: World) -> None:
    world.agree(po_number=PoRequired.ALWAYS)
    world.goods("MUG", 100)
    name = world.sell(("MUG", 10), note="Our order 4711")
    world.release()
    correct_order(world.store, name, "po_number", "4711-B", "Ada", "the buyer confirmed", world.clock)
    world.release()
    found = replayed(world, mapped(world, po_number=[{"note_pattern": "our order {value}"}], instructions=[]))
    assert [each.field for each in found.details] == ["instructions"]


def test_orders_that_the_shop_gives_no_more_keep_their_details_and_are_counted(world: World) -> None:
    world.agree(po_number=PoRequired.ALWAYS)
    world.goods("MUG", 100)
    world.sell(("MUG", 10), note="Our order 4711")
    world.release()

    class Forgetful(ShopifyStorefront):
        def read_orders(self, changed_since: Any) -> Any:
            return iter(())

    candidate = mapped(world, po_number=[{"note_pattern": "our order {value}"}])
    shop = Forgetful(world.wire, ShopifySettings(world.location), world.clock)
    found = release_what_if.replay(
        world.store, world.site, world.warehouses, candidate, lambda site: {SHOP: shop}, 30, world.clock
    )
    assert (found.flips, found.details, found.orders, found.unread) == ((), (), 1, 1)


def test_other_words_to_the_warehouse_flip_without_a_call_to_the_shop(world: World) -> None:
    world.goods("MUG", 100)
    name = world.sell(("MUG", 10), shipping_line={"title": "Courier", "price": "0"})
    world.release()
    calls = world.control.calls()
    services = {**world.site.warehouse.services, "Courier": ShippingSite(service="parcel")}
    warehouse = world.site.warehouse.model_copy(update={"services": services})
    found = replayed(world, world.site.model_copy(update={"warehouse": warehouse}))
    flip = one(found)
    assert (flip.order_name, flip.present.words, flip.candidate.words) == (
        name,
        "Held: Shipping method unknown to the warehouse",
        "Released",
    )
    assert [(each.field, each.present, each.candidate) for each in found.changes] == [
        ("warehouse main: services", "Pallet: service: pallet", "Pallet: service: pallet, Courier: service: parcel")
    ]
    assert (found.details, world.control.calls()) == ((), calls)
