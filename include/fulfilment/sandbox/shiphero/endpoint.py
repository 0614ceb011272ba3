"""The GraphQL door: token, number of calls, fault plan, credits, then the operation itself.

A document that the schema does not know is answered 400, anything else 200 (integrators' reports); errors have
ShipHero's shape. What it answers to more than 7,000 requests in five minutes is not documented: 429 is assumed.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    execute_sync,
    parse,
    validate,
)
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..floor.faults import FaultShapes, FaultyCall
from ..floor.limits import SlidingWindow
from ..floor.state import FloorState
from .access import Access, refused
from .credits import CALL_SECONDS, CALLS, Meter, charged, estimates
from .problems import INVALID, NOT_ENOUGH_CREDITS, UNEXPECTED, Problem, as_error

Json = dict[str, Any]


def _too_many() -> Response:
    return JSONResponse({"message": "Too many requests"}, status_code=429, headers={"Retry-After": "2"})


def _broken() -> Response:
    return JSONResponse({"message": "Internal server error"}, status_code=502)


class Endpoint:
    """Answers POST /graphql."""

    def __init__(self, schema: GraphQLSchema, state: FloorState, meter: Meter, access: Access) -> None:
        self._schema, self._state, self._meter, self._access = schema, state, meter, access
        self._window = SlidingWindow(CALLS, CALL_SECONDS, state.clock)
        self._faulty = FaultyCall(FaultShapes(_too_many, _broken))

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        if not self._access.knows(request):
            return refused("The access token is missing, wrong or expired.")
        if wait := self._window.take():
            headers = {"Retry-After": str(math.ceil(wait))}
            return JSONResponse({"message": "Too many requests"}, status_code=429, headers=headers)
        call = _call(await _body(request), self._schema)
        if isinstance(call, str):
            return _bad_request(call)
        return await self._faulty.guarded(self._state, call.fields, lambda: self._run(call))

    def _run(self, call: _Call) -> Response:
        with self._state.exclusive():
            asked = estimates(self._schema, call.operation, call.fragments, call.variables)
            estimate = sum(asked.values())
            if words := self._meter.refusal(estimate):
                error = as_error(words, call.fields[0], NOT_ENOUGH_CREDITS)
                throttling = self._meter.report(estimate, {})
                return JSONResponse({"errors": [error], "data": None, "extensions": {"throttling": throttling}})
            answer = self._execute(call, asked)
            costs = charged(answer.get("data"))
            self._meter.charge(sum(costs.values()))
            return JSONResponse(answer | {"extensions": {"throttling": self._meter.report(estimate, costs)}})

    def _execute(self, call: _Call, asked: dict[str, int]) -> Json:
        context = {"state": self._state, "estimates": asked, "quota": self._meter.report(0, {})["user_quota"]}
        with self._state.transaction():
            found = execute_sync(
                self._schema,
                call.document,
                variable_values=call.variables,
                operation_name=call.operation.name.value if call.operation.name else None,
                context_value=context,
            )
        errors = {"errors": [_formatted(each, call.fields[0]) for each in found.errors]} if found.errors else {}
        return errors | {"data": found.data}


class _Call:
    """A request that could be read: its document and the one operation in it that shall run."""

    def __init__(self, variables: Json, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self.variables, self.document, self.operation = variables, document, operation
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        names = (node.name.value for node in operation.selection_set.selections if isinstance(node, FieldNode))
        self.fields = list(dict.fromkeys(names)) or ["anonymous"]


def _call(payload: object, schema: GraphQLSchema) -> _Call | str:
    """The call in a request's body, or what is wrong with it."""
    if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
        return "Must provide query string."
    variables = payload.get("variables") or {}
    if not isinstance(variables, dict):
        return "Variables are invalid JSON."
    document = _judged(schema, payload["query"])
    if isinstance(document, str):
        return document
    wanted = payload.get("operationName")
    found = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    named = [node for node in found if wanted is None or (node.name and node.name.value == wanted)]
    if len(named) != 1:
        return f"{len(named)} operations match operationName {wanted!r}, one must"
    return _Call(variables, document, named[0])


# Judging a document against the schema takes longer than most answers, and clients send the same ones.
@lru_cache(maxsize=256)
def _judged(schema: GraphQLSchema, text: str) -> DocumentNode | str:
    """The document, or what the schema does not know in it."""
    try:
        document = parse(text)
    except (GraphQLSyntaxError, RecursionError) as error:
        return str(error)
    errors = validate(schema, document)
    return errors[0].message if errors else document


async def _body(request: Request) -> object:
    try:
        found: object = await request.json()
    except (ValueError, RecursionError):
        return None
    return found


def _bad_request(words: str) -> Response:
    return JSONResponse({"errors": [{"message": words}]}, status_code=400)


def _formatted(error: GraphQLError, operation: str) -> Json:
    """An error in ShipHero's shape."""
    names = [str(part) for part in error.path or () if isinstance(part, str)] or [operation]
    cause = error.original_error
    if isinstance(cause, Problem):
        return as_error(str(cause), names[0], cause.code, names[-1])
    # A value that does not fit its variable has no path, and the words are GraphQL's own; anything else is our fault.
    words = "Unexpected error" if error.path else error.message
    return as_error(words, names[0], UNEXPECTED if error.path else INVALID, names[-1])
