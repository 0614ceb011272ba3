"""Every operation we send is valid in the vendor's own schema and stays under its cost limit."""

from __future__ import annotations

import pytest
from graphql import OperationDefinitionNode, parse, validate

from demo.truth.schemas import SchemaMissing, judge, versions
from include.fulfilment.adapters.operations import Document, Operation
from include.fulfilment.adapters.storefront.shopify import queries
from include.fulfilment.adapters.storefront.shopify.order_queries import ORDERS_PER_LINES_READ, Asked, OrderQueries
from include.fulfilment.sandbox.shopify.schema import build_schema
from include.fulfilment.sandbox.shopify.throttle import requested_cost

TEXTS: dict[str, str] = {
    f"{name}_{orders}" if orders else name: text
    for name, found in vars(queries).items()
    for orders, text in (found.items() if name.startswith("MORE_") else [(0, found)])
    if isinstance(text, str)
}
OPERATIONS = {name: text for name, text in TEXTS.items() if "query Fulfil" in text or "mutation Fulfil" in text}
IDS = {
    "ACCOUNTS": queries.ACCOUNTS_PER_READ,
    "LEDGER_CODES": queries.ACCOUNTS_PER_READ,
    "SHOP_ORDERS": queries.SHOP_ORDERS_PER_READ,
    "FULFILMENT_SIDES": queries.SIDES_PER_READ,
    "OPEN_LINES": queries.OPEN_LINES_PER_READ,
    "FULFILMENT_LINES": 1,
    "PROGRESS": queries.PROGRESS_PER_READ,
}


def wrong(version: str, text: str) -> list[str]:
    """What the vendor's own schema has against a document."""
    try:
        return judge("shopify", version).declared(Operation(Document((text,)), "no page"))
    except SchemaMissing as missing:
        pytest.skip(str(missing))


def test_all_our_operations_are_looked_at() -> None:
    assert len(OPERATIONS) == 21 + 3 * ORDERS_PER_LINES_READ


@pytest.mark.parametrize("version", versions("shopify"))
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_is_valid_in_the_vendors_schema(name: str, version: str) -> None:
    assert wrong(version, OPERATIONS[name]) == []


@pytest.mark.parametrize("version", versions("shopify"))
def test_what_a_bulk_operation_carries_out_is_valid_in_the_vendors_schema(version: str) -> None:
    text = queries.every_variant("gid://shopify/Location/7")
    assert wrong(version, text) == []
    assert wrong(version, text.replace("packSize: metafield", "packSize: metaField"))


def test_an_operation_with_a_wrong_field_would_be_found() -> None:
    (words,) = wrong("2026-07", OPERATIONS["ORDERS"].replace("poNumber", "purchaseOrderNumber"))
    assert "purchaseOrderNumber" in words


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_is_served_by_the_sandbox(name: str) -> None:
    assert validate(build_schema(), parse(OPERATIONS[name])) == []


def cost(name: str) -> int:
    return points(OPERATIONS[name], IDS.get(name, 0))


def points(text: str, ids: int = 0) -> int:
    document = parse(text)
    (operation,) = (each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    return requested_cost(document, operation, {"ids": ["an id"] * ids})


EVERYTHING = Asked(
    ("order.custom.po", "customer.custom.rep", "company.custom.vat", "company_location.custom.dock"), True, True
)
ASKING = OrderQueries(EVERYTHING)
TEXTS_OF_A_MAPPING = {
    "orders": ASKING.orders,
    "drafts": ASKING.drafts,
    **{f"order lines {count}": text for count, text in ASKING.more_order_lines.items()},
    **{f"draft lines {count}": text for count, text in ASKING.more_draft_lines.items()},
}


@pytest.mark.parametrize("name", TEXTS_OF_A_MAPPING)
def test_what_a_mapping_asks_for_is_valid_everywhere_and_costs_less_than_one_query_may(name: str) -> None:
    text = TEXTS_OF_A_MAPPING[name]
    assert [wrong(version, text) for version in versions("shopify")] == [[]] * len(versions("shopify"))
    assert validate(build_schema(), parse(text)) == []
    assert points(text) <= 1000


def test_what_a_mapping_asks_for_makes_the_page_shorter() -> None:
    assert [OrderQueries(asked).orders_per_page for asked in (Asked(), Asked(("order.custom.po",)), EVERYTHING)] == [
        9,
        8,
        7,
    ]
    assert (points(ASKING.orders), points(OrderQueries(Asked(("order.custom.po",))).orders)) == (982, 890)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_costs_less_than_one_query_may(name: str) -> None:
    assert ("$ids" in OPERATIONS[name]) == (name in IDS)
    assert cost(name) <= 1000


def test_the_figures_beside_the_operations_are_the_ones_reckoned() -> None:
    beside = {
        "ORDERS": 992,
        "DRAFTS": 839,
        "MORE_ORDER_LINES_1": 753,
        "MORE_DRAFT_LINES_6": 990,
        "MORE_SHOP_LINES_1": 253,
        "MORE_SHOP_LINES_6": 996,
        "VARIANTS": 996,
        "SHOP_ORDERS": 984,
        "FULFILMENT_SIDES": 950,
        "ALL_FULFILMENTS": 753,
        "OPEN_LINES": 879,
        "OPEN_LINES_OF_ORDER": 508,
        "FULFILMENT_LINES": 203,
        "PROGRESS": 990,
        "BULKS": 27,
        "SUBSCRIPTIONS": 102,
    }
    assert {name: cost(name) for name in beside} == beside
