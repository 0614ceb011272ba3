"""Working days, opening hours and the cut-off, over bank holidays and over both nights on which clocks change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.fulfilment.domain.working_time import CutOff, WorkingCalendar

LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
NINE_TO_FIVE = {weekday: (time(9), time(17)) for weekday in range(5)}
ALL_DAY = {weekday: (time(0), time(0)) for weekday in range(7)}
ENGLAND = frozenset({date(2026, 8, 31), date(2026, 12, 25), date(2026, 12, 28)})
CALENDAR = WorkingCalendar(LONDON, NINE_TO_FIVE, ENGLAND)
CUT_OFF = CutOff(time(14))
HOUR = timedelta(hours=1)


def london(month: int, day: int, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LONDON, fold=fold)


def utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("on", "working"),
    [
        (date(2026, 8, 28), True),
        (date(2026, 8, 29), False),  # Saturday
        (date(2026, 8, 31), False),  # bank holiday
        (date(2026, 9, 1), True),
    ],
)
def test_a_working_day_has_hours_and_is_no_holiday(on: date, working: bool) -> None:
    assert CALENDAR.is_working_day(on) is working


def test_the_next_working_day_is_the_day_itself_or_comes_after_the_days_off() -> None:
    assert CALENDAR.next_working_day(date(2026, 8, 28)) == date(2026, 8, 28)
    assert CALENDAR.next_working_day(date(2026, 8, 29)) == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("on", "days", "leaves"),
    [
        (date(2026, 11, 26), 3, date(2026, 11, 23)),  # R24
        (date(2026, 11, 26), 0, date(2026, 11, 26)),
        (date(2026, 9, 1), 1, date(2026, 8, 28)),  # over the bank holiday and the weekend
        (date(2026, 8, 30), 0, date(2026, 8, 28)),  # wanted on a Sunday: there on the Friday
        (date(2026, 8, 30), 1, date(2026, 8, 27)),
    ],
)
def test_goods_leave_so_many_working_days_before_they_are_wanted(on: date, days: int, leaves: date) -> None:
    assert CALENDAR.working_days_before(on, days) == leaves


@pytest.mark.parametrize(
    ("released_at", "due"),
    [
        (london(8, 28, 13, 59), date(2026, 8, 28)),
        (london(8, 28, 14), date(2026, 9, 1)),  # "before", so not at the stroke
        (london(8, 28, 14, 1), date(2026, 9, 1)),  # R23: Friday 14:01 before a bank-holiday Monday
        (london(8, 31, 8), date(2026, 9, 1)),  # before the cut-off, but of a day off
        (utc(8, 27, 23, 30), date(2026, 8, 28)),  # Friday 00:30 in London
        (utc(8, 28, 13, 1), date(2026, 9, 1)),  # 14:01 in London's summer
        (utc(11, 27, 13, 1), date(2026, 11, 27)),  # 13:01 in its winter
        (datetime(2026, 8, 28, 9, 1, tzinfo=NEW_YORK), date(2026, 9, 1)),
    ],
)
def test_an_order_released_before_the_cut_off_leaves_that_day(released_at: datetime, due: date) -> None:
    assert CUT_OFF.due_on(released_at, CALENDAR) == due


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        (london(8, 27, 10), london(8, 27, 12), 2),
        (london(8, 27, 6), london(8, 27, 23), 8),
        (london(8, 27, 16), london(8, 28, 10), 2),
        (london(8, 28, 16), london(9, 1, 10), 2),  # nothing on Saturday, Sunday and the bank holiday
        (london(8, 29, 9), london(8, 31, 17), 0),
        (london(8, 27, 12), london(8, 27, 10), 0),  # the wrong way round
        (london(3, 27, 16), london(3, 30, 10), 2),  # the clocks go forward in between
        (utc(3, 27, 16), utc(3, 30, 9), 2),  # the same, told in UTC
        (london(10, 23, 16), london(10, 26, 10), 2),  # and back
    ],
)
def test_only_opening_hours_count(since: datetime, until: datetime, hours: int) -> None:
    assert CALENDAR.working_time(since, until) == hours * HOUR


@pytest.mark.parametrize(
    ("zone", "on", "hours"),
    [
        (LONDON, date(2026, 3, 29), 23),
        (LONDON, date(2026, 10, 25), 25),
        (NEW_YORK, date(2026, 3, 8), 23),
        (NEW_YORK, date(2026, 11, 1), 25),
        (NEW_YORK, date(2026, 11, 2), 24),
    ],
)
def test_a_day_round_the_clock_is_as_long_as_it_really_is(zone: ZoneInfo, on: date, hours: int) -> None:
    calendar = WorkingCalendar(zone, ALL_DAY)
    since, until = (datetime.combine(day, time(0), zone) for day in (on, on + timedelta(days=1)))
    assert calendar.working_time(since, until) == hours * HOUR


@pytest.mark.parametrize(
    ("zone", "on", "opens", "closes", "minutes"),
    [
        (LONDON, date(2026, 3, 29), time(1, 30), time(2, 15), 15),  # 01:00 to 02:00 is left out
        (LONDON, date(2026, 3, 29), time(0, 30), time(1, 30), 30),
        (LONDON, date(2026, 3, 29), time(1, 10), time(1, 50), 0),
        (LONDON, date(2026, 10, 25), time(0, 30), time(1, 30), 60),  # 01:00 to 02:00 comes twice
        (LONDON, date(2026, 10, 25), time(1, 30), time(2, 30), 120),
        (NEW_YORK, date(2026, 3, 8), time(2, 30), time(3, 15), 15),
        (NEW_YORK, date(2026, 11, 1), time(0, 30), time(2, 30), 180),
    ],
)
def test_hours_that_begin_or_end_as_the_clocks_change(
    zone: ZoneInfo, on: date, opens: time, closes: time, minutes: int
) -> None:
    calendar = WorkingCalendar(zone, {6: (opens, closes)})
    midnight = datetime.combine(on, time(0), zone)
    assert calendar.working_time(midnight, midnight + timedelta(days=1)) == timedelta(minutes=minutes)


def test_a_cut_off_in_the_hour_that_comes_twice_is_over_after_its_first_time() -> None:
    calendar, cut_off = WorkingCalendar(LONDON, ALL_DAY), CutOff(time(1, 30))
    assert cut_off.due_on(london(10, 25, 1, 29), calendar) == date(2026, 10, 25)
    assert cut_off.due_on(london(10, 25, 1, 10, fold=1), calendar) == date(2026, 10, 26)


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [
        ({}, "the working calendar has no working day; give the opening hours of at least one weekday"),
        ({7: (time(9), time(17))}, "7 is no weekday; count from 0 (Monday) to 6 (Sunday)"),
        ({0: (time(17), time(9))}, "weekday 0 closes at 09:00:00, not after it opens at 17:00:00"),
        ({0: (time(9), time(9))}, "weekday 0 closes at 09:00:00, not after it opens at 09:00:00"),
        (
            {0: (time(9, tzinfo=UTC), time(17))},
            "09:00:00+00:00 has a time zone of its own; the warehouse's is meant, so leave it out",
        ),
    ],
)
def test_hours_that_cannot_be_kept_are_refused(hours: Mapping[int, tuple[time, time]], sentence: str) -> None:
    with pytest.raises(ValueError) as refused:
        WorkingCalendar(LONDON, hours)
    assert str(refused.value) == sentence


def test_a_cut_off_takes_the_warehouses_zone_and_none_of_its_own() -> None:
    with pytest.raises(ValueError, match="has a time zone of its own"):
        CutOff(time(14, tzinfo=LONDON))


def test_a_naive_instant_is_refused_everywhere() -> None:
    naive, aware = datetime(2026, 8, 28, 12), london(8, 28, 12)  # noqa: DTZ001
    for ask in (
        lambda: CALENDAR.working_time(naive, aware),
        lambda: CALENDAR.working_time(aware, naive),
        lambda: CUT_OFF.due_on(naive, CALENDAR),
    ):
        with pytest.raises(ValueError, match="2026-08-28 12:00:00 has no time zone; give an aware instant"):
            ask()


def test_an_instant_is_no_day() -> None:
    with pytest.raises(TypeError, match="is an instant; a day is wanted"):
        CALENDAR.is_working_day(london(8, 31, 0))


def test_less_than_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="a lead of -1 working days cannot be"):
        CALENDAR.working_days_before(date(2026, 11, 26), -1)


def test_nothing_is_looked_for_further_than_ten_years() -> None:
    first = date(2026, 8, 31)
    closed = WorkingCalendar(LONDON, NINE_TO_FIVE, frozenset(first + timedelta(n) for n in range(-4_000, 4_000)))
    asked: list[tuple[Callable[[], object], str]] = [
        (lambda: closed.next_working_day(first), "the ten years from 2026-08-31 have too few working days"),
        (lambda: closed.working_days_before(first, 0), "the ten years up to 2026-08-31 have too few working days"),
        (lambda: CUT_OFF.due_on(london(8, 31, 9), closed), "the ten years from 2026-08-31 have too few working days"),
        (lambda: CALENDAR.working_days_before(first, 10**9), "the ten years up to 2026-08-31 have too few"),
    ]
    for ask, sentence in asked:
        with pytest.raises(ValueError, match=sentence):
            ask()
    assert closed.working_time(london(8, 28, 9), london(9, 1, 9)) == timedelta(0)


@pytest.mark.parametrize("stand_in", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_a_stand_in_for_no_date_ends_in_an_error_that_says_so(stand_in: datetime) -> None:
    with pytest.raises(ValueError, match="more than ten years; is one of the two a stand-in"):
        CALENDAR.working_time(min(stand_in, london(8, 28, 9)), max(stand_in, london(8, 28, 9)))
    east_or_west = WorkingCalendar(NEW_YORK if stand_in.year == 1 else ZoneInfo("Asia/Tokyo"), NINE_TO_FIVE)
    with pytest.raises(ValueError, match="is it a stand-in for no date"):
        CUT_OFF.due_on(stand_in, east_or_west)


def test_the_ends_of_the_calendar_are_days_like_others() -> None:
    assert CALENDAR.working_days_before(date.max, 1) == date(9999, 12, 30)
    with pytest.raises(ValueError, match="the ten years up to 0001-01-01 have too few working days"):
        CALENDAR.working_days_before(date.min, 1)


DAYS = st.dates(date(2026, 3, 1), date(2026, 4, 15)) | st.dates(date(2026, 10, 15), date(2026, 11, 15))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def is_an_hour_or_more(span: tuple[time, time]) -> bool:
    opens, closes = (at.hour * 60 + at.minute for at in span)
    return (closes or 24 * 60) - opens >= 60


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    spans = st.tuples(TIMES, TIMES).filter(is_an_hour_or_more)
    hours = draw(st.dictionaries(st.integers(0, 6), spans, min_size=1))
    zone = draw(st.sampled_from([LONDON, NEW_YORK, ZoneInfo("America/Havana")]))  # Havana's change is at midnight
    return WorkingCalendar(zone, hours, draw(st.frozensets(DAYS, max_size=5)))


INSTANTS = st.builds(datetime.combine, DAYS, TIMES, st.just(UTC))


@given(calendars(), st.lists(INSTANTS, min_size=3, max_size=3).map(sorted))
def test_working_time_adds_up_and_never_shrinks_nor_outruns_the_clock(
    calendar: WorkingCalendar, instants: list[datetime]
) -> None:
    first, second, third = instants
    whole = calendar.working_time(first, third)
    assert whole == calendar.working_time(first, second) + calendar.working_time(second, third)
    assert timedelta(0) <= calendar.working_time(first, second) <= whole <= third - first


@given(calendars(), DAYS, st.integers(0, 20))
def test_goods_that_leave_then_have_exactly_their_working_days(calendar: WorkingCalendar, on: date, days: int) -> None:
    leaves = calendar.working_days_before(on, days)
    after = [leaves + timedelta(n + 1) for n in range((on - leaves).days)]
    assert calendar.is_working_day(leaves)
    assert sum(calendar.is_working_day(day) for day in after) == days


@given(calendars(), TIMES, st.tuples(INSTANTS, INSTANTS).map(sorted))
def test_what_is_released_later_is_never_due_earlier(
    calendar: WorkingCalendar, at: time, released: list[datetime]
) -> None:
    earlier, later = (CutOff(at).due_on(instant, calendar) for instant in released)
    assert earlier <= later
    assert calendar.is_working_day(earlier)
    assert earlier >= calendar.day_of(released[0])
