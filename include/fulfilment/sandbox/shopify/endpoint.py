"""The GraphQL door of the shop: token, fault plan, limit, then the query itself; errors as Shopify gives them."""

from __future__ import annotations

import asyncio
import secrets
from functools import lru_cache
from typing import Any

from ariadne import graphql_sync
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    validate,
)
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..faults import Fault, ResetResponse, count_call
from . import bulk
from .state import ShopState
from .throttle import Meter, actual_cost, requested_cost

_THROTTLED = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}


class Endpoint:
    """Answers POST /admin/api/<version>/graphql.json."""

    def __init__(self, schema: GraphQLSchema, state: ShopState, meter: Meter, token: str) -> None:
        self._schema, self._state, self._meter, self._token = schema, state, meter, token

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        given = request.headers.get("x-shopify-access-token", "")
        if not secrets.compare_digest(given.encode(), self._token.encode()):
            text = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return JSONResponse({"errors": text}, status_code=401)
        call = await _read(request)
        if isinstance(call, Response):
            return call
        fault = await run_in_threadpool(count_call, self._state, call.operations)
        spoiled = await _before(fault, self._meter)
        if spoiled is not None:
            return spoiled
        answer = await run_in_threadpool(self._answer, call, str(request.base_url))
        return _after(fault) or JSONResponse(answer)

    async def file(self, request: Request) -> Response:
        """Answer GET /bulk/<name>: the file of a bulk operation, for whoever has its address. In truth it is on another
        company's host, so a request that brings the shop's token there is refused."""
        fault = await run_in_threadpool(count_call, self._state, ["bulkFile"])
        spoiled = await _before(fault, self._meter)
        if spoiled is not None:
            return spoiled
        if "x-shopify-access-token" in request.headers or "authorization" in request.headers:
            return Response("<Error><Code>ExcessHeaderValues</Code></Error>", 400, media_type="application/xml")
        text = await run_in_threadpool(bulk.file_text, self._state, request.path_params["name"])
        if text is None:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, media_type="application/xml")
        return _after(fault) or Response(text, media_type="application/jsonl")

    def _answer(self, call: _Call, base_url: str) -> dict[str, Any]:
        with self._state.exclusive():
            asked = requested_cost(call.document, call.operation, call.variables)
            if asked > self._meter.dearest:
                return _too_dear(asked, self._meter)
            if not self._meter.take(asked):
                return {"errors": [_THROTTLED], "extensions": {"cost": self._meter.report(asked, None)}}
            _, answer = graphql_sync(
                self._schema,
                call.payload,
                context_value=self._state,
                root_value=base_url,
                query_document=call.document,
                query_validator=lambda schema, *_, **__: _judged(schema, call.payload["query"]),
                introspection=True,
            )
            cost = min(asked, actual_cost(answer.get("data"), mutation=call.operation.operation.value == "mutation"))
            self._meter.give_back(asked - cost)
            return answer | {"extensions": {"cost": self._meter.report(asked, cost)}}


def _too_dear(asked: int, meter: Meter) -> dict[str, Any]:
    text = f"Query cost is {asked}, which exceeds the single query max cost limit ({meter.dearest})."
    error = {"message": text, "extensions": {"code": "MAX_COST_EXCEEDED", "cost": asked, "maxCost": meter.dearest}}
    return {"errors": [error], "extensions": {"cost": meter.report(asked, None)}}


class _Call:
    """A request that could be read: its document and the one operation in it that shall run."""

    def __init__(self, payload: dict[str, Any], document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self.payload, self.document, self.operation = payload, document, operation
        self.variables: dict[str, Any] = payload.get("variables") or {}
        selections = operation.selection_set.selections
        names = (node.name.value for node in selections if isinstance(node, FieldNode))
        self.operations = list(dict.fromkeys(names))  # one request, however often it asks for the same


async def _read(request: Request) -> _Call | Response:
    try:
        payload = await request.json()
    except (ValueError, RecursionError):
        return JSONResponse({"errors": "the request body is not JSON"}, status_code=400)
    if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
        return JSONResponse({"errors": {"query": "Required parameter missing or invalid"}}, status_code=400)
    if not isinstance(payload.get("variables") or {}, dict):
        return JSONResponse({"errors": {"variables": "must be an object"}}, status_code=400)
    try:
        document = _parsed(payload["query"])
    except (GraphQLSyntaxError, RecursionError) as error:
        return JSONResponse({"errors": [{"message": str(error), "extensions": {"code": "syntaxError"}}]})
    wanted = payload.get("operationName")
    found = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    named = [node for node in found if wanted is None or (node.name and node.name.value == wanted)]
    if len(named) != 1:
        return JSONResponse(
            {"errors": [{"message": f"{len(named)} operations match operationName {wanted!r}, one must"}]}
        )
    return _Call(payload, document, named[0])


@lru_cache(maxsize=256)
def _parsed(text: str) -> DocumentNode:
    return parse(text)


# Judging a document against the schema takes longer than most answers, and clients send the same ones.
@lru_cache(maxsize=256)
def _judged(schema: GraphQLSchema, text: str) -> list[GraphQLError]:
    return validate(schema, _parsed(text))


async def _before(fault: Fault | None, meter: Meter) -> Response | None:
    kind = fault.kind if fault else None
    if kind == "delay" and fault:
        await asyncio.sleep(fault.seconds)
    elif kind == "429":
        return JSONResponse({"errors": "Too Many Requests"}, status_code=429, headers={"Retry-After": "2.0"})
    elif kind == "throttled":
        return JSONResponse({"errors": [_THROTTLED], "extensions": {"cost": meter.report(0, None)}})
    elif kind == "5xx_before":
        return JSONResponse({"errors": "Service Unavailable"}, status_code=503)
    elif kind == "reset_before":
        return ResetResponse()
    return None


def _after(fault: Fault | None) -> Response | None:
    if fault is None or fault.kind not in ("5xx_after", "reset_after"):
        return None
    if fault.kind == "reset_after":
        return ResetResponse()
    return JSONResponse({"errors": "Bad Gateway"}, status_code=502)
