"""Stock readings, demand, and what the shop shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from include.fulfilment.domain.order import SHOP, Variant
from include.fulfilment.domain.quantity import LineQuantities
from include.fulfilment.domain.shipment import LineClosure
from include.fulfilment.domain.stock import Availability
from include.fulfilment.errors import DataError
from include.fulfilment.ports import AvailabilityChange, ChangeAnswer, StockLevel, StockSnapshot
from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store_port import Rows
from tests.store.seeds import CODE, MINUTE, NOW, line, order, record, release, save, shipment, snapshot, update, variant

Ask = Callable[..., list[dict[str, Any]]]
HELD = LineQuantities.placed(40)


def want(quantity: int, sku: str = "MUG") -> dict[str, Availability]:
    return {sku: Availability(sku, "BASE", quantity, 0, 0, 1, quantity)}


def owed(rows: Rows, skus: list[str] | None = None) -> list[tuple[Variant, int]]:
    return [(each.variant, each.wanted) for each in rows.stock.to_push(skus)]


def answer(outcome: str, quantity: int = 5, sku: str = "MUG", message: str = "") -> ChangeAnswer:
    return ChangeAnswer(AvailabilityChange(sku, f"i-{sku}", "loc-1", quantity, 0), outcome, message)


def test_the_newest_accepted_reading_is_the_figure(store: PostgresStore) -> None:
    levels = (StockLevel("MUG", "A1", 30), StockLevel("MUG", "A2", 20), StockLevel("CUP", "A1", -2))
    with store.transaction() as rows:
        assert rows.stock.figures(CODE) is None
        assert rows.stock.previous_levels(CODE) == 0
        rows.stock.record_snapshot(CODE, StockSnapshot(NOW, levels), True, NOW)
        rows.stock.record_snapshot(CODE, snapshot(NOW - MINUTE, MUG=99), True, NOW)
        rows.stock.record_snapshot(CODE, snapshot(NOW + MINUTE, MUG=1), False, NOW)
        assert rows.stock.figures(CODE) == (NOW, {"MUG": 50, "CUP": -2})
        assert rows.stock.previous_levels(CODE) == 3


def test_a_reading_told_twice_counts_once_and_a_doubtful_one_can_be_accepted(store: PostgresStore, ask: Ask) -> None:
    with store.transaction() as rows:
        for accepted in (False, True, False):
            rows.stock.record_snapshot(CODE, snapshot(NOW, MUG=50), accepted, NOW)
        assert rows.stock.figures(CODE) == (NOW, {"MUG": 50})
    assert ask("SELECT levels, accepted FROM stock_snapshot WHERE site = %(site)s") == [{"levels": 1, "accepted": True}]


def test_a_reading_that_names_a_sku_twice_is_no_reading(store: PostgresStore) -> None:
    twice = StockSnapshot(NOW, (StockLevel("MUG", "A1", 1), StockLevel("MUG", "A1", 1)))

    with pytest.raises(DataError, match="names a SKU twice"), store.transaction() as rows:
        rows.stock.record_snapshot(CODE, twice, True, NOW)


def test_demand_is_what_the_figure_still_contains_though_it_is_ordered(store: PostgresStore) -> None:
    release(store, 1, units=25)  # 25 released, 15 backordered
    record(store, order(2), order(3, is_draft=True), order(4, is_b2b=False), order(5, is_b2b=False))
    save(store, update(2, HELD, "held", "po_missing"), update(4, HELD, "not_ours"), update(5, HELD, "not_ours"))
    record(store, order(5, is_b2b=False, fulfilled_in_shop=True, updated_at=NOW + MINUTE))

    with store.transaction() as rows:
        assert rows.stock.outstanding(CODE, NOW) == {"MUG": 25}
        assert rows.stock.demand(CODE, NOW) == {"MUG": 25 + 15 + 40 + 40}


def test_a_dispatch_counts_until_the_figure_is_younger_than_it(store: PostgresStore) -> None:
    """S14: 50 as of 10:00, 24 leave at 10:01; the figure of 10:05 is 26. Both times 26 may be promised."""
    release(store, 1, units=24, ordered=24)
    with store.transaction() as rows:
        rows.shipments.record(CODE, [shipment("S1", 1, 24, NOW + MINUTE)], [], NOW)
        assert rows.stock.outstanding(CODE, NOW) == {"MUG": 24}
        assert rows.stock.outstanding(CODE, NOW + MINUTE) == {}
        assert rows.stock.demand(CODE, NOW) == {"MUG": 24}
        assert rows.stock.demand(CODE, NOW + 5 * MINUTE) == {}

    save(store, update(1, LineQuantities.placed(24).allocate(24).fold(24, 0), "fulfilled"))
    with store.transaction() as rows:
        assert rows.stock.demand(CODE, NOW) == {"MUG": 24}
        assert rows.stock.demand(CODE, NOW + 5 * MINUTE) == {}


def test_short_units_are_outstanding_no_longer_and_a_surplus_takes_nothing_from_others(store: PostgresStore) -> None:
    release(store, 1)
    release(store, 2)
    release(store, 3, acknowledged=False)
    with store.transaction() as rows:
        rows.shipments.record(CODE, [shipment("S1", 1, 44)], [LineClosure("B2B2", "1", 3)], NOW)
        rows.orders.reject(CODE, "B2B3", "no", NOW)
        assert rows.stock.outstanding(CODE, NOW) == {"MUG": 37}


def test_lines_without_a_proof_are_told_while_they_are_demand(store: PostgresStore) -> None:
    record(store, order(1, line(quantity=7)), order(2, is_draft=True), order(3, cancelled_at=NOW))
    record(store, order(4, line(quantity=2), is_b2b=False), order(5, is_b2b=False, fulfilled_in_shop=True))
    save(store, update(4, LineQuantities(), "not_ours"), update(5, LineQuantities(), "not_ours"))

    with store.transaction() as rows:
        assert rows.stock.unproven() == [("MUG", 7), ("MUG", 2)]


def test_a_wanted_quantity_is_pushed_until_the_shop_shows_it(store: PostgresStore, ask: Ask) -> None:
    mug = variant("MUG", 9)
    with store.transaction() as rows:
        rows.stock.record_variants([mug, variant("CUP", 3), variant("OFF", None)], NOW)
        assert rows.stock.want(want(5) | want(3, "CUP") | want(7, "OFF"), NOW) == 1
        assert owed(rows) == [(mug, 5)]
        assert owed(rows, ["CUP"]) == []
        rows.stock.pushed(SHOP, [answer("applied")], NOW + MINUTE)
        assert owed(rows) == []
        assert rows.stock.variants()[1] == replace(mug, available=5)
        assert owed(rows, []) == []
    found = ask("SELECT shown, wanted, pushed, pushed_at, base_sku FROM variant WHERE site = %(site)s AND sku = 'MUG'")
    assert found == [{"shown": 5, "wanted": 5, "pushed": 5, "pushed_at": NOW + MINUTE, "base_sku": "BASE"}]


def test_an_older_figure_never_replaces_a_newer_one_even_if_that_changed_nothing(
    store: PostgresStore, ask: Ask
) -> None:
    with store.transaction() as rows:
        rows.stock.record_variants([variant("MUG", 5)], NOW)
        rows.stock.want(want(5), NOW)
        rows.stock.want(want(5), NOW + 15 * MINUTE)
        rows.stock.want(want(9), NOW + 10 * MINUTE)
    found = ask("SELECT wanted, wanted_at, wanted_as_of FROM variant WHERE site = %(site)s")
    assert found == [{"wanted": 5, "wanted_at": NOW, "wanted_as_of": NOW + 15 * MINUTE}]


def test_an_older_reading_of_the_shop_never_replaces_what_was_written_since(store: PostgresStore) -> None:
    with store.transaction() as rows:
        rows.stock.record_variants([variant("MUG", 9)], NOW)
        rows.stock.want(want(5), NOW)
        rows.stock.pushed(SHOP, [answer("applied")], NOW + 2 * MINUTE)
        rows.stock.record_variants([variant("MUG", 9)], NOW + MINUTE)
        assert [each.available for each in rows.stock.variants()] == [5]
        rows.stock.record_variants([variant("MUG", 8)], NOW + 2 * MINUTE)
        assert [each.available for each in rows.stock.variants()] == [8]


def test_the_same_item_in_two_shops_is_two_variants_of_one_sku(store: PostgresStore) -> None:
    mug, public = variant("MUG", 9), replace(variant("MUG", 4), storefront="public")
    with store.transaction() as rows:
        rows.stock.record_variants([mug, public], NOW)
        rows.stock.want(want(5), NOW)
        assert owed(rows) == [(public, 5), (mug, 5)]
        rows.stock.pushed("public", [answer("rejected", message="no")], NOW)
        assert (rows.stock.refused(), owed(rows)) == ({"MUG in public": "no"}, [(mug, 5)])


def test_a_stale_answer_waits_for_the_next_reading(store: PostgresStore) -> None:
    with store.transaction() as rows:
        rows.stock.record_variants([variant("MUG", 9)], NOW)
        rows.stock.want(want(5), NOW)
        rows.stock.pushed(SHOP, [answer("stale")], NOW)
        assert owed(rows) == []
        rows.stock.record_variants([variant("MUG", 8)], NOW)
        assert owed(rows) == [(variant("MUG", 8), 5)]


def test_a_rejected_row_waits_until_the_variant_changes_in_the_shop(store: PostgresStore) -> None:
    with store.transaction() as rows:
        rows.stock.record_variants([variant("MUG", 9)], NOW)
        rows.stock.want(want(5), NOW)
        rows.stock.pushed(SHOP, [answer("rejected", message="not stocked\x00 here")], NOW)
        rows.stock.record_variants([variant("MUG", 9)], NOW)
        assert rows.stock.refused() == {"MUG": "not stocked\ufffd here"}
        assert owed(rows) == []
        rows.stock.record_variants([variant("MUG", 8)], NOW)
        assert rows.stock.refused() == {}
        assert owed(rows) == [(variant("MUG", 8), 5)]


def test_every_variant_of_one_sku_gets_its_quantity(store: PostgresStore) -> None:
    twins = [variant("MUG", 9, item="i-1"), variant("MUG", 1, item="i-2")]
    with store.transaction() as rows:
        rows.stock.record_variants(twins, NOW)
        assert rows.stock.want(want(5), NOW) == 2
        assert owed(rows, ["MUG"]) == [(twins[0], 5), (twins[1], 5)]


def test_a_variant_missing_from_a_reading_stays(store: PostgresStore) -> None:
    with store.transaction() as rows:
        rows.stock.record_variants([variant("MUG", 9)], NOW)
        rows.stock.record_variants([variant("CUP", 1)], NOW + MINUTE)
        assert [each.sku for each in rows.stock.variants()] == ["CUP", "MUG"]
