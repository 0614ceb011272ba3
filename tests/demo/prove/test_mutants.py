"""The mutants fit the shipped code, and the checker tells them from it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from demo.environment import CHECKOUT
from demo.errors import DemoError
from demo.prove import mutants
from demo.prove.mutants import read_mutants, try_mutants
from demo.prove.workers import opened
from demo.prove.yard import DIALECTS

TRIED = ("stock_promised_twice", "unpaid_orders_go")


def test_there_are_enough_mutants_and_each_breaks_something_else() -> None:
    found = read_mutants()
    assert len(found) >= 12
    assert len({each.breaks for each in found}) == len(found)
    assert {each.warehouse for each in found} <= DIALECTS.keys()


def test_every_mutant_fits_the_code_and_is_python() -> None:
    for mutant in read_mutants():
        assert mutant.files, mutant.name
        for path, text in mutant.files.items():
            assert text != (CHECKOUT / path).read_text(encoding="utf-8"), (mutant.name, path)
            ast.parse(text, path)


def test_a_patch_that_fits_nowhere_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutants, "PATCHES", tmp_path)
    diff = "--- a/demo/prove/clock.py\n+++ b/demo/prove/clock.py\n@@ -1 +1 @@\n-no such line\n+another\n"
    (tmp_path / "stale.patch").write_text(f"Breaks nothing.\nwarehouse: shipbob\n\n{diff}", encoding="utf-8")
    with pytest.raises(DemoError, match=r"stale\.patch does not fit demo/prove/clock\.py any more: 0 places"):
        read_mutants()


@pytest.mark.e2e
def test_two_mutants_are_caught() -> None:
    with opened() as field:
        caught = try_mutants(field, print, TRIED)
    assert set(caught) == set(TRIED)
    assert all("over_released" in by for by in caught.values()), caught
