"""Orders that another route brought to ShipHero: by which number they are found, and what cannot be told of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from include.fulfilment.ports import Cancelled, OtherOrder, Problem, WarehouseStatus
from tests.adapters.warehouse.shiphero.kit import account, label, line, order, page, shipment
from tests.contract.benches.shiphero import open_bench
from tests.contract.kit import Bench, opened
from tests.contract.orders import an_order, goods, ship


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with opened(open_bench, tmp_path_factory.mktemp("shiphero")) as made:
        yield made


def found(*nodes: dict[str, Any], more: str = "", whole: dict[str, Any] | None = None, **options: Any) -> Any:
    """What is told of 1042 where these orders bear it; `whole` is the one that is read in full."""
    there = {"data": {"n0": {"data": page(*nodes, after=more)}, "n0_id": {"data": page()}}}
    read = {"data": {"i0": {"data": whole or (nodes[0] if nodes else None)}}}
    return account(there, read, **options).warehouse.others(["1042"])


def other(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Somebody else's order under the shop's number, whose lines hold nothing of ours."""
    named = {"order_number": "1042", "partner_order_id": "5590000000001", "packing_note": "Ring twice"}
    return order(*lines or (line(custom_options=None),), **named | changes)


def test_an_order_is_found_by_its_order_number_and_by_its_senders_own_id(bench: Bench) -> None:
    (mug,) = goods(bench, 50)
    assert bench.bring is not None
    held = bench.bring(an_order((mug, 4)), "#81042")
    told = bench.warehouse.others(["#81042", held.external_ref, "81042"])
    assert {number: (each.reference, dict(each.units)) for number, each in told.items()} == {
        "#81042": ("#81042", {mug: 4}),
        held.external_ref: (held.external_ref, {mug: 4}),
    }
    assert len({each.wms_id for each in told.values()}) == 1


def test_all_lines_of_a_long_order_are_told_with_their_parcels(bench: Bench) -> None:
    skus = goods(bench, *[50] * 60)
    assert bench.bring is not None
    held = bench.bring(an_order(*((sku, 2) for sku in skus)), "81060")
    ship(bench, held, boxes=2)
    told = bench.warehouse.others(["81060"])["81060"]
    assert dict(told.units) == dict.fromkeys(skus, 2)
    (left,) = told.shipments
    assert {each.base_sku: each.base_quantity for each in left.lines} == dict.fromkeys(skus, 2)
    assert len({each.tracking_number for each in left.parcels}) == 2


def test_what_is_read_of_an_order_stands_in_the_answer() -> None:
    parcel = label(9)
    sent = other(line(custom_options=None, quantity_shipped=4), shipments=(shipment((4, 9), labels=(parcel,)),))
    (told,) = found(sent).values()
    assert isinstance(told, OtherOrder)
    assert (told.reference, told.wms_id, told.status) == ("1042", "310", WarehouseStatus.PARTIALLY_SHIPPED)
    assert (told.po_number, told.instructions, dict(told.units), told.problems) == ("", "Ring twice", {"MUG": 10}, ())
    assert [(each.shipment_id, each.lines[0].base_quantity) for each in told.shipments] == [("419523005", 4)]


@pytest.mark.parametrize(
    "changes",
    [
        {"order_number": "10421", "partner_order_id": "10421"},
        {"order_number": "#1042"},
        {"order_number": "B2B1042", "partner_order_id": "1042"},
        {"order_number": "1042", "partner_order_id": "B2B1042"},
    ],
)
def test_another_number_and_an_order_of_ours_are_passed_over(changes: dict[str, Any]) -> None:
    """ShipHero may pass over a filter, and people write into the fields of our orders."""
    assert found(other(**changes)) == {}


def test_more_orders_under_a_number_than_a_page_holds_are_a_problem_unless_one_is_live() -> None:
    gone = [other(id=f"T3JkZXI6{letter}", fulfillment_status="canceled") for letter in ("MzEx", "MzEy")]
    words = "more than 5 orders bear the number 1042; clear them up there"
    unclear = OtherOrder(
        "1042", "311", WarehouseStatus.UNRECOGNISED, "", "", "", {}, (), (Problem("order 1042", words),)
    )
    assert found(*gone, more="next") == {"1042": unclear}
    live = other()
    assert found(*gone, live, more="next", whole=live)["1042"].wms_id == "310"
    assert found(*gone, whole=gone[0])["1042"].status is WarehouseStatus.CANCELLED


def test_packs_whose_count_is_written_nowhere_leave_the_units_unknown() -> None:
    (told,) = found(other(), order_kind="wholesale", line_unit="pack").values()
    words = "shiphero: line 16400000000000001 does not say how many base units one of its 10 counts"
    assert (dict(told.units), told.problems) == ({}, (Problem("order 1042", words),))


def test_an_order_that_cannot_be_read_is_there_all_the_same() -> None:
    (told,) = found(other(line(quantity="ten"))).values()
    assert (told.wms_id, told.status, dict(told.units)) == ("310", WarehouseStatus.UNRECOGNISED, {})
    assert [each.subject for each in told.problems] == ["order 1042"]


def test_it_asks_for_twelve_credits_a_number_and_gives_back_what_was_not_charged() -> None:
    nothing = {"data": page()}
    said = {f"n{position}{field}": nothing for position in range(2) for field in ("", "_id")}
    throttling = {"extensions": {"throttling": {"cost": 4}}}
    made = account({"data": said} | throttling)
    assert made.warehouse.others(["1042", "#1042", "1042"]) == {}
    assert (made.asked[-1], made.given_back) == (24, [20])
    assert made.script.sent[-1]["variables"] == {"n0": "#1042", "n1": "1042"}


def test_the_customers_account_is_named() -> None:
    made = account({"data": {"n0": {"data": page()}, "n0_id": {"data": page()}}}, customer="QWNjb3VudDo3Nw==")
    assert made.warehouse.others(["1042"]) == {}
    assert made.script.sent[-1]["variables"] == {"n0": "1042", "customer": "QWNjb3VudDo3Nw=="}


def test_an_order_of_another_shop_is_found_too_and_cancelled_by_the_number(bench: Bench) -> None:
    (mug,) = goods(bench, 50)
    assert bench.bring is not None
    held = bench.bring(an_order((mug, 4)), "81099")
    assert bench.warehouse.cancel("81099") == Cancelled()
    assert [each.state for each in bench.floor.held() if each.external_ref == held.external_ref] == ["cancelled"]
