"""The control door that every sandbox has under /sandbox: what people do there. Its token is not the remote's."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import faults
from .database import SandboxDatabase
from .errors import Refused

_SENTENCES = 50


class Body(BaseModel):
    """What an action wants to be told; anything more is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Action = tuple[type[BaseModel], Callable[[Any], Any]]
View = Callable[[Mapping[str, str]], Any]


@dataclass(frozen=True)
class Doors:
    """What the door can do (`POST /sandbox/<name>`) and what it shows (`GET /sandbox/<name>`)."""

    actions: Mapping[str, Action]
    views: Mapping[str, View]


class FaultIn(Body):
    """One entry of the fault plan."""

    operation: StrictStr
    kind: StrictStr
    times: Annotated[StrictInt, Field(ge=1)] = 1
    after_calls: Annotated[StrictInt, Field(ge=0)] = 0
    seconds: Annotated[float, Field(ge=0, le=600)] = 0.0


class FaultsBody(Body):
    """A fault plan, which replaces the one before."""

    faults: list[FaultIn]


def fault_action(state: SandboxDatabase, kinds: tuple[str, ...]) -> Action:
    """Return the action that replaces the fault plan; a kind that the sandbox does not know is refused."""

    def plan(body: FaultsBody) -> None:
        for each in body.faults:
            if each.kind not in kinds:
                raise Refused(f"no fault kind {each.kind!r}; there are {', '.join(kinds)}")
        faults.replace_plan(state, [faults.Fault(**each.model_dump()) for each in body.faults])

    return FaultsBody, plan


def control_routes(state: SandboxDatabase, token: str, doors: Doors) -> list[Route]:
    """Return the routes of the control door; all but `health` want `Authorization: Bearer <token>`.

    `GET /sandbox/calls` answers how often each operation was called.
    """
    shown = {"calls": lambda _wanted: faults.calls(state), **doors.views}

    def known(request: Request) -> bool:
        given = request.headers.get("authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())

    async def act(request: Request) -> Response:
        if not known(request):
            return _stranger()
        return await run_in_threadpool(_act, state, doors, request.path_params["name"], await request.body())

    async def show(request: Request) -> Response:
        if not known(request):
            return _stranger()
        return await run_in_threadpool(_show, state, shown, request.path_params["name"], dict(request.query_params))

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return [
        Route("/sandbox/health", health, methods=["GET"]),
        Route("/sandbox/{name:path}", show, methods=["GET"]),
        Route("/sandbox/{name:path}", act, methods=["POST"]),
    ]


def _stranger() -> Response:
    return _problems(401, "the control door needs its own bearer token")


def _problems(status: int, *sentences: str) -> Response:
    return JSONResponse({"errors": list(sentences)}, status_code=status)


def _act(state: SandboxDatabase, doors: Doors, name: str, raw: bytes) -> Response:
    if name not in doors.actions:
        return _problems(404, f"no action {name!r}; there are {', '.join(doors.actions)}")
    model, run = doors.actions[name]
    try:
        body = model.model_validate_json(raw)
        with state.transaction():
            answer = run(body)
    except ValidationError as error:
        return _problems(422, *(_sentence(part, raw) for part in error.errors()[:_SENTENCES]))
    except Refused as error:
        return _problems(422, str(error))
    return JSONResponse({"ok": True} if answer is None else answer)


def _show(state: SandboxDatabase, views: Mapping[str, View], name: str, wanted: Mapping[str, str]) -> Response:
    if name not in views:
        return _problems(404, f"nothing to show as {name!r}; there are {', '.join(views)}")
    try:
        with state.exclusive():
            return JSONResponse(views[name](wanted))
    except Refused as error:
        return _problems(422, str(error))


def _sentence(problem: Any, raw: bytes) -> str:
    """Say what is wrong with which record: orders and lines are named by number, as their loader knows them."""
    where = [str(part) for part in problem["loc"]]
    name = _name_of(raw, list(problem["loc"]))
    return f"{' '.join(where) or 'the request'}{f' ({name})' if name else ''}: {problem['msg']}"


def _name_of(raw: bytes, where: list[Any]) -> str | None:
    if len(where) < 2 or not isinstance(where[1], int):
        return None
    # pydantic found the record at this place, so the body is JSON of that shape
    record = json.loads(raw)[where[0]][where[1]]
    known = [record.get(key) for key in ("name", "sku", "key")] if isinstance(record, dict) else []
    return next((value[:80] for value in known if isinstance(value, str)), None)
