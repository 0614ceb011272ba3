"""A sandbox account in process, over ASGI, with a clock that the test moves, its staff, and an ear on its API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from include.fulfilment.sandbox.floor.client import FloorControl
from include.fulfilment.sandbox.shipbob.app import create_app
from tests.sandbox.asgi import Asgi

TOKEN, CONTROL_TOKEN, CHANNEL = "shipbob-token", "control-token", "100001"
HEADERS = {"Authorization": f"Bearer {TOKEN}", "shipbob_channel_id": CHANNEL}


class Ear(httpx.BaseTransport):
    """Passes calls on and keeps them with their answers."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.heard: list[tuple[httpx.Request, httpx.Response]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        response = self._inner.handle_request(request)
        response.read()
        self.heard.append((request, response))
        return response


class Account:
    """The account with both of its doors, and its clock."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
        app = create_app(folder / "shipbob.sqlite", TOKEN, CONTROL_TOKEN, lambda: self.now)
        self.ear = Ear(Asgi(app))
        self.http = httpx.Client(base_url="http://127.0.0.1/2026-01", transport=self.ear, headers=HEADERS)
        self.floor = FloorControl("http://127.0.0.1", CONTROL_TOKEN, Asgi(app))

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def create(self, **changes: Any) -> httpx.Response:
        return self.http.post("/order", json=order(**changes))

    def order(self, reference: str) -> Any:
        (found,) = self.http.get("/order", params={"ReferenceIds": reference}).json()
        return found


def order(**changes: Any) -> dict[str, Any]:
    """A B2B order for 3 mugs and 2 lamps, as the documentation has it."""
    return {
        "reference_id": "B2B1042",
        "order_number": "#1042",
        "type": "B2B",
        "shipping_method": "B2B",
        "shipping_terms": {"carrier_type": "Parcel", "payment_term": "Prepaid"},
        "recipient": {"name": "Ann Quill", "address": {"address1": "1 Mercer Lane", "city": "Leeds", "country": "GB"}},
        "retailer_program_data": {"retailer_program_type": "SB-B2B", "purchase_order_number": "PO-77"},
        "products": [
            {"reference_id": "MUG", "name": "Mug", "quantity": 3, "external_line_id": 1},
            {"reference_id": "LAMP", "name": "Lamp", "quantity": 2, "external_line_id": 2},
        ],
    } | changes
