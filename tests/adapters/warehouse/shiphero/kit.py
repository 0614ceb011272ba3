"""A ShipHero that answers from a script, for what no warehouse would say by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from include.fulfilment.adapters.transport import Transport
from include.fulfilment.adapters.warehouse.shiphero import ShipHeroWarehouse
from include.fulfilment.adapters.warehouse.shiphero.client import ShipHeroClient
from include.fulfilment.adapters.warehouse.shiphero.options import Options, open_session

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
LATE = datetime(2100, 1, 1, tzinfo=UTC)
DATE = {"Date": "Mon, 23 Nov 2026 10:00:00 GMT"}
QUOTA: dict[str, Any] = {"data": {"user_quota": {"credits_remaining": 4004, "max_available": 4004}}}
NOT_ENOUGH = (
    "There are not enough credits to perform the requested operation, which requires {} credits, but there are only "
    "263 left. In {} seconds you will have enough credits to perform the operation"
)


@dataclass
class Script(httpx.BaseTransport):
    """Answers each GraphQL call with the next of `answers`, the last one for ever; every login gives a new token."""

    answers: list[Any]
    sent: list[dict[str, Any]] = field(default_factory=list)
    logins: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.read())
        if request.url.path != "/graphql":
            self.logins.append({"path": request.url.path, **body})
            return httpx.Response(200, json={"access_token": f"token-{len(self.logins)}", "expires_in": 2419200})
        self.sent.append(body)
        self.tokens.append(request.headers["authorization"])
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(200, headers=DATE, json=answer(body) if callable(answer) else answer)


@dataclass
class Account:
    """The adapter on a script, and the seconds it waited."""

    script: Script
    client: ShipHeroClient
    warehouse: ShipHeroWarehouse
    waits: list[float]
    asked: list[int]
    given_back: list[int]


def account(
    *answers: Any,
    login: str = "staff@example.org",
    clock: Callable[[], datetime] = lambda: NOW,
    customer: str = "",
    **options: Any,
) -> Account:
    """An adapter whose remote answers these, in turn."""
    script, waits, asked, given_back = Script(list(answers)), list[float](), list[int](), list[int]()
    transport = Transport(
        "https://shiphero.test",
        system="shiphero",
        connection_id="warehouse_test",
        wire=script,
        sleep=waits.append,
        acquire=asked.append,
    )
    client = ShipHeroClient(transport, open_session(transport, login, "a-password"), given_back.append)
    agreed = Options(warehouse_id="7145", **options)
    return Account(script, client, ShipHeroWarehouse(client, agreed, customer, clock), waits, asked, given_back)


def error(message: str, code: int | None = 3, operation: str = "orders", data: Any = None) -> dict[str, Any]:
    """An answer with one error in it."""
    entry = {"message": message, "operation": operation, "field": "data", "request_id": "65f0a1", "code": code}
    return {"errors": [entry], "data": data}


def page(*nodes: dict[str, Any], after: str = "") -> dict[str, Any]:
    """A connection with these records; `after` is where the next page starts."""
    info = {"hasNextPage": bool(after), "endCursor": after or None}
    return {"pageInfo": info, "edges": [{"node": node} for node in nodes]}


def line(**changes: Any) -> dict[str, Any]:
    """A line of 10 that waits."""
    return {
        "id": "TGluZUl0ZW06NzAx",
        "partner_line_item_id": "16400000000000001",
        "sku": "MUG",
        "quantity": 10,
        "quantity_shipped": 0,
        "quantity_allocated": 0,
        "quantity_pending_fulfillment": 10,
        "backorder_quantity": 0,
        "fulfillment_status": "pending",
        "custom_options": {"units_per_uom": 1, "ordered": 10},
        "tote_picks": [],
    } | changes


def label(number: int, **changes: Any) -> dict[str, Any]:
    """A valid label."""
    return {
        "id": number,
        "status": "valid",
        "carrier": "UPS",
        "tracking_number": f"1Z{number}",
        "tracking_url": f"https://ups.test/{number}",
    } | changes


def shipment(*lines: tuple[int, Any], labels: tuple[dict[str, Any], ...] = (), **changes: Any) -> dict[str, Any]:
    """A shipment of line 701 in (units, label's id)."""
    rows = [{"line_item_id": "701", "quantity": units, "shipping_label_id": where} for units, where in lines]
    return {
        "id": "U2hpcG1lbnQ6NDE5NTIzMDA1",
        "created_date": "2026-11-23T09:00:00",
        "completed": True,
        "warehouse_id": "V2FyZWhvdXNlOjcxNDU=",
        "line_items": page(*rows),
        "shipping_labels": list(labels),
    } | changes


def order(*lines: dict[str, Any], shipments: tuple[dict[str, Any], ...] = (), **changes: Any) -> dict[str, Any]:
    """An order of ours with its lines and shipments, as a reading of changes gives it."""
    return {
        "id": "T3JkZXI6MzEw",
        "order_number": "B2B1042",
        "partner_order_id": "B2B1042",
        "fulfillment_status": "pending",
        "packing_note": "PO number: PO-7\nLeave at gate",
        "holds": {"operator_hold": False},
        "line_items": page(*(lines or (line(),))),
        "shipments": list(shipments),
    } | changes


def changed(*orders: dict[str, Any], after: str = "") -> dict[str, Any]:
    """The answer to a reading of changed orders."""
    return {"data": {"orders": {"request_id": "65f0a1", "complexity": 511, "data": page(*orders, after=after)}}}
