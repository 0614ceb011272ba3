"""Making the shop send its webhooks: one subscription a topic, with no more of the record than says which one it is.

Every topic here needs a scope that the app has anyway. What the app's own configuration file subscribes to is not
listed by this API; a door that gets an event twice knows it by its id.
Sources: https://shopify.dev/docs/api/admin-graphql/latest/mutations/webhookSubscriptionCreate,
https://shopify.dev/docs/apps/build/webhooks/customize/modify-payloads.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from include.fulfilment.adapters.storefront.fields import Json
from include.fulfilment.adapters.storefront.shopify import queries
from include.fulfilment.adapters.storefront.shopify.client import GraphQLRefusal, ShopifyClient
from include.fulfilment.adapters.transport import UnknownOutcome
from include.fulfilment.errors import ConfigError, RetryableError

_RECORD = ("id", "admin_graphql_api_id", "updated_at")
_OF_ORDER = ("id", "order_id")
_FULFILMENT_ORDER = ("fulfillment_order.id",)

TOPICS: Mapping[str, tuple[str, ...]] = {
    "ORDERS_CREATE": _RECORD,
    "ORDERS_UPDATED": _RECORD,
    "ORDERS_CANCELLED": _RECORD,
    "ORDERS_PAID": _RECORD,
    "ORDERS_EDITED": ("order_edit.order_id",),
    "ORDERS_DELETE": ("id",),
    "DRAFT_ORDERS_CREATE": _RECORD,
    "DRAFT_ORDERS_UPDATE": _RECORD,
    "DRAFT_ORDERS_DELETE": ("id",),
    "REFUNDS_CREATE": _OF_ORDER,
    "ORDER_TRANSACTIONS_CREATE": _OF_ORDER,
    "FULFILLMENT_ORDERS_PLACED_ON_HOLD": _FULFILMENT_ORDER,
    "FULFILLMENT_ORDERS_HOLD_RELEASED": _FULFILMENT_ORDER,
    "FULFILLMENT_ORDERS_CANCELLED": _FULFILMENT_ORDER,
    "FULFILLMENT_ORDERS_MOVED": ("moved_fulfillment_order.id",),
    "COMPANIES_UPDATE": _RECORD,
    "COMPANY_LOCATIONS_UPDATE": _RECORD,
    "INVENTORY_LEVELS_UPDATE": ("inventory_item_id", "updated_at"),
    "INVENTORY_ITEMS_UPDATE": _RECORD,
    "PRODUCTS_UPDATE": _RECORD,
}
"""What the webhook door acts on, and the fields of each body that it reads."""


def subscribe(client: ShopifyClient, address: str) -> list[str]:
    """Subscribes to the topics that do not go to this address yet; answers those that are new. See the port."""
    _check(address)
    there = {
        each.get("topic")
        for page in client.pages(queries.SUBSCRIPTIONS, "webhookSubscriptions", uri=address)
        for each in page
        if isinstance(each, dict) and each.get("uri") == address
    }
    refused: dict[str, str] = {}
    made = []
    for topic in (each for each in TOPICS if each not in there):
        if words := _create(client, topic, address):
            refused[topic] = words
        else:
            made.append(topic)
    if refused:
        told = "; ".join(f"{topic} ({words})" for topic, words in refused.items())
        raise ConfigError(f"the shop subscribed {len(made)} topics and refused {told}; mend that and run it again")
    return made


def _create(client: ShopifyClient, topic: str, address: str) -> str:
    """Subscribes to one topic; the shop's words if it refused."""
    wanted: Json = {"uri": address, "format": "JSON", "includeFields": list(TOPICS[topic])}
    try:
        payload = client.write(queries.SUBSCRIBE, safe=False, topic=topic, subscription=wanted)
    except (GraphQLRefusal, ConfigError) as refusal:
        return str(refusal)
    except UnknownOutcome as unknown:
        raise RetryableError(f"{topic}: {unknown}; run it again, which subscribes to what is missing") from None
    errors = payload.get("userErrors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return str(first.get("message") if isinstance(first, dict) else first)[:300] if first else ""


def _check(address: str) -> None:
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    plain = address.isascii() and address.isprintable() and not ({"@", "?", "#", " "} & set(address))
    if parts.scheme != "https" or not parts.hostname or not plain:
        raise ConfigError("webhooks go to an address that starts with https://, names a host and holds no secret")
