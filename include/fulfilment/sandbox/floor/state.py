"""The memory of a sandbox warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from ..database import Clock, SandboxDatabase

_TABLES = Path(__file__).with_name("tables.sql")


class FloorState(SandboxDatabase):
    """The warehouse's tables and its clock. A dialect's own tables are added with `add_tables`."""

    # Each kind has its own range, so that an id used in the place of another is found nowhere; all fit 32 bits.
    first_ids: ClassVar[Mapping[str, int]] = {
        "product": 150_001,
        "order": 310_000_001,
        "line": 420_000_001,
        "shipment": 530_000_001,
        "parcel": 640_000_001,
    }
    first_id: ClassVar[int] = 1_000_001

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open or create the file at `path`; `clock` returns aware UTC instants."""
        super().__init__(path, _TABLES, clock)

    def now(self) -> datetime:
        """Return the warehouse's time, aware and in UTC."""
        return self.clock().astimezone(UTC)


def stored(moment: datetime) -> str:
    """Write an aware instant as the tables keep it: UTC to the microsecond, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant(text: str) -> datetime:
    """Read what `stored` wrote."""
    return datetime.fromisoformat(text)
