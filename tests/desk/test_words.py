from __future__ import annotations

from datetime import timedelta

import pytest

from include.fulfilment.desk import words
from include.fulfilment.domain.release_rules import RULES
from include.fulfilment.domain.standing import OrderState
from tests.desk.fakes import NOW


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(0), "less than a minute"),
        (timedelta(seconds=-5), "less than a minute"),
        (timedelta(seconds=60), "1 minute"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(minutes=130), "2 h 10"),
        (timedelta(hours=3), "3 h 00"),
        (timedelta(hours=24), "1 day"),
        (timedelta(hours=25), "1 day 1 h"),
        (timedelta(hours=71), "2 days 23 h"),
        (timedelta(days=12, hours=5), "12 days"),
    ],
)
def test_a_span_is_said_to_the_precision_people_need(length: timedelta, said: str) -> None:
    assert words.span(length) == said


def test_what_is_late_says_so_in_words_and_not_by_colour_alone() -> None:
    late = words.due(NOW - timedelta(minutes=130), NOW)
    assert late == (
        '<strong class="late"><time datetime="2026-11-23T10:50:00+00:00" title="2026-11-23 10:50:00 UTC">'
        "overdue by 2 h 10</time></strong>"
    )
    assert words.due(NOW + timedelta(minutes=5), NOW).endswith(">in 5 minutes</time>")


def test_every_state_and_every_rule_has_words_of_its_own() -> None:
    assert set(words.STATES) == set(OrderState)
    named = {rule.__name__.removeprefix("_") for rule in RULES}
    assert len(words.RULES) == len(named) + len({"ours", "ship_complete", "due"})  # said beside the rules


def test_a_code_without_words_is_still_readable() -> None:
    assert words.matter("some_new_code") == "Some new code"
    assert words.rule("some_new_rule") == "Some new rule"
    assert words.listing("held") == "Orders: held"
    assert words.listing("po_missing") == "Orders with: po number missing"
