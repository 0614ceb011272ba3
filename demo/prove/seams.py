"""Where a run can die: wrappers that stand around the store's transactions and the remotes' calls. Nothing of the
shipped code knows of them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from typing import Any

import psycopg
from psycopg.rows import dict_row

from demo.prove.plan import BEATS, Abort
from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store.site_rows import StoreConnection


class Died(BaseException):
    """The process is gone. Not an Exception, so that nothing between here and the scheduler can catch it."""


ENDLESS = "in a loop without end"
MOST_MOMENTS = 3_000
"""A run of a few orders that comes to more of them than this never ends."""


class Process:
    """One process of a run: counts the moments it comes to, and dies at the one that was planned; so do its threads.
    Each statement of its `decide` takes `stall` seconds more: only where one is slower than the other can one decide
    and commit between two readings of the other."""

    def __init__(self, abort: Abort | None = None, stall: float = 0.0) -> None:
        self._abort, self._beat, self._stall = abort, -1, stall
        self._come, self._called = 0, False
        self._moments = 0
        self._lock = Lock()
        self.died_at = ""

    def begin(self, beat: int) -> None:
        """Another beat begins."""
        self._beat, self._come, self._called = beat, 0, False

    @property
    def stall(self) -> float:
        """Seconds that each statement takes more now."""
        return self._stall if self._beat == BEATS.index("decide") else 0.0

    def comes_to(self, moment: str) -> None:
        """Die here, if it is time."""
        with self._lock:
            self._moments += 1
            if self._moments > MOST_MOMENTS:
                self.died_at = ENDLESS
            if self.died_at:
                raise Died
            if self._abort is not None and self._abort.beat == self._beat and self._is_time(self._abort, moment):
                self.died_at = moment
                raise Died

    def _is_time(self, abort: Abort, moment: str) -> bool:
        if abort.since_call and moment.startswith("after a call"):
            self._come, self._called = 0, True
        if moment != abort.moment or (abort.since_call and not self._called):
            return False
        self._come += 1
        return self._come == abort.times


class Session(psycopg.Connection[dict[str, Any]]):
    """One whose statements may be slow."""

    stall = 0.0

    def execute(self, *args: Any, **kwargs: Any) -> psycopg.Cursor[dict[str, Any]]:
        """The statement, after the wait."""
        if self.stall:
            time.sleep(self.stall)
        return super().execute(*args, **kwargs)


class Sessions:
    """Database sessions that are lent for one transaction each, as a pooler lends them: a new one costs more than most
    transactions."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self._free: deque[Session] = deque()

    @contextmanager
    def lent(self, stall: float = 0.0) -> Iterator[StoreConnection]:
        """Commit on success, roll back on error; one that was closed is not lent again."""
        session = self._free.pop() if self._free else Session.connect(self.conninfo, row_factory=dict_row)
        session.stall = stall
        try:
            with session.transaction():
                yield session
        finally:
            if not session.closed:
                self._free.append(session)

    def close(self) -> None:
        """Close those that nobody has."""
        while self._free:
            self._free.pop().close()


class MortalStore(PostgresStore):
    """The store of a process that may die: before a transaction, before its commit (the connection drops) or after.
    `of` is said of these moments where they count apart."""

    def __init__(self, sessions: Sessions, site: str, process: Process, of: str = "") -> None:
        super().__init__("", site)
        self._sessions, self._process, self._of = sessions, process, of

    @contextmanager
    def connected(self) -> Iterator[tuple[StoreConnection, str]]:
        """One transaction with its site, as the store has it."""
        self._process.comes_to(f"before a transaction{self._of}")
        with super().connected() as (connection, site):
            yield connection, site
            try:
                self._process.comes_to(f"before a commit{self._of}")
            except Died:
                connection.close()
                raise
        self._process.comes_to(f"after a commit{self._of}")

    def _connect(self) -> AbstractContextManager[StoreConnection]:  # type: ignore[override]
        return self._sessions.lent(self._process.stall)


def mortal_calls(
    process: Process, system: str, acquire: Callable[[int], None], heard: Callable[[str, str, str], None]
) -> tuple[Callable[[int], None], Callable[[str, str, str], None]]:
    """Call budget and ear of an adapter whose process may die before or after each call of a remote, which is `shop` or
    `warehouse`."""

    def before(cost: int) -> None:
        process.comes_to(f"before a call of the {system}")
        acquire(cost)

    def after(called: str, operation: str, status: str) -> None:
        heard(called, operation, status)
        process.comes_to(f"after a call of the {system}")

    return before, after
