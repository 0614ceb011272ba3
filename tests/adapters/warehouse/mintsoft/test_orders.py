"""Orders go into Mintsoft once, and its answers are taken for what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include.fulfilment.adapters.transport import RemoteRefusal
from include.fulfilment.adapters.warehouse.mintsoft.client import MintsoftClient
from include.fulfilment.domain.order import Address
from include.fulfilment.ports import (
    Absent,
    AlreadyExists,
    Created,
    Rejected,
    Unknown,
    WarehouseRecord,
    WarehouseStatus,
)
from include.fulfilment.sandbox.mintsoft import app
from tests.contract.benches import mintsoft
from tests.contract.kit import Bench, opened
from tests.contract.orders import LATE, an_order, goods, holds, placed, record, ship
from tests.contract.wire import connected_otherwise


def results(bench: Bench, *answers: dict[str, Any]) -> None:
    """Let the create be answered so, whatever Mintsoft did."""
    bench.wire.alter = lambda heard, answer: list(answers) if heard.method == "PUT" else answer


def rows(bench: Bench, change: Any) -> None:
    """Change every record that a search finds."""
    bench.wire.alter = lambda heard, answer: [change(row) for row in answer] if "/Search" in heard.url else answer


def test_an_order_is_written_in_mintsofts_fields(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = an_order((sku, 24), instructions="Ring twice", requested_on=date(2026, 12, 1), po_number="PO-7")
    to = Address("Ann Marie Lee", "Corner Shop", "1 High Street", "Unit 2", "Leeds", "", "LS1 1AA", "GB", "0113")
    assert bench.wire.given is not None
    warehouse = bench.connect(connected_otherwise(bench.wire.given, po_in_comments=True, po_name="Customer PO"))
    assert isinstance(warehouse.submit(replace(order, ship_to=to), LATE), Created)
    (sent,) = [json.loads(each.sent) for each in bench.wire.heard if each.method == "PUT"]
    assert sent == {
        "OrderNumber": order.external_ref,
        "ExternalOrderReference": order.external_ref,
        "WarehouseId": 3,
        "CourierService": "Standard",
        "DeliveryNotes": "Ring twice",
        "Comments": "Customer PO: PO-7",
        "RequiredDeliveryDate": "2026-12-01T00:00:00",
        "OrderNameValues": [{"Name": "Customer PO", "Value": "PO-7"}],
        "FirstName": "Ann Marie",
        "LastName": "Lee",
        "CompanyName": "Corner Shop",
        "Address1": "1 High Street",
        "Address2": "Unit 2",
        "Town": "Leeds",
        "PostCode": "LS1 1AA",
        "Country": "GB",
        "Phone": "0113",
        "OrderItems": [
            {
                "SKU": sku,
                "Quantity": 24,
                "Details": f"Title of {sku}",
                "OrderItemNameValues": [
                    {"Name": "Order line id", "Value": order.lines[0].line_id},
                    {"Name": "Ordered units", "Value": "24"},
                ],
            }
        ],
    }


def test_a_consignee_without_a_name_is_known_by_the_company(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = an_order(
        (sku, 1), ship_to=Address(company="Cobalt", address1="1 High Street", postcode="L1", country_code="GB")
    )
    assert isinstance(bench.warehouse.submit(order, LATE), Created)
    (sent,) = [json.loads(each.sent) for each in bench.wire.heard if each.method == "PUT"]
    assert (sent["FirstName"], "LastName" in sent) == ("Cobalt", False)


def test_a_200_that_says_no_is_a_refusal_in_mintsofts_words(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = an_order((sku, 1), ("NOSUCH-7", 1))
    words = "Product with SKU NOSUCH-7 could not be found"
    assert bench.warehouse.submit(order, LATE) == Rejected("refused_by_warehouse", words, "sku NOSUCH-7")
    order = an_order((sku, 1), shipping_service="")
    told = Rejected("refused_by_warehouse", "CourierService is required", "shipping_service")
    assert bench.warehouse.submit(order, LATE) == told
    assert holds(bench, order) == []


def test_a_request_that_mintsoft_cannot_read_is_a_refusal(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = an_order((sku, 1))
    lines = tuple(replace(line, base_quantity=1.5) for line in order.lines)  # type: ignore[arg-type]
    told = Rejected("refused_by_warehouse", "The request is invalid.", "")
    assert bench.warehouse.submit(replace(order, lines=lines), LATE) == told


def test_an_order_that_mintsoft_splits_at_once_is_one_order(bench: Bench) -> None:
    one, two = goods(bench, 50, 5)
    bench.floor.act("policy", policy="split")
    order = an_order((one, 24), (two, 15))
    created = bench.warehouse.submit(order, LATE)
    (answer,) = [json.loads(each.answer) for each in bench.wire.heard if each.method == "PUT"]
    assert [(each["OrderNumber"], each["OrderStatus"]) for each in answer] == [
        (order.external_ref, "NEW"),
        (order.external_ref, "ONBACKORDER"),
    ]
    assert created == Created(str(answer[0]["OrderId"]))
    found = record(bench, order)
    assert found.lines == {order.lines[0].line_id: 24, order.lines[1].line_id: 15}
    assert (found.wms_id, found.raw_status, found.duplicates) == (created.wms_id, "NEW, ONBACKORDER", ())
    assert bench.warehouse.submit(order, LATE) == AlreadyExists(created.wms_id)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([], "does not say whether the order was stored"),
        ([{"OrderId": 5}], "does not say whether the order was stored"),
        ([{"OrderId": 5, "Success": "yes"}], "does not say whether the order was stored"),
        ([{"OrderId": None, "Success": True}], "gives no id"),
        ([{"OrderId": 5, "Success": True}, {"Success": False, "Message": "no room"}], "refused the rest: no room"),
    ],
)
def test_an_answer_that_is_not_clear_is_unknown(bench: Bench, answers: list[dict[str, Any]], words: str) -> None:
    (sku,) = goods(bench, 50)
    results(bench, *answers)
    answer = bench.warehouse.submit(an_order((sku, 1)), LATE)
    assert isinstance(answer, Unknown)
    assert words in answer.reason


def test_a_number_that_is_taken_is_looked_up_and_not_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unique(*given: Any) -> Any:
        return app.create_app(*given, unique_numbers=True)

    monkeypatch.setattr(mintsoft, "create_app", unique)
    with opened(mintsoft.open_bench, tmp_path) as bench:
        (sku,) = goods(bench, 50)
        order = placed(bench, (sku, 3))
        hidden = [1]  # searches that see nothing yet, as when another worker has just sent it
        bench.wire.alter = lambda heard, answer: [] if "/Search" in heard.url and hidden and hidden.pop() else answer
        answer = bench.fresh().submit(replace(order, po_number="PO-other"), LATE)
        assert answer == AlreadyExists(str(holds(bench, order)[0].id), ("PO number",))
        bench.wire.alter = lambda heard, answer: [] if "/Search" in heard.url else answer
        words = f"Order Number {order.external_ref} already exists for this client"
        assert bench.fresh().submit(order, LATE) == Unknown(
            f"{words}; Mintsoft does not find it under our number; look there"
        )
        assert len(holds(bench, order)) == 1


def test_a_number_that_is_taken_is_looked_up_whatever_the_status_of_the_refusal(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sku,) = goods(bench, 50)
    order, warehouse = an_order((sku, 3)), bench.fresh()
    real = MintsoftClient.put_order

    def taken(client: MintsoftClient, body: Any) -> Any:
        real(client, body)  # another worker's
        raise RemoteRefusal("mintsoft answered 409", 409, {"Message": "Duplicate order number"})

    monkeypatch.setattr(MintsoftClient, "put_order", taken)
    assert warehouse.submit(order, LATE) == AlreadyExists(str(holds(bench, order)[0].id))


def test_a_404_means_two_things_and_so_nothing_is_created(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    (sku,) = goods(bench, 50)
    order = an_order((sku, 3))
    warehouse = bench.fresh()
    monkeypatch.setattr(
        warehouse._client, "search", lambda ref: warehouse._client.get("/api/Order/GetOrderId", "Id", OrderNumber=ref)
    )
    assert isinstance(warehouse.find([order.external_ref])[order.external_ref], Unknown)
    assert isinstance(warehouse.submit(order, LATE), Unknown)
    assert holds(bench, order) == []


def test_an_order_that_was_cancelled_in_mintsoft_does_not_stand_in_the_way(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 3))
    bench.floor.cancel(order.external_ref)
    assert record(bench, order).status is WarehouseStatus.CANCELLED
    again = bench.warehouse.submit(replace(order, po_number="PO-again"), LATE)
    assert isinstance(again, Created)
    found = record(bench, order)
    assert (found.wms_id, found.po_number, found.duplicates) == (again.wms_id, "PO-again", ())


def test_parts_are_one_order_and_copies_are_named(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 40))
    ship(bench, order, {order.lines[0].line_id: 25})
    found = record(bench, order)
    assert (found.lines, found.duplicates) == ({order.lines[0].line_id: 40}, ())
    assert (found.status, found.raw_status) == (WarehouseStatus.PARTIALLY_SHIPPED, "DESPATCHED, NEW")
    bench.wire.alter = lambda heard, answer: (
        [*answer, {**answer[0], "ID": 999_999_999}] if "/Search" in heard.url else answer
    )
    assert record(bench, order).duplicates == ("999999999",)


def test_a_part_that_is_not_shown_makes_the_order_unknown(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 40))
    ship(bench, order, {order.lines[0].line_id: 25})
    bench.wire.alter = lambda heard, answer: answer[:1] if "/Search" in heard.url else answer
    answer = bench.warehouse.find([order.external_ref])[order.external_ref]
    assert answer == Unknown(f"Mintsoft shows 1 parts of {order.external_ref} and counts more; look there")


def test_ten_other_orders_are_no_proof_that_ours_is_not_there(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    placed(bench, (sku, 1))
    other = placed(bench, (sku, 1))
    bench.wire.alter = lambda heard, answer: (
        [{"ID": number, "OrderNumber": "B2BXX", "OrderStatusId": 1} for number in range(1, 11)]
        if "/Search" in heard.url
        else answer
    )
    answer = bench.warehouse.find([other.external_ref])[other.external_ref]
    assert isinstance(answer, Unknown)
    assert "as many other orders as it gives" in answer.reason


def test_a_number_in_other_letters_is_another_order(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 1), external_ref="b2bklower1")
    assert len(holds(bench, order)) == 1
    assert bench.warehouse.find(["B2BKLOWER1"]) == {"B2BKLOWER1": Absent()}


def test_a_line_without_our_id_is_known_by_its_sku_where_only_one_line_has_it(bench: Bench) -> None:
    one, two = goods(bench, 50, 50)
    order = placed(bench, (one, 4), (two, 5), (two, 6))
    first, second, _ = (line.line_id for line in order.lines)
    bare = {first, second}

    def forget(row: dict[str, Any]) -> dict[str, Any]:
        items = [
            {**item, "OrderItemNameValues": []} if item["OrderItemNameValues"][0]["Value"] in bare else item
            for item in row["OrderItems"]
        ]
        return {**row, "OrderItems": [*items, {**row["OrderItems"][0], "Quantity": 1}]}

    rows(bench, forget)
    lines = record(bench, order).lines
    assert lines == {first: 5, order.lines[2].line_id: 11}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("ONBACKORDER", WarehouseStatus.BACKORDERED),
        ("HOLDING", WarehouseStatus.HELD),
        ("QUERYRAISED", WarehouseStatus.HELD),
        ("AWAITINGCONFIRMATION", WarehouseStatus.HELD),
        ("PICKINGSTARTED", WarehouseStatus.PICKING),
        ("AWAITINGCOLLECTION", WarehouseStatus.UNRECOGNISED),
    ],
)
def test_a_status_goes_by_its_name_whatever_its_id_and_external_name(
    bench: Bench, status: str, expected: WarehouseStatus
) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 1))
    bench.floor.act("status", ref=order.external_ref, status=status)
    found = record(bench, order)
    assert (found.status, found.raw_status) == (expected, status)


def test_a_status_that_the_account_does_not_list_is_kept_by_its_id(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 1))
    bench.floor.act("status", ref=order.external_ref, status="MADE UP")
    found = record(bench, order)
    assert (found.status, found.raw_status) == (WarehouseStatus.UNRECOGNISED, "status 999")


def test_an_invoiced_order_has_been_shipped(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 1))
    ship(bench, order)
    bench.clock.pass_time(7200)
    found = record(bench, order)
    assert (found.status, found.raw_status) == (WarehouseStatus.SHIPPED, "INVOICED")


def test_when_the_search_fails_half_way_what_was_not_asked_is_unknown(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    refs = [placed(bench, (sku, 1)).external_ref for _ in range(3)]
    bench.wire.spoil("5xx_before", after_calls=1, times=50)
    found = bench.warehouse.find(refs)
    assert [type(found[ref]) for ref in refs] == [WarehouseRecord, Unknown, Unknown]
