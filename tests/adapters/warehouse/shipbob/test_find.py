"""What ShipBob holds under a reference, in our words, and nothing guessed."""

from __future__ import annotations

from typing import Any

import pytest

from include.fulfilment.errors import ConfigError, DataError, RetryableError
from include.fulfilment.ports import Absent, FindAnswer, Unknown, WarehouseRecord, WarehouseStatus
from tests.adapters.warehouse.shipbob.kit import LINE_1, LINE_2, Replies, held, shipbob, shipment, warehouse

STATUS = WarehouseStatus
WAITS = {"estimated_fulfillment_date_status": "AwaitingInventoryAllocation"}
OUT = {"status_details": [{"name": "OutOfStock"}]}
BAD = {"status_details": [{"name": "InvalidAddress"}, {"name": None}]}


def found(*orders: dict[str, Any]) -> FindAnswer:
    return warehouse(shipbob(get_order=list(orders))).find(["B2B1042"])["B2B1042"]


def record(*orders: dict[str, Any]) -> WarehouseRecord:
    answer = found(*orders)
    assert isinstance(answer, WarehouseRecord), answer
    return answer


def test_an_order_is_told_with_its_po_and_its_lines_in_single_units() -> None:
    answer = record(held())
    assert (answer.wms_id, answer.po_number, answer.instructions) == ("501", "PO-77", "")
    assert dict(answer.lines) == {LINE_1: 24, LINE_2: 5}
    assert answer.duplicates == ()


@pytest.mark.parametrize(
    ("status", "shipments", "expected", "words"),
    [
        ("Processing", [], STATUS.RECEIVED, "Processing"),
        ("Processing", [("Processing", {})], STATUS.RECEIVED, "Processing"),
        ("Processing", [("LabeledCreated", {})], STATUS.PACKED, "Processing"),
        ("Processing", [("LabeledCreated", {}), ("Processing", {})], STATUS.RECEIVED, "Processing"),
        ("Processing", [("OnHold", BAD)], STATUS.HELD, "Processing; shipment 1 OnHold: InvalidAddress"),
        ("Exception", [("Exception", OUT)], STATUS.BACKORDERED, "Exception; shipment 1 Exception: OutOfStock"),
        ("Exception", [("Exception", WAITS)], STATUS.BACKORDERED, "Exception; shipment 1 Exception"),
        ("Exception", [("Exception", {})], STATUS.HELD, "Exception; shipment 1 Exception"),
        ("Exception", [], STATUS.HELD, "Exception"),
        ("ImportReview", [("ImportReview", {})], STATUS.HELD, "ImportReview; shipment 1 ImportReview"),
        ("PartiallyFulfilled", [("Completed", {}), ("Processing", {})], STATUS.PARTIALLY_SHIPPED, "PartiallyFulfilled"),
        ("Fulfilled", [("Completed", {})], STATUS.SHIPPED, "Fulfilled"),
        ("Cancelled", [("Cancelled", {})], STATUS.CANCELLED, "Cancelled"),
        ("Teleported", [], STATUS.UNRECOGNISED, "Teleported"),
        ("Processing", [("Teleported", {})], STATUS.UNRECOGNISED, "Processing; Teleported"),
    ],
)  # fmt: skip
def test_a_status_is_mapped_and_shipbobs_own_words_are_kept(
    status: str, shipments: list[tuple[str, dict[str, Any]]], expected: STATUS, words: str
) -> None:
    made = [shipment(number, each, ("MUG", 1), **more) for number, (each, more) in enumerate(shipments, start=1)]
    answer = record(held(status, *made))
    assert (answer.status, answer.raw_status) == (expected, words)


def test_a_second_order_under_the_reference_is_a_duplicate() -> None:
    answer = record(held(id=502), held(id=501))
    assert (answer.wms_id, answer.duplicates) == ("501", ("502",))


def test_orders_that_were_not_asked_for_are_passed_over() -> None:
    assert found(held(reference_id="B2B10423"), held(reference_id=None)) == Absent()


