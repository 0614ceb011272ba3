"""Fulfilment orders the sandbox cannot make: several open ones for a line, and other locations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from include.fulfilment.adapters.storefront.shopify import queries
from include.fulfilment.adapters.storefront.shopify.client import ShopifyClient
from include.fulfilment.adapters.storefront.shopify.posting import Poster
from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.errors import DataError, FulfilmentError, RetryableError
from include.fulfilment.ports import Posted, Rejected, Unknown


def fulfilment_order(number: int, location: int, *lines: tuple[int, int], status: str = "OPEN") -> dict[str, Any]:
    nodes = [
        {
            "id": f"gid://shopify/FulfillmentOrderLineItem/{number}{line}",
            "remainingQuantity": remaining,
            "lineItem": {"id": f"gid://shopify/LineItem/{line}"},
        }
        for line, remaining in lines
    ]
    return {
        "id": f"gid://shopify/FulfillmentOrder/{number}",
        "status": status,
        "assignedLocation": {"location": {"id": f"gid://shopify/Location/{location}"}},
        "lineItems": {"nodes": nodes},
    }


class ScriptedShop:
    """One order, 1, with these fulfilment orders; remembers what was created."""

    def __init__(self, *orders: dict[str, Any]) -> None:
        self.orders, self.created = orders, list[Any]()

    def read(self, document: str, **variables: Any) -> Mapping[str, Any]:
        node = {"id": "gid://shopify/Order/1", "name": "#1", "fulfillments": []}
        return {"nodes": [{**node, "fulfillmentOrders": {"nodes": list(self.orders)}}]}

    def write(self, document: str, *, safe: bool, **variables: Any) -> Mapping[str, Any]:
        if "fulfillment" not in variables:
            return {"userErrors": []}
        self.created.append(variables["fulfillment"])
        return {"fulfillment": {"id": f"gid://shopify/Fulfillment/{90 + len(self.created)}"}, "userErrors": []}


def posted(shop: ScriptedShop, *lines: tuple[str, int], urls: tuple[str, ...] = ()) -> Posted | Rejected:
    post = FulfilmentPost("cart:1", "SHP-1", "DPD", "MAIN", ("T1",), urls, lines)
    (answer,) = Poster(cast(ShopifyClient, shop), "7").post_all([("1", post)]).values()
    assert isinstance(answer, Posted | Rejected)
    return answer


def test_one_line_over_two_fulfilment_orders_of_our_location_is_one_call_with_both() -> None:
    shop = ScriptedShop(fulfilment_order(21, 7, (5, 4)), fulfilment_order(22, 7, (5, 8), (6, 3)))
    assert posted(shop, ("5", 10), ("6", 3)) == Posted("91")
    (call,) = shop.created
    assert call["lineItemsByFulfillmentOrder"] == [
        {
            "fulfillmentOrderId": "gid://shopify/FulfillmentOrder/21",
            "fulfillmentOrderLineItems": [{"id": "gid://shopify/FulfillmentOrderLineItem/215", "quantity": 4}],
        },
        {
            "fulfillmentOrderId": "gid://shopify/FulfillmentOrder/22",
            "fulfillmentOrderLineItems": [
                {"id": "gid://shopify/FulfillmentOrderLineItem/225", "quantity": 6},
                {"id": "gid://shopify/FulfillmentOrderLineItem/226", "quantity": 3},
            ],
        },
    ]


def test_what_the_shop_expects_from_another_location_is_refused_and_nothing_is_sent() -> None:
    shop = ScriptedShop(fulfilment_order(21, 7, (5, 4)), fulfilment_order(22, 8, (5, 6)))
    words = "order #1, line 5: 6 of 10 cannot be fulfilled: the shop expects it from location 8"
    assert posted(shop, ("5", 10)) == Rejected("other_location", words, "location")
    assert shop.created == []


def test_a_post_without_lines_never_fulfils_everything() -> None:
    shop = ScriptedShop(fulfilment_order(21, 7, (5, 4)))
    assert posted(shop) == Rejected("no_lines", "the post for order #1 names no lines")
    assert shop.created == []


def test_tracking_addresses_go_along_only_when_there_is_one_for_each_number() -> None:
    shop = ScriptedShop(fulfilment_order(21, 7, (5, 4)))
    posted(shop, ("5", 1), urls=("https://dpd.example/T1",))
    posted(shop, ("5", 1), urls=("javascript:alert(1)",))
    assert [call["trackingInfo"] for call in shop.created] == [
        {"company": "DPD", "numbers": ["T1"], "urls": ["https://dpd.example/T1"]},
        {"company": "DPD", "numbers": ["T1"]},
    ]


class FailingShop:
    """Orders of one line each; calls of the document `on` that name one of `bad` fail."""

    def __init__(self, on: str, bad: set[str], error: FulfilmentError) -> None:
        self._on, self._bad, self._error = on, bad, error
        self.reads = 0

    def read(self, document: str, **variables: Any) -> Mapping[str, Any]:
        self.reads += 1
        numbers = [each.rpartition("/")[2] for each in variables["ids"]]
        self._fail(document, set(numbers))
        return {"nodes": [self._order(number) for number in numbers]}

    def write(self, document: str, *, safe: bool, **variables: Any) -> Mapping[str, Any]:
        if "fulfillment" not in variables:
            return {"userErrors": []}
        (picked,) = variables["fulfillment"]["lineItemsByFulfillmentOrder"]
        number = picked["fulfillmentOrderId"].rpartition("/")[2]
        self._fail(document, {number})
        return {"fulfillment": {"id": f"gid://shopify/Fulfillment/9{number}"}, "userErrors": []}

    def _order(self, number: str) -> dict[str, Any]:
        open_lines = {"nodes": [fulfilment_order(int(number), 7, (5, 4))]}
        node = {"id": f"gid://shopify/Order/{number}", "name": f"#{number}", "fulfillments": []}
        return {**node, "fulfillmentOrders": open_lines}

    def _fail(self, document: str, numbers: set[str]) -> None:
        if document == self._on and numbers & self._bad:
            raise self._error


def post_each(shop: FailingShop, *numbers: str) -> list[Posted | Rejected | Unknown]:
    posts = [
        (number, FulfilmentPost(f"cart:{number}", "SHP-1", "DPD", "MAIN", ("T1",), (), (("5", 1),)))
        for number in numbers
    ]
    answers = Poster(cast(ShopifyClient, shop), "7").post_all(posts)
    return [answers[post.key] for _, post in posts]


@pytest.mark.parametrize("document", [queries.FULFILMENT_SIDES, queries.OPEN_LINES, queries.CREATE_FULFILMENT])
@pytest.mark.parametrize("error", [RetryableError("the shop answered 500"), DataError("paging repeats itself")])
def test_an_order_that_the_shop_fails_on_costs_no_other_order_its_fulfilment(
    document: str, error: FulfilmentError
) -> None:
    shop = FailingShop(document, {"1"}, error)
    assert post_each(shop, "1", "2", "3") == [Unknown(str(error)), Posted("92"), Posted("93")]


def test_when_nothing_could_be_answered_the_fault_is_raised() -> None:
    with pytest.raises(RetryableError, match="answered 503"):
        post_each(FailingShop(queries.OPEN_LINES, {"1", "2"}, RetryableError("the shop answered 503")), "1", "2")


def test_a_shop_that_answers_nobody_is_left_alone_after_three_orders() -> None:
    numbers = [str(number) for number in range(1, 21)]
    shop = FailingShop(queries.FULFILMENT_SIDES, set(numbers), RetryableError("the shop answered 503"))
    with pytest.raises(RetryableError):
        post_each(shop, *numbers)
    assert shop.reads == 4
