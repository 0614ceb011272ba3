"""Several schedulers, several workers and breaks in the middle: each order still goes once."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import RetryableError
from include.fulfilment.services import order_release
from include.fulfilment.store.outbox import CLAIM
from tests.stories.world import World


def at_once(*acts: Callable[[], object], apart: float = 0.02) -> None:
    """Run these so many seconds apart, each in a thread of its own; the first error is raised."""
    with ThreadPoolExecutor(len(acts)) as pool:
        running = []
        for act in acts:
            running.append(pool.submit(act))
            time.sleep(apart)
        for each in running:
            each.result(timeout=60)


def test_r12_two_runs_of_one_order_20_ms_apart_send_it_once(world: World) -> None:
    """R12, F3. Collect, decide and submit of both overlap; the balance isn't released twice either."""
    world.goods("MUG", 25)
    name = world.sell(("MUG", 40))
    world.collect_stock()
    at_once(lambda: (world.decide(), world.submit()), lambda: (world.decide(), world.submit()))
    assert [sum(each.ordered.values()) for each in world.held(name)] == [25]
    assert world.units(name) == {"ordered": 40, "released": 25, "backordered": 15, "outstanding": 25}


def test_r12_two_deciders_never_promise_the_same_stock(world: World) -> None:
    """F20. Twenty orders of 5 for 50 units, decided twice at once: 50 go, never more."""
    world.goods("MUG", 50)
    names = [world.sell(("MUG", 5)) for _ in range(20)]
    world.collect_stock()
    at_once(world.decide, world.decide, apart=0)
    world.submit()
    assert sum(sum(each.ordered.values()) for each in world.floor.held()) == 50
    assert sum(len(world.held(name)) for name in names) == 10


@pytest.mark.every_warehouse()
def test_r12_twelve_queued_catch_up_runs_make_one_order(world: World) -> None:
    """R12, F2. After a crash the queued runs fire together."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    at_once(*[world.release] * 12, apart=0)
    assert len(world.held(name)) == 1


def test_a_worker_that_dies_after_the_warehouse_took_the_order_costs_nothing(world: World) -> None:
    """F2. Killed between the answer and our note of it: the next run waits for the claim to lapse, then finds it."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    world.collect_stock()
    world.decide()
    with world.store.transaction() as rows:
        (claimed,) = rows.outbox.claim(order_release.KIND, 20, world.clock(), warehouse="main")
    world.floor.submit(WarehouseOrder.from_json(claimed.payload), world.clock() + CLAIM)
    world.submit()
    assert world.floor.calls["submit"] == 1
    world.pass_time(hours=CLAIM.total_seconds() / 3600 + 1)
    assert world.submit()["found"] == 1
    assert (len(world.held(name)), world.standing(name)) == (1, ("in_warehouse", ""))


def test_an_unreachable_warehouse_stops_the_run_and_loses_nothing(world: World) -> None:
    """F5, F9. The run fails for its retry; when the warehouse is back every order goes once."""
    world.goods("MUG", 50)
    names = [world.sell(("MUG", 5)) for _ in range(3)]
    world.collect_stock()
    world.decide()
    world.floor.down = True
    with pytest.raises(RetryableError, match="cannot be reached"):
        world.submit()
    world.floor.down = False
    world.pass_time(hours=1)
    world.release()
    assert [len(world.held(name)) for name in names] == [1, 1, 1]


def test_a_reading_of_orders_that_breaks_off_is_taken_up_where_it_was(world: World) -> None:
    """F5, F6. The second page fails: the cursor has not moved past what was not stored."""
    world.goods("MUG", 500)
    names = [world.sell(("MUG", 1)) for _ in range(30)]
    world.pass_time(minutes=10)  # beyond the overlap with which changes are read
    world.fault("orders", "5xx_before", times=4, after_calls=1)
    with pytest.raises(RetryableError):
        world.collect()
    stored = world.query("SELECT count(*) AS orders FROM sales_order WHERE site = %(site)s")[0]["orders"]
    assert 0 < stored < 30
    world.pass_time(hours=2)
    world.release()
    assert [len(world.held(name)) for name in names] == [1] * 30


def test_shop_throttling_is_waited_out_and_nothing_is_lost(world: World) -> None:
    """F9. THROTTLED in a 200, and 429s."""
    world.goods("MUG", 50)
    world.control.set_faults(
        [
            {"operation": "orders", "kind": "throttled", "times": 2},
            {"operation": "metafieldsSet", "kind": "429", "times": 2},
        ]
    )
    name = world.sell(("MUG", 10))
    world.release()
    assert (len(world.held(name)), world.status(name)[1]) == (1, "in_warehouse")
