"""Turns hints of the webhook inbox into asset events, in the triggerer.

PostgreSQL announces a new hint; the inbox is also looked through every minute, because an announcement may be lost
while nobody listens. A hint is marked as taken only once Airflow has stored the asset event (the ack mode of Airflow
3.3's shared streams), so a triggerer that dies in between tells it again: at least once, never lost.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent
from airflow.triggers.shared_stream import AdvanceItem, SharedStreamProducer

from include.fulfilment.clock import Clock, system_clock
from include.fulfilment.errors import ConfigError, FulfilmentError
from include.fulfilment.orchestration.wiring import STORE_CONN_ID, postgres_url

if TYPE_CHECKING:
    from include.fulfilment.store.inbox import InboxListener, Waiting

log = logging.getLogger(__name__)

SWEEP_SECONDS = 60.0
PAUSE_SECONDS = 1.0
"""Between two looks, so that a flood of hints makes few events."""
AGAIN_SECONDS = 10.0
"""Until the next try when the store is away."""
AT_ONCE = 1000
NAMED = 50
"""Subjects that an event names; with more it names none, which means all."""
KEPT = timedelta(days=7)
"""How long a hint is known after it was taken: longer than any sender repeats an event (5 days at most)."""
Told = dict[str, Any]


class InboxTrigger(BaseEventTrigger):
    """Fires for one noun: `order`, `shipment` or `stock`. An event's payload is `{"noun", "site", "subjects",
    "inbox_id"}`: what changed at this site, in the sender's ids; no subjects means all of them. `inbox_id` is the
    newest hint's, so that no two events are the same."""

    def __init__(self, noun: str) -> None:
        super().__init__()
        self.noun = noun

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How the triggerer finds this class."""
        return f"{__name__}.{type(self).__name__}", {"noun": self.noun}

    def shared_stream_key(self) -> tuple[str, str]:
        """One stream for each noun: were it shared, a hint could be acknowledged before its own trigger has joined."""
        return "fulfilment inbox", self.noun

    @classmethod
    def create_shared_stream_producer(cls, kwargs: dict[str, Any]) -> SharedStreamProducer:
        """The inbox as Airflow's broker; overriding this is what turns acknowledgement on."""
        return InboxProducer(kwargs["noun"], store_url, system_clock)

    async def filter_shared_stream(self, shared_stream: AsyncIterator[Told]) -> AsyncIterator[TriggerEvent]:
        """Every event of the stream is ours."""
        async for told in shared_stream:
            yield TriggerEvent(told)

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Not used: without acknowledgement a hint could be lost. Raises ConfigError."""
        raise ConfigError("InboxTrigger needs the shared streams of Airflow 3.3 or newer; update Airflow")
        yield TriggerEvent(None)


class InboxProducer(SharedStreamProducer):
    """Reads waiting hints, oldest first, and marks as taken those whose event Airflow has stored."""

    def __init__(self, noun: str, store_url: Callable[[], Awaitable[str]], clock: Clock) -> None:
        self._noun = noun
        self._store_url = store_url
        self._clock = clock
        self._told: set[int] = set()
        """Hints handed over and not acknowledged yet: they still wait in the inbox, and are not told twice."""

    async def open_stream(self) -> AsyncIterator[tuple[Told, Sequence[int]]]:
        """One event for each site with waiting hints. Never ends: a store that is away is tried again."""
        from include.fulfilment.store.inbox import listening

        while True:
            try:
                async with listening(await self._store_url(), self._noun) as listener:
                    while True:
                        events = await self._look(listener)
                        for event in events:
                            yield event
                        if events:
                            await asyncio.sleep(PAUSE_SECONDS)
                        else:
                            await listener.announced(SWEEP_SECONDS)
            except FulfilmentError as error:
                log.warning("webhook inbox (%s): %s; tried again in %s s", self._noun, error, AGAIN_SECONDS)
                await asyncio.sleep(AGAIN_SECONDS)

    async def advance(self, batch: Sequence[AdvanceItem]) -> None:
        """Take the hints whose events are stored. The others, and all if the store is away, are told again."""
        from include.fulfilment.store.inbox import take

        taken = [inbox_id for item in batch if item.outcome.is_clean for inbox_id in item.broker_payload]
        try:
            if taken:
                await take(await self._store_url(), taken, self._clock())
        except FulfilmentError as error:
            log.warning("webhook inbox (%s): %s; %s hints will be told again", self._noun, error, len(taken))
        self._told -= {inbox_id for item in batch for inbox_id in item.broker_payload}

    async def _look(self, listener: InboxListener) -> list[tuple[Told, Sequence[int]]]:
        await listener.forget(self._clock() - KEPT)
        waiting = await listener.waiting(AT_ONCE, self._told)
        self._told |= {hint.inbox_id for hint in waiting}
        return list(events_of(self._noun, waiting))


def events_of(noun: str, waiting: Sequence[Waiting]) -> Iterator[tuple[Told, Sequence[int]]]:
    """One event a site, with the hints that it stands for."""
    by_site: Mapping[str, list[Waiting]] = {site: [] for site in dict.fromkeys(hint.site for hint in waiting)}
    for hint in waiting:
        by_site[hint.site].append(hint)
    for site, hints in by_site.items():
        named = list(dict.fromkeys(hint.subject for hint in hints))
        subjects = named if "" not in named and len(named) <= NAMED else []
        ids = [hint.inbox_id for hint in hints]
        yield {"noun": noun, "site": site, "subjects": subjects, "inbox_id": ids[-1]}, ids


async def store_url() -> str:
    """URL of the connection `fulfilment_db`, asked without blocking the triggerer. Raises ConfigError when it is not
    defined."""
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return postgres_url(await BaseHook.aget_connection(STORE_CONN_ID))
    except AirflowNotFoundException as error:
        raise ConfigError(f"connection {STORE_CONN_ID!r} is not defined in Airflow; add it") from error
