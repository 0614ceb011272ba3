"""Hints are kept once, announced, told and forgotten; and the door's own role may do no more than add them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from include.fulfilment.errors import ConfigError, DataError, RetryableError
from include.fulfilment.store.inbox import Hint, InboxListener, PostgresInbox, listening, take
from tests.store.seeds import NOW

Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def hint(site: str) -> Hint:
    return Hint(site, "shopify", "", "order", "orders/updated", "gid://shopify/Order/1", "event-1", "", NOW)


@pytest.fixture
def inbox(store_url: str) -> PostgresInbox:
    return PostgresInbox(store_url)


@asynccontextmanager
async def listener(store_url: str, noun: str = "order") -> AsyncIterator[InboxListener]:
    async with listening(store_url, noun) as opened:
        yield opened


def waiting(store_url: str, site: str, noun: str = "order", besides: list[int] | None = None) -> list[tuple[int, str]]:
    async def read() -> list[tuple[int, str]]:
        async with listener(store_url, noun) as opened:
            return [
                (each.inbox_id, each.subject) for each in await opened.waiting(1000, besides or ()) if each.site == site
            ]

    return asyncio.run(read())


def test_a_hint_is_kept_as_it_came_and_waits_for_its_noun(inbox: PostgresInbox, hint: Hint, ask: Ask) -> None:
    assert inbox.put([hint]) == 1

    (row,) = ask("SELECT * FROM webhook_inbox WHERE site = %(site)s")
    assert row.pop("inbox_id") > 0
    assert row.pop("taken_at") is None
    assert row == {name: getattr(hint, name) for name in Hint.__slots__}


def test_one_event_is_kept_once_however_often_and_in_whatever_company_it_comes(
    inbox: PostgresInbox, hint: Hint, ask: Ask
) -> None:
    assert inbox.put([hint, hint]) == 1
    assert inbox.put([hint, replace(hint, topic="orders/paid"), replace(hint, event_id="event-2")]) == 1

    found = ask("SELECT event_id, topic FROM webhook_inbox WHERE site = %(site)s ORDER BY inbox_id")
    assert found == [
        {"event_id": "event-1", "topic": "orders/updated"},
        {"event_id": "event-2", "topic": "orders/updated"},
    ]


@pytest.mark.parametrize(
    "other",
    [{"noun": "stock"}, {"subject": "gid://shopify/Order/2"}, {"source": "shiphero"}, {"warehouse": "main"}],
    ids=lambda other: next(iter(other)),
)
def test_the_same_event_about_something_else_is_another_hint(
    inbox: PostgresInbox, hint: Hint, other: dict[str, str]
) -> None:
    assert inbox.put([hint, replace(hint, **other)]) == 2  # type: ignore[arg-type]


def test_two_bodies_that_state_the_same_time_and_words_are_one_event_under_any_id(
    inbox: PostgresInbox, hint: Hint
) -> None:
    told = replace(hint, fingerprint="ab12")
    assert inbox.put([told]) == 1
    assert inbox.put([replace(told, event_id="forged")]) == 0
    assert inbox.put([replace(hint, event_id="event-2"), replace(hint, event_id="event-3")]) == 2


def test_a_hint_that_was_told_waits_no_longer_and_is_still_known(
    inbox: PostgresInbox, hint: Hint, store_url: str, site: str
) -> None:
    inbox.put([hint, replace(hint, event_id="event-2", subject="2")])
    (first, _), (second, subject) = waiting(store_url, site)

    asyncio.run(take(store_url, [first], NOW))

    assert waiting(store_url, site) == [(second, subject)]
    assert waiting(store_url, site, besides=[second]) == []
    assert inbox.put([hint]) == 0


def test_only_what_was_told_before_is_forgotten(inbox: PostgresInbox, hint: Hint, store_url: str, ask: Ask) -> None:
    inbox.put([replace(hint, event_id=name) for name in ("early", "late", "never")])
    ids = {row["event_id"]: row["inbox_id"] for row in ask("SELECT * FROM webhook_inbox WHERE site = %(site)s")}

    async def run() -> None:
        await take(store_url, [ids["early"]], NOW - timedelta(days=8))
        await take(store_url, [ids["late"]], NOW - timedelta(days=6))
        async with listener(store_url) as opened:
            await opened.forget(NOW - timedelta(days=7))

    asyncio.run(run())

    left = ask("SELECT event_id FROM webhook_inbox WHERE site = %(site)s ORDER BY event_id")
    assert [row["event_id"] for row in left] == ["late", "never"]


def test_a_new_hint_wakes_the_listener_of_its_noun_and_a_known_one_or_another_noun_does_not(
    inbox: PostgresInbox, hint: Hint, store_url: str
) -> None:
    async def seconds_until_woken(put: list[Hint]) -> float:
        async with listener(store_url) as opened:
            loop = asyncio.get_running_loop()
            begun = loop.time()
            _, _ = await asyncio.gather(opened.announced(1.5), asyncio.to_thread(inbox.put, put))
            return loop.time() - begun

    assert asyncio.run(seconds_until_woken([hint])) < 1
    assert asyncio.run(seconds_until_woken([hint])) >= 1.4
    assert asyncio.run(seconds_until_woken([replace(hint, noun="stock")])) >= 1.4


def test_the_doors_role_may_add_to_the_inbox_and_see_nothing(
    inbox: PostgresInbox, hint: Hint, store_url: str, site: str, ask: Ask
) -> None:
    role, password = f"door_{uuid4().hex[:8]}", uuid4().hex
    with psycopg.connect(store_url, autocommit=True) as connection:
        for statement in (
            "CREATE ROLE {role} LOGIN PASSWORD {password}",
            "GRANT USAGE ON SCHEMA fulfilment TO {role}",
            "GRANT INSERT, SELECT (noun) ON fulfilment.webhook_inbox TO {role}",
        ):
            connection.execute(sql.SQL(statement).format(role=sql.Identifier(role), password=sql.Literal(password)))
        found = urlsplit(store_url)
        url = found._replace(netloc=f"{role}:{password}@{found.hostname}:{found.port}").geturl()
        try:
            assert PostgresInbox(url).put([hint]) == 1
            assert PostgresInbox(url).put([hint]) == 0
            with psycopg.connect(url) as door, pytest.raises(psycopg.errors.InsufficientPrivilege):
                door.execute("SELECT subject FROM fulfilment.webhook_inbox")
            with psycopg.connect(url) as door, pytest.raises(psycopg.errors.InsufficientPrivilege):
                door.execute("SELECT * FROM fulfilment.sales_order")
        finally:
            connection.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(role)))
    assert len(ask("SELECT 1 FROM webhook_inbox WHERE site = %(site)s")) == 1


def test_a_noun_that_is_none_is_refused_without_repeating_the_row(inbox: PostgresInbox, hint: Hint, ask: Ask) -> None:
    with pytest.raises(DataError) as refused:
        inbox.put([hint, replace(hint, noun="secret-noun", event_id="event-2")])

    assert "secret-noun" not in str(refused.value)
    assert ask("SELECT 1 FROM webhook_inbox WHERE site = %(site)s") == []


def test_a_database_that_is_away_is_worth_another_try_and_its_password_is_not_told(hint: Hint) -> None:
    with pytest.raises(RetryableError) as away:
        PostgresInbox("postgresql://door:hunter2@127.0.0.1:9/none").put([hint])
    assert "hunter2" not in str(away.value)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://door:hunter2@3@127.0.0.1/x",
        "postgresql://door:hun/ter2@127.0.0.1/x",
        "postgresql://door:x@127.0.0.1:hunter2/x",
        "postgresql://door:hun%ter2@127.0.0.1/x",
        "host=127.0.0.1 password=x hunter2",
        "",
    ],
)
def test_an_address_in_which_a_password_would_pass_for_something_else_is_refused_without_a_word_of_it(
    address: str,
) -> None:
    with pytest.raises(ConfigError, match="is no URL of a PostgreSQL database; in a password write @ as %40") as caught:
        PostgresInbox(address)
    assert "hun" not in str(caught.value)
    assert caught.value.__cause__ is None
