"""Hints become asset events at least once: through Airflow's own shared streams, on a real inbox."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from airflow.triggers.shared_stream import SharedStreamManager

from include.fulfilment.clock import system_clock
from include.fulfilment.errors import ConfigError
from include.fulfilment.orchestration import inbox_trigger
from include.fulfilment.orchestration.assets import ORDER_CHANGED, SHIPMENT_CHANGED, STOCK_CHANGED, every_or_when
from include.fulfilment.orchestration.inbox_trigger import InboxTrigger, events_of
from include.fulfilment.store.inbox import Hint, PostgresInbox, Waiting
from tests.orchestration.conftest import store_connection

TRIGGER_ID = 7
Told = dict[str, Any]


@pytest.fixture
def noun(store_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A noun whose inbox is empty, in a store that Airflow knows."""
    monkeypatch.setenv("AIRFLOW_CONN_FULFILMENT_DB", store_connection(store_url))
    with psycopg.connect(store_url) as connection:
        connection.execute("DELETE FROM fulfilment.webhook_inbox")
    return "shipment"


@pytest.fixture
def put(store_url: str, noun: str) -> Callable[..., None]:
    def add(*subjects: str, site: str = "demo", noun: str = noun) -> None:
        now = system_clock()
        rows = [Hint(site, "shiphero", "", noun, "t", subject, uuid4().hex, "", now) for subject in subjects]
        assert PostgresInbox(store_url).put(rows) == len(subjects)

    return add


@pytest.fixture
def left(store_url: str) -> Callable[[], list[str]]:
    """Subjects that nobody has taken."""

    def rows() -> list[str]:
        query = "SELECT subject FROM fulfilment.webhook_inbox WHERE taken_at IS NULL ORDER BY inbox_id"
        with psycopg.connect(store_url) as connection:
            return [subject for (subject,) in connection.execute(query)]

    return rows


class Triggerer:
    """Airflow's triggerer as far as one event trigger knows it: it runs the filter over the shared stream and confirms
    what was stored."""

    def __init__(self, noun: str) -> None:
        self.manager = SharedStreamManager()
        self.trigger = InboxTrigger(noun)
        self.key = self.trigger.shared_stream_key()
        self.told: asyncio.Queue[tuple[Told, int]] = asyncio.Queue()

    async def run(self) -> None:
        stream = self.manager.subscribe(trigger_id=TRIGGER_ID, trigger=self.trigger, key=self.key)
        async for event in self.trigger.filter_shared_stream(stream):
            seq = self.manager.bind_pending_event(trigger_id=TRIGGER_ID, key=self.key)
            assert seq is not None
            self.told.put_nowait((event.payload, seq))

    async def next(self, seconds: float = 5) -> tuple[Told, int]:
        return await asyncio.wait_for(self.told.get(), seconds)

    async def store_and_confirm(self, seconds: float = 5) -> Told:
        told, seq = await self.next(seconds)
        self.manager.confirm_persisted([seq])
        return told


@asynccontextmanager
async def triggerer(noun: str) -> AsyncIterator[Triggerer]:
    running = Triggerer(noun)
    task = asyncio.create_task(running.run())
    try:
        yield running
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await running.manager.stop_all()


