"""An adapter's own durable memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol


class Journal(Protocol):
    """An adapter's own durable memory at one remote, for a remote that answers by message instead of by query. Every
    call commits by itself."""

    def next_number(self, series: str) -> int:
        """The next number of a series, from 1. Never given twice, whatever crashes; numbers may be left out."""
        ...

    def add(self, kind: str, key: str, content: Mapping[str, Any], at: datetime) -> bool:
        """Store under (kind, key) unless something is there: then nothing changes and the answer is False."""
        ...

    def put(self, kind: str, key: str, content: Mapping[str, Any], at: datetime) -> None:
        """Store under (kind, key), in place of what was there."""
        ...

    def get(self, kind: str, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """What is stored under these keys; a key with nothing is missing."""
        ...

    def since(self, kind: str, at: datetime | None) -> list[tuple[datetime, str, Mapping[str, Any]]]:
        """(written at, key, content) of everything of this kind written at or after `at`, oldest first."""
        ...
