"""What an adapter remembers of its remote outlives the task, and no number is given twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store.journal import PostgresJournal
from tests.fakes import MemoryJournal
from tests.store.seeds import MINUTE, NOW

Journal = PostgresJournal | MemoryJournal


@pytest.fixture(params=["postgres", "memory"])
def journal(request: pytest.FixtureRequest, store: PostgresStore) -> Journal:
    return PostgresJournal(store, "warehouse_x_main") if request.param == "postgres" else MemoryJournal()


def test_a_series_counts_from_one_and_series_do_not_share_numbers(journal: Journal) -> None:
    assert [journal.next_number("a"), journal.next_number("a"), journal.next_number("b")] == [1, 2, 1]


def test_eight_workers_never_get_the_same_number(store: PostgresStore) -> None:
    journal = PostgresJournal(store, "warehouse_x_main")
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: journal.next_number("a"), range(40)))
    assert sorted(numbers) == list(range(1, 41))


def test_what_is_there_is_not_added_again(journal: Journal) -> None:
    assert journal.add("sent", "B2B1", {"text": "first"}, NOW) is True
    assert journal.add("sent", "B2B1", {"text": "second"}, NOW) is False
    assert journal.get("sent", ["B2B1", "B2B2"]) == {"B2B1": {"text": "first"}}


def test_a_put_replaces_and_counts_as_written_then(journal: Journal) -> None:
    journal.add("sent", "B2B1", {"state": "sent"}, NOW)
    journal.add("sent", "B2B2", {"state": "sent"}, NOW + MINUTE)
    journal.put("sent", "B2B1", {"state": "accepted"}, NOW + 2 * MINUTE)
    assert journal.since("sent", None) == [
        (NOW + MINUTE, "B2B2", {"state": "sent"}),
        (NOW + 2 * MINUTE, "B2B1", {"state": "accepted"}),
    ]
    assert [key for _, key, _ in journal.since("sent", NOW + 2 * MINUTE)] == ["B2B1"]
    assert journal.since("received", None) == []


def test_two_remotes_of_a_site_and_two_sites_do_not_see_each_other(store: PostgresStore, store_url: str) -> None:
    journal = PostgresJournal(store, "warehouse_x_main")
    journal.add("sent", "B2B1", {}, NOW)
    journal.next_number("a")
    others = (PostgresJournal(store, "warehouse_x_other"), PostgresJournal(PostgresStore(store_url, "elsewhere"), "r"))
    for other in others:
        assert other.get("sent", ["B2B1"]) == {}
    assert others[0].next_number("a") == 1


def test_a_text_that_postgresql_cannot_hold_is_kept_without_its_nul(store: PostgresStore) -> None:
    journal = PostgresJournal(store, "warehouse_x_main")
    journal.add("received", "a\x00b", {"text": "x\x00y"}, NOW)
    assert journal.since("received", None) == [(NOW, "a\ufffdb", {"text": "x\ufffdy"})]
