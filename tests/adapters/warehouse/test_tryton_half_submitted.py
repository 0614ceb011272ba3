"""Sales whose submission broke off, or that somebody else pressed or cancelled in between; no server is needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from include.fulfilment.adapters.transport import Transport
from include.fulfilment.adapters.warehouse.tryton import TrytonWarehouse
from include.fulfilment.domain.order import Address
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.ports import Absent, AlreadyExists, Created, Rejected, Unknown, WarehouseRecord, WarehouseStatus

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LATE = datetime(2100, 1, 1, tzinfo=UTC)
ORDER = WarehouseOrder(
    "B2B1", "o", "#1", 1, 1, "", "", None, "", Address(), (WarehouseOrderLine("L1", "P1", 1, "", ""),)
)
BUTTONS = {
    "quote": (("draft",), "quotation"),
    "confirm": (("quotation",), "processing"),
    "draft": (("quotation", "confirmed", "cancelled"), "draft"),
    "cancel": (("draft", "quotation"), "cancelled"),
}


class Sales(httpx.BaseTransport):
    """Tryton's sales with their buttons. `before` runs once before a call, `refuses` names buttons that never work,
    `calls` lists what changed something."""

    def __init__(self, *states: str) -> None:
        self.states = dict(enumerate(states, start=1))
        self.calls: list[str] = []
        self.before: dict[str, Callable[[], None]] = {}
        self.refuses: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        model, *rest = request.url.path.removeprefix("/warehouse/rest/model/").split("/")
        operation = rest[-1] if request.method == "POST" else "delete"
        self.before.pop(operation, lambda: None)()
        if operation in {"search_read", "get_preferences"}:
            return httpx.Response(200, json=self._read(model, json.loads(request.content)))
        self.calls.append(operation)
        return self._change(operation, int(rest[0]) if rest[0].isdigit() else 0)

    def _read(self, model: str, body: dict[str, Any]) -> Any:
        if model == "sale.sale":
            sales = [self._sale(number) for number in self.states]
            (field, _, value), *more = body["domain"]
            named = [each for each in sales if field == "description" or each["id"] == value]
            return [each for each in named if not more or each["state"] != "cancelled"]
        line = {"id": 7, "sale": max(self.states, default=0), "note": "L1", "quantity": 1.0}
        return {
            "res.user": {"company": 1},
            "sale.line": [line],
            "stock.move": [],
            "party.address": [{"id": 2, "party": 3}],
            "product.product": [{"id": 4, "code": "P1", "template.": {"default_uom": 1}}],
        }[model]

    def _sale(self, number: int) -> dict[str, Any]:
        texts = {"description": "B2B1", "reference": "", "comment": "Service: \n", "shipment_state": "none"}
        return {"id": number, "state": self.states[number], **texts}

    def _change(self, operation: str, number: int) -> httpx.Response:
        if operation == "create":
            self.states[max(self.states, default=0) + 1] = "draft"
            return httpx.Response(200, json=[max(self.states)])
        held = self.states.get(number, "deleted")
        if operation in self.refuses:
            return httpx.Response(400, json={"message": f"{operation} is not allowed"})
        if operation == "delete" and held in {"draft", "cancelled"}:
            del self.states[number]
            return httpx.Response(200, json=None)
        allowed, becomes = BUTTONS.get(operation, ((), ""))
        if held not in allowed:
            return httpx.Response(400, json={"message": f"{operation} is not allowed"})
        self.states[number] = becomes
        return httpx.Response(200, json=None)


def warehouse(wire: Sales) -> TrytonWarehouse:
    transport = Transport(
        "http://127.0.0.1/warehouse/rest",
        system="tryton",
        connection_id="warehouse_test",
        wire=wire,
        sleep=lambda _: None,
    )
    return TrytonWarehouse(transport, lambda: NOW)


@pytest.mark.parametrize("state", ["draft", "quotation", "cancelled"])
def test_find_presses_nothing_and_an_order_that_the_staff_cannot_ship_yet_is_absent(state: str) -> None:
    wire = Sales(state)
    assert warehouse(wire).find(["B2B1"]) == {"B2B1": Absent()}
    assert (wire.calls, wire.states) == ([], {1: state})


@pytest.mark.parametrize("state", ["confirmed", "processing"])
def test_find_tells_a_submitted_order(state: str) -> None:
    wire = Sales(state)
    found = warehouse(wire).find(["B2B1"])["B2B1"]
    assert isinstance(found, WarehouseRecord)
    assert (found.status, wire.calls) == (WarehouseStatus.RECEIVED, [])


@pytest.mark.parametrize(("state", "pressed"), [("draft", ["quote", "confirm"]), ("quotation", ["confirm"])])
def test_submit_finishes_a_half_submitted_order(state: str, pressed: list[str]) -> None:
    wire = Sales(state)
    assert warehouse(wire).submit(ORDER, LATE) == AlreadyExists("1")
    assert (wire.calls, wire.states) == (pressed, {1: "processing"})


@pytest.mark.parametrize(("button", "meanwhile"), [("quote", "quotation"), ("confirm", "processing")])
def test_a_button_that_somebody_else_pressed_first_is_no_refusal(button: str, meanwhile: str) -> None:
    wire = Sales()
    wire.before[button] = lambda: wire.states.update({1: meanwhile})
    assert warehouse(wire).submit(ORDER, LATE) == Created("1")
    assert (wire.states, "delete" in wire.calls) == ({1: "processing"}, False)


def test_a_sale_that_the_staff_cancelled_before_it_was_confirmed_is_unknown_and_stays() -> None:
    wire = Sales()
    wire.before["confirm"] = lambda: wire.states.update({1: "cancelled"})
    assert warehouse(wire).submit(ORDER, LATE) == Unknown("sale 1 was cancelled before it was confirmed")
    assert wire.states == {1: "cancelled"}


@pytest.mark.parametrize("button", ["quote", "confirm"])
def test_what_is_refused_is_taken_away_without_a_cancelled_sale_in_between(button: str) -> None:
    wire = Sales()
    wire.refuses = {button}
    answer = warehouse(wire).submit(ORDER, LATE)
    assert answer == Rejected("refused_by_warehouse", f"{button} is not allowed")
    assert (wire.states, "cancel" in wire.calls) == ({}, False)


def test_a_refused_order_that_could_not_be_taken_away_is_refused_again_by_the_next_submit() -> None:
    wire = Sales()
    wire.refuses = {"confirm", "delete"}
    assert isinstance(warehouse(wire).submit(ORDER, LATE), Unknown)
    assert wire.states == {1: "draft"}
    wire.refuses = {"confirm"}
    assert isinstance(warehouse(wire).submit(ORDER, LATE), Rejected)
    assert wire.states == {}


def test_a_cancelled_leftover_does_not_count_as_delivered() -> None:
    wire = Sales("cancelled")
    assert warehouse(wire).submit(ORDER, LATE) == Created("2")
    assert wire.states == {1: "cancelled", 2: "processing"}
