"""Faults of a warehouse's calls: the sandbox's plan applied around the code that answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from ..database import SandboxDatabase
from ..faults import Fault, ResetResponse, count_call, next_fault, replace_plan

__all__ = ["Fault", "FaultShapes", "FaultyCall", "KINDS", "Kind", "next_fault", "replace_plan"]

Kind = Literal["429", "5xx_before", "5xx_after", "reset_before", "reset_after", "delay", "html", "malformed"]
KINDS: tuple[str, ...] = get_args(Kind)
"""`html` is a gatekeeper's page with status 200, and the call never reached the warehouse; `malformed` is the right
answer cut off in the middle, with status 200: the warehouse has done what it was asked."""

_PAGE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"


@dataclass(frozen=True)
class FaultShapes:
    """The dialect's own words for "too many calls" and for a server that broke."""

    too_many: Callable[[], Response]
    broken: Callable[[], Response]


class FaultyCall:
    """Counts calls and spoils those that the plan names."""

    def __init__(self, shapes: FaultShapes) -> None:
        self._shapes = shapes

    async def guarded(
        self, state: SandboxDatabase, operation: str | Sequence[str], answer: Callable[[], Response]
    ) -> Response:
        """Count the call under its name (or names) and answer it, in a thread, or as the due fault has it."""
        names = [operation] if isinstance(operation, str) else list(operation)
        fault = await run_in_threadpool(count_call, state, names)
        if (spoiled := await self._before(fault)) is not None:
            return spoiled
        response = await run_in_threadpool(answer)
        return self._after(fault, response)

    async def _before(self, fault: Fault | None) -> Response | None:
        kind = fault.kind if fault else ""
        if kind == "delay" and fault:
            await asyncio.sleep(fault.seconds)
        elif kind == "429":
            return self._shapes.too_many()
        elif kind == "5xx_before":
            return self._shapes.broken()
        elif kind == "reset_before":
            return ResetResponse()
        elif kind == "html":
            return HTMLResponse(_PAGE)
        return None

    def _after(self, fault: Fault | None, response: Response) -> Response:
        kind = fault.kind if fault else ""
        if kind == "5xx_after":
            return self._shapes.broken()
        if kind == "reset_after":
            return ResetResponse()
        if kind == "malformed":
            body = bytes(response.body)
            return Response(body[: max(len(body) // 2, 1)], status_code=200, media_type="application/json")
        return response
