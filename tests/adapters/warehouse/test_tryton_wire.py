"""What the Tryton adapter makes of answers that a healthy Tryton does not give; no server is needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from include.fulfilment.adapters.transport import Transport
from include.fulfilment.adapters.warehouse.tryton import TrytonWarehouse
from include.fulfilment.domain.order import Address
from include.fulfilment.domain.shipment import LineClosure, ShipmentLine
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.errors import ConfigError, DataError
from include.fulfilment.ports import Problem, StockLevel, Unknown

LATE = datetime(2100, 1, 1, tzinfo=UTC)
DATE = "Mon, 23 Nov 2026 10:00:05 GMT"
STAMP = {"__class__": "datetime", "year": 2026, "month": 11, "day": 23, "hour": 9, "minute": 0, "second": 0} | {
    "microsecond": 7
}
Answer = Callable[[dict[str, Any]], Any]


class FakeTryton(httpx.BaseTransport):
    """Answers by `<model>/<method>`: a value, a function of the body, or a status code to fail with."""

    def __init__(self, **answers: Any) -> None:
        place = [{"id": 5, "code": "WH"}]
        self.answers = {"res.user/get_preferences": {"company": 1}, "stock.location/search_read": place} | answers
        self.calls: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        operation = request.url.path.removeprefix("/warehouse/rest/model/")
        self.calls.append(operation)
        answer = self.answers.get(operation, [])
        if isinstance(answer, int) and not operation.endswith("count"):
            return httpx.Response(answer, text="<html>")
        value = answer(json.loads(request.content)) if callable(answer) else answer
        return httpx.Response(200, json=value, headers={"Date": DATE})


def warehouse(wire: FakeTryton) -> TrytonWarehouse:
    transport = Transport(
        "http://127.0.0.1/warehouse/rest",
        system="tryton",
        connection_id="warehouse_test",
        wire=wire,
        sleep=lambda seconds: None,
    )
    return TrytonWarehouse(transport, lambda: datetime(2026, 11, 23, tzinfo=UTC))


def stock(*pages: Sequence[dict[str, Any]], count: int) -> FakeTryton:
    """A Tryton whose stock comes in these pages whatever is asked."""
    left = iter(pages)
    answers = {"product.product/search_read": lambda body: next(left, []), "product.product/search_count": count}
    return FakeTryton(**answers)


def page(first: int, size: int = 1000) -> list[dict[str, Any]]:
    return [{"id": number, "code": f"P{number}", "quantity": 1.0} for number in range(first, first + size)]


def test_stock_comes_in_pages_and_is_as_of_the_first_answer() -> None:
    reading = warehouse(stock(page(1), page(1001, 5), count=1005)).read_stock()
    assert reading.as_of == datetime(2026, 11, 23, 10, 0, 5, tzinfo=UTC)
    assert len(reading.levels) == 1005
    assert reading.levels[-1] == StockLevel("P1005", "WH", 1)


def test_a_page_of_stock_that_comes_twice_stops_the_reading() -> None:
    with pytest.raises(DataError, match="a page of stock came twice"):
        warehouse(stock(page(1), page(1), page(1), count=3000)).read_stock()


def test_a_reading_of_stock_that_breaks_off_is_no_reading() -> None:
    with pytest.raises(DataError, match="broke off at 1000 of 3000 products"):
        warehouse(stock(page(1), count=3000)).read_stock()


def test_half_a_unit_in_stock_or_no_figure_at_all_is_told_by_name_and_the_others_stay() -> None:
    rows = [
        {"id": 1, "code": "HALF", "quantity": 1.5},
        {"id": 2, "code": "MUG", "quantity": 4.0},
        {"id": 3, "code": "NONE", "quantity": None},
    ]
    reading = warehouse(stock(rows, count=3)).read_stock()
    assert reading.levels == (StockLevel("MUG", "WH", 4),)
    assert reading.problems == (
        Problem("stock HALF", "tryton: stock HALF counts 1.5 base units, which is no whole number; correct it there"),
        Problem("stock NONE", "tryton: stock NONE counts None base units, which is no whole number; correct it there"),
    )


def test_an_answer_that_is_no_list_of_records_is_no_reading() -> None:
    with pytest.raises(
        DataError, match=r"search_read of product\.product was answered with something that is no answer"
    ):
        warehouse(FakeTryton(**{"product.product/search_read": {}, "product.product/search_count": 1})).read_stock()


def test_a_stock_below_zero_is_reported_as_it_is() -> None:
    reading = warehouse(stock([{"id": 1, "code": "MINUS", "quantity": -4.0}], count=1)).read_stock()
    assert reading.levels == (StockLevel("MINUS", "WH", -4),)


def test_two_warehouses_in_one_tryton_are_refused() -> None:
    places = [{"id": 5, "code": "WH"}, {"id": 6, "code": "WH2"}]
    with pytest.raises(ConfigError, match="Tryton has 2 warehouses"):
        warehouse(FakeTryton(**{"stock.location/search_read": places})).read_stock()


def test_a_user_without_company_is_refused() -> None:
    with pytest.raises(ConfigError, match="belongs to no company"):
        warehouse(FakeTryton(**{"res.user/get_preferences": {"language": "en"}})).find(["B2B1"])


READY: dict[str, Any] = {
    "party.address/search_read": [{"id": 2, "party": 3}],
    "product.product/search_read": [{"id": 4, "code": "P1", "template.": {"default_uom": 1}}],
}
ORDER = WarehouseOrder(
    "B2B1", "o", "#1", 1, 1, "", "", None, "", Address(), (WarehouseOrderLine("L1", "P1", 1, "", ""),)
)


def test_a_server_error_on_create_is_unknown_and_not_repeated() -> None:
    wire = FakeTryton(**READY | {"sale.sale/create": 500})
    assert isinstance(warehouse(wire).submit(ORDER, LATE), Unknown)
    assert wire.calls.count("sale.sale/create") == 1


def test_no_create_starts_once_another_worker_may_look_for_the_order() -> None:
    wire = FakeTryton(**READY)
    assert isinstance(warehouse(wire).submit(ORDER, datetime(2000, 1, 1, tzinfo=UTC)), Unknown)
    assert "sale.sale/create" not in wire.calls


def shipment(state: str, *moves: dict[str, Any]) -> FakeTryton:
    found = {
        "id": 9,
        "number": "9",
        "state": state,
        "write_date": STAMP,
        "shipping_reference": "TRK9",
        "carrier.": {"id": 1, "party.": {"name": "DPD"}},
        "outgoing_moves": [move["id"] for move in moves],
        "packages.": [],
    }
    lines = [
        {"id": 7, "note": "L1", "sale.": {"description": "B2B1"}},
        {"id": 8, "note": "", "sale.": {"description": "Cable for the B2B fair"}},
    ]
    return FakeTryton(
        **{
            "stock.shipment.out/search_read": [found],
            "stock.move/search_read": list(moves),
            "sale.line/search_read": lambda body: lines if body["fields_names"] == ["note", "sale.description"] else [],
        }
    )


def move(number: int, origin: str | None, quantity: float) -> dict[str, Any]:
    product = {"id": 1, "code": "P1"}
    shared = {"package": None, "write_date": STAMP, "product.": product}
    return {"id": number, "origin": origin, "internal_quantity": quantity, **shared}


def test_goods_that_the_staff_added_by_hand_belong_to_no_line() -> None:
    wire = shipment("done", move(1, "sale.line,7", 3.0), move(2, None, 2.0), move(3, "sale.line,7", 0.0))
    ((found,),) = [each.shipments for each in warehouse(wire).read_shipments(None)]
    assert found.lines == (ShipmentLine("B2B1", "L1", "P1", 3), ShipmentLine("", "", "P1", 2))
    assert found.dispatched_at == datetime(2026, 11, 23, 9, 0, 0, 7, tzinfo=UTC)
    assert [(each.carrier, each.tracking_number, each.contents) for each in found.parcels] == [
        ("DPD", "TRK9", found.lines)
    ]


def test_part_of_a_unit_on_somebody_elses_sale_is_passed_over() -> None:
    wire = shipment("done", move(1, "sale.line,7", 3.0), move(2, "sale.line,8", 2.5), move(3, None, 0.5))
    ((found,),) = [each.shipments for each in warehouse(wire).read_shipments(None)]
    assert found.lines == (ShipmentLine("B2B1", "L1", "P1", 3),)


@pytest.mark.parametrize(("origin", "quantity"), [("sale.line,8", 2.5), ("sale.line,8", 2.0), (None, 0.5)])
def test_a_shipment_that_is_none_of_ours_is_passed_over_whole(origin: str | None, quantity: float) -> None:
    (only,) = warehouse(shipment("done", move(1, origin, quantity))).read_shipments(None)
    assert only.shipments == ()


def test_part_of_a_unit_on_our_own_line_is_told() -> None:
    with pytest.raises(DataError, match=r"move 1 counts 1\.5 base units"):
        list(warehouse(shipment("done", move(1, "sale.line,7", 1.5))).read_shipments(None))


DAY = {"__class__": "date", "year": 2026, "month": 11, "day": 23}


def gone(number: int, ref: str, sale_date: Any, quantity: float) -> dict[str, Any]:
    return {"id": number, "note": "L1", "sale.": {"description": ref, "sale_date": sale_date}, "quantity": quantity}


def test_a_cancelled_sale_closes_its_lines_only_where_it_was_confirmed_and_not_replaced() -> None:
    cancelled = [
        gone(1, "B2B1", DAY, 5.0),
        gone(2, "B2B2", None, 5.0),
        gone(3, "B2B3", DAY, 5.0),
        gone(4, "Cable for the B2B fair", DAY, 2.5),
    ]
    wire = FakeTryton(
        **{
            "sale.line/search_read": lambda body: cancelled if "quantity" in body["fields_names"] else [],
            "sale.sale/search_read": [{"id": 9, "description": "B2B3"}],
        }
    )
    (only,) = warehouse(wire).read_shipments(None)
    assert only.closures == (LineClosure("B2B1", "L1", 5),)


def test_a_closed_rest_of_somebody_elses_sale_is_passed_over() -> None:
    lines = [
        {"id": 1, "note": "L1", "sale.": {"description": "B2B1"}, "moves_ignored": [11]},
        {"id": 2, "note": "", "sale.": {"description": "CABLE-7"}, "moves_ignored": [12]},
    ]
    moves = [{"id": 11, "internal_quantity": 3.0}, {"id": 12, "internal_quantity": 2.5}]
    wire = FakeTryton(
        **{
            "sale.line/search_read": lambda body: lines if "moves_ignored" in body["fields_names"] else [],
            "stock.move/search_read": lambda body: [each for each in moves if each["id"] in body["domain"][0][2]],
        }
    )
    (only,) = warehouse(wire).read_shipments(None)
    assert only.closures == (LineClosure("B2B1", "L1", 3),)


@pytest.mark.parametrize(("state", "dispatched", "voided"), [("shipped", False, False), ("cancelled", False, True)])
def test_goods_still_in_the_figure_are_not_dispatched(state: str, dispatched: bool, voided: bool) -> None:
    ((found,),) = [
        each.shipments for each in warehouse(shipment(state, move(1, "sale.line,7", 3.0))).read_shipments(None)
    ]
    assert (found.dispatched_at is not None, found.voided) == (dispatched, voided)


def test_the_cursor_is_where_the_reading_began() -> None:
    (only,) = warehouse(FakeTryton()).read_shipments(None)
    assert (only.shipments, only.read_to) == ((), datetime(2026, 11, 23, 10, 0, 5, tzinfo=UTC))
