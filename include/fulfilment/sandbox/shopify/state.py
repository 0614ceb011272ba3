"""The shop's memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from ..database import Clock, SandboxDatabase

_TABLES = Path(__file__).with_name("tables.sql")


class ShopState(SandboxDatabase):
    """The shop's tables and its clock."""

    # Order ids start above 2^53 and are odd: a client that reads them as floating point gets a wrong id at once.
    first_ids: ClassVar[Mapping[str, int]] = {
        "Order": 9_107_199_254_740_993,
        "DraftOrder": 1_180_000_000_002,
        "LineItem": 16_400_000_000_002,
    }
    first_id: ClassVar[int] = 7_000_000_000_002
    id_step: ClassVar[int] = 2

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open or create the file at `path`; `clock` returns aware UTC instants."""
        super().__init__(path, _TABLES, clock)
        with self.transaction():
            defaults = {"name": "Sandbox Trade Shop", "currency": "GBP"}
            for name, value in defaults.items():
                self.run("INSERT OR IGNORE INTO setting VALUES (?, ?)", name, value)
            if self.one("SELECT id FROM location") is None:
                self.run("INSERT INTO location VALUES (?, ?)", self.next_id("Location"), "Main warehouse")

    def setting(self, name: str) -> str:
        """Return one of the shop's settings: `name` or `currency`."""
        row = self.one("SELECT value FROM setting WHERE name = ?", name)
        assert row is not None  # noqa: S101  made on opening
        return str(row["value"])

    def location_id(self) -> int:
        """Return the id of the location that stock and orders belong to."""
        row = self.one("SELECT id FROM location ORDER BY id")
        assert row is not None  # noqa: S101  made on opening
        return int(row["id"])

    def now(self) -> str:
        """Return the shop's time as Shopify writes it: UTC, to the second."""
        return instant_text(self.clock())


def instant_text(moment: datetime) -> str:
    """Write an aware instant as Shopify does: `2026-11-23T12:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
