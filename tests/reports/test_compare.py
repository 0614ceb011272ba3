"""The join finds every difference, only differences, and the same ones in whatever order the rows come."""

from __future__ import annotations

import random
from dataclasses import asdict, replace
from typing import Any

import pyarrow as pa
import pytest

from include.fulfilment.domain.discrepancy import Difference
from include.fulfilment.errors import DataError
from include.fulfilment.reports.compare import Compared, Comparison, DriftInputs
from tests.reports.drift_rows import CUT_OFF, HOUR, MINUTE, inputs, line_ours, line_shown, stock_ours, stock_shown


def compare(given: DriftInputs) -> list[Difference]:
    with Comparison(given) as comparison:
        return list(comparison.differences())


def brief(differences: list[Difference]) -> list[tuple[Any, ...]]:
    return [
        (each.kind.value, each.aspect.value, each.order_id or each.sku, each.ours, each.theirs, each.difference_base)
        for each in differences
    ]


def test_two_sides_that_agree_differ_in_nothing() -> None:
    given = inputs([stock_ours()], [stock_shown()], [line_ours()], [line_shown()])
    with Comparison(given) as comparison:
        assert comparison.compared() == Compared(skus=1, order_lines=1)
        assert list(comparison.differences()) == []


def test_stock_is_found_that_differs_or_stands_on_one_side_only() -> None:
    ours = [stock_ours("a"), stock_ours("b"), stock_ours("gone"), stock_ours("no-factor", units_per=None)]
    shown = [stock_shown("a", 47), stock_shown("b"), stock_shown("new", 4), stock_shown("no-factor")]
    assert brief(compare(inputs(ours, shown))) == [
        ("stock", "available", "a", 50, 47, -3),
        ("stock", "available", "gone", 50, None, -50),
        ("stock", "available", "new", None, 4, None),
        ("stock", "available", "no-factor", 50, 50, None),
    ]


def test_what_the_shop_sold_since_our_push_is_no_difference() -> None:
    sold = stock_ours(sold_since_push=3)
    assert compare(inputs([sold], [stock_shown(shown=47)])) == []
    assert brief(compare(inputs([sold], [stock_shown(shown=46)]))) == [
        ("stock", "available", "22423", 50, 46, -4),
    ]


def test_skus_that_differ_only_by_case_or_blanks_are_never_merged() -> None:
    ours, shown = [stock_ours("ab"), stock_ours("cd ")], [stock_shown("AB"), stock_shown("cd")]
    assert [each.sku for each in compare(inputs(ours, shown))] == ["AB", "ab", "cd", "cd "]


def test_two_variants_of_one_sku_are_one_row_that_says_so() -> None:
    (row,) = compare(inputs([stock_ours()], [stock_shown(shown=20), stock_shown(shown=30)]))
    assert (row.copies, row.theirs, row.difference_base) == (2, 50, None)


def test_variants_without_a_sku_are_not_lost_in_the_join() -> None:
    nameless = {**asdict(stock_shown()), "sku": None}
    (row,) = compare(DriftInputs([], [nameless, nameless], [], []))
    assert (row.sku, row.theirs, row.copies) == ("", 100, 2)


def test_a_sku_the_warehouse_does_not_list_matters_only_while_the_shop_offers_it() -> None:
    unlisted = stock_ours(warehouse_base=None, as_of=None)
    (row,) = compare(inputs([unlisted], [stock_shown()]))
    assert not row.warehouse_lists_it
    assert compare(inputs([replace(unlisted, wanted=0, pushed=0)], [stock_shown(shown=0)])) == []


def test_another_pack_factor_is_one_row_however_many_orders_it_spoils() -> None:
    ours = [stock_ours(units_per=12, wanted=4, pushed=4), stock_ours("other")]
    shown = [stock_shown(shown=4, units_per=10), stock_shown("other")]
    orders = [f"cart:{number:03}" for number in range(200)]
    lines = [line_ours(order) for order in orders]
    there = [line_shown(order, quantity=3, fulfilled=1) for order in orders]
    (row,) = compare(inputs(ours, shown, lines, there))
    assert (row.aspect.value, row.ours, row.theirs, row.lines, row.difference_base) == ("pack", 12, 10, 201, -8)


def test_an_order_line_is_compared_in_base_units_by_order_and_line_never_by_sku() -> None:
    lines = [line_ours(line="1"), line_ours(line="2")]
    there = [line_shown(line="1"), line_shown(line="2", quantity=3)]
    (row,) = compare(inputs(lines=lines, lines_there=there))
    assert (row.aspect.value, row.line_id, row.ours, row.theirs, row.difference_base) == ("ordered", "2", 24, 36, 12)
    assert str(row.difference_net) == "30.00"


def test_a_shipped_line_the_shop_shows_unfulfilled_is_found_with_the_dispatch_it_lacks() -> None:
    (row,) = compare(inputs(lines=[line_ours(posted_at=None)], lines_there=[line_shown(fulfilled=0)]))
    assert (row.aspect.value, row.ours, row.theirs, row.difference_base) == ("shipped", 24, 0, -24)
    assert (row.started_at, row.answered_at, str(row.difference_net)) == (CUT_OFF - 4 * HOUR, None, "-60.00")


def test_units_of_a_part_pack_are_not_held_against_the_shop() -> None:
    lines = [line_ours(ordered_base=24, shipped_base=18)]
    assert compare(inputs(lines=lines, lines_there=[line_shown(fulfilled=1)])) == []


def test_more_shipped_than_ordered_is_not_held_against_the_shop() -> None:
    assert compare(inputs(lines=[line_ours(shipped_base=36)], lines_there=[line_shown()])) == []


