"""The core stories, word for word the same on the warehouse in memory and on a real Tryton."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from demo.tryton.install import DATABASE
from include.fulfilment.adapters.warehouse.tryton import TrytonWarehouse
from include.fulfilment.adapters.warehouse.tryton.wire import tryton_transport
from include.fulfilment.clock import system_clock
from tests.demo.tryton.kit import Yard, yard
from tests.stories import test_already_there
from tests.stories.floors import TrytonFloor
from tests.stories.world import World, sandbox

__all__ = ["yard"]


@pytest.fixture
def tryton_world(yard: Yard, tmp_path: Path, store_url: str) -> Iterator[World]:
    """A merchant whose goods lie in a real Tryton; everything runs on the machine's clock."""
    with (
        sandbox(tmp_path, system_clock, lambda seconds: None) as shop,
        tryton_transport(yard.url, DATABASE, yard.home.api_key, connection_id="warehouse_test") as door,
    ):
        made = World(shop, store_url, TrytonWarehouse(door, system_clock), TrytonFloor(yard), system_clock)
        made.open(tmp_path)
        yield made


@pytest.fixture(params=["world", pytest.param("tryton_world", marks=pytest.mark.e2e)])
def merchant(request: pytest.FixtureRequest) -> World:
    found: World = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def sku() -> str:
    return f"MUG{uuid4().hex[:6].upper()}"


def test_r1_an_order_on_account_arrives_complete(merchant: World, sku: str) -> None:
    """R1 from a completed draft to the order that the warehouse itself holds."""
    merchant.goods(sku, 400)
    note = "PO: PO-77\nDelivery instructions: leave at the gate\nRequested delivery date: 2027-01-11"
    merchant.sell((sku, 1), custom_attributes={})  # so that the next number is free in the warehouse too
    draft = merchant.sell((sku, 400), name="#D1", cart=sku, price="2.50", source="draft", note=note)
    merchant.release()
    name = merchant.complete(draft)
    merchant.release()
    (order,) = merchant.held(name)
    assert (order.po_number, order.ordered) == ("PO-77", {merchant.line_ids(name)[0]: 400})
    assert order.instructions.endswith("leave at the gate")
    assert str(merchant.floor.requested_on(order.external_ref)) == "2027-01-11"
    shop = merchant.shop(name)
    assert (shop["financial_status"], shop["note"]) == ("PENDING", note)
    assert merchant.tickets(name) == []


def test_r8_and_p8_the_balance_follows_once_and_ends_the_order(merchant: World, sku: str) -> None:
    """R8, P8. 25 of 40 go and ship; the 15 follow once, and only with them the order is fulfilled."""
    merchant.goods(sku, 25)
    name = merchant.sell((sku, 40))
    merchant.release()
    assert [sum(each.ordered.values()) for each in merchant.held(name)] == [25]
    merchant.floor.ship(merchant.ref(name))
    merchant.aggregate()
    assert merchant.status(name) == ("PARTIALLY_FULFILLED", "partly_shipped")
    merchant.floor.receive({sku: 15})
    for _ in range(2):
        merchant.release()
    assert [(each.external_ref, sum(each.ordered.values())) for each in merchant.held(name)] == [
        (merchant.ref(name), 25),
        (merchant.ref(name, 2), 15),
    ]
    merchant.floor.ship(merchant.ref(name, 2))
    merchant.aggregate()
    assert merchant.status(name) == ("FULFILLED", "fulfilled")
    assert merchant.units(name) == {"ordered": 40, "released": 40, "shipped": 40}
    merchant.sync()
    assert merchant.shown()[sku] == 0


def test_p1_two_days_of_parcels_become_two_fulfilments(merchant: World, sku: str) -> None:
    """P1 with one carrier a shipment. 24 + 18 + 5: day 1 sends 12 + 18 + 0 in two parcels, day 2 12 + 0 + 5 in one."""
    case, cup = f"{sku}-12", f"CUP{sku}"
    merchant.goods(sku, 100, cases=[12])
    merchant.goods(cup, 100, pack_size=6)
    name = merchant.sell((case, 2), (cup, 18), (sku, 5))
    merchant.release()
    first, second, third = merchant.line_ids(name)
    merchant.floor.ship(merchant.ref(name), {first: 12, second: 18, third: 0}, boxes=2)
    merchant.aggregate()
    ((quantities, tracking),) = merchant.posted(name)
    assert (quantities, len(tracking)) == ({case: 1, cup: 18}, 2)
    assert merchant.status(name) == ("PARTIALLY_FULFILLED", "partly_shipped")
    merchant.floor.ship(merchant.ref(name))
    for _ in range(2):
        merchant.aggregate()
    _, (quantities, _) = merchant.posted(name)
    assert (quantities, merchant.status(name)) == ({case: 1, sku: 5}, ("FULFILLED", "fulfilled"))
    (held,) = merchant.held(name)
    shown = {number for _, numbers in merchant.posted(name) for number in numbers}
    assert (shown, len(shown)) == (set(held.tracking_numbers), 3)


def test_p4_a_line_closed_short_by_the_staff_ends_with_the_credit(merchant: World, sku: str) -> None:
    """P4. 40 ordered, 37 shipped, 3 closed."""
    merchant.goods(sku, 100)
    name = merchant.sell((sku, 40))
    merchant.release()
    (line,) = merchant.line_ids(name)
    merchant.floor.ship(merchant.ref(name), {line: 37}, close_rest=True)
    merchant.aggregate()
    assert merchant.tickets(name) == [("short_closed", f"{name} line {line}", "finance")]
    merchant.control.edit_line_quantity(name, 1, 37)
    merchant.release()
    merchant.aggregate()
    assert (merchant.standing(name), merchant.tickets(name)) == (("fulfilled", ""), [])
    assert merchant.units(name) == {"ordered": 40, "released": 37, "cancelled": 3, "shipped": 37}


def test_r29_an_order_that_somebody_else_brought_is_adopted_and_ships_once(merchant: World, sku: str) -> None:
    """R29, as on every sandbox."""
    test_already_there.ships_once(merchant, sku)
