"""Every operation we send is valid in the vendor's own schema and stays under its cost limit."""

from __future__ import annotations

import gzip
import json
import os
from functools import cache
from pathlib import Path

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_client_schema, parse, validate

from include.fulfilment.adapters.storefront.shopify import queries
from include.fulfilment.sandbox.shopify.schema import build_schema
from include.fulfilment.sandbox.shopify.throttle import requested_cost

SHARED = Path(os.environ.get("FULFILMENT_SHARED", Path(__file__).parents[4] / "shared"))
TEXTS: dict[str, str] = {
    f"{name}_{orders}" if orders else name: text
    for name, found in vars(queries).items()
    for orders, text in (found.items() if name.startswith("MORE_") else [(0, found)])
    if isinstance(text, str)
}
OPERATIONS = {name: text for name, text in TEXTS.items() if "query Fulfil" in text or "mutation Fulfil" in text}
IDS = {
    "ACCOUNTS": queries.ACCOUNTS_PER_READ,
    "SHOP_ORDERS": queries.SHOP_ORDERS_PER_READ,
    "FULFILMENT_SIDES": queries.SIDES_PER_READ,
    "OPEN_LINES": queries.OPEN_LINES_PER_READ,
    "FULFILMENT_LINES": 1,
}


@cache
def vendor_schema(version: str) -> GraphQLSchema:
    file = SHARED / "specs" / "shopify-admin" / f"admin_{version}.json.gz"
    if not file.exists():
        pytest.skip(f"the vendor's schema is not beside this checkout: {file.name} (set FULFILMENT_SHARED)")
    found = json.loads(gzip.decompress(file.read_bytes()))
    return build_client_schema(found.get("data", found), assume_valid=True)


def test_all_our_operations_are_looked_at() -> None:
    assert len(OPERATIONS) == 13 + 3 * queries.ORDERS_PER_LINES_READ


@pytest.mark.parametrize("version", ["2026-04", "2026-07"])
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_is_valid_in_the_vendors_schema(name: str, version: str) -> None:
    assert validate(vendor_schema(version), parse(OPERATIONS[name])) == []


def test_an_operation_with_a_wrong_field_would_be_found() -> None:
    wrong = OPERATIONS["ORDERS"].replace("poNumber", "purchaseOrderNumber")
    (error,) = validate(vendor_schema("2026-07"), parse(wrong))
    assert "purchaseOrderNumber" in error.message


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_is_served_by_the_sandbox(name: str) -> None:
    assert validate(build_schema(), parse(OPERATIONS[name])) == []


def cost(name: str) -> int:
    document = parse(OPERATIONS[name])
    (operation,) = (each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    return requested_cost(document, operation, {"ids": ["an id"] * IDS.get(name, 0)})


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_costs_less_than_one_query_may(name: str) -> None:
    assert ("$ids" in OPERATIONS[name]) == (name in IDS)
    assert cost(name) <= 1000


def test_the_figures_beside_the_operations_are_the_ones_reckoned() -> None:
    beside = {
        "ORDERS": 992,
        "DRAFTS": 922,
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
    }
    assert {name: cost(name) for name in beside} == beside
