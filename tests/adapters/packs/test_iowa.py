"""A whole real catalogue (State of Iowa, 6,482 items of 2022-11-01) with what is wrong in it: every row has a verdict.

Measured over it: 322 items have an inner pack larger than their pack, 935 barcodes stand on items of different packs,
and leading zeros of barcodes are lost.
"""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from include.fulfilment.domain.quantity import PackCatalogue, Proof, index_packs, prove_quantity
from include.fulfilment.ports import PackSnapshot
from tests.adapters.packs.kit import read
from tests.adapters.tables.kit import put

COLUMNS: dict[str, Any] = {"sku": "Item Number", "units": "Pack", "inner": "Inner Pack"}
BY_BARCODE: dict[str, Any] = {"sku": "UPC", "base_sku": "Item Number", "units": "Pack"}
MOST_COMMON = [(6, 3385), (12, 2244), (24, 172)]


@pytest.fixture
def catalogue(tmp_path: Path, shared_folder: Path) -> Path:
    packed = shared_folder / "wholesale" / "iowa_products_packs_2022-11-01.csv.gz"
    if not packed.is_file():
        packed = shared_folder / "data" / "wholesale" / packed.name
    put(tmp_path / "packs.csv", gzip.decompress(packed.read_bytes()))
    return tmp_path


def verdicts(packs: PackCatalogue) -> Counter[str]:
    """How many SKUs of the catalogue have each verdict on one of them."""
    found = (prove_quantity(sku, 1, None, packs) for sku in packs)
    return Counter("proven" if isinstance(each, Proof) else each.code for each in found)


def refused(snapshot: PackSnapshot) -> list[tuple[str, str]]:
    return [(each.subject, each.words.partition(",")[0]) for each in snapshot.problems]


def test_every_item_is_proven_or_refused_for_its_inner_pack(catalogue: Path) -> None:
    snapshot = read(catalogue, columns=COLUMNS, units={"always": "CASE"}, zeros="none")
    assert refused(snapshot) == [
        ("packs.csv: the inner pack is larger than the pack", "322 rows were not used"),
    ]
    assert verdicts(index_packs(snapshot.rows)) == {"proven": 6160}
    assert Counter(row.units_per_uom for row in snapshot.rows).most_common(3) == MOST_COMMON


def test_item_numbers_of_three_to_six_digits_are_ambiguous_until_somebody_says_what_they_are(catalogue: Path) -> None:
    snapshot = read(catalogue, columns=COLUMNS, units={"always": "CASE"})
    zeros = "column 'Item Number': leading zeros of the code may be lost; export it as text, or declare `zeros`"
    assert refused(snapshot) == [
        (f"packs.csv: {zeros}", "3614 rows were not used"),
        ("packs.csv: the inner pack is larger than the pack", "122 rows were not used"),
    ]
    assert verdicts(index_packs(snapshot.rows)) == {"proven": 6482 - 3614 - 122}


def test_a_barcode_that_several_items_carry_decides_no_pack(catalogue: Path) -> None:
    snapshot = read(catalogue, columns=BY_BARCODE, units={"always": "CASE"}, zeros=12)
    packs = index_packs(snapshot.rows)
    assert verdicts(packs) == {"proven": 1949, "pack_ambiguous": 1544}
    assert sum(len({row.units_per_uom for row in rows}) > 1 for rows in packs.values()) == 935


def test_the_lost_zeros_of_barcodes_come_back_where_their_width_is_declared(catalogue: Path) -> None:
    undeclared = read(catalogue, columns=BY_BARCODE, units={"always": "CASE"})
    padded = read(catalogue, columns=BY_BARCODE, units={"always": "CASE"}, zeros=12)
    assert {len(row.sku) for row in undeclared.rows} == {12}
    assert {len(row.sku) for row in padded.rows} == {12}
    assert [len({row.sku for row in each.rows}) for each in (undeclared, padded)] == [768, 3493]
