"""What Mintsoft cannot change is refused before anything is sent, and a cancel by GET is sent once."""

from __future__ import annotations

from dataclasses import replace

from include.fulfilment.ports import Cancelled, Rejected, Unknown
from tests.contract.kit import Bench
from tests.contract.orders import goods, holds, only, placed


def writes(bench: Bench) -> list[str]:
    paths = [each.url.partition("/api")[2].partition("?")[0] for each in bench.wire.heard if each.method != "GET"]
    return [each for each in paths if each != "/Auth"] + [
        each.url.partition("/api")[2] for each in bench.wire.heard if each.url.endswith("/Cancel")
    ]


def test_another_po_number_is_refused_by_name_and_nothing_is_sent(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 10))
    bench.wire.clear()
    answer = bench.warehouse.amend(replace(order, po_number="PO-other"))
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.field, writes(bench)) == ("amend_unsupported", "po_number", [])
    assert only(holds(bench, order)).po_number == order.po_number


def test_an_order_that_mintsoft_split_is_not_amended_and_is_cancelled_whole(bench: Bench) -> None:
    bench.floor.act("policy", policy="split")  # type: ignore[attr-defined]
    (sku,) = goods(bench, 4)
    order = placed(bench, (sku, 10))
    bench.wire.clear()
    answer = bench.warehouse.amend(replace(order, lines=(replace(order.lines[0], base_quantity=6),)))
    assert isinstance(answer, Rejected)
    assert (answer.code, writes(bench)) == ("amend_unsupported", [])
    assert bench.warehouse.cancel(order.external_ref) == Cancelled()
    assert holds(bench, order) == []


def test_a_cancel_is_a_get_and_is_sent_once_whatever_becomes_of_its_answer(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 10))
    bench.warehouse.find([order.external_ref])
    bench.wire.clear()
    bench.wire.spoil("5xx_before", after_calls=2)  # after the look at the order, which is made twice
    answer = bench.warehouse.cancel(order.external_ref)
    assert isinstance(answer, Unknown)
    assert len(writes(bench)) == 1
    assert len(holds(bench, order)) == 1
    assert bench.warehouse.cancel(order.external_ref) == Cancelled()
