"""What the decisions of people ask of the store: lifts, refusals and corrections, and who is still to be asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from include.fulfilment.domain.correction import Correction
from include.fulfilment.domain.hold_decision import Decision, Question, Seen, Signed, Verdict
from include.fulfilment.domain.release_case import Lift


class PeopleRows(Protocol):
    """What people decided, and what looks like an order placed twice."""

    def decide(
        self, code: str, subject: str, order_id: str | None, verdict: Verdict, seen: Seen, signed: Signed, now: datetime
    ) -> Decision: ...
    def decision(self, code: str, subject: str, version: str) -> Decision | None: ...
    def lifts(self, order_ids: Sequence[str]) -> dict[str, dict[str, Lift]]: ...
    def correct(self, order_id: str, field: str, value: str, person: str, reason: str, now: datetime) -> None: ...
    def corrections(self, order_ids: Sequence[str]) -> dict[str, dict[str, Correction]]: ...
    def alike(self, order_ids: Sequence[str], within: timedelta) -> dict[str, str]: ...


class QuestionRows(Protocol):
    """Holds that wait for a person's verdict, and who asks for it."""

    def announce(self, codes: Collection[str], now: datetime) -> bool: ...
    def claim(
        self, codes: Collection[str], run_id: str, now: datetime, until: datetime, limit: int
    ) -> list[Question]: ...
    def question(self, code: str, subject: str, version: str) -> Question | None: ...
    def wake(self, noun: str, subject: str, now: datetime) -> None: ...
