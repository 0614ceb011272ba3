"""Shipments: repeats, late and contradicting messages end in the same record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from threading import Thread
from typing import Any

import pytest

from include.fulfilment.domain.quantity import LineQuantities
from include.fulfilment.domain.shipment import FulfilmentPost, LineClosure, Shipment, ShipmentLine
from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store_port import LineUpdate, OrderUpdate, Proven, ReleasedLine
from tests.store.seeds import CODE, MINUTE, NOW, order, proof, record, release, save, shipment, update

Ask = Callable[..., list[dict[str, Any]]]
ALL = LineQuantities.placed(40).allocate(40)


def tell(store: PostgresStore, *shipments: Shipment, closures: tuple[LineClosure, ...] = ()) -> int:
    with store.transaction() as rows:
        return rows.shipments.record(CODE, shipments, closures, NOW)


def test_the_same_message_five_times_changes_something_once(store: PostgresStore, ask: Ask) -> None:
    release(store)
    closure = LineClosure("B2B1042", "1", 3)
    tables = ["SELECT * FROM shipment WHERE site = %(site)s", "SELECT * FROM shipment_line WHERE site = %(site)s"]

    assert tell(store, shipment(), closures=(closure,)) == 2
    before = [ask(table) for table in tables]
    assert [tell(store, shipment(), shipment(), closures=(closure, closure)) for _ in range(4)] == [0, 0, 0, 0]

    assert [ask(table) for table in tables] == before
    with store.transaction() as rows:
        assert rows.shipments.shipments(CODE, ["B2B1042"]) == [shipment()]


@pytest.mark.parametrize("sequence", list(permutations(range(3))))
def test_picked_dispatched_and_voided_end_voided_in_any_sequence(
    store: PostgresStore, sequence: tuple[int, ...]
) -> None:
    picked = shipment(dispatched_at=None, picked_at=NOW - MINUTE)
    told = [picked, shipment(picked_at=NOW - MINUTE), shipment(picked_at=NOW - MINUTE, voided=True)]
    for each in sequence:
        tell(store, told[each])

    with store.transaction() as rows:
        assert rows.shipments.shipments(CODE, ["B2B1042"]) == [told[2]]


def test_an_older_reading_beside_a_newer_one_takes_nothing_back(store: PostgresStore, ask: Ask) -> None:
    """Both find the shipment absent unless one waits for the other."""
    left = shipment("S1", 1, 10)
    waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    older = Thread(target=tell, args=(store, replace(left, dispatched_at=None)))
    with store.transaction() as rows:
        rows.shipments.record(CODE, [left], (), NOW)
        older.start()
        while not ask(waiting):
            assert older.is_alive()
    older.join(20)
    assert ask("SELECT dispatched_at FROM shipment WHERE site = %(site)s") == [{"dispatched_at": left.dispatched_at}]


def test_a_corrected_shipment_replaces_its_lines(store: PostgresStore) -> None:
    tell(store, shipment())
    lines = (ShipmentLine("B2B1042", "1", "MUG", 10), ShipmentLine("B2B1042", "2", "CUP", 2))

    assert tell(store, shipment(lines=lines)) == 1

    with store.transaction() as rows:
        assert rows.shipments.shipments(CODE, ["B2B1042"]) == [shipment(lines=lines)]


def test_a_line_named_twice_in_a_shipment_counts_together_and_an_empty_one_not_at_all(store: PostgresStore) -> None:
    lot = ShipmentLine("B2B1042", "1", "MUG", 6)
    tell(store, shipment(lines=(lot, replace(lot, line_id="9", base_quantity=0), lot)))

    with store.transaction() as rows:
        assert rows.shipments.shipments(CODE, ["B2B1042"]) == [shipment(lines=(replace(lot, base_quantity=12),))]


def test_a_closed_remainder_never_shrinks(store: PostgresStore, ask: Ask) -> None:
    release(store)
    tell(store, closures=(LineClosure("B2B1042", "1", 3),))

    assert tell(store, closures=(LineClosure("B2B1042", "1", 1), LineClosure("B2B9", "1", 1))) == 0
    assert tell(store, closures=(LineClosure("B2B1042", "1", 4),)) == 1

    with store.transaction() as rows:
        assert rows.shipments.released_lines(CODE) == [
            ReleasedLine("B2B1042", "cart:1042", "1", "MUG", 40, 4, quantity=40, units_per_uom=1)
        ]


def test_lines_of_a_finished_order_are_read_no_more(store: PostgresStore) -> None:
    release(store)
    save(store, update(1042, LineQuantities.placed(40).allocate(40).fold(40, 0), "fulfilled"))

    with store.transaction() as rows:
        assert rows.shipments.released_lines(CODE) == []


def finished(store: PostgresStore, quantities: LineQuantities, units: int, state: str = "fulfilled") -> None:
    """Order #1042, all of it released, `units` of it shipped, and finished a minute later."""
    release(store)
    tell(store, shipment(units=units))
    save(store, update(1042, quantities.fold(units, 0), state), now=NOW + MINUTE)


