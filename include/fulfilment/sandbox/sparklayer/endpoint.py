"""The site's API over HTTP: token, fault plan, then the call itself; refusals as problem details."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..faults import Fault
from ..floor.faults import KINDS as COMMON_KINDS
from ..floor.faults import FaultShapes, FaultyCall
from . import customers, purchases, stock
from .access import Access
from .problems import ApiRefusal, problem
from .state import Json, SiteState

KINDS = (*COMMON_KINDS, "401", "conflict", "conflict_bare")
"""`conflict` is the 409 of a concurrent update, `conflict_bare` the same without a body; neither carries anything out.
Whether other 409s have a body is as little documented as what is in these two."""


class _Faulty(FaultyCall):
    """The faults that SparkLayer has besides those of every sandbox."""

    async def _before(self, fault: Fault | None) -> Response | None:
        match fault.kind if fault else "":
            case "401":
                return problem(401, "the access token is missing, wrong or expired")
            case "conflict":
                return problem(409, "a concurrent update is in progress, try again")
            case "conflict_bare":
                return Response(status_code=409)
        return await super()._before(fault)


def _too_many() -> Response:
    answer = problem(429, "too many requests")
    answer.headers["Retry-After"] = "2"
    return answer


class Endpoint:
    """Answers the API's calls."""

    def __init__(self, state: SiteState, client_secret: str) -> None:
        self._state = state
        self._access = Access(state, client_secret)
        self._calls = _Faulty(FaultShapes(too_many=_too_many, broken=lambda: Response(status_code=502)))

    def routes(self) -> list[Route]:
        """Return the routes of the API, by their operation's name in the documentation."""
        one = "/api/v1/purchases/{lookup}/{identifier:path}"
        return [
            Route("/api/auth/token", self._token, methods=["POST"]),
            self._route("GET", "/api/v1/purchases", "getPurchases", lambda path, query, body: self._list(query)),
            self._route("GET", one, "getPurchase", lambda path, query, body: self._get(path)),
            self._route("PUT", one, "createUpdatePurchase", lambda path, query, body: self._put(path, body)),
            self._route(
                "POST", "/api/v1/batch-update-stock", "updateBatchStock", lambda path, query, body: self._update(body)
            ),
            self._route(
                "POST", "/api/v1/batch-fetch-stock", "getBatchStock", lambda path, query, body: self._fetch(body)
            ),
            self._route("GET", "/api/v1/stock-locations", "getStockLocations", lambda *_: stock.locations(self._state)),
            self._route(
                "GET",
                "/api/v2/customers/{lookup}/{identifier:path}",
                "getCustomer",
                lambda path, query, body: customers.read(self._state, path["lookup"], path["identifier"]),
            ),
        ]

    def _route(self, method: str, path: str, operation: str, run: Callable[[Any, Any, Any], Json]) -> Route:
        async def handle(request: Request) -> Response:
            raw = await request.body()

            def answer() -> Response:
                self._access.check(request.headers)
                given = _read(request, raw) if method in ("POST", "PUT") else None
                made = run(request.path_params, dict(request.query_params), given)
                return Response(status_code=204) if made is None else JSONResponse(made)

            return await self._calls.guarded(self._state, operation, lambda: self._answered(answer))

        return Route(path, handle, methods=[method])

    async def _token(self, request: Request) -> Response:
        raw = await request.body()
        return await self._calls.guarded(
            self._state,
            "getAccessToken",
            lambda: self._answered(lambda: JSONResponse(self._access.token(request.headers, raw))),
        )

    def _answered(self, answer: Callable[[], Response]) -> Response:
        try:
            with self._state.transaction():
                return answer()
        except ApiRefusal as refused:
            return refused.response()

    def _list(self, query: dict[str, str]) -> Json:
        return purchases.listed(self._state, query)

    def _get(self, path: dict[str, str]) -> Json:
        return purchases.read(self._state, path["lookup"], path["identifier"])

    def _put(self, path: dict[str, str], body: Json) -> Json:
        return purchases.replace(self._state, path["lookup"], path["identifier"], body)

    def _update(self, body: Json) -> Json:
        stock.update(self._state, body)

    def _fetch(self, body: Json) -> Json:
        return stock.fetch(self._state, body)


def _read(request: Request, raw: bytes) -> Json:
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise ApiRefusal(400, "the body must be JSON")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise ApiRefusal(400, "the body is not JSON") from None
