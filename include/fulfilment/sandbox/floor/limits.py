"""Call limits as warehouses publish them: so many calls in a sliding window, or a bucket that refills.

They live as long as the process, as a limit may.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from threading import Lock

from ..database import Clock


class SlidingWindow:
    """At most `calls` calls within any `seconds` seconds."""

    def __init__(self, calls: int, seconds: float, clock: Clock) -> None:
        self._calls, self._span, self._clock = calls, timedelta(seconds=seconds), clock
        self._taken: deque[datetime] = deque()
        self._lock = Lock()

    def take(self) -> float:
        """Count a call and return 0, or count none and return the seconds until there is room for one."""
        with self._lock:
            now = self._forget()
            if len(self._taken) < self._calls:
                self._taken.append(now)
                return 0.0
            return max((self._taken[0] + self._span - now).total_seconds(), 0.001)

    @property
    def left(self) -> int:
        """Calls that are allowed right now."""
        with self._lock:
            self._forget()
            return self._calls - len(self._taken)

    def _forget(self) -> datetime:
        now = self._clock()
        while self._taken and self._taken[0] + self._span <= now:
            self._taken.popleft()
        return now


class Bucket:
    """`size` points, full at the start, that come back at `refill_per_second`."""

    def __init__(self, size: float, refill_per_second: float, clock: Clock) -> None:
        self._size, self._refill, self._clock = float(size), float(refill_per_second), clock
        self._points, self._at = self._size, clock()
        self._lock = Lock()

    def take(self, cost: float = 1) -> float:
        """Take points and return 0, or take none and return the seconds until there are enough.

        A cost above the bucket's size can never be met: the answer is then the time to fill the whole bucket.
        """
        with self._lock:
            self._fill()
            if cost <= self._points:
                self._points -= cost
                return 0.0
            return (min(cost, self._size) - self._points) / self._refill or self._size / self._refill

    @property
    def left(self) -> float:
        """Points in the bucket right now."""
        with self._lock:
            self._fill()
            return self._points

    def _fill(self) -> None:
        now = self._clock()
        passed = max((now - self._at).total_seconds(), 0.0)
        self._points = min(self._size, self._points + passed * self._refill)
        self._at = now
