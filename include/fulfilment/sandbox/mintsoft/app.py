"""The account as an ASGI application: the key, the fault plan, then the call itself."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from pydantic import StrictStr
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from ..database import Clock, wall_clock
from ..door import Action, Body
from ..floor.door import control_routes
from ..floor.faults import FaultShapes, FaultyCall
from ..floor.staff import find_order
from ..floor.state import FloorState, stored
from ..serve import dated, two_secrets
from .api import Api
from .change import countries

_TABLES = Path(__file__).with_name("tables.sql")
_KEY_LIFE = timedelta(hours=24)
_BUSY = "<!DOCTYPE html><html><head><title>Error 1015</title></head><body>You are being rate limited</body></html>"


class StatusBody(Body):
    """Sets the status of what is open of an order, by any name, also one that the account does not list."""

    ref: StrictStr
    status: StrictStr = ""


class PolicyBody(Body):
    """What happens to a new order that the stock does not cover: it waits whole, or is split at once."""

    policy: Literal["back_order", "split"]


def create_app(
    db_path: Path, api_key: str, control_token: str, clock: Clock = wall_clock, *, unique_numbers: bool = False
) -> Starlette:
    """Open the account kept in the file `db_path` and return it as an application.

    `api_key` is the password of its one user, `control_token` opens the staff door. `unique_numbers` as 3PL accounts
    have it. With a clock of its own it dates its answers by that clock; the server must then not date them as well.
    """
    two_secrets(api_key, control_token)
    state = FloorState(db_path, clock)
    state.add_tables(_TABLES)
    door = _Door(state, api_key)
    api = Api(state, unique_numbers)
    actions: dict[str, Action] = {
        "status": (StatusBody, lambda body: api.mark(find_order(state, body.ref), body.status)),
        "policy": (PolicyBody, lambda body: api.set_policy(body.policy)),
    }
    return Starlette(routes=[*_routes(door, api), *control_routes(state, control_token, more=actions)])


def _routes(door: _Door, api: Api) -> list[Route]:
    def read(path: str, name: str, answer: Callable[[Any], Response]) -> Route:
        return Route(path, door.opened(name, lambda request, _body: answer(request.query_params)), methods=["GET"])

    def one(request: Request, _body: Any) -> Response:
        return api.one(request.path_params["id"], request.path_params.get("what", ""), request.query_params)

    def changed(name: str, path: str, method: str) -> Route:
        def answer(request: Request, body: Any) -> Response:
            return api.changed(request.path_params["id"], method, request.path_params.get("item"), body)

        return Route(path, door.opened(name, answer), methods=[method])

    return [
        Route("/api/Auth", door.log_in, methods=["POST"]),
        Route("/api/Client", lambda _request: Response(status_code=401), methods=["GET"]),
        Route("/api/Order", door.opened("CreateOrder", lambda _request, body: api.create(body)), methods=["PUT"]),
        read("/api/Order/Statuses", "Statuses", api.statuses),
        read("/api/Order/Search", "Search", api.search),
        read("/api/Order/List", "List", api.order_list),
        read("/api/Order/GetOrderId", "GetOrderId", api.order_id),
        read("/api/Product/Inventory/Bulk", "Inventory", api.inventory),
        read("/api/RefData/Countries", "Countries", lambda _query: JSONResponse(countries())),
        changed("UpdateOrder", "/api/Order/{id:int}", "POST"),
        changed("AddOrderItem", "/api/Order/{id:int}/Items", "PUT"),
        changed("UpdateOrderItem", "/api/Order/{id:int}/Items/{item:int}", "POST"),
        changed("DeleteOrderItem", "/api/Order/{id:int}/Items/{item:int}", "DELETE"),
        Route("/api/Order/{id:int}", door.opened("Order", one), methods=["GET"]),
        Route("/api/Order/{id:int}/{what}", door.opened("", one), methods=["GET"]),
    ]


class _Door:
    """Lets in who has a key, and spoils what the fault plan names."""

    def __init__(self, state: FloorState, password: str) -> None:
        self._state, self._password = state, password
        self._faulty = FaultyCall(
            FaultShapes(
                too_many=lambda: HTMLResponse(_BUSY, 429, {"Retry-After": "2"}),
                broken=lambda: JSONResponse({"Message": "An error has occurred."}, 500),
            )
        )

    async def log_in(self, request: Request) -> Response:
        """POST /api/Auth: a bare string that is good for a day; a wrong password gets a 401 without a body."""
        body = _parsed(await request.body())
        response = await self._faulty.guarded(self._state, "Auth", lambda: self._new_key(body))
        return dated(response, self._state.clock)

    def opened(self, name: str, answer: Callable[[Request, Any], Response]) -> Callable[[Request], Any]:
        """An endpoint that wants a key; without a name it is counted under the last word of its path."""

        async def endpoint(request: Request) -> Response:
            if not await run_in_threadpool(self._knows, request.headers.get("ms-apikey", "")):
                return dated(Response(status_code=401), self._state.clock)
            body = _parsed(await request.body())
            called = name or str(request.path_params["what"])
            response = await self._faulty.guarded(self._state, called, lambda: answer(request, body))
            return dated(response, self._state.clock)

        return endpoint

    def _new_key(self, body: Any) -> Response:
        given = body if isinstance(body, dict) else {}
        password = str(given.get("Password", ""))
        if not given.get("Username") or not secrets.compare_digest(password.encode(), self._password.encode()):
            return Response(status_code=401)
        key = str(uuid4())
        self._state.insert("api_key", value=key, expires_at=stored(self._state.now() + _KEY_LIFE))
        return JSONResponse(key)

    def _knows(self, key: str) -> bool:
        row = self._state.one("SELECT expires_at FROM api_key WHERE value = ?", key)
        return row is not None and row["expires_at"] > stored(self._state.now())


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except (ValueError, RecursionError):
        return None
