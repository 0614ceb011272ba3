"""Real processes of the whole stack die while they work; nothing is lost or done twice."""

from __future__ import annotations

import pytest

from demo.prove.crash import prove_crash

pytestmark = pytest.mark.e2e


def test_two_schedules_of_kills_do_no_harm() -> None:
    figures = prove_crash(2, 1, "shipbob")
    assert figures.harm == {}
    assert (figures.schedules, figures.good) == (2, True)
    assert figures.kills.total() + figures.missed == 2
    assert figures.kills.total() > 0
    assert figures.runs["success"] > 0
