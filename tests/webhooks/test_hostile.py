"""What a stranger, or a sender that is proven and out of its mind, can do to the door: little."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.fulfilment.store.inbox import PostgresInbox
from include.fulfilment.store.schema import migrate
from include.fulfilment.webhooks.app import Endpoint, create_door, hints_of
from include.fulfilment.webhooks.delivery import Delivery
from include.fulfilment.webhooks.limits import Limits
from include.fulfilment.webhooks.sources import SOURCES
from tests.webhooks.kit import ENDPOINTS, NOW, SHOP, SHOPIFY_ORDER, Visit, shopify

TEXTS = st.text(max_size=300) | st.sampled_from(["\x00", "\ud800", "x" * 5000, "٣", "'; DROP TABLE x --", "\u202e"])
VALUES = st.none() | st.booleans() | st.integers(-(10**400), 10**400) | st.floats() | TEXTS
FIELDS = st.sampled_from(
    ["id", "order_id", "admin_graphql_api_id", "inventory_item_id", "updated_at", "order_edit", "webhook_type", "sku"]
) | st.sampled_from(["inventory", "fulfillment", "ID", "OrderNumber", "order_uuid"])
CONTENTS = st.recursive(VALUES, lambda part: st.lists(part, max_size=4) | st.dictionaries(FIELDS, part), max_leaves=20)
TOPICS = st.sampled_from(["orders/updated", "ORDERS/é", "order.shipped", "orders/" + "x" * 9000]) | TEXTS
HEADERS = ("x-shopify-topic", "x-shopify-event-id", "x-shiphero-message-id", "webhook-id", "x-webhook-topic")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=CONTENTS,
    words=st.fixed_dictionaries(dict.fromkeys(HEADERS, TOPICS)),
    kind=st.sampled_from(["Inventory Update", "shipment_update", "\x00"]),
)
def test_whatever_a_proven_delivery_holds_the_store_takes_its_hint(
    postgres_url: str, content: Any, words: dict[str, str], kind: str
) -> None:
    migrate(postgres_url)
    plain = {name: text.encode("latin-1", "replace").decode("latin-1") for name, text in words.items()}
    body = {**content, "webhook_type": kind} if isinstance(content, dict) else content
    hints = [
        hint
        for endpoint in ENDPOINTS
        for hint in hints_of(endpoint, Delivery(plain, json.dumps(body).encode(), "", NOW))
    ]
    PostgresInbox(postgres_url).put(hints)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"{" * 100_000, b"9" * 1_000_000, b'{"id":' + b"9" * 5000 + b"}"])
def test_a_body_that_is_a_trap_for_parsers_is_a_hint_about_all(visit: Visit, body: bytes) -> None:
    answer = asyncio.run(visit.post(SHOP, **shopify(body)))
    assert (answer.status_code, [hint.subject for hint in visit.kept]) == (200, [""])


def test_the_secret_of_one_shop_opens_no_other() -> None:
    visit = Visit()
    shops = [Endpoint(SOURCES["shopify"], site, "", (f"secret-of-shop-{site}",)) for site in ("one", "two")]
    visit.app = create_door(shops, visit.put, lambda: NOW)
    for site, other in (("one", "two"), ("two", "one")):
        signed = shopify(SHOPIFY_ORDER, f"secret-of-shop-{site}")
        assert asyncio.run(visit.post(f"/webhooks/shopify/{other}", **signed)).status_code == 401
        assert asyncio.run(visit.post(f"/webhooks/shopify/{site}", **signed)).status_code == 200
    assert [hint.site for hint in visit.kept] == ["one", "two"]


def test_slow_bodies_from_one_place_leave_room_for_the_others() -> None:
    visit = Visit(Limits(reading=4, reading_each=2))

    async def run() -> list[int]:
        go_on = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            await go_on.wait()
            yield b""

        def busy() -> Any:
            return visit.post(SHOP, content=slow(), headers=shopify(b"")["headers"])

        held = [asyncio.create_task(busy()) for _ in range(3)]
        await asyncio.sleep(0.1)
        here = await visit.post(SHOP, **shopify(SHOPIFY_ORDER))
        elsewhere = await visit.post(SHOP, host="198.51.100.9", **shopify(SHOPIFY_ORDER))
        go_on.set()
        return [*sorted([(await each).status_code for each in held]), here.status_code, elsewhere.status_code]

    assert asyncio.run(run()) == [200, 200, 503, 503, 200]


def test_strangers_write_few_lines_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    visit = Visit(Limits(lines=3, lines_per_second=0.1))

    def forge() -> None:
        for n in range(50):
            asyncio.run(visit.post(SHOP, host=f"203.0.113.{n}", **shopify(SHOPIFY_ORDER, "a-secret-of-somebody-else")))

    forge()
    assert caplog.text.count("its proof is not good") == 3
    visit.seconds = 10.0
    forge()
    assert caplog.text.count("its proof is not good") == 4


def test_odd_words_of_a_proxy_open_no_new_allowance() -> None:
    visit = Visit(Limits(tries=3, tries_per_second=0))
    answers = [asyncio.run(visit.post(SHOP, host=f"odd-{n}", json={})).status_code for n in range(5)]
    assert answers == [401, 401, 401, 429, 429]
