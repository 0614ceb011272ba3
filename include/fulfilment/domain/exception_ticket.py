"""A business matter that somebody must settle. It closes by itself when its cause is gone, never merely by age."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from include.fulfilment.domain.matter import Matter
from include.fulfilment.domain.matters import MATTERS


@dataclass(frozen=True, slots=True)
class ExceptionTicket:
    """One open matter. At most one per (site, code, subject). Evidence is plain text by name, without personal data."""

    code: str
    subject: str
    order_id: str | None = None
    since: datetime | None = None
    evidence: dict[str, str] = field(default_factory=dict)

    @property
    def matter(self) -> Matter:
        return MATTERS[self.code]

    def is_due_to_open(self, now: datetime) -> bool:
        """Whether the cause has lasted long enough for a ticket."""
        after = self.matter.ticket_after
        return after is not None and (self.since is None or now - self.since >= after)
