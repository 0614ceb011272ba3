"""A reading of stock is whole, on hand, and as of ShipBob's clock when it began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from include.fulfilment.errors import DataError, RetryableError
from include.fulfilment.ports import Problem, StockLevel
from tests.adapters.warehouse.shipbob.kit import NOW, Replies, on, shipbob, warehouse
from tests.sandbox.shipbob.account import Account


def item(number: int, sku: Any, on_hand: Any = 1, **more: Any) -> dict[str, Any]:
    return {"inventory_id": number, "sku": sku, "total_on_hand_quantity": on_hand, **more}


def reading(*pages: dict[str, Any]) -> Any:
    wire = shipbob(get_inventory_level=Replies(*((200, page) for page in pages)))
    return warehouse(wire).read_stock()


def test_stock_is_all_that_is_on_hand_ordered_or_not(account: Account) -> None:
    account.create()
    assert on(account).read_stock().levels == (StockLevel("MUG", "network", 100), StockLevel("LAMP", "network", 10))
    account.floor.ship("B2B1042")
    assert on(account).read_stock().levels == (StockLevel("MUG", "network", 97), StockLevel("LAMP", "network", 8))


def test_600_products_take_three_calls(account: Account) -> None:
    account.floor.load_products({f"P{number}": "P" for number in range(598)})
    account.ear.heard.clear()
    assert len(on(account).read_stock().levels) == 600
    assert len(account.ear.heard) == 3


def test_a_next_address_of_another_host_or_version_is_only_read_for_its_query() -> None:
    page = {
        "items": [item(1, "A")],
        "next": "https://elsewhere.example/2031-07/inventory-level?Cursor=abc%3D&PageSize=9",
    }
    wire = shipbob(get_inventory_level=Replies((200, page), (200, {"items": [item(2, "B")], "next": None})))
    assert [each.base_sku for each in warehouse(wire).read_stock().levels] == ["A", "B"]
    assert [params for _, params in wire.calls] == [{"PageSize": "250"}, {"Cursor": "abc=", "PageSize": "9"}]


def test_a_page_that_comes_twice_is_an_error() -> None:
    page = {"items": [item(1, "A")], "next": "/inventory-level?Cursor=2"}
    with pytest.raises(DataError, match="came twice"):
        reading(page, page, page)


def test_a_page_that_comes_again_under_another_address_is_an_error() -> None:
    again = {"items": [item(1, "A")], "next": None}
    with pytest.raises(DataError, match="came twice"):
        reading({"items": [item(1, "A")], "next": "/inventory-level?Cursor=2"}, again)


def test_addresses_that_go_in_a_circle_are_an_error() -> None:
    ring = [{"items": [item(number, f"S{number}")], "next": f"/?Cursor={number % 2}"} for number in range(4)]
    with pytest.raises(DataError, match="came twice or empty"):
        reading(*ring)


def test_a_page_that_is_empty_before_the_end_is_an_error() -> None:
    with pytest.raises(DataError, match="came twice or empty"):
        reading({"items": [item(1, "A")], "next": "/?Cursor=2"}, {"items": [], "next": "/?Cursor=3"})


@pytest.mark.parametrize("page", [{}, {"items": None}, [], None, "ok", {"items": [7]}])
def test_an_answer_without_items_is_no_empty_warehouse(page: Any) -> None:
    with pytest.raises(RetryableError):
        reading(page)


@pytest.mark.parametrize("on_hand", [1.5, None, "7", True, []])
def test_a_figure_that_is_no_whole_number_is_left_out_by_name(on_hand: Any) -> None:
    found = reading({"items": [item(1, "ODD", on_hand), item(2, "MUG", 4), item(3, "LAMP", 2.0)], "next": None})
    assert [(each.base_sku, each.on_hand) for each in found.levels] == [("MUG", 4), ("LAMP", 2)]
    assert [each.subject for each in found.problems] == ["stock of ODD"]


def test_a_sku_of_two_goods_is_left_out_by_name() -> None:
    found = reading({"items": [item(1, "MUG", 4), item(2, "MUG", 5), item(3, "LAMP", 2)], "next": None})
    assert [each.base_sku for each in found.levels] == ["LAMP"]
    words = "2 goods at ShipBob have this SKU, so its stock cannot be told; merge them there"
    assert found.problems == (Problem("stock of MUG", words),)


@pytest.mark.parametrize("sku", [None, "", 7])
def test_goods_without_a_sku_are_not_ours(sku: Any) -> None:
    found = reading({"items": [item(1, sku, None), item(2, "MUG", -4)], "next": None})
    assert (found.levels, found.problems) == ((StockLevel("MUG", "network", -4),), ())


def test_the_figure_is_as_of_the_instant_the_first_call_was_sent() -> None:
    """The warehouse's clock says 11:59:30 when it answers, and the answer took eight seconds."""
    now = [NOW]

    def slow(_request: Any) -> dict[str, Any]:
        now[0] += timedelta(seconds=8)
        return {"items": [item(1, "MUG")], "next": None}

    found = warehouse(shipbob(get_inventory_level=slow), clock=lambda: now[0]).read_stock()
    assert found.as_of == datetime(2026, 11, 23, 11, 59, 22, tzinfo=UTC)


def test_an_answer_without_a_date_is_no_reading() -> None:
    class Dateless(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json={"items": [], "next": None})

    with pytest.raises(RetryableError, match="shipbob: an answer does not say when"):
        warehouse(Dateless()).read_stock()


def test_of_orders_that_name_a_centre_its_own_stock_alone_counts(account: Account) -> None:
    """100 in another town are no stock for an order that must leave from centre 8."""
    assert on(account, location_id=8).read_stock().levels == (StockLevel("MUG", "8", 100), StockLevel("LAMP", "8", 10))
    here, there = ({"location_id": number, "on_hand_quantity": units} for number, units in ((8, 4), (9, 100)))
    items = [
        {"inventory_id": 1, "sku": "MUG", "locations": [there, here]},
        {"inventory_id": 2, "sku": "LAMP", "locations": [there]},
        {"inventory_id": 3, "sku": "ODD", "locations": [{"location_id": 8, "on_hand_quantity": 1.5}]},
    ]
    wire = shipbob()
    wire.answers["GET /inventory-level/locations"] = {"items": items, "next": None}
    found = warehouse(wire, location_id=8).read_stock()
    assert found.levels == (StockLevel("MUG", "8", 4),)
    assert [each.subject for each in found.problems] == ["stock of ODD"]
    assert wire.calls[0][1] == {"PageSize": "250", "LocationId": "8"}
