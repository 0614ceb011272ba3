"""ShipHero's webhooks: https://developer.shiphero.com/webhooks. The topic stands in the body; the answer is prescribed,
and a hook that keeps getting another one is switched off. The message id is not signed, and bodies state no time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from include.fulfilment.webhooks.delivery import (
    NOT_OURS,
    SUBJECTS_AT_MOST,
    Delivery,
    Event,
    Noun,
    Source,
    identity,
    subject_of,
)
from include.fulfilment.webhooks.proofs import HmacBase64

_TOPICS: Mapping[str, Noun] = {
    "inventory update": "stock",
    "inventory change": "stock",
    "order allocated": "shipment",
    "order canceled": "shipment",
    "order deallocated": "shipment",
    "order packed out": "shipment",
    "package added": "shipment",
    "shipment update": "shipment",
}
_NESTED = ("fulfillment", "inventory")


def read(delivery: Delivery) -> Event:
    """The event as its body tells it."""
    content = delivery.content()
    parts = [content, *(part for name in _NESTED for part in _parts(content.get(name)))]
    words = next((found for found in (subject_of(part, "webhook_type") for part in parts) if found), "")
    topic = words.replace("_", " ").lower()  # older accounts send INVENTORY_UPDATE
    noun = _TOPICS.get(topic)
    if noun is None:
        return NOT_OURS
    names = ("sku",) if noun == "stock" else ("order_uuid", "order_id")
    subjects = tuple(sorted({found for part in parts if (found := subject_of(part, *names))}))
    event_id = delivery.headers.get("x-shiphero-message-id") or _moment(delivery)
    return Event(noun, topic, subjects if 0 < len(subjects) <= SUBJECTS_AT_MOST else ("",), identity(event_id))


def _parts(value: Any) -> Sequence[Mapping[str, Any]]:
    many = value if isinstance(value, list) else [value]
    return [each for each in many if isinstance(each, dict)]


def _moment(delivery: Delivery) -> str:
    """Without an id, the same words within a minute are one event."""
    return f"{delivery.digest()}@{delivery.received_at:%Y-%m-%dT%H:%M}"


SOURCE = Source("shiphero", HmacBase64("x-shiphero-hmac-sha256"), read, {"code": "200", "Status": "Success"})
