"""What is sent: every field in the place that ShipBob has for it, lines in the unit that was agreed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from include.fulfilment.adapters.warehouse.shipbob.order import Options, order_body, tagged
from include.fulfilment.adapters.warehouse.shipbob.wire import Tag
from include.fulfilment.domain.warehouse_order import WarehouseOrderLine
from include.fulfilment.ports import Rejected, WarehouseRecord
from tests.adapters.warehouse.shipbob.kit import LATE, LINE_1, LINE_2, ORDER, of, on
from tests.sandbox.shipbob.account import Account

RECIPIENT = {
    "name": "Ann Quill",
    "address": {
        "address1": "17 Mercer Lane",
        "address2": "Unit 2",
        "city": "Leeds",
        "company_name": "Corner Shop",
        "country": "GB",
        "state": "W Yorks",
        "zip_code": "LS1 1AA",
    },
    "phone_number": "0113 496",
}


def test_every_field_of_an_order_has_its_place() -> None:
    assert order_body(ORDER, Options()) == {
        "reference_id": "B2B1042",
        "order_number": "#1042",
        "type": "B2B",
        "shipping_method": "B2B",
        "shipping_terms": {"carrier_type": "Parcel", "payment_term": "Prepaid"},
        "recipient": RECIPIENT,
        "retailer_program_data": {
            "retailer_program_type": "SB-B2B",
            "purchase_order_number": "PO-77",
            "delivery_date": "2026-11-26T12:00:00Z",
        },
        "products": [
            {
                "reference_id": "MUG",
                "name": "Blue mug",
                "quantity": 24,
                "quantity_unit_of_measure_code": "EA",
                "external_line_id": 1,
            },
            {
                "reference_id": "LAMP",
                "name": "LAMP",
                "quantity": 5,
                "quantity_unit_of_measure_code": "EA",
                "external_line_id": 2,
            },
        ],
        "tags": [{"name": "line-1", "value": LINE_1}, {"name": "line-2", "value": LINE_2}],
    }


def test_what_nobody_gave_is_left_out() -> None:
    bare = replace(
        ORDER, po_number="", requested_on=None, ship_to=replace(ORDER.ship_to, name="", phone="", address2="")
    )
    body = order_body(bare, Options())
    assert body["retailer_program_data"] == {"retailer_program_type": "SB-B2B"}
    assert body["recipient"]["name"] == "Corner Shop"
    assert "phone_number" not in body["recipient"]
    assert "address2" not in body["recipient"]["address"]


@pytest.mark.parametrize(
    ("uom", "code", "units", "base", "quantity"),
    [("CASE", "CS", 12, 24, 2), ("INNER", "INP", 6, 6, 1), ("PALLET", "PL", 480, 960, 2)],
)
def test_whole_packs_are_sent_as_packs_where_that_is_agreed(
    uom: str, code: str, units: int, base: int, quantity: int
) -> None:
    line = WarehouseOrderLine("L1", "MUG", base, "Mug", "", uom, units)
    body = order_body(replace(ORDER, lines=(line,)), Options(line_unit="pack"))
    assert (body["products"][0]["quantity"], body["products"][0]["quantity_unit_of_measure_code"]) == (quantity, code)
    assert body["tags"] == [{"name": "line-1", "value": "L1"}, {"name": "line-1-units", "value": str(units)}]


def test_a_line_that_is_no_whole_number_of_packs_is_sent_in_singles() -> None:
    line = WarehouseOrderLine("L1", "MUG", 30, "Mug", "", "CASE", 12)
    (product,) = order_body(replace(ORDER, lines=(line,)), Options(line_unit="pack"))["products"]
    assert (product["quantity"], product["quantity_unit_of_measure_code"]) == (30, "EA")


def test_a_unit_that_shipbob_has_no_code_for_is_refused_by_name_and_nothing_is_sent(account: Account) -> None:
    line = WarehouseOrderLine("L1", "MUG", 24, "Mug", "", "DRUM", 12)
    answer = on(account, line_unit="pack").submit(replace(ORDER, lines=(line,)), LATE)
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.field) == ("unit_unknown", "unit DRUM")
    assert account.ear.heard == []


def test_packs_and_singles_of_one_order_come_back_in_singles_under_our_own_line_ids(account: Account) -> None:
    account.floor.act("packs", MUG={"CS": 12})
    warehouse = on(account, line_unit="pack")
    warehouse.submit(ORDER, LATE)
    products = account.order("B2B1042")["products"]
    units = [(each["quantity"], each["quantity_unit_of_measure_code"]) for each in products]
    assert units == [(2, "CS"), (5, "EA")]
    found = warehouse.find(["B2B1042"])["B2B1042"]
    assert isinstance(found, WarehouseRecord)
    assert dict(found.lines) == {LINE_1: 24, LINE_2: 5}
    assert account.floor.order("B2B1042").ordered == {LINE_1: 24, LINE_2: 5}


def test_instructions_go_where_it_was_agreed_or_nowhere(account: Account) -> None:
    told = replace(ORDER, instructions="Ring twice")
    assert "gift_message" not in order_body(told, Options())
    assert on(account).capabilities.field_limits["instructions"] == 0
    agreed = on(account, instructions_in="gift_message")
    assert agreed.capabilities.field_limits["instructions"] == 500
    agreed.submit(told, LATE)
    found = agreed.find(["B2B1042"])["B2B1042"]
    assert isinstance(found, WarehouseRecord)
    assert (found.po_number, found.instructions) == ("PO-77", "Ring twice")


def test_a_fulfilment_centre_is_named_where_that_is_agreed() -> None:
    assert "location_id" not in order_body(ORDER, Options())
    assert order_body(ORDER, Options(location_id=8))["location_id"] == 8


@pytest.mark.parametrize("line_id", ["", "0007", "18446744073709551617", "a-b_c/d e", "ünï·🎁", "line-1-units"])
def test_a_line_id_of_any_form_comes_back(account: Account, line_id: str) -> None:
    warehouse = on(account)
    warehouse.submit(of((line_id, "MUG", 3)), LATE)
    found = warehouse.find(["B2B1042"])["B2B1042"]
    assert isinstance(found, WarehouseRecord)
    assert dict(found.lines) == {line_id: 3}


def test_tags_of_others_are_passed_over() -> None:
    tags = [
        ("line-1", "L1"),
        ("line-1-units", "12"),
        ("line-2-units", "many"),
        ("line-x", "?"),
        ("lines", "9"),
        ("a-1", "b"),
    ]
    made: Any = tuple(Tag(name=name, value=value) for name, value in tags)
    assert tagged(made) == ({1: "L1"}, {1: 12})
    assert tagged(None) == ({}, {})
