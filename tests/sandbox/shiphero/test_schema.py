"""The sandbox's plain schema says nothing that the vendor's does not say, and every answer keeps to the vendor's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    get_named_type,
    is_non_null_type,
    parse,
    validate,
)
from graphql.type import is_list_type, is_object_type

from include.fulfilment.adapters.warehouse.shiphero import documents
from include.fulfilment.sandbox.shiphero import resolvers
from tests.contract.benches.shiphero import open_bench
from tests.contract.kit import Bench, opened
from tests.contract.orders import an_order, goods, pages, placed, ship

PLAIN = Path(resolvers.__file__).with_name("schema.graphql").read_text(encoding="utf-8")
WHOLESALE = Path(resolvers.__file__).with_name("wholesale.graphql").read_text(encoding="utf-8")
SCALARS = {"String": str, "Int": int, "Boolean": bool, "ISODateTime": str, "GenericScalar": object}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


@pytest.fixture(scope="module")
def vendor(shared_folder: Path) -> GraphQLSchema:
    file = shared_folder / "specs" / "shiphero" / "shiphero-2023-02-derived.graphql"
    if not file.exists():
        pytest.skip(f"the vendor's schema is not beside this checkout: {file.name} (set FULFILMENT_SHARED)")
    return build_schema(file.read_text(encoding="utf-8"))


def excess(ours: GraphQLSchema, vendor: GraphQLSchema) -> list[str]:
    """What `ours` says and `vendor` does not, as paths."""
    found = []
    for name, kind in ours.type_map.items():
        theirs: Any = vendor.type_map.get(name)
        if name.startswith("__"):
            continue
        if type(kind) is not type(theirs):
            found.append(name)
        elif isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
            found += [f"{name}.{key}" for key in kind.fields if not _same(kind.fields[key], theirs.fields.get(key))]
    return found


def _same(ours: Any, theirs: Any) -> bool:
    if theirs is None or str(ours.type) != str(theirs.type):
        return False
    given = {key: str(value.type) for key, value in getattr(ours, "args", {}).items()}
    wanted = {key: str(value.type) for key, value in getattr(theirs, "args", {}).items()}
    missing = [key for key, kind in wanted.items() if kind.endswith("!") and key not in given]
    return not missing and given.items() <= wanted.items()


def test_every_word_of_the_plain_schema_is_the_vendors(vendor: GraphQLSchema) -> None:
    ours = build_schema(PLAIN)
    assert excess(ours, vendor) == []
    assert len([name for name in ours.type_map if not name.startswith("__")]) == 45


@pytest.mark.parametrize(
    ("old", "new", "reported"),
    [
        ("  on_hand: Int\n", "  on_hand: String\n", ["WarehouseProduct.on_hand"]),
        ("  partner_order_id: String\n    shop_name", "  po_number: String\n    shop_name", ["Query.orders"]),
        ("  order(id: String!)", "  order(id: String)", ["Query.order"]),
        ("type UserQuota {", "type Quota {\n  left: Int\n}\n\ntype UserQuota {", ["Quota"]),
    ],
)
def test_a_word_too_many_is_found(vendor: GraphQLSchema, old: str, new: str, reported: list[str]) -> None:
    assert old in PLAIN
    assert excess(build_schema(PLAIN.replace(old, new)), vendor) == reported


def test_wholesale_orders_stand_apart_and_are_not_in_the_vendors_schema(vendor: GraphQLSchema) -> None:
    names = re.findall(r"^(?:type|input|enum) (\w+)", WHOLESALE, re.MULTILINE)
    assert len(names) == 8
    assert [name for name in names if name in vendor.type_map] == []
    assert set(re.findall(r"^extend type (\w+)", WHOLESALE, re.MULTILINE)) == {"Mutation"}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with opened(open_bench, tmp_path_factory.mktemp("answers")) as made:
        yield made


def test_every_answer_to_our_operations_is_as_the_vendors_schema_has_it(bench: Bench, vendor: GraphQLSchema) -> None:
    skus = goods(bench, *[50] * 40)
    sent = placed(bench, *((sku, 12) for sku in skus))
    ship(bench, sent, {line.line_id: 5 for line in sent.lines})
    bench.floor.label(sent.external_ref)
    waiting = placed(bench, (skus[0], 30))
    bench.floor.pick(waiting.external_ref)
    bench.floor.cancel(placed(bench, (skus[1], 3)).external_ref)
    pages(bench)
    bench.warehouse.find([sent.external_ref, waiting.external_ref, an_order().external_ref])
    assert bench.bring is not None
    ship(bench, bench.bring(an_order((skus[2], 4)), "1042"))
    assert len(bench.warehouse.others(["1042", "#1042"])) == 1
    bench.warehouse.read_stock()
    seen: set[str] = set()
    for heard in bench.wire.heard:
        if heard.url.endswith("/graphql"):
            seen |= {_checked(vendor, heard.sent, heard.answer)}
    assert seen == {
        *("FulfilHeads", "FulfilSkus", "FulfilCreate", "FulfilChanged", "FulfilQuota", "FulfilLines"),
        *("FulfilMoreLines", "FulfilMoreShipped", "FulfilStock", "FulfilNumbered", "FulfilWhole"),
    }


def test_an_answer_of_another_form_would_be_found(vendor: GraphQLSchema) -> None:
    operation = _operation(documents.QUOTA)
    assert wrong(vendor.query_type, operation, {"user_quota": {"credits_remaining": 1}}) == [
        "user_quota.max_available is missing",
        "user_quota.increment_rate is missing",
    ]
    quota = {"credits_remaining": "1", "max_available": None, "increment_rate": 60, "more": 1}
    assert wrong(vendor.query_type, operation, {"user_quota": quota}) == [
        "user_quota.credits_remaining: '1' is no Int",
        "user_quota.more was not asked for",
    ]


def _checked(vendor: GraphQLSchema, sent: str, answer: str) -> str:
    body, found = json.loads(sent), json.loads(answer)
    assert validate(vendor, parse(body["query"])) == []
    operation = _operation(body["query"])
    root = vendor.mutation_type if operation.operation.value == "mutation" else vendor.query_type
    assert wrong(root, operation, found["data"]) == []
    assert "errors" not in found
    return str(body["operationName"])


def _operation(text: str) -> OperationDefinitionNode:
    (operation,) = (each for each in parse(text).definitions if isinstance(each, OperationDefinitionNode))
    return operation


def wrong(kind: Any, node: Any, value: Any, where: str = "") -> list[str]:
    """What in an object of an answer is not as its type and its selection have it."""
    wanted = {(each.alias or each.name).value: each for each in node.selection_set.selections}
    found = [f"{where}{name} is missing" for name in wanted if name not in value]
    for name, field in wanted.items():
        if name in value and isinstance(field, FieldNode):
            found += _wrong_value(kind.fields[field.name.value].type, field, value[name], f"{where}{name}")
    return found + [f"{where}{name} was not asked for" for name in value if name not in wanted]


def _wrong_value(kind: Any, node: FieldNode, value: Any, where: str) -> list[str]:
    if is_non_null_type(kind):
        return [f"{where} is null"] if value is None else _wrong_value(kind.of_type, node, value, where)
    if value is None:
        return []
    if is_list_type(kind):
        return [
            words for n, each in enumerate(value) for words in _wrong_value(kind.of_type, node, each, f"{where}{n}")
        ]
    named = get_named_type(kind)
    if is_object_type(named):
        return wrong(named, node, value, f"{where}.")
    right = isinstance(value, SCALARS[named.name]) and (named.name != "Int" or not isinstance(value, bool))
    if named.name == "ISODateTime":
        right = isinstance(value, str) and bool(INSTANT.fullmatch(value))
    return [] if right else [f"{where}: {value!r} is no {named.name}"]
