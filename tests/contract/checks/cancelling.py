"""An order that nobody works on is cancelled when it is asked for; one that somebody works on is left alone."""

from __future__ import annotations

from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import FulfilmentError
from include.fulfilment.ports import (
    Absent,
    CancelAnswer,
    CancelKind,
    Cancelled,
    Pending,
    Rejected,
    TooLate,
    Unknown,
    Warehouse,
    WarehouseStatus,
)
from tests.contract.kit import Bench, warehouse_check
from tests.contract.orders import an_order, goods, holds, only, placed, record, sent, ship

_CALLS = 12  # the most calls that one cancel may need
_KINDS = ("reset_after", "5xx_after", "html_after", "null_after", "cut_after", "reset_before", "429")


@warehouse_check()
def check_an_order_that_nobody_works_on_is_cancelled(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order, other = placed(bench, (sku, 24)), placed(bench, (sku, 5))
    answer = cancelled(bench, order)
    if bench.warehouse.capabilities.cancel is CancelKind.NONE:
        assert isinstance(answer, Rejected), answer
        assert len(holds(bench, order)) == 1
        return
    assert answer == Cancelled(), answer
    assert holds(bench, order) == [], "answered Cancelled, and the floor would still pick it"
    assert record(bench, order).status is WarehouseStatus.CANCELLED
    assert len(holds(bench, other)) == 1, "another order was cancelled too"


@warehouse_check("cancels_nothing")
def check_a_cancel_asked_twice_answers_the_same(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 24))
    assert [cancelled(bench, order) for _ in range(2)] == [Cancelled()] * 2
    assert cancelled(bench, order, bench.fresh()) == Cancelled()


@warehouse_check("cancels_nothing")
def check_a_cancel_is_told_by_the_warehouse_before_it_is_believed(bench: Bench) -> None:
    """Whether it comes at once or by message: until the warehouse has it so, the answer is not Cancelled."""
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 24))
    answer = bench.warehouse.cancel(order.external_ref)
    if bench.warehouse.capabilities.cancel is CancelKind.SYNC:
        assert answer == Cancelled(), answer
    assert isinstance(answer, Cancelled | Pending), answer
    assert (holds(bench, order) == []) == isinstance(answer, Cancelled)


@warehouse_check("cancels_nothing")
def check_an_order_that_is_picked_is_not_cancelled_and_goes_out_whole(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 24))
    bench.floor.pick(order.external_ref)
    answer = cancelled(bench, order)
    assert isinstance(answer, TooLate), answer
    assert answer.reason
    assert only(holds(bench, order)).ordered == {order.lines[0].line_id: 24}
    ship(bench, order)
    assert sent(bench, order) == {order.lines[0].line_id: 24}


@warehouse_check("cancels_nothing")
def check_an_order_of_which_a_part_has_left_keeps_its_rest(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 24))
    line = order.lines[0].line_id
    ship(bench, order, {line: 10})
    answer = cancelled(bench, order)
    assert isinstance(answer, TooLate), answer
    held = only(holds(bench, order))
    assert (dict(held.ordered), held.shipped[line], held.closed.get(line, 0)) == ({line: 24}, 10, 0)
    ship(bench, order)
    answer = cancelled(bench, order)
    assert isinstance(answer, TooLate), answer
    assert sent(bench, order) == {line: 24}


@warehouse_check("cancels_nothing")
def check_a_cancel_of_what_is_not_there_is_absent(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    assert bench.warehouse.cancel(an_order((sku, 1)).external_ref) == Absent()


@warehouse_check("no_http", "cancels_nothing")
def check_whatever_befalls_a_cancel_it_is_asked_again_and_never_taken_for_done(bench: Bench) -> None:
    kinds = _KINDS[:1] if "slow" in bench.traits else _KINDS
    for kind in kinds:
        for spoilt in range(_CALLS):
            if not _spoilt(bench, kind, spoilt):
                break
        else:
            raise AssertionError(f"a cancel took more than {_CALLS} calls")


def cancelled(bench: Bench, order: WarehouseOrder, warehouse: Warehouse | None = None) -> CancelAnswer:
    """The answer to a cancel, asked again once the partner's message has come."""
    asked = warehouse or bench.warehouse
    answer = asked.cancel(order.external_ref)
    if isinstance(answer, Pending):
        bench.settle()
        bench.clock.pass_time(2)
        answer = asked.cancel(order.external_ref)
    return answer


def _spoilt(bench: Bench, kind: str, spoilt: int) -> bool:
    """Spoil one call of a cancel; answers whether there was such a call."""
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 3))
    warehouse = bench.fresh()
    bench.wire.clear()
    bench.wire.spoil(kind, after_calls=spoilt)
    answer = _as_asked(warehouse, order)
    made = len(bench.wire.heard)
    bench.wire.calm()
    bench.clock.pass_time(5)
    gone = holds(bench, order) == []
    assert isinstance(answer, Cancelled | Unknown | FulfilmentError), f"{kind} of call {spoilt}: {answer}"
    assert gone or answer != Cancelled(), f"{kind} of call {spoilt}: answered Cancelled, and it is held"
    assert not (gone and isinstance(answer, FulfilmentError)), f"{kind}: 'nothing was changed', and it is cancelled"
    assert bench.fresh().cancel(order.external_ref) == Cancelled()
    assert holds(bench, order) == []
    return spoilt < made


def _as_asked(warehouse: Warehouse, order: WarehouseOrder) -> CancelAnswer | FulfilmentError:
    try:
        return warehouse.cancel(order.external_ref)
    except FulfilmentError as error:
        return error
