"""A sandbox shop in process, over ASGI, with a clock that the test moves; and what to load into it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from include.fulfilment.sandbox.control import SandboxControl
from include.fulfilment.sandbox.shopify.app import API_PATH, create_app
from include.fulfilment.sandbox.shopify.throttle import Throttle
from tests.sandbox.asgi import Asgi

SHOP_TOKEN, CONTROL_TOKEN = "shop-token", "control-token"


class Shop:
    """The shop with both of its doors, and its clock."""

    def __init__(self, path: Path, throttle: Throttle | None = None) -> None:
        self.path, self.now = path, datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
        app = create_app(path, SHOP_TOKEN, CONTROL_TOKEN, lambda: self.now, throttle)
        self.http = httpx.Client(base_url="http://shop", transport=Asgi(app))
        self.control = SandboxControl("http://shop", CONTROL_TOKEN, Asgi(app))

    def post(self, document: str, /, token: str = SHOP_TOKEN, **variables: Any) -> httpx.Response:
        body = {"query": document, "variables": variables}
        return self.http.post(API_PATH, json=body, headers={"X-Shopify-Access-Token": token})

    def ask(self, document: str, /, **variables: Any) -> Any:
        answer = self.post(document, **variables).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def order(name: str = "#1042", **changes: Any) -> dict[str, Any]:
    """An order for 2 packs and 10 singles, on account, as the loader takes it."""
    return {
        "name": name,
        "created_at": "2026-11-23T09:30:00Z",
        "customer_key": "C-1",
        "company": {"name": "Hilltop Stores"},
        "note": "PO-77 / leave at gate",
        "custom_attributes": {"sparkCartId": f"cart-{name}", "sparkPaymentType": "paymentOnAccount"},
        "shipping_address": {"first_name": "Ada", "last_name": "Hill", "city": "Hull", "country_code": "GB"},
        "shipping_line": {"title": "Next day", "price": "9.95"},
        "payment_terms": {"net": 30},
        "tax_rate": "0.2",
        "lines": [
            {"sku": "MUG-12", "title": "Mug, case of 12", "quantity": 2, "unit_price": "24.00"},
            {"sku": "MUG", "title": "Mug", "quantity": 10, "unit_price": "2.5"},
        ],
    } | changes


def load_basics(shop: Shop, *orders: dict[str, Any]) -> dict[str, Any]:
    return shop.control.load(
        variants=[
            {
                "sku": "MUG-12",
                "title": "Mug, case of 12",
                "available": 4,
                "metafields": [
                    {"namespace": "sparklayer", "key": "pack_size", "type": "number_integer", "value": "12"}
                ],
            },
            {"sku": "MUG", "title": "Mug", "available": 50},
        ],
        customers=[
            {
                "key": "C-1",
                "name": "Ada Hill",
                "email": "ada@example.org",
                "metafields": [
                    {
                        "namespace": "sparklayer",
                        "key": "payment_on_account",
                        "type": "json",
                        "value": {"credit_limit": "1000", "balance": "250", "currency_code": "GBP", "net_terms": 30},
                    }
                ],
            }
        ],
        orders=list(orders),
    )


def stock_of(shop: Shop) -> dict[str, tuple[int, int, int]]:
    """(available, committed, on hand) by SKU."""
    rows = shop.control.state("variants")["variants"]
    return {row["sku"]: (row["available"], row["committed"], row["on_hand"]) for row in rows}
