"""Orders on the sandbox and from a script: what is sent, what is found again, and what is not said of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.ports import Absent, AlreadyExists, Created, Rejected, Unknown, WarehouseRecord, WarehouseStatus
from tests.adapters.warehouse.shiphero.kit import LATE, NOW, account, line, order, page
from tests.contract.benches.shiphero import open_bench
from tests.contract.kit import Bench, opened
from tests.contract.orders import an_order, goods, holds, placed, record


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with opened(open_bench, tmp_path_factory.mktemp("shiphero")) as made:
        yield made


def sent_lines(bench: Bench, ref: str) -> list[dict[str, Any]]:
    """The lines as the adapter sent them."""
    (created,) = [each for each in bench.wire.heard if "FulfilCreate" in each.sent and ref in each.sent]
    found: list[dict[str, Any]] = json.loads(created.sent)["variables"]["data"]["line_items"]
    return found


def test_everything_the_floor_needs_is_there_in_its_own_field(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    sent = placed(bench, (sku, 24), instructions="Leave at gate\nRing twice", requested_on=date(2026, 11, 26))
    (held,) = holds(bench, sent)
    assert (held.po_number, held.instructions, held.service, held.requested_on) == (
        sent.po_number,
        "Leave at gate\nRing twice",
        "Standard",
        "2026-11-26",
    )
    (row,) = sent_lines(bench, sent.external_ref)
    assert row == {
        "sku": sku,
        "partner_line_item_id": sent.lines[0].line_id,
        "quantity": 24,
        "quantity_pending_fulfillment": 24,
        "price": "0.00",
        "product_name": f"Title of {sku}",
        "fulfillment_status": "pending",
        "warehouse_id": "V2FyZWhvdXNlOjcxNDU=",
        "custom_options": {"units_per_uom": 1, "ordered": 24},
    }


@pytest.mark.parametrize("po_number", ["", "PO-7", "PO number: 7"])
@pytest.mark.parametrize("instructions", ["", "PO number: not this one", "\nfrom the second line on"])
def test_po_number_and_instructions_share_a_note_and_come_back_apart(
    bench: Bench, po_number: str, instructions: str
) -> None:
    (sku,) = goods(bench, 50)
    sent = placed(bench, (sku, 1), po_number=po_number, instructions=instructions)
    found = record(bench, sent)
    assert (found.po_number, found.instructions) == (po_number, instructions)


def test_a_sku_that_was_seen_is_not_looked_up_again(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    placed(bench, (sku, 1))
    bench.wire.clear()
    placed(bench, (sku, 2))
    assert [each.sent.partition("(")[0][11:] for each in bench.wire.heard] == [
        "query FulfilHeads",
        "mutation FulfilCreate",
    ]


def test_the_staff_words_of_a_status_are_kept(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    sent = placed(bench, (sku, 1))
    bench.floor.act("order-status", ref=sent.external_ref, status="Tomorrow")  # type: ignore[attr-defined]
    found = record(bench, sent)
    assert (found.status, found.raw_status) == (WarehouseStatus.UNRECOGNISED, "Tomorrow")


def test_an_order_that_the_staff_cancelled_is_found_so_and_may_be_sent_again(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    sent = placed(bench, (sku, 3))
    bench.floor.cancel(sent.external_ref)
    assert record(bench, sent).status is WarehouseStatus.CANCELLED
    assert isinstance(bench.warehouse.submit(sent, LATE), Created)
    found = record(bench, sent)
    assert (found.status, found.duplicates) == (WarehouseStatus.ALLOCATED, ())
    assert len(holds(bench, sent)) == 1


def test_a_cancelled_order_with_a_live_successor_is_short_of_nothing(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    sent = placed(bench, (sku, 3))
    bench.floor.cancel(sent.external_ref)
    assert isinstance(bench.warehouse.submit(sent, LATE), Created)
    told = [each for made in bench.warehouse.read_shipments(None) for each in made.closures]
    assert [each for each in told if each.external_ref == sent.external_ref] == []


def test_what_waits_for_goods_is_backordered_and_what_is_covered_allocated(bench: Bench) -> None:
    (sku,) = goods(bench, 10)
    first, second = placed(bench, (sku, 8)), placed(bench, (sku, 8))
    assert record(bench, first).status is WarehouseStatus.ALLOCATED
    assert record(bench, second).status is WarehouseStatus.BACKORDERED
    bench.floor.pick(first.external_ref)
    assert record(bench, first).status is WarehouseStatus.PICKING


def test_fifty_references_are_one_call_and_their_lines_one_for_twenty_orders(bench: Bench) -> None:
    (sku,) = goods(bench, 100)
    refs = [placed(bench, (sku, 1)).external_ref for _ in range(21)]
    bench.wire.clear()
    found = bench.warehouse.find([*refs, *(f"B2BNO{number}" for number in range(29))])
    assert sum(isinstance(each, WarehouseRecord) for each in found.values()) == 21
    assert len(bench.wire.heard) == 3
    assert bench.wire.asked == [300, 520, 26]


@pytest.mark.parametrize(
    ("changes", "line_changes", "status"),
    [
        ({}, {}, WarehouseStatus.RECEIVED),
        ({"fulfillment_status": "Default"}, {}, WarehouseStatus.RECEIVED),
        ({"fulfillment_status": None}, {}, WarehouseStatus.RECEIVED),
        ({"fulfillment_status": "unfulfilled"}, {"quantity_allocated": 10}, WarehouseStatus.ALLOCATED),
        ({}, {"backorder_quantity": 4}, WarehouseStatus.BACKORDERED),
        ({}, {"quantity_shipped": 4}, WarehouseStatus.PARTIALLY_SHIPPED),
        ({"holds": {"payment_hold": True}}, {}, WarehouseStatus.HELD),
        ({"holds": {"payment_hold": None}}, {}, WarehouseStatus.RECEIVED),
        ({"holds": {"shipping_method_hold": True}, "fulfillment_status": "fulfilled"}, {}, WarehouseStatus.SHIPPED),
        ({"fulfillment_status": "canceled"}, {}, WarehouseStatus.CANCELLED),
        ({"fulfillment_status": "cancelled"}, {}, WarehouseStatus.CANCELLED),
        ({"fulfillment_status": "Ready for dock 4"}, {}, WarehouseStatus.UNRECOGNISED),
    ],
)
def test_a_status_is_what_the_order_says_and_of_a_waiting_one_what_its_lines_say(
    changes: dict[str, Any], line_changes: dict[str, Any], status: WarehouseStatus
) -> None:
    held = account(heads(order(**changes)), first_lines(line(**line_changes)))
    found = held.warehouse.find(["B2B1042"])["B2B1042"]
    assert isinstance(found, WarehouseRecord)
    assert (found.status, found.lines) == (status, {"16400000000000001": 10})


def heads(*orders: dict[str, Any]) -> dict[str, Any]:
    return {"data": {"r0": {"request_id": "1", "data": page(*orders)}}}


def first_lines(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"data": {"i0": {"request_id": "1", "data": {"line_items": page(*lines)}}}}


def test_a_double_is_named_and_a_cancelled_one_is_none() -> None:
    doubles = [order(), order(id="T3JkZXI6MzEx"), order(id="T3JkZXI6MzA5", fulfillment_status="canceled")]
    found = account(heads(*doubles), first_lines(line())).warehouse.find(["B2B1042"])["B2B1042"]
    assert isinstance(found, WarehouseRecord)
    assert (found.wms_id, found.duplicates) == ("310", ("311",))


def test_an_order_that_only_resembles_the_reference_is_another() -> None:
    near = order(partner_order_id="B2B1042-2")
    assert account(heads(near)).warehouse.find(["B2B1042"]) == {"B2B1042": Absent()}


def test_a_note_that_somebody_else_wrote_is_all_instructions() -> None:
    held = account(heads(order(packing_note="Fragile\nPO number: 9")), first_lines(line()))
    found = held.warehouse.find(["B2B1042"])["B2B1042"]
    assert isinstance(found, WarehouseRecord)
    assert (found.po_number, found.instructions) == ("", "Fragile\nPO number: 9")


def test_an_order_that_was_altered_there_is_named_by_its_line() -> None:
    plain = replace(an_order(("MUG", 10)), external_ref="B2B1042", po_number="PO-7", instructions="Leave at gate")
    mine = replace(plain, lines=(replace(plain.lines[0], line_id="16400000000000001"),))
    held = account(heads(order()), first_lines(line(quantity=6)))
    assert held.warehouse.submit(mine, LATE) == AlreadyExists(
        "310", ("line 16400000000000001: sent 10 EA, holds 6 EA",)
    )


def known_skus(count: int = 1) -> dict[str, Any]:
    return {"data": {f"s{n}": {"request_id": "1", "data": page({"sku": "MUG"})} for n in range(count)}}


def created(stored: Any) -> dict[str, Any]:
    return {"data": {"order_create": {"request_id": "1", "order": stored}}}


@pytest.mark.parametrize("stored", [None, {}, {"id": None}, [], "T3JkZXI6MzEw"])
def test_a_create_without_an_id_leaves_us_in_doubt(stored: Any) -> None:
    held = account(heads(), known_skus(), created(stored))
    assert held.warehouse.submit(an_order(("MUG", 1)), LATE) == Unknown(
        "ShipHero answered without the id of what it stored"
    )


def test_no_create_starts_after_its_time() -> None:
    held = account(heads(), known_skus(), clock=lambda: NOW + timedelta(minutes=5))
    answer = held.warehouse.submit(an_order(("MUG", 1)), NOW + timedelta(minutes=5))
    assert isinstance(answer, Unknown)
    assert len(held.script.sent) == 2


def packed(uom: str) -> WarehouseOrder:
    plain = an_order(("MUG", 24))
    return replace(plain, lines=(replace(plain.lines[0], uom=uom, units_per_uom=12),))


def test_a_unit_without_a_code_is_refused_by_name_and_nothing_is_sent() -> None:
    held = account(heads(), known_skus(), order_kind="wholesale", line_unit="pack")
    answer = held.warehouse.submit(packed("BARREL"), LATE)
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.field) == ("unit_unknown", "BARREL")
    assert len(held.script.sent) == 2


def test_the_order_of_a_3pl_names_its_client() -> None:
    held = account(heads(), known_skus(), created({"id": "T3JkZXI6MzEw"}), customer="QWNjb3VudDo4")
    assert held.warehouse.submit(an_order(("MUG", 1)), LATE) == Created("310")
    first, second, third = (each["variables"] for each in held.script.sent)
    assert (first["customer"], second["customer"]) == ("QWNjb3VudDo4", "QWNjb3VudDo4")
    assert third["data"]["customer_account_id"] == "QWNjb3VudDo4"


def test_an_order_that_cannot_be_read_hides_no_other() -> None:
    odd, other = order(packing_note=7), order(id="T3JkZXI6MzEx", partner_order_id="B2B1043")
    both = {"data": {"r0": {"data": page(odd)}, "r1": {"data": page(other)}}}
    found = account(both, first_lines(line())).warehouse.find(["B2B1042", "B2B1043"])
    assert found["B2B1042"] == Unknown("shiphero: order B2B1042: packing_note: Input should be a valid string")
    assert isinstance(found["B2B1043"], WarehouseRecord)


def test_more_orders_under_a_reference_than_a_page_holds_leave_us_in_doubt() -> None:
    """The live one may be on the page that was not read."""
    full = {"data": {"r0": {"data": page(order(fulfillment_status="canceled"), after="YXJyYXk=")}}}
    words = "shiphero: orders under B2B1042 are more than 5; clear them up there"
    assert account(full).warehouse.find(["B2B1042"]) == {"B2B1042": Unknown(words)}
    sent = replace(an_order(("MUG", 1)), external_ref="B2B1042")
    assert account(full).warehouse.submit(sent, LATE) == Unknown(words)
