"""Fulfilments: partial, refused, corrected, cancelled, and the statuses and stock that follow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.shops import Shop, load_basics, order, stock_of

_CREATE = """mutation Ship($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) {
  fulfillment { id name status totalQuantity location { id } trackingInfo(first: 9) { company number url }
    fulfillmentLineItems(first: 9) { nodes { quantity lineItem { sku } } } } userErrors { field message } } }"""

_READ = """{ orders(first: 1) { nodes { id displayFulfillmentStatus closed updatedAt
  fulfillments(first: 9) { id status } lineItems(first: 9) { nodes { unfulfilledQuantity } }
  fulfillmentOrders(first: 9) { nodes { id status lineItems(first: 9) { nodes { id remainingQuantity } } } } } } }"""


def read(shop: Shop) -> Any:
    return shop.ask(_READ)["orders"]["nodes"][0]


def ship(shop: Shop, units: list[int], part: int = 0, number: str = "TRK1") -> Any:
    """Ship `units` of each line of a fulfilment order; an empty list names no lines."""
    found = read(shop)["fulfillmentOrders"]["nodes"][part]
    lines = [
        {"id": line["id"], "quantity": quantity}
        for line, quantity in zip(found["lineItems"]["nodes"], units, strict=False)
        if quantity
    ]
    by_order = {"fulfillmentOrderId": found["id"]} | ({"fulfillmentOrderLineItems": lines} if units else {})
    wanted = {"lineItemsByFulfillmentOrder": [by_order], "trackingInfo": {"company": "DPD", "number": number}}
    return shop.ask(_CREATE, f=wanted)["fulfillmentCreate"]


def test_two_shipments_fulfil_an_order_and_only_the_second_completes_it(shop: Shop) -> None:
    load_basics(shop, order(financial_status="PAID"))
    first = ship(shop, [1, 6])
    assert first["userErrors"] == []
    assert first["fulfillment"]["name"] == "#1042-F1"
    assert first["fulfillment"]["totalQuantity"] == 7
    assert first["fulfillment"]["trackingInfo"] == [{"company": "DPD", "number": "TRK1", "url": None}]
    half = read(shop)
    assert (half["displayFulfillmentStatus"], half["closed"]) == ("PARTIALLY_FULFILLED", False)
    assert half["fulfillmentOrders"]["nodes"][0]["status"] == "IN_PROGRESS"
    assert [line["unfulfilledQuantity"] for line in half["lineItems"]["nodes"]] == [1, 4]
    assert stock_of(shop) == {"MUG": (40, 4, 44), "MUG-12": (2, 1, 3)}
    assert ship(shop, [])["fulfillment"]["totalQuantity"] == 5
    whole = read(shop)
    assert (whole["displayFulfillmentStatus"], whole["closed"]) == ("FULFILLED", True)
    assert whole["fulfillmentOrders"]["nodes"][0]["status"] == "CLOSED"
    assert stock_of(shop) == {"MUG": (40, 0, 40), "MUG-12": (2, 0, 2)}


def test_more_than_remains_is_refused_and_changes_nothing(shop: Shop) -> None:
    load_basics(shop, order())
    before = shop.control.state()
    answer = ship(shop, [1, 11])
    assert answer["fulfillment"] is None
    assert [error["message"] for error in answer["userErrors"]] == [
        "Invalid fulfillment order line item quantity requested."
    ]
    assert shop.control.state() == before


def test_a_line_named_twice_counts_as_their_sum(shop: Shop) -> None:
    load_basics(shop, order())
    found = read(shop)["fulfillmentOrders"]["nodes"][0]
    line = {"id": found["lineItems"]["nodes"][1]["id"], "quantity": 6}
    part = {"fulfillmentOrderId": found["id"], "fulfillmentOrderLineItems": [line, line]}
    answer = shop.ask(_CREATE, f={"lineItemsByFulfillmentOrder": [part]})["fulfillmentCreate"]
    assert answer["fulfillment"] is None


@pytest.mark.parametrize("identity", ["gid://shopify/FulfillmentOrder/1", "gid://shopify/Order/1", "x"])
def test_an_unknown_fulfilment_order_is_refused(shop: Shop, identity: str) -> None:
    wanted = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": identity}]}
    answer = shop.ask(_CREATE, f=wanted)["fulfillmentCreate"]
    assert answer["userErrors"][0] == {
        "field": ["fulfillment", "lineItemsByFulfillmentOrder", "0", "fulfillmentOrderId"],
        "message": "Fulfillment order does not exist.",
    }


def test_a_closed_cancelled_or_held_fulfilment_order_is_refused(shop: Shop) -> None:
    load_basics(shop, order())
    shop.control.hold("#1042", "OTHER")
    assert "has an unfulfillable status= on_hold." in ship(shop, [])["userErrors"][0]["message"]
    shop.control.hold("#1042", None)
    ship(shop, [])
    assert "has an unfulfillable status= closed." in ship(shop, [])["userErrors"][0]["message"]


def test_tracking_is_replaced_on_the_same_fulfilment(shop: Shop) -> None:
    load_basics(shop, order())
    made = ship(shop, [])["fulfillment"]["id"]
    shop.pass_time(5)
    update = """mutation Track($id: ID!, $t: FulfillmentTrackingInput!) {
      fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $t) {
        fulfillment { id trackingInfo { company number url } } userErrors { message } } }"""
    tracking = {"company": "UPS", "numbers": ["A", "B"], "urls": ["https://t.example/A"]}
    answer = shop.ask(update, id=made, t=tracking)["fulfillmentTrackingInfoUpdate"]["fulfillment"]
    assert answer["id"] == made
    assert answer["trackingInfo"] == [
        {"company": "UPS", "number": "A", "url": "https://t.example/A"},
        {"company": "UPS", "number": "B", "url": None},
    ]
    found = read(shop)
    assert len(found["fulfillments"]) == 1
    assert found["updatedAt"] == "2026-11-23T12:00:05Z"


def test_a_cancelled_fulfilment_of_a_closed_order_opens_a_new_one(shop: Shop) -> None:
    load_basics(shop, order())
    made = ship(shop, [])["fulfillment"]["id"]
    cancel = "mutation No($id: ID!) { fulfillmentCancel(id: $id) { fulfillment { status } userErrors { message } } }"
    assert shop.ask(cancel, id=made)["fulfillmentCancel"]["fulfillment"]["status"] == "CANCELLED"
    found = read(shop)
    assert found["displayFulfillmentStatus"] == "UNFULFILLED"
    assert [part["status"] for part in found["fulfillmentOrders"]["nodes"]] == ["CLOSED", "OPEN"]
    assert stock_of(shop) == {"MUG": (40, 10, 50), "MUG-12": (2, 2, 4)}
    again = shop.ask(cancel, id=made)["fulfillmentCancel"]
    assert again["userErrors"] == [{"message": "Fulfillment is already cancelled."}]
    assert ship(shop, [], part=1)["fulfillment"]["totalQuantity"] == 12


def test_a_cancelled_fulfilment_of_an_open_order_gives_back_what_remains(shop: Shop) -> None:
    load_basics(shop, order())
    made = ship(shop, [1, 6])["fulfillment"]["id"]
    shop.ask("mutation No($id: ID!) { fulfillmentCancel(id: $id) { userErrors { message } } }", id=made)
    parts = read(shop)["fulfillmentOrders"]["nodes"]
    assert [line["remainingQuantity"] for part in parts for line in part["lineItems"]["nodes"]] == [2, 10]


def test_cancelling_a_part_shipped_order_gives_back_the_rest_only(shop: Shop) -> None:
    load_basics(shop, order())
    ship(shop, [1, 6])
    shop.control.cancel("#1042")
    assert stock_of(shop) == {"MUG": (44, 0, 44), "MUG-12": (3, 0, 3)}
    assert read(shop)["displayFulfillmentStatus"] == "FULFILLED"


_PROGRESS = """mutation Work($id: ID!) { fulfillmentOrderReportProgress(id: $id) {
  fulfillmentOrder { id status } userErrors { code field message } } }"""


def progress(shop: Shop, fulfilment_order: str) -> Any:
    return shop.ask(_PROGRESS, id=fulfilment_order)["fulfillmentOrderReportProgress"]


def test_work_that_has_begun_is_shown_and_goods_can_still_leave(shop: Shop) -> None:
    load_basics(shop, order())
    (part,) = read(shop)["fulfillmentOrders"]["nodes"]
    assert progress(shop, part["id"]) == {
        "fulfillmentOrder": {"id": part["id"], "status": "IN_PROGRESS"},
        "userErrors": [],
    }
    assert read(shop)["displayFulfillmentStatus"] == "IN_PROGRESS"
    assert stock_of(shop) == {"MUG": (40, 10, 50), "MUG-12": (2, 2, 4)}
    assert ship(shop, [])["fulfillment"]["totalQuantity"] == 12
    assert read(shop)["displayFulfillmentStatus"] == "FULFILLED"


def test_work_on_what_is_closed_held_or_unknown_is_refused(shop: Shop) -> None:
    load_basics(shop, order())
    (part,) = read(shop)["fulfillmentOrders"]["nodes"]
    shop.control.hold("#1042", "OTHER")
    error = {"code": "FULFILLMENT_ORDER_STATUS_INVALID", "field": ["id"]}
    held = {**error, "message": "Fulfillment order status is on_hold."}
    assert progress(shop, part["id"]) == {"fulfillmentOrder": None, "userErrors": [held]}
    assert read(shop)["displayFulfillmentStatus"] == "ON_HOLD"
    shop.control.hold("#1042", None)
    ship(shop, [])
    assert progress(shop, part["id"])["userErrors"][0]["message"] == "Fulfillment order status is closed."
    unknown = progress(shop, "gid://shopify/FulfillmentOrder/1")["userErrors"]
    assert [each["code"] for each in unknown] == ["FULFILLMENT_ORDER_NOT_FOUND"]
