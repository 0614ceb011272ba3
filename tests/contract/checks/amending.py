"""An order that nobody works on is made like its newer version, whole; one that somebody works on is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.errors import FulfilmentError
from include.fulfilment.ports import (
    Absent,
    AmendAnswer,
    Amended,
    Cancelled,
    Pending,
    Rejected,
    TooLate,
    Unknown,
    Warehouse,
    differences,
)
from tests.contract.checks.cancelling import cancelled
from tests.contract.kit import Bench, warehouse_check
from tests.contract.orders import an_order, goods, holds, only, placed, record, sent, ship

_CALLS = 20  # the most calls that one amendment may need
_KINDS = ("reset_after", "5xx_after", "html_after", "null_after", "cut_after", "reset_before", "429")


@warehouse_check("amends_nothing")
def check_an_amended_order_is_held_as_it_is_now(bench: Bench) -> None:
    """Fewer units and more, a line off and another of the same SKU on, another PO, instructions, day and address."""
    order, wanted = _changed(bench)
    other = placed(bench, (order.lines[0].base_sku, 3))
    answer = amended(bench, wanted)
    assert answer == Amended(), answer
    held = only(holds(bench, wanted))
    assert dict(held.ordered) == {line.line_id: line.base_quantity for line in wanted.lines}
    assert held.po_number == wanted.po_number
    assert differences(wanted, record(bench, wanted)) == ()
    assert str(bench.floor.requested_on(wanted.external_ref)) == "2026-12-04"
    assert dict(only(holds(bench, other)).ordered) == {other.lines[0].line_id: 3}, "another order was changed too"
    ship(bench, wanted)
    if "products_only" not in bench.traits:
        assert sent(bench, wanted) == {line.line_id: line.base_quantity for line in wanted.lines}


@warehouse_check("amends_nothing")
def check_an_amendment_asked_twice_answers_the_same_and_adds_nothing(bench: Bench) -> None:
    _, wanted = _changed(bench)
    assert [amended(bench, wanted) for _ in range(2)] == [Amended()] * 2
    assert amended(bench, wanted, bench.fresh()) == Amended()
    assert dict(only(holds(bench, wanted)).ordered) == {line.line_id: line.base_quantity for line in wanted.lines}


@warehouse_check("amends_nothing")
def check_an_amendment_of_one_figure_leaves_the_rest(bench: Bench) -> None:
    """10 become 6."""
    one, two = goods(bench, 50, 50)
    order = placed(bench, (one, 10), (two, 5))
    wanted = replace(order, lines=(replace(order.lines[0], base_quantity=6), order.lines[1]))
    assert amended(bench, wanted) == Amended()
    held = only(holds(bench, order))
    assert dict(held.ordered) == {order.lines[0].line_id: 6, order.lines[1].line_id: 5}
    assert held.po_number == order.po_number


@warehouse_check("amends_nothing")
def check_an_order_that_is_picked_is_not_amended_and_goes_out_as_it_was(bench: Bench) -> None:
    order, wanted = _changed(bench)
    before = {line.line_id: line.base_quantity for line in order.lines}
    bench.floor.pick(order.external_ref)
    answer = amended(bench, wanted)
    assert isinstance(answer, TooLate), answer
    assert answer.reason
    held = only(holds(bench, order))
    assert (dict(held.ordered), held.po_number) == (before, order.po_number)
    ship(bench, order)
    assert sum(sent(bench, order).values()) == sum(before.values())
    answer = amended(bench, wanted)
    assert isinstance(answer, TooLate), answer


@warehouse_check("amends_nothing")
def check_an_amendment_of_what_is_not_there_is_absent(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = an_order((sku, 1))
    assert bench.warehouse.amend(order) == Absent()
    assert holds(bench, order) == []


@warehouse_check("amends_nothing", "cancels_nothing")
def check_an_order_that_is_cancelled_is_not_amended(bench: Bench) -> None:
    order, wanted = _changed(bench)
    assert cancelled(bench, order) == Cancelled()
    answer = amended(bench, wanted)
    assert isinstance(answer, Rejected), answer
    assert holds(bench, order) == []


@warehouse_check("amends_nothing", "no_sku_check")
def check_an_amendment_that_the_warehouse_refuses_changes_nothing(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 10))
    unknown = replace(order.lines[0], line_id=f"{order.lines[0].line_id}9", base_sku="NOSUCH-78")
    answer = amended(bench, replace(order, lines=(replace(order.lines[0], base_quantity=6), unknown)))
    assert isinstance(answer, Rejected), answer
    assert "NOSUCH-78" in answer.field + answer.message
    assert dict(only(holds(bench, order)).ordered) == {order.lines[0].line_id: 10}


@warehouse_check("amends_nothing")
def check_an_amendment_that_does_not_fit_is_refused_and_changes_nothing(bench: Bench) -> None:
    limit = bench.warehouse.capabilities.field_limits.get("po_number")
    order, wanted = _changed(bench)
    if not limit:
        return
    answer = amended(bench, replace(wanted, po_number="P" * (limit + 1)))
    assert isinstance(answer, Rejected), answer
    assert answer.field == "po_number"
    assert only(holds(bench, order)).po_number == order.po_number


@warehouse_check()
def check_a_warehouse_that_amends_nothing_says_so_and_changes_nothing(bench: Bench) -> None:
    if bench.warehouse.capabilities.update:
        return
    order, wanted = _changed(bench)
    answer = amended(bench, wanted)
    assert isinstance(answer, Rejected), answer
    held = only(holds(bench, order))
    assert dict(held.ordered) == {line.line_id: line.base_quantity for line in order.lines}
    assert held.po_number == order.po_number


@warehouse_check("no_http", "amends_nothing")
def check_whatever_befalls_an_amendment_it_is_asked_again_and_nothing_is_doubled(bench: Bench) -> None:
    kinds = _KINDS[:1] if "slow" in bench.traits else _KINDS
    for kind in kinds:
        for spoilt in range(_CALLS):
            if not _spoilt(bench, kind, spoilt):
                break
        else:
            raise AssertionError(f"an amendment took more than {_CALLS} calls")


def amended(bench: Bench, order: WarehouseOrder, warehouse: Warehouse | None = None) -> AmendAnswer:
    """The answer to an amendment, asked again once the partner's message has come."""
    asked = warehouse or bench.warehouse
    answer = asked.amend(order)
    if isinstance(answer, Pending):
        bench.settle()
        bench.clock.pass_time(2)
        answer = asked.amend(order)
    return answer


