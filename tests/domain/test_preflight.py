"""What the warehouse is told, field by field: carried, carried elsewhere, left out as declared, or asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from include.fulfilment.domain.carriage import Carriage, Mode, Payer
from include.fulfilment.domain.details import Details
from include.fulfilment.domain.order import SalesOrder
from include.fulfilment.domain.preflight import Target, Told, goods_value, tell
from tests.store.seeds import line, order

SERVICES = {"Standard": Carriage("std"), "Theirs": Carriage("std", "DHL", Payer.CUSTOMER_ACCOUNT, Mode.PALLET)}
DETAILS = Details(mark_for="Store 12", carrier_account="ACC-9", vat_number="DE123", eori_number="DE1230")


def told(given: SalesOrder, limits: dict[str, int], **target: Any) -> Told:
    return tell(given, Target(limits, SERVICES, **target), Decimal("12.50"))


def test_a_field_that_the_target_has_is_told_as_it_is() -> None:
    found = told(order(1, details=DETAILS, po_number="PO-1"), {"po_number": 22})
    assert found.code == ""
    assert (found.values["po_number"], found.values["mark_for"]) == ("PO-1", "Store 12")
    assert "vat_number" not in found.values


def test_a_field_that_the_target_lacks_needs_a_declaration() -> None:
    given = order(1, details=DETAILS)
    found = told(given, {"mark_for": 0})
    assert (found.code, found.evidence) == ("field_not_carried", {"field": "mark_for"})
    assert told(given, {"mark_for": 0}, declared={"mark_for": "not needed"}).values["mark_for"] == ""
    assert told(given, {"mark_for": 0}, declared={"mark_for": "required"}).code == "field_not_carried"


def test_a_field_is_carried_in_another_one_with_its_name_before_it() -> None:
    given = order(1, instructions="Ring twice", details=DETAILS)
    found = told(given, {"mark_for": 0}, declared={"mark_for": "carry in instructions"})
    assert (found.values["instructions"], found.values["mark_for"]) == ("Ring twice\nMark for: Store 12", "")
    bare = told(replace(given, instructions=""), {"mark_for": 0}, declared={"mark_for": "carry in instructions"})
    assert bare.values["instructions"] == "Mark for: Store 12"
    address = told(given, {}, declared={"mark_for": "carry in ship_to.address2"})
    assert address.values["ship_to.address2"] == "Mark for: Store 12"


def test_what_is_carried_in_another_field_counts_there_and_is_never_cut() -> None:
    given = order(1, instructions="Ring twice", details=DETAILS)
    declared = {"mark_for": "carry in instructions"}
    assert told(given, {"mark_for": 0, "instructions": 29}, declared=declared).code == ""
    found = told(given, {"mark_for": 0, "instructions": 28}, declared=declared)
    assert (found.code, found.evidence) == (
        "field_too_long",
        {"field": "instructions", "length": "29", "limit": "28", "carries": "mark_for"},
    )
    found = told(given, {"mark_for": 0, "instructions": 0}, declared=declared)
    assert (found.code, found.evidence) == ("field_not_carried", {"field": "instructions", "carries": "mark_for"})


def test_a_required_field_that_is_empty_is_missing() -> None:
    found = told(order(1), {}, declared={"mark_for": "required"})
    assert (found.code, found.evidence) == ("field_missing", {"field": "mark_for"})


def test_dates_that_the_release_itself_keeps_to_may_stay_out_and_nothing_else() -> None:
    limits = {"not_before_on": 0, "cancel_after_on": 0, "requested_on": 0}
    day = date(2026, 11, 26)
    given = order(1, not_before_on=day, cancel_after_on=day)
    assert told(given, limits).values["not_before_on"] == ""
    assert told(replace(given, requested_on=day), limits).evidence == {"field": "requested_on"}


def test_every_field_with_a_limit_is_measured() -> None:
    given = order(1)
    given = replace(given, ship_to=replace(given.ship_to, phone="0" * 51))
    found = told(given, {"ship_to.phone": 50})
    assert found.evidence == {"field": "ship_to.phone", "length": "51", "limit": "50"}


def test_the_carriers_account_is_told_only_where_it_pays() -> None:
    theirs = order(1, details=DETAILS, shipping_method="Theirs")
    values = told(theirs, {}).values
    assert [values[name] for name in ("carrier", "payer", "mode", "carrier_account")] == [
        "DHL",
        "customer_account",
        "pallet",
        "ACC-9",
    ]
    assert "carrier_account" not in told(replace(theirs, shipping_method="Standard"), {}).values


def test_customs_fields_are_told_across_a_border_alone_and_may_be_required_there() -> None:
    given = order(1, details=DETAILS)
    at_home = {"domestic": frozenset({given.ship_to.country_code}), "declared": {"vat_number": "required"}}
    assert "customs_value" not in told(given, {}, **at_home).values
    abroad = {"domestic": frozenset({"FR"}), "declared": {"vat_number": "required"}}
    values = told(given, {}, **abroad).values
    assert (values["vat_number"], values["eori_number"]) == ("DE123", "DE1230")
    assert values["customs_value"] == f"12.50 {given.currency}"
    assert told(order(1), {}, **abroad).evidence == {"field": "vat_number"}


def test_the_goods_are_worth_their_lines_without_carriage() -> None:
    given = order(1, line("1", price=Decimal("2.50")), line("2", "CUP", 3, price=Decimal("1.10")))
    assert goods_value(given) == given.lines[0].quantity * Decimal("2.50") + Decimal("3.30")
