"""What happens in one schedule, drawn from its seed and number alone, so that it can be drawn again."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from demo.prove.fault_plans import Spoilt, draw_spoilt

Flow = Literal["release", "stock", "shipments"]
_FLOWS: tuple[Flow, ...] = ("release", "stock", "shipments")
HOLDS = ("unpaid", "held in the shop", "draft", "cancelled")
BEATS = ("collect", "decide", "submit")
_STORED = ("before a transaction", "before a commit", "after a commit")
_SHOP = ("before a call of the shop", "after a call of the shop")
_WAREHOUSE = ("before a call of the warehouse", "after a call of the warehouse")
OF_THE_BUDGET = " of the call budget"
"""What is said of a stored moment in a transaction that only asks whether the next call may go."""
_BUDGET = tuple(f"{moment}{OF_THE_BUDGET}" for moment in _STORED)
MOMENTS = (*_STORED, *_SHOP, *_WAREHOUSE, *_BUDGET)
"""Where a beat can be aborted."""
CRASH_POINTS = tuple(
    (beat, moment)
    for beat, moments in enumerate(((*_STORED, *_SHOP), _STORED, (*_STORED, *_SHOP, *_WAREHOUSE)))
    for moment in moments
)
"""Every moment, by its beat, that a run of the release comes to; each schedule lets one of them be the last."""
DECREASES_AFTER_RELEASE = False
"""Whether the shop also takes back what may have gone to the warehouse: the product leaves that to a person now."""
CASE = 12
SKUS = ("MUG", f"MUG-{CASE}", "CUP", "JUG")
"""What a merchant of the prover sells."""


@dataclass(frozen=True)
class Order:
    """One buyer's order: (SKU, quantity in what the variant is) by line; `hold` is why it waits for a person."""

    number: int
    lines: tuple[tuple[str, int], ...]
    payment: Literal["account", "card"]
    hold: str

    @property
    def cart(self) -> str:
        """What tells the order in the shop, whatever its name becomes."""
        return f"cart-{self.number}"

    @property
    def note(self) -> str:
        """What the buyer wrote."""
        day = date(2026, 12, 10) + timedelta(days=self.number)
        words = f"Delivery instructions: dock {self.number}, ring twice\nRequested delivery date: {day}"
        return f"PO: PO-{self.number}7\n{words}"

    def wanted(self) -> Counter[str]:
        """Base units by SKU of the single."""
        units: Counter[str] = Counter()
        for sku, quantity in self.lines:
            units[single(sku)] += quantity * units_of(sku)
        return units


def single(sku: str) -> str:
    """The SKU that is counted."""
    return sku.partition("-")[0]


def units_of(sku: str) -> int:
    """Base units of one of this SKU."""
    return int(sku.partition("-")[2] or 1)


@dataclass(frozen=True)
class Abort:
    """The run dies at the n-th time that its beat (a place in BEATS) comes to such a moment; `since_call` counts anew
    after each call of a remote, and nothing before the first."""

    beat: int
    moment: str
    times: int
    since_call: bool = False

    def words(self) -> str:
        """The abort as the story tells it."""
        since = " since a call" if self.since_call else ""
        return f"dies in {BEATS[self.beat]} {self.moment} no. {self.times}{since}"


@dataclass(frozen=True)
class Step:
    """One thing that happens. `sell` and `answer` name an order by `at`, and `edit` sets the quantity of its line of a
    SKU to `units`; `receive` a SKU with `units`; `ship` the at-th open warehouse order; `run` starts `runs` runs of a
    flow so many milliseconds `apart`, after the webhook of an `event` where one started it."""

    what: Literal["sell", "answer", "edit", "receive", "ship", "wait", "run"]
    at: int = 0
    sku: str = ""
    units: int = 0
    flow: Flow = "release"
    runs: int = 1
    apart: int = 0
    kind: str = ""
    spoilt: tuple[Spoilt, ...] = ()
    abort: Abort | None = None
    event: str = ""
    seconds: float = 1.0

    def words(self) -> str:
        """The step as the story tells it."""
        match self.what:
            case "sell" | "answer":
                return f"{self.what} order {self.at}"
            case "edit":
                return f"order {self.at} is edited in the shop: {self.units} of {self.sku}"
            case "receive":
                return f"the warehouse receives {self.units} {self.sku}"
            case "ship":
                return f"the warehouse ships its open order {self.at}"
            case "wait":
                return f"{self.seconds:.0f} s pass"
        several = f" × {self.runs}, {self.apart} ms apart" if self.runs > 1 else ""
        abort = f"; {self.abort.words()}" if self.abort else ""
        faults = "".join(f"; {each.words()}" for each in self.spoilt)
        return f"{self.kind or 'run'} of {self.flow}{several}{faults}{abort}"


@dataclass(frozen=True)
class Schedule:
    """One schedule: its orders, what is in stock at first, and what happens, in this order; `abort` ends the first run
    of the release that comes to it."""

    number: int
    orders: tuple[Order, ...]
    stock: dict[str, int]
    steps: tuple[Step, ...]
    abort: Abort


