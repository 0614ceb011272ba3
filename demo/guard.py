"""Runs one command and, when it must end, ends everything the command ever forked.

Started by `demo.supervisor` as a script of its own (standard library only, `python -I -S guard.py SPEC`), because
only a parent process that outlives the command can collect its orphans: on Linux the guard makes itself their new
parent (PR_SET_CHILD_SUBREAPER), and the command dies with the guard (PR_SET_PDEATHSIG; see prctl(2)).
Standard input is a pipe that nobody writes to: its end means that the supervisor has stopped or was killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LEFTOVERS_SECONDS = 2.0


def main() -> int:
    """Run the command of the JSON specification on the command line; the exit code is the command's."""
    spec = json.loads(sys.argv[1])
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    wake = _wake_on_signals()
    account = {key: spec[key] for key in ("user", "group") if spec[key] is not None}
    child = subprocess.Popen(  # noqa: S603 - the command comes from the supervisor, not from input
        spec["argv"],
        stdin=subprocess.DEVNULL,
        preexec_fn=lambda: _prctl(PR_SET_PDEATHSIG, signal.SIGKILL),  # noqa: PLW1509 - this process has one thread
        **({**account, "extra_groups": []} if account else {}),
    )
    code = _until_it_ends(child, wake, spec["stop_signal"], spec["grace_seconds"])
    _end_leftovers()
    return code


def _until_it_ends(child: subprocess.Popen[bytes], wake: int, stop_signal: int, grace_seconds: float) -> int:
    kill_at: float | None = None
    while True:
        watched = [wake] if kill_at else [wake, 0]
        ready = select.select(watched, [], [], 0.2 if kill_at else None)[0]
        told = os.read(wake, 512) if wake in ready else b""
        if (code := _reap(child)) is not None:
            return code
        if not kill_at and (0 in ready or signal.SIGTERM in told or signal.SIGINT in told):
            kill_at = time.monotonic() + grace_seconds
            child.send_signal(stop_signal)
        if kill_at and time.monotonic() > kill_at:
            child.kill()


def _reap(child: subprocess.Popen[bytes]) -> int | None:
    """Collect every child that has ended; the command's exit code (128 + signal when killed), None while it runs."""
    code: int | None = None
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == child.pid:
                child.returncode = os.waitstatus_to_exitcode(ended[1])
                code = child.returncode if child.returncode >= 0 else 128 - child.returncode
    return code


def _end_leftovers() -> None:
    """Ask what the command left behind to end, then make it end."""
    deadline = time.monotonic() + LEFTOVERS_SECONDS
    asked: set[int] = set()
    while left := _descendants():
        overdue = time.monotonic() > deadline
        for pid in left if overdue else set(left) - asked:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL if overdue else signal.SIGTERM)
        asked.update(left)
        time.sleep(0.05)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _descendants() -> list[int]:
    parents = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else []:  # noqa: PTH112, PTH208 - start-up time
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as stat:  # noqa: PTH123
                state, parent = stat.read().rpartition(b")")[2].split()[:2]
                if state != b"Z":
                    parents[int(name)] = int(parent)
    mine: list[int] = []
    generation = {os.getpid()}
    while generation:
        generation = {pid for pid, parent in parents.items() if parent in generation}
        mine += generation
    return mine


def _wake_on_signals() -> int:
    """The end of a pipe that gets a signal's number written when one arrives."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _noted)
    return reading


def _noted(_number: int, _frame: Any) -> None:
    """A handler is needed so that the signal reaches the pipe instead of ending this process."""


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main())
