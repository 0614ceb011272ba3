"""A shop that answers from a script: what a sandbox does not do on its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from include.fulfilment.adapters.storefront.shopify import ShopifyStorefront
from include.fulfilment.adapters.storefront.shopify.settings import ShopifySettings
from include.fulfilment.adapters.transport import Transport

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TOKEN = "shpat_token-of-the-test"
SHOP = "https://shop.example"


class Script(httpx.BaseTransport):
    """Answers each operation from its own list, the last entry for ever; `GET` stands for every file. An entry is the
    operation's data, a response, or an exception."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers, self.requests = answers, list[tuple[str, httpx.Request]]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        name = "GET" if request.method == "GET" else json.loads(request.read())["operationName"]
        self.requests.append((name, request))
        waiting = self.answers[name]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json={"data": answer})

    def called(self) -> list[str]:
        return [name for name, _ in self.requests]

    def sent(self, name: str) -> list[Any]:
        """The variables of each call of an operation."""
        return [json.loads(request.content)["variables"] for each, request in self.requests if each == name]


@contextmanager
def scripted(script: Script, waits: list[float] | None = None) -> Iterator[ShopifyStorefront]:
    """The adapter on that shop, its location being 7 and its clock standing at `NOW`."""
    remote = Transport(
        SHOP,
        system="shopify",
        connection_id="storefront_test",
        headers={"X-Shopify-Access-Token": TOKEN},
        wire=script,
        sleep=(waits if waits is not None else []).append,
    )
    with remote:
        yield ShopifyStorefront(remote, ShopifySettings(location_id="7"), lambda: NOW)
