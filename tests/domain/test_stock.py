"""What may be shown and what may be released out of the warehouse's figure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.fulfilment.domain.stock import available_to_promise, free_to_release, is_suspicious

BASE = st.integers(-10_000, 10_000)


@pytest.mark.parametrize(
    ("figure", "demand", "buffer", "units", "floor", "shown"),
    [
        (50, 0, 0, 1, 0, 50),  # S1: 50 EA free
        (50, 0, 0, 12, 0, 4),
        (50, 24, 0, 1, 0, 26),  # S1: two cases ordered, not known to the warehouse yet
        (50, 24, 0, 12, 0, 2),
        (26, 0, 0, 12, 0, 2),  # S2: the warehouse deducted them
        (50, 0, 5, 1, 0, 45),  # S3: buffer
        (0, 4, 0, 1, -9, -4),  # S3: pre-order floor
        (0, 12, 0, 1, -9, -9),
        (0, 4, 0, 1, 0, 0),  # S11: never below zero unless a floor says so
        (50, 30, 0, 1, 0, 20),  # S13: a public order of 6 and a held one of 24
        (50, 30, 0, 12, 0, 1),
    ],
)
def test_the_stories_numbers(figure: int, demand: int, buffer: int, units: int, floor: int, shown: int) -> None:
    assert available_to_promise("SKU", "BASE", figure, demand, buffer, units, floor).quantity == shown


@given(BASE, st.integers(0, 10_000), st.integers(0, 50), st.integers(1, 144))
def test_what_is_shown_is_there_and_not_one_pack_more_could_be(
    figure: int, demand: int, buffer: int, units: int
) -> None:
    shown = available_to_promise("SKU", "BASE", figure, demand, buffer, units).quantity
    free = figure - demand - buffer

    assert shown >= 0
    assert shown * units <= max(free, 0) < (shown + 1) * units


@given(st.dictionaries(st.sampled_from("ABC"), BASE), st.dictionaries(st.sampled_from("ABCD"), st.integers(0, 10_000)))
def test_never_more_is_free_than_is_there_less_what_is_promised(on_hand: dict[str, int], out: dict[str, int]) -> None:
    free = free_to_release(on_hand, out)

    assert free.keys() == on_hand.keys()
    assert all(units == max(0, on_hand[sku] - out.get(sku, 0)) for sku, units in free.items())


@pytest.mark.parametrize(
    ("before", "now", "suspicious"),
    [(10_000, 300, True), (100, 50, False), (100, 49, True), (0, 0, False), (1, 0, True)],
)
def test_a_reading_that_shrank_by_more_than_half_is_suspicious(before: int, now: int, suspicious: bool) -> None:
    assert is_suspicious(before, now) is suspicious