async def until(check: Callable[[], bool], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(check):
            await asyncio.sleep(0.05)


def test_what_came_while_nobody_listened_is_told_at_the_start(
    noun: str, put: Callable[..., None], left: Callable[[], list[str]]
) -> None:
    put("1", "2", "1")
    put("9", noun="stock")

    async def run() -> Told:
        async with triggerer(noun) as airflow:
            told = await airflow.store_and_confirm()
            await until(lambda: left() == ["9"])
            return told

    told = asyncio.run(run())
    assert told.pop("inbox_id") > 0
    assert told == {"noun": "shipment", "site": "demo", "subjects": ["1", "2"]}


def test_a_new_hint_is_told_as_soon_as_it_is_announced(
    noun: str, put: Callable[..., None], left: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_trigger, "SWEEP_SECONDS", 600)

    async def run() -> None:
        async with triggerer(noun) as airflow:
            await asyncio.sleep(0.5)
            for subject in ("1", "2", "3"):
                await asyncio.to_thread(put, subject)
                assert (await airflow.store_and_confirm(3))["subjects"] == [subject]
            await until(lambda: left() == [])

    asyncio.run(run())


def test_a_hint_whose_announcement_was_lost_is_found_by_the_sweep(
    noun: str, put: Callable[..., None], store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_trigger, "SWEEP_SECONDS", 0.3)
    silent = (
        "INSERT INTO fulfilment.webhook_inbox (site, source, warehouse, noun, topic, subject, event_id, fingerprint,"
        " received_at) VALUES ('demo', 'shiphero', '', %s, 't', '1', 'silent', '', %s)"
    )

    async def run() -> Told:
        async with triggerer(noun) as airflow:
            await asyncio.sleep(0.5)
            with psycopg.connect(store_url) as connection:
                connection.execute(silent, (noun, system_clock()))
            return await airflow.store_and_confirm()

    assert asyncio.run(run())["subjects"] == ["1"]


def test_a_triggerer_that_dies_before_its_event_is_stored_leaves_the_hint_to_the_next(
    noun: str, put: Callable[..., None], left: Callable[[], list[str]]
) -> None:
    put("1")

    async def dies() -> Told:
        async with triggerer(noun) as airflow:
            told, _ = await airflow.next()
            await asyncio.sleep(0.5)
            return told

    async def lives() -> Told:
        async with triggerer(noun) as airflow:
            told = await airflow.store_and_confirm()
            await until(lambda: left() == [])
            return told

    first = asyncio.run(dies())
    assert left() == ["1"]
    assert asyncio.run(lives()) == first


def test_a_hint_is_told_once_while_its_event_is_being_stored(
    noun: str, put: Callable[..., None], left: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_trigger, "SWEEP_SECONDS", 0.1)
    monkeypatch.setattr(inbox_trigger, "PAUSE_SECONDS", 0.1)
    put("1")

    async def run() -> None:
        async with triggerer(noun) as airflow:
            _, first = await airflow.next()
            await asyncio.to_thread(put, "2")
            assert (await airflow.store_and_confirm())["subjects"] == ["2"]
            await asyncio.sleep(0.5)
            assert airflow.told.empty()
            assert left() == ["1", "2"], "hints are taken in the order in which they were told"
            airflow.manager.confirm_persisted([first])
            await until(lambda: left() == [])

    asyncio.run(run())


def test_a_store_that_goes_away_is_come_back_to_and_nothing_is_lost(
    noun: str, put: Callable[..., None], left: Callable[[], list[str]], store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_trigger, "AGAIN_SECONDS", 0.2)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fulfilment inbox'"

    async def run() -> None:
        async with triggerer(noun) as airflow:
            await asyncio.to_thread(put, "1")
            assert (await airflow.store_and_confirm())["subjects"] == ["1"]
            await until(lambda: left() == [])
            with psycopg.connect(store_url, autocommit=True) as connection:
                connection.execute(cut)
            await asyncio.to_thread(put, "2")
            assert (await airflow.store_and_confirm())["subjects"] == ["2"]
            await until(lambda: left() == [])

    asyncio.run(run())


def test_hints_that_could_not_be_marked_are_told_again(
    noun: str, put: Callable[..., None], left: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_trigger, "SWEEP_SECONDS", 0.2)
    put("1")

    async def run() -> None:
        async with triggerer(noun) as airflow:
            first, seq = await airflow.next()
            monkeypatch.setenv("AIRFLOW_CONN_FULFILMENT_DB", store_connection("postgresql://a:b@127.0.0.1:9/none"))
            airflow.manager.confirm_persisted([seq])
            assert await airflow.next() == (first, seq + 1)
            assert left() == ["1"]

    asyncio.run(run())


def test_what_was_told_long_ago_is_deleted(noun: str, put: Callable[..., None], store_url: str) -> None:
    put("1", "2")
    old = system_clock() - timedelta(days=8)
    with psycopg.connect(store_url) as connection:
        connection.execute("UPDATE fulfilment.webhook_inbox SET taken_at = %s WHERE subject = '1'", (old,))

    async def run() -> None:
        async with triggerer(noun) as airflow:
            await airflow.store_and_confirm()

    asyncio.run(run())
    with psycopg.connect(store_url) as connection:
        assert connection.execute("SELECT subject FROM fulfilment.webhook_inbox").fetchall() == [("2",)]


def test_events_are_of_one_site_and_name_all_subjects_or_none() -> None:
    hints = [Waiting(1, "a", "x"), Waiting(2, "b", ""), Waiting(3, "a", "y"), Waiting(4, "b", "z")]
    assert list(events_of("order", hints)) == [
        ({"noun": "order", "site": "a", "subjects": ["x", "y"], "inbox_id": 3}, [1, 3]),
        ({"noun": "order", "site": "b", "subjects": [], "inbox_id": 4}, [2, 4]),
    ]
    many = [Waiting(number, "a", str(number)) for number in range(1, 52)]
    ((event, ids),) = events_of("order", many)
    assert (event["subjects"], ids) == ([], list(range(1, 52)))


def test_the_triggerer_finds_the_trigger_again_by_what_it_says_of_itself() -> None:
    path, given = InboxTrigger("stock").serialize()
    module, _, name = path.rpartition(".")
    again = getattr(importlib.import_module(module), name)(**given)
    assert again.serialize() == (path, {"noun": "stock"})
    assert again.shared_stream_key() != InboxTrigger("order").shared_stream_key()


def test_a_missing_connection_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    async def missing(conn_id: str) -> None:
        raise AirflowNotFoundException(conn_id)

    monkeypatch.setattr(BaseHook, "aget_connection", missing)
    with pytest.raises(ConfigError, match="'fulfilment_db' is not defined"):
        asyncio.run(inbox_trigger.store_url())


def test_each_asset_is_watched_for_its_own_noun_and_the_clock_stays() -> None:
    assets = (ORDER_CHANGED, SHIPMENT_CHANGED, STOCK_CHANGED)
    assert [asset.name for asset in assets] == [
        "fulfilment/order-changed",
        "fulfilment/shipment-changed",
        "fulfilment/stock-changed",
    ]
    assert [asset.watchers[0].trigger.serialize()[1] for asset in assets] == [
        {"noun": "order"},
        {"noun": "shipment"},
        {"noun": "stock"},
    ]
    schedule = every_or_when(timedelta(minutes=5), ORDER_CHANGED, STOCK_CHANGED)
    assert schedule.timetable.delta == timedelta(minutes=5)
    assert list(schedule.asset_condition.objects) == [ORDER_CHANGED, STOCK_CHANGED]
