"""A despatched part is a shipment; what is cancelled or was lowered will not come; stock is the gross figure."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from include.fulfilment.adapters.transport import RemoteRefusal
from include.fulfilment.adapters.warehouse.mintsoft.client import MintsoftClient
from include.fulfilment.adapters.warehouse.mintsoft.wire import Row, instant
from include.fulfilment.domain.shipment import Parcel
from include.fulfilment.ports import Problem
from tests.contract.kit import Bench
from tests.contract.orders import closures, figures, goods, pages, placed, sent, ship, shipments
from tests.contract.wire import connected_otherwise


def listed(bench: Bench, change: Any) -> None:
    """Change every order that a list or a search gives."""
    bench.wire.alter = lambda heard, answer: (
        [change(row) for row in answer] if "/List" in heard.url or "/Search" in heard.url else answer
    )


def with_quantity(units: int) -> Any:
    """An order on which somebody set every line to so many units."""
    return lambda row: {**row, "OrderItems": [{**item, "Quantity": units} for item in row["OrderItems"]]}


def test_the_part_that_was_sent_is_a_shipment_by_its_mintsoft_id(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 40))
    line = order.lines[0].line_id
    ship(bench, order, {line: 25}, parcels=[("DPD", "T-1", {}), ("Palletline", "T-2", {}), ("DPD", "T-3", {})])
    at = bench.clock() - timedelta(seconds=1)
    (first,) = shipments(bench, order)
    assert (first.dispatched_at, first.picked_at, first.location, first.voided) == (at, None, "3", False)
    numbers = [(parcel.carrier, parcel.tracking_number, parcel.contents) for parcel in first.parcels]
    assert numbers == [("DPD", "T-1", ()), ("DPD", "T-3", ()), ("Palletline", "T-2", ())]
    assert first.parcels[0].tracking_url == "https://courier.example/T-1"
    ship(bench, order)
    second = next(each for each in shipments(bench, order) if each.shipment_id != first.shipment_id)
    assert int(second.shipment_id) == bench.floor.order(order.external_ref).id
    assert sent(bench, order) == {line: 40}


def test_without_consignments_the_orders_own_tracking_number_counts(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 4))
    ship(bench, order, parcels=[("DPD", "T-9", {})])
    bench.wire.alter = lambda heard, answer: [] if heard.url.endswith("/Shipments") else answer
    (told,) = shipments(bench, order)
    assert told.parcels == (Parcel(told.shipment_id, "Standard", "T-9", "https://courier.example/T-9"),)


def test_an_invoiced_part_has_left_and_a_packed_one_has_not(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    gone, packed = placed(bench, (sku, 4)), placed(bench, (sku, 5))
    ship(bench, gone)
    bench.floor.label(packed.external_ref)
    bench.clock.pass_time(7200)
    assert sent(bench, gone) == {gone.lines[0].line_id: 4}
    (told,) = shipments(bench, packed)
    assert (told.dispatched_at, told.picked_at is not None, told.parcels) == (None, True, ())


def test_a_cancelled_part_closes_its_lines_and_no_more(bench: Bench) -> None:
    one, two = goods(bench, 50, 50)
    order = placed(bench, (one, 40), (two, 6))
    first, second = (line.line_id for line in order.lines)
    ship(bench, order, {first: 25})
    bench.floor.close_short(order.external_ref, first, 10)
    assert closures(bench, order) == {first: 10}
    bench.floor.close_short(order.external_ref, first, 5)
    assert closures(bench, order) == {first: 15}
    ship(bench, order)
    assert sent(bench, order) == {first: 25, second: 6}
    assert closures(bench, order) == {first: 15}


def test_a_quantity_that_was_lowered_in_mintsoft_is_short_once_nothing_is_open(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 40))
    listed(bench, with_quantity(37))
    assert closures(bench, order) == {}
    ship(bench, order, {order.lines[0].line_id: 40})
    assert closures(bench, order) == {order.lines[0].line_id: 3}
    assert sent(bench, order) == {order.lines[0].line_id: 37}


def test_a_part_that_is_still_open_is_not_short(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 40))
    ship(bench, order, {order.lines[0].line_id: 25})
    assert closures(bench, order) == {}
    bench.wire.alter = lambda heard, answer: (
        [{**row, "NumberOfParts": 1} for row in answer] if "/List" in heard.url else answer
    )
    assert closures(bench, order) == {}


def test_an_order_cancelled_and_sent_again_is_not_short(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 4))
    bench.floor.cancel(order.external_ref)
    assert closures(bench, order) == {order.lines[0].line_id: 4}
    bench.warehouse.submit(order, bench.clock().replace(year=2100))
    assert closures(bench, order) == {}


def test_what_was_taken_back_is_voided_and_open_again(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 4))
    theirs = ship(bench, order)
    bench.floor.void(theirs)
    (told,) = shipments(bench, order)
    assert (told.voided, closures(bench, order)) == (True, {})
    ship(bench, order)
    assert [each.voided for each in shipments(bench, order)] == [True, False]
    assert sent(bench, order) == {order.lines[0].line_id: 4}


def test_a_planned_date_on_a_cancelled_order_is_no_despatch(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 4))
    bench.floor.cancel(order.external_ref)
    listed(bench, lambda row: {**row, "DespatchDate": "2026-11-20T00:00:00"})
    assert shipments(bench, order) == []
    listed(bench, lambda row: {**row, "DespatchDate": "0001-01-01T00:00:00", "DespatchedByUser": "sam"})
    assert shipments(bench, order) == []


def test_an_order_that_cannot_be_read_is_a_problem_and_hides_no_other(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    odd, plain = placed(bench, (sku, 4)), placed(bench, (sku, 5))
    ship(bench, odd)
    ship(bench, plain)

    def spoilt(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "OrderStatusId": None} if row["OrderNumber"] == odd.external_ref else row

    listed(bench, spoilt)
    read = pages(bench)
    (told,) = [each for page in read for each in page.problems if each.words]
    wms_id = bench.floor.order(odd.external_ref).id
    words = "OrderStatusId: Input should be a valid integer; correct it there"
    assert told == Problem(f"shipment {wms_id}", f"Mintsoft's record of {odd.external_ref} cannot be read: {words}")
    assert sent(bench, plain) == {plain.lines[0].line_id: 5}


def test_a_cancelled_part_whose_order_is_not_found_is_a_problem(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 4))
    bench.floor.cancel(order.external_ref)
    bench.wire.alter = lambda heard, answer: [] if "/Search" in heard.url else answer
    words = f"Mintsoft lists {order.external_ref} and does not find it; look there"
    problems = [each for page in pages(bench) for each in page.problems]
    assert Problem(f"order {order.external_ref}", words) in problems


def test_a_bare_line_of_a_part_is_known_from_the_whole_order(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 40))
    line = order.lines[0].line_id
    ship(bench, order, {line: 25})

    def bare(row: dict[str, Any]) -> dict[str, Any]:
        if row["TrackingNumber"] is None:
            return row
        return {**row, "OrderItems": [{**item, "OrderItemNameValues": None} for item in row["OrderItems"]]}

    listed(bench, bare)
    assert sent(bench, order) == {line: 25}


def test_a_bare_line_beside_a_known_one_of_the_same_product_is_not_taken_for_it(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 4), (sku, 3))
    first = order.lines[0].line_id
    ship(bench, order)

    def bare(row: dict[str, Any]) -> dict[str, Any]:
        known, other = row["OrderItems"]
        return {**row, "OrderItems": [known, {**other, "OrderItemNameValues": None}]}

    bench.wire.alter = lambda heard, answer: (
        [bare(row) if row["OrderNumber"] == order.external_ref else row for row in answer]
        if "/List" in heard.url
        else answer
    )
    assert sent(bench, order) == {first: 4, "": 3}


def test_the_reading_asks_from_five_minutes_before_the_cursor_in_the_agreed_zone(bench: Bench) -> None:
    cursor = bench.clock().replace(month=7, hour=10, minute=0, second=0, microsecond=0)
    list(bench.warehouse.read_shipments(cursor))
    assert any("SinceLastUpdated=2026-07-23T09%3A55%3A00" in each.url for each in bench.wire.heard)
    assert bench.wire.given is not None
    london = bench.connect(connected_otherwise(bench.wire.given, timezone="Europe/London"))
    list(london.read_shipments(cursor))
    assert any("SinceLastUpdated=2026-07-23T10%3A55%3A00" in each.url for each in bench.wire.heard)


def test_an_hour_that_comes_twice_is_read_twice_and_not_passed_over(bench: Bench) -> None:
    """Mintsoft writes local times: what changes at 01:01 after the clocks went back lies before 01:58 of before it."""
    assert bench.wire.given is not None
    london = bench.connect(connected_otherwise(bench.wire.given, timezone="Europe/London"))
    list(london.read_shipments(datetime(2026, 10, 25, 1, 3, tzinfo=UTC)))
    assert any("SinceLastUpdated=2026-10-25T00%3A58%3A00" in each.url for each in bench.wire.heard)
    assert instant("2026-10-25T01:30:00", ZoneInfo("Europe/London")) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_an_order_whose_parcels_mintsoft_will_not_show_hides_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sku,) = goods(bench, 50)
    odd, plain = placed(bench, (sku, 4)), placed(bench, (sku, 5))
    ship(bench, odd, parcels=[("DPD", "T-9", {})])
    ship(bench, plain)
    wms_id = str(bench.floor.order(odd.external_ref).id)
    asked = MintsoftClient.consignments

    def refused(client: MintsoftClient, order_id: int) -> list[Row]:
        if str(order_id) == wms_id:
            raise RemoteRefusal("mintsoft answered 404", 404, None)
        return asked(client, order_id)

    monkeypatch.setattr(MintsoftClient, "consignments", refused)
    (told,) = shipments(bench, odd)
    assert told.parcels == (Parcel(wms_id, "Standard", "T-9", "https://courier.example/T-9"),)
    assert sent(bench, plain) == {plain.lines[0].line_id: 5}


def test_an_order_that_changes_while_the_pages_are_read_makes_no_reading_void(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    first, second = placed(bench, (sku, 4)), placed(bench, (sku, 5))
    for order in (first, second):
        ship(bench, order)
    pages(bench)
    listing = [row for each in bench.wire.heard if "/Order/List" in each.url for row in _rows(each.answer)]
    rows = [row for row in listing if row["OrderNumber"] in (first.external_ref, second.external_ref)]
    left = [[rows[0]], [rows[0], rows[1]]]
    bench.wire.alter = lambda heard, answer: (left.pop(0) if left else []) if "/Order/List" in heard.url else answer
    told = {line.external_ref for page in pages(bench) for each in page.shipments for line in each.lines}
    assert told == {first.external_ref, second.external_ref}


def test_stock_is_the_gross_figure_and_not_mintsofts_on_hand(bench: Bench) -> None:
    even, odd = goods(bench, 120, 7)
    placed(bench, (even, 50), (odd, 2))
    snapshot = bench.warehouse.read_stock()
    assert figures(snapshot, [even, odd]) == {even: 120, odd: 7}
    told = [row for each in bench.wire.heard if "/Inventory" in each.url for row in _rows(each.answer)]
    mine = [(row["StockLevel"], row["Allocated"], row["OnHand"]) for row in told if row["SKU"] == even]
    assert mine == [(80, 50, 30), (40, 0, 40)], "the trap: OnHand is net of what is allocated, in two places"


def test_a_product_without_a_record_is_absent_and_one_sold_out_is_zero(bench: Bench) -> None:
    (sold_out,) = goods(bench, 4)
    bench.floor.load_products({"NEVER-RECEIVED": "Never"})
    ship(bench, placed(bench, (sold_out, 4)))
    snapshot = bench.warehouse.read_stock()
    assert figures(snapshot, [sold_out, "NEVER-RECEIVED"]) == {sold_out: 0}


def test_stock_of_another_warehouse_or_client_is_not_ours(bench: Bench) -> None:
    (sku,) = goods(bench, 7)
    bench.wire.alter = lambda heard, answer: (
        [*answer, *({**row, "ID": row["ID"] + 1, "WarehouseId": 9} for row in answer)]
        if "/Inventory" in heard.url
        else answer
    )
    assert figures(bench.warehouse.read_stock(), [sku]) == {sku: 7}


def test_a_sku_with_one_record_that_cannot_be_read_has_no_figure(bench: Bench) -> None:
    (sku,) = goods(bench, 120)
    bench.wire.alter = lambda heard, answer: (
        [{**row, "StockLevel": None} if row.get("LocationId") == 502 and row["SKU"] == sku else row for row in answer]
        if "/Inventory" in heard.url
        else answer
    )
    snapshot = bench.warehouse.read_stock()
    assert figures(snapshot, [sku]) == {}
    words = "Mintsoft's figure cannot be used: StockLevel: Input should be a valid integer"
    assert Problem(f"stock of {sku}", words) in snapshot.problems


def _rows(answer: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(answer)
    return found
