"""On which day an order goes: minimum age, cut-off, dates; what is ordered twice, whole, or never completed."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from include.fulfilment.release_policy import Calendar
from include.fulfilment.services.people import lift_hold
from tests.site_files import CREDIT
from tests.stories.world import Ticking, World

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")
CALENDAR = Calendar.model_validate(
    {"hours": dict.fromkeys(WEEK, ("08:00", "17:00")), "holidays": {"country": "GB", "subdivision": "ENG"}}
)


def set_clock(world: World, month: int, day: int, hour: int, minute: int = 0) -> None:
    """A time of 2026 in UTC."""
    assert isinstance(world.clock, Ticking)
    world.clock.now = datetime(2026, month, day, hour, minute, tzinfo=UTC)


def due(world: World, name: str) -> str:
    """The day on which the order should leave, by its decision."""
    sql = """SELECT d.rules FROM release_decision d JOIN sales_order o USING (site, order_id)
        WHERE d.site = %(site)s AND o.name = %(name)s ORDER BY decision_id DESC LIMIT 1"""
    (row,) = world.query(sql, name=name)
    return next((rule["inputs"]["leaves on"] for rule in row["rules"] if rule["rule"] == "due"), "")


@pytest.mark.parametrize(
    ("yields", "state", "day"), [(True, "in_warehouse", "2026-11-23"), (False, "held", "2026-11-24")]
)
def test_r23_an_order_that_would_miss_the_cut_off_by_its_age_goes_only_where_that_is_agreed(
    world: World, yields: bool, state: str, day: str
) -> None:
    """R23. Placed 13:50, minimum age 15 minutes, cut-off 14:00 London."""
    world.agree(minimum_age_minutes=15, calendar=CALENDAR, cut_off=time(14), age_yields_to_cut_off=yields)
    world.goods("MUG", 50)
    set_clock(world, 11, 23, 13, 50)
    name = world.sell(("MUG", 10))
    world.release()
    assert world.standing(name)[0] == state
    world.pass_time(minutes=20)
    world.release()
    assert (world.standing(name)[0], due(world, name)) == ("in_warehouse", day)


def test_r23_friday_after_the_cut_off_before_a_bank_holiday_is_due_on_tuesday(world: World) -> None:
    """R23. Friday 28 August 2026, 14:01 in London; Monday is the summer bank holiday."""
    world.agree(calendar=CALENDAR, cut_off=time(14))
    world.goods("MUG", 50)
    set_clock(world, 8, 28, 13)
    name = world.sell(("MUG", 10))
    world.release()
    assert due(world, name) == "2026-09-01"


def test_edits_and_cancels_inside_the_minimum_age_never_reach_the_warehouse(world: World) -> None:
    """R21: cancelled inside the hold, an order leaves no trace in the warehouse."""
    world.agree(minimum_age_minutes=15)
    world.goods("MUG", 50)
    edited, cancelled = world.sell(("MUG", 10)), world.sell(("MUG", 5))
    world.release()
    assert world.standing(edited) == ("held", "minimum_age")
    world.control.edit_line_quantity(edited, 1, 7)
    world.control.cancel(cancelled)
    world.pass_time(minutes=15)
    world.release()
    assert [sum(each.ordered.values()) for each in world.floor.held()] == [7]
    assert (world.standing(cancelled), world.tickets()) == (("cancelled", ""), [])


@pytest.mark.every_warehouse()
def test_r24_a_forward_order_goes_on_its_day_after_all_checks_again(world: World) -> None:
    """R24. Wanted Thursday 26 November, lead three working days: held until Monday 23."""
    world.agree(calendar=CALENDAR, cut_off=time(14), lead_working_days=3)
    world.goods("MUG", 50)
    set_clock(world, 11, 20, 10)
    note = "Requested delivery date: 2026-11-26"
    on_account, card = world.sell(("MUG", 10), note=note), world.sell(("MUG", 1), note=note, payment="upfrontPayment")
    world.control.pay(card)
    world.release()
    assert (world.standing(on_account), world.tickets()) == (("held", "not_before"), [])
    set_clock(world, 11, 23, 8)
    world.credit("5", "0")
    world.release()
    assert (world.standing(on_account), world.standing(card)[0]) == (("held", "credit_limit_exceeded"), "in_warehouse")


def test_r24_an_order_is_never_sent_after_the_day_on_which_the_buyer_gave_it_up(world: World) -> None:
    world.agree(calendar=CALENDAR, cut_off=time(14))
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10), note="PO: PO-1\nCancel after: 2026-11-22")
    later = world.sell(("MUG", 5), note="PO: PO-2\nNot before: 2026-11-25\nCancel after: 2026-11-25")
    world.release()
    assert (world.standing(name), world.standing(later)) == (("held", "past_cancel_date"), ("held", "not_before"))
    set_clock(world, 11, 25, 9)
    world.release()
    assert [each.po_number for each in world.floor.held()] == ["PO-2"]
    assert world.tickets(name) == [("past_cancel_date", name, "customer_service")]


def test_r25_the_same_again_within_two_weeks_is_asked_about_and_a_call_off_goes(world: World) -> None:
    """R25. Same account and PO: the same lines are perhaps a slip, other lines are a call-off."""
    world.credit_from(**CREDIT | {"max_age_hours": 744})
    world.goods("MUG", 500)
    world.goods("CUP", 500)
    note = "PO: PO-77"
    first = world.sell(("MUG", 10), ("CUP", 2), note=note)
    world.release()
    world.pass_time(hours=24 * 13)
    again = world.sell(("CUP", 2), ("MUG", 10), note=note)
    call_off = world.sell(("MUG", 9), ("CUP", 2), note=note)
    without = world.sell(("MUG", 10), ("CUP", 2))
    world.release()
    assert world.standing(again) == ("held", "possible_duplicate")
    assert world.evidence("possible_duplicate") == {"like": first}
    assert [world.standing(each)[0] for each in (first, call_off, without)] == ["in_warehouse"] * 3
    world.pass_time(hours=24 * 2)
    late = world.sell(("CUP", 2), ("MUG", 10), note=note)
    world.release()
    assert world.standing(late) == ("held", "possible_duplicate")
    world.control.cancel(again)
    world.release()
    assert world.standing(late)[0] == "in_warehouse"


@pytest.mark.every_warehouse()
@pytest.mark.parametrize("reserve", [3, 0])
def test_r9_an_order_that_ships_complete_waits_whole_and_keeps_what_is_there_only_where_agreed(
    world: World, reserve: int
) -> None:
    """R9. 40 ordered, 25 there; a younger order wants 10."""
    world.agree(ship="complete", reserve_days=reserve)
    world.goods("MUG", 25)
    whole = world.sell(("MUG", 40))
    world.pass_time(minutes=1)
    younger = world.sell(("MUG", 10))
    world.release()
    assert (world.standing(whole), world.held(whole)) == (("awaiting_stock", "awaiting_stock"), [])
    assert world.standing(younger)[0] == ("awaiting_stock" if reserve else "in_warehouse")
    world.floor.receive({"MUG": 15 if reserve else 25})
    world.release()
    assert [sum(each.ordered.values()) for each in world.held(whole)] == [40]


def test_r22_a_draft_on_account_that_nobody_completes_is_told_after_four_working_hours(world: World) -> None:
    """R22. Placed Friday 15:00 in London: two hours are left of the day, so it is told on Monday at 10:00."""
    world.agree(calendar=CALENDAR, cut_off=time(14))
    world.goods("MUG", 50)
    set_clock(world, 11, 20, 15)
    draft = world.sell(("MUG", 10), name="#D22", source="draft", payment_terms={"net": 30})
    set_clock(world, 11, 23, 9, 58)
    world.release()
    assert world.tickets() == []
    world.pass_time(minutes=2)
    world.release()
    assert world.tickets() == [("draft_waiting", draft, "customer_service")]
    world.complete(draft)
    world.release()
    assert world.tickets() == []


@pytest.mark.parametrize(("day", "hour"), [(27, 16), (28, 9)])
def test_an_order_whose_goods_would_leave_after_its_last_day_is_held(world: World, day: int, hour: int) -> None:
    """Friday after the cut-off, and Saturday: released now, the goods leave on Monday."""
    world.agree(calendar=CALENDAR, cut_off=time(14))
    world.goods("MUG", 50)
    set_clock(world, 11, day, hour)
    name = world.sell(("MUG", 10), note=f"PO: PO-1\nCancel after: 2026-11-{day}")
    world.release()
    assert (world.standing(name), world.floor.held()) == (("held", "past_cancel_date"), [])
    assert {"cancel after": f"2026-11-{day}", "would leave on": "2026-11-30"}.items() <= world.evidence(
        "past_cancel_date"
    ).items()


def test_without_a_calendar_an_order_keeps_to_the_days_that_its_buyer_set(world: World) -> None:
    """The site's day counts: at 00:30 in London on the 24th it is still the 23rd elsewhere."""
    world.goods("MUG", 50)
    set_clock(world, 11, 24, 0, 30)
    past = world.sell(("MUG", 10), note="PO: PO-1\nCancel after: 2026-11-23")
    today = world.sell(("MUG", 10), note="PO: PO-2\nNot before: 2026-11-24\nCancel after: 2026-11-24")
    later = world.sell(("MUG", 10), note="PO: PO-3\nNot before: 2026-11-25")
    world.release()
    assert [world.standing(each) for each in (past, today, later)] == [
        ("held", "past_cancel_date"),
        ("in_warehouse", ""),
        ("held", "not_before"),
    ]
    world.pass_time(hours=24)
    world.release()
    assert world.standing(later) == ("in_warehouse", "")


