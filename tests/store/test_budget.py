"""A remote's calls are shared by all workers, and never more are made than it takes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from include.fulfilment.errors import RetryableError
from include.fulfilment.ports import CallRate, RateKind
from include.fulfilment.store.budget import CallBudget
from include.fulfilment.store.database import PostgresStore
from tests.stories.world import Ticking

RATE = CallRate(RateKind.SLIDING, 150, 60)


def budget(store: PostgresStore, clock: Ticking, rate: CallRate = RATE) -> CallBudget:
    return CallBudget(store, "warehouse_x_main", rate, clock, clock.pass_time)


def test_no_window_holds_more_calls_than_the_limit(store: PostgresStore) -> None:
    clock = Ticking()
    workers = [budget(store, clock), budget(store, clock)]
    calls: list[datetime] = []
    for number in range(450):
        workers[number % 2].acquire(1)
        calls.append(clock.now)
    fullest = max(sum(at <= each < at + timedelta(seconds=60) for each in calls) for at in calls)
    assert fullest == 148
    assert calls[-1] - calls[0] == pytest.approx(timedelta(seconds=(450 - 3) * 61 / 148), abs=timedelta(seconds=1))


def test_a_fiftieth_may_go_at_once(store: PostgresStore) -> None:
    clock = Ticking()
    begun = clock.now
    mine = budget(store, clock)
    for _ in range(3):
        mine.acquire(1)
    assert clock.now == begun
    mine.acquire(1)
    assert clock.now > begun


def test_a_wait_of_more_than_five_seconds_is_left_to_the_caller_and_takes_nothing(store: PostgresStore) -> None:
    clock = Ticking()
    rate = CallRate(RateKind.BUCKET, 100, 100)
    budget(store, clock, rate).acquire(112)  # 22 more than may go at once
    mine = budget(store, clock, rate)
    for _ in range(2):
        with pytest.raises(RetryableError, match="warehouse_x_main: its calls are used up for 23 s") as caught:
            mine.acquire(1)
        assert caught.value.retry_after == pytest.approx(23, abs=0.01)
    clock.pass_time(25)
    mine.acquire(1)


def test_a_reading_under_way_waits_in_place_because_deferred_it_would_begin_anew(store: PostgresStore) -> None:
    clock = Ticking()
    begun = clock.now
    mine = budget(store, clock, CallRate(RateKind.BUCKET, 100, 100))
    for _ in range(5):
        mine.acquire(40)
    assert (clock.now - begun).total_seconds() == pytest.approx(5 * 40 - 90, abs=0.01)
    other = budget(store, clock, CallRate(RateKind.BUCKET, 100, 100))
    with pytest.raises(RetryableError, match="used up for 40 s"):
        other.acquire(40)


def test_a_bucket_gives_nine_tenths_at_once_and_then_what_flows_back(store: PostgresStore) -> None:
    clock = Ticking()
    begun = clock.now
    mine = budget(store, clock, CallRate(RateKind.BUCKET, 100, 50))
    mine.acquire(50)
    mine.acquire(40)
    assert clock.now == begun
    mine.acquire(10)
    assert (clock.now - begun).total_seconds() == pytest.approx(5, abs=0.01)


def test_what_a_call_did_not_need_is_there_for_others_at_once(store: PostgresStore) -> None:
    clock = Ticking()
    begun = clock.now
    rate = CallRate(RateKind.BUCKET, 100, 100)
    mine, other = budget(store, clock, rate), budget(store, clock, rate)
    mine.acquire(90)
    mine.give_back(70)
    other.acquire(70)
    assert clock.now == begun
    with pytest.raises(RetryableError, match="used up for 40 s"):
        budget(store, clock, rate).acquire(40)


def test_what_flowed_back_while_an_answer_was_awaited_is_not_given_back_once_more(store: PostgresStore) -> None:
    clock = Ticking()
    rate = CallRate(RateKind.BUCKET, 100, 100)
    mine, other = budget(store, clock, rate), budget(store, clock, rate)
    mine.acquire(40)
    clock.pass_time(30)
    other.acquire(80)  # it needs them all
    mine.give_back(40)
    with pytest.raises(RetryableError, match="used up for 80 s"):
        budget(store, clock, rate).acquire(90)


def test_the_wait_before_a_call_does_not_count_as_waiting_for_its_answer(store: PostgresStore) -> None:
    clock = Ticking()
    mine = budget(store, clock, CallRate(RateKind.BUCKET, 100, 100))
    mine.acquire(90)
    mine.acquire(40)
    begun = clock.now
    mine.give_back(40)
    mine.acquire(40)
    assert clock.now == begun


def test_however_much_is_given_back_no_more_than_the_bucket_is_there(store: PostgresStore) -> None:
    clock = Ticking()
    begun = clock.now
    mine = budget(store, clock, CallRate(RateKind.BUCKET, 100, 100))
    mine.acquire(10)
    mine.give_back(10_000)
    mine.acquire(90)
    assert clock.now == begun
    mine.acquire(1)
    assert (clock.now - begun).total_seconds() == pytest.approx(1, abs=0.01)


def test_what_was_not_used_is_not_saved_up(store: PostgresStore) -> None:
    clock = Ticking()
    mine = budget(store, clock)
    mine.acquire(1)
    clock.pass_time(3600)
    begun = clock.now
    for _ in range(4):
        mine.acquire(1)
    assert clock.now > begun


def test_the_calls_of_a_release_go_before_those_of_the_stock(store: PostgresStore) -> None:
    """S16. While a release takes every call that is there, a reading of stock gets none; then it gets them all."""
    clock = Ticking()
    release = budget(store, clock)
    reading = CallBudget(
        store, "warehouse_x_main", RATE, clock, sleep=lambda seconds: release.acquire(1), gives_way=True
    )
    with pytest.raises(RetryableError, match="used up") as caught:
        for _ in range(3):
            release.acquire(1)
            reading.acquire(1)
    assert caught.value.retry_after == 60
    alone = CallBudget(store, "warehouse_x_main", RATE, clock, clock.pass_time, gives_way=True)
    begun = clock.now
    clock.pass_time(60)
    for _ in range(100):
        alone.acquire(1)
    assert (clock.now - begun).total_seconds() == pytest.approx(60 + 99 * 61 / 148, abs=1)
