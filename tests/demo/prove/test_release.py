"""The product as it is does no harm."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from demo.prove.checker import HARM
from demo.prove.play import Outcome
from demo.prove.report import Figures, story
from demo.prove.workers import Field, played
from include.fulfilment.store.schema import migrate

SCHEDULES = 30


@pytest.fixture
def field(postgres_url: str, tmp_path: Path) -> Field:
    migrate(postgres_url)
    return Field(postgres_url, tmp_path)


def test_thirty_schedules_of_the_product_as_it_is_do_no_harm(field: Field) -> None:
    figures = Figures("release", 1, "shipbob")
    for outcome in played(field, "shipbob", 1, range(SCHEDULES)):
        figures.add(outcome)
    assert [(each.number, each.harm) for each in figures.harmed] == []
    assert (figures.schedules, figures.good) == (SCHEDULES, True)
    assert figures.faults["abort"] == figures.crash_points.total() > 0
    assert {name for name, times in figures.as_json()["crash_points"].items() if not times} == set()
    assert {"reset_after", "two runs", "webhook's run"} <= (+figures.faults).keys()


def test_the_figures_have_the_names_that_are_promised() -> None:
    figures = Figures("release", 4, "shipbob")
    harmed = Outcome(2, {"lost": ["order 1", "order 2"]}, 9, Counter({"429": 3, "html": 0}), Counter(), ["it ran"])
    figures.add(harmed)
    figures.mutants = {"one": "lost", "two": ""}
    told = json.loads(json.dumps(figures.as_json()))
    assert {name: told[name] for name in ("name", "seed", "schedules", "events")} == {
        "name": "release",
        "seed": 4,
        "schedules": 1,
        "events": 9,
    }
    assert {kind: told[kind] for kind in HARM} == dict.fromkeys(HARM, 0) | {"lost": 2}
    assert (told["faults"], told["harmed"]) == ({"429": 3}, [2])
    assert (told["mutants"]["tried"], told["mutants"]["caught"]) == (2, 1)
    assert not figures.good


def test_a_harmful_schedule_is_told_with_the_command_that_shows_it_again() -> None:
    outcome = Outcome(2, {"lost": ["order 1 is not in the shop"]}, story=["10:00 run of release"])
    assert list(story(outcome, "bin/prove release --only 2")) == [
        "Schedule 2 did harm. Again: bin/prove release --only 2",
        "  lost: order 1 is not in the shop",
        "    10:00 run of release",
    ]
