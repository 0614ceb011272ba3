"""The account's doors: tokens, credits, errors, and orders as they come in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from include.fulfilment.sandbox.floor.client import FloorControl
from include.fulfilment.sandbox.shiphero import endpoint
from include.fulfilment.sandbox.shiphero.app import create_app
from include.fulfilment.sandbox.shiphero.credits import Meter
from tests.contract.serving import served
from tests.stories.world import Ticking

KEY, CONTROL = "key-of-the-test", "control-of-the-test"
QUOTA = "{ user_quota { credits_remaining max_available increment_rate } }"
ORDERS = """query O($first: Int, $after: String, $shop: String) { orders(shop_name: $shop) { complexity
  data(first: $first, after: $after) { pageInfo { hasNextPage endCursor } edges { node { order_number shop_name
    line_items(first: 40) { edges { node { sku quantity } } } } } } } }"""
NUMBERED = """query N($number: String) { orders(order_number: $number) {
  data(first: 5) { edges { node { order_number } } } } }"""
CREATE = """mutation C($data: CreateOrderInput!) { order_create(data: $data) { request_id complexity order {
  id legacy_id fulfillment_status shipping_lines { title price } line_items(first: 5) { total_count } } } }"""
WHOLESALE = """mutation W($data: CreateWholesaleOrderInput!) { wholesale_order_create(data: $data) { wholesale_order {
  status depositor_order_number order { id } wholesale_line_items { edges { node { unit_of_measure
    line_item { sku quantity } } } } } } }"""


@dataclass
class Account:
    """The account's API, its staff and its clock."""

    url: str
    http: httpx.Client
    floor: FloorControl
    clock: Ticking

    def log_in(self, path: str = "token", **given: str) -> httpx.Response:
        body = given or {"username": "ann@example.org", "password": KEY}
        return self.http.post(f"/auth/{path}", json=body)

    def post(self, document: str, token: str | None = None, **variables: Any) -> httpx.Response:
        token = token or self.log_in().json()["access_token"]
        body = {"query": document, "variables": variables}
        return self.http.post("/graphql", json=body, headers={"Authorization": f"Bearer {token}"})

    def ask(self, document: str, **variables: Any) -> Any:
        answer = self.post(document, **variables).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def refusal(self, document: str, **variables: Any) -> tuple[str, str, int]:
        """(message, operation, code) of the one error; nothing else is answered."""
        answer = self.post(document, **variables)
        assert answer.status_code == 200
        (error,) = answer.json()["errors"]
        assert set(error) == {"message", "operation", "field", "request_id", "code"}
        assert list((answer.json()["data"] or {"": None}).values()) == [None]
        return error["message"], error["operation"], error["code"]


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    clock = Ticking()
    app = create_app(tmp_path / "account.sqlite", KEY, CONTROL, clock=clock)
    with served(app) as url, FloorControl(url, CONTROL) as floor, httpx.Client(base_url=url, trust_env=False) as http:
        floor.receive({"MUG": 50, "CUP": 10})
        yield Account(url, http, floor, clock)


def an_order(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "order_number": "B2B1042",
        "partner_order_id": "B2B1042",
        "shop_name": "B2B",
        "shipping_lines": {"title": "Pallet", "price": "0.00"},
        "shipping_address": {"first_name": "Ann", "city": "Leeds"},
        "line_items": list(lines) or [a_line()],
    } | changes


def a_line(sku: str = "MUG", quantity: int = 10, key: str = "7001", **more: Any) -> dict[str, Any]:
    return {"sku": sku, "quantity": quantity, "partner_line_item_id": key, "price": "0.00"} | more


def test_a_login_buys_a_token_for_28_days_and_so_does_a_refresh_token(account: Account) -> None:
    bought = account.log_in().json()
    assert (bought["expires_in"], bought["token_type"]) == (28 * 86_400, "Bearer")
    again = account.log_in("refresh", refresh_token=bought["refresh_token"]).json()["access_token"]
    account.clock.pass_time(timedelta(days=28, seconds=-1).total_seconds())
    assert account.post(QUOTA, bought["access_token"]).status_code == 200
    account.clock.pass_time(1)
    assert [account.post(QUOTA, token).status_code for token in (bought["access_token"], again)] == [401, 401]
    assert account.post(QUOTA, account.log_in().json()["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("token", {"username": "ann@example.org", "password": "wrong"}),
        ("token", {"username": "", "password": KEY}),
        ("token", {"username": "ann@example.org", "password": CONTROL}),
        ("refresh", {"refresh_token": KEY}),
    ],
)
def test_a_wrong_login_buys_nothing(account: Account, path: str, given: dict[str, str]) -> None:
    answer = account.log_in(path, **given)
    assert (answer.status_code, answer.json()) == (401, {"message": "Wrong email or password."})