def test_the_shipments_of_an_order_and_its_backorder_add_up() -> None:
    first = line_ours(released_base=12, warehouse_base=12, shipped_base=12)
    second = replace(first, external_ref="B2B9-2", posted_at=None, dispatched_at=CUT_OFF - HOUR)
    assert compare(inputs(lines=[first, second], lines_there=[line_shown()])) == []
    (row,) = compare(inputs(lines=[first, second], lines_there=[line_shown(fulfilled=1)]))
    assert (row.external_ref, row.started_at, row.difference_base) == ("B2B9 B2B9-2", CUT_OFF - HOUR, -12)


def test_an_unconfirmed_warehouse_order_is_one_row_whatever_its_lines() -> None:
    sent = [
        line_ours(line=str(n), warehouse_base=None, acknowledged_at=None, shipped_base=0, dispatched_at=None)
        for n in range(3)
    ]
    there = [line_shown(line=str(n), fulfilled=0) for n in range(3)]
    (row,) = compare(inputs(lines=sent, lines_there=there))
    assert (row.kind.value, row.aspect.value, row.external_ref, row.lines) == ("order", "in_warehouse", "B2B9", 3)
    assert (row.ours, row.theirs, row.difference_base, row.answered_at) == (72, None, -72, None)


def test_a_line_the_warehouse_dropped_is_a_line_not_an_order() -> None:
    lines = [line_ours(line="1"), line_ours(line="2", warehouse_base=None)]
    there = [line_shown(line="1"), line_shown(line="2")]
    assert brief(compare(inputs(lines=lines, lines_there=there))) == [
        ("order_line", "in_warehouse", "cart:9", 24, None, -24),
    ]


def test_an_order_one_side_does_not_have_at_all_is_one_row() -> None:
    stock, shown = [stock_ours(units_per=12)], [stock_shown()]
    lines = [line_ours("cart:1", "1"), line_ours("cart:1", "2")]
    there = [line_shown("cart:2", "1"), line_shown("cart:2", "2")]
    assert brief(compare(inputs(stock, shown, lines, there))) == [
        ("order", "ordered", "cart:1", 48, None, -48),
        ("order", "ordered", "cart:2", None, 48, 48),
    ]


def test_a_line_emptied_here_and_gone_there_is_no_difference() -> None:
    emptied = line_ours(line="2", ordered_base=0, released_base=0, warehouse_base=None, shipped_base=0)
    assert compare(inputs(lines=[line_ours(), emptied], lines_there=[line_shown()])) == []


def test_an_old_reading_is_dated_by_the_older_of_its_two_sides() -> None:
    (row,) = compare(inputs([stock_ours(as_of=CUT_OFF - 6 * HOUR)], [stock_shown(shown=1)]))
    assert row.read_at == CUT_OFF - 6 * HOUR


def test_the_order_of_the_rows_and_the_kind_of_container_change_nothing() -> None:
    ours = [stock_ours(f"s{n}") for n in range(50)]
    shown = [stock_shown(f"s{n}", 50 - n % 3) for n in range(50)]
    expected = compare(inputs(ours, shown))
    random.Random(7).shuffle(ours)  # noqa: S311 - a shuffle, no secret
    random.Random(8).shuffle(shown)  # noqa: S311
    as_table = pa.Table.from_pylist([{**asdict(row), "buyer": "not ours to read"} for row in shown])
    assert compare(inputs(ours, shown)) == expected
    assert compare(DriftInputs(iter(ours), as_table, [], [])) == expected
    assert compare(DriftInputs(ours, as_table.to_reader(), [], [])) == expected
    assert len(expected) == 33


def test_a_hundred_thousand_rows_give_back_only_what_differs() -> None:
    size = 100_000
    skus = [f"S{number:06}" for number in range(size)]
    one, other = asdict(stock_ours()), asdict(stock_shown())
    ours = ({**one, "sku": sku} for sku in skus)
    shown = ({**other, "sku": sku, "shown": 49 if number % 10_000 == 0 else 50} for number, sku in enumerate(skus))
    with Comparison(DriftInputs(ours, shown, [], []), memory_limit="100MB") as comparison:
        found = list(comparison.differences())
        assert comparison.compared() == Compared(skus=size, order_lines=0)
    assert [each.sku for each in found] == [f"S{number:06}" for number in range(0, size, 10_000)]


def test_a_missing_column_is_named() -> None:
    row = asdict(stock_shown())
    del row["shown"]
    with pytest.raises(DataError, match="stock_shown lacks shown; hand over the fields of StockShown"):
        compare(DriftInputs([], [row], [], []))
    with pytest.raises(DataError, match="stock_shown lacks shown"):
        compare(DriftInputs([], pa.Table.from_pylist([row]), [], []))


@pytest.mark.parametrize(
    ("column", "value", "wanted"),
    [("shown", "seven", "int64"), ("shown", 2**70, "int64"), ("read_at", "yesterday", r"timestamp\[us, tz=UTC\]")],
)
def test_a_value_that_does_not_fit_is_named_with_its_row(column: str, value: object, wanted: str) -> None:
    rows = [asdict(stock_shown("good")), {**asdict(stock_shown("bad")), column: value}]
    with pytest.raises(DataError, match=f"stock_shown, row bad .*: {column} is .*, wanted {wanted}; correct") as caught:
        compare(DriftInputs([], rows, [], []))
    assert "Traceback" not in str(caught.value)
    assert caught.value.subject == "stock_shown"


def test_the_young_side_of_a_pair_is_kept_for_the_judgement() -> None:
    (row,) = compare(inputs([stock_ours(wanted=44, wanted_at=CUT_OFF - MINUTE)], [stock_shown()]))
    assert (row.started_at, row.pushed, row.ours, row.theirs) == (CUT_OFF - MINUTE, 50, 44, 50)
