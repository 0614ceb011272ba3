"""Writes hints in groups: whatever waits while one transaction commits goes into the next, so that a flood costs a few
transactions and not one a delivery. Nobody is answered before the commit that holds its hint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from include.fulfilment.store.inbox import Hint

PUT_AT_ONCE = 500
Put = Callable[[Sequence[Hint]], int]


class GroupWriter:
    """Needs no start and no stop, so that the door can be mounted in another application."""

    def __init__(self, put: Put) -> None:
        self._put = put
        self._waiting: list[tuple[Sequence[Hint], asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, hints: Sequence[Hint]) -> None:
        """Return when the hints are committed. Raises what the store raises."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((hints, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        await done

    async def _write_all(self) -> None:
        while self._waiting:
            # Whoever gave up waiting was told to send it again; what a dead store left behind must not go first.
            waiting = [each for each in self._waiting if not each[1].done()]
            group, self._waiting = waiting[:PUT_AT_ONCE], waiting[PUT_AT_ONCE:]
            error: BaseException | None = None
            try:
                await asyncio.to_thread(self._put, [hint for hints, _ in group for hint in hints])
            except Exception as raised:  # noqa: BLE001 - each of the group is told, whatever it was
                error = raised
            for _, done in group:
                if not done.done():
                    done.set_exception(error) if error else done.set_result(None)