@pytest.mark.parametrize("token", ["wrong", KEY, CONTROL])
def test_the_api_answers_its_own_tokens_only(account: Account, token: str) -> None:
    assert account.post(QUOTA, token).status_code == 401


def test_one_secret_for_both_doors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two different secrets"):
        create_app(tmp_path / "x.sqlite", "same", "same")


def test_an_answer_tells_what_was_estimated_and_what_it_cost(account: Account) -> None:
    account.ask(CREATE, data=an_order(a_line(), a_line("CUP", 1, "7002")))
    answer = account.post(ORDERS, first=1).json()
    assert answer["data"]["orders"]["complexity"] == 42  # as a real answer has it: 1 + 1 × (1 + 40)
    throttling = answer["extensions"]["throttling"]
    assert throttling == {
        "estimated_complexity": 42,
        "cost": 4,
        "cost_detail": {"orders": {"items_count": 3, "cost": 1, "total_cost": 4, "fields": {}}},
        "user_quota": {"credits_remaining": 4004 - 1 - 4, "max_available": 4004, "increment_rate": 60},
    }


@pytest.mark.parametrize(("first", "estimate"), [(5, 206), (None, 4101), (100, 4101)])
def test_the_estimate_goes_by_the_page_that_is_asked_for_and_100_where_none_is(
    account: Account, first: int | None, estimate: int
) -> None:
    variables = {} if first is None else {"first": first}
    answer = account.post(ORDERS, **variables).json()
    assert answer["extensions"]["throttling"]["estimated_complexity"] == estimate
    if estimate > 4004:
        words = "which requires 4101 credits, but there are only 4004 left."
        assert answer["errors"][0]["message"].endswith(words)
        assert answer["errors"][0]["code"] == 30


def test_an_empty_bucket_says_how_long_it_takes_and_fills_again(tmp_path: Path) -> None:
    clock = Ticking()
    app = create_app(tmp_path / "a.sqlite", KEY, CONTROL, clock, lambda moving: Meter(moving, size=50, per_second=2))
    with served(app) as url, FloorControl(url, CONTROL) as floor, httpx.Client(base_url=url, trust_env=False) as http:
        account = Account(url, http, floor, clock)
        for _ in range(15):
            account.ask(QUOTA)
        assert account.refusal(ORDERS, first=1) == (
            "There are not enough credits to perform the requested operation, which requires 42 credits, but there are "
            "only 35 left. In 4 seconds you will have enough credits to perform the operation",
            "orders",
            30,
        )
        clock.pass_time(4)
        assert account.ask(ORDERS, first=1)["orders"]["data"]["edges"] == []


def test_a_negative_page_is_refused_as_a_real_answer_has_it(account: Account) -> None:
    answer = account.post(ORDERS, first=-40).json()
    assert answer["extensions"]["throttling"]["estimated_complexity"] == -1639
    assert [(each["message"], each["operation"], each["field"], each["code"]) for each in answer["errors"]] == [
        ("first and last can't be negative values", "orders", "data", 3)
    ]
    assert answer["data"]["orders"]["data"] is None


@pytest.mark.parametrize(
    "document", ["{ orders { data { edges { node { po_number } } } } }", "{ nonsense", "{ shipments { request_id } }"]
)
def test_a_document_that_the_schema_does_not_know_is_a_bad_request(account: Account, document: str) -> None:
    assert account.post(document).status_code == 400


def test_orders_are_paged_by_cursor_within_their_shop(account: Account) -> None:
    for number in range(7):
        shop = "B2B" if number % 2 == 0 else "Web"
        account.ask(CREATE, data=an_order(order_number=f"N{number}", partner_order_id=f"N{number}", shop_name=shop))
    seen, after = [], None
    while True:
        found = account.ask(ORDERS, first=2, after=after, shop="B2B")["orders"]["data"]
        seen.append([each["node"]["order_number"] for each in found["edges"]])
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = found["pageInfo"]["endCursor"]
    assert seen == [["N0", "N2"], ["N4", "N6"]]
    broken = account.post(ORDERS, first=2, after="x").json()
    assert [each["message"] for each in broken["errors"]] == ["Invalid cursor"]


def test_a_second_order_with_the_same_numbers_is_a_second_order(account: Account) -> None:
    first, second = (account.ask(CREATE, data=an_order())["order_create"]["order"] for _ in range(2))
    assert first["legacy_id"] != second["legacy_id"]
    assert len(account.floor.held()) == 2


