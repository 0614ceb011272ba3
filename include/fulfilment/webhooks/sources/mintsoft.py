"""Mintsoft's order callbacks ("ConnectActions"): a POST of the order to an address kept on the order, with no signature
and no id that its documentation names. So the address holds a secret, and the call only says: look again."""

from __future__ import annotations

from include.fulfilment.webhooks.delivery import Delivery, Event, Source, subject_of
from include.fulfilment.webhooks.proofs import SecretPath


def read(delivery: Delivery) -> Event:
    """Something happened to the order; the same words within a minute are one event."""
    event_id = f"{delivery.digest()}@{delivery.received_at:%Y-%m-%dT%H:%M}"
    return Event("shipment", "order", (subject_of(delivery.content(), "ID", "OrderNumber"),), event_id)


SOURCE = Source("mintsoft", SecretPath(), read, {"status": "ok"})
