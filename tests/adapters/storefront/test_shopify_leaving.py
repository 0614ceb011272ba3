"""Where the lines of an order leave from, as the shop's fulfilment orders say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from include.fulfilment.adapters.storefront.shopify import ShopifyStorefront
from include.fulfilment.adapters.storefront.shopify.leaving import GONE, Leaving, read_leaving
from include.fulfilment.adapters.storefront.shopify.settings import ShopifySettings
from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.errors import ConfigError
from tests.adapters.storefront.kit import NOW, Shop, line, order


def head(location: str | None, status: str = "OPEN") -> dict[str, Any]:
    """A fulfilment order as it comes with its order; None: the shop has deleted its location."""
    place = None if location is None else {"id": f"gid://shopify/Location/{location}"}
    return {"status": status, "assignedLocation": {"location": place}}


def leaving(*heads: Mapping[str, Any]) -> Leaving:
    nodes = {"nodes": list(heads), "pageInfo": {"hasNextPage": False}}
    (found,) = read_leaving(None, [{"id": "gid://shopify/Order/1", "fulfillmentOrders": nodes}])  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("heads", "expected"),
    [
        ([], Leaving("")),
        ([head("11")], Leaving("11")),
        ([head("11", "CLOSED"), head("11")], Leaving("11")),
        ([head("12", "CANCELLED"), head("11")], Leaving("11")),
        ([head("11", "ON_HOLD")], Leaving("11", waiting=frozenset({"11"}))),
        ([head("11", "SCHEDULED")], Leaving("11", waiting=frozenset({"11"}))),
        ([head(None)], Leaving(GONE)),
        ([head(None, "CLOSED")], Leaving("")),
    ],
)
def test_an_order_at_one_location_is_read_without_a_further_call(
    heads: Sequence[Mapping[str, Any]], expected: Leaving
) -> None:
    assert leaving(*heads) == expected


def test_a_record_that_is_none_leaves_from_nowhere() -> None:
    client: Any = None
    assert read_leaving(client, [None, "text", {}]) == [Leaving(), Leaving(), Leaving()]


def two_places(shop: Shop) -> tuple[ShopifyStorefront, str]:
    """The adapter on the shop with a second warehouse, `cold`, and that one's location."""
    first, further = shop.control.state("variants")["shop"]["location"], shop.control.add_location("Cold store")
    return ShopifyStorefront(
        shop.transport, ShopifySettings(first, more_locations={"cold": further}), lambda: NOW
    ), further


def test_the_lines_of_a_spread_order_name_their_warehouses_for_one_call_more(shop: Shop) -> None:
    storefront, further = two_places(shop)
    shop.control.load(orders=[order("#1", line("A", 4), line("B", 5)), order("#2"), order("#3", line("C", 6))])
    shop.control.move("#1", [2], further)
    shop.control.move("#3", [1], shop.control.add_location("High street shop"))
    read = {each.name: each for page in storefront.read_orders(None) for each in page.orders}
    assert [(each.sku, each.leaves_from) for each in read["#1"].lines] == [("A", ""), ("B", "cold")]
    assert [each.leaves_from for name in ("#2", "#3") for each in read[name].lines] == ["", None]
    assert shop.control.calls() == {"draftOrders": 1, "orders": 1, "nodes": 1}


def test_a_line_keeps_its_warehouse_when_all_of_it_has_left(shop: Shop) -> None:
    storefront, further = two_places(shop)
    shop.control.load(orders=[order("#1", line("A", 4), line("B", 5))])
    shop.control.move("#1", [2], further)
    (read,) = [each for page in storefront.read_orders(None) for each in page.orders]
    post = FulfilmentPost(read.order_id, "cold:S1", "DPD", "C", ("T1",), (), ((read.lines[1].line_id, 5),), "cold")
    storefront.post_fulfilments([(read.platform_id, post)])
    assert [each["location"] for each in shop.held("#1")["fulfilments"]] == [further]
    (again,) = [each for page in storefront.read_orders(None) for each in page.orders]
    assert [(each.leaves_from, each.fulfilled) for each in again.lines] == [("", 0), ("cold", 5)]


def test_a_fulfilment_of_a_warehouse_without_a_location_is_refused_and_the_others_are_posted(shop: Shop) -> None:
    storefront, _ = two_places(shop)
    shop.control.load(orders=[order("#1", line("A", 4))])
    (read,) = [each for page in storefront.read_orders(None) for each in page.orders]
    rest = ("DPD", "C", ("T1",), (), ((read.lines[0].line_id, 2),))
    posts = [FulfilmentPost(read.order_id, "S1", *rest), FulfilmentPost(read.order_id, "hot:S1", *rest, "hot")]
    answers = storefront.post_fulfilments([(read.platform_id, each) for each in posts])
    assert [type(answers[each.key]).__name__ for each in posts] == ["Posted", "Rejected"]
    assert [each["lines"][0]["quantity"] for each in shop.held("#1")["fulfilments"]] == [2]


def test_variants_come_once_for_each_location(shop: Shop) -> None:
    storefront, further = two_places(shop)
    shop.control.load(variants=[{"sku": "MUG", "title": "Mug", "available": 7}])
    shop.control.set_inventory("MUG", 3, further)
    for nightly in (False, True):
        read = [each for page in storefront.read_variants(nightly) for each in page]
        assert [(each.sku, each.leaves_from, each.available) for each in read] == [("MUG", "", 7), ("MUG", "cold", 3)]


def test_a_further_location_that_is_no_number_is_refused() -> None:
    with pytest.raises(ConfigError, match="location id 'cold' is no number"):
        ShopifySettings("1", more_locations={"cold": "cold"})
