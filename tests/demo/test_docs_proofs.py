"""Every failure that order release must not repeat has a test that says so."""

from __future__ import annotations

import pytest

from demo.docs_proofs import FAILURES, Told, told_by_id

RELEASE = [*range(1, 8), *range(20, 26), 31, *range(33, 36), *range(37, 50)]
STORIES = [f"R{number}" for number in range(1, 32) if number != 17]


@pytest.fixture(scope="module")
def told() -> dict[str, list[Told]]:
    return told_by_id()


@pytest.mark.parametrize("number", [each for each in RELEASE if each != 48])
def test_a_failure_of_others_has_a_test_that_names_it(told: dict[str, list[Told]], number: int) -> None:
    assert told.get(f"F{number}"), FAILURES[number]


@pytest.mark.parametrize("story", STORIES)
def test_a_release_story_has_a_test_that_names_it(told: dict[str, list[Told]], story: str) -> None:
    assert [key for key in told if key.rstrip("abcd") == story]
