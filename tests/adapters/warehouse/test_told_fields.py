"""Where each dialect puts what not every order says, and how it looks on the wire."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from include.fulfilment.adapters.warehouse.mintsoft.options import Account
from include.fulfilment.adapters.warehouse.mintsoft.options import Options as MintsoftOptions
from include.fulfilment.adapters.warehouse.mintsoft.order import new_order
from include.fulfilment.adapters.warehouse.shipbob.order import NotCarried, order_body
from include.fulfilment.adapters.warehouse.shipbob.order import Options as ShipBobOptions
from include.fulfilment.adapters.warehouse.shiphero.options import Options as ShipHeroOptions
from include.fulfilment.adapters.warehouse.shiphero.order import order_input
from include.fulfilment.adapters.warehouse.x12.compose import Unsendable
from include.fulfilment.adapters.warehouse.x12.orders import order_segments, sent_lines
from include.fulfilment.domain.carriage import Mode, Payer
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from tests.adapters.warehouse.x12.kit import order, profile

FULL = replace(
    order(),
    not_before_on=date(2026, 12, 1),
    cancel_after_on=date(2026, 12, 9),
    mark_for="Store 12",
    company="Cobalt Group",
    company_location="Leeds",
    sales_rep="R-7",
    carrier="DHLE",
    payer=Payer.THIRD_PARTY,
    mode=Mode.PALLET,
    carrier_account="ACC-9",
    vat_number="DE123",
    eori_number="DE1230",
    customs_value=Decimal("12.50"),
    currency="GBP",
)


def test_the_order_survives_the_outbox_and_what_it_does_not_say_is_not_written() -> None:
    assert WarehouseOrder.from_json(FULL.to_json()) == FULL
    plain = order()
    assert "mark_for" not in plain.to_json()
    assert WarehouseOrder.from_json(plain.to_json()) == plain
    assert FULL.to_json()["customs_value"] == "12.50"


def test_mintsoft_has_fields_for_customs_and_pairs_for_what_was_agreed() -> None:
    options = MintsoftOptions(warehouse_id=3, pairs={"mark_for": "Mark For", "not_before_on": "Not Before"})
    body = new_order(FULL, options, Account())
    assert (body["VATNumber"], body["EORINumber"], body["OrderValue"], body["Currency"]) == (
        "DE123",
        "DE1230",
        Decimal("12.50"),
        "GBP",
    )
    assert body["OrderNameValues"] == [
        {"Name": "PO Number", "Value": "PO-778"},
        {"Name": "Mark For", "Value": "Store 12"},
        {"Name": "Not Before", "Value": "2026-12-01"},
    ]
    assert "VATNumber" not in new_order(order(), options, Account())


def test_shipbob_has_dates_a_store_and_shipping_terms() -> None:
    body = order_body(FULL, ShipBobOptions())
    assert body["shipping_terms"] == {"carrier_type": "Freight", "payment_term": "ThirdParty"}
    assert body["retailer_program_data"] == {
        "retailer_program_type": "SB-B2B",
        "purchase_order_number": "PO-778",
        "mark_for_store": "Store 12",
        "delivery_date": "2026-11-30T12:00:00Z",
        "doNotShipBeforeDate": "2026-12-01T12:00:00Z",
        "shipByDate": "2026-12-09T12:00:00Z",
    }
    agreed = ShipBobOptions(carrier_type="Freight", payment_term="Collect")
    assert order_body(order(), agreed)["shipping_terms"] == {"carrier_type": "Freight", "payment_term": "Collect"}
    with pytest.raises(NotCarried, match="no payment term for 'collection'"):
        order_body(replace(FULL, payer=Payer.COLLECTION), ShipBobOptions())


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "plain",
            {
                "hold_until_date": "2026-12-01T00:00:00",
                "tax_id": "DE123",
                "tax_type": "VAT",
                "subtotal": "12.50",
                "currency": "GBP",
            },
        ),
        (
            "wholesale",
            {"ship_not_before_date": "2026-12-01T00:00:00", "ship_no_later_than_date": "2026-12-09T00:00:00"},
        ),
    ],
)
def test_shiphero_has_other_fields_for_plain_and_wholesale_orders(kind: Any, expected: dict[str, str]) -> None:
    options = ShipHeroOptions(warehouse_id="1", order_kind=kind)
    data, plain = order_input(FULL, options, ""), order_input(order(), options, "")
    assert {name: value for name, value in data.items() if name not in plain} == expected
    assert data["shipping_lines"] == {"title": "pallet", "price": "0.00", "carrier": "DHLE", "method": "pallet"}
    assert plain["shipping_lines"] == {"title": "pallet", "price": "0.00"}


def segments(given: WarehouseOrder, **changes: Any) -> list[str]:
    agreed = profile(**changes)
    found = order_segments(given, sent_lines(given, agreed, "base"), agreed, "N")
    return ["*".join(each).rstrip("*") for each in found]


def test_x12_says_them_in_n1_n9_g62_and_w66() -> None:
    said, plain = segments(FULL), segments(order())
    assert [each for each in said if each not in plain] == [
        "N1*Z7*Store 12",
        "N1*BY*Cobalt Group",
        "N2*Leeds",
        "N9*SA*R-7",
        "N9*11*ACC-9",
        "N9*VX*DE123",
        "G62*37*20261201",
        "G62*01*20261209",
        "W66*TP*M***pallet*****DHLE",
    ]
    assert [each for each in plain if each not in said] == ["W66*PP*M***pallet"]


def test_x12_says_what_the_partner_takes_and_refuses_a_payer_without_a_code() -> None:
    said = segments(FULL, dates={}, parties={}, references={"eori_number": "ZZ"})
    assert [each for each in said if each[:2] in ("N9", "G6")] == ["N9*ZZ*DE1230", "G62*10*20261130", "N9*LI*L1"]
    assert not [each for each in said if each.startswith(("N1*Z7", "N1*BY"))]
    with pytest.raises(Unsendable, match="no code for 'third_party' was agreed"):
        segments(FULL, payments={"prepaid": "PP"})
