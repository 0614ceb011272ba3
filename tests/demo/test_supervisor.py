"""The supervisor, with real children that fork, change their process group and refuse to end."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.errors import AlreadyRunning, ChildDied
from demo.processes import started_at
from demo.supervisor import Command, Supervisor

CHECKOUT = Path(__file__).resolve().parents[2]
FAMILY = """
import os, signal, sys, time
folder = sys.argv[1]
if os.fork() == 0:
    os.setpgid(0, 0)                                  # as Airflow's task processes do
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()                                   # a grandchild that leaves even the session
open(os.path.join(folder, str(os.getpid())), "w").close()
print("hello from the family", flush=True)
time.sleep(300)
"""
DRIVER = """
import sys, time
from pathlib import Path
from demo.supervisor import Command, Supervisor
state, folder, family = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
supervisor = Supervisor(state)
supervisor.open()
try:
    supervisor.announce("http://127.0.0.1:1234")
    supervisor.start(Command("family", [sys.executable, "-c", family, folder], {}, grace_seconds=1.0))
    time.sleep(300)
finally:
    supervisor.stop()
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    one = Supervisor(tmp_path / "state")
    one.open()
    yield one
    one.stop()


def family(folder: Path) -> Command:
    folder.mkdir(exist_ok=True)
    return Command("family", [sys.executable, "-c", FAMILY, str(folder)], {}, grace_seconds=1.0)


def until(condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def members(folder: Path) -> list[int]:
    assert until(lambda: len(list(folder.iterdir())) == 3), "the family of three did not come up"
    return [int(file.name) for file in folder.iterdir()]


def all_gone(pids: list[int]) -> bool:
    return not any(started_at(pid) for pid in pids)


def running_driver(tmp_path: Path) -> tuple[subprocess.Popen[bytes], list[int]]:
    folder = tmp_path / "family"
    folder.mkdir()
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(tmp_path / "state"), str(folder), FAMILY],
        env={"PYTHONPATH": str(CHECKOUT), "PATH": os.environ["PATH"]},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return driver, members(folder)


def test_stopping_ends_every_fork_even_one_that_left_the_session(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(family(tmp_path / "family"))
    pids = members(tmp_path / "family")

    supervisor.stop()

    assert all_gone(pids)


def test_a_child_that_dies_is_named_with_its_last_words_and_leaves_no_orphan(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(family(tmp_path / "family"))
    pids = members(tmp_path / "family")
    supervisor.check()

    os.kill(min(pids), signal.SIGKILL)

    assert until(lambda: supervisor.has_ended("family"))
    with pytest.raises(ChildDied, match=r"(?s)family was ended by signal 9; .*hello from the family"):
        supervisor.check()
    assert all_gone(pids)


def test_what_was_killed_with_all_its_forks_is_started_again_and_nothing_else(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(family(tmp_path / "family"))
    supervisor.start(Command("other", ["/bin/sleep", "300"], {}, grace_seconds=1.0))
    supervisor.start(Command("work", ["/bin/true"], {}, ends=True))
    assert until(lambda: supervisor.pids("other") and supervisor.has_ended("work"))
    pids, other = members(tmp_path / "family"), supervisor.pids("other")

    supervisor.kill("family")

    assert all_gone(pids)
    assert supervisor.revive() == ["family"]
    assert until(lambda: len(supervisor.pids("family")) == 3)
    assert set(pids).isdisjoint(supervisor.pids("family"))
    assert supervisor.pids("other") == other
    assert supervisor.revive() == []


def test_an_exit_code_is_told(supervisor: Supervisor) -> None:
    supervisor.start(Command("brief", ["/bin/sh", "-c", "echo no such site; exit 3"], {}))

    assert until(lambda: supervisor.has_ended("brief"))
    with pytest.raises(ChildDied, match=r"(?s)brief ended with exit code 3; .*no such site"):
        supervisor.check()


def test_kill_9_of_the_supervisor_leaves_no_orphan(tmp_path: Path) -> None:
    driver, pids = running_driver(tmp_path)

    driver.kill()
    driver.wait()

    assert until(lambda: all_gone(pids))


def test_ctrl_c_leaves_no_orphan(tmp_path: Path) -> None:
    driver, pids = running_driver(tmp_path)

    os.killpg(driver.pid, signal.SIGINT)
    driver.wait(10)

    assert all_gone(pids)
    assert not (tmp_path / "state" / "run.json").exists()


def test_kill_9_of_a_guard_ends_its_command_and_what_stayed_in_its_session(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(Command("pair", ["/bin/sh", "-c", "sleep 300 & echo $! $$ >&2; wait"], {"PATH": os.defpath}))
    assert until(lambda: bool(supervisor.last_lines("pair")))
    sleeper, shell = map(int, supervisor.last_lines("pair").split())

    os.kill(os.getpgid(shell), signal.SIGKILL)

    assert until(lambda: supervisor.has_ended("pair"))
    with pytest.raises(ChildDied, match="pair was ended by signal 9"):
        supervisor.check()
    assert until(lambda: all_gone([sleeper, shell]))


def test_a_second_start_is_told_the_first_ones_address(tmp_path: Path) -> None:
    driver, _ = running_driver(tmp_path)
    try:
        with pytest.raises(AlreadyRunning, match=rf"already running at http://127.0.0.1:1234 \(process {driver.pid}\)"):
            Supervisor(tmp_path / "state").open()
    finally:
        os.killpg(driver.pid, signal.SIGINT)
        driver.wait(10)


def test_a_start_after_kill_9_waits_until_the_old_processes_have_gone(tmp_path: Path) -> None:
    driver, pids = running_driver(tmp_path)
    driver.kill()
    driver.wait()
    again = Supervisor(tmp_path / "state")

    again.open()

    assert all_gone(pids)
    again.stop()


def test_a_stop_signal_of_its_own_reaches_the_command(supervisor: Supervisor) -> None:
    script = (
        "import signal,sys,time\nsignal.signal(2, lambda *_: (print('fast'), sys.exit()))\nprint('up', flush=True)\n"
    )
    supervisor.start(
        Command("server", [sys.executable, "-c", script + "time.sleep(300)"], {}, stop_signal=signal.SIGINT)
    )
    assert until(lambda: supervisor.last_lines("server") == "up")

    supervisor.stop()

    assert supervisor.last_lines("server") == "up\nfast"


def test_output_goes_to_a_log_that_starts_anew_and_the_lock_is_private(supervisor: Supervisor, tmp_path: Path) -> None:
    for word in ("one", "two"):
        supervisor.start(Command("echo", ["/bin/echo", word], {}))
        assert until(lambda: supervisor.has_ended("echo"))

    assert supervisor.log("echo").read_text() == "two\n"
    assert stat.S_IMODE((tmp_path / "state" / "run.lock").stat().st_mode) == 0o600
