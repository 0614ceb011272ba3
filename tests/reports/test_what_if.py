"""The what-if report: one row per flip in both data files, and a page that finance can read."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from include.fulfilment.domain.release import Outcome
from include.fulfilment.domain.what_if import Change, DetailTotal, Flip, RuleDifference, Verdict, WhatIf
from include.fulfilment.errors import ConfigError
from include.fulfilment.reports.what_if import ROWS_SHOWN, WHAT_IF_COLUMNS, render_what_if, write_what_if

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
GOES = Verdict(Outcome.RELEASE, "", {"1": 24, "2": 3}, 0, "2026-11-23")
WAITS = Verdict(Outcome.HOLD, "value_threshold", {})


def flip(number: int = 1042, **changes: Any) -> Flip:
    made = Flip(
        order_id=f"cart:{number}",
        order_name=f"#{number}",
        storefront="shop",
        account_id="account-1",
        placed_at=AT,
        judged_at=AT,
        currency="GBP",
        total_gross=Decimal(number),
        decided="Released",
        decided_under="v1",
        agrees=True,
        present=GOES,
        candidate=WAITS,
        rules=(RuleDifference("value", "asks from 5000", "order 1042 GBP, asks from 1000"),),
    )
    return replace(made, **changes)


def answer(*flips: Flip, **changes: Any) -> WhatIf:
    changed = (Change("buffer", "0", "5", "Seen only where less went than was ordered."),)
    made = WhatIf("uk", AT.replace(month=8), AT, "v1", "v2", False, changed, flips, 9, 12, 2, 8, 1)
    return replace(made, **changes)


def words(page: str) -> str:
    """What a reader sees of the page."""
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S))


def test_the_files_stand_in_the_folder_of_their_site_and_day_under_the_candidate_s_name(tmp_path: Path) -> None:
    paths = write_what_if(answer(flip()), tmp_path, "release-next")
    home = tmp_path / "site=uk" / "date=2026-11-23"
    assert paths == {name: home / f"what-if-release-next.{name}" for name in ("html", "csv", "parquet")}
    assert sorted(home.iterdir()) == sorted(paths.values())


@pytest.mark.parametrize("name", ["../up", "a/b", "", "a b"])
def test_a_name_that_leads_elsewhere_is_refused_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot name a report"):
        write_what_if(answer(), tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_csv_and_parquet_carry_the_same_row_with_exact_types(tmp_path: Path) -> None:
    paths = write_what_if(answer(flip(1, total_gross=Decimal("1234.5"))), tmp_path, "next")
    (row,) = pq.read_table(paths["parquet"], partitioning=None).to_pylist()
    assert {name: row[name] for name in ("present", "present_units", "present_leaves_on", "why_present")} == {
        "present": "Released",
        "present_units": 27,
        "present_leaves_on": "2026-11-23",
        "why_present": "value: asks from 5000",
    }
    assert (row["candidate"], row["candidate_units"], row["rule"]) == (
        "Held: Worth so much that a person is asked",
        0,
        "value",
    )
    assert (row["total_gross"], row["placed_at"], row["agrees"]) == (Decimal("1234.50"), AT, True)
    with paths["csv"].open(encoding="utf-8-sig", newline="") as file:
        (cell,) = list(csv.DictReader(file))
    assert list(cell) == WHAT_IF_COLUMNS.names
    assert (cell["total_gross"], cell["present_units"], cell["agrees"]) == ("1234.50", "27", "True")
    assert (cell["since"], cell["candidate_policy"]) == ("2026-08-23T10:00:00Z", "v2")


def test_an_answer_without_flips_still_has_all_columns(tmp_path: Path) -> None:
    paths = write_what_if(answer(), tmp_path, "next")
    assert pq.read_schema(paths["parquet"]).names == WHAT_IF_COLUMNS.names
    assert paths["csv"].read_text(encoding="utf-8-sig").strip() == ",".join(WHAT_IF_COLUMNS.names)


def test_a_hostile_order_name_is_text_to_a_spreadsheet_and_to_a_browser(tmp_path: Path) -> None:
    bad = '=cmd|"/c calc"!A1<script>'
    paths = write_what_if(answer(flip(order_name=bad, account_id="+1")), tmp_path, "next")
    with paths["csv"].open(encoding="utf-8-sig", newline="") as file:
        (cell,) = list(csv.DictReader(file))
    assert (cell["order_name"], cell["account_id"]) == (f"'{bad}", "'+1")
    page = paths["html"].read_text(encoding="utf-8")
    assert "<script" not in page
    assert "default-src &#39;none&#39;" in page


def test_the_page_says_the_answer_the_changes_the_kinds_and_why() -> None:
    page = words(render_what_if(answer(flip(1042), flip(1043, agrees=False)), "what-if-next"))
    for said in (
        "2 of 9 orders placed since 23 August 2026 would have been decided otherwise",
        "Orders replayed just as they were decided 8 of 9",
        "buffer 0 5 Seen only where less went than was ordered.",
        "Nobody has agreed to this candidate yet.",
        "Released Held: Worth so much that a person is asked value 2 \N{MINUS SIGN}54 2,085.00 GBP",
        "value in force: asks from 5000 candidate: order 1042 GBP, asks from 1000",
        "was decided otherwise: Released, policy v1",
        "1 were decided under another version",
        "2 orders of these days were never decided and are left out.",
        "Nothing was written but this report.",
    ):
        assert said in page


def test_the_biggest_orders_stand_first_and_no_more_than_a_page_holds() -> None:
    page = words(render_what_if(answer(*(flip(number) for number in range(1, ROWS_SHOWN + 2))), "what-if-next"))
    assert f"The {ROWS_SHOWN} biggest of {ROWS_SHOWN + 1} orders that flip" in page
    assert page.index(f"#{ROWS_SHOWN + 1} ") < page.index(f"#{ROWS_SHOWN} ")
    assert "#1 " not in page


def test_a_policy_against_itself_says_that_nothing_changes() -> None:
    page = words(render_what_if(answer(changes=(), agreed=True), "what-if-present"))
    assert "Nothing: what is in force was compared with itself." in page
    assert "Nobody has agreed" not in page


def test_what_another_mapping_reads_otherwise_stands_by_detail_with_examples_and_no_text_of_an_order() -> None:
    totals = (DetailTotal("po_number", 7, 0, 2, ("#1", "#2")), DetailTotal("problems", 0, 3, 0, ("#3",)))
    page = words(render_what_if(answer(details=totals, read_otherwise=9, unread=4), "what-if-demo-next"))
    for said in (
        "None of 9 orders placed since 23 August 2026 would have been decided otherwise. Details of 9 would be read",
        "What would be read otherwise, of 9 orders",
        "PO number 7 0 2 #1, #2",
        "Something that cannot be read 0 3 0 #3",
        "was read again from the shops, as their orders are now",
        "The shops gave 4 of the orders no more: their details stayed as they are.",
    ):
        assert said in page
    assert "would be read otherwise" not in words(render_what_if(answer(), "what-if-next"))
