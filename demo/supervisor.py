"""Starts the demo's processes, notices when one dies, and stops them all without leaving orphans.

Every command runs under a guard (`demo/guard.py`) in a session of its own. The guards hold a pipe whose other end is
this process: when it ends, even by kill -9, each guard stops its command and everything that command forked.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.errors import AlreadyRunning, ChildDied
from demo.processes import end_session, family, kill, started_at, wait_until_gone

_GUARD = Path(__file__).with_name("guard.py")
_LAST_LINES = 15
_MARGIN_SECONDS = 4.0
"""What a guard needs beyond its command's grace to end leftovers."""


@dataclass(frozen=True)
class Command:
    """One supervised process: what to run, as whom, and how it is asked to stop."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 8.0
    account: tuple[int, int] | None = None
    """User and group id to run as; None = as this process."""
    ends: bool = False
    """A piece of work that is expected to end, with exit code 0."""
    outlives_others: bool = False
    """Stopped only when the others have gone: a database server."""


class Supervisor:
    """The processes of one installation; `state` holds their logs and the record of who runs."""

    def __init__(self, state: Path) -> None:
        self._logs = state / "logs"
        self._record = state / "run.json"
        self._lock_file = state / "run.lock"
        self._lock: int | None = None
        self._address = "an address not chosen yet"
        self._guards: dict[str, tuple[Command, subprocess.Popen[bytes]]] = {}

    def open(self) -> None:
        """Claim the installation and stop what an earlier run, since dead, left behind.

        Raises:
            AlreadyRunning: another process runs this installation.
        """
        self._logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            record = self._read_record()
            raise AlreadyRunning(record.get("pid", 0), record.get("address", self._address)) from None
        self._lock = lock
        for guard in self._read_record().get("guards", []):
            # The guards noticed that run's end by themselves; one that is still here after its time is ended now.
            if not wait_until_gone(guard["pid"], guard["started"], guard["seconds"]):
                end_session(guard["pid"])
        self._write_record()

    def announce(self, address: str) -> None:
        """Record the address that a second start is told."""
        self._address = address
        self._write_record()

    def start(self, command: Command) -> None:
        """Start a process; its output goes to `logs/<name>.log`, begun anew."""
        guard = subprocess.Popen(  # noqa: S603 - no shell; the commands are the demo's own
            [sys.executable, "-I", "-S", str(_GUARD), _spec(command)],
            stdin=subprocess.PIPE,
            stdout=self.log(command.name).open("wb"),
            stderr=subprocess.STDOUT,
            env=dict(command.env),
            cwd=command.cwd,
            start_new_session=True,
        )
        self._guards[command.name] = (command, guard)
        self._write_record()

    def log(self, name: str) -> Path:
        """Where the process's output is kept."""
        return self._logs / f"{name}.log"

    def check(self) -> None:
        """Return if every process runs, or has ended as expected.

        Raises:
            ChildDied: one has ended otherwise; the message has its last log lines.
        """
        for name, (command, guard) in self._guards.items():
            code = guard.poll()
            if code is not None and not (command.ends and code == 0):
                _end_what_a_killed_guard_left(guard)
                raise ChildDied(name, _ending(code), str(self.log(name)), self.last_lines(name))

    def kill(self, name: str) -> None:
        """Let a process and all that it forked die at once, by SIGKILL, as when their machine fails."""
        kill(self.pids(name))
        self._guards[name][1].wait(_MARGIN_SECONDS * 5)

    def pids(self, name: str) -> list[int]:
        """A process's id and those of all that it forked, now."""
        return family(self._guards[name][1].pid)

    def revive(self) -> list[str]:
        """Start again what has ended otherwise than expected, as a service manager does; answers the names."""
        ended = [
            (command, guard)
            for command, guard in self._guards.values()
            if (code := guard.poll()) is not None and not (command.ends and code == 0)
        ]
        for command, guard in ended:
            _end_what_a_killed_guard_left(guard)
            self.start(command)
        return [command.name for command, _ in ended]

    def has_ended(self, name: str) -> bool:
        """Whether the process has ended by itself."""
        return self._guards[name][1].poll() is not None

    def last_lines(self, name: str) -> str:
        """The end of a process's log, for an error message."""
        try:
            text = self.log(name).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-_LAST_LINES:])

    def stop(self) -> None:
        """Stop every process, those that outlive others last, and give the installation free."""
        for last in (False, True):
            wave = [one for one in self._guards.values() if one[0].outlives_others is last]
            for _, guard in wave:
                if guard.stdin:
                    guard.stdin.close()
            for command, guard in wave:
                _wait_or_kill(guard, command.grace_seconds)
        self._guards.clear()
        if self._lock is not None:
            self._record.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def _read_record(self) -> dict[str, Any]:
        try:
            record = json.loads(self._record.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return record if isinstance(record, dict) else {}

    def _write_record(self) -> None:
        guards = [
            {"pid": guard.pid, "started": started_at(guard.pid), "seconds": command.grace_seconds + _MARGIN_SECONDS}
            for command, guard in self._guards.values()
        ]
        part = self._record.with_suffix(".part")
        part.write_text(json.dumps({"pid": os.getpid(), "address": self._address, "guards": guards}), encoding="utf-8")
        part.replace(self._record)


def _spec(command: Command) -> str:
    user, group = command.account or (None, None)
    return json.dumps(
        {
            "argv": list(command.argv),
            "user": user,
            "group": group,
            "stop_signal": int(command.stop_signal),
            "grace_seconds": command.grace_seconds,
        }
    )


def _wait_or_kill(guard: subprocess.Popen[bytes], grace_seconds: float) -> None:
    try:
        guard.wait(grace_seconds + _MARGIN_SECONDS)
    except subprocess.TimeoutExpired:
        guard.kill()
        guard.wait()
    _end_what_a_killed_guard_left(guard)


def _end_what_a_killed_guard_left(guard: subprocess.Popen[bytes]) -> None:
    if guard.returncode is not None and guard.returncode < 0:
        end_session(guard.pid)


def _ending(code: int) -> str:
    number = -code if code < 0 else code - 128
    if number > 0:
        return f"was ended by signal {number}"
    return f"ended with exit code {code}"
