"""What is owed is claimed by one worker at a time and is never forgotten."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from include.fulfilment.store.database import PostgresStore
from tests.store.seeds import MINUTE, NOW

Ask = Callable[..., list[dict[str, Any]]]
KIND = "fulfilment"


def owe(store: PostgresStore, *keys: str) -> None:
    with store.transaction() as rows:
        rows.outbox.put(KIND, [(key, "cart:1", {"key": key}) for key in keys], NOW)


def claim(store: PostgresStore, minutes: int = 0, limit: int = 10) -> dict[str, int]:
    with store.transaction() as rows:
        return {row.key: row.attempts for row in rows.outbox.claim(KIND, limit, NOW + minutes * MINUTE)}


def test_a_key_is_owed_once_even_after_it_is_done(store: PostgresStore) -> None:
    owe(store, "a", "a")
    with store.transaction() as rows:
        (row,) = rows.outbox.claim(KIND, 10, NOW)
        rows.outbox.done({row.outbox_id: "77"}, NOW)
    owe(store, "a")

    assert claim(store, 5) == {}
    with store.transaction() as rows:
        assert rows.outbox.left(KIND) == 0


def test_rows_are_claimed_oldest_first_and_only_of_their_kind(store: PostgresStore) -> None:
    owe(store, *"cab")
    with store.transaction() as rows:
        assert rows.outbox.claim("warehouse_order", 10, NOW) == []

    assert claim(store, limit=2) == {"c": 1, "a": 1}
    assert claim(store) == {"b": 1}


def test_a_claim_that_nobody_answered_is_taken_up_again_once_its_claim_is_over(store: PostgresStore) -> None:
    owe(store, "a")

    assert claim(store) == {"a": 1}
    assert claim(store, 3) == {}
    assert claim(store, 4) == {"a": 2}


def test_an_unknown_outcome_is_looked_at_again_when_it_is_due(store: PostgresStore) -> None:
    owe(store, "a")
    with store.transaction() as rows:
        (row,) = rows.outbox.claim(KIND, 10, NOW)
        rows.outbox.again({row.outbox_id: "no answer in 30 s"}, NOW + 10 * MINUTE)

    with store.transaction() as rows:
        assert rows.outbox.uncertain(KIND) == {"a": ("cart:1", "no answer in 30 s", NOW)}
        assert rows.outbox.left(KIND) == 1
    assert claim(store, 9) == {}
    assert claim(store, 10) == {"a": 2}


def test_a_late_worker_does_not_wake_what_another_has_settled(store: PostgresStore) -> None:
    owe(store, "a")
    with store.transaction() as rows:
        (late,) = rows.outbox.claim(KIND, 10, NOW)
        (prompt,) = rows.outbox.claim(KIND, 10, NOW + 4 * MINUTE)
        rows.outbox.done({prompt.outbox_id: "77"}, NOW)
        rows.outbox.again({late.outbox_id: "no answer"}, NOW)
        rows.outbox.refused(late.outbox_id, "no", NOW)
        assert rows.outbox.left(KIND) == 0
        assert rows.outbox.refusals(KIND) == {}
        assert rows.outbox.uncertain(KIND) == {}


def test_a_refusal_keeps_the_remotes_words(store: PostgresStore) -> None:
    owe(store, "a")
    with store.transaction() as rows:
        (row,) = rows.outbox.claim(KIND, 10, NOW)
        rows.outbox.refused(row.outbox_id, "line is fulfilled already\x00", NOW)
        assert rows.outbox.refusals(KIND) == {"a": ("cart:1", "line is fulfilled already\ufffd")}
    assert claim(store, 9) == {}


def test_two_workers_never_claim_the_same_row(store: PostgresStore) -> None:
    owe(store, *(f"{number:03}" for number in range(200)))
    barrier = Barrier(4)

    def work(_: int) -> list[str]:
        barrier.wait(10)
        taken: list[str] = []
        while some := claim(store, limit=7):
            taken += some
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [key for keys in pool.map(work, range(4)) for key in keys]
    assert sorted(taken) == [f"{number:03}" for number in range(200)]


def test_rows_under_another_claim_are_passed_over_without_waiting(store: PostgresStore) -> None:
    owe(store, "a", "b")
    with store.transaction() as first:
        assert [row.key for row in first.outbox.claim(KIND, 1, NOW)] == ["a"]
        assert claim(store) == {"b": 1}


def test_what_was_certainly_not_sent_is_due_again_and_its_claim_was_no_attempt(store: PostgresStore) -> None:
    owe(store, "a", "b")
    with store.transaction() as rows:
        first, second = rows.outbox.claim(KIND, 10, NOW)
        rows.outbox.done({second.outbox_id: "77"}, NOW)
        rows.outbox.not_sent([first, second], NOW + MINUTE)
    assert (claim(store), claim(store, 2)) == ({}, {"a": 1})


def test_a_late_worker_gives_back_no_claim_of_another(store: PostgresStore) -> None:
    owe(store, "a")
    with store.transaction() as rows:
        late = rows.outbox.claim(KIND, 10, NOW)
    assert claim(store, 4) == {"a": 2}
    with store.transaction() as rows:
        rows.outbox.not_sent(late, NOW)
    assert claim(store, 5) == {}
