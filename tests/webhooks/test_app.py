"""What the door answers, what it keeps, and that it keeps nothing of what it refuses."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from include.fulfilment.errors import RetryableError
from include.fulfilment.store.inbox import Hint
from include.fulfilment.webhooks.limits import Limits
from tests.webhooks.kit import (
    BOB,
    BOB_SECRET,
    HERO,
    MINT,
    NOW,
    OLD_SHOP_SECRET,
    PATH_SECRET,
    SHOP,
    SHOPIFY_ORDER,
    Visit,
    shipbob,
    shiphero,
    shopify,
)

STOCK = {"account_id": 1, "webhook_type": "Inventory Update", "inventory": [{"sku": "MUG-RED"}]}
OK = {"status": "ok"}


def post(visit: Visit, path: str, host: str = "203.0.113.7", **request: Any) -> httpx.Response:
    return asyncio.run(visit.post(path, host, **request))


def test_a_proven_delivery_leaves_a_hint_and_none_of_its_content(visit: Visit) -> None:
    order = SHOPIFY_ORDER | {"email": "ada@example.com", "shipping_address": {"name": "Ada Cobalt"}}
    answer = post(visit, SHOP, **shopify(order))

    assert (answer.status_code, answer.json()) == (200, OK)
    (hint,) = visit.kept
    assert len(hint.fingerprint) == 64
    assert hint == Hint(
        "demo", "shopify", "", "order", "orders/updated", "gid://shopify/Order/1", "event-1", hint.fingerprint, NOW
    )


def test_each_sender_gets_the_answer_that_it_expects(visit: Visit) -> None:
    answers = [
        post(visit, SHOP, **shopify(SHOPIFY_ORDER)),
        post(visit, HERO, **shiphero(STOCK)),
        post(visit, BOB, **shipbob({"id": 7})),
        post(visit, f"{MINT}/{PATH_SECRET}", json={"ID": 9}),
    ]

    assert [answer.status_code for answer in answers] == [200] * 4
    assert [answer.json() for answer in answers] == [OK, {"code": "200", "Status": "Success"}, OK, OK]
    assert [(hint.source, hint.warehouse, hint.noun, hint.subject) for hint in visit.kept] == [
        ("shopify", "", "order", "gid://shopify/Order/1"),
        ("shiphero", "main", "stock", "MUG-RED"),
        ("shipbob", "bob", "shipment", "7"),
        ("mintsoft", "mint", "shipment", "9"),
    ]


@pytest.mark.parametrize(
    ("path", "request_"),
    [
        (SHOP, {"json": SHOPIFY_ORDER}),
        (SHOP, shopify(SHOPIFY_ORDER, "a-secret-of-somebody-else")),
        (SHOP, shopify(SHOPIFY_ORDER) | {"content": b'{"id": 2}'}),
        (SHOP, shopify(SHOPIFY_ORDER, X_Shopify_Hmac_Sha256="ü")),
        (HERO, shopify(SHOPIFY_ORDER)),
        (HERO, shiphero(STOCK, "a-secret-of-somebody-else")),
        (BOB, shipbob({"id": 7}, secrets=["whsec_c29tZWJvZHktZWxzZQ=="])),
        (BOB, shipbob({"id": 7}, at=NOW - timedelta(seconds=301))),
        (BOB, shipbob({"id": 7}, at=NOW + timedelta(seconds=301))),
        (BOB, {"json": {"id": 7}}),
        (MINT, {"json": {"ID": 9}}),
        (f"{MINT}/", {"json": {"ID": 9}}),
        (f"{MINT}/{PATH_SECRET[:-1]}", {"json": {"ID": 9}}),
        (f"{MINT}/{PATH_SECRET}/x", {"json": {"ID": 9}}),
        (f"{SHOP}/{PATH_SECRET}", {"json": SHOPIFY_ORDER}),
        ("/webhooks/shopify/other", shopify(SHOPIFY_ORDER)),
        ("/webhooks/", {"json": {}}),
    ],
    ids=[
        "anonymous",
        "other secret",
        "other body",
        "odd signature",
        "other source's proof",
        "ShipHero, other secret",
        "ShipBob, other secret",
        "ShipBob, late",
        "ShipBob, early",
        "ShipBob, anonymous",
        "no path secret",
        "empty path secret",
        "wrong path secret",
        "more than the path secret",
        "path secret at a signing source",
        "unknown site",
        "nothing",
    ],
)
def test_what_is_not_proven_is_answered_alike_and_leaves_nothing(
    visit: Visit, path: str, request_: dict[str, Any]
) -> None:
    answer = post(visit, path, **request_)

    assert (answer.status_code, answer.json()) == (401, {"error": "the sender is not proven"})
    assert visit.kept == []


def test_a_signed_moment_within_five_minutes_is_now(visit: Visit) -> None:
    for seconds in (-300, 300):
        answer = post(visit, BOB, **shipbob({"id": 7}, at=NOW + timedelta(seconds=seconds)))
        assert answer.status_code == 200
    assert len(visit.kept) == 2


def test_while_a_secret_is_replaced_both_are_good(visit: Visit) -> None:
    assert post(visit, SHOP, **shopify(SHOPIFY_ORDER, OLD_SHOP_SECRET)).status_code == 200
    several = shipbob({"id": 7}, secrets=["whsec_dGhlIG5leHQgc2VjcmV0LCBwZXJoYXBz", BOB_SECRET])
    assert post(visit, BOB, **several).status_code == 200


def test_a_topic_that_we_do_not_act_on_is_taken_and_not_kept(visit: Visit) -> None:
    answers = [
        post(visit, SHOP, **shopify({"id": 1}, topic="fulfillments/create")),
        post(visit, SHOP, **shopify({"id": 1}, topic="")),
        post(visit, HERO, **shiphero({"webhook_type": "Tote Complete"})),
        post(visit, HERO, **shiphero(b"no json")),
        post(visit, BOB, **shipbob({"id": 7}, topic="billing.invoice")),
    ]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert visit.kept == []


def test_a_proven_body_that_is_no_json_is_a_hint_about_everything(visit: Visit) -> None:
    for body in (b"\xff[" * 1000, b"[" * 100_000, b""):
        assert post(visit, SHOP, **shopify(body)).status_code == 200
    assert [(hint.noun, hint.subject, hint.fingerprint) for hint in visit.kept] == [("order", "", "")] * 3


def test_a_body_that_says_it_is_too_long_is_not_read(visit: Visit) -> None:
    answer = post(visit, SHOP, **shopify(SHOPIFY_ORDER) | {"content": b" " * (2 * 1024 * 1024 + 1)})

    assert (answer.status_code, answer.json()) == (413, {"error": "the body is longer than 2097152 bytes"})
    assert answer.headers["connection"] == "close"
    assert visit.kept == []


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (SHOP, {}),
        (SHOP, shopify(SHOPIFY_ORDER)["headers"] | {"Content-Length": "2097153"}),
        (f"{MINT}/{PATH_SECRET}x", {}),
        ("/webhooks/shopify/other", shopify(SHOPIFY_ORDER)["headers"]),
    ],
    ids=["anonymous", "says that it is too long", "wrong path secret", "unknown site"],
)
def test_a_body_that_would_be_refused_in_any_case_is_not_read(visit: Visit, path: str, headers: dict[str, str]) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b"{}"

    async def run() -> int:
        # The door is asked without a client between, which would read the body itself.
        scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
        given = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        chunks, answers = body(), []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": await anext(chunks), "more_body": False}

        async def send(message: Any) -> None:
            answers.append(message)

        await visit.app(scope | {"headers": given, "client": ("203.0.113.7", 1)}, receive, send)
        return int(answers[0]["status"])

    assert asyncio.run(run()) in (401, 413)
    assert read == 0
    assert visit.kept == []


def test_of_more_bodies_at_once_than_agreed_the_rest_is_told_to_come_back() -> None:
    visit = Visit(Limits(reading=1))

    async def run() -> list[int]:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            begun.set()
            await go_on.wait()
            yield b""

        def busy() -> Any:
            return visit.post(SHOP, content=slow(), headers=shopify(b"")["headers"])

        first = asyncio.create_task(busy())
        await begun.wait()
        second = await visit.post(SHOP, **shopify(SHOPIFY_ORDER))
        go_on.set()
        third = [await first, await visit.post(SHOP, **shopify(SHOPIFY_ORDER))]
        assert second.headers["retry-after"] == "5"
        return [second.status_code, *(answer.status_code for answer in third)]

    assert asyncio.run(run()) == [503, 200, 200]
    assert len(visit.kept) == 2


def test_a_body_that_does_not_say_its_length_is_cut_off_at_the_limit(visit: Visit) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 64:
            sent += 1
            yield b" " * 65536

    visit = Visit(Limits(body_bytes=1024 * 1024))
    answer = post(visit, SHOP, content=endless(), headers=shopify(b"")["headers"])

    assert answer.status_code == 413
    assert visit.kept == []


def test_a_body_of_exactly_the_limit_is_taken() -> None:
    visit = Visit(Limits(body_bytes=1000))
    assert post(visit, SHOP, **shopify(b" " * 1000)).status_code == 200
    assert post(visit, SHOP, **shopify(b" " * 1001)).status_code == 413


def test_a_flood_without_proof_is_cut_off_by_address_and_others_still_get_in() -> None:
    visit = Visit(Limits(tries=3, tries_per_second=0.5))
    answers = [post(visit, SHOP, json={}).status_code for _ in range(5)]
    assert answers == [401, 401, 401, 429, 429]
    assert post(visit, SHOP, **shopify(SHOPIFY_ORDER)).status_code == 429
    assert visit.kept == []

    assert post(visit, SHOP, host="198.51.100.9", **shopify(SHOPIFY_ORDER)).status_code == 200
    visit.seconds = 2.0
    assert post(visit, SHOP, **shopify(SHOPIFY_ORDER)).status_code == 200
    assert len(visit.kept) == 2


def test_a_proven_sender_is_never_taken_for_a_flood() -> None:
    visit = Visit(Limits(tries=3, tries_per_second=0))
    answers = {post(visit, SHOP, **shopify(SHOPIFY_ORDER)).status_code for _ in range(10)}
    assert answers == {200}


def test_more_proven_deliveries_than_agreed_are_told_to_come_back() -> None:
    visit = Visit(Limits(deliveries=2, deliveries_per_second=1))
    answers = [post(visit, SHOP, **shopify(SHOPIFY_ORDER)) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "5"
    assert len(visit.kept) == 2
    assert post(visit, HERO, **shiphero(STOCK)).status_code == 200


def test_what_could_not_be_kept_is_answered_with_an_error_so_that_it_comes_again(visit: Visit) -> None:
    visit.fault = RetryableError("fulfilment_db: connection refused")
    answer = post(visit, SHOP, **shopify(SHOPIFY_ORDER))
    assert (answer.status_code, answer.json()) == (503, {"error": "not kept; send it again"})
    assert answer.headers["retry-after"] == "30"

    visit.fault = None
    assert post(visit, SHOP, **shopify(SHOPIFY_ORDER)).status_code == 200


def test_a_store_that_does_not_answer_in_time_is_not_waited_for() -> None:
    visit = Visit(Limits(store_seconds=0.1))
    go_on = threading.Event()
    visit.before_put = lambda: go_on.wait(5)

    async def run() -> httpx.Response:
        try:
            return await visit.post(SHOP, **shopify(SHOPIFY_ORDER))
        finally:
            go_on.set()

    answer = asyncio.run(run())
    assert (answer.status_code, answer.json()) == (503, {"error": "not kept; send it again"})


def test_no_secret_no_signature_and_no_content_gets_into_the_log(
    visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    visit.fault = RetryableError("fulfilment_db: connection refused")
    forged = shopify({"email": "ada@example.com"}, "a-secret-of-somebody-else")
    post(visit, SHOP, **forged)
    post(visit, f"{MINT}/{PATH_SECRET}", json={"ID": 9})
    post(visit, f"{MINT}/{PATH_SECRET}x", json={"ID": 9})

    ours = [line for line in caplog.text.splitlines() if "httpx" not in line]
    words = "\n".join(ours)
    assert "shopify/demo: its proof is not good" in words
    assert "mintsoft/demo/mint not kept" in words
    assert "ada@" not in words
    assert PATH_SECRET not in words
    assert forged["headers"]["X-Shopify-Hmac-Sha256"] not in words


def test_nothing_but_the_door_and_its_health_is_there(visit: Visit) -> None:
    async def get(path: str) -> int:
        transport = httpx.ASGITransport(visit.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
            return (await client.get(path)).status_code

    pages = ("/health", SHOP, "/", "/docs", "/openapi.json")
    assert [asyncio.run(get(path)) for path in pages] == [200, 405, 404, 404, 404]
