"""The staff of a sandbox warehouse do a day's plans, and do nothing twice when the day was cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.floor import OpenShipment, Plan
from demo.sandbox_staff import SandboxStaff
from tests.sandbox.floor.yard import Yard


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path / "floor.db")
    yield made
    made.close()


@pytest.fixture
def staff(yard: Yard) -> SandboxStaff:
    return SandboxStaff(yard.staff)


def test_a_day_that_was_cut_off_is_done_again_and_nothing_leaves_twice(yard: Yard, staff: SandboxStaff) -> None:
    for _ in range(2):
        staff.receive("first", {"BOLT": 50, "NUT": 50})
    orders = [yard.place(ref, BOLT=20, NUT=4) for ref in ("B2B1", "B2B2")]
    assert staff.open_shipments() == [
        OpenShipment(each.id, str(each.id), "open", each.external_ref, {"bolt": 20, "nut": 4}) for each in orders
    ]
    half = Plan({"bolt": 10, "nut": 2}, parcels=2, carrier="Royal Mail")
    staff.ship("day_1", {orders[0].id: half})  # the second order was not reached
    for _ in range(2):
        staff.ship("day_1", {orders[0].id: half, orders[1].id: Plan({"bolt": 19, "nut": 4}, close_rest=True)})
    first, second = staff.held_orders()
    assert (first.shipped, first.closed, first.shipments) == ({"bolt": 10, "nut": 2}, {}, 1)
    assert first.tracking_numbers == (f"TRK{orders[0].id}101", f"TRK{orders[0].id}102")
    assert (second.shipped, second.closed) == ({"bolt": 19, "nut": 4}, {"bolt": 1})
    assert [(each.external_ref, each.lines) for each in staff.open_shipments()] == [("B2B1", {"bolt": 10, "nut": 2})]
    staff.ship("day_2", {orders[0].id: Plan()})
    assert (staff.open_shipments(), staff.stock()) == ([], {"BOLT": 11, "NUT": 42})


def test_what_stock_does_not_cover_waits_and_is_not_closed(yard: Yard, staff: SandboxStaff) -> None:
    staff.receive("first", {"BOLT": 5})
    one, two = yard.place("B2B1", BOLT=3), yard.place("B2B2", BOLT=3, NUT=1)
    plans = {one.id: Plan(), two.id: Plan(close_rest=True)}
    staff.ship("day_1", plans)
    assert [each.lines for each in staff.open_shipments()] == [{"bolt": 1, "nut": 1}]
    staff.receive("second", {"BOLT": 5, "NUT": 5})
    staff.ship("day_1", plans)  # the same day has nothing left to do
    assert [each.lines for each in staff.open_shipments()] == [{"bolt": 1, "nut": 1}]
    staff.ship("day_2", {two.id: Plan()})
    assert (staff.open_shipments(), staff.stock()) == ([], {"BOLT": 4, "NUT": 4})


def test_a_held_order_is_no_work(yard: Yard, staff: SandboxStaff) -> None:
    staff.receive("first", {"BOLT": 5})
    yard.place("B2B1", BOLT=3)
    yard.staff.hold("B2B1")
    assert staff.open_shipments() == []
    (held,) = staff.held_orders()
    assert (held.state, held.po_number, held.ordered) == ("held", "PO B2B1", {"bolt": 3})
