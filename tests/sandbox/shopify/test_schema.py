"""The shop's schema says nothing that Shopify's own schema of the same version does not say."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_client_schema, build_schema, is_specified_directive
from graphql.type import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
)
from graphql.utilities.print_schema import print_input_value

from include.fulfilment.sandbox.shopify.schema import SCHEMA_FILE


@pytest.fixture(scope="module", params=["2026-07", "2026-04"])
def vendor(request: pytest.FixtureRequest, shared_folder: Path) -> GraphQLSchema:
    path = shared_folder / "specs" / "shopify-admin" / f"admin_{request.param}.json.gz"
    if not path.exists():
        pytest.skip("the vendor's introspection is not among the reference data")
    answer: Any = json.loads(gzip.decompress(path.read_bytes()))
    return build_client_schema(answer.get("data", answer))


def excess(ours: GraphQLSchema, vendor: GraphQLSchema) -> list[str]:
    """Return everything that `ours` says and `vendor` does not, as paths."""
    found = []
    for root in ("query_type", "mutation_type"):
        if getattr(ours, root).name != getattr(vendor, root).name:
            found.append(root)
    for directive in ours.directives:
        theirs = vendor.get_directive(directive.name)
        if is_specified_directive(directive):
            continue
        if theirs is None or not set(directive.locations) <= set(theirs.locations):
            found.append(f"@{directive.name}")
        else:
            found += _arguments(f"@{directive.name}", directive.args, theirs.args)
    for name, kind in ours.type_map.items():
        if not name.startswith("__"):
            found += _type(name, kind, vendor.type_map.get(name))
    return found


def _type(name: str, ours: Any, theirs: Any) -> list[str]:
    if type(ours) is not type(theirs):
        return [name]
    if isinstance(ours, GraphQLEnumType):
        return [f"{name}.{value}" for value in ours.values if value not in theirs.values]
    if isinstance(ours, GraphQLUnionType):
        members = {member.name for member in theirs.types}
        return [f"{name}|{member.name}" for member in ours.types if member.name not in members]
    if not isinstance(ours, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        return []
    found = []
    if not isinstance(ours, GraphQLInputObjectType):
        known = {interface.name for interface in theirs.interfaces}
        found += [f"{name}:{interface.name}" for interface in ours.interfaces if interface.name not in known]
    for key, field in ours.fields.items():
        other = theirs.fields.get(key)
        if other is None or str(field.type) != str(other.type):
            found.append(f"{name}.{key}")
        elif isinstance(ours, GraphQLInputObjectType):
            if _written(key, field) != _written(key, other):
                found.append(f"{name}.{key}=")
        else:
            found += _arguments(f"{name}.{key}", field.args, other.args)
    return found


def _written(key: str, value: Any) -> str:
    """Type and default of an argument or input field, without remarks such as deprecations."""
    return print_input_value(key, value).split(" @")[0]


def _arguments(where: str, ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    found = [
        f"{where}({key})"
        for key, argument in ours.items()
        if key not in theirs or _written(key, argument) != _written(key, theirs[key])
    ]
    missing = [key for key, argument in theirs.items() if str(argument.type).endswith("!") and key not in ours]
    return found + [f"{where}(needs {key})" for key in missing]


def test_every_word_of_our_schema_is_in_the_vendors(vendor: GraphQLSchema) -> None:
    ours = build_schema(SCHEMA_FILE.read_text(encoding="utf-8"))
    assert excess(ours, vendor) == []
    assert len(ours.type_map) > 90


def test_the_idempotency_directive_is_ours_and_the_vendors(vendor: GraphQLSchema) -> None:
    ours = build_schema(SCHEMA_FILE.read_text(encoding="utf-8"))
    assert ours.get_directive("idempotent") is not None
    assert vendor.get_directive("idempotent") is not None


@pytest.mark.parametrize(
    ("old", "new", "reported"),
    [
        ("  poNumber: String\n", "  poNumber: String\n  packSize: Int\n", ["Order.packSize", "DraftOrder.packSize"]),
        ("  remainingQuantity: Int!", "  remainingQuantity: Decimal!", ["FulfillmentOrderLineItem.remainingQuantity"]),
        ("  order(id: ID!): Order", "  order(id: ID!, name: String): Order", ["QueryRoot.order(name)"]),
        ("sortKey: OrderSortKeys = PROCESSED_AT", "sortKey: OrderSortKeys = ID", ["QueryRoot.orders(sortKey)"]),
        ("  changeFromQuantity: Int\n", "  compareQuantity: Int\n", ["InventoryQuantityInput.compareQuantity"]),
        ("ACTIVE ARCHIVED DRAFT", "ACTIVE ARCHIVED DELETED DRAFT", ["ProductStatus.DELETED"]),
        ("union PurchasingEntity = ", "union PurchasingEntity = Company | ", ["PurchasingEntity|Company"]),
        ("type Attribute {", "type Attribute implements Node {\n  id: ID!", ["Attribute:Node", "Attribute.id"]),
        ("@idempotent(key: String!) on FIELD", "@idempotent(key: ID!) on FIELD", ["@idempotent(key)"]),
        ("@idempotent(key: String!) on FIELD", "@idempotent(key: String!) on QUERY", ["@idempotent"]),
        ("scalar URL", "scalar URL\n\ntype Pallet {\n  id: ID!\n}", ["Pallet"]),
        ("  name: String!\n  currencyCode", "  name: String\n  currencyCode", ["Shop.name"]),
    ],
)
def test_a_word_too_many_is_found(vendor: GraphQLSchema, old: str, new: str, reported: list[str]) -> None:
    text = SCHEMA_FILE.read_text(encoding="utf-8")
    assert old in text
    assert excess(build_schema(text.replace(old, new)), vendor) == reported
