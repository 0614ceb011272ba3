"""Webhooks on their way through the product's own door, which runs here without a network."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets

import httpx

from demo.prove.clock import ScheduleClock
from demo.prove.plan import Flow
from include.fulfilment.store.inbox import PostgresInbox
from include.fulfilment.webhooks.app import Endpoint, create_door
from include.fulfilment.webhooks.sources import SOURCES

_TOPICS: dict[Flow, str] = {"release": "orders/updated", "stock": "inventory_levels/update"}


class Hooks:
    """The shop and the warehouse of one site as senders; they are proven by a secret that is made here."""

    def __init__(self, store_url: str, site: str, clock: ScheduleClock) -> None:
        self._secret, self._clock = secrets.token_urlsafe(32), clock
        self._put = PostgresInbox(store_url).put
        self._shop = Endpoint(SOURCES["shopify"], site, "", (self._secret,))
        self._floor = Endpoint(SOURCES["mintsoft"], site, "main", (self._secret,))

    def deliver(self, flow: Flow, event: str) -> bool:
        """Send the event that starts this flow, each time under another delivery id; whether the door took it."""
        if flow == "shipments":
            body, where = json.dumps({"OrderNumber": event}), f"{self._floor.name}/{self._secret}"
            return self._posted(where, body.encode(), {})
        written = {"id": event, "inventory_item_id": event, "admin_graphql_api_id": event, "updated_at": event}
        body = json.dumps(written)
        signed = base64.b64encode(hmac.digest(self._secret.encode(), body.encode(), hashlib.sha256)).decode()
        headers = {"X-Shopify-Topic": _TOPICS[flow], "X-Shopify-Event-Id": event, "X-Shopify-Hmac-Sha256": signed}
        headers["X-Shopify-Webhook-Id"] = secrets.token_hex(8)
        return self._posted(self._shop.name, body.encode(), headers)

    def _posted(self, where: str, body: bytes, headers: dict[str, str]) -> bool:
        door = create_door([self._shop, self._floor], self._put, self._clock)

        async def post() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://door") as client:
                return await client.post(f"/webhooks/{where}", content=body, headers=headers)

        return asyncio.run(post()).is_success
