"""The call budget of one remote, shared by every worker and flow of a site."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import local

from include.fulfilment.clock import Clock
from include.fulfilment.errors import RetryableError
from include.fulfilment.ports import CallRate, RateKind
from include.fulfilment.store.database import PostgresStore

LONGEST_WAIT = 5.0  # seconds a task waits before its first call; a longer wait is deferred by the caller
LONGEST_WAIT_UNDER_WAY = 120.0  # and later: a deferred task begins anew, so deferring half a reading would never end
GIVEN_WAY = 60.0  # seconds after which a task that gave way to more urgent ones for too long asks again


class CallBudget:
    """Gives out the calls that a remote takes, evenly spaced (generic cell rate algorithm). In no window more than the
    limit, of which a fiftieth may go at once; a sixtieth of the window is left for calls that are longer under way than
    others. Of a bucket that refills, nine tenths of what it holds.

    Releases and shipments come first: their calls are given a turn ahead of time. A task that `gives_way` (stock,
    reports) takes a call only when it is free at once, and leaves half of what may go at once to the others.
    One object is one task's: until its first call the task has nothing to lose by a wait. Its threads may share it.
    """

    def __init__(
        self,
        store: PostgresStore,
        remote: str,
        rate: CallRate,
        clock: Clock,
        sleep: Callable[[float], None] = time.sleep,
        gives_way: bool = False,
    ) -> None:
        self._store = store
        self._remote = remote
        bucket = rate.kind is RateKind.BUCKET
        burst = max(1, rate.calls * 9 // 10 if bucket else rate.calls // 50)
        self._spacing = rate.seconds / rate.calls if bucket else rate.seconds * 61 / 60 / (rate.calls - burst + 1)
        self._room = timedelta(seconds=self._spacing * max(1.0, burst / 2 if gives_way else burst))
        self._gives_way = gives_way
        self._longest_wait = LONGEST_WAIT
        self._clock = clock
        self._sleep = sleep
        self._last = local()  # `went_at`: when the thread's last call could go

    def acquire(self, cost: int) -> None:
        """Take `cost` calls and wait for their turn. Raises RetryableError with the wait where that is over 5 s (120 s
        once the task has made a call); then nothing was taken."""
        turn, waited = timedelta(seconds=self._spacing * cost), 0.0
        while wait := self._take(turn):
            waited += wait
            if waited > self._longest_wait:
                again = max(wait, GIVEN_WAY) if self._gives_way else wait
                text = f"{self._remote}: its calls are used up for {wait:.0f} s; the task goes on after {again:.0f} s"
                raise RetryableError(text, retry_after=again)
            self._sleep(wait)
            if not self._gives_way:
                break
        self._longest_wait = LONGEST_WAIT_UNDER_WAY
        self._last.went_at = self._clock()

    def give_back(self, unused: int) -> None:
        """Of what this thread's last call took, its answer says that `unused` were not needed. What would have flowed
        back since it went is not given back: a bucket that was full meanwhile took nothing in."""
        went_at: datetime = self._last.went_at
        back = timedelta(seconds=self._spacing * unused) - (self._clock() - went_at)
        if back > timedelta():
            with self._store.connected() as (connection, site):
                connection.execute(_GIVE_BACK, (back, site, self._remote))

    def _take(self, turn: timedelta) -> float:
        """Seconds until the turn, which is taken if it is not too far off: at once where this task gives way."""
        now = self._clock()
        with self._store.connected() as (connection, site):
            connection.execute(_OPEN, (site, self._remote, now))
            row = connection.execute(_LOOK, (site, self._remote)).fetchone()
            assert row is not None  # noqa: S101 - the row was made above
            due = max(row["next_at"], now)
            # A call that costs more than there is room for waits until all of it is free.
            wait: float = (due + min(turn, self._room) - self._room - now).total_seconds()
            if wait <= (0 if self._gives_way else self._longest_wait):
                connection.execute(_TAKE, (due + turn, site, self._remote))
        return max(wait, 0.0)


_OPEN = "INSERT INTO call_budget (site, remote, next_at) VALUES (%s, %s, %s) ON CONFLICT (site, remote) DO NOTHING"
_LOOK = "SELECT next_at FROM call_budget WHERE site = %s AND remote = %s FOR UPDATE"
_TAKE = "UPDATE call_budget SET next_at = %s WHERE site = %s AND remote = %s"
_GIVE_BACK = "UPDATE call_budget SET next_at = next_at - %s WHERE site = %s AND remote = %s"