def test_a_line_without_our_tag_is_named_as_nothing_of_ours() -> None:
    assert dict(record(held(tags=None)).lines) == {"shipbob line 1": 24, "shipbob line 2": 5}


@pytest.mark.parametrize("code", ["CS", "CA", "", None])
def test_a_unit_is_never_guessed(code: str | None) -> None:
    line = {"reference_id": "MUG", "quantity": 2, "quantity_unit_of_measure_code": code, "external_line_id": 1}
    answer = found(held(products=[line]))
    if code:
        assert isinstance(answer, Unknown), "what a CS counts is written nowhere, and CA is no unit of ShipBob's"
    else:
        assert isinstance(answer, WarehouseRecord)
        assert dict(answer.lines) == {LINE_1: 2}


def test_a_pack_counts_what_was_written_down_when_it_was_sent() -> None:
    line = {"reference_id": "MUG", "quantity": 2, "quantity_unit_of_measure_code": "CS", "external_line_id": 1}
    tags = [{"name": "line-1", "value": "L1"}, {"name": "line-1-units", "value": "12"}]
    assert dict(record(held(products=[line], tags=tags)).lines) == {"L1": 24}


@pytest.mark.parametrize("change", [{"status": None}, {"id": "x"}, {"products": [{"quantity": 1.5}]}, {"tags": "none"}])
def test_a_record_that_cannot_be_read_is_unknown_and_never_absent(change: dict[str, Any]) -> None:
    assert isinstance(found(held(**change)), Unknown)


def test_a_hundred_and_one_references_take_two_calls() -> None:
    wire = shipbob(get_order=[])
    refs = [f"B2B{number:03d}" for number in range(101)]
    assert warehouse(wire).find(refs) == dict.fromkeys(refs, Absent())
    asked = [params["ReferenceIds"].split(",") for _, params in wire.calls]
    assert [len(each) for each in asked] == [100, 1]
    assert warehouse(wire).find([]) == {}


def pages(*sizes: int, repeat: bool = False) -> Any:
    """Orders in pages of these sizes."""
    left, number = list(sizes), 0

    def answer(request: Any) -> list[dict[str, Any]]:
        nonlocal number
        start = 0 if repeat else number
        size = left.pop(0)
        number += size
        return [held(id=each, reference_id=f"B2B{each}") for each in range(start, start + size)]

    return answer


def test_pages_are_read_until_one_is_smaller_than_any_limit() -> None:
    wire = shipbob(get_order=pages(250, 250, 7))
    found = warehouse(wire).find(["B2B0", "B2B499", "B2B506"])
    assert [type(each) for each in found.values()] == [WarehouseRecord] * 3
    assert [params["Page"] for _, params in wire.calls] == ["1", "2", "3"]


def test_a_server_that_caps_the_limit_is_read_to_its_end() -> None:
    wire = shipbob(get_order=pages(50, 50, 0))
    assert isinstance(warehouse(wire).find(["B2B99"])["B2B99"], WarehouseRecord)
    assert len(wire.calls) == 3


def test_a_page_that_comes_twice_stops_the_search() -> None:
    with pytest.raises(DataError, match="came twice"):
        warehouse(shipbob(get_order=pages(250, 250, 250, repeat=True))).find(["B2B1"])


def test_a_header_that_names_a_next_page_is_followed_from_a_short_page() -> None:
    more = {"next-page": "/order?Page=2"}
    wire = shipbob(get_order=Replies((200, [held(id=1)], more), (200, [held(id=2, reference_id="B2B2")])))
    assert isinstance(warehouse(wire).find(["B2B2"])["B2B2"], WarehouseRecord)


@pytest.mark.parametrize("answer", [{}, None, "ok", [1], {"items": []}])
def test_an_answer_that_is_no_list_is_no_absence(answer: object) -> None:
    with pytest.raises(RetryableError):
        warehouse(shipbob(get_order=lambda _: answer)).find(["B2B1"])


def test_a_refused_token_is_a_matter_for_a_person() -> None:
    with pytest.raises(ConfigError, match="connection 'warehouse_test': access refused"):
        warehouse(shipbob(get_order=Replies((401, {"message": "Unauthorized"})))).find(["B2B1"])
