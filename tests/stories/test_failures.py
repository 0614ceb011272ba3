"""Ways in which other connectors were seen to fail, each under its number of docs/failure-modes.md."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import httpx
import pytest

from include.fulfilment.adapters.storefront.shopify import OVERLAP
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.orchestration.inbox_trigger import events_of
from include.fulfilment.store.inbox import PostgresInbox, listening, take
from include.fulfilment.webhooks.app import Endpoint, create_door
from include.fulfilment.webhooks.limits import Limits
from include.fulfilment.webhooks.sources import SOURCES
from tests.stories.test_concurrency import at_once
from tests.stories.world import START, World
from tests.webhooks.kit import SHOP_SECRET, shopify


async def delivered(world: World, *events: dict[str, Any]) -> list[int]:
    """Deliver to the door, all at once; the answers' codes."""
    endpoint = Endpoint(SOURCES["shopify"], world.site_code, "", (SHOP_SECRET,))
    door = create_door([endpoint], PostgresInbox(world.store_url).put, world.clock, Limits())
    sender = httpx.ASGITransport(door)
    async with httpx.AsyncClient(transport=sender, base_url="http://door") as client:
        posts = [client.post(f"/webhooks/{endpoint.name}", **each) for each in events]
        return [each.status_code for each in await asyncio.gather(*posts)]


async def told(world: World) -> list[dict[str, Any]]:
    """The asset events that wait in the inbox, taken as Airflow takes them."""
    async with listening(world.store_url, "order") as listener:
        mine = [each for each in await listener.waiting(1000) if each.site == world.site_code]
        found = list(events_of("order", mine))
        await take(world.store_url, [inbox_id for _, ids in found for inbox_id in ids], world.clock())
    return [event for event, _ in found]


@pytest.mark.parametrize("copies", [2, 8])
def test_r20_f1_one_event_told_many_times_and_swept_besides_is_one_warehouse_order(world: World, copies: int) -> None:
    """R20, F1. The same event under two delivery ids, at once; the run it causes and the sweep's overlap."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    body = {"admin_graphql_api_id": world.shop(name)["id"], "updated_at": world.clock().isoformat()}
    event = [shopify(body, X_Shopify_Webhook_Id=f"delivery-{number % 2}") for number in range(copies)]
    assert asyncio.run(delivered(world, *event)) == [200] * copies
    (woken,) = asyncio.run(told(world))
    assert (woken["site"], woken["subjects"]) == (world.site_code, [world.shop(name)["id"]])
    assert asyncio.run(told(world)) == []
    world.collect_stock()
    at_once(world.release, world.release)
    assert [sum(each.ordered.values()) for each in world.held(name)] == [10]
    assert world.units(name) == {"ordered": 10, "released": 10, "outstanding": 10}


def test_r20_an_event_that_never_comes_is_made_good_by_the_sweep(world: World) -> None:
    """R20, F6. The shop's call is lost: the scheduled run reads the order all the same, and a late call adds none."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    world.release()
    body = {"admin_graphql_api_id": world.shop(name)["id"], "updated_at": START.isoformat()}
    asyncio.run(delivered(world, shopify(body)))
    assert len(asyncio.run(told(world))) == 1
    before = world.contents()
    world.release()
    assert world.contents() == before
    assert len(world.held(name)) == 1


@pytest.mark.parametrize("seed", range(3))
def test_f6_f45_whatever_touches_the_edge_of_a_reading_is_seen_and_goes_once(world: World, seed: int) -> None:
    """F6, F45. Orders placed, and old ones touched, just before, at and after the instant to which a reading got."""
    chance = random.Random(seed)  # noqa: S311 - a plan to be repeated, not a secret
    world.goods("MUG", 1_000)
    names: list[str] = []
    waiting: list[str] = []
    for _ in range(6):
        for _ in range(chance.randint(1, 4)):
            if waiting and chance.random() < 0.4:
                world.control.pay(waiting.pop(0))  # a record long passed by the cursor
            else:
                waiting.append(world.sell(("MUG", 1), payment="upfrontPayment"))
                names.append(waiting[-1])
            world.pass_time(minutes=chance.choice((0.0, 0.0, 1 / 60, 0.5)))
        world.collect()
        world.pass_time(minutes=chance.choice((0.0, OVERLAP / timedelta(minutes=1), 61.0)))
    for name in waiting:
        world.control.pay(name)
    world.release()
    assert [[sum(each.ordered.values()) for each in world.held(name)] for name in names] == [[1]] * len(names)
    world.release()
    assert len(world.floor.held()) == len(names)


