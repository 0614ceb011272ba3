"""Plays one schedule: its steps, then quiet runs until nothing moves, watched by the checker all the while."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg

from demo.prove.checker import Checker
from demo.prove.fault_plans import Spoilt
from demo.prove.merchant import Merchant
from demo.prove.plan import BEATS, Abort, Flow, Schedule, Step
from demo.prove.seams import ENDLESS, Died, Process, Sessions
from demo.prove.yard import Yard
from include.fulfilment.adapters.transport import UnknownOutcome
from include.fulfilment.errors import RetryableError
from include.fulfilment.sandbox.control import SandboxRefused

_STALL = 0.005
"""Seconds that a statement takes more in each of several runs at once but the first."""
ROUNDS = 12
"""Quiet rounds in which everything must have come to rest."""
QUIET_SECONDS = 400.0
"""Between two of them: longer than a dead worker's claim holds."""
_FLOWS: tuple[Flow, ...] = ("stock", "release", "shipments")


@dataclass
class Outcome:
    """What became of one schedule."""

    number: int
    harm: dict[str, list[str]] = field(default_factory=dict)
    events: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    crash_points: Counter[str] = field(default_factory=Counter)
    story: list[str] = field(default_factory=list)


class Player:
    """One schedule on an empty yard."""

    def __init__(
        self, yard: Yard, sessions: Sessions, connection: psycopg.Connection[tuple[object, ...]], schedule: Schedule
    ) -> None:
        self._merchant = Merchant(yard, sessions, schedule)
        self._yard, self._schedule = yard, schedule
        self._checker = Checker(connection, self._merchant.code, schedule.orders, yard.shop, yard.floor)
        self._outcome = Outcome(schedule.number)
        self._sold: set[int] = set()
        self._answered: set[int] = set()
        self._abort: Abort | None = schedule.abort
        self._received: Counter[str] = Counter()
        self._shipped = 0
        self._spoilt_429 = 0

    def play(self) -> Outcome:
        """Everything that the schedule holds, and what harm it did."""
        for step in self._schedule.steps:
            self._do(step)
        self._come_to_rest()
        self._checker.look_at_the_end()
        if (refused := self._merchant.refused - self._spoilt_429) > 0:
            self._checker.note("limit_exceeded", f"{refused} calls refused")
        self._merchant.close()
        self._outcome.harm = {kind: sorted(found) for kind, found in self._checker.harm.items()}
        return self._outcome

    def _do(self, step: Step) -> None:
        began = self._yard.clock()
        what = self._act(step)
        self._yard.settle()
        if step.what in ("run", "ship"):
            self._checker.look()
        self._outcome.events += 1
        self._outcome.story.append(f"{began:%d %H:%M:%S} {step.words()}{f' → {what}' if what else ''}")

    def _act(self, step: Step) -> str:
        match step.what:
            case "sell":
                self._sell(step.at)
            case "answer":
                self._answer(step.at)
            case "edit":
                self._edit(step)
            case "receive":
                self._received[step.sku] += step.units
                self._yard.floor.receive({step.sku: step.units})
            case "ship":
                self._ship(step.at)
            case "wait":
                self._yard.clock.pass_time(step.seconds)
            case "run":
                return self._runs(step)
        return ""

    def _sell(self, number: int) -> None:
        order = self._schedule.orders[number]
        self._merchant.sell(order)
        self._sold.add(number)
        if not order.hold:
            self._checker.allowed.add(number)

    def _answer(self, number: int) -> None:
        if number not in self._sold:  # its placing was left out, to see whether the story is shorter without it
            return
        order = self._schedule.orders[number]
        self._merchant.answer(order)
        self._answered.add(number)
        if order.hold != "cancelled":
            self._checker.allowed.add(number)

    def _edit(self, step: Step) -> None:
        if step.at in self._sold:
            self._merchant.edit(self._schedule.orders[step.at], step.sku, step.units)
            self._checker.edited(step.at, step.sku, step.units)

    def _ship(self, at: int) -> None:
        """All that is left of one open order, or of its first line."""
        open_orders = [each for each in self._yard.floor.held() if each.left]
        if not open_orders:
            return
        order = open_orders[at % len(open_orders)]
        units = order.left if at % 2 else dict([next(iter(order.left.items()))])
        self._shipped += 1
        try:
            self._yard.floor.ship(order.external_ref, units, key=f"ship-{self._shipped}")
        except SandboxRefused as refusal:  # two orders under one reference, or too little on the shelf
            self._outcome.story.append(f"the staff could not: {refusal}")

    # --- runs

    def _runs(self, step: Step) -> str:
        if step.event and self._merchant.hooks.deliver(step.flow, step.event):
            self._checker.kept.add(step.event)
        self._spoil(step.spoilt)
        alone = step.runs == 1
        abort = step.abort or (self._abort if step.flow == "release" else None)
        ended = [self._run(step.flow, abort, step.seconds)] if alone else self._at_once(step)
        if step.spoilt:
            self._count_struck(step)
        self._outcome.faults.update({step.kind: 1} if step.kind else {})
        self._outcome.faults.update({"slow": 1} if step.seconds > 10 else {})
        return "; ".join(filter(None, ended))

    def _at_once(self, step: Step) -> list[str]:
        with ThreadPoolExecutor(step.runs) as pool:
            running = []
            for stall in (0.0, *[_STALL] * (step.runs - 1)):
                running.append(pool.submit(self._run, step.flow, None, step.seconds, stall))
                time.sleep(step.apart / 1000)
            return [each.result() for each in running]

    def _count_struck(self, step: Step) -> None:
        left = self._yard.faults_left()
        planned: Counter[tuple[str, str]] = Counter()
        for each in step.spoilt:
            planned[(each.end, each.kind)] += each.times
        for (end, kind), times in planned.items():
            struck = times - left.get((end, kind), 0)
            self._outcome.faults[kind] += struck
            self._spoilt_429 += struck if (end, kind) == ("warehouse", "429") else 0
        self._spoil(step.spoilt, over=True)

    def _spoil(self, spoilt: Sequence[Spoilt], *, over: bool = False) -> None:
        """Plan these faults at their ends; or forget there what is left of them."""
        for end, door in (("shop", self._yard.shop), ("warehouse", self._yard.floor)):
            planned = [each.entry() for each in spoilt if each.end == end]
            if planned:
                door.set_faults([] if over else planned)

    def _run(self, flow: Flow, abort: Abort | None = None, latency: float = 1.0, stall: float = 0.0) -> str:
        """One run, each beat tried twice as Airflow does; answers how it ended, if not well."""
        process = Process(abort, stall)
        for number, beat in enumerate(self._merchant.beats(flow, process, latency)):
            process.begin(number)
            for last_try in (False, True):
                try:
                    beat()
                    break
                except Died:
                    if process.died_at == ENDLESS:
                        self._checker.note("stuck", f"{flow} beat {number} never ends")
                        return f"ran {ENDLESS}"
                    self._outcome.faults["abort"] += 1
                    self._abort = None if abort is self._abort else self._abort
                    self._outcome.crash_points[f"{flow} {BEATS[number]}, {process.died_at}"] += 1
                    return f"died in {BEATS[number]} {process.died_at}"
                except (RetryableError, UnknownOutcome) as error:
                    self._yard.clock.pass_time(getattr(error, "retry_after", None) or 10.0)
                    if last_try:
                        return f"failed: {error}"
                except Exception as error:  # noqa: BLE001 - what the product must not do is counted, not raised
                    self._checker.note("broke", f"{flow} beat {number}: {type(error).__name__}: {error}")
                    return f"broke: {error}"
        return ""

    # --- the end

    def _come_to_rest(self) -> None:
        self._finish_what_people_owe()
        before: object = None
        for _ in range(ROUNDS):
            self._yard.clock.pass_time(QUIET_SECONDS)
            for flow in _FLOWS:
                what = self._run(flow, self._abort if flow == "release" else None)
                self._outcome.story += [f"quiet {flow} {what}"] if what else []
                self._yard.settle()
                if flow == "release":
                    self._ship_everything()
            now = self._checker.look()
            if now == before:
                return
            before = now
        self._checker.note("not_converged", f"something still moves after {ROUNDS} quiet rounds")

    def _finish_what_people_owe(self) -> None:
        for order in self._schedule.orders:
            if order.number not in self._sold:
                self._sell(order.number)
            if order.hold and order.number not in self._answered:
                self._answer(order.number)
        wanted = self._checker.wanted()
        there = Counter(self._schedule.stock) + self._received
        self._yard.floor.receive({sku: units - there[sku] for sku, units in wanted.items() if units > there[sku]})

    def _ship_everything(self) -> None:
        for each in self._yard.floor.held():
            if each.left:
                self._shipped += 1
                try:
                    self._yard.floor.ship(each.external_ref, key=f"ship-{self._shipped}")
                except SandboxRefused as refusal:
                    self._outcome.story.append(f"the staff could not: {refusal}")
        self._yard.settle()
