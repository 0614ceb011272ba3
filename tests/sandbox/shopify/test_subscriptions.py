"""Webhook subscriptions: kept once for each topic and address, listed by address, refused without TLS."""

from __future__ import annotations

from typing import Any

from tests.sandbox.shops import Shop

_CREATE = """mutation S($topic: WebhookSubscriptionTopic!, $wanted: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $wanted) {
    webhookSubscription { id topic uri format includeFields createdAt } userErrors { field message } } }"""
_LIST = """query L($uri: String, $after: String) { webhookSubscriptions(first: 1, after: $after, uri: $uri) {
  nodes { topic uri } pageInfo { hasNextPage endCursor } } }"""


def create(shop: Shop, topic: str, uri: str) -> Any:
    wanted = {"uri": uri, "includeFields": ["id"]}
    return shop.ask(_CREATE, topic=topic, wanted=wanted)["webhookSubscriptionCreate"]


def test_a_subscription_is_kept_and_listed_by_its_address_a_page_at_a_time(shop: Shop) -> None:
    made = create(shop, "ORDERS_CREATE", "https://a.example")["webhookSubscription"]
    assert made | {"id": ""} == {
        "id": "",
        "topic": "ORDERS_CREATE",
        "uri": "https://a.example",
        "format": "JSON",
        "includeFields": ["id"],
        "createdAt": "2026-11-23T12:00:00Z",
    }
    create(shop, "ORDERS_CREATE", "https://b.example")
    create(shop, "ORDERS_UPDATED", "https://a.example")
    first = shop.ask(_LIST, uri="https://a.example")["webhookSubscriptions"]
    assert (first["nodes"], first["pageInfo"]["hasNextPage"]) == (
        [{"topic": "ORDERS_CREATE", "uri": "https://a.example"}],
        True,
    )
    after = first["pageInfo"]["endCursor"]
    second = shop.ask(_LIST, uri="https://a.example", after=after)["webhookSubscriptions"]
    assert (second["nodes"][0]["topic"], second["pageInfo"]["hasNextPage"]) == ("ORDERS_UPDATED", False)


def test_a_topic_goes_to_an_address_once_and_only_over_tls(shop: Shop) -> None:
    create(shop, "ORDERS_CREATE", "https://a.example")
    again = create(shop, "ORDERS_CREATE", "https://a.example")
    assert again["userErrors"][0]["message"] == "Address for this topic has already been taken"
    plain = create(shop, "ORDERS_PAID", "http://a.example")
    assert plain["userErrors"][0]["field"] == ["webhookSubscription", "uri"]
    assert [each["topic"] for each in shop.control.state("webhooks")["webhooks"]] == ["ORDERS_CREATE"]
