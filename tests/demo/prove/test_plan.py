"""Schedules are drawn from seed and number alone."""

from __future__ import annotations

import pytest

from demo.prove.plan import CRASH_POINTS, MOMENTS, draw
from demo.prove.yard import DIALECTS

MANY = range(200)


def test_a_schedule_can_be_drawn_again() -> None:
    assert draw(7, 3, "shipbob") == draw(7, 3, "shipbob")
    assert draw(7, 3, "shipbob") != draw(8, 3, "shipbob")
    assert draw(7, 3, "shipbob") != draw(7, 4, "shipbob")


def test_every_schedule_sells_each_order_once_and_answers_every_hold_after_it() -> None:
    for number in MANY:
        schedule = draw(1, number, "shipbob")
        lives = [(step.what, step.at) for step in schedule.steps if step.what in ("sell", "answer")]
        held = [order.number for order in schedule.orders if order.hold]
        assert held
        assert sorted(lives) == sorted(
            [("sell", each.number) for each in schedule.orders] + [("answer", n) for n in held]
        )
        assert all(lives.index(("sell", n)) < lives.index(("answer", n)) for n in held)


def test_all_that_can_go_wrong_is_drawn() -> None:
    steps = [step for number in MANY for step in draw(1, number, "shipbob").steps]
    kinds = {spoilt.kind for step in steps for spoilt in step.spoilt}
    assert {"429", "5xx_before", "5xx_after", "reset_after", "html", "throttled"} <= kinds
    assert {step.abort.moment for step in steps if step.abort} == set(MOMENTS)
    assert any(step.what == "edit" for step in steps)
    assert {step.kind for step in steps} >= {"two runs", "catch-up storm", "webhook's run"}
    assert any(step.seconds > 10 for step in steps if step.what == "run")


def test_each_crash_point_of_the_release_is_the_last_moment_of_a_run_every_few_schedules() -> None:
    planned = [draw(1, number, "shipbob").abort for number in range(len(CRASH_POINTS))]
    assert {(each.beat, each.moment) for each in planned} == set(CRASH_POINTS)
    assert len(CRASH_POINTS) == 15


def test_runs_die_at_late_transactions_of_a_beat_too_and_after_those_that_write_down_what_a_call_did() -> None:
    schedules = [draw(1, number, "shipbob") for number in range(1000)]
    aborts = [each.abort for each in schedules] + [step.abort for each in schedules for step in each.steps]
    for moment in ("before a transaction", "before a commit", "after a commit"):
        drawn = {(each.times, each.since_call) for each in aborts if each and (each.beat, each.moment) == (2, moment)}
        assert drawn == {(times, True) for times in (1, 2, 3)} | {(times, False) for times in range(1, 9)}


def test_less_is_wanted_only_of_an_order_that_may_not_go_yet() -> None:
    for number in MANY:
        schedule = draw(1, number, "shipbob")
        wanted = {order.number: dict(order.lines) for order in schedule.orders}
        waiting = {order.number for order in schedule.orders if order.hold}
        for step in schedule.steps:
            if step.what == "answer":
                waiting.discard(step.at)
            if step.what == "edit":
                assert step.units > wanted[step.at][step.sku] or step.at in waiting
                wanted[step.at][step.sku] = step.units
        assert all(any(lines.values()) for lines in wanted.values())


@pytest.mark.parametrize("warehouse", sorted(DIALECTS))
def test_some_orders_are_short_of_stock_on_every_warehouse(warehouse: str) -> None:
    short = [n for n in MANY if any(step.what == "receive" for step in draw(1, n, warehouse).steps)]
    assert len(short) > len(MANY) // 3
