"""Stock: the total on hand, not what ShipHero calls available."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from include.fulfilment.errors import DataError
from include.fulfilment.ports import Problem, StockLevel
from tests.adapters.warehouse.shiphero.kit import QUOTA, account, page
from tests.contract.benches.shiphero import open_bench
from tests.contract.kit import Bench, opened
from tests.contract.orders import figures, goods, placed, ship


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with opened(open_bench, tmp_path_factory.mktemp("stock")) as made:
        yield made


def row(sku: str, on_hand: Any, number: int = 1, **changes: Any) -> dict[str, Any]:
    return {"id": str(number), "sku": sku, "warehouse_id": "7145", "on_hand": on_hand} | changes


def stock(*rows: Any, after: str = "") -> dict[str, Any]:
    return {"data": {"warehouse_products": {"request_id": "1", "data": page(*rows, after=after)}}}


def test_the_figure_holds_what_orders_wait_for_until_it_leaves(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 20))
    bench.wire.clear()
    assert figures(bench.warehouse.read_stock(), [sku]) == {sku: 50}  # `available` would say 30
    ship(bench, order)
    assert figures(bench.warehouse.read_stock(), [sku]) == {sku: 30}


def test_a_reading_tells_the_warehouses_time_at_its_start_and_its_place() -> None:
    snapshot = account(QUOTA, stock(row("MUG", 7))).warehouse.read_stock()
    assert snapshot.as_of == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert snapshot.levels == (StockLevel("MUG", "7145", 7),)
    assert snapshot.problems == ()


def test_units_that_may_not_be_sold_are_promised_to_nobody() -> None:
    snapshot = account(QUOTA, stock(row("MUG", 7, non_sellable_quantity=3))).warehouse.read_stock()
    assert snapshot.levels == (StockLevel("MUG", "7145", 4),)


@pytest.mark.parametrize("nonsense", [None, "7", 7.5, True])
def test_a_figure_that_is_none_is_a_problem_and_not_zero(nonsense: Any) -> None:
    snapshot = account(QUOTA, stock(row("MUG", nonsense), row("CUP", 4, 2))).warehouse.read_stock()
    assert snapshot.levels == (StockLevel("CUP", "7145", 4),)
    ((subject, words),) = [(each.subject, each.words) for each in snapshot.problems]
    assert subject == "sku MUG"
    assert "on_hand" in words


def test_a_figure_below_zero_is_told_as_it_is() -> None:
    assert account(QUOTA, stock(row("MUG", -4))).warehouse.read_stock().levels == (StockLevel("MUG", "7145", -4),)


def test_two_records_of_one_sku_are_a_problem_and_neither_is_taken() -> None:
    snapshot = account(QUOTA, stock(row("MUG", 4), row("MUG", 9, 2), row("CUP", 1, 3))).warehouse.read_stock()
    assert snapshot.levels == (StockLevel("CUP", "7145", 1),)
    words = "the warehouse has two records of it; name customer_account_id in the connection, or merge them there"
    assert snapshot.problems == (Problem("sku MUG", words),)


def test_another_warehouses_row_is_not_ours() -> None:
    snapshot = account(QUOTA, stock(row("MUG", 4, warehouse_id="V2FyZWhvdXNlOjc="))).warehouse.read_stock()
    assert (snapshot.levels, snapshot.problems) == ((), ())


def test_a_record_that_comes_twice_makes_the_reading_none() -> None:
    held = account(QUOTA, stock(row("MUG", 4), after="c1"), stock(row("MUG", 4)))
    with pytest.raises(DataError, match="a page of stock came twice"):
        held.warehouse.read_stock()


def test_pages_follow_each_other_by_their_cursor() -> None:
    held = account(QUOTA, stock(row("MUG", 4), after="c1"), stock(row("CUP", 9, 2)))
    assert [each.base_sku for each in held.warehouse.read_stock().levels] == ["MUG", "CUP"]
    assert [each["variables"] for each in held.script.sent[1:]] == [
        {"warehouse": "V2FyZWhvdXNlOjcxNDU="},
        {"after": "c1", "warehouse": "V2FyZWhvdXNlOjcxNDU="},
    ]
