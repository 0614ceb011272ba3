"""A ShipBob account as an ASGI application."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import RootModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..database import Clock, wall_clock
from ..door import Action
from ..floor.book import find_orders, products
from ..floor.door import control_routes
from ..floor.faults import FaultShapes, FaultyCall
from ..floor.limits import SlidingWindow
from ..floor.state import FloorState
from ..serve import dated, two_secrets
from . import orders
from .body import OrderIn, read_body
from .cancelling import cancel
from .simulation import simulate
from .views import centre_level_view, level_view, orders_view, product_view

VERSION = "2026-01"
CALLS, SECONDS = 150, 60
_TABLES = Path(__file__).with_name("tables.sql")


class PacksBody(RootModel[dict[str, dict[str, int]]]):
    """Units by unit code, by SKU."""


def create_app(db_path: Path, api_key: str, control_token: str, clock: Clock = wall_clock) -> Starlette:
    """Open the account kept in the file `db_path` and return it as an application.

    `api_key` is the account's access token, `control_token` opens the staff door; they must differ. An answer carries
    the sandbox's own Date unless its clock is the wall clock, by which the server writes it.
    """
    two_secrets(api_key, control_token)
    state = FloorState(db_path, clock)
    state.add_tables(_TABLES)
    packs: Action = (PacksBody, lambda body: orders.set_packs(state, body.root))
    return Starlette(
        routes=[*Account(state, api_key, clock).routes(), *control_routes(state, control_token, more={"packs": packs})]
    )


class Account:
    """The API of one account: token, limit, fault plan, then the call itself."""

    def __init__(self, state: FloorState, api_key: str, clock: Clock) -> None:
        self._state, self._api_key = state, api_key
        self._window = SlidingWindow(CALLS, SECONDS, clock)
        self._faulty = FaultyCall(FaultShapes(lambda: _too_many(1), lambda: _json({"message": "Internal error"}, 500)))

    def routes(self) -> list[Route]:
        """Return the operations by path."""
        calls: list[tuple[str, str, str, Callable[[Request, bytes], Any]]] = [
            ("POST", "/order", "create-order", self._create),
            ("GET", "/order", "get-orders", self._orders),
            ("GET", "/order/{id:int}", "get-order", self._order),
            ("POST", "/order/{id:int}:cancel", "cancel-order", self._cancel),
            ("GET", "/product", "get-products", self._products),
            ("GET", "/inventory-level", "get-all-inventory-levels", self._levels),
            (
                "GET",
                "/inventory-level/locations",
                "get-all-inventory-levels-grouped-by-fulfillment-center",
                self._centre_levels,
            ),
            ("GET", "/shipment/{id:int}", "get-shipment", self._shipment),
            ("POST", "/simulate/shipment", "simulates-shipment", self._simulate),
        ]
        return [
            Route(f"/{VERSION}{path}", self._endpoint(operation, answer), methods=[method])
            for method, path, operation, answer in calls
        ]

    def _endpoint(self, operation: str, answer: Callable[[Request, bytes], Response]) -> Any:
        async def endpoint(request: Request) -> Response:
            given = request.headers.get("authorization", "")
            if not secrets.compare_digest(given.encode(), f"Bearer {self._api_key}".encode()):
                return dated(_json({"message": "Unauthorized"}, 401), self._state.clock)
            if wait := self._window.take():
                return dated(_too_many(math.ceil(wait)), self._state.clock)
            body = await request.body()
            response = await self._faulty.guarded(self._state, operation, lambda: _answered(answer, request, body))
            response.headers["x-remaining-calls"] = str(self._window.left)
            return dated(response, self._state.clock)

        return endpoint

    def _create(self, request: Request, raw: bytes) -> Response:
        if not request.headers.get("shipbob_channel_id", "").isdigit():
            raise orders.Broken(400, {"shipbob_channel_id": ["The shipbob_channel_id header is required."]})
        body = read_body(raw)
        if not isinstance(body, OrderIn):
            raise orders.Broken(400, body)
        with self._state.transaction():
            made = orders.create_order(self._state, body)
            return _json(orders_view(self._state, [made])[0], 201)

    def _orders(self, request: Request, _raw: bytes) -> Response:
        wanted = dict(request.query_params)
        with self._state.exclusive():
            page, more = orders.list_orders(self._state, wanted)
            response = _json(orders_view(self._state, page))
        if more:
            number = int(wanted.get("Page", "1")) + 1
            response.headers["next-page"] = f"/order?{request.query_params}&Page={number}"
        return response

    def _order(self, request: Request, _raw: bytes) -> Response:
        found = find_orders(self._state, ids=[request.path_params["id"]])
        return _json(orders_view(self._state, found)[0]) if found else _json({"message": "Not found"}, 404)

    def _cancel(self, request: Request, _raw: bytes) -> Response:
        with self._state.transaction():
            found = find_orders(self._state, ids=[request.path_params["id"]])
            return _json(cancel(self._state, found[0])) if found else _json({"message": "Not found"}, 404)

    def _shipment(self, request: Request, _raw: bytes) -> Response:
        for order in orders_view(self._state, find_orders(self._state)):
            for shipment in order["shipments"]:
                if shipment["id"] == request.path_params["id"]:
                    return _json(shipment)
        return _json({"message": "Not found"}, 404)

    def _products(self, request: Request, _raw: bytes) -> Response:
        wanted = dict(request.query_params)
        page = orders.page_of(orders.find_products(self._state, wanted), wanted, "/product")
        return _json({**page, "items": [product_view(each) for each in page["items"]]})

    def _levels(self, request: Request, _raw: bytes) -> Response:
        page = orders.page_of(products(self._state), dict(request.query_params), "/inventory-level")
        return _json({**page, "items": [level_view(each) for each in page["items"]]})

    def _centre_levels(self, request: Request, _raw: bytes) -> Response:
        wanted = dict(request.query_params)
        page = orders.page_of(products(self._state), wanted, "/inventory-level/locations")
        return _json({**page, "items": [centre_level_view(each, wanted.get("LocationId")) for each in page["items"]]})

    def _simulate(self, _request: Request, raw: bytes) -> Response:
        return _json(simulate(self._state, raw))


def _answered(answer: Callable[[Request, bytes], Response], request: Request, body: bytes) -> Response:
    try:
        return answer(request, body)
    except orders.Broken as broken:
        return _json(broken.errors, broken.status)


def _json(content: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(content, status_code=status)


def _too_many(seconds: int) -> Response:
    message = f"Rate limit is exceeded. Try again in {seconds} seconds."
    response = _json({"statusCode": 429, "message": message}, 429)
    response.headers["x-retry-after"] = str(seconds)
    response.headers["x-remaining-calls"] = "0"
    return response
