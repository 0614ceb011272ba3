"""Orders that another route brought: found by their own reference, and told apart by SKU, where that is declared."""

from __future__ import annotations

from datetime import UTC, datetime

from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.ports import OtherOrder, WarehouseStatus
from tests.contract.kit import Bench, warehouse_check
from tests.contract.orders import goods, placed, ship


def _other(bench: Bench, reference: str, *lines: tuple[str, int]) -> WarehouseOrder | None:
    """An order under somebody else's reference, written through the warehouse's own API; None where none is found."""
    if bench.warehouse.capabilities.finds_others:
        return placed(bench, *lines, external_ref=reference)
    assert bench.warehouse.others([reference]) == {}
    return None


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
    ship(bench, order)
    gone: OtherOrder = bench.fresh().others(["#70042"])["#70042"]
    left = [
        sorted((line.base_sku, line.base_quantity) for line in each.lines)
        for each in sorted(gone.shipments, key=lambda each: each.dispatched_at or datetime.max.replace(tzinfo=UTC))
    ]
    assert left == [[(mug, 4)], sorted([(mug, 2), (cup, 3)])]
    assert gone.status is WarehouseStatus.SHIPPED


@warehouse_check()
def check_a_hundred_numbers_are_looked_for_and_nothing_is_found_under_most(bench: Bench) -> None:
    (mug,) = goods(bench, 50)
    order = _other(bench, "71001", (mug, 1))
    numbers = [str(71_000 + number) for number in range(120)]
    assert bench.warehouse.others([]) == {}
    assert bench.warehouse.others(numbers).keys() == ({"71001"} if order else set())


@warehouse_check()
def check_a_cancelled_order_of_another_route_is_told_as_cancelled(bench: Bench) -> None:
    (mug,) = goods(bench, 50)
    order = _other(bench, "72001", (mug, 1))
    if order is None:
        return
    bench.warehouse.cancel("72001")
    assert bench.fresh().others(["72001"])["72001"].status is WarehouseStatus.CANCELLED