def draw(seed: int, number: int, warehouse: str) -> Schedule:
    """The schedule of that number."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 - a plan to be repeated, not a secret
    orders = tuple(draw_order(chance, each) for each in range(chance.randint(2, 4)))
    if not any(each.hold for each in orders):
        orders = (Order(0, orders[0].lines, "card", "unpaid"), *orders[1:])
    wanted: Counter[str] = Counter()
    for order in orders:
        wanted.update(order.wanted())
    stock = {sku: units * chance.randint(30, 120) // 100 for sku, units in sorted(wanted.items())}
    missing = {sku: units - stock[sku] for sku, units in sorted(wanted.items()) if units > stock[sku]}
    steps = tuple(_steps(chance, orders, missing, warehouse))
    beat, moment = CRASH_POINTS[number % len(CRASH_POINTS)]
    # No run might call the shop a second time, and then this crash point would be missed.
    abort = Abort(beat, moment, 1) if moment in _SHOP else _abort(chance, beat, moment)
    return Schedule(number, orders, stock, steps, abort)


def draw_order(chance: random.Random, number: int) -> Order:
    """An order of that number: up to three lines, and now and then something that it waits for."""
    lines = tuple(_line(chance, sku) for sku in chance.sample(SKUS, chance.randint(1, 3)))
    hold = chance.choice(HOLDS) if chance.random() < 0.35 else ""
    payment: Literal["account", "card"] = (
        "card" if hold in ("unpaid", "cancelled") else chance.choice(("account", "card"))
    )
    return Order(number, lines, payment, hold)


def _line(chance: random.Random, sku: str) -> tuple[str, int]:
    return sku, chance.randint(1, 3) if units_of(sku) > 1 else chance.randint(1, 30)


def _steps(chance: random.Random, orders: tuple[Order, ...], missing: dict[str, int], warehouse: str) -> Iterator[Step]:
    """Lives of the orders and deliveries, shuffled together, with runs between them."""
    lives = [_life(chance, each) for each in orders]
    lives += [[Step("receive", sku=sku, units=units)] for sku, units in missing.items() if chance.random() < 0.6]
    lives.append([Step("ship", at=chance.randrange(4)) for _ in range(chance.randint(1, 3))])
    yield Step("run", flow="stock")
    while lives:
        life = chance.choice(lives)
        yield life.pop(0)
        lives = [each for each in lives if each]
        for _ in range(chance.choice((0, 0, 1, 1, 2))):
            yield from _runs(chance, warehouse)
    yield from _runs(chance, warehouse)


def _life(chance: random.Random, order: Order) -> list[Step]:
    """What people do with one order: less of it may be wanted while it may not go, and more of it at any time."""
    sku, quantity = chance.choice(order.lines)
    life = [Step("sell", at=order.number)]
    less = chance.randint(0 if len(order.lines) > 1 else 1, quantity)
    shrinks = order.hold in ("unpaid", "held in the shop") and chance.random() < 0.5
    if shrinks:
        life.append(Step("edit", at=order.number, sku=sku, units=less))
    if order.hold:
        life.append(Step("answer", at=order.number))
    if order.hold != "cancelled" and chance.random() < 0.3:
        more = (less if shrinks else quantity) + chance.randint(1, 3)
        life.append(Step("edit", at=order.number, sku=sku, units=more))
    if order.hold != "cancelled" and DECREASES_AFTER_RELEASE and chance.random() < 0.3:
        life.append(Step("edit", at=order.number, sku=sku, units=less))
    return life


def _runs(chance: random.Random, warehouse: str) -> Iterator[Step]:
    """A run, or what makes several of one."""
    flow: Flow = chance.choice(("release", "release", "release", "stock", "shipments", "shipments"))
    spoilt = draw_spoilt(chance, warehouse, flow) if chance.random() < 0.5 else ()
    how = chance.random()
    if how < 0.25:
        beat = chance.choice((0, 1, 2, 2, 2))
        abort = _abort(chance, beat, chance.choice(_comes_to(flow, beat)))
        yield Step("run", flow=flow, spoilt=spoilt, abort=abort, seconds=_latency(chance))
    elif how < 0.35:
        yield Step(
            "run", flow=flow, kind="two runs", runs=2, apart=chance.choice((5, 10, 20)), spoilt=spoilt, seconds=0.3
        )
    elif how < 0.38:
        yield Step("run", flow=flow, kind="catch-up storm", runs=chance.randint(3, 5), spoilt=spoilt, seconds=0.2)
    elif how < 0.45:
        hints = [(each, f"e{chance.getrandbits(48):x}") for each in chance.choices(_FLOWS, k=2)]
        for hinted, event in chance.sample([*hints, hints[0]], 3):
            yield Step("run", flow=hinted, kind="webhook's run", event=event, seconds=0.3)
    else:
        yield Step("run", flow=flow, spoilt=spoilt, seconds=_latency(chance))
    if chance.random() < 0.3:
        yield Step("wait", seconds=chance.choice((20, 40, 200, 3600)))


def _abort(chance: random.Random, beat: int, moment: str) -> Abort:
    """At any of the times that a beat comes to this moment. Most runs find nothing to do: of the transactions, those
    that write down what a call did are aimed at, for there a call and what is known of it can part."""
    if BEATS[beat] == "decide":  # one transaction and no call
        return Abort(beat, moment, 1)
    if moment not in _STORED:
        return Abort(beat, moment, chance.randint(1, 4))
    if chance.random() < 0.6:
        return Abort(beat, moment, chance.randint(1, 3), since_call=True)
    return Abort(beat, moment, chance.randint(1, 8))


def _comes_to(flow: Flow, beat: int) -> tuple[str, ...]:
    """The moments that a beat of a flow comes to: what it calls, beside its transactions. What matters most is drawn
    more often."""
    calls: dict[Flow, tuple[tuple[str, ...], ...]] = {
        "release": (_SHOP, (), (*_STORED, *_WAREHOUSE, *_WAREHOUSE, *_BUDGET, *_SHOP)),
        "stock": ((*_WAREHOUSE, *_BUDGET, *_SHOP), (), _SHOP),
        "shipments": ((*_WAREHOUSE, *_BUDGET), (), _SHOP),
    }
    return (*_STORED, *calls[flow][beat])


def _latency(chance: random.Random) -> float:
    """Seconds that each call takes; now and then a remote is slow."""
    return chance.choice((0.2, 1.0, 1.0, 2.5, 30.0))
