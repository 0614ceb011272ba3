"""Every operation we send is valid in the vendor's schema, is served by the sandbox, and asks for what we say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    build_schema,
    coerce_input_value,
    parse,
    validate,
)

from include.fulfilment.adapters.warehouse.shiphero import documents
from include.fulfilment.adapters.warehouse.shiphero.options import Options
from include.fulfilment.adapters.warehouse.shiphero.order import order_input
from include.fulfilment.domain.order import Address
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.sandbox.shiphero.credits import estimates
from include.fulfilment.sandbox.shiphero.resolvers import build_schema as sandbox_schema
from tests.contract.orders import an_order

BUILT = {"HEADS": documents.heads, "LINES": documents.lines, "SKUS": documents.skus}
TEXTS = {
    **{name: text for name, text in vars(documents).items() if isinstance(text, str) and " Fulfil" in text},
    **{f"{name}_{count}": make(count) for name, make in BUILT.items() for count in (1, 3)},
}
PLAIN = sorted(TEXTS.keys() - {"CREATE_WHOLESALE"})


@pytest.fixture(scope="module")
def vendor(shared_folder: Path) -> GraphQLSchema:
    file = shared_folder / "specs" / "shiphero" / "shiphero-2023-02-derived.graphql"
    if not file.exists():
        pytest.skip(f"the vendor's schema is not beside this checkout: {file.name} (set FULFILMENT_SHARED)")
    return build_schema(file.read_text(encoding="utf-8"))


def test_all_our_operations_are_looked_at() -> None:
    assert [
        *("ADD_LINES", "CANCEL", "CHANGED", "CREATE", "HEADS_1", "HEADS_3", "LINES_1", "LINES_3"),
        *("MORE_ORDER_LINES", "MORE_SHIPPED_LINES", "QUOTA", "REMOVE_LINES", "SKUS_1", "SKUS_3", "STOCK"),
        *("UPDATE", "UPDATE_LINES"),
    ] == PLAIN


@pytest.mark.parametrize("name", PLAIN)
def test_an_operation_is_valid_in_the_vendors_schema(vendor: GraphQLSchema, name: str) -> None:
    assert validate(vendor, parse(TEXTS[name])) == []


def test_an_operation_with_a_wrong_field_would_be_found(vendor: GraphQLSchema) -> None:
    (error,) = validate(vendor, parse(documents.STOCK.replace("on_hand", "in_hand")))
    assert "in_hand" in error.message


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_an_operation_is_served_by_the_sandbox(name: str) -> None:
    assert validate(sandbox_schema(), parse(TEXTS[name])) == []


def full_order() -> WarehouseOrder:
    """An order with everything that an order can have."""
    to = Address(
        "Ann Lee", "Corner Shop", "1 High Street", "Unit 2", "Leeds", "West Yorkshire", "LS1 1AA", "GB", "0113"
    )
    line = WarehouseOrderLine("7001", "MUG", 24, "Mug", "", "CASE", 12)
    return replace(an_order(), ship_to=to, lines=(line,), instructions="Ring", requested_on=date(2026, 11, 26))


@pytest.mark.parametrize(
    ("order_kind", "line_unit", "input_type"),
    [
        ("plain", "base", "CreateOrderInput"),
        ("wholesale", "base", "CreateWholesaleOrderInput"),
        ("wholesale", "pack", "CreateWholesaleOrderInput"),
    ],
)
def test_the_whole_input_of_an_order_is_valid(
    vendor: GraphQLSchema, order_kind: Any, line_unit: Any, input_type: str
) -> None:
    options = Options(warehouse_id="7145", order_kind=order_kind, line_unit=line_unit)
    data = order_input(full_order(), options, "QWNjb3VudDo4")
    schema = vendor if order_kind == "plain" else sandbox_schema()
    kind: Any = schema.type_map[input_type]
    assert coerce_input_value(data, kind) == data
    assert coerce_input_value(data | {"po_number": "PO-7"}, kind) is Undefined


def estimate(text: str) -> int:
    (operation,) = (each for each in parse(text).definitions if isinstance(each, OperationDefinitionNode))
    return sum(estimates(sandbox_schema(), operation, {}, {}).values())


def test_the_costs_beside_the_operations_are_those_of_the_published_rule() -> None:
    told = {
        "HEADS_3": 3 * documents.HEADS_COST,
        "LINES_3": 3 * documents.LINES_COST,
        "SKUS_3": 3 * documents.SKU_COST,
        "CHANGED": documents.CHANGED_COST,
        "MORE_ORDER_LINES": documents.MORE_COST,
        "MORE_SHIPPED_LINES": documents.MORE_COST,
        "STOCK": documents.STOCK_COST,
        "QUOTA": documents.QUOTA_COST,
        "CREATE": documents.MUTATION_COST,
        "CREATE_WHOLESALE": documents.MUTATION_COST,
    }
    assert {name: estimate(TEXTS[name]) for name in told} == told
    assert (told["CHANGED"], told["STOCK"], told["HEADS_3"]) == (511, 501, 18)


def test_no_operation_asks_for_more_than_the_bucket_holds() -> None:
    largest = {
        "heads": estimate(documents.heads(documents.REFS_PER_READ)),
        "lines": estimate(documents.lines(documents.ORDERS_PER_LINES_READ)),
        "skus": estimate(documents.skus(documents.SKUS_PER_READ)),
        **{name: estimate(text) for name, text in TEXTS.items()},
    }
    assert max(largest.values()) == 520
    assert all(cost <= 4004 for cost in largest.values())


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_connection_names_its_page(name: str) -> None:
    assert "pageInfo" not in TEXTS[name] or "first:" in TEXTS[name]
    assert TEXTS[name].count("edges") == TEXTS[name].count("first:")
