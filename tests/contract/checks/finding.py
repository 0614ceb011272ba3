"""What the warehouse holds is found under its reference, in its own words, and never guessed."""

from __future__ import annotations

from dataclasses import fields

import pytest

from include.fulfilment.errors import FulfilmentError
from include.fulfilment.ports import (
    Absent,
    CallRate,
    FindAnswer,
    Pending,
    Unknown,
    WarehouseRecord,
    WarehouseStatus,
)
from tests.contract.kit import Bench, warehouse_check
from tests.contract.orders import MARK, an_order, goods, placed, record, ship
from tests.contract.wire import AFTER, swapped

_WORD, _NUMBER = "WOBBLY_NEW", 9797


@warehouse_check()
def check_a_reference_that_was_never_sent_is_absent(bench: Bench) -> None:
    refs = ["B2BNOSUCH", "B2BNEITHER"]
    assert bench.warehouse.find(refs) == {ref: Absent() for ref in refs}
    assert bench.warehouse.find([]) == {}


@warehouse_check()
def check_every_reference_of_many_is_answered(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    here = [placed(bench, (sku, number)) for number in (1, 2, 3)]
    refs = [each.external_ref for each in here] + [f"B2BNONE{number}" for number in range(60)]
    found = bench.warehouse.find([*refs, refs[0]])
    assert sorted(found) == sorted(refs)
    for order in here:
        held = found[order.external_ref]
        assert isinstance(held, WarehouseRecord)
        assert dict(held.lines) == {order.lines[0].line_id: order.lines[0].base_quantity}
    assert {found[ref] for ref in refs[3:]} == {Absent()}


@warehouse_check("no_http")
def check_a_search_that_fails_never_answers_absent(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 3))
    for kind in ("401", "5xx_before", "reset_before", "html_before", *AFTER):
        bench.wire.spoil(kind, times=50)
        answer = _answer(bench, order.external_ref)
        bench.wire.calm()
        assert isinstance(answer, Unknown | FulfilmentError), f"{kind}: {answer}"
    assert isinstance(_answer(bench, order.external_ref), WarehouseRecord)


@warehouse_check("no_http", "no_statuses")
def check_a_status_nobody_knows_is_unrecognised_and_kept(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 3))
    raw = record(bench, order).raw_status
    assert raw, "no raw status was kept"
    for word, new in _strange(raw):
        bench.wire.alter = lambda heard, answer, word=word, new=new: swapped(answer, word, new)
        found = bench.fresh().find([order.external_ref])[order.external_ref]
        bench.wire.calm()
        if isinstance(found, WarehouseRecord) and str(new) in found.raw_status:
            assert found.status is WarehouseStatus.UNRECOGNISED, found
            return
    raise AssertionError(f"the raw status {raw!r} is not the remote's own word")


@warehouse_check("no_statuses", "no_remainder")
def check_the_status_follows_the_goods(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 5))
    waiting = {WarehouseStatus.RECEIVED, WarehouseStatus.ALLOCATED, WarehouseStatus.PICKING}
    assert record(bench, order).status in waiting
    ship(bench, order, {order.lines[0].line_id: 2})
    assert record(bench, order).status is WarehouseStatus.PARTIALLY_SHIPPED
    ship(bench, order)
    assert record(bench, order).status is WarehouseStatus.SHIPPED


@warehouse_check("no_hold", "no_statuses")
def check_an_order_that_the_staff_put_aside_is_held(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 5))
    bench.floor.hold(order.external_ref)
    bench.settle()
    found = record(bench, order)
    assert found.status is WarehouseStatus.HELD, found


@warehouse_check("no_cancel", "no_statuses")
def check_an_order_that_the_staff_cancelled_is_cancelled_or_gone(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 5))
    bench.floor.cancel(order.external_ref)
    bench.settle()
    found = _answer(bench, order.external_ref)
    gone = isinstance(found, WarehouseRecord) and found.status is WarehouseStatus.CANCELLED
    assert gone or found == Absent(), found


@warehouse_check("no_http")
def check_part_of_a_unit_is_never_rounded_in_what_is_found(bench: Bench) -> None:
    (sku,) = goods(bench, MARK)
    order = placed(bench, (sku, MARK))
    bench.wire.alter = lambda heard, answer: swapped(answer, MARK, MARK + 0.5)
    answer = _answer(bench, order.external_ref)
    bench.wire.calm()
    assert isinstance(answer, Unknown | FulfilmentError), f"{MARK}.5 units were answered as {answer}"


@warehouse_check()
def check_the_capabilities_are_well_formed(bench: Bench) -> None:
    declared = bench.warehouse.capabilities
    for each in fields(declared):
        assert getattr(declared, each.name) is not None or each.name == "rate", each.name
    assert declared.name == bench.name.partition(" ")[0]
    assert declared.submit_concurrency >= 1
    assert declared.bulk_create >= 1
    assert all(isinstance(limit, int) and limit >= 0 for limit in declared.field_limits.values())
    assert declared.rate is None or (isinstance(declared.rate, CallRate) and declared.rate.calls > 0)
    assert declared.rate is None or declared.rate.seconds > 0
    assert declared.find_by_ref or not declared.idempotent_create


@warehouse_check("messages")
def check_an_order_is_found_as_soon_as_it_was_created(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = an_order((sku, 2))
    bench.warehouse.submit(order, bench.clock().replace(year=2100))
    found = bench.fresh().find([order.external_ref])[order.external_ref]
    if bench.warehouse.capabilities.find_by_ref:
        assert isinstance(found, WarehouseRecord), found
    else:
        assert isinstance(found, Unknown | Pending), found


@warehouse_check("slow")
def check_no_lookup_changes_anything(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 5))
    before = _ledger(bench)
    for _ in range(2):
        bench.warehouse.find([order.external_ref])
        bench.warehouse.read_stock()
        list(bench.warehouse.read_shipments(bench.began))
    assert _ledger(bench) == before


def _strange(raw: str) -> list[tuple[str | int, str | int]]:
    """The remote's words in a raw status, or its numbers, each with one that no remote has."""
    words = sorted({raw, *raw.split("/")})
    return [(word, _WORD) for word in words] + [(int(word), _NUMBER) for word in words if word.isdecimal()]


def _ledger(bench: Bench) -> list[str]:
    return sorted(repr(each) for each in bench.floor.held())


def _answer(bench: Bench, ref: str) -> FindAnswer | FulfilmentError:
    try:
        return bench.fresh().find([ref])[ref]
    except FulfilmentError as error:
        return error
    except Exception as error:  # noqa: BLE001 - anything else is the finding itself
        pytest.fail(f"find raised {type(error).__name__}: {error}")
