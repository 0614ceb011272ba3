"""What the kernel tells about processes (`/proc`, see proc(5)), for ending exactly those that are ours."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

_POLL_SECONDS = 0.05


def started_at(pid: int) -> str:
    """When the process started, in clock ticks since boot; empty when there is none.

    Together with the id this names one process for good, as ids are given anew.
    """
    fields = _stat(pid)
    return fields[19] if fields else ""


def wait_until_gone(pid: int, started: str, seconds: float) -> bool:
    """Wait until that very process has ended, for so many seconds at most; whether it has."""
    deadline = time.monotonic() + seconds
    while started and started_at(pid) == started:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def session_members(session: int) -> list[int]:
    """The living processes of a session."""
    pids = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if (fields := _stat(pid)) and fields[3] == str(session)]


def title_of(pid: int) -> str:
    """The command line that the process shows, empty when there is none; some write a title there."""
    try:
        shown = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return shown.replace(b"\0", b" ").decode(errors="replace").strip()


def parent_of(pid: int) -> int:
    """The id of the process's parent; 0 when there is none."""
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def family(pid: int) -> list[int]:
    """The living processes that descend from a process, itself excepted."""
    parents = {int(each.name): fields[1] for each in Path("/proc").glob("[0-9]*") if (fields := _stat(int(each.name)))}
    found, generation = [], {str(pid)}
    while generation:
        children = [each for each, parent in parents.items() if parent in generation]
        found += children
        generation = set(map(str, children))
    return found


def kill(pids: Iterable[int]) -> None:
    """SIGKILL each of these that is still there and ours."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def end_session(session: int) -> None:
    """Kill every process of a session; a session id is not given anew while one of them lives."""
    kill(session_members(session))


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the third (state) on; none for an ended or unreaped process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [] if not fields or fields[0] == "Z" else fields
