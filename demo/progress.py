"""What a run of the demo has done so far, so that one that was killed is taken up where it stopped."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Progress:
    """A small file of finished steps and of decisions that must not be taken twice."""

    def __init__(self, file: Path, key: str) -> None:
        self._file = file
        known = _read(file)
        self._data: dict[str, Any] = known if known.get("key") == key else {"key": key}

    @property
    def fresh(self) -> bool:
        """Nothing was done yet under this key."""
        return "done" not in self._data

    @property
    def complete(self) -> bool:
        return bool(self._data.get("complete"))

    def start(self) -> None:
        """Remember that the run has begun: from now on it is resumed and not begun again."""
        self._data.setdefault("done", [])
        self._save()

    def finish(self) -> None:
        """The run came to its end; the next one starts anew."""
        self._data["complete"] = True
        self._save()

    def anew(self) -> Progress:
        """The same run with nothing done; the file is replaced when it starts."""
        again = Progress(self._file, self._data["key"])
        again._data = {"key": self._data["key"]}
        return again

    def step(self, name: str, act: Callable[[], None]) -> None:
        """Do a step unless an earlier start finished it; its seconds are kept."""
        if name in self._data["done"]:
            return
        begun = time.monotonic()
        act()
        self.seconds[name] = self.seconds.get(name, 0) + round(time.monotonic() - begun, 1)
        self._data["done"].append(name)
        self._save()

    def once(self, name: str, decide: Callable[[], Any]) -> Any:
        """A decision (JSON), taken once: a resumed run gets the same one."""
        kept = self._data.setdefault("decisions", {})
        if name not in kept:
            kept[name] = decide()
            self._save()
        return kept[name]

    @property
    def seconds(self) -> dict[str, float]:
        seconds: dict[str, float] = self._data.setdefault("seconds", {})
        return seconds

    @property
    def tasks(self) -> dict[str, int]:
        """The most tasks that one run of each DAG had."""
        tasks: dict[str, int] = self._data.setdefault("tasks", {})
        return tasks

    def save(self) -> None:
        self._save()

    def _save(self) -> None:
        part = self._file.with_suffix(".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(self._data), encoding="utf-8")
        part.replace(self._file)


def run_key(orders: Path | None, limit: int | None, *systems: str) -> str:
    """Names a run by its orders and its systems: two runs of one key load the same into the same."""
    content = orders.read_bytes() if orders is not None and orders.is_file() else b"sample"
    return hashlib.sha256(content + "/".join(["", str(limit), *systems]).encode()).hexdigest()


def _read(file: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data
