"""Orders that another route brought to Mintsoft: by which number they are found, and what cannot be told of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from include.fulfilment.ports import Cancelled, OtherOrder, Problem, Rejected, Unknown, WarehouseStatus
from tests.contract.kit import Bench
from tests.contract.orders import an_order, goods, placed, ship


def searched(bench: Bench, change: Any) -> None:
    """Let a search be answered with these records in place of those that it found."""
    bench.wire.alter = lambda heard, answer: change(answer) if "/Search" in heard.url else answer


def brought(bench: Bench, number: str, *lines: tuple[str, int]) -> Any:
    assert bench.bring is not None
    return bench.bring(an_order(*lines), number)


def unclear(number: str, words: str) -> dict[str, OtherOrder]:
    told = (Problem(f"order {number}", words),)
    return {number: OtherOrder(number, "", WarehouseStatus.UNRECOGNISED, "", "", "", {}, (), told)}


def test_an_order_is_found_by_its_number_and_by_its_external_reference(bench: Bench) -> None:
    (mug,) = goods(bench, 50)
    held = brought(bench, "#81042", (mug, 4))
    found = bench.warehouse.others(["#81042", held.external_ref])
    told = {number: (each.reference, each.status, dict(each.units)) for number, each in found.items()}
    assert told == {
        "#81042": ("#81042", WarehouseStatus.RECEIVED, {mug: 4}),
        held.external_ref: (held.external_ref, WarehouseStatus.RECEIVED, {mug: 4}),
    }
    assert len({each.wms_id for each in found.values()}) == 1


def test_a_number_costs_one_call(bench: Bench) -> None:
    bench.warehouse.others(["80001"])
    bench.wire.clear()
    assert bench.warehouse.others(["80001", "#80001", "80001"]) == {}
    assert ["/Search" in each.url for each in bench.wire.heard] == [True, True]


def test_parts_of_a_split_order_are_one_order_with_a_shipment_each(bench: Bench) -> None:
    mug, cup = goods(bench, 50, 50)
    held = brought(bench, "82042", (mug, 4), (cup, 3))
    ship(bench, held, {"1": 4}, boxes=2)
    ship(bench, held, {"2": 1}, close_rest=True)
    told = bench.warehouse.others(["82042"])["82042"]
    assert (told.status, dict(told.units), told.problems) == (WarehouseStatus.SHIPPED, {mug: 4, cup: 3}, ())
    assert sorted(
        (each.lines[0].base_sku, each.lines[0].base_quantity, len(each.parcels)) for each in told.shipments
    ) == [
        (mug, 4, 2),
        (cup, 1, 1),
    ]


def test_a_shipment_that_was_taken_back_is_voided(bench: Bench) -> None:
    (mug,) = goods(bench, 50)
    held = brought(bench, "83042", (mug, 4))
    bench.floor.void(ship(bench, held))
    told = bench.warehouse.others(["83042"])["83042"]
    assert ([each.voided for each in told.shipments], dict(told.units)) == ([True], {mug: 4})
    assert told.status is not WarehouseStatus.SHIPPED


@pytest.mark.parametrize(
    "changes",
    [
        {"ExternalOrderReference": "84043"},
        {"ExternalOrderReference": "#84042"},
        {"OrderNumber": "B2B84042"},
    ],
)
def test_another_number_and_an_order_of_ours_are_passed_over(bench: Bench, changes: dict[str, Any]) -> None:
    """The search also looks into tracking numbers, and people write into the fields of our orders."""
    (mug,) = goods(bench, 50)
    brought(bench, "84042", (mug, 4))
    searched(bench, lambda rows: [row | changes for row in rows])
    assert bench.warehouse.others(["84042"]) == {}


def test_another_clients_order_is_passed_over(bench: Bench) -> None:
    (mug,) = goods(bench, 50)
    brought(bench, "85042", (mug, 4))
    given = bench.wire.given
    assert given is not None
    admin = bench.connect(replace(given, connection=replace(given.connection, extra={"client_id": 78})))
    assert admin.others(["85042"]) == {}


def test_ten_others_in_the_answer_leave_no_room_for_ours(bench: Bench) -> None:
    (mug,) = goods(bench, 50)
    brought(bench, "86042", (mug, 4))
    searched(bench, lambda rows: [row | {"ExternalOrderReference": "x"} for row in rows] * 10)
    words = "Mintsoft's search for 86042 was answered with as many other orders as it gives; look there"
    assert bench.warehouse.others(["86042"]) == unclear("86042", words)


def test_an_order_that_cannot_be_read_is_there_all_the_same(bench: Bench) -> None:
    (mug,) = goods(bench, 50)
    brought(bench, "87042", (mug, 4))
    searched(bench, lambda rows: [row | {"OrderStatusId": "new"} for row in rows])
    (told,) = bench.warehouse.others(["87042"]).values()
    assert (told.status, dict(told.units)) == (WarehouseStatus.UNRECOGNISED, {})
    assert told.problems[0].words.startswith("Mintsoft's record of 87042 cannot be read: OrderStatusId")
    assert bench.warehouse.cancel("87042") == Unknown(told.problems[0].words)


def test_parts_that_do_not_come_are_a_problem_of_the_order(bench: Bench) -> None:
    (mug,) = goods(bench, 50)
    brought(bench, "88042", (mug, 4))
    searched(bench, lambda rows: [row | {"NumberOfParts": 2} for row in rows])
    (told,) = bench.warehouse.others(["88042"]).values()
    words = "Mintsoft shows 1 parts of 88042 and counts more; look there"
    assert told.problems == (Problem("order 88042", words),)


def test_every_part_is_cancelled_by_the_number_and_one_that_is_picked_is_not(bench: Bench) -> None:
    mug, few = goods(bench, 50, 2)
    bench.floor.act("policy", policy="split")
    held = brought(bench, "89042", (mug, 4), (few, 5))
    assert bench.warehouse.cancel("89042") == Cancelled()
    assert [each.state for each in bench.floor.held() if each.external_ref == held.external_ref] == ["cancelled"]
    picked = brought(bench, "89043", (mug, 4))
    bench.floor.pick(picked.external_ref)
    assert not isinstance(bench.warehouse.cancel("89043"), Cancelled | Rejected)
    ours = placed(bench, (mug, 1))
    assert bench.warehouse.cancel(ours.external_ref) == Cancelled()