def _changed(bench: Bench) -> tuple[WarehouseOrder, WarehouseOrder]:
    """An order that the warehouse has taken, and what it shall be."""
    one, two, three = goods(bench, 50, 50, 50)
    order = placed(bench, (one, 24), (two, 5), (three, 2))
    first, _, third = order.lines
    new = WarehouseOrderLine(f"{first.line_id}7", one, 3, f"Title of {one}", "")
    lines = (replace(first, base_quantity=12), replace(third, base_quantity=9), new)
    wanted = replace(
        order,
        revision=2,
        po_number=order.po_number if "keeps_po" in bench.traits else f"{order.po_number}-B",
        requested_on=date(2026, 12, 4),
        ship_to=replace(order.ship_to, address1="18 Mercer Lane"),
        lines=lines,
    )
    carried = bench.warehouse.capabilities.field_limits.get("instructions") != 0
    return order, replace(wanted, instructions="Ring the bell") if carried else wanted


def _spoilt(bench: Bench, kind: str, spoilt: int) -> bool:
    """Spoil one call of an amendment; answers whether there was such a call."""
    order, wanted = _changed(bench)
    warehouse = bench.fresh()
    bench.wire.clear()
    bench.wire.spoil(kind, after_calls=spoilt)
    answer = _as_asked(warehouse, wanted)
    made = len(bench.wire.heard)
    bench.wire.calm()
    bench.clock.pass_time(5)
    units, before = ({each.line_id: each.base_quantity for each in version.lines} for version in (wanted, order))
    held = only(holds(bench, order))
    assert isinstance(answer, Amended | Unknown | FulfilmentError), f"{kind} of call {spoilt}: {answer}"
    done = (dict(held.ordered), held.po_number) == (units, wanted.po_number)
    untouched = (dict(held.ordered), held.po_number) == (before, order.po_number)
    assert done or answer != Amended(), f"{kind} of call {spoilt}: answered Amended, and it is held otherwise"
    assert untouched or not isinstance(answer, FulfilmentError), f"{kind}: 'nothing was changed', and it was"
    again = bench.fresh().amend(wanted)
    assert again == Amended(), f"{kind} of call {spoilt}, the next try: {again}"
    assert dict(only(holds(bench, order)).ordered) == units
    return spoilt < made


def _as_asked(warehouse: Warehouse, order: WarehouseOrder) -> AmendAnswer | FulfilmentError:
    try:
        return warehouse.amend(order)
    except FulfilmentError as error:
        return error
