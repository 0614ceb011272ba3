"""The nightly verdict: exact rows, exact words, and the same hash for ever."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from include.fulfilment.domain.discrepancy import CAUSES, Cause
from include.fulfilment.errors import DataError
from include.fulfilment.reports.compare import DriftInputs
from include.fulfilment.reports.drift import DriftDay, DriftReport, age, build_report, canonical_rows
from tests.reports.drift_rows import CUT_OFF, HOUR, MINUTE, inputs, line_ours, line_shown, stock_ours, stock_shown


def troubled() -> DriftInputs:
    """One edited SKU, one other factor, one line shipped and not told, one order unconfirmed, one still settling."""
    sent: dict[str, Any] = {
        "warehouse_base": None,
        "acknowledged_at": None,
        "shipped_base": 0,
        "dispatched_at": None,
        "posted_at": None,
    }
    return inputs(
        [stock_ours("a"), stock_ours("b", units_per=12, wanted=4, pushed=4, unit_net=None), stock_ours("c")],
        [stock_shown("a", 47), stock_shown("b", 4, units_per=10), stock_shown("c")],
        [
            line_ours("cart:1", posted_at=None, sku="c"),
            line_ours("cart:2", submitted_at=CUT_OFF - 3 * HOUR, sku="c", **sent),
            line_ours("cart:3", submitted_at=CUT_OFF - 5 * MINUTE, sku="c", **sent),
        ],
        [
            line_shown("cart:1", fulfilled=0, sku="c"),
            line_shown("cart:2", fulfilled=0, sku="c"),
            line_shown("cart:3", fulfilled=0, sku="c"),
        ],
    )


def shuffled(given: DriftInputs, seed: int) -> DriftInputs:
    chance = random.Random(seed)  # noqa: S311 - a shuffle, no secret
    sides = [list(each) for each in (given.stock_ours, given.stock_shown, given.lines_ours, given.lines_shown)]
    for side in sides:
        chance.shuffle(side)
    return DriftInputs(*sides)


def test_the_rows_are_exactly_these() -> None:
    report = build_report("uk", CUT_OFF, troubled())
    assert canonical_rows(report.rows) == [
        ["order", "in_warehouse", "cart:2", "", "B2B2", "", "24", "", "-24", "", "", "not_acknowledged",
         "2026-11-23T23:00:00.000000Z", "1"],
        ["order_line", "shipped", "cart:1", "1", "B2B1", "c", "24", "0", "-24", "-60.00", "GBP", "not_posted",
         "2026-11-23T22:00:00.000000Z", "1"],
        ["stock", "available", "", "", "", "a", "50", "47", "-3", "-7.50", "GBP", "channel_edit",
         "2026-11-23T23:00:00.000000Z", "1"],
        ["stock", "pack", "", "", "", "b", "12", "10", "-8", "", "", "unit_of_measure",
         "2026-11-23T21:00:00.000000Z", "1"],
    ]  # fmt: skip
    assert report.counts_by_cause == {
        "not_acknowledged": 1,
        "not_posted": 1,
        "channel_edit": 1,
        "unit_of_measure": 1,
    }
    assert (report.settling, report.compared.skus, report.compared.order_lines) == (1, 3, 3)


def test_the_headline_says_last_night_in_words() -> None:
    assert build_report("uk", CUT_OFF, troubled()).headline == (
        "4 differences in 3 SKUs and 3 order lines: 1 changed in the shop by somebody else, 1 sent but not confirmed "
        "by the warehouse, 1 not told to the shop and 1 for other causes. The oldest is 5 h old (master data). "
        "1 change still settling."
    )


def test_agreement_and_an_empty_comparison_are_not_the_same_sentence() -> None:
    agreed = inputs([stock_ours()], [stock_shown()], [line_ours()], [line_shown()])
    assert build_report("uk", CUT_OFF, agreed).headline == "Shop and warehouse agree on all 1 SKU and 1 order line."
    assert build_report("uk", CUT_OFF, inputs()).headline == (
        "Nothing was compared: neither stock nor orders were stored for this cut-off."
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_replay_gives_the_same_rows_and_the_same_hash_in_any_order(seed: int) -> None:
    first, again = build_report("uk", CUT_OFF, troubled()), build_report("uk", CUT_OFF, shuffled(troubled(), seed))
    assert again == first
    # kept here on purpose: if this changes, every stored verdict would look tampered with
    assert again.hash == "29c439f6243e8f4c0ea6e4d6482e06d04c2374459afb7aa807577c6d031822b1"


def test_the_hash_tells_any_figure_site_and_cut_off_apart() -> None:
    first = build_report("uk", CUT_OFF, troubled()).hash
    other_figure = replace(troubled(), stock_shown=[stock_shown("a", 46), *list(troubled().stock_shown)[1:]])
    assert build_report("uk", CUT_OFF, other_figure).hash != first
    assert build_report("ie", CUT_OFF, troubled()).hash != first
    assert build_report("uk", CUT_OFF + timedelta(seconds=1), troubled()).hash != first


def test_rewording_a_cause_leaves_past_hashes_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    first = build_report("uk", CUT_OFF, troubled()).hash
    monkeypatch.setitem(CAUSES, Cause.NOT_POSTED, replace(CAUSES[Cause.NOT_POSTED], words="Other", owner="finance"))
    assert build_report("uk", CUT_OFF, troubled()).hash == first


def test_the_same_instant_in_another_zone_is_the_same_report() -> None:
    elsewhere = CUT_OFF.astimezone(timezone(timedelta(hours=5)))
    assert build_report("uk", elsewhere, troubled()) == build_report("uk", CUT_OFF, troubled())


def test_a_cut_off_without_a_zone_is_refused() -> None:
    with pytest.raises(DataError, match="no time zone"):
        build_report("uk", datetime(2026, 11, 24, 2, 0), troubled())  # noqa: DTZ001 - what is refused


def test_new_persisting_and_gone_are_told_against_the_day_before() -> None:
    first = build_report("uk", CUT_OFF, inputs([stock_ours("a"), stock_ours("z")], []))
    yesterday = DriftDay(date(2026, 11, 23), first.counts_by_cause, first.keys)
    report = build_report("uk", CUT_OFF, troubled(), [yesterday])
    assert (report.new, report.persisting, report.gone) == (3, 1, 1)


@pytest.mark.parametrize(
    "history",
    [[], [DriftDay(date(2026, 11, 22), {})], [DriftDay(date(2026, 11, 23), {"unknown": 2})]],
    ids=["no history", "a day missing", "keys not kept"],
)
def test_without_the_day_before_nothing_is_called_new(history: list[DriftDay]) -> None:
    report: DriftReport = build_report("uk", CUT_OFF, troubled(), history)
    assert (report.new, report.persisting, report.gone) == (None, None, None)


def test_a_replay_of_an_old_date_does_not_look_into_its_future() -> None:
    days = [DriftDay(date(2026, 11, day), {"unknown": day}) for day in (22, 24, 25)]
    assert build_report("uk", CUT_OFF, troubled(), days).history == (days[0],)


@pytest.mark.parametrize(
    ("gone_by", "words"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(hours=48), "2 days"),
    ],
)
def test_ages_are_said_as_people_say_them(gone_by: timedelta, words: str) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    assert age(now - gone_by, now) == words


def test_a_fixed_line_is_gone_the_next_night() -> None:
    broken = inputs(lines=[line_ours(posted_at=None)], lines_there=[line_shown(fulfilled=0)])
    mended = inputs(lines=[line_ours(posted_at=CUT_OFF - MINUTE)], lines_there=[line_shown()])
    assert build_report("uk", CUT_OFF, broken).counts_by_cause == {"not_posted": 1}
    assert build_report("uk", CUT_OFF, mended).counts_by_cause == {}
