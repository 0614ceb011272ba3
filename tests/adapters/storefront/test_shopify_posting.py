"""Fulfilment orders the sandbox cannot make: several open ones for a line, and other locations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from include.fulfilment.adapters.storefront.shopify_client import ShopifyClient
from include.fulfilment.adapters.storefront.shopify_posting import Poster
from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.ports import Posted, Rejected


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