def read_again(store: PostgresStore) -> list[str]:
    with store.transaction() as rows:
        return [line.external_ref for line in rows.shipments.released_lines(CODE)]


@pytest.mark.parametrize(("units", "read"), [(40, []), (41, ["B2B1042"])])
def test_lines_of_a_finished_order_with_surplus_goods_are_still_read(
    store: PostgresStore, units: int, read: list[str]
) -> None:
    finished(store, ALL, units)
    assert read_again(store) == read


def test_lines_of_a_finished_order_with_a_part_of_a_pack_are_still_read(store: PostgresStore) -> None:
    release(store)
    rest_credited = replace(ALL.fold(37, 3), short=0, released=37, cancelled=3)
    cases = LineUpdate("1", rest_credited, Proven(proof(4, 10)))
    save(store, OrderUpdate("cart:1042", (cases,), "fulfilled", "", ""))
    assert read_again(store) == ["B2B1042"]


@pytest.mark.parametrize(
    "late", [shipment("S2", units=3), shipment(units=40, voided=True), shipment(units=39)], ids=["more", "void", "less"]
)
@pytest.mark.parametrize("state", ["fulfilled", "cancelled"])
def test_goods_that_leave_or_come_back_after_the_finish_have_the_order_read_again(
    store: PostgresStore, late: Shipment, state: str
) -> None:
    finished(store, ALL, 40, state)
    with store.transaction() as rows:
        rows.shipments.record(CODE, [late], [], NOW + 2 * MINUTE)
    assert read_again(store) == ["B2B1042"]


def test_a_tracking_number_that_comes_after_the_finish_does_not(store: PostgresStore) -> None:
    finished(store, ALL, 40)
    told = shipment(units=40)
    told = replace(told, parcels=(replace(told.parcels[0], tracking_number="LATE"),))
    with store.transaction() as rows:
        assert rows.shipments.record(CODE, [told], [], NOW + 2 * MINUTE) == 1
    assert read_again(store) == []


def test_goods_that_belong_to_no_line_of_ours_are_told(store: PostgresStore) -> None:
    release(store)
    here = ShipmentLine("B2B1042", "1", "MUG", 5)
    strange = (replace(here, line_id="77"), replace(here, external_ref=""), replace(here, external_ref="OTHER-SHOP"))
    tell(store, shipment("S1", lines=(here, *strange)), shipment("S2", lines=strange, voided=True))
    tell(store, shipment("S3", lines=strange, dispatched_at=None))

    with store.transaction() as rows:
        assert rows.shipments.unmatched(CODE) == [("S1", "", "1", 5), ("S1", "B2B1042", "77", 5)]


def test_planned_posts_come_back_as_they_were_planned(store: PostgresStore) -> None:
    record(store, order())
    post = FulfilmentPost("cart:1042", "S1", "DPD", "WH", ("T1",), ("https://track.example/1",), (("1", 12),))
    with store.transaction() as rows:
        rows.outbox.put("fulfilment", [(post.key, post.order_id, post.to_json())], NOW)
        assert rows.shipments.planned_posts(["cart:1042", "cart:7"]) == [post]
        assert rows.shipments.planned_posts([]) == []
