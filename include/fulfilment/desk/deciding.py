"""What people decide on the desk: who may, what the desk asks of whatever keeps it, and what a person sends."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from include.fulfilment.domain.hold_decision import LONGEST_REASON, Decision, Seen, Signed, Verdict
from include.fulfilment.domain.matter import Team

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_REASON)]
Value = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]


class Deciding(Protocol):
    """Keeps decisions. Each raises Overtaken when what was seen is no longer so, and DataError when it cannot be."""

    def teams(self, site: str, user_id: str) -> Collection[Team]:
        """The teams that this person decides for."""
        ...

    def hold(self, site: str, order_id: str, code: str, verdict: Verdict, signed: Signed, seen: Seen) -> Decision:
        """End an order's hold or leave it; answers the decision that counts."""
        ...

    def reading(self, site: str, warehouse: str, verdict: Verdict, signed: Signed, seen: Seen) -> Decision:
        """Accept a doubtful stock reading once or leave it; answers the decision that counts."""
        ...

    def correct(self, site: str, order_id: str, field: str, value: str, signed: Signed, seen: Seen) -> None:
        """Tell the warehouse this value in place of the shop's."""
        ...


@dataclass(frozen=True, slots=True)
class Decisions:
    """How the desk takes decisions. `current_id` and `authorise` are dependencies in FastAPI's sense: the id that the
    sign-in knows the visitor by, and what refuses whoever may only look."""

    keeper: Deciding
    current_id: Callable[..., Any]
    authorise: Callable[..., Any]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")

    site: str = Field(default="", max_length=200)
    reason: Reason


class _Verdict(_Given):
    """`version` and `after` say what the person saw: the version of it, and the newest decision (0: none)."""

    verdict: Verdict
    version: Name
    after: int = Field(default=0, ge=0)

    @property
    def seen(self) -> Seen:
        return Seen(self.version, self.after)


class HoldVerdict(_Verdict):
    """To lift the hold `code` of an order (our id), or to refuse to."""

    order: Name
    code: Name


class ReadingVerdict(_Verdict):
    """To accept a doubtful stock reading of this warehouse once, or to refuse to."""

    warehouse: Name


class FieldCorrection(_Given):
    """To tell the warehouse `value` in `field` of an order (our id); an empty value takes a correction back."""

    order: Name
    field: Name
    value: Value = ""
    version: Name

    @property
    def seen(self) -> Seen:
        return Seen(self.version)


def require_team(keeper: Deciding, site: str, user_id: str, wanted: Collection[Team]) -> None:
    """Raises a refusal (403) that names who decides, unless the visitor is of one of these teams."""
    if not set(wanted) & set(keeper.teams(site, user_id)):
        names = " or ".join(sorted(team.replace("_", " ") for team in wanted))
        raise HTTPException(403, f"Only {names} decides this; you are not named for it in the site file.")
