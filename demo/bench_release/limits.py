"""What share of a warehouse's permitted calls a release uses while work waits, and how many the warehouse refuses.

The real service, store and call budget send to a warehouse that counts calls as its kind of limit does. Time is
simulated: it passes only while a call is under way or waits for its turn.
"""

from __future__ import annotations

import math
import random
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from include.fulfilment.adapters.warehouse.shipbob import CAPABILITIES
from include.fulfilment.domain.order import SalesOrder
from include.fulfilment.domain.quantity import PackRow
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import RetryableError
from include.fulfilment.mapping.units import SINGLE
from include.fulfilment.ports import (
    Absent,
    AmendAnswer,
    CallRate,
    CancelAnswer,
    Created,
    FindAnswer,
    OtherOrder,
    PackSnapshot,
    RateKind,
    ShipmentPage,
    StockLevel,
    StockSnapshot,
    SubmitAnswer,
    WarehouseRecord,
    WarehouseStatus,
)
from include.fulfilment.services import order_release
from include.fulfilment.settings import Site
from include.fulfilment.store.budget import CallBudget
from include.fulfilment.store.database import PostgresStore

CALLS, SECONDS, SPAN = 150, 60, 300
START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


class SimulatedTime:
    """Stands still but for `pass_time`."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Meter:
    """A warehouse's own count of calls."""

    def __init__(self, rate: CallRate) -> None:
        self._rate = rate
        self._taken: deque[float] = deque()
        self._level, self._at = float(rate.calls), 0.0

    @property
    def permitted(self) -> int:
        """Calls that it takes at most in the simulated time."""
        windows = math.floor(SPAN / self._rate.seconds)
        return self._rate.calls * (windows + (self._rate.kind is RateKind.BUCKET))

    def takes(self, at: float) -> bool:
        """Whether it takes a call at this second; then it counts."""
        rate = self._rate
        if rate.kind is RateKind.BUCKET:
            self._level = min(rate.calls, self._level + (at - self._at) * rate.calls / rate.seconds)
            self._at = at
            self._level -= (fits := self._level >= 1)
            return fits
        since = at // rate.seconds * rate.seconds if rate.kind is RateKind.FIXED else at - rate.seconds
        while self._taken and (self._taken[0] < since or (rate.kind is RateKind.SLIDING and self._taken[0] == since)):
            self._taken.popleft()
        fits = len(self._taken) < rate.calls
        if fits:
            self._taken.append(at)
        return fits


class MeteredWarehouse:
    """Holds orders in memory; each call asks the budget, takes 50 to 300 ms and is counted by the meter."""

    capabilities = replace(CAPABILITIES, submit_concurrency=1)

    def __init__(self, budget: CallBudget, meter: Meter, clock: SimulatedTime) -> None:
        self._budget, self._meter, self._clock = budget, meter, clock
        self._chance = random.Random(1)  # noqa: S311 - latencies, not secrets
        self.held: dict[str, WarehouseOrder] = {}
        self.calls: Counter[str] = Counter()

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        self._call()
        self.held[order.external_ref] = order
        return Created(f"W{len(self.held)}")

    def find(self, external_refs: Sequence[str]) -> dict[str, FindAnswer]:
        self._call()
        return {ref: _record(self.held[ref]) if ref in self.held else Absent() for ref in external_refs}

    def others(self, references: Sequence[str]) -> dict[str, OtherOrder]:
        self._call()
        return {}

    def cancel(self, external_ref: str) -> CancelAnswer:
        raise NotImplementedError

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        raise NotImplementedError

    def read_stock(self) -> StockSnapshot:
        raise NotImplementedError

    def read_shipments(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        raise NotImplementedError

    def _call(self) -> None:
        self._budget.acquire(1)
        delay = self._chance.uniform(0.05, 0.3)
        self._clock.pass_time(delay / 2)
        at = (self._clock() - START).total_seconds()
        taken = self._meter.takes(at)
        if at < SPAN:
            self.calls["taken" if taken else "refused"] += 1
        self._clock.pass_time(delay / 2)
        if not taken:
            raise RetryableError("too many calls", retry_after=SECONDS)


class ReadyWarehouse(MeteredWarehouse):
    """Takes everything at once, and counts nothing."""

    def __init__(self) -> None:
        self.held = {}

    def _call(self) -> None:
        """Takes no time."""


def _record(order: WarehouseOrder) -> WarehouseRecord:
    lines = {line.line_id: line.base_quantity for line in order.lines}
    texts = (order.po_number, order.instructions)
    return WarehouseRecord(order.external_ref, "W", WarehouseStatus.RECEIVED, "received", *texts, lines)


def measure_limits(store_url: str, site: Site, order: SalesOrder) -> dict[str, Any]:
    """The share for each kind of window, and the calls that were refused in all of them. `order` is one that may be
    released; it is placed as often as is needed."""
    shares, refused = {}, 0
    for kind in RateKind:
        code = f"{site.code}_{kind}"
        calls, permitted = _release(store_url, site.model_copy(update={"code": code}), order, kind)
        shares[str(kind)] = round(calls["taken"] / permitted, 4)
        refused += calls["refused"]
    return {"limit_share": shares, "refused": refused}


def _release(store_url: str, site: Site, order: SalesOrder, kind: RateKind) -> tuple[Counter[str], int]:
    rate, clock = CallRate(kind, CALLS, SECONDS), SimulatedTime()
    meter, store = Meter(rate), PostgresStore(store_url, site.code)
    budget = CallBudget(store, "warehouse_bench", rate, clock, clock.pass_time)
    warehouse = MeteredWarehouse(budget, meter, clock)
    place_orders(store, site, order, meter.permitted, clock())
    order_release.decide(store, site, {site.warehouse.code: warehouse}, clock)
    while True:
        try:
            figures = order_release.submit(store, {site.warehouse.code: warehouse}, {}, clock)
        except RetryableError as error:
            clock.pass_time(error.retry_after or 1)
        else:
            assert figures["left"] == 0  # noqa: S101 - every order went, or the share means nothing
            return warehouse.calls, meter.permitted


def place_orders(store: PostgresStore, site: Site, order: SalesOrder, number: int, now: datetime) -> None:
    """So many orders like this one, of goods that are all sold as singles, and enough of them."""
    renamed = partial(replace, order)
    orders = [
        renamed(order_id=f"bench:{each}", platform_id=str(each), name=f"#{each}", placed_at=now, updated_at=now)
        for each in range(1, number + 1)
    ]
    goods: Counter[str] = Counter()
    for line in order.lines:
        goods[line.sku] += line.quantity * number
    levels = tuple(StockLevel(sku, "A1", units) for sku, units in goods.items())
    packs = tuple(PackRow(sku, sku, SINGLE, "own", 1, "1", "bench") for sku in goods)
    with store.transaction() as rows:
        rows.packs.record_packs(PackSnapshot(packs, "1", now), now)
        rows.orders.record(orders, now)
        rows.stock.record_snapshot(site.warehouse.code, StockSnapshot(now, levels), True, now)
