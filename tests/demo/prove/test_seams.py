"""A run that dies leaves what was committed, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from demo.prove.plan import OF_THE_BUDGET, Abort
from demo.prove.seams import ENDLESS, MOST_MOMENTS, Died, MortalStore, Process, Sessions, mortal_calls
from include.fulfilment.store.schema import migrate

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture
def sessions(postgres_url: str) -> Iterator[Sessions]:
    migrate(postgres_url)
    made = Sessions(postgres_url)
    yield made
    made.close()


def moved_cursor(sessions: Sessions, moment: str) -> datetime | None:
    """What a run that dies at this moment of its one transaction left behind."""
    site, process = f"s{uuid4().hex[:12]}", Process(Abort(0, moment, 1))
    process.begin(0)
    with pytest.raises(Died), MortalStore(sessions, site, process).transaction() as rows:
        rows.log.move_cursor("stream", NOW)
    with MortalStore(sessions, site, Process()).transaction() as rows:
        return rows.log.cursor("stream")


def test_a_run_that_dies_before_its_commit_leaves_nothing(sessions: Sessions) -> None:
    assert moved_cursor(sessions, "before a commit") is None


def test_a_run_that_dies_after_its_commit_leaves_everything(sessions: Sessions) -> None:
    assert moved_cursor(sessions, "after a commit") == NOW


def test_a_process_dies_at_the_moment_that_was_planned_and_so_do_its_threads() -> None:
    heard: list[str] = []
    process = Process(Abort(2, "after a call of the shop", 2))
    acquire, on_call = mortal_calls(process, "shop", lambda cost: None, lambda *call: heard.append(call[1]))
    process.begin(0)
    on_call("shop", "first", "200")
    process.begin(2)
    acquire(1)
    on_call("shop", "second", "200")
    with pytest.raises(Died):
        on_call("shop", "third", "200")
    assert (heard, process.died_at) == (["first", "second", "third"], "after a call of the shop")
    with pytest.raises(Died):
        acquire(1)


def test_a_process_dies_at_a_transaction_after_its_last_call_wherever_in_the_beat_that_is() -> None:
    process = Process(Abort(2, "after a commit", 2, since_call=True))
    process.begin(2)
    for moment in ("after a commit", "after a commit", "after a call of the shop", "after a commit"):
        process.comes_to(moment)
    process.comes_to("after a call of the warehouse")
    process.comes_to("after a commit")
    with pytest.raises(Died):
        process.comes_to("after a commit")


def test_the_transactions_of_the_call_budget_count_apart(sessions: Sessions) -> None:
    process = Process(Abort(0, "after a commit", 1))
    process.begin(0)
    with MortalStore(sessions, "s1", process, OF_THE_BUDGET).connected():
        pass
    with pytest.raises(Died), MortalStore(sessions, "s1", process).connected():
        pass


def test_each_statement_of_a_slow_decision_waits_and_no_other(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    slow, quick = Process(stall=0.5), Process()
    for process, beat in ((slow, 0), (quick, 1), (slow, 1), (quick, 1)):
        process.begin(beat)
        before = len(waits)
        with MortalStore(sessions, "s1", process).transaction() as rows:
            rows.log.cursor("stream")
        assert set(waits[before:]) == ({0.5} if (process, beat) == (slow, 1) else set())


def test_a_run_that_never_ends_is_ended() -> None:
    process = Process()
    for _ in range(MOST_MOMENTS):
        process.comes_to("before a call of the shop")
    with pytest.raises(Died):
        process.comes_to("before a call of the shop")
    assert process.died_at == ENDLESS