@pytest.mark.parametrize("arrival", list(permutations(range(3))))
def test_f7_readings_of_an_order_may_come_in_any_sequence(world: World, arrival: tuple[int, ...]) -> None:
    """F7. Placed, paid and edited, told in any sequence and once more: what the shop said last counts."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10), payment="upfrontPayment")
    changes = (lambda: None, lambda: world.control.pay(name), lambda: world.control.edit_line_quantity(name, 1, 7))
    readings = []
    for change in changes:
        change()
        readings += [order for page in world.storefront.read_orders(None) for order in page.orders]
        world.pass_time(minutes=1)
    with world.store.transaction() as rows:
        for number in (*arrival, arrival[0]):
            rows.orders.record([readings[number]], world.clock())
    stock_then_submit(world)
    assert [sum(each.ordered.values()) for each in world.held(name)] == [7]


def stock_then_submit(world: World) -> None:
    """Decide and send without another reading of the shop's orders."""
    with world.store.transaction() as rows:
        rows.packs.record_packs(world.pack_source.read(), world.clock())
        rows.stock.record_snapshot("main", world.warehouse.read_stock(), True, world.clock())
    world.decide()
    world.submit()


def test_f21_a_run_without_a_change_sends_the_shop_nothing_and_a_change_only_itself(world: World) -> None:
    """F21. Of 200 SKUs two changed: two rows are written, in one call."""
    for number in range(200):
        world.goods(f"S{number}", 5, shown=5)
    world.sync()
    before = world.control.calls().get("inventorySetQuantities", 0)
    world.sync()
    assert world.control.calls().get("inventorySetQuantities", 0) == before
    world.floor.receive({"S7": 2, "S8": 3})
    assert world.sync()["applied"] == 2
    assert world.control.calls()["inventorySetQuantities"] == before + 1


def test_f22_an_order_that_waits_for_weeks_keeps_its_reason_its_owner_and_its_clock(world: World) -> None:
    """F22. A backorder whose goods never come is told for as long as it waits; no run and no age closes it."""
    world.goods("MUG", 0)
    name = world.sell(("MUG", 10))
    world.release()
    for _ in range(3):
        world.pass_time(hours=24 * 7)
        world.release()
    (row,) = world.query("SELECT state, reason, state_since FROM order_status WHERE site = %(site)s")
    assert (row["state"], row["reason"]) == ("awaiting_stock", "awaiting_stock")
    assert world.clock() - row["state_since"] > timedelta(days=20)
    assert world.tickets() == [("awaiting_stock", name, "operations")]


@pytest.mark.parametrize("seed", range(4))
def test_f23_no_mix_of_deliveries_and_edits_makes_or_loses_a_unit(world: World, seed: int) -> None:
    """F23. Splits over parts and edits up and down: after each step ordered = held + released + backordered +
    cancelled, and the warehouse never holds more than was asked for."""
    chance = random.Random(seed)  # noqa: S311 - a plan to be repeated, not a secret
    world.goods("MUG", chance.randint(0, 20))
    name = world.sell(("MUG", 20))
    most = 20
    for _ in range(8):
        if chance.random() < 0.5:
            world.floor.receive({"MUG": chance.randint(1, 8)})
        else:
            asked = chance.randint(1, 40)
            most = max(most, asked)
            world.control.edit_line_quantity(name, 1, asked)
        world.release()
        units = {"held": 0, "released": 0, "backordered": 0, "cancelled": 0} | world.units(name)
        parts = units["held"] + units["released"] + units["backordered"] + units["cancelled"]
        assert parts == units["ordered"]
        alive = [each for each in world.held(name) if each.state != "cancelled"]
        held = sum(sum(each.ordered.values()) for each in alive)
        assert held == units["released"] <= most
    refs = [each.external_ref for each in world.held(name)]
    assert len(refs) == len(set(refs))


