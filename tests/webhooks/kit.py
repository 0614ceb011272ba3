"""Senders as the real systems are: they sign what they send."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from include.fulfilment.store.inbox import Hint
from include.fulfilment.webhooks.app import Endpoint, create_door
from include.fulfilment.webhooks.limits import Limits
from include.fulfilment.webhooks.sources import SOURCES

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SHOP_SECRET, OLD_SHOP_SECRET = "shop-secret-of-the-test", "older-shop-secret-of-the-test"
HERO_SECRET = "hero-secret-of-the-test"
BOB_SECRET = "whsec_" + base64.b64encode(b"bob-secret-of-the-test-24").decode()
PATH_SECRET = "path-secret-of-the-test-0123456789abcdef"
ENDPOINTS = [
    Endpoint(SOURCES["shopify"], "demo", "", (SHOP_SECRET, OLD_SHOP_SECRET)),
    Endpoint(SOURCES["shiphero"], "demo", "main", (HERO_SECRET,)),
    Endpoint(SOURCES["shipbob"], "demo", "bob", (BOB_SECRET,)),
    Endpoint(SOURCES["mintsoft"], "demo", "mint", (PATH_SECRET,)),
]
SHOP, HERO, BOB, MINT = (f"/webhooks/{endpoint.name}" for endpoint in ENDPOINTS)
SHOPIFY_ORDER = {"id": 1, "admin_graphql_api_id": "gid://shopify/Order/1", "updated_at": "2026-11-23T09:59:58Z"}


def body_of(content: Any) -> bytes:
    return content if isinstance(content, bytes) else json.dumps(content).encode()


def signature(secret: bytes, signed: bytes) -> str:
    return base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def shopify(content: Any, secret: str = SHOP_SECRET, topic: str = "orders/updated", **headers: str) -> dict[str, Any]:
    body = body_of(content)
    given = {"X-Shopify-Topic": topic, "X-Shopify-Event-Id": "event-1", "X-Shopify-Webhook-Id": "delivery-1"}
    given["X-Shopify-Hmac-Sha256"] = signature(secret.encode(), body)
    return {"content": body, "headers": given | {name.replace("_", "-"): value for name, value in headers.items()}}


def shiphero(content: Any, secret: str = HERO_SECRET, message: str = "message-1") -> dict[str, Any]:
    body = body_of(content)
    given = {"X-Shiphero-Hmac-Sha256": signature(secret.encode(), body)}
    return {"content": body, "headers": given | ({"X-Shiphero-Message-ID": message} if message else {})}


def shipbob(
    content: Any, topic: str = "order.shipped", at: datetime = NOW, secrets: Sequence[str] = (BOB_SECRET,)
) -> dict[str, Any]:
    body, instant = body_of(content), str(int(at.timestamp()))
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    signatures = " ".join(f"v1,{signature(key, f'msg_1.{instant}.'.encode() + body)}" for key in keys)
    given = {"webhook-id": "msg_1", "webhook-timestamp": instant, "webhook-signature": signatures}
    return {"content": body, "headers": given | {"x-webhook-topic": topic}}


class Visit:
    """A door without a network, and the hints that it kept."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.kept: list[Hint] = []
        self.now = NOW
        self.seconds = 0.0
        self.fault: Exception | None = None
        self.before_put: Callable[[], object] = lambda: None
        self.app = create_door(ENDPOINTS, self.put, lambda: self.now, limits or Limits(), lambda: self.seconds)

    def put(self, hints: Sequence[Hint]) -> int:
        self.before_put()
        if self.fault:
            raise self.fault
        self.kept += hints
        return len(hints)

    async def post(self, path: str, host: str = "203.0.113.7", **request: Any) -> httpx.Response:
        request["headers"] = {name: value.encode("latin-1") for name, value in request.get("headers", {}).items()}
        transport = httpx.ASGITransport(self.app, client=(host, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
            return await client.post(path, **request)
