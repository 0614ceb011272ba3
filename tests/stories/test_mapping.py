"""Where a merchant keeps the details of its orders, and what its warehouse is told of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from include.fulfilment.errors import DataError
from include.fulfilment.services.mapping_report import mapping_report
from include.fulfilment.services.people import correct_order, lift_hold
from tests.stories.world import World

ADA = ("Ada", "the buyer confirmed by phone")
ROW = {"type": "single_line_text_field"}
PLACES: dict[str, Any] = {
    "po_number": [{"metafield": "order.custom.po"}, {"note_pattern": "our order {value} *"}],
    "requested_on": [{"note_attribute": "Deliver on"}],
    "mark_for": [{"line_property": "_store"}],
    "company_location": [{"shop_field": "company_location"}],
    "sales_rep": [{"metafield": "company_location.custom.rep"}],
    "vat_number": [{"shop_field": "tax_number"}],
    "eori_number": [{"metafield": "company.custom.eori"}],
    "date_formats": ["%d.%m.%Y"],
}
SOLD: dict[str, Any] = {
    "note": "our order 4711 please\nRing twice",
    "metafields": [{"namespace": "custom", "key": "po", "value": "4711", **ROW}],
    "custom_attributes": {
        "sparkCartId": "cart-places",
        "sparkPaymentType": "paymentOnAccount",
        "Deliver on": "30.11.2026",
    },
    "company": {
        "name": "Cobalt Group",
        "tax_number": "GB999",
        "metafields": [{"namespace": "custom", "key": "eori", "value": "GB9990", **ROW}],
        "location_metafields": [{"namespace": "custom", "key": "rep", "value": "R-7", **ROW}],
    },
    "lines": [
        {"sku": "MUG", "title": "Mug", "quantity": 8, "unit_price": "2.55", "custom_attributes": {"_store": "12"}}
    ],
}


def sent(world: World) -> dict[str, Any]:
    """The one warehouse order as it was sent."""
    (row,) = world.query("SELECT content FROM warehouse_order WHERE site = %(site)s")
    return dict(row["content"])


def lacks(world: World, *fields: str) -> None:
    """The warehouse has no place for these fields."""
    limits = dict.fromkeys(fields, 0)
    world.warehouse.capabilities = replace(world.warehouse.capabilities, field_limits=limits)  # type: ignore[misc]


def report(world: World, name: str) -> list[str]:
    target = world.site.warehouse.target(world.warehouse.capabilities.field_limits)
    return mapping_report(world.store, target, name)


def test_r1_details_come_from_every_place_that_the_site_declares(world: World) -> None:
    """R1. Order, company and location metafields, a line's property, a note in words of its own, a date as it is
    written there; what the warehouse lacks stands in the instructions."""
    world.maps(PLACES, carry={"sales_rep": "carry in instructions"}, domestic_countries=["FR"])
    lacks(world, "sales_rep")
    world.goods("MUG", 50)
    name = world.sell(**SOLD)
    world.release()
    told = sent(world)
    names = ("po_number", "instructions", "requested_on", "mark_for", "company_location", "vat_number", "eori_number")
    assert {each: told[each] for each in names} == {
        "po_number": "4711",
        "instructions": "Ring twice\nSales rep: R-7",
        "requested_on": "2026-11-30",
        "mark_for": "12",
        "company_location": "Cobalt Group",
        "vat_number": "GB999",
        "eori_number": "GB9990",
    }
    assert (told["customs_value"], told["currency"], "sales_rep" in told) == ("20.40", "GBP", False)
    said = report(world, name)
    assert said[1:4] == [
        "po_number: '4711'",
        "    found in metafield order.custom.po",
        "    also in note_pattern our order {value} *: '4711'",
    ]
    assert ("instructions: 10 characters" in said, said[-1]) == (True, "preflight: everything is there and fits")


def test_r5_a_field_that_the_warehouse_lacks_is_asked_about_and_never_dropped(world: World) -> None:
    """R5. Declared in the site file, it goes."""
    world.maps({"mark_for": [{"note_attribute": "Mark for"}]})
    lacks(world, "mark_for")
    world.goods("MUG", 50)
    name = world.sell(
        ("MUG", 10),
        custom_attributes={"sparkCartId": "c", "sparkPaymentType": "paymentOnAccount", "Mark for": "Store 12"},
    )
    world.release()
    assert world.tickets() == [("field_not_carried", name, "operations")]
    assert (world.evidence("field_not_carried"), world.floor.held()) == ({"field": "mark_for"}, [])
    assert report(world, name)[-1].startswith("preflight: held field_not_carried (field mark_for). Say in the")
    world.maps({"mark_for": [{"note_attribute": "Mark for"}]}, carry={"mark_for": "carry in instructions"})
    world.release()
    assert [each.instructions for each in world.held(name)] == ["Mark for: Store 12"]
    assert world.tickets() == []


def test_r31_two_po_numbers_hold_until_a_person_says_which_counts(world: World) -> None:
    """R31. Corrected, or lifted: then the first place counts."""
    world.goods("MUG", 50)
    first, second = (world.sell(("MUG", units), note="PO: A-1\nPO number: B-2") for units in (2, 3))
    world.release()
    assert world.standing(first) == ("held", "details_disagree")
    assert world.evidence_of(first) == {
        "po_number": "note_pattern PO: {value}",
        "po_number in note_pattern PO number: {value}": "B-2",
    }
    assert "    these disagree" in report(world, first)
    correct_order(world.store, first, "po_number", "B-2", *ADA, world.clock)
    lift_hold(world.store, second, "details_disagree", *ADA, world.clock)
    world.release()
    assert [each.po_number for name in (first, second) for each in world.held(name)] == ["B-2", "A-1"]
    assert world.tickets() == []


def test_r30_an_unmapped_method_holds_and_a_mapped_one_says_who_pays_on_which_account(world: World) -> None:
    """R30. Never a default: neither of the service nor of the account."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 2), shipping_line={"title": "On our account", "price": "0"})
    world.release()
    assert world.tickets() == [("shipping_method_unmapped", name, "operations")]
    whole = {"service": "economy", "carrier": "DHLE", "payer": "customer_account", "mode": "pallet"}
    world.maps({}, services={"On our account": whole})
    world.release()
    assert world.tickets() == [("carrier_account_missing", name, "customer_service")]
    assert world.floor.held() == []
    correct_order(world.store, name, "carrier_account", "ACC-9", *ADA, world.clock)
    world.release()
    told = sent(world)
    assert [told[each] for each in ("shipping_service", "carrier", "payer", "mode", "carrier_account")] == [
        "economy",
        "DHLE",
        "customer_account",
        "pallet",
        "ACC-9",
    ]
    assert "    corrected by Ada" in report(world, name)


def test_the_report_names_an_order_that_is_not_there(world: World) -> None:
    with pytest.raises(DataError, match="order '#9' is not in the store"):
        report(world, "#9")
