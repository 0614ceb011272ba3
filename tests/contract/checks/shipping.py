"""What left the dock is told once per shipment and line, and nothing that did not leave."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from include.fulfilment.errors import DataError, FulfilmentError
from include.fulfilment.ports import ShipmentPage
from tests.contract.kit import Bench, warehouse_check
from tests.contract.orders import (
    LATE,
    MARK,
    an_order,
    closures,
    goods,
    named,
    only,
    pages,
    placed,
    record,
    sent,
    ship,
    shipments,
)
from tests.contract.wire import swapped

_BATCH, _MOST = 30, 60  # orders made at a time until a reading takes more than one page


@warehouse_check()
def check_two_shipments_are_two_and_the_remainder_stays_open(bench: Bench) -> None:
    one, two, three = goods(bench, 50, 50, 50)
    order = placed(bench, (one, 24), (two, 18), (three, 5))
    first, second, third = (line.line_id for line in order.lines)
    ship(bench, order, {first: 12, second: 18})
    told = only(shipments(bench, order))
    assert {line.line_id: line.base_quantity for line in told.lines if line.base_quantity} == {first: 12, second: 18}
    assert {line.line_id: line.base_sku for line in told.lines if line.base_quantity} == {first: one, second: two}
    assert told.dispatched_at is not None
    assert told.dispatched_at.utcoffset() == timedelta(0)
    assert (told.voided, bool(told.shipment_id), bool(told.location)) == (False, True, True)
    assert closures(bench, order) == {}
    ship(bench, order, {first: 12, third: 4})
    assert sent(bench, order) == {first: 24, second: 18, third: 4}
    assert len(shipments(bench, order)) == 2
    assert closures(bench, order) == {}


@warehouse_check("no_remainder")
def check_a_remainder_that_was_closed_is_short(bench: Bench) -> None:
    (sku,) = goods(bench, 100)
    order = placed(bench, (sku, 40))
    ship(bench, order, {order.lines[0].line_id: 37}, close_rest=True)
    assert sent(bench, order) == {order.lines[0].line_id: 37}
    assert closures(bench, order) == {order.lines[0].line_id: 3}
    assert record(bench, order).lines == {order.lines[0].line_id: 40}  # told as short, so no difference too


@warehouse_check("no_remainder", "closes_on_shipping")
def check_a_line_closed_before_anything_left_is_short(bench: Bench) -> None:
    one, two = goods(bench, 100, 100)
    order = placed(bench, (one, 40), (two, 6))
    bench.floor.close_short(order.external_ref, order.lines[0].line_id, 40)
    bench.settle()
    ship(bench, order)
    assert sent(bench, order) == {order.lines[1].line_id: 6}
    assert closures(bench, order) == {order.lines[0].line_id: 40}


@warehouse_check("no_cancel")
def check_an_order_that_the_staff_cancelled_is_short_of_everything(bench: Bench) -> None:
    one, two = goods(bench, 100, 100)
    order = placed(bench, (one, 40), (two, 6))
    bench.floor.cancel(order.external_ref)
    bench.settle()
    assert closures(bench, order) == {order.lines[0].line_id: 40, order.lines[1].line_id: 6}
    assert sent(bench, order) == {}


@warehouse_check("no_over_shipment")
def check_more_than_was_ordered_is_told_as_it_left(bench: Bench) -> None:
    (sku,) = goods(bench, 100)
    order = placed(bench, (sku, 10))
    ship(bench, order, {order.lines[0].line_id: 13})
    assert sent(bench, order) == {order.lines[0].line_id: 13}
    assert closures(bench, order) == {}


@warehouse_check("no_void")
def check_a_shipment_that_was_taken_back_is_voided_and_counts_nothing(bench: Bench) -> None:
    (sku,) = goods(bench, 100)
    order = placed(bench, (sku, 10))
    theirs = ship(bench, order, {order.lines[0].line_id: 4})
    before = only(shipments(bench, order))
    cursor = pages(bench)[-1].read_to
    bench.clock.pass_time(600)
    bench.floor.void(theirs)
    bench.settle()
    told = {each.shipment_id: each for page in pages(bench, cursor) for each in page.shipments}
    assert before.shipment_id in told, "the store would go on counting what was told before"
    after = told[before.shipment_id]
    assert after.voided
    assert sent(bench, order) == {}


@warehouse_check("no_pick")
def check_what_was_picked_has_not_left(bench: Bench) -> None:
    (sku,) = goods(bench, 100)
    order = placed(bench, (sku, 10))
    bench.floor.pick(order.external_ref)
    bench.settle()
    assert [each for each in shipments(bench, order) if each.dispatched_at] == []
    assert (sent(bench, order), closures(bench, order)) == ({}, {})


@warehouse_check("no_label")
def check_a_printed_label_is_no_dispatch(bench: Bench) -> None:
    (sku,) = goods(bench, 100)
    order = placed(bench, (sku, 10))
    bench.floor.label(order.external_ref)
    bench.settle()
    assert [each for each in shipments(bench, order) if each.dispatched_at] == []
    assert sent(bench, order) == {}
    ship(bench, order)
    assert sent(bench, order) == {order.lines[0].line_id: 10}


@warehouse_check("slow")
def check_no_page_is_forgotten_and_no_cursor_passes_what_was_not_read(bench: Bench) -> None:
    made = _many(bench)
    bench.clock.pass_time(3600)  # no overlap reaches back to what was made before
    read = list(bench.warehouse.read_shipments(None))
    told = [line.external_ref for page in read for each in page.shipments for line in each.lines]
    missing = set(made) - set(told)
    assert not missing, f"{len(missing)} of {len(made)} shipped orders are missing"
    for number, page in enumerate(read[:-1]):
        bench.clock.pass_time(60)
        again = _refs(pages(bench, page.read_to))
        lost = _refs(read[number + 1 :]) & set(made) - again
        assert not lost, f"the cursor of page {number} passes {len(lost)} shipments that were not read with it"
    bench.clock.pass_time(60)
    if len(bench.wire.heard) and len(read) > 1:
        bench.wire.repeat = True
        with pytest.raises(DataError):
            list(bench.warehouse.read_shipments(None))


@warehouse_check()
def check_the_cursor_reads_on_with_an_overlap(bench: Bench) -> None:
    (sku,) = goods(bench, 100)
    first, second = placed(bench, (sku, 1)), placed(bench, (sku, 2))
    ship(bench, first)
    cursor = pages(bench)[-1].read_to
    assert cursor.utcoffset() == timedelta(0)
    ship(bench, second)
    assert len(shipments(bench, second, cursor)) == 1
    moved = cursor + timedelta(seconds=60)
    assert len(shipments(bench, second, moved)) == 1, "one minute of overlap at least: a late commit would be lost"
    later = pages(bench, moved)
    assert all(page.read_to >= cursor for page in later[-1:]), "the cursor went back"


@warehouse_check("no_http")
def check_the_cursor_is_of_the_warehouses_clock(bench: Bench) -> None:
    (sku,) = goods(bench, 100)
    order = placed(bench, (sku, 1))
    ship(bench, order)
    behind = bench.clock().replace(microsecond=0) - timedelta(minutes=40)
    bench.wire.remote_clock = lambda: behind
    read_to = pages(bench)[-1].read_to
    bench.wire.calm()
    assert read_to <= behind + timedelta(seconds=1) or _newest(bench, order) >= read_to, (
        f"the remote's clock says {behind}, the cursor says {read_to}"
    )


@warehouse_check("slow")
def check_reading_again_tells_the_same(bench: Bench) -> None:
    (sku,) = goods(bench, 100)
    order = placed(bench, (sku, 9))
    ship(bench, order, {order.lines[0].line_id: 4}, boxes=2)
    first = shipments(bench, order)
    assert shipments(bench, order) == first
    assert [
        each for page in bench.fresh().read_shipments(bench.began) for each in page.shipments if each in first
    ] == first


@warehouse_check("no_foreign")
def check_orders_of_others_in_the_same_warehouse_are_passed_over(bench: Bench) -> None:
    (sku,) = goods(bench, 100)
    theirs = placed(bench, (sku, 3), external_ref=f"WEB-{an_order().external_ref[4:]}")
    ours = placed(bench, (sku, 4))
    ship(bench, theirs)
    ship(bench, ours)
    read = pages(bench)
    assert sent(bench, ours) == {ours.lines[0].line_id: 4}
    assert theirs.external_ref not in _refs(read)
    assert not named([each for page in read for each in page.problems], theirs.external_ref)


@warehouse_check("no_http")
def check_part_of_a_unit_that_left_is_never_rounded(bench: Bench) -> None:
    sku, other = goods(bench, MARK, 40)
    odd, plain = placed(bench, (sku, MARK)), placed(bench, (other, 4))
    ship(bench, odd)
    ship(bench, plain)
    bench.wire.alter = lambda heard, answer: swapped(answer, MARK, MARK + 0.5)
    read = _read(bench)
    bench.wire.calm()
    if isinstance(read, FulfilmentError):
        assert isinstance(read, DataError), read
        return
    units = [line.base_quantity for page in read for each in page.shipments for line in each.lines]
    assert not {MARK, MARK + 1} & set(units), f"{MARK}.5 units were told as a whole number"
    assert [each for page in read for each in page.problems], "nobody is told of the part of a unit"
    assert plain.external_ref in _refs(read), "one odd shipment hid another"


@warehouse_check("no_http")
def check_a_reading_of_shipments_that_breaks_off_raises(bench: Bench) -> None:
    (sku,) = goods(bench, 100)
    order = placed(bench, (sku, 1))
    ship(bench, order)
    bench.wire.clear()
    list(bench.fresh().read_shipments(bench.began))
    calls = len(bench.wire.heard)
    for kind in ("5xx_before", "html_before", "cut_after", "odd_after", "null_after", "401"):
        for spoilt in range(min(calls, 6)):
            bench.wire.spoil(kind, after_calls=spoilt, times=50)
            read = _read(bench)
            bench.wire.calm()
            bench.clock.pass_time(30)
            assert isinstance(read, FulfilmentError), f"{kind} from call {spoilt} on was read as {read}"


def _many(bench: Bench) -> list[str]:
    """References of shipped orders, enough for more than one page or as many as the check affords."""
    (sku,) = goods(bench, 1000)
    made: list[str] = []
    while len(made) < _MOST:
        for _ in range(_BATCH):
            order = placed(bench, (sku, 1))
            ship(bench, order)
            made.append(order.external_ref)
        if len(list(bench.warehouse.read_shipments(None))) > 1:
            break
    return made


def _refs(read: list[ShipmentPage]) -> set[str]:
    return {line.external_ref for page in read for each in page.shipments for line in each.lines}


def _newest(bench: Bench, order: object) -> datetime:
    told = [each.dispatched_at for page in pages(bench) for each in page.shipments if each.dispatched_at]
    return max(told, default=LATE)


def _read(bench: Bench) -> list[ShipmentPage] | FulfilmentError:
    try:
        return list(bench.fresh().read_shipments(bench.began))
    except FulfilmentError as error:
        return error
    except Exception as error:  # noqa: BLE001 - anything else is the finding itself
        pytest.fail(f"read_shipments raised {type(error).__name__}: {error}")
