from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from include.fulfilment.desk.bars import Part
from include.fulfilment.desk.today import marks, view_today
from include.fulfilment.store.desk_rows import StateCount, Step, TicketGroup, TicketSubject
from tests.desk.fakes import HOUR, MINUTE, NO_ROWS, NOW, TODAY


def test_the_tiles_share_the_unfinished_orders_out_without_overlap() -> None:
    assert [(tile.label, tile.number) for tile in view_today(TODAY, NOW).tiles] == [
        ("Orders moving", 25),
        ("Waiting for a person", 3),
        ("Stuck in a system", 2),
        ("Fulfilled today", 1204),
    ]


def test_the_flow_shows_every_state_in_order_with_bars_measured_against_the_fullest() -> None:
    stages = view_today(TODAY, NOW).stages
    assert [(each.label, each.orders) for each in stages] == [
        ("Placed", 0),
        ("Held", 4),
        ("Awaiting stock", 6),
        ("In warehouse", 20),
        ("Partly shipped", 0),
    ]
    assert stages[3].bar == (
        Part("stuck", "stuck in a system", 2, 0, 100),
        Part("moving", "moving", 18, 100, 900),
    )
    assert stages[0].bar == ()


def test_a_dag_is_as_late_as_its_oldest_step_and_the_sentence_names_the_worst() -> None:
    steps = (
        Step("order_release", "collect", NOW - 2 * MINUTE),
        Step("order_release", "submit", NOW - 3 * HOUR),
        Step("stock_sync", "collect", NOW - 2 * HOUR),
        Step("fulfilment_aggregation", "collect", NOW),
    )
    view = view_today(replace(TODAY, steps=steps), NOW)
    assert view.sentence.startswith("Not running: order_release last ended well 3 h 00 ago.")
    assert [(each.dag_id, each.silent, each.good_at) for each in view.clocks] == [
        ("order_release", True, NOW - 3 * HOUR),
        ("stock_sync", True, NOW - 2 * HOUR),
        ("fulfilment_aggregation", False, NOW),
        ("drift_report", False, None),
    ]


@pytest.mark.parametrize(
    ("orders", "words"),
    [
        (0, "No order needs a person."),
        (1, "1 order needs a person, oldest 2 h 10 (customer service)."),
        (1200, "1,200 orders need a person, oldest 2 h 10 (customer service)."),
    ],
)
def test_the_sentence_counts_the_orders_that_need_a_person(orders: int, words: str) -> None:
    rows = replace(TODAY, waiting_orders=orders, waiting_for="customer_service")
    assert words in view_today(rows, NOW).sentence


def test_matters_without_an_order_are_named_beside_the_orders() -> None:
    def group(subject: TicketSubject, tickets: int) -> TicketGroup:
        return TicketGroup("task_failed", "on_call", "urgent", "Read.", tickets, tickets, NOW, NOW, (subject,))

    one = replace(TODAY, groups=(*TODAY.groups, group(TicketSubject("order_release", "", ""), 1)))
    assert "(finance). 1 other matter is open. Stock" in view_today(one, NOW).sentence
    many = replace(TODAY, groups=(group(TicketSubject("order_release", "", ""), 37),))
    assert "37 other matters are open." in view_today(many, NOW).sentence


def test_an_empty_store_is_recognised_and_a_quiet_one_is_not_empty() -> None:
    assert view_today(NO_ROWS, NOW).empty
    assert not view_today(replace(NO_ROWS, steps=(Step("stock_sync", "collect", NOW),)), NOW).empty


def test_a_day_begins_at_midnight_utc() -> None:
    found = marks(datetime(2026, 11, 23, 0, 5, tzinfo=UTC))
    assert found.midnight == datetime(2026, 11, 23, tzinfo=UTC)
    assert found.late == datetime(2026, 11, 22, 23, 50, tzinfo=UTC)
    assert found.day_ago == found.now - timedelta(days=1)


def test_more_waiting_finished_orders_never_make_the_moving_ones_negative() -> None:
    rows = replace(NO_ROWS, states=(StateCount("held", 1, NOW, 0, 1, 0),), waiting_orders=5, waiting_since=NOW)
    assert view_today(rows, NOW).tiles[0].number == 0
