"""Shopify's webhooks: https://shopify.dev/docs/apps/build/webhooks/verify-deliveries and …/ignore-duplicates.

An event is known by X-Shopify-Event-Id: X-Shopify-Webhook-Id names one delivery, and two subscriptions deliver one
event twice. Neither header is signed, only the body is; a body that holds `updated_at` is therefore its own identity.
Nothing stands here on fulfilments: they are our own writing, and the order's topics tell of everybody else's.
"""

from __future__ import annotations

from collections.abc import Mapping

from include.fulfilment.webhooks.delivery import NOT_OURS, Delivery, Event, Noun, Source, identity, subject_of
from include.fulfilment.webhooks.proofs import HmacBase64

_TOPICS: Mapping[str, tuple[Noun, tuple[str, ...]]] = {
    "orders": ("order", ("admin_graphql_api_id", "admin_graphql_api_order_id", "order_id", "id")),
    "draft_orders": ("order", ("admin_graphql_api_id", "id")),
    "refunds": ("order", ("order_id",)),
    "order_transactions": ("order", ("order_id",)),
    "payment_terms": ("order", ("order_id",)),
    "payment_schedules": ("order", ()),
    "fulfillment_orders": ("order", ()),
    "fulfillment_holds": ("order", ()),
    "companies": ("order", ()),
    "company_locations": ("order", ()),
    "inventory_levels": ("stock", ("inventory_item_id",)),
    "inventory_items": ("stock", ("id",)),
    "products": ("stock", ()),
    "variants": ("stock", ()),
}
"""First part of a topic: the noun, and the fields that name the subject. Where none does, the hint is about all."""


def read(delivery: Delivery) -> Event:
    """The event as its headers and body tell it."""
    headers = delivery.headers
    topic = headers.get("x-shopify-topic", "").lower()
    noun, names = _TOPICS.get(topic.partition("/")[0], (None, ()))
    if noun is None:
        return NOT_OURS
    content = delivery.content()
    inner = content.get("order_edit")
    subject = subject_of(inner if isinstance(inner, dict) else content, *(("order_id",) if inner else names))
    event_id = headers.get("x-shopify-event-id") or headers.get("x-shopify-webhook-id") or delivery.digest()
    return Event(noun, identity(topic), (subject,), identity(event_id), isinstance(content.get("updated_at"), str))


SOURCE = Source("shopify", HmacBase64("x-shopify-hmac-sha256"), read, {"status": "ok"})
