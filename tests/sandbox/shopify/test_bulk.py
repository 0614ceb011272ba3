"""Bulk operations: begun, carried out step by step, and a file for whoever has its address."""

from __future__ import annotations

import json
from typing import Any

import pytest

from include.fulfilment.sandbox.shopify.bulk import AT_ONCE
from tests.sandbox.shops import SHOP_TOKEN, Shop, load_basics

_RUN = """mutation Run($query: String!) { bulkOperationRunQuery(query: $query) {
  bulkOperation { id status url rootObjectCount } userErrors { code field message } } }"""
_LOOK = """query Look($id: ID!) { bulkOperation(id: $id) {
  id status type query createdAt completedAt rootObjectCount objectCount fileSize url partialDataUrl errorCode } }"""
_LIST = """query List($query: String) { bulkOperations(first: 9, query: $query) { nodes { id status query } } }"""
_VARIANTS = "{ productVariants(sortKey: SKU) { edges { node { id sku product { title } } } } }"


def run(shop: Shop, query: str = _VARIANTS) -> Any:
    return shop.ask(_RUN, query=query)["bulkOperationRunQuery"]


def look(shop: Shop, number: str) -> Any:
    return shop.ask(_LOOK, id=number)["bulkOperation"]


def done(shop: Shop, query: str = _VARIANTS) -> Any:
    number = run(shop, query)["bulkOperation"]["id"]
    look(shop, number)
    return look(shop, number)


def test_an_operation_goes_one_step_on_with_each_look(shop: Shop) -> None:
    load_basics(shop)
    begun = run(shop)
    number = begun["bulkOperation"]["id"]
    assert begun == {
        "bulkOperation": {"id": number, "status": "CREATED", "url": None, "rootObjectCount": "0"},
        "userErrors": [],
    }
    assert look(shop, number)["status"] == "RUNNING"
    shop.pass_time(7)
    finished = look(shop, number)
    assert (finished["status"], finished["createdAt"], finished["completedAt"]) == (
        "COMPLETED",
        "2026-11-23T12:00:00Z",
        "2026-11-23T12:00:07Z",
    )
    assert (finished["rootObjectCount"], finished["objectCount"], finished["query"]) == ("2", "2", _VARIANTS)
    assert look(shop, number) == finished
    assert look(shop, "gid://shopify/BulkOperation/1") is None


def test_the_file_has_a_line_for_each_record_and_asks_for_no_token(shop: Shop) -> None:
    load_basics(shop)
    finished = done(shop)
    answer = shop.http.get(finished["url"])
    assert (answer.status_code, str(len(answer.content))) == (200, finished["fileSize"])
    found = [json.loads(line) for line in answer.text.splitlines()]
    assert [(each["sku"], each["product"]["title"]) for each in found] == [
        ("MUG", "Mug"),
        ("MUG-12", "Mug, case of 12"),
    ]


def test_more_records_than_a_page_are_all_in_the_file(shop: Shop) -> None:
    shop.control.load(variants=[{"sku": f"V{n:04d}", "title": "V", "available": n} for n in range(601)])
    lines = shop.http.get(done(shop)["url"]).text.splitlines()
    assert [json.loads(line)["sku"] for line in lines] == [f"V{n:04d}" for n in range(601)]


def test_nothing_found_is_no_file(shop: Shop) -> None:
    finished = done(shop)
    assert (finished["status"], finished["rootObjectCount"], finished["url"]) == ("COMPLETED", "0", None)


def test_the_token_does_not_belong_to_the_file_and_a_guessed_address_opens_nothing(shop: Shop) -> None:
    load_basics(shop)
    url = done(shop)["url"]
    assert shop.http.get(url, headers={"X-Shopify-Access-Token": SHOP_TOKEN}).status_code == 400
    assert shop.http.get(f"{url.rpartition('-')[0]}-guess.jsonl").status_code == 403
    unfinished = run(shop)["bulkOperation"]["id"].rpartition("/")[2]
    assert shop.http.get(f"http://shop/bulk/{unfinished}-.jsonl").status_code == 403


def test_so_many_at_once_and_no_more_until_one_is_done_or_forgotten(shop: Shop) -> None:
    numbers = [run(shop)["bulkOperation"]["id"] for _ in range(AT_ONCE)]
    full = run(shop)
    assert (full["bulkOperation"], full["userErrors"][0]["code"]) == (None, "LIMIT_REACHED")
    for _ in range(2):
        look(shop, numbers[0])
    assert run(shop)["userErrors"] == []
    assert run(shop)["userErrors"][0]["code"] == "LIMIT_REACHED"
    shop.pass_time(600)
    assert run(shop)["userErrors"] == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{ productVariants { edges { node { id colour } } } }", "Cannot query field 'colour'"),
        ("{ shop { name } }", "must ask for one connection"),
        ("{ productVariants(first: 5) { nodes { id } } }", "must ask for one connection"),
        ("{ productVariants { edges { node { sku } } } }", "id field is required"),
        ("{ orders { edges { node { id lineItems { edges { node { id } } } } } } }", "no connection inside another"),
        ("{ productVariants { edges { node { id } } }", "Syntax Error"),
    ],
)
def test_a_query_that_it_cannot_carry_out_is_refused_and_not_begun(shop: Shop, query: str, words: str) -> None:
    answer = run(shop, query)
    (error,) = answer["userErrors"]
    assert (answer["bulkOperation"], error["code"], error["field"]) == (None, "INVALID", ["query"])
    assert words in error["message"]
    assert shop.ask(_LIST)["bulkOperations"]["nodes"] == []


def test_operations_are_listed_newest_first_and_found_by_time_and_kind(shop: Shop) -> None:
    first = run(shop)["bulkOperation"]["id"]
    shop.pass_time(60)
    second = run(shop)["bulkOperation"]["id"]

    def listed(query: str | None) -> list[str]:
        return [each["id"] for each in shop.ask(_LIST, query=query)["bulkOperations"]["nodes"]]

    assert listed(None) == [second, first]
    assert listed("operation_type:query created_at:>='2026-11-23T12:00:01Z'") == [second]
    assert (listed("operation_type:mutation"), listed("status:running")) == ([], [])


def test_faults_of_the_plan_befall_the_file_too(shop: Shop) -> None:
    load_basics(shop)
    url = done(shop)["url"]
    shop.control.set_faults([{"operation": "bulkFile", "kind": "5xx_before", "times": 1}])
    assert [shop.http.get(url).status_code for _ in range(2)] == [503, 200]
    assert shop.control.calls()["bulkFile"] == 2
