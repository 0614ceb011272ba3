"""The staff of a sandbox warehouse, through their own door."""

from __future__ import annotations

import pytest

from include.fulfilment.sandbox.control import SandboxRefused
from include.fulfilment.sandbox.floor.book import (
    FloorShipment,
    NewLine,
    add_order,
    find_orders,
    find_shipments,
    products,
)
from tests.sandbox.floor.yard import START, Yard


def shipment(yard: Yard, shipment_id: str) -> FloorShipment:
    (found,) = find_shipments(yard.state, ids=[int(shipment_id)])
    return found


def lines(yard: Yard, ref: str, found: tuple[tuple[int, int], ...]) -> dict[str, int]:
    """Units by line key of (line id, units)."""
    (order,) = find_orders(yard.state, refs=[ref])
    keys = {line.id: line.line_key for line in order.lines}
    return {keys[line]: units for line, units in found}


def test_a_delivery_makes_its_products_and_a_named_one_is_booked_once(yard: Yard) -> None:
    assert yard.staff.load_products({"BOLT": "Bolt M8"}) == 1
    for _ in range(2):
        yard.staff.receive({"BOLT": 5, "Bolt": 1}, receipt="GRN-1")
        yard.staff.receive({"NUT": 3})
    assert yard.staff.stock() == {"BOLT": 5, "Bolt": 1, "NUT": 6}
    assert [(each.sku, each.title) for each in products(yard.state)] == [
        ("BOLT", "Bolt M8"),
        ("Bolt", "Bolt"),
        ("NUT", "NUT"),
    ]
    assert yard.staff.load_products({"BOLT": "Other", "CAP": "Cap"}) == 1


def test_an_order_leaves_in_two_shipments_and_stock_drops_at_each(yard: Yard) -> None:
    yard.staff.receive({"BOLT": 50, "NUT": 5})
    yard.place("B2B1", BOLT=24, NUT=5)
    first = yard.staff.ship("B2B1", {"bolt": 12})
    assert yard.staff.left("B2B1") == {"bolt": 12, "nut": 5}
    assert yard.staff.stock() == {"BOLT": 38, "NUT": 5}
    assert [(each.sku, each.allocated) for each in products(yard.state)] == [("BOLT", 12), ("NUT", 5)]
    yard.pass_time()
    second = yard.staff.ship("B2B1", boxes=2, carrier="Royal Mail")
    held = yard.staff.order("B2B1")
    assert (held.ordered, dict(held.shipped), held.left) == ({"bolt": 24, "nut": 5}, {"bolt": 24, "nut": 5}, {})
    assert (held.po_number, held.instructions, held.requested_on) == ("PO B2B1", "gate 2", "2026-11-30")
    assert held.shipments == [first, second]
    assert held.tracking_numbers == [f"T{first}01", f"T{second}01", f"T{second}02"]
    found = shipment(yard, second)
    assert (found.state, found.dispatched_at) == ("dispatched", yard.now)
    assert [(each.carrier, lines(yard, "B2B1", each.contents)) for each in found.parcels] == [
        ("Royal Mail", {"bolt": 12, "nut": 5}),
        ("Royal Mail", {}),
    ]


def test_a_pick_a_label_and_the_dispatch_are_one_shipment_and_only_the_last_moves_stock(yard: Yard) -> None:
    yard.staff.receive({"BOLT": 10})
    yard.place("B2B1", BOLT=4)
    picked = yard.staff.pick("B2B1")
    assert (shipment(yard, picked).state, shipment(yard, picked).dispatched_at) == ("picked", None)
    assert yard.staff.label("B2B1") == picked
    labelled = shipment(yard, picked)
    assert (labelled.state, [each.tracking_number for each in labelled.parcels]) == ("labelled", [f"T{picked}01"])
    assert (yard.staff.stock(), yard.staff.left("B2B1")) == ({"BOLT": 10}, {"bolt": 4})
    assert yard.staff.order("B2B1").tracking_numbers == []
    assert yard.staff.ship("B2B1", {"bolt": 3}) == picked
    left = shipment(yard, picked)
    assert (left.state, lines(yard, "B2B1", left.lines)) == ("dispatched", {"bolt": 3})
    assert [(each.tracking_number, lines(yard, "B2B1", each.contents)) for each in left.parcels] == [
        (f"T{picked}01", {"bolt": 3})
    ]
    assert yard.staff.stock() == {"BOLT": 7}


def test_parcels_carry_what_was_put_into_them(yard: Yard) -> None:
    yard.staff.receive({"BOLT": 10, "NUT": 10})
    yard.place("B2B1", BOLT=4, NUT=2)
    parcels = [("DPD", "A1", {"bolt": 4}), ("UPS", "A2", {"nut": 2})]
    found = shipment(yard, yard.staff.ship("B2B1", parcels=parcels))
    assert [(p.carrier, p.tracking_number, lines(yard, "B2B1", p.contents)) for p in found.parcels] == parcels


