"""What `bin/prove crash` plays, drawn from seed and number alone, and what it counts."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from demo.prove.checker import HARM
from demo.prove.plan import BEATS, Flow, Order, draw_order

Victim = Literal["task", "worker", "scheduler", "postgres", "warehouse", "dag-processor"]
_WEIGHTS: dict[Victim, int] = {
    "task": 8, "worker": 2, "scheduler": 2, "postgres": 2, "warehouse": 2, "dag-processor": 1,
}  # fmt: skip
VICTIMS: tuple[Victim, ...] = tuple(_WEIGHTS)
"""`task` is the process of a task and what it forked; `worker` is that and the process which watches it, so that
Airflow learns of the death by silence alone."""
DAGS: dict[Flow, str] = {
    "release": "order_release", "stock": "stock_sync", "shipments": "fulfilment_aggregation",
}  # fmt: skip
_BESIDE: tuple[Flow, ...] = ("stock", "shipments")
_GROUPS: dict[Flow, str] = {"release": "release", "stock": "sync", "shipments": "aggregate"}
MOST_ORDERS = 3


@dataclass(frozen=True)
class Blow:
    """Kill `victim` while the beat of a flow runs: once `creates` more orders were asked of the warehouse, or so many
    `seconds` after the beat began."""

    victim: Victim
    flow: Flow
    beat: str
    creates: int = 0
    seconds: float = 0.0

    @property
    def task_id(self) -> str:
        """The beat's task in Airflow."""
        return f"{_GROUPS[self.flow]}.{self.beat}"

    def words(self) -> str:
        """Where it fell, for the figures."""
        return f"{self.victim} in {self.flow} {self.beat}"


@dataclass(frozen=True)
class CrashSchedule:
    """Orders that are placed, goods (units by SKU) that arrive, whether the floor ships what is open, flows that are
    triggered, and the blow; each create of the warehouse takes `create_seconds` longer."""

    number: int
    orders: tuple[Order, ...]
    goods: dict[str, int]
    ships: bool
    flows: tuple[Flow, ...]
    blow: Blow
    create_seconds: float


def draw_crash(seed: int, number: int) -> CrashSchedule:
    """The schedule of that number; its orders wait for nobody and are numbered through all schedules."""
    chance = random.Random(f"crash/{seed}/{number}")  # noqa: S311 - a plan to be repeated, not a secret
    numbers = range(MOST_ORDERS * number, MOST_ORDERS * number + chance.randint(1, MOST_ORDERS))
    orders = tuple(replace(draw_order(chance, each), hold="") for each in numbers)
    wanted: Counter[str] = Counter()
    for order in orders:
        wanted.update(order.wanted())
    goods = {sku: units * chance.randint(60, 130) // 100 for sku, units in sorted(wanted.items())}
    others = [each for each in _BESIDE if chance.random() < 0.35]
    flows: tuple[Flow, ...] = ("release", *others)
    struck: Flow = chance.choice(("release", "release", "release", *others))
    return CrashSchedule(
        number,
        orders,
        goods,
        chance.random() < 0.4,
        flows,
        _blow(chance, struck, len(orders)),
        chance.choice((1.0, 2.0, 3.0)),
    )


def _blow(chance: random.Random, flow: Flow, orders: int) -> Blow:
    victim = chance.choices(VICTIMS, list(_WEIGHTS.values()))[0]
    beat = chance.choice((*BEATS, "submit", "submit", "submit"))
    if (flow, beat) == ("release", "submit") and chance.random() < 0.75:
        return Blow(
            victim, flow, beat, creates=chance.randint(1, min(2, orders)), seconds=round(chance.uniform(0, 0.9), 2)
        )
    return Blow(victim, flow, beat, seconds=round(chance.uniform(0, 1), 2))


@dataclass
class CrashFigures:
    """The sums of one run of the prover."""

    seed: int
    warehouse: str
    schedules: int = 0
    orders: int = 0
    units: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    blows: Counter[str] = field(default_factory=Counter)
    while_sending: int = 0
    """Kills after the warehouse was asked for an order and before the beat that asked had ended."""
    missed: int = 0
    """Blows whose victim had ended, or whose beat did not come in time."""
    revived: Counter[str] = field(default_factory=Counter)
    """Processes that ended because of a kill, or by it, and were started again."""
    runs: Counter[str] = field(default_factory=Counter)
    """Runs of the DAGs by how they ended."""
    quiet_rounds: int = 0
    harm: dict[str, list[str]] = field(default_factory=dict)
    seconds: float = 0.0

    def struck(self, blow: Blow, *, sending: bool) -> None:
        """One kill."""
        self.kills[blow.victim] += 1
        self.blows[blow.words()] += 1
        self.while_sending += sending

    @property
    def good(self) -> bool:
        """No harm."""
        return not any(self.harm.values())

    def as_json(self) -> dict[str, Any]:
        """The figures under their stable names."""
        return {
            "name": "crash",
            "seed": self.seed,
            "warehouse": self.warehouse,
            "schedules": self.schedules,
            "orders": self.orders,
            "units": self.units,
            "kills": {victim: self.kills[victim] for victim in VICTIMS},
            "kills_while_sending": self.while_sending,
            "kills_by_beat": dict(sorted(self.blows.items())),
            "missed": self.missed,
            "revived": dict(sorted(self.revived.items())),
            "runs": dict(sorted(self.runs.items())),
            "quiet_rounds": self.quiet_rounds,
            **{kind: len(self.harm.get(kind, ())) for kind in HARM},
            "harm": {kind: found for kind, found in sorted(self.harm.items()) if found},
            "seconds": round(self.seconds, 1),
        }

    def lines(self) -> Iterable[str]:
        """The figures for a person."""
        yield (
            f"{self.schedules} schedules on {self.warehouse}, {self.orders} orders, {self.units} units, "
            f"{self.seconds:.0f} s; at rest after {self.quiet_rounds} quiet rounds"
        )
        kills = ", ".join(f"{victim} {times}" for victim, times in self.kills.most_common())
        yield f"kills: {self.kills.total()} ({kills or 'none'}), {self.while_sending} of them while sending"
        yield f"missed: {self.missed}"
        yield "runs: " + (", ".join(f"{state} {times}" for state, times in sorted(self.runs.items())) or "none")
        yield "harm: " + (
            ", ".join(f"{kind} {len(found)}" for kind, found in sorted(self.harm.items()) if found) or "none"
        )
        for kind, found in sorted(self.harm.items()):
            yield from (f"  {kind}: {words}" for words in found)
