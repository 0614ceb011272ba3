"""A shop with several locations: where goods are available, and where lines leave from."""

from __future__ import annotations

import pytest

from include.fulfilment.sandbox.control import SandboxRefused
from tests.sandbox.shops import Shop, load_basics, order

_PLACES = """query Places($query: String) { orders(first: 1, query: $query) { nodes { fulfillmentOrders(first: 10) {
  nodes { status assignedLocation { location { id } } lineItems(first: 10) { nodes { sku remainingQuantity } } }
} } } }"""


def places(shop: Shop, name: str = "#1042") -> list[tuple[str, str, dict[str, int]]]:
    """(location, status, remaining by SKU) of each fulfilment order."""
    (found,) = shop.ask(_PLACES, query=f"name:{name}")["orders"]["nodes"]
    return [
        (
            each["assignedLocation"]["location"]["id"],
            each["status"],
            {line["sku"]: line["remainingQuantity"] for line in each["lineItems"]["nodes"]},
        )
        for each in found["fulfillmentOrders"]["nodes"]
    ]


def test_a_moved_line_has_a_fulfilment_order_at_its_new_location_and_its_stock_goes_along(shop: Shop) -> None:
    load_basics(shop, order())
    first, further = shop.control.state("variants")["shop"]["location"], shop.control.add_location("Cold store")
    skus = [line["sku"] for line in shop.control.state("orders")["orders"][0]["lines"]]
    before = {each["sku"]: each["available_at"] for each in shop.control.state("variants")["variants"]}
    ((_, _, wanted),) = places(shop)
    shop.control.move("#1042", [2], further)
    units = wanted[skus[1]]
    assert places(shop) == [(first, "OPEN", {**wanted, skus[1]: 0}), (further, "OPEN", {skus[1]: units})]
    after = {each["sku"]: each["available_at"] for each in shop.control.state("variants")["variants"]}
    assert after[skus[1]] == {first: before[skus[1]][first] + units, further: -units}
    assert after[skus[0]] == before[skus[0]]


def test_what_is_cancelled_comes_back_where_it_was_to_leave_from(shop: Shop) -> None:
    load_basics(shop, order())
    further = shop.control.add_location("Cold store")
    skus = [line["sku"] for line in shop.control.state("orders")["orders"][0]["lines"]]
    shop.control.move("#1042", [2], further)
    shop.control.cancel("#1042")
    after = {each["sku"]: each["available_at"][further] for each in shop.control.state("variants")["variants"]}
    assert after[skus[1]] == 0


@pytest.mark.parametrize(
    ("lines", "location", "words"),
    [([1], "gid://shopify/Location/1", "there is no location"), ([9], "", "there is no line 9")],
)
def test_a_move_that_cannot_be_is_refused_and_changes_nothing(
    shop: Shop, lines: list[int], location: str, words: str
) -> None:
    load_basics(shop, order())
    further, before = shop.control.add_location("Cold store"), places(shop)
    with pytest.raises(SandboxRefused, match=words):
        shop.control.move("#1042", lines, location or further)
    assert places(shop) == before
