"""Shipments and closed remainders, as a script and the sandbox tell them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from include.fulfilment.domain.shipment import LineClosure, Parcel, Shipment, ShipmentLine
from include.fulfilment.errors import DataError
from include.fulfilment.ports import Problem, ShipmentPage
from tests.adapters.warehouse.shiphero.kit import QUOTA, account, changed, label, line, order, page, shipment
from tests.contract.benches.shiphero import open_bench
from tests.contract.kit import Bench, opened
from tests.contract.orders import goods, pages, placed, shipments
from tests.contract.orders import ship as send

LINE = "16400000000000001"
NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with opened(open_bench, tmp_path_factory.mktemp("shipments")) as made:
        yield made


def units(count: int, line_id: str = LINE, sku: str = "MUG") -> ShipmentLine:
    return ShipmentLine("B2B1042", line_id, sku, count)


def told(*orders: dict[str, Any]) -> ShipmentPage:
    """The one page of a reading of these orders."""
    (found,) = account(QUOTA, changed(*orders)).warehouse.read_shipments(None)
    return found


def problems(found: ShipmentPage) -> list[tuple[str, str]]:
    return [(each.subject, each.words) for each in found.problems if each.words]


def test_a_shipment_is_told_with_what_is_in_each_parcel() -> None:
    made = shipment((6, "U2hpcHBpbmdMYWJlbDozMQ=="), (4, 32), labels=(label(31), label(32, carrier="DHL")))
    assert told(order(shipments=(made,))).shipments == (
        Shipment(
            shipment_id="419523005",
            location="7145",
            dispatched_at=NINE,
            picked_at=None,
            voided=False,
            lines=(units(10),),
            parcels=(
                Parcel("31", "UPS", "1Z31", "https://ups.test/31", (units(6),)),
                Parcel("32", "DHL", "1Z32", "https://ups.test/32", (units(4),)),
            ),
        ),
    )


def test_a_generic_label_has_neither_carrier_nor_tracking() -> None:
    generic = label(31, carrier="genericlabel", tracking_number="", tracking_url="https://www.google.com/search?q=")
    (found,) = told(order(shipments=(shipment((10, 31), labels=(generic,)),))).shipments
    assert found.parcels == (Parcel("31", "", "", "", (units(10),)),)


def test_goods_without_a_label_have_left_all_the_same() -> None:
    (found,) = told(order(shipments=(shipment((10, None)),))).shipments
    assert (found.dispatched_at, found.voided, found.lines, found.parcels) == (NINE, False, (units(10),), ())


def test_a_shipment_of_which_all_labels_are_void_is_voided() -> None:
    labels = (label(31, status="void"), label(32, status="Voided"))
    (found,) = told(order(shipments=(shipment((10, 31), labels=labels),))).shipments
    assert (found.voided, found.lines, found.parcels) == (True, (units(10),), ())


def test_what_is_in_a_void_label_does_not_count_and_what_is_in_a_valid_one_does() -> None:
    made = shipment((6, 31), (4, 32), labels=(label(31, status="void"), label(32)))
    (found,) = told(order(shipments=(made,))).shipments
    assert (found.voided, found.lines) == (False, (units(4),))
    assert [each.parcel_id for each in found.parcels] == ["32"]


def test_goods_in_a_void_label_beside_an_empty_valid_one_are_asked_about() -> None:
    found = told(order(shipments=(shipment((10, 31), labels=(label(31, status="void"), label(32))),)))
    assert (found.shipments, found.closures) == ((), ())
    assert problems(found) == [
        (
            "shipment 419523005",
            "shiphero: shipment 419523005: a void label holds goods and a valid one is empty; ask what left",
        )
    ]


def test_a_word_on_a_label_that_nobody_knows_is_asked_about_and_the_rest_goes_through() -> None:
    odd = shipment((3, 31), labels=(label(31, status="rerouted"),))
    plain = shipment((4, 33), labels=(label(33),), id="U2hpcG1lbnQ6Nw==")
    found = told(order(shipments=(odd, plain)))
    assert [each.shipment_id for each in found.shipments] == ["7"]
    assert problems(found) == [
        (
            "shipment 419523005",
            "shiphero: shipment 419523005: label 31 is 'rerouted', which is not known; ask what left",
        )
    ]


def test_a_label_printed_ahead_is_progress_until_it_is_completed_or_the_order_fulfilled() -> None:
    made = shipment((10, 31), labels=(label(31),), completed=False)
    (ahead,) = told(order(shipments=(made,))).shipments
    assert (ahead.dispatched_at, ahead.picked_at) == (None, NINE)
    (gone,) = told(order(shipments=(made,), fulfillment_status="fulfilled")).shipments
    assert (gone.dispatched_at, gone.picked_at) == (NINE, None)


def test_goods_of_a_line_that_is_not_in_the_order_are_told_without_a_line() -> None:
    made = shipment((2, None))
    made["line_items"]["edges"][0]["node"]["line_item_id"] = "TGluZUl0ZW06OTk="
    (found,) = told(order(shipments=(made,))).shipments
    assert found.lines == (ShipmentLine("B2B1042", "", "", 2),)


def test_a_line_that_the_staff_added_is_told_under_its_own_name() -> None:
    added = line(partner_line_item_id=None, sku="CUP", custom_options=None)
    (found,) = told(order(added, shipments=(shipment((2, None)),))).shipments
    assert found.lines == (units(2, "shiphero line 701", "CUP"),)


@pytest.mark.parametrize(
    ("order_changes", "line_changes", "short"),
    [
        ({}, {}, 0),
        ({}, {"quantity_shipped": 4, "quantity_pending_fulfillment": 6}, 0),
        ({}, {"quantity": 7, "quantity_shipped": 4, "quantity_pending_fulfillment": 3}, 3),
        ({}, {"quantity": 7, "quantity_shipped": 7, "quantity_pending_fulfillment": 0}, 3),
        ({}, {"quantity_shipped": 4, "quantity_pending_fulfillment": 0}, 6),
        ({}, {"quantity_shipped": 12, "quantity_pending_fulfillment": 0}, 0),
        ({}, {"quantity_shipped": 4, "quantity_pending_fulfillment": None}, 0),
        ({}, {"fulfillment_status": "canceled"}, 10),
        ({"fulfillment_status": "canceled"}, {}, 10),
        ({"fulfillment_status": "fulfilled"}, {"quantity_shipped": 9}, 1),
        ({"fulfillment_status": "Tomorrow"}, {"quantity_shipped": 9, "quantity_pending_fulfillment": 1}, 0),
        ({}, {"quantity": 7, "quantity_pending_fulfillment": 7, "custom_options": None}, 0),
    ],
)
def test_a_line_is_short_by_what_is_neither_shipped_nor_pending(
    order_changes: dict[str, Any], line_changes: dict[str, Any], short: int
) -> None:
    others = {"data": {"r0": {"request_id": "1", "data": page(order(**order_changes))}}}
    held = account(QUOTA, changed(order(line(**line_changes), **order_changes)), others)
    (found,) = held.warehouse.read_shipments(None)
    assert found.closures == ((LineClosure("B2B1042", LINE, short),) if short else ())


def test_what_a_shipment_says_left_is_not_short_though_the_line_does_not_count_it_yet() -> None:
    lagging = line(quantity_shipped=0, quantity_pending_fulfillment=0)
    assert told(order(lagging, shipments=(shipment((10, None)),))).closures == ()


def test_one_order_that_cannot_be_read_hides_no_other() -> None:
    odd = order(line(quantity=2.5), id="T3JkZXI6MzEx", partner_order_id="B2B1043", shipments=(shipment((1, None)),))
    found = told(odd, order(shipments=(shipment((10, None)),)))
    assert [each.lines for each in found.shipments] == [(units(10),)]
    ((subject, words),) = problems(found)
    assert subject == "order B2B1043"
    assert "a line of order B2B1043: quantity" in words


def test_an_order_that_can_be_read_again_is_told_as_settled() -> None:
    assert [(each.subject, each.words) for each in told(order()).problems] == [("order B2B1042", "")]


def test_somebody_elses_orders_are_passed_over_whatever_they_are_like() -> None:
    theirs = [
        order(partner_order_id="WEB-1", shipments=(shipment((1, None)),)),
        {"partner_order_id": None},
        {"partner_order_id": 7, "id": None},
        order(partner_order_id="b2b1042"),
    ]
    assert told(*theirs) == ShipmentPage((), (), datetime(2026, 11, 23, 10, 0, tzinfo=UTC), ())


def test_the_cursor_moves_with_the_last_page_alone() -> None:
    since = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    held = account(QUOTA, changed(order(), after="c1"), changed(order(id="T3JkZXI6MzEx")))
    found = list(held.warehouse.read_shipments(since))
    assert [each.read_to for each in found] == [since, datetime(2026, 11, 23, 10, 0, tzinfo=UTC)]
    assert [each["variables"] for each in held.script.sent[1:]] == [
        {"since": "2026-11-23T07:55:00", "shop": "B2B"},
        {"after": "c1", "since": "2026-11-23T07:55:00", "shop": "B2B"},
    ]


def test_paging_of_orders_that_comes_back_to_itself_is_an_error() -> None:
    held = account(QUOTA, changed(order(), after="c1"))
    with pytest.raises(DataError, match="came back to an earlier page"):
        list(held.warehouse.read_shipments(None))


def test_lines_beyond_the_first_page_are_read_of_orders_and_of_shipments(bench: Bench) -> None:
    skus = goods(bench, *[5] * 130)
    sent = placed(bench, *((sku, 2) for sku in skus))
    send(bench, sent)
    bench.wire.clear()
    (found,) = shipments(bench, sent)
    assert {each.line_id: each.base_quantity for each in found.lines} == {each.line_id: 2 for each in sent.lines}
    documents = [each.sent for each in bench.wire.heard]
    assert sum("query FulfilMoreLines" in each for each in documents) == 2
    assert sum("query FulfilMoreShipped" in each for each in documents) == 2


def test_one_void_label_of_two_is_read_from_the_sandbox(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    sent = placed(bench, (sku, 10))
    key = sent.lines[0].line_id
    send(bench, sent, parcels=[("DHL", "1Z1", {key: 6}), ("DHL", "1Z2", {key: 4})])
    (before,) = shipments(bench, sent)
    cursor = pages(bench)[-1].read_to
    bench.clock.pass_time(timedelta(hours=1).total_seconds())
    bench.floor.act("label-status", label=int(before.parcels[0].parcel_id), status="void")  # type: ignore[attr-defined]
    (after,) = shipments(bench, sent, cursor)
    assert (after.voided, [each.base_quantity for each in after.lines]) == (False, [4])
    assert [each.tracking_number for each in after.parcels] == ["1Z2"]


def test_a_cancelled_order_whose_reference_cannot_be_read_stops_no_reading_and_closes_nothing() -> None:
    cancelled = order(fulfillment_status="canceled")
    odd = {"data": {"r0": {"data": page(order(id="T3JkZXI6MzEx", packing_note=7))}}}
    (told,) = account({"data": {"user_quota": {}}}, changed(cancelled), odd).warehouse.read_shipments(None)
    assert told.closures == ()
    words = "shiphero: order B2B1042: packing_note: Input should be a valid string"
    assert told.problems == (Problem("order B2B1042", words),)
