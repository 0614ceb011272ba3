"""A warehouse in process, with a clock that the test moves and a door of one call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from include.fulfilment.sandbox.floor.book import FloorOrder, NewLine, add_order
from include.fulfilment.sandbox.floor.client import FloorControl
from include.fulfilment.sandbox.floor.door import control_routes
from include.fulfilment.sandbox.floor.faults import FaultShapes, FaultyCall
from include.fulfilment.sandbox.floor.state import FloorState
from tests.sandbox.asgi import Asgi

TOKEN = "control-token"
START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Yard:
    """The warehouse with its staff; `POST /order` stores an order of one bolt per call."""

    def __init__(self, path: Path) -> None:
        self.now = START
        self.state = FloorState(path, lambda: self.now)
        self._faulty = FaultyCall(
            FaultShapes(
                lambda: PlainTextResponse("slow down", status_code=429, headers={"Retry-After": "2"}),
                lambda: PlainTextResponse("broken", status_code=503),
            )
        )
        self.app = Starlette(
            routes=[Route("/order", self._order, methods=["POST"]), *control_routes(self.state, TOKEN)]
        )
        self.http = httpx.Client(base_url="http://yard", transport=Asgi(self.app))
        self.staff = FloorControl("http://yard", TOKEN, Asgi(self.app))

    async def _order(self, _request: Request) -> Response:
        return await self._faulty.guarded(self.state, "order", lambda: JSONResponse({"id": self.place("REF").id}))

    def place(self, ref: str, **lines: int) -> FloorOrder:
        """Store an order with units by SKU, whose line keys are the SKUs in lower case."""
        new = [NewLine(sku.lower(), sku, units, {"pack": 1}) for sku, units in (lines or {"BOLT": 1}).items()]
        summary = {"po_number": f"PO {ref}", "instructions": "gate 2", "requested_on": "2026-11-30"}
        return add_order(self.state, ref, new, {"channel": 7}, summary)

    def pass_time(self, seconds: float = 60) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    def close(self) -> None:
        self.staff.close()
        self.http.close()
        self.state.close()
