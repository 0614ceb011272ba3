"""The fault plan: which calls go wrong, how, and how often. Kept in the shop's file, it outlives a restart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from .state import ShopState

Kind = Literal["429", "throttled", "5xx_before", "5xx_after", "reset_before", "reset_after", "delay"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True)
class Fault:
    """One entry of the plan: let `after_calls` calls of the operation pass, then spoil `times` of them.

    `operation` is a field of the query or mutation root (`orders`, `fulfillmentCreate`), or `*`. "after" commits the
    change and then fails; a reset closes the connection without an answer; `seconds` is the length of a delay.
    """

    operation: str
    kind: Kind
    times: int = 1
    after_calls: int = 0
    seconds: float = 0.0


def replace_plan(state: ShopState, plan: Sequence[Fault]) -> None:
    """Forget the old plan and begin this one."""
    with state.transaction():
        state.run("DELETE FROM fault")
        for fault in plan:
            state.insert("fault", **vars(fault))


def next_fault(state: ShopState, operations: Sequence[str]) -> Fault | None:
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
