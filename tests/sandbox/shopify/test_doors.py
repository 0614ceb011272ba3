"""Both doors: tokens, limits, the fault plan, loading, and a process that is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from include.fulfilment.sandbox.control import SandboxControl, SandboxRefused
from include.fulfilment.sandbox.shopify.app import API_PATH, create_app
from include.fulfilment.sandbox.shopify.throttle import Throttle
from tests.sandbox.shops import CONTROL_TOKEN, SHOP_TOKEN, Shop, load_basics, order, stock_of

_SHOP = "{ shop { name currencyCode } locations(first: 5) { nodes { id name } } }"
_NOTE = """mutation N($rows: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $rows) { userErrors { message } } }"""


@pytest.mark.parametrize("token", ["", "wrong", CONTROL_TOKEN])
def test_the_admin_api_answers_its_own_token_only(shop: Shop, token: str) -> None:
    answer = shop.post(_SHOP, token=token)
    assert answer.status_code == 401
    assert answer.json()["errors"].startswith("[API] Invalid API key or access token")


@pytest.mark.parametrize("token", ["", "wrong", SHOP_TOKEN])
def test_the_control_door_answers_its_own_token_only(shop: Shop, token: str) -> None:
    bearer = {"Authorization": f"Bearer {token}"}
    for call in (
        shop.http.get("/sandbox/state", headers=bearer),
        shop.http.get("/sandbox/calls", headers=bearer),
        shop.http.post("/sandbox/load", headers=bearer, json={}),
    ):
        assert call.status_code == 401
    assert shop.http.get("/sandbox/health").json() == {"status": "ok"}


def test_one_token_for_both_doors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two different secrets"):
        create_app(tmp_path / "x.db", "same", "same")


def test_each_answer_tells_its_cost_and_an_empty_bucket_throttles_until_it_refills(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop.db", Throttle(bucket=20, restore_rate=2))
    answer = shop.post(_SHOP).json()
    assert answer["extensions"]["cost"] == {
        "requestedQueryCost": 8,  # the shop 1, the connection 2 and 5 locations
        "actualQueryCost": 4,
        "throttleStatus": {"maximumAvailable": 20.0, "currentlyAvailable": 16, "restoreRate": 2.0},
    }
    for _ in range(3):
        shop.ask(_SHOP)
    empty = shop.post(_SHOP)
    assert (empty.status_code, empty.json()["errors"][0]["extensions"]["code"]) == (200, "THROTTLED")
    shop.pass_time(2)
    assert shop.ask(_SHOP)["shop"]["currencyCode"] == "GBP"


def test_a_query_above_the_published_maximum_is_refused_whatever_is_in_the_bucket(shop: Shop) -> None:
    dear = shop.post("{ orders(first: 100) { nodes { lineItems(first: 7) { nodes { id } } } } }").json()
    assert dear["errors"][0]["extensions"] == {"code": "MAX_COST_EXCEEDED", "cost": 1002, "maxCost": 1000}


def test_records_asked_for_by_id_are_charged_each_and_one_request_is_one_call(shop: Shop) -> None:
    ask = 'query A($ids: [ID!]!) { nodes(ids: $ids) { id } a: node(id: "x") { id } b: node(id: "y") { id } }'
    answer = shop.post(ask, ids=["gid://shopify/Order/1"] * 7).json()
    assert answer["data"] == {"nodes": [None] * 7, "a": None, "b": None}
    assert (answer["extensions"]["cost"]["requestedQueryCost"], shop.control.calls()) == (9, {"nodes": 1, "node": 1})
    written = shop.post('{ nodes(ids: ["a", "b", "c"]) { id } }').json()
    assert written["extensions"]["cost"]["requestedQueryCost"] == 3


def test_the_fault_plan_spoils_the_calls_it_names_and_no_others(shop: Shop) -> None:
    shop.control.set_faults(
        [
            {"operation": "shop", "kind": "429", "times": 1, "after_calls": 1},
            {"operation": "*", "kind": "throttled", "times": 1, "after_calls": 2},
            {"operation": "orders", "kind": "5xx_before", "times": 2},
        ]
    )
    asked = [shop.post(_SHOP) for _ in range(5)]
    assert [answer.status_code for answer in asked] == [200, 429, 200, 200, 200]
    assert asked[1].headers["Retry-After"] == "2.0"
    assert [("errors" in answer.json()) for answer in asked] == [False, True, False, True, False]
    orders = "{ orders(first: 1) { nodes { id } } }"
    assert [shop.post(orders).status_code for _ in range(3)] == [503, 503, 200]
    assert shop.control.calls() == {"locations": 5, "orders": 3, "shop": 5}


def test_a_fault_after_the_commit_has_committed(shop: Shop) -> None:
    load_basics(shop, order())
    shop.control.set_faults([{"operation": "metafieldsSet", "kind": "5xx_after"}])
    row = {"namespace": "$app:fulfilment", "key": "status", "type": "single_line_text_field", "value": "released"}
    found = shop.control.state("orders")["orders"][0]
    assert shop.post(_NOTE, rows=[row | {"ownerId": found["id"]}]).status_code == 502
    assert shop.control.state("orders")["orders"][0]["metafields"] == {"app--1--fulfilment.status": "released"}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"query": 1}', b'{"query": "{shop{name}}", "variables": [1]}', b"\xff"])
def test_a_body_that_is_no_graphql_request_is_refused(shop: Shop, body: bytes) -> None:
    answer = shop.http.post(API_PATH, content=body, headers={"X-Shopify-Access-Token": SHOP_TOKEN})
    assert answer.status_code == 400


def test_a_query_that_is_not_in_the_schema_is_an_error_in_a_200(shop: Shop) -> None:
    answer = shop.post("{ shop { colour } }")
    assert answer.status_code == 200
    assert "Cannot query field 'colour'" in answer.json()["errors"][0]["message"]
    assert shop.post("{ shop {").json()["errors"][0]["extensions"]["code"] == "syntaxError"
    assert shop.post("{ orders { nodes { id } } }").json()["errors"][0]["message"].startswith("you must provide one of")


def test_loading_twice_changes_nothing(shop: Shop) -> None:
    first = load_basics(shop, order(), order("#D1", source="draft"))
    assert first["created"] == {"variants": 2, "companies": 0, "customers": 1, "orders": 2}
    before = shop.control.state()
    shop.pass_time(3600)
    second = load_basics(shop, order(note="changed"), order("#D1", source="draft"))
    assert second["existing"] == {"variants": 2, "companies": 0, "customers": 1, "orders": 2}
    assert shop.control.state() == before


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"quantity": 0}, r"orders 1 lines 0 quantity \(#9\)"),
        ({"quantity": 2.5}, r"orders 1 lines 0 quantity \(#9\)"),
        ({"quantity": "2"}, r"orders 1 lines 0 quantity \(#9\)"),
        ({"quantity": True}, r"orders 1 lines 0 quantity \(#9\)"),
        ({"unit_price": "-1"}, r"orders 1 lines 0 unit_price \(#9\)"),
        ({"unit_price": "NaN"}, r"orders 1 lines 0 unit_price \(#9\)"),
        ({"sku": 7}, r"orders 1 lines 0 sku \(#9\)"),
        ({"colour": "red"}, r"orders 1 lines 0 colour \(#9\)"),
    ],
)
def test_a_line_no_shop_could_hold_is_refused_by_the_name_of_its_order(
    shop: Shop, change: dict[str, Any], where: str
) -> None:
    bad = order("#9", lines=[order()["lines"][0] | change])
    with pytest.raises(SandboxRefused, match=f"answered 422: {where}"):
        load_basics(shop, order(), bad)
    assert shop.control.state()["orders"] == []


def test_a_load_that_does_not_hold_together_is_refused_as_a_whole(shop: Shop) -> None:
    with pytest.raises(SandboxRefused, match="order #2: customer_key 'C-9' is not in the shop, load it first"):
        load_basics(shop, order("#1"), order("#2", customer_key="C-9"))
    assert shop.control.state()["variants"] == []
    with pytest.raises(SandboxRefused, match="not a country code"):
        load_basics(shop, order(shipping_address={"country_code": "XX"}))
    with pytest.raises(SandboxRefused, match="there is no Order named '#404'"):
        shop.control.pay("#404")


def test_a_customers_credit_can_be_changed_and_the_state_paged(shop: Shop) -> None:
    load_basics(shop)
    shop.control.set_customer_metafield("C-1", "sparklayer", "payment_on_account", "json", {"credit_limit": "1"})
    customer = shop.control.state("customers")["customers"][0]
    assert customer["metafields"] == {"sparklayer.payment_on_account": '{"credit_limit": "1"}'}
    first = shop.control.state("variants", limit=1)["variants"]
    second = shop.control.state("variants", after=first[0]["sku"], limit=1)["variants"]
    assert [row["sku"] for row in first + second] == ["MUG", "MUG-12"]


def test_a_trade_shops_month_loads_and_reads_in_seconds(shop: Shop) -> None:
    skus = [f"SKU-{n}" for n in range(4000)]
    variants = [{"sku": sku, "title": sku, "available": 100} for sku in skus]
    lines = [{"sku": skus[n], "title": skus[n], "quantity": 1, "unit_price": "1.00"} for n in range(25)]
    orders = [order(f"#{2000 + n}", customer_key=None, lines=lines) for n in range(300)]
    begun = time.monotonic()
    counts = shop.control.load(variants=variants, orders=orders)
    assert counts["created"]["orders"] == 300
    query = (
        "query P($a: String) { orders(first: 30, after: $a) { nodes { id lineItems(first: 25) { nodes { id sku } } }"
    )
    query += " pageInfo { hasNextPage endCursor } } }"
    seen, after, more = 0, None, True
    while more:
        page = shop.ask(query, a=after)["orders"]
        seen += sum(len(node["lineItems"]["nodes"]) for node in page["nodes"])
        more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    assert seen == 7500
    assert stock_of(shop)["SKU-0"] == (-200, 300, 100)
    assert time.monotonic() - begun < 60  # 4 s on a quiet machine


class Process:
    """The shop as a process of its own, on a free port."""

    def __init__(self, db: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "include.fulfilment.sandbox.shopify",
            "--port",
            str(self.port),
            "--db",
            str(db),
        ]
        tokens = {"SANDBOX_SHOP_TOKEN": SHOP_TOKEN, "SANDBOX_CONTROL_TOKEN": CONTROL_TOKEN}
        root = Path(__file__).parents[3]
        self.child = subprocess.Popen(command, cwd=root, env=os.environ | tokens | {"PYTHONPATH": str(root)})
        self.url = f"http://127.0.0.1:{self.port}"
        self.control = SandboxControl(self.url, CONTROL_TOKEN)
        deadline = time.monotonic() + 60
        while not self.control.is_up():
            assert self.child.poll() is None, "the sandbox ended"
            assert time.monotonic() < deadline, "the sandbox did not start"
            time.sleep(0.1)

    def post(self, document: str, **variables: Any) -> httpx.Response:
        body = {"query": document, "variables": variables}
        return httpx.post(self.url + API_PATH, json=body, headers={"X-Shopify-Access-Token": SHOP_TOKEN}, timeout=30)

    def kill(self) -> None:
        self.control.close()
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for process in started:
        process.kill()


def test_a_reset_gives_no_answer_and_what_was_committed_survives_a_kill(
    processes: list[Process], tmp_path: Path
) -> None:
    db = tmp_path / "a folder" / "shop.db"
    processes.append(first := Process(db))
    first.control.load(orders=[order(customer_key=None)])
    found = first.control.state("orders")["orders"][0]
    first.control.set_faults(
        [
            {"operation": "shop", "kind": "reset_before"},
            {"operation": "metafieldsSet", "kind": "reset_after"},
            {"operation": "shop", "kind": "delay", "seconds": 0.5},
            {"operation": "shop", "kind": "429", "times": 2},
        ]
    )
    row = {"namespace": "$app:fulfilment", "key": "status", "type": "single_line_text_field", "value": "released"}
    for call in ((_SHOP, {}), (_NOTE, {"rows": [row | {"ownerId": found["id"]}]})):
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            first.post(call[0], **call[1])
    begun = time.monotonic()
    assert first.post(_SHOP).status_code == 200
    assert time.monotonic() - begun >= 0.5
    assert first.post(_SHOP).status_code == 429
    before = first.control.state()
    first.kill()
    processes.append(second := Process(db))
    assert second.control.state() == before
    assert before["orders"][0]["metafields"] == {"app--1--fulfilment.status": "released"}
    assert second.post(_SHOP).status_code == 429  # the plan outlives the process
    assert second.post(_SHOP).status_code == 200
