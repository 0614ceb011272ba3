"""What a pack held is known for every instant since it was first read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from include.fulfilment.domain.quantity import PackRow, changed_since_order
from include.fulfilment.errors import DataError
from include.fulfilment.ports import PackSnapshot
from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store.packs import PackChange, PostgresPacks
from tests.store.seeds import NOW

DAY = timedelta(days=1)
CASE = PackRow("MUG-C12", "MUG", "CASE", "ours", 12, "v1", "packs.csv row 2")
TEN = replace(CASE, units_per_uom=10, version="v2", source="packs.csv row 9")
EACH = PackRow("MUG", "MUG", "EA", "ours", 1, "v1", "packs.csv row 3")
KIT = (
    PackRow("GIFT", "MUG", "KIT", "ours", 2, "v1", "kits.csv row 2"),
    PackRow("GIFT", "TIN", "KIT", "ours", 1, "v1", "kits.csv row 3"),
)
Ask = Callable[..., list[dict[str, Any]]]


@contextmanager
def packs_of(store: PostgresStore) -> Iterator[PostgresPacks]:
    with store.connected() as (connection, site):
        yield PostgresPacks(connection, site)


def record(store: PostgresStore, *rows: PackRow, day: int = 0) -> PackChange:
    at = NOW + day * DAY
    with packs_of(store) as packs:
        return packs.record_packs(PackSnapshot(rows, f"day {day}", at), at)


def test_the_catalogue_is_what_was_read_last(store: PostgresStore) -> None:
    assert record(store, CASE, EACH, *KIT) == PackChange(began=4)
    with packs_of(store) as packs:
        assert packs.packs() == [*KIT, EACH, CASE]
        assert packs.pack_skus() == 3


def test_an_unchanged_reading_makes_no_version_whatever_its_rows_are_numbered(store: PostgresStore, ask: Ask) -> None:
    record(store, CASE, EACH)
    moved = replace(CASE, version="v9", source="packs.csv row 99")
    assert record(store, moved, EACH, EACH, day=1) == PackChange()
    with packs_of(store) as packs:
        assert packs.packs() == [EACH, CASE]
    assert ask("SELECT version, confirmed_as_of FROM pack_reading WHERE site = %(site)s") == [
        {"version": "day 0", "confirmed_as_of": NOW + DAY}
    ]


def test_the_factor_at_an_instant_is_that_of_the_reading_before_it(store: PostgresStore) -> None:
    record(store, CASE, EACH)
    assert record(store, TEN, EACH, day=2) == PackChange(began=1, ended=1)
    asked = [("MUG-C12", NOW + days * DAY) for days in (-1, 0, 1, 2, 3)]
    with packs_of(store) as packs:
        before, first, between, changed, now = packs.packs_at(asked)
        assert (before, first, between, changed, now) == ((), (CASE,), (CASE,), (TEN,), (TEN,))
        assert packs.packs_at([]) == []
    refusal = changed_since_order("MUG-C12", between, now)
    assert refusal is not None
    assert (refusal.code, "version v1" in refusal.detail, "version v2" in refusal.detail) == (
        "pack_changed",
        True,
        True,
    )


def test_a_kit_has_all_its_components_at_every_instant(store: PostgresStore) -> None:
    record(store, *KIT)
    record(store, KIT[0], replace(KIT[1], units_per_uom=3), day=1)
    with packs_of(store) as packs:
        then, now = packs.packs_at([("GIFT", NOW), ("GIFT", NOW + DAY)])
    assert (then, now) == (KIT, (KIT[0], replace(KIT[1], units_per_uom=3)))


def test_a_sku_that_went_away_and_came_back_has_a_gap(store: PostgresStore) -> None:
    record(store, CASE, EACH)
    assert record(store, EACH, day=1) == PackChange(ended=1)
    assert record(store, CASE, EACH, day=2) == PackChange(began=1)
    with packs_of(store) as packs:
        assert packs.packs_at([("MUG-C12", NOW + days * DAY) for days in (0, 1, 2)]) == [(CASE,), (), (CASE,)]


def test_an_older_reading_never_overwrites_a_newer_one(store: PostgresStore) -> None:
    record(store, CASE, day=1)
    record(store, CASE, day=2)
    assert record(store, TEN, day=1) == PackChange(older=True)
    with packs_of(store) as packs:
        assert packs.packs() == [CASE]


def test_the_same_reading_understood_otherwise_replaces_what_never_held(store: PostgresStore) -> None:
    record(store, EACH)
    record(store, CASE, EACH, day=1)
    assert record(store, TEN, EACH, day=1) == PackChange(began=1, ended=1)
    with packs_of(store) as packs:
        assert packs.packs_at([("MUG-C12", NOW), ("MUG-C12", NOW + DAY), ("MUG", NOW)]) == [(), (TEN,), (EACH,)]


def test_an_empty_reading_is_refused_by_the_schema_too_and_changes_nothing(store: PostgresStore) -> None:
    record(store, CASE)
    with pytest.raises(DataError, match="pack_reading"):
        record(store, day=1)
    with packs_of(store) as packs:
        assert (packs.packs(), packs.pack_skus()) == ([CASE], 1)


def test_two_sites_have_their_own_catalogues(store: PostgresStore, store_url: str) -> None:
    record(store, CASE)
    with packs_of(PostgresStore(store_url, "elsewhere_packs")) as packs:
        assert (packs.packs(), packs.pack_skus()) == ([], 0)


def test_ten_thousand_skus_take_as_many_statements_as_one(store: PostgresStore) -> None:
    rows = [replace(EACH, sku=f"S{number}", base_sku=f"S{number}") for number in range(10_000)]
    assert record(store, *rows) == PackChange(began=10_000)
    assert record(store, *rows[1:], day=1) == PackChange(ended=1)
    with packs_of(store) as packs:
        found = packs.packs_at([(row.sku, NOW + DAY) for row in rows])
    assert sum(map(len, found)) == 9_999
