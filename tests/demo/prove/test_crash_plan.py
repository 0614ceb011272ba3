"""What is killed and when is drawn from seed and number alone; the figures count what fell and what harm it did."""

from __future__ import annotations

import json

from demo.prove.checker import HARM
from demo.prove.crash_plan import MOST_ORDERS, VICTIMS, Blow, CrashFigures, draw_crash

MANY = [draw_crash(1, number) for number in range(200)]


def test_a_schedule_can_be_drawn_again() -> None:
    assert draw_crash(7, 3) == draw_crash(7, 3)
    assert draw_crash(7, 3) != draw_crash(8, 3)
    assert draw_crash(7, 3).blow != draw_crash(7, 4).blow


def test_the_orders_of_all_schedules_are_numbered_once_and_wait_for_nobody() -> None:
    numbers = [order.number for each in MANY for order in each.orders]
    assert len(set(numbers)) == len(numbers)
    assert {len(each.orders) for each in MANY} == set(range(1, MOST_ORDERS + 1))
    assert {order.hold for each in MANY for order in each.orders} == {""}
    assert MANY[199].orders[0].note.splitlines()[2] == "Requested delivery date: 2028-07-29"


def test_every_victim_falls_and_most_blows_fall_while_the_release_is_sent() -> None:
    assert {each.blow.victim for each in MANY} == set(VICTIMS)
    assert {each.blow.beat for each in MANY} == {"collect", "decide", "submit"}
    sending = [each for each in MANY if each.blow.creates]
    assert {each.blow.task_id for each in sending} == {"release.submit"}
    assert len(sending) > 60


def test_a_blow_falls_on_a_flow_that_was_triggered() -> None:
    assert all(each.blow.flow in each.flows and each.flows[0] == "release" for each in MANY)
    assert {each.blow.flow for each in MANY} == {"release", "stock", "shipments"}
    assert any(each.ships for each in MANY) and any(not each.ships for each in MANY)


def test_the_figures_count_kills_by_victim_and_harm_by_kind() -> None:
    figures = CrashFigures(1, "shipbob", schedules=3)
    figures.struck(Blow("task", "release", "submit", creates=1), sending=True)
    figures.struck(Blow("task", "release", "submit"), sending=False)
    figures.struck(Blow("postgres", "stock", "collect"), sending=False)
    assert figures.good
    written = json.loads(json.dumps(figures.as_json()))
    assert written["kills"] == dict.fromkeys(VICTIMS, 0) | {"task": 2, "postgres": 1}
    assert written["kills_by_beat"] == {"postgres in stock collect": 1, "task in release submit": 2}
    assert written["kills_while_sending"] == 1
    assert {written[kind] for kind in HARM} == {0}

    figures.harm = {"doubled": ["the warehouse holds A-1 more than once", "… A-2 …"], "lost": []}
    assert not figures.good
    assert figures.as_json()["doubled"] == 2
    assert figures.as_json()["harm"] == {"doubled": figures.harm["doubled"]}
    assert "harm: doubled 2" in list(figures.lines())
