"""The one clock of a schedule: it stands still until something takes time, and nobody waits for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday


class ScheduleClock:
    """Answers an aware UTC instant; shared by shop, warehouse, store and every run of the schedule."""

    def __init__(self) -> None:
        self._now, self._lock = START, Lock()

    def __call__(self) -> datetime:
        return self._now

    def set_back(self) -> None:
        """Begin another schedule."""
        self._now = START

    def pass_time(self, seconds: float) -> None:
        """Let so many seconds pass; what sleeps on this clock has then slept."""
        with self._lock:
            self._now += timedelta(seconds=seconds)
