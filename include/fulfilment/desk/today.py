"""The Today page: one sentence, four tiles, the flow, the clocks of the DAGs and what waits for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from include.fulfilment.desk import words
from include.fulfilment.desk.bars import Part, stacked
from include.fulfilment.domain.standing import OrderState
from include.fulfilment.store.desk_rows import Marks, StateCount, Step, TicketGroup, TodayRows

STUCK_AFTER = timedelta(minutes=15)
_HOUR = timedelta(hours=1)
SILENT_AFTER: dict[str, timedelta] = {
    "order_release": _HOUR,
    "stock_sync": _HOUR,
    "fulfilment_aggregation": _HOUR,
    "drift_report": 26 * _HOUR,
}
"""How long each DAG may go without a good run before the page says that it is silent."""
_FLOW = (
    OrderState.PLACED,
    OrderState.HELD,
    OrderState.AWAITING_STOCK,
    OrderState.IN_WAREHOUSE,
    OrderState.PARTLY_SHIPPED,
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One number with what it counts, a remark and the list behind it."""

    label: str
    number: int
    remark: str
    which: str
    tone: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One state of the flow with its bar; `oldest_since` is None where no order is in it."""

    state: str
    label: str
    orders: int
    oldest_since: datetime | None
    over_a_day: int
    bar: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class DagClock:
    """When a DAG's every step last ended well: `good_at` is the oldest of them, None before its first run."""

    dag_id: str
    good_at: datetime | None
    silent: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class TodayView:
    """What the template shows."""

    sentence: str
    tiles: tuple[Tile, ...]
    stages: tuple[Stage, ...]
    fulfilled_today: int
    clocks: tuple[DagClock, ...]
    groups: tuple[TicketGroup, ...]
    empty: bool


def marks(now: datetime) -> Marks:
    """The instants the page measures against; a day begins at 00:00 UTC."""
    midnight = datetime.combine(now.date(), time.min, now.tzinfo)
    return Marks(now=now, late=now - STUCK_AFTER, day_ago=now - timedelta(days=1), midnight=midnight)


def view_today(rows: TodayRows, now: datetime) -> TodayView:
    """Put the counts into words and bars."""
    clocks = _clocks(rows.steps, now)
    return TodayView(
        sentence=_sentence(rows, clocks, now),
        tiles=_tiles(rows),
        stages=_stages(rows.states),
        fulfilled_today=rows.fulfilled_today,
        clocks=clocks,
        groups=rows.groups,
        empty=not (rows.states or rows.fulfilled_today or rows.steps or rows.groups),
    )


def _sentence(rows: TodayRows, clocks: Sequence[DagClock], now: datetime) -> str:
    return " ".join(filter(None, [_running(clocks, now), _waiting(rows, now), _others(rows), _stock(rows, now)]))


def _running(clocks: Sequence[DagClock], now: datetime) -> str:
    silent = [clock for clock in clocks if clock.silent and clock.good_at]
    if silent:
        worst = min(silent, key=lambda clock: clock.good_at or now)
        return f"Not running: {worst.dag_id} last ended well {words.span(now - (worst.good_at or now))} ago."
    return "Running." if any(clock.good_at for clock in clocks) else "Not started: no run has ended well yet."


def _waiting(rows: TodayRows, now: datetime) -> str:
    if not rows.waiting_orders or rows.waiting_since is None:
        return "No order needs a person."
    who = words.team(rows.waiting_for)
    verb = "needs" if rows.waiting_orders == 1 else "need"
    return (
        f"{words.count(rows.waiting_orders, 'order')} {verb} a person, oldest {_old(rows.waiting_since, now)} ({who})."
    )


def _others(rows: TodayRows) -> str:
    """Matters that belong to no order: stock readings, drift, failed tasks."""
    others = sum(group.without_order for group in rows.groups)
    return f"{words.count(others, 'other matter')} {'is' if others == 1 else 'are'} open." if others else ""


def _stock(rows: TodayRows, now: datetime) -> str:
    return f"Stock is {_old(rows.stock_as_of, now)} old." if rows.stock_as_of else "Stock has not been read yet."


def _old(instant: datetime, now: datetime) -> str:
    return words.span(now - instant)


def _tiles(rows: TodayRows) -> tuple[Tile, ...]:
    unfinished = sum(each.orders for each in rows.states)
    stuck = sum(each.stuck for each in rows.states)
    moving = unfinished - stuck - sum(each.needing for each in rows.states)
    waiting = rows.waiting_orders
    late = f"owed to a system for over {words.span(STUCK_AFTER)}"
    return (
        Tile("Orders moving", moving, f"of {words.count(unfinished, 'unfinished order')}", "moving", "flow"),
        Tile("Waiting for a person", waiting, "with an open exception", "needing", "warn" if waiting else "calm"),
        Tile("Stuck in a system", stuck, late, "stuck", "bad" if stuck else "calm"),
        Tile("Fulfilled today", rows.fulfilled_today, "since 00:00 UTC", "fulfilled_today", "good"),
    )


def _stages(states: Sequence[StateCount]) -> tuple[Stage, ...]:
    by_state = {each.state: each for each in states}
    longest = max((each.orders for each in states), default=0)
    return tuple(_stage(state, by_state.get(state), longest) for state in _FLOW)


def _stage(state: OrderState, found: StateCount | None, longest: int) -> Stage:
    label = words.state(state)
    if found is None:
        return Stage(state, label, 0, None, 0, ())
    parts = (
        ("needing", "waiting for a person", found.needing),
        ("stuck", "stuck in a system", found.stuck),
        ("moving", "moving", found.orders - found.needing - found.stuck),
    )
    return Stage(state, label, found.orders, found.oldest_since, found.over_a_day, stacked(parts, longest))


def _clocks(steps: Sequence[Step], now: datetime) -> tuple[DagClock, ...]:
    by_dag: dict[str, list[Step]] = {dag_id: [] for dag_id in SILENT_AFTER}
    for step in steps:
        by_dag.setdefault(step.dag_id, []).append(step)
    return tuple(_clock(dag_id, found, now) for dag_id, found in by_dag.items())


def _clock(dag_id: str, steps: Sequence[Step], now: datetime) -> DagClock:
    good_at = min((step.good_at for step in steps), default=None)
    allowed = SILENT_AFTER.get(dag_id, 26 * _HOUR)
    silent = good_at is not None and now - good_at > allowed
    return DagClock(dag_id, good_at, silent, tuple(steps))
