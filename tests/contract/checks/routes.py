"""Orders that another route brought: found by the shop's number, and told apart by SKU, where that is declared."""

from __future__ import annotations

from datetime import UTC, datetime

from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import FulfilmentError
from include.fulfilment.ports import CancelKind, Cancelled, OtherOrder, WarehouseStatus
from tests.contract.kit import Bench, warehouse_check
from tests.contract.orders import an_order, goods, holds, placed, ship
from tests.contract.wire import AFTER


def _other(bench: Bench, number: str, *lines: tuple[str, int]) -> WarehouseOrder | None:
    """An order that another route wrote under this number, as the staff name it; None where none is found."""
    if not bench.warehouse.capabilities.finds_others:
        assert bench.warehouse.others([number]) == {}
        return None
    if bench.bring is None:
        return placed(bench, *lines, external_ref=number)
    return bench.bring(an_order(*lines), number)


def _answer(bench: Bench, number: str) -> OtherOrder | FulfilmentError | None:
    try:
        return bench.warehouse.others([number]).get(number)
    except FulfilmentError as error:
        return error


@warehouse_check()
def check_an_order_of_another_route_is_found_by_its_reference_with_what_left(bench: Bench) -> None:
    mug, cup = goods(bench, 50, 50)
    order = _other(bench, "#70042", (mug, 4), (cup, 3), (mug, 2))
    if order is None:
        return
    found = bench.fresh().others(["#70042", "70042", "#70042"])
    assert found.keys() == {"#70042"}
    waiting = found["#70042"]
    assert (dict(waiting.units), waiting.shipments, waiting.problems) == ({mug: 6, cup: 3}, (), ())
    assert waiting.status not in (WarehouseStatus.SHIPPED, WarehouseStatus.CANCELLED)
    ship(bench, order, {order.lines[0].line_id: 4})
    bench.clock.pass_time(3600)
    assert bench.fresh().others(["#70042"])["#70042"].status is WarehouseStatus.PARTIALLY_SHIPPED
    ship(bench, order)
    gone: OtherOrder = bench.fresh().others(["#70042"])["#70042"]
    left = [
        sorted((line.base_sku, line.base_quantity) for line in each.lines)
        for each in sorted(gone.shipments, key=lambda each: each.dispatched_at or datetime.max.replace(tzinfo=UTC))
    ]
    assert left == [[(mug, 4)], sorted([(mug, 2), (cup, 3)])]
    assert all(parcel.tracking_number for each in gone.shipments for parcel in each.parcels)
    assert (gone.status, gone.problems, dict(gone.units)) == (WarehouseStatus.SHIPPED, (), {mug: 6, cup: 3})


@warehouse_check()
def check_a_hundred_numbers_are_looked_for_and_nothing_is_found_under_most(bench: Bench) -> None:
    (mug,) = goods(bench, 50)
    order = _other(bench, "71001", (mug, 1))
    numbers = [str(71_000 + number) for number in range(120)]
    assert bench.warehouse.others([]) == {}
    assert bench.warehouse.others(numbers).keys() == ({"71001"} if order else set())


@warehouse_check("no_http")
def check_a_search_for_the_shops_number_that_fails_is_no_proof_of_absence(bench: Bench) -> None:
    (mug,) = goods(bench, 50)
    if _other(bench, "75001", (mug, 1)) is None:
        return
    for kind in ("401", "5xx_before", "reset_before", "html_before", *AFTER):
        bench.wire.spoil(kind, times=50)
        answer = _answer(bench, "75001")
        bench.wire.calm()
        assert isinstance(answer, FulfilmentError | OtherOrder), f"{kind}: nothing was found"
    assert isinstance(_answer(bench, "75001"), OtherOrder)


@warehouse_check()
def check_a_cancelled_order_of_another_route_is_told_as_cancelled(bench: Bench) -> None:
    """It is cancelled by the number, wherever the other route wrote that: a person adopts the order by it."""
    (mug,) = goods(bench, 50)
    order = _other(bench, "72001", (mug, 1))
    if order is None or bench.warehouse.capabilities.cancel is CancelKind.NONE:
        return
    assert bench.warehouse.cancel("72001") == Cancelled()
    assert holds(bench, order) == []
    assert bench.fresh().others(["72001"])["72001"].status is WarehouseStatus.CANCELLED


@warehouse_check()
def check_of_two_orders_under_one_number_the_live_one_is_told(bench: Bench) -> None:
    """Where another route may write a number twice: the first was cancelled there, and brought again."""
    mug, cup = goods(bench, 50, 50)
    if bench.bring is None or _other(bench, "74001", (mug, 1)) is None:
        return
    assert bench.warehouse.cancel("74001") == Cancelled()
    again = bench.bring(an_order((cup, 2)), "74001")
    found = bench.fresh().others(["74001"])["74001"]
    assert (found.status is WarehouseStatus.CANCELLED, dict(found.units)) == (False, {cup: 2})
    assert len(holds(bench, again)) == 1


@warehouse_check()
def check_an_order_of_ours_is_none_of_another_route(bench: Bench) -> None:
    """A customer's PO number may well be another order's number in the shop."""
    (mug,) = goods(bench, 50)
    placed(bench, (mug, 1), po_number="#73001")
    assert bench.fresh().others(["#73001", "73001"]) == {}
