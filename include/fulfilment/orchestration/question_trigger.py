"""Watches a question that a person was asked in Airflow, in the triggerer: it ends when its cause is gone, when
somebody decided on the desk, or when nobody answers in time.

An answer in Airflow does not pass here: Airflow 3.3 resumes the waiting task itself, whichever way it waits.
https://airflow.apache.org/docs/apache-airflow-providers-standard/stable/operators/hitl.html
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from include.fulfilment.clock import system_clock
from include.fulfilment.errors import FulfilmentError
from include.fulfilment.orchestration.inbox_trigger import store_url

log = logging.getLogger(__name__)

LOOK_SECONDS = 20.0
GONE, TIMEOUT = "gone", "timeout"


class QuestionTrigger(BaseTrigger):
    """Fires once, with `{"ended": "gone" | "timeout"}`, after it has closed Airflow's own question with the option that
    changes nothing. `question` is `{"site", "code", "subject", "version"}`."""

    def __init__(self, ti_id: str, question: dict[str, str], until: str, closing: str) -> None:
        super().__init__()
        self.ti_id, self.question, self.until, self.closing = ti_id, question, until, closing

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """How the triggerer finds this class."""
        given = {"ti_id": self.ti_id, "question": self.question, "until": self.until, "closing": self.closing}
        return f"{__name__}.{type(self).__name__}", given

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look every few seconds; a store that is away is looked at again."""
        until = datetime.fromisoformat(self.until)
        while (ended := TIMEOUT if system_clock() >= until else await self._gone()) is None:
            await asyncio.sleep(LOOK_SECONDS)
        await self._close()
        yield TriggerEvent({"ended": ended})

    async def _gone(self) -> str | None:
        try:
            url = await store_url()
            return None if await asyncio.to_thread(_waits, url, self.question) else GONE
        except FulfilmentError as error:
            log.warning("question %s: %s; looked at again in %s s", self.question["code"], error, LOOK_SECONDS)
            return None

    async def _close(self) -> None:
        """So that nobody is asked any more. An answer that came at this very moment stands: Airflow refuses this one,
        and has the task resumed with that."""
        from asgiref.sync import sync_to_async

        try:
            await sync_to_async(_close)(self.ti_id, self.closing)
        except Exception as error:  # noqa: BLE001 - what it raises for a second answer is not declared
            log.info("question %s was not closed in Airflow: %s", self.question["code"], error)


def _waits(url: str, question: dict[str, str]) -> bool:
    from include.fulfilment.services.hold_decision import waiting
    from include.fulfilment.store.database import PostgresStore

    store = PostgresStore(url, question["site"])
    return waiting(store, question["code"], question["subject"], question["version"]) is not None


def _close(ti_id: str, option: str) -> None:
    from uuid import UUID

    from airflow.sdk.execution_time.hitl import update_hitl_detail_response

    update_hitl_detail_response(ti_id=UUID(ti_id), chosen_options=[option], params_input={})
