"""A sandbox account for each test: its API, its staff, and a clock that stands still."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from include.fulfilment.sandbox.floor.client import FloorControl
from include.fulfilment.sandbox.mintsoft.app import create_app
from tests.sandbox.asgi import Asgi
from tests.stories.world import START

PASSWORD, CONTROL = "password-of-the-account", "control-token-of-the-account"
URL = "http://mintsoft.test"


class Account:
    """The API with a key, and beside it the staff."""

    def __init__(self, file: Path, **more: Any) -> None:
        self.now = START
        self.file, self.app = file, create_app(file, PASSWORD, CONTROL, lambda: self.now, **more)
        self.http = httpx.Client(base_url=URL, transport=Asgi(self.app))
        self.floor = FloorControl(URL, CONTROL, transport=Asgi(self.app))
        self.http.headers["ms-apikey"] = self.log_in().json()

    def log_in(self, password: str = PASSWORD) -> httpx.Response:
        return self.http.post("/api/Auth", json={"Username": "integration", "Password": password})

    def get(self, path: str, **params: Any) -> Any:
        answer = self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def put(self, **changes: Any) -> Any:
        return self.http.put("/api/Order", json=an_order(**changes)).json()

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def close(self) -> None:
        self.floor.close()
        self.http.close()


def an_order(
    number: str = "B2B1", *, lines: tuple[tuple[str, int], ...] = (("MUG", 4),), **changes: Any
) -> dict[str, Any]:
    items = [
        {"SKU": sku, "Quantity": units, "OrderItemNameValues": [{"Name": "Order line id", "Value": f"L{place}"}]}
        for place, (sku, units) in enumerate(lines, start=1)
    ]
    body = {
        "OrderNumber": number,
        "ExternalOrderReference": number,
        "WarehouseId": 3,
        "CourierService": "NEXT DAY",
        "FirstName": "Ann",
        "Address1": "1 High Street",
        "PostCode": "LS1 1AA",
        "Country": "GB",
        "OrderItems": items,
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not None}
