"""Kits join the catalogue as rows of components; one that cannot be opened once is left out whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from include.fulfilment.domain.quantity import Refusal, index_packs, prove_line
from tests.adapters.packs.kit import HEAD, meanings, problems, read
from tests.adapters.tables.kit import put

KITS: dict[str, Any] = {
    "source": {"kind": "file", "path": "kits.csv"},
    "columns": {"kit": "kit", "component": "part", "quantity": "n"},
}
PACKS = f"{HEAD}MUG,,EA,1,,\nMUG-C12,MUG,CA,12,,\nTIN,,EA,1,,\n"


def test_a_kit_is_a_row_for_each_component(tmp_path: Path) -> None:
    put(tmp_path / "packs.csv", PACKS)
    put(tmp_path / "kits.csv", "kit,part,n\nGIFT,MUG,2\nGIFT,BOW,1\n")
    snapshot = read(tmp_path, kits=KITS)
    assert meanings(snapshot)[3:] == [("GIFT", "KIT", 2, "MUG"), ("GIFT", "KIT", 1, "BOW")]
    assert snapshot.problems == ()
    proofs = prove_line("GIFT", 10, None, index_packs(snapshot.rows))
    assert not isinstance(proofs, Refusal)
    assert [(proof.base_sku, proof.base) for proof in proofs] == [("MUG", 20), ("BOW", 10)]


@pytest.mark.parametrize(
    ("case", "rows", "left", "reason"),
    [
        ("kit in a kit", "GIFT,MUG,2\nBOX,GIFT,1\n", {"GIFT"}, "'GIFT' is a kit or a pack itself"),
        ("pack in a kit", "BOX,MUG-C12,1\n", set[str](), "'MUG-C12' is a kit or a pack itself"),
        ("pack as well", "MUG-C12,MUG,12\n", set[str](), "it is a kit and a pack at once"),
        ("component twice", "BOX,MUG,1\nBOX,MUG,2\n", set[str](), "'MUG' comes twice"),
        ("bad quantity", "BOX,MUG,1\nBOX,TIN,half\n", set[str](), "not a whole number of 1 or more: 'half'"),
        ("no component", "BOX,,1\nGIFT,MUG,1\n", {"GIFT"}, "column 'part' is empty"),
    ],
)
def test_a_kit_that_cannot_be_opened_once_is_left_out_whole(
    tmp_path: Path, case: str, rows: str, left: set[str], reason: str
) -> None:
    put(tmp_path / "packs.csv", PACKS)
    put(tmp_path / "kits.csv", f"kit,part,n\n{rows}")
    snapshot = read(tmp_path, kits=KITS)
    assert {row.sku for row in snapshot.rows if row.uom == "KIT"} == left, case
    ((_, words),) = problems(snapshot)
    assert reason in words


def test_a_sku_that_is_kit_and_pack_is_neither(tmp_path: Path) -> None:
    put(tmp_path / "packs.csv", PACKS)
    put(tmp_path / "kits.csv", "kit,part,n\nMUG-C12,MUG,12\n")
    assert [row.sku for row in read(tmp_path, kits=KITS).rows] == ["MUG", "TIN"]
