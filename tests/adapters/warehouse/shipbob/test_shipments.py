"""What left ShipBob, in single units on our own lines; what will not come; and nothing that has not left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from include.fulfilment.domain.shipment import LineClosure, Parcel, Shipment, ShipmentLine
from include.fulfilment.errors import DataError
from include.fulfilment.ports import Problem, ShipmentPage
from tests.adapters.warehouse.shipbob.kit import LINE_1, LINE_2, NOW, Replies, held, on, shipbob, shipment, warehouse
from tests.sandbox.shipbob.account import Account

GONE_AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
READ_AT = datetime(2026, 11, 23, 11, 59, 30, tzinfo=UTC)


def told(*orders: dict[str, Any]) -> ShipmentPage:
    (page,) = warehouse(shipbob(get_order=list(orders))).read_shipments(None)
    return page


def mugs(units: int, line: str = LINE_1) -> ShipmentLine:
    return ShipmentLine("B2B1042", line, "MUG", units)


def lamps(units: int) -> ShipmentLine:
    return ShipmentLine("B2B1042", LINE_2, "LAMP", units)


def by_line(page: ShipmentPage) -> list[list[tuple[str, int]]]:
    return [[(line.line_id, line.base_quantity) for line in each.lines] for each in page.shipments]


def test_a_completed_shipment_has_left_with_its_parcel() -> None:
    page = told(
        held("PartiallyFulfilled", shipment(7, "Completed", ("MUG", 12)), shipment(8, "Processing", ("MUG", 12)))
    )
    assert page.shipments == (
        Shipment("7", "8", GONE_AT, None, False, (mugs(12),), (Parcel("7", "DPD", "T7", "", (mugs(12),)),)),
    )
    assert (page.closures, page.problems, page.read_to) == ((), (), READ_AT)


@pytest.mark.parametrize("status", ["None", "Processing", "Exception", "OnHold", "ImportReview"])
def test_what_waits_is_no_shipment_yet(status: str) -> None:
    assert told(held("Processing", shipment(7, status, ("MUG", 24)))).shipments == ()


def test_a_printed_label_is_neither_a_pick_nor_a_dispatch() -> None:
    labelled = {"actual_fulfillment_date": "2026-11-23T09:00:00Z", "tracking": {"tracking_number": "T7"}}
    (found,) = told(held("Processing", shipment(7, "LabeledCreated", ("MUG", 24), **labelled))).shipments
    assert (found.dispatched_at, found.picked_at, found.voided) == (None, None, False)


SHIPPED, PRINTED, UPDATED = "shipping_date", "actual_fulfillment_date", "last_update_at"
EARLY, LATER = "2026-11-22T08:00:00Z", "2026-11-25T08:00:00Z"


@pytest.mark.parametrize(
    "dates",
    [
        {"tracking": {SHIPPED: "2026-11-23T10:30:00+01:00"}, PRINTED: EARLY, UPDATED: LATER},
        {"tracking": None, PRINTED: "2026-11-23T09:30:00Z", UPDATED: LATER},
        {"tracking": {}, UPDATED: "2026-11-23T09:30:00Z"},
    ],
)
def test_a_completed_shipment_left_at_the_best_instant_that_shipbob_names(dates: dict[str, Any]) -> None:
    (found,) = told(held("Fulfilled", shipment(7, "Completed", ("MUG", 24), ("LAMP", 5), **dates))).shipments
    assert found.dispatched_at == GONE_AT


def test_a_completed_shipment_without_any_date_is_a_problem() -> None:
    page = told(held("Fulfilled", shipment(7, "Completed", ("MUG", 24), tracking=None)))
    assert page.shipments == ()
    assert [each.subject for each in page.problems] == ["shipment 7"]


def test_lots_of_one_product_are_added_up() -> None:
    lots = [{"id": 3, "quantity": 10, "lot": "A"}, {"id": 3, "quantity": 14, "lot": "B"}]
    products = [{"reference_id": "MUG", "inventory_items": lots}]
    assert by_line(told(held("PartiallyFulfilled", shipment(7, "Completed", products=products)))) == [[(LINE_1, 24)]]


@pytest.mark.parametrize(
    "goods", [None, [], [{"id": 3, "quantity": 1.5}], [{"id": 3, "quantity": 1}, {"id": 4, "quantity": 1}]]
)
def test_units_that_cannot_be_told_are_a_problem_and_the_other_shipments_go_through(goods: Any) -> None:
    odd = shipment(7, "Completed", products=[{"reference_id": "MUG", "inventory_items": goods}])
    other = held("Fulfilled", shipment(9, "Completed", ("LAMP", 5)), reference_id="B2B2", id=502)
    page = told(held("PartiallyFulfilled", odd), other)
    assert [each.shipment_id for each in page.shipments] == ["9"]
    assert [each.subject for each in page.problems] == ["shipment 7"]


def two_lines(*shipments: dict[str, Any], status: str = "PartiallyFulfilled") -> dict[str, Any]:
    mug = {"id": 1, "reference_id": "MUG", "quantity_unit_of_measure_code": "EA"}
    products = [mug | {"quantity": 24, "external_line_id": 1}, mug | {"quantity": 5, "external_line_id": 2}]
    return held(status, *shipments, products=products)


def test_two_lines_of_one_product_are_filled_in_turn_by_what_left_first() -> None:
    late = {"tracking": {"shipping_date": "2026-11-23T10:00:00Z"}}
    page = told(two_lines(shipment(5, "Processing", ("MUG", 3)), shipment(6, "Completed", ("MUG", 10), **late),
                          shipment(7, "Completed", ("MUG", 16))))  # fmt: skip
    assert {each.shipment_id: lines for each, lines in zip(page.shipments, by_line(page), strict=True)} == {
        "7": [(LINE_1, 16)],
        "6": [(LINE_1, 8), (LINE_2, 2)],
    }


def test_more_than_was_ordered_is_told_on_the_last_line() -> None:
    assert by_line(told(two_lines(shipment(7, "Completed", ("MUG", 31)), status="Fulfilled"))) == [
        [(LINE_1, 24), (LINE_2, 7)]
    ]


def test_a_product_that_was_not_ordered_is_matched_by_nothing() -> None:
    page = told(held("PartiallyFulfilled", shipment(7, "Completed", ("HAT", 1))))
    assert [(line.line_id, line.base_sku) for line in page.shipments[0].lines] == [("", "HAT")]


def cases(*shipments: dict[str, Any]) -> dict[str, Any]:
    line = {"reference_id": "MUG", "quantity": 4, "quantity_unit_of_measure_code": "CS", "external_line_id": 1}
    tags = [{"name": "line-1", "value": LINE_1}, {"name": "line-1-units", "value": "12"}]
    return held("PartiallyFulfilled", *shipments, products=[line], tags=tags)


def test_goods_ordered_in_packs_come_back_in_single_units() -> None:
    assert by_line(told(cases(shipment(7, "Completed", ("MUG", 42))))) == [[(LINE_1, 42)]]


def test_as_many_goods_as_packs_were_ordered_may_be_either_and_are_not_guessed() -> None:
    page = told(cases(shipment(7, "Completed", ("MUG", 4))))
    assert page.shipments == ()
    assert [each.subject for each in page.problems] == ["shipment 7"]
    assert "packs or singles" in page.problems[0].words


def test_a_pack_without_its_size_makes_every_shipment_of_the_order_a_problem() -> None:
    order = cases(shipment(7, "Completed", ("MUG", 42)), shipment(8, "Completed", ("MUG", 6)))
    page = told({**order, "tags": []})
    assert [each.subject for each in page.problems] == ["shipment 7", "shipment 8"]


@pytest.mark.parametrize("status", ["Teleported", "CleanSweeped"])
def test_a_status_nobody_knows_is_a_problem_in_shipbobs_word(status: str) -> None:
    page = told(held("Processing", shipment(7, status, ("MUG", 24))))
    words = f"shipbob: shipment 7 of B2B1042 is {status!r}, which is no status we know; ask"
    assert (page.shipments, page.problems) == ((), (Problem("shipment 7", words),))


def test_a_cancelled_shipment_that_had_a_label_is_voided() -> None:
    taken_back = shipment(7, "Cancelled", ("MUG", 12), tracking={"tracking_number": "T7"})
    page = told(held("Processing", taken_back, shipment(8, "Processing", ("MUG", 24), ("LAMP", 5))))
    (found,) = page.shipments
    assert (found.shipment_id, found.voided, found.dispatched_at) == ("7", True, None)
    assert page.closures == ()


def test_units_of_a_cancelled_shipment_that_no_other_has_are_closed() -> None:
    page = told(
        held("Processing", shipment(7, "Cancelled", ("MUG", 4)), shipment(8, "Processing", ("MUG", 20), ("LAMP", 5)))
    )
    assert (page.shipments, page.closures) == ((), (LineClosure("B2B1042", LINE_1, 4),))


def test_what_a_fulfilled_order_lacks_is_closed() -> None:
    page = told(held("Fulfilled", shipment(7, "Completed", ("MUG", 21), ("LAMP", 5))))
    assert page.closures == (LineClosure("B2B1042", LINE_1, 3),)


def test_an_order_that_is_still_open_closes_nothing() -> None:
    page = told(held("PartiallyFulfilled", shipment(7, "Completed", ("MUG", 21))))
    assert page.closures == ()


@pytest.mark.parametrize("shipments", [None, []])
def test_a_cancelled_order_is_closed_whole_and_a_fulfilled_one_without_shipments_is_not(shipments: Any) -> None:
    assert told(held("Fulfilled") | {"shipments": shipments}).closures == ()
    closed = told(held("Cancelled") | {"shipments": shipments}).closures
    assert closed == (LineClosure("B2B1042", LINE_1, 24), LineClosure("B2B1042", LINE_2, 5))


def test_nothing_is_closed_while_a_shipment_of_the_order_cannot_be_read() -> None:
    odd = shipment(7, "Completed", products=[{"reference_id": "LAMP"}])
    assert told(held("Fulfilled", odd, shipment(8, "Completed", ("MUG", 20)))).closures == ()


def test_cartons_are_parcels_with_their_contents_and_the_one_tracking_number_is_told_once() -> None:
    def carton(barcode: str | None, number: int | None, *goods: tuple[str, int]) -> dict[str, Any]:
        return {"barcode": barcode, "id": number, "carton_details": [{"products": shipment(0, "", *goods)["products"]}]}

    pallets = [
        {"cartons": [carton("SSCC-1", 1, ("MUG", 12)), carton(None, 2, ("MUG", 12), ("LAMP", 5))]},
        {"cartons": [carton(None, None, ("MUG", 1)), {"carton_details": [{"products": [{"reference_id": "MUG"}]}]}]},
        {"cartons": None},
    ]
    tracking = {"carrier": "Estes", "pro_number": "PRO-9", "shipping_date": "2026-11-23T09:30:00Z"}
    order = held(
        "Fulfilled", shipment(7, "Completed", ("MUG", 25), ("LAMP", 5), parent_cartons=pallets, tracking=tracking)
    )
    (found,) = told(order).shipments
    assert found.parcels == (
        Parcel("SSCC-1", "Estes", "PRO-9", "", (mugs(12),)),
        Parcel("2", "Estes", "", "", (mugs(12), lamps(5))),
        Parcel("7-3", "Estes", "", "", (mugs(1),)),
        Parcel("7-4", "Estes", "", "", ()),
    )


def test_a_shipment_without_carrier_or_number_has_no_parcel() -> None:
    gone = {"tracking": None, "actual_fulfillment_date": "2026-11-23T09:30:00Z"}
    assert (
        told(held("Fulfilled", shipment(7, "Completed", ("MUG", 24), ("LAMP", 5), **gone))).shipments[0].parcels == ()
    )


def test_orders_of_others_are_passed_over_whatever_they_hold() -> None:
    theirs = [held(reference_id=ref, products="?", shipments="?") for ref in ("WEB-1", None, "b2b1042")]
    assert told(*theirs) == ShipmentPage((), (), READ_AT)


@pytest.mark.parametrize("odd", [{"shipments": "?"}, {"shipments": [None]}, {"status": 5}, {"tags": 7}])
def test_an_order_that_cannot_be_read_is_told_of_and_hides_no_other(odd: dict[str, Any]) -> None:
    fine = held("PartiallyFulfilled", shipment(9, "Completed", ("LAMP", 5)), reference_id="B2B2", id=502)
    page = told(held(**odd), fine)
    assert [each.shipment_id for each in page.shipments] == ["9"]
    assert [each.subject for each in page.problems] == ["order B2B1042"]


def test_changes_of_orders_and_of_tracking_are_asked_for_with_an_overlap_and_told_once() -> None:
    wire = shipbob(get_order=[held("PartiallyFulfilled", shipment(7, "Completed", ("MUG", 1)))])
    pages = list(warehouse(wire).read_shipments(NOW))
    since = "2026-11-23T11:55:00Z"
    asked = [{name: value for name, value in params.items() if "Start" in name} for _, params in wire.calls]
    assert asked == [{"LastUpdateStartDate": since}, {"LastTrackingUpdateStartDate": since}]
    assert [len(page.shipments) for page in pages] == [1]


def many(*sizes: int) -> Replies:
    found, number = [], 0
    for size in sizes:
        ids = range(number, number + size)
        page = [
            held("PartiallyFulfilled", shipment(each, "Completed", ("MUG", 1)), id=each, reference_id=f"B2B{each}")
            for each in ids
        ]
        found.append((200, page))
        number += size
    return Replies(*found)  # fmt: skip


def test_the_cursor_moves_with_the_last_page_alone() -> None:
    pages = list(warehouse(shipbob(get_order=many(250, 250, 3))).read_shipments(None))
    assert [len(page.shipments) for page in pages] == [250, 250, 3]
    never = datetime(1970, 1, 1, tzinfo=UTC)
    assert [page.read_to for page in pages] == [never, never, READ_AT]


def test_a_page_of_orders_that_comes_twice_stops_the_reading() -> None:
    _, page = many(250).next()[:2]
    with pytest.raises(DataError, match="came twice"):
        list(warehouse(shipbob(get_order=page)).read_shipments(None))


def test_an_order_that_slid_to_the_next_page_is_told_once() -> None:
    replies = many(250, 3)
    first, second = replies.next(), replies.next()
    again = (200, [first[1][-1], *second[1]])
    (whole, last) = warehouse(shipbob(get_order=Replies((200, first[1]), again))).read_shipments(None)
    assert (len(whole.shipments), [each.shipment_id for each in last.shipments]) == (250, ["250", "251", "252"])


def test_a_shipment_of_the_sandbox_arrives_with_its_instant(account: Account) -> None:
    account.create(tags=[{"name": "line-1", "value": LINE_1}, {"name": "line-2", "value": LINE_2}])
    account.pass_time(3600)
    account.floor.ship("B2B1042", {LINE_1: 3})
    account.pass_time(60)
    (page,) = on(account).read_shipments(account.now - timedelta(hours=2))
    (found,) = page.shipments
    assert found.dispatched_at == datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
    assert [(line.line_id, line.base_quantity) for line in found.lines] == [(LINE_1, 3)]
    assert page.read_to == datetime(2026, 11, 23, 13, 1, tzinfo=UTC)
