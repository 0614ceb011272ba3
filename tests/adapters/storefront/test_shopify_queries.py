"""Every operation we send is valid in the vendor's own schema and stays under its cost limit."""

from __future__ import annotations

import gzip
import json
import os
from functools import cache
from pathlib import Path

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_client_schema, parse, validate

from include.fulfilment.adapters.storefront import shopify_queries
from include.fulfilment.sandbox.shopify.schema import build_schema
from include.fulfilment.sandbox.shopify.throttle import requested_cost

SHARED = Path(os.environ.get("FULFILMENT_SHARED", Path(__file__).parents[4] / "shared"))
OPERATIONS = {
    name: text
    for name, text in vars(shopify_queries).items()
    if isinstance(text, str) and ("query Fulfilment" in text or "mutation Fulfilment" in text)
}


@cache
def vendor_schema(version: str) -> GraphQLSchema:
    file = SHARED / "specs" / "shopify-admin" / f"admin_{version}.json.gz"
    if not file.exists():
        pytest.skip(f"the vendor's schema is not beside this checkout: {file.name} (set FULFILMENT_SHARED)")
    found = json.loads(gzip.decompress(file.read_bytes()))
    return build_client_schema(found.get("data", found), assume_valid=True)


def test_all_our_operations_are_looked_at() -> None:
    assert len(OPERATIONS) == 15


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


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_costs_less_than_one_query_may(name: str) -> None:
    document = parse(OPERATIONS[name])
    (operation,) = (each for each in document.definitions if isinstance(each, OperationDefinitionNode))
    batches = {
        "ITEM_LEVELS": shopify_queries.ITEMS_PER_READ,
        "SHOP_ORDERS": shopify_queries.SHOP_ORDERS_PER_READ,
        "FULFILMENT_SIDES": shopify_queries.SHOP_ORDERS_PER_READ,
        "OPEN_LINES": shopify_queries.OPEN_LINES_PER_READ,
    }
    # `nodes(ids)` counts once in the sandbox's reckoning; here once for each id that we send.
    assert requested_cost(document, operation, {}) * batches.get(name, 1) <= 1000
