"""A sandbox shop on a real port, in each version of the API: the adapter meets real HTTP, resets included."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from demo.truth.schemas import versions
from include.fulfilment.adapters.storefront.shopify import ShopifyStorefront
from include.fulfilment.adapters.storefront.shopify.settings import ShopifySettings
from include.fulfilment.adapters.transport import Transport
from include.fulfilment.domain.order import SalesOrder, Variant
from include.fulfilment.sandbox.control import SandboxControl
from include.fulfilment.sandbox.shopify.app import create_app

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SHOP_TOKEN, CONTROL_TOKEN = "shop-token-of-the-test", "control-token-of-the-test"


@dataclass
class Shop:
    """The sandbox, its control door and the adapter under test on it."""

    control: SandboxControl
    storefront: ShopifyStorefront
    transport: Transport
    clock: list[datetime]
    waits: list[float] = field(default_factory=list)

    def orders(self, since: datetime | None = None) -> list[SalesOrder]:
        return [order for page in self.storefront.read_orders(since) for order in page.orders]

    def order(self, name: str) -> SalesOrder:
        return next(each for each in self.orders() if each.name == name)

    def variants(self) -> dict[str, Variant]:
        return {each.sku: each for page in self.storefront.read_variants() for each in page}

    def held(self, name: str) -> dict[str, Any]:
        """The order as the shop itself holds it."""
        found: dict[str, Any] = next(each for each in self.control.state("orders")["orders"] if each["name"] == name)
        return found

    def fault(self, operation: str, kind: str, times: int = 1, after_calls: int = 0) -> None:
        plan = {"operation": operation, "kind": kind, "times": times, "after_calls": after_calls}
        self.control.set_faults([plan])


def line(sku: str | None, quantity: int, price: str = "2.50", title: str = "Mug") -> dict[str, Any]:
    return {"sku": sku, "title": title, "quantity": quantity, "unit_price": price}


def order(name: str, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An order on account as SparkLayer leaves it; `more` replaces what the test is about."""
    return {
        "name": name,
        "created_at": "2026-11-23T09:00:00Z",
        "company": {"name": "Cobalt Gifts"},
        "customer_key": "cobalt",
        "custom_attributes": {"sparkCartId": f"cart-{name.strip('#')}", "sparkPaymentType": "paymentOnAccount"},
        "shipping_line": {"title": "Pallet", "price": "9.95"},
        "tax_rate": "0.2",
        "lines": list(lines) or [line("MUG", 4)],
        **more,
    }


CUSTOMER: dict[str, Any] = {
    "key": "cobalt",
    "name": "Ada Cobalt",
    "metafields": [
        {
            "namespace": "sparklayer",
            "key": "payment_on_account",
            "type": "json",
            "value": {"credit_limit": 5000, "balance": 1200.1, "currency_code": "gbp", "net_terms": 30},
        },
        {"namespace": "fulfilment", "key": "po_required", "type": "boolean", "value": "true"},
    ],
}


@pytest.fixture(params=versions("shopify"))
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    clock = [NOW]
    app = create_app(tmp_path / "shop.sqlite", SHOP_TOKEN, CONTROL_TOKEN, clock=lambda: clock[0])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        while not server.started:
            time.sleep(0.005)
        waits: list[float] = []
        headers = {"X-Shopify-Access-Token": SHOP_TOKEN}
        with (
            SandboxControl(url, CONTROL_TOKEN) as control,
            Transport(
                url, system="shopify", connection_id="storefront_test", headers=headers, sleep=waits.append
            ) as wire,
        ):
            location = control.state("variants")["shop"]["location"]
            control.load(customers=[CUSTOMER])
            settings = ShopifySettings(location_id=location, api_version=request.param)
            storefront = ShopifyStorefront(wire, settings, lambda: clock[0])
            yield Shop(control, storefront, wire, clock, waits)
        server.should_exit = True
        thread.join(timeout=10)
