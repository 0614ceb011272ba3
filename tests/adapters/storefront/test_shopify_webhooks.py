"""Subscriptions: the topics that the door acts on, with the fields that it reads and no others."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from include.fulfilment.adapters.storefront.shopify.webhooks import TOPICS
from include.fulfilment.errors import ConfigError, RetryableError
from include.fulfilment.webhooks.delivery import Delivery, Event
from include.fulfilment.webhooks.sources.shopify import _TOPICS, read
from tests.adapters.storefront.kit import NOW, Shop, shop
from tests.adapters.storefront.scripted import Script, scripted

DOOR = "https://door.example/webhooks/shopify/demo"
_MADE = {"webhookSubscriptionCreate": {"webhookSubscription": {"id": "gid://shopify/W/1"}, "userErrors": []}}

__all__ = ["shop"]


def header(topic: str) -> str:
    """A topic as the delivery's header has it: ORDERS_CREATE is orders/create."""
    first = max((each for each in _TOPICS if topic.lower().startswith(f"{each}_")), key=len)
    return f"{first}/{topic.lower().removeprefix(f'{first}_')}"


def body(fields: tuple[str, ...]) -> dict[str, Any]:
    """A body that holds these fields alone."""
    made: dict[str, Any] = {}
    for name in fields:
        first, _, second = name.partition(".")
        value: Any = "2026-11-23T10:00:00Z" if first == "updated_at" else 77
        made[first] = {second: value} if second else value
    return made


def event(topic: str) -> Event:
    headers = {"x-shopify-topic": header(topic), "x-shopify-event-id": "e1"}
    return read(Delivery(headers, json.dumps(body(TOPICS[topic])).encode(), "", NOW))


def listed(*topics: str, more: str | None = None, uri: str = DOOR) -> dict[str, Any]:
    page = {"hasNextPage": more is not None, "endCursor": more}
    return {"webhookSubscriptions": {"pageInfo": page, "nodes": [{"topic": each, "uri": uri} for each in topics]}}


def remote(*lists: dict[str, Any], **answers: list[Any]) -> Script:
    found: dict[str, list[Any]] = {"FulfilmentSubscriptions": list(lists), "FulfilmentSubscribe": [_MADE]}
    return Script(**found | answers)


def subscribe(script: Script, address: str = DOOR) -> list[str]:
    with scripted(script) as storefront:
        return storefront.subscribe(address)


@pytest.mark.parametrize("topic", TOPICS)
def test_the_door_knows_what_each_body_is_about(topic: str) -> None:
    told = event(topic)
    assert told.noun == ("stock" if topic.startswith(("INVENTORY", "PRODUCTS")) else "order")
    names = _TOPICS[header(topic).partition("/")[0]][1]
    assert list(told.subjects) == (["77"] if names else [""])


def test_no_body_holds_more_than_which_record_and_when() -> None:
    assert {name.rpartition(".")[2] for fields in TOPICS.values() for name in fields} == {
        "id",
        "admin_graphql_api_id",
        "order_id",
        "inventory_item_id",
        "updated_at",
    }


def test_the_shop_keeps_one_subscription_a_topic(shop: Shop) -> None:
    assert shop.storefront.subscribe(DOOR) == list(TOPICS)
    kept = shop.control.state("webhooks")["webhooks"]
    assert [(each["topic"], each["uri"], tuple(each["include_fields"])) for each in kept] == [
        (topic, DOOR, fields) for topic, fields in TOPICS.items()
    ]
    assert shop.storefront.subscribe(DOOR) == []
    assert shop.control.state("webhooks")["webhooks"] == kept


def test_only_what_is_missing_is_subscribed_however_many_pages_are_there() -> None:
    first, second, *rest = TOPICS
    script = remote(listed(first, more="c1"), listed(second))
    assert subscribe(script) == rest
    assert [each["topic"] for each in script.sent("FulfilmentSubscribe")] == rest
    assert script.sent("FulfilmentSubscribe")[0]["subscription"] == {
        "uri": DOOR,
        "format": "JSON",
        "includeFields": list(TOPICS[rest[0]]),
    }
    assert script.sent("FulfilmentSubscriptions") == [{"after": each, "uri": DOOR} for each in (None, "c1")]


def test_what_goes_elsewhere_does_not_count_as_there() -> None:
    assert subscribe(remote(listed(*TOPICS, uri="https://elsewhere.example"))) == list(TOPICS)


def test_a_refused_topic_is_named_when_the_others_are_subscribed() -> None:
    error = {"field": ["topic"], "message": "You need the scope read_draft_orders"}
    denied = {"errors": [{"message": "Access denied for COMPANIES", "extensions": {"code": "ACCESS_DENIED"}}]}
    answers: list[Any] = [_MADE] * len(TOPICS)
    answers[6] = {"webhookSubscriptionCreate": {"webhookSubscription": None, "userErrors": [error]}}
    answers[15] = httpx.Response(200, json=denied)
    script = remote(listed(), FulfilmentSubscribe=answers)
    with pytest.raises(ConfigError, match=r"subscribed 18 topics and refused DRAFT_ORDERS_CREATE \(You need") as caught:
        subscribe(script)
    assert "COMPANIES_UPDATE (FulfilmentSubscribe: the shop denies access" in str(caught.value)
    assert len(script.sent("FulfilmentSubscribe")) == 20


def test_a_lost_reply_is_not_repeated_blindly() -> None:
    script = remote(listed(), FulfilmentSubscribe=[httpx.ReadError("lost")])
    with pytest.raises(RetryableError, match=r"ORDERS_CREATE: .* run it again"):
        subscribe(script)
    assert len(script.sent("FulfilmentSubscribe")) == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://door.example",
        "https://",
        "https://u:p@door.example",
        "https://door.example?k=1",
        "door",
        "https://[",
        "",
    ],
)
def test_an_address_that_cannot_be_one_reaches_no_shop(address: str) -> None:
    script = remote(listed())
    with pytest.raises(ConfigError, match="starts with https://"):
        subscribe(script, address)
    assert script.requests == []
