"""When a warehouse works: its days, its opening hours and its cut-off, all by the clock on its own wall.

What comes in is an aware instant, what goes out is aware UTC. A length is time that really passes: a warehouse that is
open all day works 23 hours when the clocks go forward, and 25 when they go back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

FURTHEST = timedelta(days=3_653)
"""Ten years: no sum looks further, so that a date out of a broken record ends in an error and not in a long wait."""
_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working days and opening hours of one warehouse.

    `hours`: weekday (0 is Monday) → it opens, it closes; a weekday that is missing is no working day, and closing at
    00:00 is midnight at the day's end. `holidays`: days off. Raises ValueError for hours that cannot be kept.
    """

    zone: ZoneInfo
    hours: Mapping[int, tuple[time, time]]
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.hours:
            raise ValueError("the working calendar has no working day; give the opening hours of at least one weekday")
        for weekday, (opens, closes) in self.hours.items():
            if weekday not in range(7):
                raise ValueError(f"{weekday} is no weekday; count from 0 (Monday) to 6 (Sunday)")
            _refuse_zone(opens, closes)
            if time.min < closes <= opens:
                raise ValueError(f"weekday {weekday} closes at {closes}, not after it opens at {opens}")

    def is_working_day(self, on: date) -> bool:
        """Whether the warehouse opens on that day. Raises TypeError for an instant, whose day depends on the zone."""
        if isinstance(on, datetime):  # also a date to Python, but equal to none of the holidays
            raise TypeError(f"{on} is an instant; a day is wanted, as the warehouse's calendar shows it")
        return on.weekday() in self.hours and on not in self.holidays

    def next_working_day(self, on: date) -> date:
        """The first working day from `on`, which may be `on` itself. Raises ValueError if ten years have none."""
        return next(self._working_days(on, 1))

    def working_days_before(self, on: date, days: int) -> date:
        """The day on which goods wanted on `on` must go at the latest when they travel for `days` working days: the
        last working day with so many working days after it, up to and with `on`.

        Goods wanted on a day off must be there on the working day before. Raises ValueError for fewer than no days,
        and for a day more than ten years back.
        """
        if days < 0:
            raise ValueError(f"a lead of {days} working days cannot be; give 0 or more")
        return next(islice(self._working_days(on, -1), days, None))

    def working_time(self, since: datetime, until: datetime) -> timedelta:
        """How long the warehouse is open between two instants; nothing if the later one comes first. Raises ValueError
        for a naive instant, and for two that lie more than ten years apart."""
        since, until = _utc(since), _utc(until)
        if until - since > FURTHEST:
            raise ValueError(f"from {since} to {until} is more than ten years; is one of the two a stand-in?")
        first = self.day_of(since)
        days = (self.day_of(until) - first).days + 1
        return sum((self._open_on(first + timedelta(n), since, until) for n in range(days)), _NOTHING)

    def day_of(self, instant: datetime) -> date:
        """The day that the warehouse's calendar shows at an instant. Raises ValueError for a naive one."""
        try:
            return _utc(instant).astimezone(self.zone).date()
        except OverflowError as error:
            raise ValueError(f"{instant} is no day in {self.zone}; is it a stand-in for no date?") from error

    def instant(self, on: date, at: time) -> datetime:
        """The first instant at which the warehouse's clock shows `at` on that day, or more: of an hour that comes twice
        the first, and of an hour that is left out its end."""
        wall = datetime.combine(on, at)
        instant = wall.replace(tzinfo=self.zone).astimezone(UTC)
        if self._shown_at(instant) == wall:
            return instant
        # PEP 495: of a time that is left out, fold 0 and fold 1 give instants after and before the clocks change.
        before = wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        seconds = range((instant - before) // timedelta(seconds=1))
        shown = bisect_left(seconds, wall, key=lambda second: self._shown_at(before + timedelta(seconds=second)))
        return before + timedelta(seconds=shown)

    def _shown_at(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone).replace(tzinfo=None)

    def _opening(self, working_day: date) -> tuple[datetime, datetime]:
        opens, closes = self.hours[working_day.weekday()]
        end = working_day if closes > time.min else working_day + timedelta(days=1)
        return self.instant(working_day, opens), self.instant(end, closes)

    def _open_on(self, day: date, since: datetime, until: datetime) -> timedelta:
        if not self.is_working_day(day):
            return _NOTHING
        opens, closes = self._opening(day)
        return max(min(closes, until) - max(opens, since), _NOTHING)

    def _working_days(self, on: date, step: int) -> Iterator[date]:
        """The working days from `on`, forward or back; ends with a ValueError after ten years."""
        start = on.toordinal()
        stop = min(max(start + step * FURTHEST.days, 0), date.max.toordinal() + 1)
        yield from filter(self.is_working_day, map(date.fromordinal, range(start, stop, step)))
        raise ValueError(f"the ten years {'from' if step > 0 else 'up to'} {on} have too few working days")


@dataclass(frozen=True, slots=True)
class CutOff:
    """Orders released before `at` (the warehouse's own clock) on a working day leave on that day."""

    at: time

    def __post_init__(self) -> None:
        _refuse_zone(self.at)

    def due_on(self, released_at: datetime, calendar: WorkingCalendar) -> date:
        """The day on which an order released then should leave. Raises ValueError for a naive instant."""
        day = calendar.day_of(released_at)
        in_time = _utc(released_at) < calendar.instant(day, self.at)
        return calendar.next_working_day(day if in_time else day + timedelta(days=1))


def _utc(instant: datetime) -> datetime:
    """In UTC, as two instants of one zone would be compared by the clock on the wall."""
    if instant.utcoffset() is None:
        raise ValueError(f"{instant} has no time zone; give an aware instant")
    return instant.astimezone(UTC)


def _refuse_zone(*times: time) -> None:
    for one in times:
        if one.tzinfo is not None:
            raise ValueError(f"{one} has a time zone of its own; the warehouse's is meant, so leave it out")
