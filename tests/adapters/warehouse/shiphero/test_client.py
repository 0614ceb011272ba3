"""Errors inside a 200, credits, tokens: what each answer lets the adapter do next."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from include.fulfilment.adapters.connecting import Connecting, RemoteConnection
from include.fulfilment.adapters.registry import make_warehouse
from include.fulfilment.adapters.transport import UnknownOutcome
from include.fulfilment.adapters.warehouse.shiphero import documents
from include.fulfilment.adapters.warehouse.shiphero.client import GraphQLRefusal
from include.fulfilment.errors import ConfigError, RetryableError, TerminalError
from include.fulfilment.ports import Unknown
from tests.adapters.warehouse.shiphero.kit import NOT_ENOUGH, QUOTA, account, error
from tests.contract.serving import site
from tests.fakes import MemoryJournal

STORED = {"data": {"order_create": {"request_id": "65f0a1", "complexity": 10, "order": {"id": "T3JkZXI6MzEw"}}}}


def test_an_error_in_a_200_is_a_refusal_that_keeps_the_request_id() -> None:
    held = account(error("first and last can't be negative values", data={"orders": {"data": None}}))
    with pytest.raises(GraphQLRefusal, match=r"can't be negative values \(request 65f0a1\)") as caught:
        held.client.read(documents.CHANGED, "orders", cost=1)
    assert (caught.value.code, caught.value.field) == ("3", "data")
    assert len(held.script.sent) == 1


@pytest.mark.parametrize("words", ["Unexpected error", "Internal server error", "Timed out", "", "Please try again"])
def test_a_passing_error_of_a_reading_is_for_later_and_of_a_create_leaves_us_in_doubt(words: str) -> None:
    with pytest.raises(RetryableError):
        account(error(words)).client.read(documents.QUOTA, "user_quota", cost=1)
    with pytest.raises(UnknownOutcome):
        account(error(words, data={"order_create": None})).client.mutate(documents.CREATE, {})


def test_a_refused_create_is_known_not_to_be_stored() -> None:
    with pytest.raises(GraphQLRefusal, match="Product X not found"):
        account(error("Product X not found", 5, "order_create")).client.mutate(documents.CREATE, {})


def test_an_error_beside_a_stored_order_does_not_hide_that_it_was_stored() -> None:
    held = account(STORED | error("a scope is missing", data=STORED["data"]))
    assert held.client.mutate(documents.CREATE, {})["order"] == {"id": "T3JkZXI6MzEw"}


@pytest.mark.parametrize("answer", [{}, {"data": None}, {"data": {}}, {"data": {"order_create": None}}, []])
def test_a_create_that_got_no_clear_answer_is_never_sent_again(answer: Any) -> None:
    held = account(answer)
    with pytest.raises(UnknownOutcome):
        held.client.mutate(documents.CREATE, {})
    assert len(held.script.sent) == 1


@pytest.mark.parametrize("answer", [{}, {"data": None}, {"data": {"user_quota": None}}, {"data": {"user_quota": 7}}])
def test_a_reading_without_data_is_no_answer(answer: Any) -> None:
    with pytest.raises(RetryableError):
        account(answer).client.read(documents.QUOTA, "user_quota", cost=1)


def test_too_few_credits_are_waited_for_as_told_and_the_call_is_made_again() -> None:
    held = account(error(NOT_ENOUGH.format(511, 3), 30), STORED)
    assert held.client.mutate(documents.CREATE, {}) == STORED["data"]["order_create"]
    assert held.waits == [3.0]
    assert len(held.script.sent) == 2


def test_a_wait_for_credits_that_is_long_is_left_to_the_caller() -> None:
    held = account(error(NOT_ENOUGH.format(1301, 18), 30))
    with pytest.raises(RetryableError) as caught:
        held.client.mutate(documents.CREATE, {})
    assert (caught.value.retry_after, held.waits, len(held.script.sent)) == (18.0, [], 1)


def test_an_operation_dearer_than_the_bucket_is_refused_for_good() -> None:
    quota = {"extensions": {"throttling": {"user_quota": {"max_available": 4004}}}}
    held = account(error(NOT_ENOUGH.format(5005, 90), 30) | quota)
    with pytest.raises(TerminalError, match="asks for 5005 credits, more than ShipHero ever grants"):
        held.client.read(documents.STOCK, "warehouse_products", cost=5005)


def test_every_call_asks_the_budget_for_its_credits() -> None:
    held = account(STORED, QUOTA)
    held.client.mutate(documents.CREATE, {})
    held.client.read(documents.QUOTA, "user_quota", cost=77)
    assert held.asked == [1, 10, 77]  # the login, the create, the reading


def paid(cost: Any) -> dict[str, Any]:
    return QUOTA | {"extensions": {"throttling": {"estimated_complexity": 77, "cost": cost}}}


def test_credits_that_an_answer_was_not_charged_are_given_back() -> None:
    held = account(paid(5))
    held.client.read(documents.QUOTA, "user_quota", cost=77)
    assert held.given_back == [72]


@pytest.mark.parametrize("told", [77, 78, -1, None, "5", 10**30])
def test_an_answer_that_does_not_say_that_it_was_cheaper_gives_nothing_back(told: Any) -> None:
    held = account(paid(told))
    held.client.read(documents.QUOTA, "user_quota", cost=77)
    assert held.given_back == []


def test_a_lost_answer_and_one_for_lack_of_credits_give_nothing_back() -> None:
    unpaid = {"extensions": {"throttling": {"cost": 0}}}
    held = account(httpx.Response(502), error(NOT_ENOUGH.format(77, 1), 30) | unpaid, paid(7))
    held.client.read(documents.QUOTA, "user_quota", cost=77)
    assert held.asked == [1, 77, 77, 77]
    assert held.given_back == [70]


def test_denied_access_is_a_matter_for_a_person() -> None:
    with pytest.raises(ConfigError, match="check connection 'warehouse_test'"):
        account(error("You are not authorized to perform this action")).client.read(
            documents.QUOTA, "user_quota", cost=1
        )


def test_an_expired_token_is_bought_anew_once_and_the_call_is_made_again() -> None:
    held = account(STORED, httpx.Response(401), STORED)
    held.client.mutate(documents.CREATE, {})
    held.client.mutate(documents.CREATE, {})
    assert held.script.tokens == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]
    assert (
        held.script.logins == [{"path": "/auth/token", "username": "staff@example.org", "password": "a-password"}] * 2
    )


def test_a_token_that_is_refused_though_it_is_new_is_a_matter_for_a_person() -> None:
    held = account(httpx.Response(401))
    with pytest.raises(ConfigError, match="access refused"):
        held.client.read(documents.QUOTA, "user_quota", cost=1)
    assert len(held.script.sent) == 1


def test_without_a_login_the_password_is_a_refresh_token() -> None:
    held = account(QUOTA, login="")
    held.client.now()
    assert held.script.logins == [{"path": "/auth/refresh", "refresh_token": "a-password"}]


def test_the_time_is_shipheros_own() -> None:
    assert account(QUOTA).client.now() == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_an_answer_without_a_date_has_no_age() -> None:
    with pytest.raises(RetryableError, match="shiphero: an answer does not say when it was given"):
        account(httpx.Response(200, json=QUOTA)).client.now()


def test_the_log_names_the_request_and_its_cost_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="include.fulfilment")
    paid = STORED | {"extensions": {"throttling": {"cost": 2}}}
    account(paid).client.mutate(documents.CREATE, {"packing_note": "a secret of the buyer"})
    assert "shiphero FulfilCreate: request 65f0a1, 2 credits" in caplog.text
    assert not [word for word in ("a secret of the buyer", "token-1", "a-password") if word in caplog.text]


def connecting(key: str = "p", **options: Any) -> Connecting:
    return Connecting(
        site=site("shiphero", warehouse_options=options),
        connection=RemoteConnection("warehouse_test", "https://shiphero.test", "", key),
        clock=lambda: datetime(2026, 11, 23, tzinfo=UTC),
        on_call=lambda *_: None,
        acquire=lambda cost: None,
        journal=MemoryJournal(),
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "warehouse.options.warehouse_id: Field required"),
        ({"warehouse_id": "1", "order_type": "plain"}, "warehouse.options.order_type: Extra inputs are not permitted"),
        ({"warehouse_id": "1", "line_unit": "pack"}, "a plain order has no unit of measure"),
        ({"warehouse_id": "1", "po_name": "PO: no"}, "warehouse.options.po_name: String should match"),
    ],
)
def test_a_wrong_option_is_named(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make_warehouse(connecting(**given))


def test_a_connection_without_a_password_is_named() -> None:
    with pytest.raises(ConfigError, match="'warehouse_test': ShipHero needs"):
        make_warehouse(connecting(key="", warehouse_id="1"))


def test_an_order_that_cannot_be_read_is_no_answer() -> None:
    broken = {"data": {"r0": {"data": {"edges": [{"node": {"id": 3}}], "pageInfo": {"hasNextPage": False}}}}}
    answer = account(broken).warehouse.find(["B2B1"])["B2B1"]
    assert isinstance(answer, Unknown)
    assert answer.reason.startswith("shiphero: order B2B1: ")
