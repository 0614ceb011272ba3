"""Schedules are drawn from seed and number alone."""

from __future__ import annotations

import pytest

from demo.prove.plan import MOMENTS, draw
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
    assert {step.kind for step in steps} >= {"two runs", "catch-up storm", "webhook's run"}
    assert any(step.seconds > 10 for step in steps if step.what == "run")


@pytest.mark.parametrize("warehouse", sorted(DIALECTS))
def test_some_orders_are_short_of_stock_on_every_warehouse(warehouse: str) -> None:
    short = [n for n in MANY if any(step.what == "receive" for step in draw(1, n, warehouse).steps)]
    assert len(short) > len(MANY) // 3
