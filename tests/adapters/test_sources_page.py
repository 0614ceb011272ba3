"""Every example on the page about credit and packs is a section that is taken as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.fulfilment.adapters import credit, packs
from include.fulfilment.settings import DEMO_SITES, load_site
from tests.adapters.tables.kit import put, tools

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sources.md"
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)]


@pytest.mark.parametrize("example", [each["credit"] for each in EXAMPLES if "credit" in each])
def test_an_example_of_credit_can_be_connected(example: dict[str, Any], tmp_path: Path) -> None:
    source = credit.connect(example, tools(tmp_path), load_site("demo"), {})
    assert source.declaration.contains == example["contains"]


@pytest.mark.parametrize("example", [each["packs"] for each in EXAMPLES if "packs" in each])
def test_an_example_of_packs_can_be_connected(example: dict[str, Any], tmp_path: Path) -> None:
    assert packs.connect(example, tools(tmp_path), load_site("demo")) is not None


def test_both_have_their_examples() -> None:
    assert sorted(name for each in EXAMPLES for name in each) == ["credit", "credit", "credit", "packs", "packs"]


def test_the_demos_own_catalogue_is_read_by_the_first_example(tmp_path: Path) -> None:
    example = next(each["packs"] for each in EXAMPLES if "packs" in each)
    (tmp_path / "demo").mkdir()
    content = (DEMO_SITES / "demo" / "packs.csv").read_bytes()
    put(tmp_path / "demo" / "packs.csv", content)
    snapshot = packs.connect(example, tools(tmp_path), load_site("demo")).read()
    assert snapshot.problems == ()
    assert [(row.sku, row.uom, row.units_per_uom, row.version) for row in snapshot.rows][:2] == [
        ("MUG-RED", "EA", 1, "2026-11-01"),
        ("MUG-RED-CASE12", "CASE", 12, "2026-11-01"),
    ]
