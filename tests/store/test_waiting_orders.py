"""Which orders have something to decide, and which use credit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from include.fulfilment.domain.quantity import LineQuantities
from include.fulfilment.store.database import PostgresStore
from tests.store.seeds import MINUTE, NOW, line, order, record, release, save, update, variant

PLACED = LineQuantities.placed(40)


def waiting(store: PostgresStore) -> list[str]:
    with store.transaction() as rows:
        return [each.order.name for each in rows.orders.waiting()]


def test_orders_come_in_the_order_they_were_placed(store: PostgresStore) -> None:
    record(store, order(3), order(1), order(2, placed_at=NOW + 9 * MINUTE))

    assert waiting(store) == ["#1", "#3", "#2"]


def test_an_order_that_is_whole_in_the_warehouse_has_nothing_to_decide(store: PostgresStore) -> None:
    release(store)

    assert waiting(store) == []


@pytest.mark.parametrize(
    "change",
    [
        order(1042, line(quantity=46)),
        order(1042, line(quantity=12)),
        order(1042, line(), line("2", "CUP", 1)),
        order(1042, line("2", "CUP", 1)),
        order(1042, cancelled_at=NOW),
    ],
    ids=["more", "fewer", "another line", "the line taken off", "cancelled"],
)
def test_a_change_behind_the_warehouse_is_to_be_decided(store: PostgresStore, change: object) -> None:
    release(store)
    record(store, replace(change, updated_at=NOW + MINUTE))  # type: ignore[type-var]

    assert waiting(store) == ["#1042"]


def test_a_backorder_waits_on(store: PostgresStore) -> None:
    release(store, units=25)

    assert waiting(store) == ["#1042"]


@pytest.mark.parametrize(
    ("state", "quantities"), [("fulfilled", PLACED.allocate(40).fold(40, 0)), ("cancelled", PLACED)]
)
def test_a_finished_order_is_decided_again_only_if_the_shop_wants_more(
    store: PostgresStore, state: str, quantities: LineQuantities
) -> None:
    wanted = 40 if state == "fulfilled" else 0
    record(store, order(1042, line(quantity=wanted)))
    save(store, update(1042, quantities if state == "fulfilled" else quantities.cancel_waiting(), state))
    assert waiting(store) == []

    record(store, order(1042, line(quantity=46), updated_at=NOW + MINUTE))
    assert waiting(store) == ["#1042"]


def test_orders_of_one_number_are_told_apart(store: PostgresStore) -> None:
    record(store, order(1), order(2), order(3, name="1"))
    with store.transaction() as rows:
        found = {each.order.order_id: each.shared_name for each in rows.orders.waiting()}
    assert found == {"cart:1": True, "cart:2": False, "cart:3": True}


def test_an_order_that_is_not_ours_is_read_until_its_demand_is_proven_or_over(store: PostgresStore) -> None:
    record(store, order(1, is_b2b=False), order(2, is_b2b=False))
    unproven = replace(update(1, LineQuantities(), "not_ours"))
    save(store, unproven, update(2, PLACED, "not_ours"))
    assert waiting(store) == ["#1"]

    record(store, order(1, is_b2b=False, fulfilled_in_shop=True, updated_at=NOW + MINUTE))
    assert waiting(store) == []


def test_a_line_knows_the_pack_size_that_the_shop_forces(store: PostgresStore) -> None:
    record(store, order(1042, line(), line("2", "CUP", 3, position=1)))
    with store.transaction() as rows:
        rows.stock.record_variants([variant("MUG", pack_size=6)], NOW)
        (stored,) = rows.orders.waiting()

    assert [(each.sku, each.pack_size) for each in stored.lines] == [("MUG", 6), ("CUP", None)]
