"""The adapter on a sandbox account, or on answers made by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import httpx

from include.fulfilment.adapters.transport import Transport
from include.fulfilment.adapters.warehouse.shipbob import Options, ShipBobWarehouse
from include.fulfilment.domain.order import Address
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from tests.sandbox.shipbob.account import HEADERS, Account

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATE = datetime(2100, 1, 1, tzinfo=UTC)
DATE = "Mon, 23 Nov 2026 11:59:30 GMT"
LINE_1, LINE_2 = "16400000000000001", "gid://shopify/LineItem/7"
SHOP = Address("Ann Quill", "Corner Shop", "17 Mercer Lane", "Unit 2", "Leeds", "W Yorks", "LS1 1AA", "GB", "0113 496")
ORDER = WarehouseOrder(
    external_ref="B2B1042",
    order_id="order-1",
    order_name="#1042",
    revision=1,
    part=1,
    po_number="PO-77",
    instructions="",
    requested_on=date(2026, 11, 26),
    shipping_service="B2B",
    ship_to=SHOP,
    lines=(
        WarehouseOrderLine(LINE_1, "MUG", 24, "Blue mug", "", "CASE", 12),
        WarehouseOrderLine(LINE_2, "LAMP", 5, "", ""),
    ),
)


def of(*lines: tuple[str, str, int], **changes: Any) -> WarehouseOrder:
    """The order with other lines: (line id, SKU, units)."""
    made = tuple(WarehouseOrderLine(line_id, sku, units, f"Title of {sku}", "") for line_id, sku, units in lines)
    return replace(ORDER, **({"lines": made} if lines else {}), **changes)


def warehouse(
    wire: httpx.BaseTransport,
    sleep: Callable[[float], None] = lambda _: None,
    clock: Callable[[], datetime] = lambda: NOW,
    **options: Any,
) -> ShipBobWarehouse:
    transport = Transport(
        "http://127.0.0.1/2026-01",
        system="shipbob",
        connection_id="warehouse_test",
        headers=HEADERS,
        sleep=sleep,
        wire=wire,
    )
    return ShipBobWarehouse(transport, Options.model_validate(options), clock)


def on(account: Account, **options: Any) -> ShipBobWarehouse:
    return warehouse(account.ear, **options)


class FakeShipBob(httpx.BaseTransport):
    """Answers by `METHOD /path`: a value, a list of (status, value) in turn, or a function of the request."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {"GET /product": {"items": []}, **answers}
        self.calls: list[tuple[str, dict[str, str]]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        key = f"{request.method} {request.url.path.removeprefix('/2026-01')}"
        self.calls.append((key, dict(request.url.params)))
        answer = self.answers[key]
        status = 200
        if callable(answer):
            answer = answer(request)
        elif isinstance(answer, Replies):
            status, answer, more = answer.next()
            return httpx.Response(status, json=answer, headers={"Date": DATE, **more})
        return httpx.Response(status, json=answer, headers={"Date": DATE})


class Replies:
    """Answers in turn: (status, body) or (status, body, headers)."""

    def __init__(self, *replies: Sequence[Any]) -> None:
        self._left = list(replies)

    def next(self) -> tuple[int, Any, Mapping[str, str]]:
        status, body, *more = self._left.pop(0)
        return status, body, more[0] if more else {}


def shipbob(**answers: Any) -> FakeShipBob:
    """`get_order=…` answers GET /order."""
    return FakeShipBob(**{_key(name): answer for name, answer in answers.items()})


def _key(name: str) -> str:
    method, _, path = name.partition("_")
    return f"{method.upper()} /{path.replace('_', '-')}"


def held(status: str = "Processing", *shipments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """ORDER as ShipBob tells it, sent in singles: 24 mugs and 5 lamps."""
    return {
        "id": 501,
        "reference_id": "B2B1042",
        "status": status,
        "products": [
            {
                "id": 1,
                "reference_id": "MUG",
                "quantity": 24,
                "quantity_unit_of_measure_code": "EA",
                "external_line_id": 1,
            },
            {
                "id": 2,
                "reference_id": "LAMP",
                "quantity": 5,
                "quantity_unit_of_measure_code": "EA",
                "external_line_id": 2,
            },
        ],
        "tags": [{"name": "line-1", "value": LINE_1}, {"name": "line-2", "value": LINE_2}],
        "retailer_program_data": {"purchase_order_number": "PO-77"},
        "shipments": list(shipments),
    } | changes


def shipment(number: int, status: str, *goods: tuple[str, int], **changes: Any) -> dict[str, Any]:
    """A shipment of (SKU, single units)."""
    products = [{"reference_id": sku, "inventory_items": [{"id": len(sku), "quantity": units}]} for sku, units in goods]
    gone = {"tracking": {"carrier": "DPD", "tracking_number": f"T{number}", "shipping_date": "2026-11-23T09:30:00Z"}}
    told = gone if status == "Completed" else {}
    return {"id": number, "status": status, "location": {"id": 8}, "products": products, **told} | changes


def sent_body(account: Account) -> Any:
    """The body of the last create."""
    return json.loads([request for request, _ in account.ear.heard if request.method == "POST"][-1].content)
