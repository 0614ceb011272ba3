"""The HTML report stands alone, escapes what came from outside, and says in figures what the chart says in bars."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from include.fulfilment.errors import ConfigError
from include.fulfilment.reports.drift import DriftDay, DriftReport, build_report
from include.fulfilment.reports.render import CHART_LIBRARY, ROWS_SHOWN, render_html, trend_by_cause
from tests.reports.drift_rows import CUT_OFF, inputs, line_ours, line_shown, stock_ours, stock_shown

HOSTILE = "</script><script>alert(1)</script>"


def report_of(*skus: str, history: tuple[DriftDay, ...] = ()) -> DriftReport:
    """One edited SKU each."""
    ours, shown = [stock_ours(sku) for sku in skus], [stock_shown(sku, 47) for sku in skus]
    return build_report("uk", CUT_OFF, inputs(ours, shown), history)


def test_nothing_from_outside_becomes_markup() -> None:
    page = render_html(report_of(HOSTILE, '"><img src=x onerror=alert(1)>'))
    assert "alert(1)</script>" not in page
    assert "<img" not in page
    assert html.escape(HOSTILE, quote=False) in page


def test_only_the_two_shipped_scripts_may_run_and_nothing_is_fetched() -> None:
    page = render_html(report_of("a"))
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts]
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    assert html.unescape(policy) == (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digests[0]}' 'sha256-{digests[1]}'"
    )
    assert len(scripts) == 2
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_the_bundled_chart_library_is_the_published_file_with_its_licence() -> None:
    digest = hashlib.sha256(CHART_LIBRARY.read_bytes()).hexdigest()
    assert digest == "338399fb5bafe598d21cfc471b0590b61ceb321a985fade4f68499b151f67fbf"
    licence = (CHART_LIBRARY.parent / "chart.LICENSE.md").read_text(encoding="utf-8")
    assert licence.startswith("The MIT License (MIT)")


def chart_of(page: str) -> Any:
    (data,) = re.findall(r'id="chart-data">(.*?)</script>', page, re.DOTALL)
    return json.loads(data)


def test_the_chart_shows_thirty_days_and_the_table_the_same_figures() -> None:
    days = (
        DriftDay((CUT_OFF - timedelta(days=40)).date(), {"unknown": 9}),
        DriftDay((CUT_OFF - timedelta(days=29)).date(), {"not_posted": 3}),
        DriftDay((CUT_OFF - timedelta(days=1)).date(), {"channel_edit": 2, "in_flight": 5}),
    )
    page = render_html(report_of("a", history=days))
    chart = chart_of(page)
    assert (len(chart["labels"]), chart["labels"][0], chart["labels"][-1]) == (30, "26 Oct", "24 Nov")
    series = {each["cause"]: each["counts"] for each in chart["series"]}
    assert series == {
        "not_posted": [3, *[None] * 27, 0, 0],
        "channel_edit": [0, *[None] * 27, 2, 1],
    }
    assert page.count(">no report</td>") == 2 * 27


def test_a_day_without_a_report_is_unknown_not_zero() -> None:
    days = (DriftDay((CUT_OFF - timedelta(days=2)).date(), {"unknown": 1}),)
    trend = trend_by_cause(report_of("a", history=days))
    assert trend["unknown"].tolist() == [1, pd.NA, 0]
    assert trend["channel_edit"].tolist() == [0, pd.NA, 1]


def test_the_headline_the_team_and_the_next_step_are_on_the_page() -> None:
    report = report_of("a")
    page = html.unescape(render_html(report))
    assert f"<h1>{report.headline}</h1>" in page
    assert report.rows[0].next_step in page
    assert '<td class="who">ecommerce</td>' in page
    assert "−7.50 GBP" in page
    assert report.hash in page


def test_a_night_without_differences_draws_no_chart_and_says_what_would_stand_there() -> None:
    page = render_html(build_report("uk", CUT_OFF, inputs([stock_ours()], [stock_shown()])))
    assert "<canvas" not in page
    assert "<script" not in page
    assert "Nobody has anything to do." in page


def test_an_order_links_to_the_desk_by_a_relative_and_quoted_path() -> None:
    lines, there = [line_ours("cart:a/b?<9", posted_at=None)], [line_shown("cart:a/b?<9", fulfilled=0)]
    report = build_report("uk", CUT_OFF, inputs(lines=lines, lines_there=there))
    page = render_html(report, "../../../desk/order/{order_id}")
    assert 'href="../../../desk/order/cart%3Aa%2Fb%3F%3C9"' in page
    assert "/order/" not in render_html(report)


@pytest.mark.parametrize("link", ["https://x/{order_id}", "//x/{order_id}", "javascript:x({order_id})", "order/"])
def test_a_link_that_leaves_the_desk_is_refused(link: str) -> None:
    with pytest.raises(ConfigError, match=r"must be relative and contain \{order_id\}"):
        render_html(report_of("a"), link)


def test_the_page_shows_the_biggest_and_says_how_many_there_are() -> None:
    report = report_of(*(f"s{number}" for number in range(ROWS_SHOWN + 1)))
    biggest = replace(report.rows[-1], difference_base=-90)
    page = render_html(replace(report, rows=(*report.rows[:-1], biggest)))
    assert "The 500 biggest of 501 differences" in page
    assert page.index(f">{biggest.subject}<") < page.index(f">{report.rows[0].subject}<")


def test_what_is_new_since_the_day_before_is_marked_in_words() -> None:
    known = report_of("a")
    yesterday = DriftDay((CUT_OFF - timedelta(days=1)).date(), known.counts_by_cause, known.keys)
    page = render_html(report_of("a", "b", history=(yesterday,)))
    assert page.count('<span class="tag">new</span>') == 1
    assert re.search(r'SKU b <span class="tag">new</span>', page)
