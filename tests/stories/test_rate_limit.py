"""A warehouse that takes few calls a minute and loses patience now and then: everything arrives, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from include.fulfilment.domain.order import PaymentMethod, PaymentState
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import RetryableError
from include.fulfilment.ports import (
    Absent,
    CallRate,
    FindAnswer,
    RateKind,
    SubmitAnswer,
    WarehouseRecord,
    WarehouseStatus,
)
from include.fulfilment.services import order_release, stock_sync
from include.fulfilment.services.sources import collect_packs
from include.fulfilment.store.budget import CallBudget
from tests.fakes import FakeWarehouse, Held
from tests.store.seeds import line, order
from tests.stories.world import World

ORDERS, CALLS, MINUTE = 2_000, 150, timedelta(minutes=1)


class ImpatientWarehouse(FakeWarehouse):
    """Each call asks the budget first and takes a tenth of a second; every tenth is refused with a wait of 7 s."""

    def __init__(self, world: World) -> None:
        super().__init__(world.clock)
        self._world, self.called_at, self.slept = world, list[datetime](), list[float]()
        rate = CallRate(RateKind.SLIDING, CALLS, 60)
        self._budget = CallBudget(world.store, "warehouse_x_main", rate, world.clock, self._sleep)

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        self._one_call()
        return super().submit(order, until)

    def find(self, external_refs: Sequence[str]) -> dict[str, FindAnswer]:
        self._one_call()
        held = {each.external_ref: each for each in self.orders}
        return {ref: _record(held[ref]) if ref in held else Absent() for ref in external_refs}

    def _one_call(self) -> None:
        self._budget.acquire(1)
        self.called_at.append(self._world.clock())
        self._world.pass_time(minutes=0.1 / 60)
        if len(self.called_at) % 10 == 0:
            raise RetryableError("the warehouse answered 429", retry_after=7)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._world.pass_time(minutes=seconds / 60)


def _numbered(number: int) -> dict[str, Any]:
    one = (line(quantity=1),)
    return {"order_id": f"cart:{number}", "platform_id": str(number), "name": f"#{number}", "lines": one}


def _record(held: Held) -> WarehouseRecord:
    texts = ("received", held.po_number, held.instructions)
    return WarehouseRecord(held.external_ref, "W", WarehouseStatus.RECEIVED, *texts, held.ordered)


def test_r13_a_storm_of_429_delays_orders_and_neither_loses_nor_doubles_any(world: World) -> None:
    """R13, F9. 2,000 orders, 150 calls a minute, every tenth answer 429 with Retry-After 7."""
    warehouse = ImpatientWarehouse(world)
    warehouse.receive({"MUG": ORDERS})
    world.packs(("MUG", "EA", "MUG", 1))
    collect_packs(world.store, world.pack_source, world.site, world.clock)
    stock_sync.collect_stock(world.store, {"main": warehouse}, world.site, world.clock)
    by_card = {"payment_method": PaymentMethod.CARD, "payment_state": PaymentState.PAID, "account_id": ""}
    paid = order(shipping_method="Pallet", **by_card)
    orders = [replace(paid, **_numbered(number)) for number in range(1, ORDERS + 1)]
    with world.store.transaction() as rows:
        rows.orders.record(orders, world.clock())
    assert order_release.decide(world.store, world.site, {"main": warehouse}, world.clock)["release"] == ORDERS
    deferred: list[tuple[float | None, bool]] = []
    while True:
        try:
            figures = order_release.submit(world.store, {"main": warehouse}, {}, world.clock)
        except RetryableError as error:
            deferred.append((error.retry_after, error.got_on))
            world.pass_time(minutes=(error.retry_after or 0) / 60)
        else:
            break
    assert figures["left"] == 0
    refs = [each.external_ref for each in warehouse.orders]
    assert sorted(refs) == sorted(f"B2B{each}" for each in range(1, ORDERS + 1))
    assert max(warehouse.slept) <= 5
    assert {wait for wait, _ in deferred} == {7}
    assert not any(stuck == after == (7, False) for stuck, after in pairwise(deferred))
    assert _fullest_minute(warehouse.called_at) <= CALLS


def _fullest_minute(at: Sequence[datetime]) -> int:
    return max(sum(first <= one < first + MINUTE for one in at[place : place + 300]) for place, first in enumerate(at))
