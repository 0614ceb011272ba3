"""The fault plan: which calls go wrong, how, and how often. Kept in the sandbox's file, it outlives a restart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .database import SandboxDatabase


@dataclass(frozen=True)
class Fault:
    """One entry of the plan: let `after_calls` calls of the operation pass, then spoil `times` of them.

    `operation` is the sandbox's own name of a call, or `*`. "after" commits the change and then fails; a reset closes
    the connection without an answer; `seconds` is the length of a delay. Each sandbox says which kinds it knows.
    """

    operation: str
    kind: str
    times: int = 1
    after_calls: int = 0
    seconds: float = 0.0


def replace_plan(state: SandboxDatabase, plan: Sequence[Fault]) -> None:
    """Forget the old plan and begin this one."""
    with state.transaction():
        state.run("DELETE FROM fault")
        for fault in plan:
            state.insert("fault", **vars(fault))


def next_fault(state: SandboxDatabase, operations: Sequence[str]) -> Fault | None:
    """Count this call against the plan and return the first entry that is due for it, if any."""
    with state.transaction():
        for row in state.all("SELECT * FROM fault WHERE times > 0 ORDER BY id"):
            if row["operation"] != "*" and row["operation"] not in operations:
                continue
            if row["after_calls"] > 0:
                state.run("UPDATE fault SET after_calls = after_calls - 1 WHERE id = ?", row["id"])
                continue
            state.run("UPDATE fault SET times = times - 1 WHERE id = ?", row["id"])
            return Fault(row["operation"], row["kind"], 1, 0, row["seconds"])
    return None


def count_call(state: SandboxDatabase, operations: Sequence[str]) -> Fault | None:
    """Count one call under each of its names and return the fault that is due for it, if any."""
    with state.transaction():
        for name in operations:
            state.run("INSERT INTO call VALUES (?, 1) ON CONFLICT (operation) DO UPDATE SET count = count + 1", name)
        return next_fault(state, operations)


def calls(state: SandboxDatabase) -> dict[str, int]:
    """Return how often each operation was called."""
    rows = state.all("SELECT operation, count FROM call ORDER BY operation")
    return {row["operation"]: row["count"] for row in rows}


class ResetResponse(Response):
    """Closes the connection without a word, as a broken network does."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Abort the transport that uvicorn keeps behind `receive`; without one, raise as a client would see it."""
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        if transport is None:
            raise ConnectionResetError("the sandbox's fault plan reset this connection")
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            continue
