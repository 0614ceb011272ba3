"""The fault plan around a warehouse's calls, and its limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from include.fulfilment.sandbox.floor.limits import Bucket, SlidingWindow
from tests.sandbox.floor.yard import Yard


@pytest.mark.parametrize(
    ("kind", "status", "body", "stored"),
    [
        ("429", 429, "slow down", 0),
        ("5xx_before", 503, "broken", 0),
        ("5xx_after", 503, "broken", 1),
        ("html", 200, "<!DOCTYPE html>", 0),
        ("malformed", 200, '{"id":3', 1),
        ("delay", 200, '{"id":310000001}', 1),
    ],
)
def test_a_fault_spoils_the_call_it_names_before_or_after_the_order_is_stored(
    yard: Yard, kind: str, status: int, body: str, stored: int
) -> None:
    yard.staff.faults([{"operation": "order", "kind": kind, "seconds": 0.0}])
    answer = yard.http.post("/order")
    assert (answer.status_code, answer.text[: len(body)], len(yard.staff.held())) == (status, body, stored)
    assert yard.http.post("/order").json()["id"] > 0
    assert (len(yard.staff.held()), yard.staff.calls()) == (stored + 1, {"order": 2})


@pytest.mark.parametrize(("kind", "stored"), [("reset_before", 0), ("reset_after", 1)])
def test_a_reset_gives_no_answer(yard: Yard, kind: str, stored: int) -> None:
    yard.staff.faults([{"operation": "*", "kind": kind}])
    with pytest.raises(ConnectionResetError):
        yard.http.post("/order")
    assert len(yard.staff.held()) == stored


def test_a_fault_waits_its_turn(yard: Yard) -> None:
    yard.staff.faults(
        [
            {"operation": "other", "kind": "429"},
            {"operation": "order", "kind": "5xx_before", "after_calls": 1, "times": 2},
        ]
    )
    assert [yard.http.post("/order").status_code for _ in range(4)] == [200, 503, 503, 200]


class Ticking:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def test_a_sliding_window_gives_a_call_back_when_the_oldest_is_out_of_it() -> None:
    clock = Ticking()
    window = SlidingWindow(2, 60, clock)
    assert window.take() == 0
    clock.pass_time(45)
    assert (window.take(), window.left) == (0, 0)
    assert (window.take(), window.take()) == (15, 15)
    clock.pass_time(15)
    assert (window.left, window.take(), window.take()) == (1, 0, 45)


def test_a_bucket_refills_with_time_up_to_its_size() -> None:
    clock = Ticking()
    bucket = Bucket(10, 2, clock)
    assert (bucket.take(8), bucket.left) == (0, 2)
    assert bucket.take(5) == 1.5
    clock.pass_time(1.5)
    assert (bucket.take(5), bucket.left) == (0, 0)
    clock.pass_time(100)
    assert bucket.left == 10
    assert bucket.take(11) == 5
    assert bucket.left == 10
