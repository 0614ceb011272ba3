"""What the warehouse answered: taken once, refused and sent again, read back and compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from include.fulfilment.domain.quantity import LineQuantities
from include.fulfilment.errors import DataError
from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store_port import DifferingOrder, TakenOrder
from tests.store.seeds import CODE, MINUTE, NOW, line, order, record, release, save, update, warehouse_order

Ask = Callable[..., list[dict[str, Any]]]


def test_an_acknowledgement_counts_once_however_often_it_is_told(store: PostgresStore, ask: Ask) -> None:
    release(store, acknowledged=False)
    for minutes in (1, 2):
        with store.transaction() as rows:
            rows.orders.acknowledge(CODE, [TakenOrder("B2B1042", "17")], NOW + minutes * MINUTE)

    found = ask("SELECT state, wms_id, acknowledged_at FROM warehouse_order WHERE site = %(site)s")
    assert found == [{"state": "acknowledged", "wms_id": "17", "acknowledged_at": NOW + MINUTE}]
    assert ask("SELECT ever_released FROM sales_order WHERE site = %(site)s") == [{"ever_released": True}]
    words = "SELECT words FROM order_event WHERE site = %(site)s AND source = 'warehouse'"
    assert ask(words) == [{"words": "The warehouse took B2B1042 as its 17"}]


def test_a_rejected_order_is_held_and_goes_again_under_the_same_reference(store: PostgresStore, ask: Ask) -> None:
    release(store, units=25, acknowledged=False)
    for _ in range(2):
        with store.transaction() as rows:
            rows.orders.reject(CODE, "B2B1042", "unknown product MUG", NOW + MINUTE)

    with store.transaction() as rows:
        (stored,) = rows.orders.waiting()
        assert rows.shipments.released_lines(CODE) == []
    assert stored.lines[0].quantities == LineQuantities(ordered=40, held=25, backordered=15)
    assert (stored.state, stored.reason, stored.state_since) == ("held", "warehouse_rejected", NOW + MINUTE)
    assert stored.refused_hash == stored.content_hash
    assert (stored.parts, stored.rejected_part, stored.revision) == (0, 1, 1)

    record(store, order(1042, line(), po_number="PO-2", updated_at=NOW + MINUTE))
    again = warehouse_order(1042, 30, revision=2)
    quantities = LineQuantities.placed(40).allocate(30)
    save(store, replace(update(1042, quantities, "in_warehouse", "awaiting_stock"), warehouse_orders={CODE: again}))

    found = ask("SELECT external_ref, revision, state FROM warehouse_order WHERE site = %(site)s")
    assert found == [{"external_ref": "B2B1042", "revision": 2, "state": "queued"}]
    keys = ask("SELECT key FROM outbox WHERE site = %(site)s ORDER BY outbox_id")
    assert keys == [{"key": "cart:1042/1/1"}, {"key": "cart:1042/2/1"}]
    with store.transaction() as rows:
        (stored,) = rows.orders.waiting()
        assert [each.base_quantity for each in rows.shipments.released_lines(CODE)] == [30]
    assert stored.refused_hash != stored.content_hash
    assert (stored.parts, stored.rejected_part, stored.revision) == (1, 0, 2)


def test_answers_that_contradict_each_other_are_refused(store: PostgresStore) -> None:
    release(store)
    with (
        pytest.raises(DataError, match="B2B1042 is acknowledged and cannot become rejected"),
        store.transaction() as rows,
    ):
        rows.orders.reject(CODE, "B2B1042", "too late", NOW)
    with pytest.raises(DataError, match="B2B9 is not stored"), store.transaction() as rows:
        rows.orders.acknowledge(CODE, [TakenOrder("B2B9", "17")], NOW)


def test_what_was_read_back_is_compared_once_and_stays_known_until_the_order_ends(store: PostgresStore) -> None:
    release(store)
    with store.transaction() as rows:
        assert [order for order, _ in rows.orders.unchecked(CODE, "", 500)] == [warehouse_order(1042, 40)]
        rows.orders.checked(CODE, {"B2B1042": ["instructions"]}, NOW)
        assert rows.orders.unchecked(CODE, "", 500) == []
        assert rows.orders.with_differences(CODE) == [DifferingOrder("B2B1042", "cart:1042", ("instructions",), False)]

    save(store, update(1042, LineQuantities.placed(40).allocate(40).fold(40, 0), "fulfilled"))
    with store.transaction() as rows:
        assert rows.orders.with_differences(CODE) == []


def test_a_queued_order_is_not_read_back(store: PostgresStore) -> None:
    release(store, acknowledged=False)
    with store.transaction() as rows:
        assert rows.orders.unchecked(CODE, "", 500) == []
