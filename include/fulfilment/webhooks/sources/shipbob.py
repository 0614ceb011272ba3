"""ShipBob's webhooks: https://developer.shipbob.com/webhooks, signed as Standard Webhooks say. The topic's header is
not signed; the dated API sends `order.shipped`, the older one `order_shipped`. There is no topic about stock."""

from __future__ import annotations

from include.fulfilment.webhooks.delivery import NOT_OURS, Delivery, Event, Source, identity, subject_of
from include.fulfilment.webhooks.proofs import StandardWebhooks

_BEGINNINGS = ("order.", "shipment.")


def read(delivery: Delivery) -> Event:
    """The event as its headers and body tell it."""
    headers = delivery.headers
    topic = (headers.get("x-webhook-topic") or headers.get("shipbob-topic") or "").lower().replace("_", ".")
    if not topic.startswith(_BEGINNINGS):
        return NOT_OURS
    subject = subject_of(delivery.content(), "order_id", "orderId", "id")
    return Event("shipment", identity(topic), (subject,), identity(headers["webhook-id"]))


SOURCE = Source("shipbob", StandardWebhooks(), read, {"status": "ok"})
