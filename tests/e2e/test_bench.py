"""`bin/bench release` on real Airflow, with few orders."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.bench_release import limits
from demo.bench_release.run import Sizes, measure

pytestmark = [pytest.mark.e2e, pytest.mark.alone]


def test_the_release_bench_gives_every_figure_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SPAN", 60)
    figures = measure(None, Sizes(few=20, many=60, plain=4), tmp_path / "state")
    assert figures["orders"] == 60
    assert figures["refused"] == 0
    wanted = ("orders_per_s", "naive_orders_per_s", "ratio_vs_naive", "growth_1k_10k", "peak_rss_mb")
    assert all(figures[name] > 0 for name in wanted)
    assert figures["queries_per_1k_orders"] == figures["queries_per_1k_orders_of_20_lines"]
    assert not (tmp_path / "state").exists()