def test_orders_are_found_by_their_very_number_in_any_shop(account: Account) -> None:
    for number, shop in (("1042", "Web"), ("10421", "Web"), ("1042", "B2B")):
        account.ask(CREATE, data=an_order(order_number=number, partner_order_id=f"id-{number}", shop_name=shop))
    found = {
        number: account.ask(NUMBERED, number=number)["orders"]["data"]["edges"]
        for number in ("1042", "id-1042", "#1042")
    }
    assert {number: len(edges) for number, edges in found.items()} == {"1042": 2, "id-1042": 0, "#1042": 0}


@pytest.mark.parametrize(
    ("changes", "message", "code"),
    [
        ({"line_items": []}, "An order needs at least one line item", 3),
        ({"line_items": [a_line("NOSUCH")]}, "Product NOSUCH not found", 5),
        ({"line_items": [a_line(quantity=0)]}, "Invalid quantity 0 for product MUG", 3),
        ({"line_items": [a_line(), a_line()]}, "partner_line_item_id 7001 is used twice in the order", 3),
        ({"line_items": [a_line(warehouse_id="V2FyZWhvdXNlOjE=")]}, "Warehouse not found", 5),
        ({"customer_account_id": "QWNjb3VudDox"}, "Customer account not found", 5),
    ],
)
def test_an_order_that_cannot_be_is_refused_in_a_200_and_nothing_is_held(
    account: Account, changes: dict[str, Any], message: str, code: int
) -> None:
    assert account.refusal(CREATE, data=an_order(**changes)) == (message, "order_create", code)
    assert account.floor.held() == []


def test_a_wholesale_order_keeps_its_units_and_the_floor_counts_base_units(account: Account) -> None:
    options = {"custom_options": {"units_per_uom": 12}, "unit_of_measure": "CA"}
    lines = (a_line(quantity=2, **options), a_line("CUP", 5, "7002", unit_of_measure="EA"))
    made = account.ask(WHOLESALE, data=an_order(*lines, depositor_order_number="B2B1042"))
    stored = made["wholesale_order_create"]["wholesale_order"]
    assert (stored["status"], stored["depositor_order_number"]) == ("pending", "B2B1042")
    assert [each["node"] for each in stored["wholesale_line_items"]["edges"]] == [
        {"unit_of_measure": "CA", "line_item": {"sku": "MUG", "quantity": 2}},
        {"unit_of_measure": "EA", "line_item": {"sku": "CUP", "quantity": 5}},
    ]
    assert account.floor.order("B2B1042").ordered == {"7001": 24, "7002": 5}
    words, _, _ = account.refusal(WHOLESALE, data=an_order(a_line(unit_of_measure="CA")))
    assert words == "Unit of measure 'CA' is not set up for product MUG"


def test_available_is_what_no_order_waits_for(account: Account) -> None:
    account.ask(CREATE, data=an_order())
    stock = """{ warehouse_products(sku: "MUG", warehouse_id: "7145") { data(first: 5) { edges { node {
      on_hand allocated available } } } } }"""
    (edge,) = account.ask(stock)["warehouse_products"]["data"]["edges"]
    assert edge["node"] == {"on_hand": 50, "allocated": 10, "available": 40}


def test_an_answer_is_dated_by_the_accounts_clock(account: Account) -> None:
    assert account.post(QUOTA).headers["date"] == "Mon, 23 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(("kind", "status", "held"), [("5xx_before", 502, 0), ("5xx_after", 502, 1), ("429", 429, 0)])
def test_the_fault_plan_spoils_the_field_that_it_names(account: Account, kind: str, status: int, held: int) -> None:
    account.floor.faults([{"operation": "order_create", "kind": kind}])
    assert account.post(QUOTA).status_code == 200
    assert account.post(CREATE, data=an_order()).status_code == status
    assert len(account.floor.held()) == held
    assert account.floor.calls() == {"order_create": 1, "user_quota": 1}


def test_more_than_7000_requests_in_five_minutes_are_too_many(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (endpoint.CALLS, endpoint.CALL_SECONDS) == (7000, 300)
    monkeypatch.setattr(endpoint, "CALLS", 2)
    app = create_app(tmp_path / "few.sqlite", KEY, CONTROL, clock=account.clock)
    with served(app) as url, httpx.Client(base_url=url, trust_env=False) as http:
        few = Account(url, http, account.floor, account.clock)
        answers = [few.post(QUOTA) for _ in range(3)]
        assert [each.status_code for each in answers] == [200, 200, 429]
        assert answers[-1].headers["retry-after"] == "300"
        account.clock.pass_time(300)
        assert few.post(QUOTA).status_code == 200
