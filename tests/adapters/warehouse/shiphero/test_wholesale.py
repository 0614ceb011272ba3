"""Wholesale orders: the port's own checks, and packs that go out as packs and come back as base units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import tests.contract.checks  # noqa: F401 - fills the list of checks
from include.fulfilment.ports import Created, ShipmentPage, Unknown, WarehouseRecord
from include.fulfilment.sandbox.floor.client import FloorControl
from tests.adapters.warehouse.shiphero.kit import LATE, account, changed, line, order, page, shipment
from tests.adapters.warehouse.shiphero.test_orders import first_lines, heads, known_skus
from tests.contract.benches.shiphero import open_bench
from tests.contract.kit import WAREHOUSE_CHECKS, Bench, opened, run_check
from tests.contract.orders import an_order

CHECKS = (
    "a_new_order_is_held_once_and_whole",
    "a_second_submit_answers_that_it_exists_and_in_nothing_differs",
    "other_content_under_the_same_reference_is_named",
    "an_unknown_sku_is_refused_by_name_and_nothing_is_held",
    "packs_are_sent_as_packs_and_come_back_as_base_units",
    "a_lost_reply_is_found_and_nothing_is_sent_twice",
    "texts_of_any_script_are_whole_or_refused",
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with opened(lambda folder: open_bench(folder, "wholesale"), tmp_path_factory.mktemp("wholesale")) as made:
        yield made


@pytest.mark.parametrize("check", CHECKS)
def test_a_wholesale_order_passes_the_ports_check(bench: Bench, check: str) -> None:
    assert isinstance(bench.floor, FloorControl)
    run_check(WAREHOUSE_CHECKS[check], bench)


def test_a_wholesale_order_leaves_whole_and_has_a_unit_on_its_lines(bench: Bench) -> None:
    declared = bench.warehouse.capabilities
    assert (declared.uom_on_line, declared.partial_shipments) == (True, False)


def cases(*units: int) -> Any:
    """An order of lines in cases of 12."""
    plain = an_order(*(("MUG", each) for each in units))
    return replace(plain, lines=tuple(replace(each, uom="CASE", units_per_uom=12) for each in plain.lines))


def wholesale(*answers: Any) -> Any:
    return account(*answers, order_kind="wholesale", line_unit="pack")


def test_whole_cases_go_out_as_cases_and_a_broken_one_in_single_units() -> None:
    stored = {"data": {"wholesale_order_create": {"wholesale_order": {"order": {"id": "T3JkZXI6MzEw"}}}}}
    held = wholesale(heads(), known_skus(), stored)
    assert held.warehouse.submit(cases(24, 30), LATE) == Created("310")
    data = held.script.sent[-1]["variables"]["data"]
    assert data["depositor_order_number"] == data["partner_order_id"]
    assert [(row["quantity"], row["unit_of_measure"], row["custom_options"]) for row in data["line_items"]] == [
        (2, "CA", {"units_per_uom": 12, "ordered": 24}),
        (30, "EA", {"units_per_uom": 1, "ordered": 30}),
    ]


def test_packs_are_counted_in_base_units_and_one_that_was_closed_is_told_as_short_alone() -> None:
    row = line(quantity=2, quantity_shipped=1, quantity_pending_fulfillment=0)
    row["custom_options"] = {"units_per_uom": 12, "ordered": 36}
    found = wholesale(heads(order()), first_lines(row)).warehouse.find(["B2B1042"])["B2B1042"]
    assert isinstance(found, WarehouseRecord)
    assert found.lines == {"16400000000000001": 36}
    quota: dict[str, Any] = {"data": {"user_quota": {}}}
    held = wholesale(quota, changed(order(row, shipments=(shipment((1, "")),))))
    (told,) = held.warehouse.read_shipments(None)
    assert isinstance(told, ShipmentPage)
    assert [each.base_quantity for made in told.shipments for each in made.lines] == [12]
    assert [(each.line_id, each.short) for each in told.closures] == [("16400000000000001", 24)]


def test_a_pack_of_unknown_size_is_never_guessed() -> None:
    held = wholesale({"data": {"user_quota": {}}}, changed(order(line(custom_options=None))))
    (told,) = held.warehouse.read_shipments(None)
    assert told.shipments == told.closures == ()
    assert [(each.subject, each.words) for each in told.problems] == [
        (
            "order B2B1042",
            "shiphero: line 16400000000000001 does not say how many base units one of its 10 counts",
        )
    ]


def test_an_order_whose_packs_cannot_be_counted_is_unknown_and_hides_no_other() -> None:
    """Somebody added a line in ShipHero by hand: only its own order is in doubt."""
    other = order(id="T3JkZXI6MzEx", partner_order_id="B2B1043", order_number="B2B1043")
    both = {"data": {"r0": {"data": page(order())}, "r1": {"data": page(other)}}}
    whole = line(quantity=2, custom_options={"units_per_uom": 12, "ordered": 24})
    added = line(id="TGluZUl0ZW06NzAy", partner_line_item_id=None, custom_options=None)
    lines = {
        "data": {f"i{n}": {"data": {"line_items": page(*rows)}} for n, rows in enumerate([(whole, added), (whole,)])}
    }
    found = wholesale(both, lines).warehouse.find(["B2B1042", "B2B1043"])
    words = "shiphero: line shiphero line 702 does not say how many base units one of its 10 counts"
    assert found["B2B1042"] == Unknown(words)
    assert isinstance(found["B2B1043"], WarehouseRecord)
    assert found["B2B1043"].lines == {"16400000000000001": 24}
