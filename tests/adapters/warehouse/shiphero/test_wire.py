"""Ids of two forms, instants without a zone, pages that repeat; and the real answers that are known."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from include.fulfilment.adapters.warehouse.shiphero.wire import (
    Label,
    Order,
    OrderLine,
    ShipmentHead,
    ShippedLine,
    global_id,
    instant,
    nodes_of,
    number_of,
    pages,
    read,
    wire_time,
)
from include.fulfilment.errors import DataError
from tests.adapters.warehouse.shiphero.kit import line, page


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("T3JkZXI6NTYxMDE2MzU1", "561016355"),
        ("561016355", "561016355"),
        (561016355, "561016355"),
        ("U2hpcHBpbmdMYWJlbDozMTAwODM3NDg=", "310083748"),
        ("not-an-id", "not-an-id"),
        (None, ""),
        ("", ""),
    ],
)
def test_both_forms_of_an_id_are_one_number(given: Any, number: str) -> None:
    assert number_of(given) == number


def test_a_bare_number_becomes_the_id_that_the_api_takes() -> None:
    assert global_id("Warehouse", "7145") == "V2FyZWhvdXNlOjcxNDU="
    assert global_id("Warehouse", "V2FyZWhvdXNlOjcxNDU=") == "V2FyZWhvdXNlOjcxNDU="


def test_an_instant_without_a_zone_is_utc_and_one_with_a_zone_is_brought_to_it() -> None:
    assert instant("2024-01-11T14:53:00") == datetime(2024, 1, 11, 14, 53, tzinfo=UTC)
    assert instant("2024-01-11T09:53:00-05:00") == datetime(2024, 1, 11, 14, 53, tzinfo=UTC)
    assert wire_time(datetime(2026, 11, 23, 10, 0, 0, 999_999, tzinfo=UTC)) == "2026-11-23T10:00:00"


def test_pages_are_read_until_the_last() -> None:
    more = {"c1": page({"id": 2}, after="c2"), "c2": page({"id": 3})}
    read_pages = list(pages(page({"id": 1}, after="c1"), lambda after: more[after], "things"))
    assert read_pages == [[{"id": 1}], [{"id": 2}], [{"id": 3}]]


def test_paging_that_comes_back_to_itself_is_an_error() -> None:
    with pytest.raises(DataError, match="came back to an earlier page"):
        list(pages(page({"id": 1}, after="c1"), lambda _: page({"id": 2}, after="c1"), "things"))


@pytest.mark.parametrize(
    "broken",
    [None, {}, {"edges": None}, {"edges": [None]}, {"edges": [{"node": None}]}, {"edges": []}, "text"],
)
def test_a_page_that_is_none_is_no_empty_page(broken: Any) -> None:
    with pytest.raises(DataError):
        list(pages(broken, lambda _: None, "things"))


def test_a_next_page_without_a_cursor_is_an_error() -> None:
    broken = {"edges": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}
    with pytest.raises(DataError, match="came back"):
        list(pages(broken, lambda _: None, "things"))


def test_a_bad_record_is_named_with_its_field() -> None:
    with pytest.raises(DataError, match=r"line 7: quantity: Input should be a valid integer") as caught:
        read(OrderLine, line(quantity=2.5), "line 7")
    assert caught.value.subject == "line 7"


@pytest.mark.parametrize(
    ("held", "found"),
    [
        ({"ordered": 24}, 24),
        ('{"ordered": 24}', 24),
        ("ordered: 24", None),
        ({"ordered": "24"}, None),
        ({"ordered": 0}, None),
        (None, None),
        ([], None),
    ],
)
def test_what_we_wrote_into_a_line_is_read_in_any_form_and_never_guessed(held: Any, found: int | None) -> None:
    assert read(OrderLine, line(custom_options=held), "a line").option("ordered") == found


def sample(shared_folder: Path, name: str) -> Any:
    file = shared_folder / "specs" / "shiphero" / "samples" / f"{name}.json"
    if not file.exists():
        pytest.skip(f"the real answers are not beside this checkout: {file.name} (set FULFILMENT_SHARED)")
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("look_up_order_by_order_num__success", ["pending"]),
        ("look_up_orders_by_email__success", ["Tomorrow"] * 5),
    ],
)
def test_real_orders_are_read(shared_folder: Path, name: str, statuses: list[str]) -> None:
    nodes = nodes_of(sample(shared_folder, name)["data"]["orders"]["data"], "orders")
    orders = [read(Order, node, "an order") for node in nodes]
    assert [each.fulfillment_status for each in orders] == statuses
    assert all(each.id.isdigit() and number_of(each.raw_id) == each.id for each in orders)
    held = [read(OrderLine, row, "a line") for node in nodes for row in nodes_of(node["line_items"], "lines")]
    assert all(each.quantity >= 1 and each.id.isdigit() and each.sku for each in held)


def test_a_real_shipment_is_read(shared_folder: Path) -> None:
    (node,) = nodes_of(
        sample(shared_folder, "track_shipments_by_order_id__success")["data"]["shipments"]["data"], "shipments"
    )
    head = read(ShipmentHead, node, "a shipment")
    assert (head.id, head.warehouse_id, instant(head.created_date)) == (
        "419523005",
        "7145",
        datetime(2024, 1, 11, 14, 53, tzinfo=UTC),
    )
    assert head.shipping_labels == [
        Label(
            id="310083748",
            status="valid",
            carrier="genericlabel",
            tracking_number="",
            tracking_url="https://www.google.com/search?q=",
        )
    ]
    (row,) = nodes_of(node["line_items"], "lines")
    assert read(ShippedLine, row, "a line") == ShippedLine(
        line_item_id="1073313365", quantity=432, shipping_label_id="310083748"
    )


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("shiphero_order_allocated", ("order_id", "order_uuid")),
        ("shiphero_order_packed_out", ("order_id", "order_uuid")),
        ("shiphero_shipment_update", ("shipment_id", "shipment_uuid")),
    ],
)
def test_the_two_ids_in_a_webhooks_body_are_one(shared_folder: Path, name: str, path: tuple[str, str]) -> None:
    file = shared_folder / "data" / "wms" / f"{name}.json"
    if not file.exists():
        pytest.skip(f"the real bodies are not beside this checkout: {file.name} (set FULFILMENT_SHARED)")
    body = json.loads(file.read_text(encoding="utf-8"))
    body = body.get("fulfillment", body)
    number, uuid = (number_of(body[key]) for key in path)
    assert number == uuid != ""