def test_f39_a_pack_of_two_and_a_half_is_refused_and_rounded_nowhere(world: World) -> None:
    """F39. A factor with a fraction is no factor: the order waits, and nothing of it goes."""
    world.goods("MUG", 50)
    world.packs(("MUG", "EA", "MUG", 1), ("MUG-25", "CASE", "MUG", 2.5))  # type: ignore[arg-type]
    name = world.sell(("MUG-25", 2))
    world.release()
    assert world.tickets(name) == [("pack_unknown", name, "master_data")]
    assert world.floor.held() == []


def test_f41_a_line_whose_variant_is_gone_holds_its_own_order_and_no_other(world: World) -> None:
    """F41. The product was deleted after the order: its line has no SKU."""
    world.goods("MUG", 50)
    gone = world.sell(("MUG", 1), (None, 3))
    whole = world.sell(("MUG", 2))
    world.release()
    assert [code for code, subject, _ in world.tickets() if subject == gone] == ["order_malformed"]
    assert (world.held(gone), [sum(each.ordered.values()) for each in world.held(whole)]) == ([], [2])


def test_f43_prices_taxes_and_currencies_go_nowhere_near_the_warehouse(world: World) -> None:
    """F43. An order of 0.00 and one in yen go like any other where credit plays no part; what is sent has no money."""
    world.goods("MUG", 50)
    free = world.sell(("MUG", 1), price="0.00", payment="upfrontPayment", financial_status="PAID")
    foreign = world.sell(("MUG", 1), payment="upfrontPayment", financial_status="PAID", currency="JPY")
    world.release()
    assert [len(world.held(name)) for name in (free, foreign)] == [1, 1]
    fields = set(WarehouseOrder.__dataclass_fields__)
    assert not {each for each in fields if any(word in each for word in ("price", "total", "tax", "discount"))}


@pytest.mark.parametrize(
    "night",
    [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2027, 3, 28, 0, 30, tzinfo=UTC)],
    ids=["clocks go back", "clocks go forward"],
)
def test_f44_no_order_is_missed_or_doubled_in_a_night_in_which_the_clocks_change(world: World, night: datetime) -> None:
    """F44. One order every ten minutes through the change, London time on the site: each goes once, in its sequence."""
    world.clock.now = night  # type: ignore[attr-defined]
    world.goods("MUG", 50)
    world.credit()
    names = []
    for _ in range(12):
        names.append(world.sell(("MUG", 1)))
        world.pass_time(minutes=9)
        world.release()
    assert [len(world.held(name)) for name in names] == [1] * 12
    placed = world.query("SELECT placed_at FROM sales_order WHERE site = %(site)s ORDER BY placed_at")
    assert [row["placed_at"] - night for row in placed] == [timedelta(minutes=10 * each) for each in range(12)]


def test_f8_our_own_status_in_the_shop_wakes_nothing(world: World) -> None:
    """F8. The shop tells us of the change that we made: no decision, no ticket and no event comes of it."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    world.release()
    before = world.contents()
    world.release()
    assert world.contents() == before
    assert world.status(name)[1] == "in_warehouse"


def test_f12_a_fault_that_never_ends_is_one_ticket_and_no_endless_loop(world: World) -> None:
    """F12. A SKU that the warehouse does not know is tried once, however many runs come by."""
    world.goods("MUG", 50)
    world.goods("GHOST", 5)
    name = world.sell(("GHOST", 1))
    world.collect_stock()
    del world.floor.stock["GHOST"]
    world.decide()
    for _ in range(4):
        world.submit()
        world.pass_time(hours=1)
        world.decide()
    assert (world.floor.calls["submit"], world.floor.held()) == (1, [])
    assert [code for code, subject, _ in world.tickets() if subject == name] == ["warehouse_rejected"]