def test_an_order_that_becomes_like_one_that_went_is_held_though_it_was_placed_first(world: World) -> None:
    world.agree(duplicate_days=14)
    world.customer_says("po_required")
    world.goods("MUG", 50)
    first = world.sell(("MUG", 10))
    world.release()
    second = world.sell(("MUG", 10), note="PO: PO-77")
    world.release()
    assert (world.standing(first), world.standing(second)) == (("held", "po_missing"), ("in_warehouse", ""))
    world.control.set_note(first, "PO: PO-77")
    world.pass_time(minutes=5)
    world.release()
    assert (world.standing(first), len(world.floor.held())) == (("held", "possible_duplicate"), 1)


def test_two_orders_that_a_person_let_go_beside_each_other_are_asked_about_once(world: World) -> None:
    """The younger was lifted and went; the older, which waited for its day, is not held for it."""
    world.agree(duplicate_days=14)
    world.goods("MUG", 50)
    first = world.sell(("MUG", 10), note="PO: P1\nNot before: 2026-11-25")
    second = world.sell(("MUG", 10), note="PO: P1")
    world.release()
    assert (world.standing(first), world.standing(second)) == (("held", "not_before"), ("held", "possible_duplicate"))
    lift_hold(world.store, second, "possible_duplicate", "Ada", "both are meant", world.clock)
    world.release()
    world.pass_time(hours=48)
    world.release()
    assert (world.standing(first), world.standing(second)) == (("in_warehouse", ""), ("in_warehouse", ""))
