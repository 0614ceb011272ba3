"""Whatever befalls a call: nothing is lost, nothing is doubled, and only a clear answer is an answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import RetryableError
from include.fulfilment.ports import Absent, AlreadyExists, Created, Pending, Rejected, Unknown, WarehouseRecord
from tests.contract.kit import Bench, warehouse_check
from tests.contract.orders import LATE, accepted, an_order, as_asked, goods, holds, only, placed, record, submit
from tests.contract.wire import without

_CALLS = 12  # the most calls that one submit may need


@warehouse_check("no_http", "creates_blindly")
def check_a_lost_reply_is_found_and_nothing_is_sent_twice(bench: Bench) -> None:
    for kind in _kinds(bench, "reset_after", "5xx_after", "timeout_after"):
        assert _in_doubt(bench, kind), f"{kind}: no reply of a create was ever in doubt"


@warehouse_check("no_http", "creates_blindly")
def check_a_lost_request_leaves_nothing_and_goes_through_on_the_next_try(bench: Bench) -> None:
    for kind in _kinds(bench, "reset_before", "5xx_before", "refused", "html_before"):
        _in_doubt(bench, kind)


@warehouse_check("no_http", "creates_blindly")
def check_a_page_or_half_a_message_is_no_answer_and_nothing_is_created_again(bench: Bench) -> None:
    for kind in _kinds(bench, "html_after", "cut_after", "odd_after", "null_after", "text_after"):
        assert _in_doubt(bench, kind), f"{kind}: no reply of a create was ever in doubt"


@warehouse_check("no_http")
def check_a_throttled_call_waits_as_asked_and_is_sent_once(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    for spoilt in range(_CALLS):
        order = an_order((sku, 1))
        bench.wire.clear()
        bench.wire.spoil("429", after_calls=spoilt)
        answer = as_asked(bench.warehouse, order)
        assert isinstance(answer, Created), f"call {spoilt} throttled once: {answer}"
        assert len(holds(bench, order)) == 1
        if spoilt >= len(bench.wire.heard):
            return
        assert bench.wire.waits == [1.0], "Retry-After was 1 second"
    raise AssertionError(f"a submit took more than {_CALLS} calls")


@warehouse_check("no_http")
def check_a_remote_that_stays_shut_is_for_later_and_nothing_is_created(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    for kind in ("429", "refused"):
        order = an_order((sku, 1))
        bench.wire.spoil(kind, times=50)
        answer = as_asked(bench.warehouse, order)
        bench.wire.calm()
        assert isinstance(answer, RetryableError | Unknown), answer
        assert holds(bench, order) == []
        assert bench.warehouse.find([order.external_ref]) == {order.external_ref: Absent()}


@warehouse_check("creates_blindly")
def check_no_create_starts_after_its_time(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    for late_by in (timedelta(0), timedelta(minutes=1)):
        order = an_order((sku, 1))
        answer = bench.warehouse.submit(order, bench.clock() - late_by)
        bench.settle()
        assert isinstance(answer, Unknown), answer
        assert holds(bench, order) == []
        assert accepted(bench, submit(bench, order))


@warehouse_check("no_http", "creates_blindly")
def check_no_create_starts_after_lookups_that_took_too_long(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = an_order((sku, 1))
    bench.wire.clear()
    bench.wire.per_call = 10.0
    answer = bench.warehouse.submit(order, bench.clock() + timedelta(seconds=5))
    bench.wire.per_call = 0.0
    if holds(bench, order):
        assert len(bench.wire.heard) == 1, "the create started after its time"
    else:
        assert isinstance(answer, Unknown), answer


@warehouse_check("creates_blindly")
def check_two_workers_at_once_lose_and_double_nothing(bench: Bench) -> None:
    (sku,) = goods(bench, 500)
    orders = [an_order((sku, 1)) for _ in range(8)]
    workers = ((bench.warehouse, orders[:4]), (bench.fresh(), orders[4:]))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda mine: [as_asked(mine[0], each) for each in mine[1]], workers))
    bench.settle()
    assert all(len(holds(bench, each)) <= 1 for each in orders)
    for order in orders:  # as the services do: what is not known to be there is looked for, then sent
        if isinstance(bench.fresh().find([order.external_ref])[order.external_ref], Absent):
            submit(bench, order)
    assert [len(holds(bench, each)) for each in orders] == [1] * 8
    found = bench.fresh().find([each.external_ref for each in orders])
    assert all(isinstance(each, WarehouseRecord) for each in found.values()), found


@warehouse_check("creates_blindly")
def check_one_order_from_two_workers_in_turn_is_held_once(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = an_order((sku, 3))
    first, second = bench.warehouse.submit(order, LATE), bench.fresh().submit(order, LATE)
    bench.settle()
    assert accepted(bench, first), first
    assert isinstance(second, AlreadyExists | Pending), second
    assert len(holds(bench, order)) == 1
    if bench.warehouse.capabilities.idempotent_create:
        other = an_order((sku, 3))
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda mine: mine.submit(other, LATE), (bench.warehouse, bench.fresh())))
        bench.settle()
        assert len(holds(bench, other)) == 1, "declared idempotent, and held twice"


@warehouse_check("no_http", "creates_blindly")
def check_an_order_that_is_held_twice_is_named(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 3))
    bench.wire.alter = lambda heard, answer: without(answer, order.external_ref)
    as_asked(bench.fresh(), order)
    bench.wire.calm()
    if len(holds(bench, order)) == 1:
        return  # this remote refuses a second one by itself
    found = record(bench, order)
    assert len(found.duplicates) == 1
    assert found.wms_id not in found.duplicates
    again = bench.warehouse.submit(order, LATE)
    assert isinstance(again, AlreadyExists)
    assert any("2" in words or "duplicate" in words for words in again.differences), again.differences


def _kinds(bench: Bench, *kinds: str) -> tuple[str, ...]:
    """All of them, or the first where each takes a real system minutes."""
    return kinds[:1] if "slow" in bench.traits else kinds


def _in_doubt(bench: Bench, kind: str) -> int:
    """Spoil each call of a submit in turn; answers how often the adapter was left in doubt over a stored order."""
    (sku,) = goods(bench, 500)
    doubts = 0
    for spoilt in range(_CALLS):
        order = an_order((sku, 3))
        warehouse = bench.fresh()  # its first call of each kind is among those that are spoilt
        bench.wire.clear()
        bench.wire.spoil(kind, after_calls=spoilt)
        answer = as_asked(warehouse, order)
        made = len(bench.wire.heard)
        bench.wire.calm()
        bench.clock.pass_time(5)
        doubts += _judged(bench, kind, order, answer)
        if spoilt >= made:
            return doubts
    raise AssertionError(f"a submit took more than {_CALLS} calls")


def _judged(bench: Bench, kind: str, order: WarehouseOrder, answer: object) -> bool:
    held = len(holds(bench, order))
    assert held <= 1, f"{kind}: the order is held {held} times"
    assert not isinstance(answer, Rejected), f"{kind}: a passing fault was taken for a refusal: {answer}"
    if isinstance(answer, Created | AlreadyExists):
        assert held, f"{kind}: answered {answer}, and nothing is held"
    if isinstance(answer, RetryableError):
        assert not held, f"{kind}: 'nothing was changed', and the order is held"
    found = bench.warehouse.find([order.external_ref])[order.external_ref]
    assert isinstance(found, WarehouseRecord | Absent), found
    again = None if isinstance(found, WarehouseRecord) else bench.fresh().submit(order, LATE)
    assert again is None or isinstance(again, Created | AlreadyExists), f"{kind}, the next try: {again}"
    kept = only(holds(bench, order))
    assert dict(kept.ordered) == {order.lines[0].line_id: 3}
    assert not record(bench, order).duplicates
    for_sure = isinstance(answer, Created | AlreadyExists | RetryableError)
    return bool(held) and not for_sure


@warehouse_check("no_http", "creates_blindly")
def check_a_changed_order_is_not_created_beside_the_one_in_doubt(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = an_order((sku, 3))
    for spoilt in range(_CALLS):
        bench.wire.spoil("reset_after", after_calls=spoilt)
        as_asked(bench.fresh(), order)
        bench.wire.calm()
        if holds(bench, order):
            break
    later = bench.fresh().submit(replace(order, po_number="PO-LATER"), LATE)
    assert isinstance(later, AlreadyExists), later
    assert later.differences == ("PO number",), later.differences
    assert len(holds(bench, order)) == 1