def test_a_dispatch_repeated_under_its_key_is_the_same_shipment(yard: Yard) -> None:
    yard.staff.receive({"BOLT": 10})
    yard.place("B2B1", BOLT=8)
    first = yard.staff.ship("B2B1", {"bolt": 3}, close_rest=True, key="day_1/B2B1")
    assert yard.staff.ship("B2B1", {"bolt": 3}, close_rest=True, key="day_1/B2B1") == first
    held = yard.staff.order("B2B1")
    assert (dict(held.shipped), dict(held.closed), held.left) == ({"bolt": 3}, {"bolt": 5}, {})
    assert yard.staff.stock() == {"BOLT": 7}


def test_a_shipment_taken_back_gives_its_goods_back_once(yard: Yard) -> None:
    yard.staff.receive({"BOLT": 10})
    yard.place("B2B1", BOLT=8)
    gone = yard.staff.ship("B2B1")
    yard.pass_time()
    for _ in range(2):
        yard.staff.void(gone)
    assert (yard.staff.stock(), yard.staff.left("B2B1")) == ({"BOLT": 10}, {"bolt": 8})
    assert (shipment(yard, gone).state, shipment(yard, gone).updated_at) == ("voided", yard.now)
    assert yard.staff.order("B2B1").tracking_numbers == []
    assert yard.staff.ship("B2B1") != gone


def test_more_than_was_ordered_can_leave_but_not_more_than_is_there(yard: Yard) -> None:
    yard.staff.receive({"BOLT": 10})
    yard.place("B2B1", BOLT=8)
    with pytest.raises(SandboxRefused, match="order 'B2B1': 11 of 'BOLT' cannot leave, only 10 are on hand"):
        yard.staff.ship("B2B1", {"bolt": 11})
    assert (yard.staff.order("B2B1").shipments, yard.staff.stock()) == ([], {"BOLT": 10})
    yard.staff.ship("B2B1", {"bolt": 9})
    assert (yard.staff.left("B2B1"), yard.staff.stock()) == ({}, {"BOLT": 1})


def test_lines_of_one_key_are_filled_in_turn(yard: Yard) -> None:
    yard.staff.receive({"BOLT": 20})
    order = add_order(yard.state, "B2B1", [NewLine("1", "BOLT", units, {}) for units in (4, 6)], {}, {})
    found = shipment(yard, yard.staff.ship("B2B1", {"1": 7}))
    assert found.lines == ((order.lines[0].id, 4), (order.lines[1].id, 3))
    assert yard.staff.left("B2B1") == {"1": 3}


def test_what_is_held_or_cancelled_does_not_leave(yard: Yard) -> None:
    yard.staff.receive({"BOLT": 10})
    yard.place("B2B1", BOLT=8)
    yard.staff.hold("B2B1")
    with pytest.raises(SandboxRefused, match="order 'B2B1' is held"):
        yard.staff.ship("B2B1")
    yard.staff.hold("B2B1", on=False)
    yard.staff.pick("B2B1")
    yard.staff.cancel("B2B1")
    assert (yard.staff.order("B2B1").state, yard.staff.left("B2B1")) == ("cancelled", {})
    assert [each.state for each in find_shipments(yard.state)] == ["voided"]
    with pytest.raises(SandboxRefused, match="order 'B2B1' is cancelled"):
        yard.staff.ship("B2B1")
    yard.place("B2B1", BOLT=1)  # the same reference again is the one that counts
    yard.staff.ship("B2B1")
    with pytest.raises(SandboxRefused, match="something of order 'B2B1' has left"):
        yard.staff.cancel("B2B1")


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda staff: staff.ship("NONE"), "holds 0 orders under the reference 'NONE'"),
        (lambda staff: staff.ship("B2B1", {"cog": 1}), "order 'B2B1' has no line 'cog'; there are bolt"),
        (lambda staff: staff.ship("B2B1", {"bolt": 0}), "nothing of order 'B2B1' is left to ship"),
        (lambda staff: staff.ship("B2B1", {"bolt": -1}), "quantities bolt: Input should be greater than or equal to 0"),
        (lambda staff: staff.close_short("B2B1", "bolt", 9), "only 8 of line 'bolt' are left, 9 cannot be closed"),
        (lambda staff: staff.void("7"), "the warehouse has no shipment 7"),
        (lambda staff: staff.faults([{"operation": "*", "kind": "fire"}]), "no fault kind 'fire'; there are 429, "),
        (lambda staff: staff.act("dance"), "no action 'dance'; there are products, receive, "),
    ],
)
def test_what_cannot_be_done_is_refused_in_words_and_changes_nothing(yard: Yard, action: object, words: str) -> None:
    yard.staff.receive({"BOLT": 10})
    yard.place("B2B1", BOLT=8)
    before = yard.staff.held()
    with pytest.raises(SandboxRefused, match=words):
        action(yard.staff)  # type: ignore[operator]
    assert (yard.staff.held(), yard.staff.stock()) == (before, {"BOLT": 10})


def test_the_door_answers_its_own_token_only(yard: Yard) -> None:
    for path in ("orders", "stock", "calls"):
        assert yard.http.get(f"/sandbox/{path}", headers={"Authorization": "Bearer other"}).status_code == 401
    assert yard.http.post("/sandbox/receive", json={"goods": {"BOLT": 1}}).status_code == 401
    assert (yard.staff.is_up(), yard.staff.stock(), START) == (True, {}, yard.now)
