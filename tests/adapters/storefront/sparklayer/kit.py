"""A sandbox SparkLayer site on a real port: the adapter meets real HTTP, resets included."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from include.fulfilment.adapters.storefront.sparklayer import SparkLayerStorefront
from include.fulfilment.adapters.storefront.sparklayer.client import SparkLayerClient
from include.fulfilment.adapters.storefront.sparklayer.options import Options
from include.fulfilment.adapters.transport import Transport
from include.fulfilment.domain.order import SalesOrder, Variant
from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.sandbox.control import SandboxControl
from include.fulfilment.sandbox.sparklayer.access import CLIENT_ID, SITE_ID
from include.fulfilment.sandbox.sparklayer.app import create_app
from include.fulfilment.settings import Site
from tests.site_files import CREDIT

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SECRET, CONTROL_TOKEN = "client-secret-of-the-test", "control-token-of-the-test"
SKUS = ("MUG", "MUG-12", "PLATE", "TEA")


@dataclass
class Shop:
    """The sandbox, its control door and the adapter under test on it."""

    url: str
    site: Site
    control: SandboxControl
    wire: Transport
    clock: list[datetime]
    waits: list[float] = field(default_factory=list)
    heard: list[tuple[str, str, str]] = field(default_factory=list)

    def client(self, options: Options | None = None, secret: str = SECRET) -> SparkLayerClient:
        """A login of its own."""
        return SparkLayerClient(self.wire, (CLIENT_ID, secret), options or Options())

    def storefront(self, secret: str = SECRET, **options: Any) -> SparkLayerStorefront:
        """A second adapter on the same site, as another worker has."""
        chosen = Options(**options)
        return SparkLayerStorefront(self.client(chosen, secret), chosen, self.site, lambda: self.clock[0], lambda: SKUS)

    def orders(self, since: datetime | None = None, **options: Any) -> list[SalesOrder]:
        return [order for page in self.storefront(**options).read_orders(since) for order in page.orders]

    def order(self, name: str, **options: Any) -> SalesOrder:
        return next(each for each in self.orders(**options) if each.name == name)

    def variants(self) -> dict[str, Variant]:
        return {each.sku: each for page in self.storefront().read_variants() for each in page}

    def held(self, name: str, part: str = "orders") -> dict[str, Any]:
        """The order as the site itself holds it; `purchase` is the API's own record."""
        found: dict[str, Any] = next(each for each in self.control.state(part)[part] if each["name"] == name)
        return found

    def purchase(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.held(name)["purchase"]
        return found

    def put(self, name: str, **changes: Any) -> None:
        """Somebody else writes the purchase, whole, with these fields changed."""
        body = {key: value for key, value in self.purchase(name).items() if not key.startswith("calculated_")} | changes
        body["dates"].pop("calculated_submitted_at", None)
        identifiers = body["purchase_identifiers"]
        self.client().put_purchase(f"sparklayer/{identifiers['sparklayer']}", body)

    def fault(self, operation: str, kind: str, times: int = 1, after_calls: int = 0) -> None:
        plan = {"operation": operation, "kind": kind, "times": times, "after_calls": after_calls}
        self.control.set_faults([plan])

    def post(self, name: str, shipment: str, *lines: tuple[str, int], **more: Any) -> tuple[str, FulfilmentPost]:
        """(platform id, post) of `lines`, by SKU."""
        order = self.order(name)
        ids = {line.sku: line.line_id for line in order.lines}
        counted = tuple((ids[sku], units) for sku, units in lines)
        given = {"carrier": "DPD", "tracking_numbers": (f"T-{shipment}",), "tracking_urls": ()} | more
        return order.platform_id, FulfilmentPost(
            order_id=order.order_id, shipment_id=shipment, location="MAIN", lines=counted, **given
        )


def line(sku: str | None, quantity: int, price: str = "2.50", **attributes: str) -> dict[str, Any]:
    given = {"sku": sku, "title": f"Good old {sku}", "quantity": quantity, "unit_price": price}
    return given | {"custom_attributes": attributes}


def order(name: str, *lines: dict[str, Any], word: str = "paymentOnAccount", **more: Any) -> dict[str, Any]:
    """An order on account in the loader's format; `more` replaces what the test is about."""
    return {
        "name": name,
        "created_at": "2026-11-23T09:00:00Z",
        "company": {"name": "Cobalt Gifts"},
        "customer_key": "cobalt",
        "custom_attributes": {"sparkCartId": f"cart-{name.strip('#')}", "sparkPaymentType": word},
        "note": "PO: PO-4711\nDelivery instructions: Gate B\nRequested delivery date: 2026-11-30",
        "shipping_line": {"title": "Pallet", "price": "9.95"},
        "shipping_address": {
            "first_name": "Ada",
            "last_name": "Cobalt",
            "company": "Cobalt Gifts",
            "address1": "1 High Street",
            "city": "Leeds",
            "zip": "LS1 1AA",
            "country_code": "GB",
        },
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


def site() -> Site:
    """A site on the sandbox."""
    return Site.model_validate(
        {
            "code": "trade",
            "timezone": "Europe/London",
            "storefront": {"dialect": "sparklayer", "location_id": "default"},
            "warehouse": {"code": "main", "dialect": "tryton", "services": {}},
            "credit": CREDIT | {"contains": "placed_orders"},
            "packs": {},
            "release": {"version": "1", "demo": True},
        }
    )


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """The address of an application on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def sparklayer(tmp_path: Path) -> Iterator[Shop]:
    clock = [NOW]
    app = create_app(tmp_path / "site.sqlite", SECRET, CONTROL_TOKEN, clock=lambda: clock[0])
    waits: list[float] = []
    heard: list[tuple[str, str, str]] = []
    with serving(app) as url, SandboxControl(url, CONTROL_TOKEN) as control:
        control.load(customers=[CUSTOMER])
        with Transport(
            url,
            system="sparklayer",
            connection_id="storefront_test",
            headers={"Site-Id": SITE_ID, "User-Agent": "test"},
            sleep=waits.append,
            on_call=lambda *call: heard.append(call),
        ) as wire:
            yield Shop(url, site(), control, wire, clock, waits, heard)
