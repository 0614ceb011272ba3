"""The main job on real Airflow with a real warehouse, as a person starts it; and the same with processes killed."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.demo_run import LIMIT, RUN_SECONDS, read_until, start

SAME = ("orders", "held_for", "lines", "units", "skipped", "shipments", "drift")
"""Figures that a killed and resumed run must share with an undisturbed one."""

pytestmark = [pytest.mark.e2e, pytest.mark.alone]


def ours(state: Path) -> Iterator[psutil.Process]:
    """Every process that belongs to this state folder."""
    for process in psutil.process_iter():
        try:
            where = f"{process.environ().get('AIRFLOW_HOME', '')} {' '.join(process.cmdline())}"
        except psutil.Error:
            continue
        if str(state) in where and process.pid != os.getpid():
            yield process


def kill(state: Path, *words: str) -> None:
    """kill -9 of the oldest process whose command line has all these words, its guard excepted."""
    found = [
        each
        for each in ours(state)
        if all(word in each.cmdline() or any(arg.endswith(word) for arg in each.cmdline()) for word in words)
    ]
    assert found, f"no process {words} runs"
    min(found, key=lambda each: each.create_time()).send_signal(signal.SIGKILL)


def test_orders_go_to_the_warehouse_floor_and_back_and_every_figure_agrees(undisturbed: dict[str, Any]) -> None:
    assert undisturbed["ok"] is True
    harm = {name: undisturbed[name] for name in ("lost", "doubled", "altered", "not_conserved", "wrong_stock")}
    assert harm == dict.fromkeys(harm, 0)
    orders, units = undisturbed["orders"], undisturbed["units"]
    assert orders["loaded"] == int(LIMIT)
    assert orders["fulfilled"] > 0
    assert orders["held_then_released"] > 0
    assert orders["backordered"] > 0
    assert undisturbed["shipments"]["orders_with_several"] > 0
    assert units["ordered"] == units["held"] + units["released"] + units["backordered"] + units["cancelled"]
    assert units["released"] == units["open"] + units["shipped"] + units["short"]
    assert max(undisturbed["tasks_per_run"].values()) <= 6


def test_a_killed_warehouse_and_a_killed_scheduler_change_no_figure(
    undisturbed: dict[str, Any], demo_state: Path
) -> None:
    file, state = demo_state / "killed.json", demo_state
    arguments = ("--once", "--json", str(file))
    demo = start(state, *arguments)
    read_until(demo, "stock_sync:")  # order_release has just been triggered
    time.sleep(6)
    kill(state, "trytond", "-c")
    output, _ = demo.communicate(timeout=120)
    assert demo.returncode == 1
    assert "tryton was ended by signal 9" in output, output[-2000:]

    demo = start(state, *arguments)
    read_until(demo, "The floor ships what is there")
    read_until(demo, "Airflow releases what was held or short")
    time.sleep(8)
    kill(state, "airflow", "scheduler", "--skip-serve-logs")
    demo.communicate(timeout=120)
    assert demo.returncode == 1
    assert list(ours(state)) == []

    demo = start(state, *arguments)
    output, _ = demo.communicate(timeout=RUN_SECONDS)
    assert demo.returncode == 0, output[-4000:]
    again = json.loads(file.read_text(encoding="utf-8"))
    assert {name: again[name] for name in SAME} == {name: undisturbed[name] for name in SAME}
