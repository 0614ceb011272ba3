"""What the warehouse holds, found again by every way that a dialect may ask."""

from __future__ import annotations

from pathlib import Path

from include.fulfilment.sandbox.floor.book import add_product, cancel_order, find_orders, find_shipments, products
from tests.sandbox.floor.yard import START, Yard


def test_orders_are_found_by_id_reference_change_and_page(yard: Yard) -> None:
    first, second, third = (yard.place(ref) for ref in ("A", "B", "A"))
    assert [each.id for each in find_orders(yard.state)] == [first.id, second.id, third.id]
    assert [each.id for each in find_orders(yard.state, refs=["A"])] == [first.id, third.id]
    assert [each.id for each in find_orders(yard.state, refs=["A"], ids=[third.id, second.id])] == [third.id]
    assert [each.id for each in find_orders(yard.state, after_id=first.id, limit=1)] == [second.id]
    assert find_orders(yard.state, refs=[]) == []
    later = yard.pass_time()
    assert cancel_order(yard.state, second.id)
    assert [(each.id, each.state) for each in find_orders(yard.state, changed_since=later)] == [
        (second.id, "cancelled")
    ]
    assert first.given == {"channel": 7}
    assert (first.lines[0].given, first.lines[0].left, first.created_at) == ({"pack": 1}, 1, START)


def test_shipments_are_found_by_order_and_change(yard: Yard) -> None:
    yard.staff.receive({"BOLT": 9})
    orders = [yard.place(ref, BOLT=2) for ref in ("A", "B")]
    made = []
    for ref in ("A", "B", "A"):
        yard.pass_time()
        made.append(int(yard.staff.ship(ref, {"bolt": 1})))
    assert [each.id for each in find_shipments(yard.state, order_ids=[orders[0].id])] == [made[0], made[2]]
    assert [each.id for each in find_shipments(yard.state, changed_since=yard.now)] == [made[2]]
    assert [each.id for each in find_shipments(yard.state, after_id=made[0], limit=1)] == [made[1]]


def test_what_left_in_part_is_not_cancelled(yard: Yard) -> None:
    yard.staff.receive({"BOLT": 9})
    order = yard.place("A", BOLT=2)
    yard.staff.ship("A", {"bolt": 1})
    assert not cancel_order(yard.state, order.id)
    assert find_orders(yard.state, refs=["A"])[0].state == "open"


def test_allocated_is_what_orders_wait_for_and_never_more_than_is_there(yard: Yard) -> None:
    yard.staff.receive({"BOLT": 5, "NUT": 5})
    one, _ = yard.place("A", BOLT=3, NUT=1), yard.place("B", BOLT=3)
    assert [(each.sku, each.on_hand, each.allocated) for each in products(yard.state)] == [
        ("BOLT", 5, 5),
        ("NUT", 5, 1),
    ]
    later = yard.pass_time()
    cancel_order(yard.state, one.id)
    assert [(each.allocated, each.updated_at) for each in products(yard.state, skus=["BOLT", "NUT"])] == [
        (3, later),
        (0, later),
    ]


def test_a_product_is_made_once(yard: Yard) -> None:
    made = add_product(yard.state, "BOLT", "Bolt")
    assert add_product(yard.state, "BOLT", "Other") == made
    assert products(yard.state, ids=[made.id]) == [made]


def test_everything_outlives_the_process(yard: Yard, tmp_path: Path) -> None:
    yard.staff.receive({"BOLT": 9})
    yard.place("A", BOLT=2)
    yard.staff.ship("A", boxes=2)
    again = Yard(tmp_path / "a yard" / "floor.db")
    assert find_orders(again.state) == find_orders(yard.state)
    assert find_shipments(again.state) == find_shipments(yard.state)
    again.close()
