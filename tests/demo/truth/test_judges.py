"""The judges find what is wrong in a request, not only in a document or a path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from graphql import build_schema

from demo.truth.graphql_judge import GraphQLJudge
from demo.truth.paths import best, fits
from demo.truth.schemas import SchemaMissing, judge
from demo.truth.sent import Judge, Sent
from include.fulfilment.adapters.operations import Document, HttpCall, Message, Operation

SCHEMA = build_schema("""
type Query { orders(first: Int!, where: Filter): [String!] }
type Mutation { set(quantity: Int!, name: String): Boolean }
input Filter { ref: ID!, since: String }
""")
ORDERS = "query Orders($first: Int!, $where: Filter) { orders(first: $first, where: $where) }"


def asked(variables: dict[str, Any], document: str = ORDERS) -> list[str]:
    content = json.dumps({"query": document, "variables": variables})
    return GraphQLJudge(SCHEMA).request(Sent("shop", "Orders", "POST", "https://shop.test/graphql", content))


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "'$first' has invalid value"),
        ({"first": "ten"}, "Int cannot represent non-integer value: 'ten'"),
        ({"first": 2**31}, "Int cannot represent non 32-bit signed integer value: 2147483648"),
        ({"first": 1, "where": {"since": "x"}}, "Expected value"),
        ({"first": 1, "where": {"ref": "1", "sku": "x"}}, "'sku'"),
        ({"first": 1, "after": None}, "variable after is not in the document"),
    ],
)
def test_a_variable_that_its_type_does_not_allow_is_found(variables: dict[str, Any], words: str) -> None:
    (found,) = asked(variables)
    assert words in found


def test_what_the_schema_allows_is_allowed() -> None:
    assert asked({"first": 1}) == []
    assert asked({"first": 1, "where": {"ref": "1"}}) == []


def test_a_document_that_the_schema_does_not_know_is_found_in_any_of_its_forms() -> None:
    page = "https://shop.test/docs"
    wrong = Document((ORDERS, ORDERS.replace("orders(", "purchases(")))
    assert GraphQLJudge(SCHEMA).declared(Operation(Document((ORDERS,)), page)) == []
    (found,) = GraphQLJudge(SCHEMA).declared(Operation(wrong, page))
    assert "purchases" in found
    assert GraphQLJudge(SCHEMA).declared(Operation(HttpCall("GET", "/"), page)) == ["it is no GraphQL document"]


def vendors(dialect: str, version: str) -> Judge:
    try:
        return judge(dialect, version)
    except SchemaMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize(
    ("dialect", "version", "call"),
    [
        ("shipbob", "2026-01", HttpCall("GET", "/{version}/orders")),
        ("shipbob", "2026-01", HttpCall("DELETE", "/{version}/order")),
        ("mintsoft", "rebuilt", HttpCall("GET", "/api/Order/Serach")),
        ("mintsoft", "rebuilt", HttpCall("POST", "/api/Order/List")),
    ],
)
def test_a_call_that_is_not_described_is_found(dialect: str, version: str, call: HttpCall) -> None:
    found = vendors(dialect, version).declared(Operation(call, "a page"))
    assert found == [f"{call.method} {call.path} is not described"]


def test_a_message_without_a_grammar_and_a_segment_out_of_its_place_are_found() -> None:
    x12 = vendors("x12", "4010")
    assert x12.declared(Operation(Message("940"), "a page")) == []
    assert x12.declared(Operation(Message("856"), "a page")) == ["there is no grammar of 856"]
    header = (
        "ISA*00*          *00*          *ZZ*US             *ZZ*THEM           *261123*1000*U*00401*000000001*0*T*>~"
    )
    body = "GS*OW*US*THEM*20261123*1000*1*X*004010~ST*940*0001~W05*N*B2B1~{}LX*1~W01*5*EA**SK*MUG~W76*5~"
    tail = "SE*{}*0001~GE*1*1~IEA*1*000000001~"
    right = header + body.format("") + tail.format(6)
    wrong = header + body.format("W76*5~") + tail.format(7)
    assert x12.request(Sent("x12", "940", "", "940.edi", right)) == []
    assert x12.request(Sent("x12", "940", "", "940.edi", wrong)) == ["940: LX has no place there"]


def test_a_path_is_known_by_its_template_and_the_plainest_template_counts() -> None:
    assert fits("/api/Order/{id}/Shipments", "/api/Order/77/Shipments")
    assert not fits("/api/Order/{id}/Shipments", "/api/Order/77/8/Shipments")
    assert fits("/{version}/order", "/2026-01/order")
    assert best(["/api/Order/{id}", "/api/Order/List"], "/api/Order/List") == "/api/Order/List"
    assert best(["/api/Order/{id}"], "/api/Product/7") is None
