"""Runs of `bin/demo` that the end-to-end and the browser tests share: one that nobody disturbs, and its pages after."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
LIMIT = "14"
RUN_SECONDS = 900


@dataclass(frozen=True)
class UpDemo:
    """A demo that is up: its Airflow's address and the password of its admin."""

    base: str
    password: str


def start(state: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start `bin/demo` on a state folder of its own, so that a demo of this checkout is not touched."""
    argv = [str(CHECKOUT / "bin" / "demo"), "--limit", LIMIT, *arguments]
    env = os.environ | {"DEMO_STATE": str(state)}
    return subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def read_until(demo: subprocess.Popen[str], words: str) -> str:
    """What the demo prints up to the line that has these words."""
    assert demo.stdout is not None
    read = []
    for line in demo.stdout:
        read.append(line)
        if words in line:
            return "".join(read)
    raise AssertionError(f"the demo ended before it said {words!r}: {''.join(read)[-3000:]}")


@pytest.fixture(scope="session")
def demo_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """State of its own; the path has a space."""
    return tmp_path_factory.mktemp("demo state")


@pytest.fixture(scope="session")
def undisturbed(demo_state: Path) -> dict[str, Any]:
    """The figures of a run that nobody disturbs."""
    file = demo_state / "undisturbed.json"
    demo = start(demo_state, "--once", "--json", str(file))
    output, _ = demo.communicate(timeout=RUN_SECONDS)
    assert demo.returncode == 0, output[-4000:]
    figures: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return figures


@pytest.fixture(scope="module")
def up_demo(demo_state: Path, undisturbed: dict[str, Any]) -> Iterator[UpDemo]:
    """The same demo started again, without --once: nothing is done twice, the pages are up."""
    demo = start(demo_state)
    output = read_until(demo, "Stop with Ctrl-C")
    assert f"Orders in       {LIMIT} " in output
    found = re.search(r"Airflow is at (\S+) \(login admin, password (\S+)\)", output)
    assert found, output[-500:]
    yield UpDemo(found[1], found[2])
    demo.send_signal(signal.SIGINT)
    assert demo.wait(timeout=90) == 0
