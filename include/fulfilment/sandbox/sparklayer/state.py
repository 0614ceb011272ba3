"""The memory of a sandbox SparkLayer site."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..database import Clock, SandboxDatabase

_TABLES = Path(__file__).with_name("tables.sql")
_NAMESPACE = uuid.UUID("5b6f3a52-8e44-5d0f-9f0e-2c61a1f2a9d7")
DEFAULT_LOCATION = "default"
"""The external id of the location that the Stock API takes when none is named (Stock API, get stock levels)."""

Json = Any


class SiteState(SandboxDatabase):
    """The site's tables and its clock."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open or create the file at `path`; `clock` returns aware UTC instants."""
        super().__init__(path, _TABLES, clock)
        with self.transaction():
            if self.one("SELECT id FROM stock_location") is None:
                values = {"id": uuid_of("location", DEFAULT_LOCATION), "external_id": DEFAULT_LOCATION}
                self.insert("stock_location", name="Main warehouse", **values)

    def now(self) -> str:
        """Return the site's time as the tables keep it and the API answers it."""
        return instant_text(self.clock())


def instant_text(moment: datetime) -> str:
    """Write an aware instant as SparkLayer does, in UTC: `2026-11-23T12:00:00.000000+00:00`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def uuid_of(kind: str, key: str) -> str:
    """Return the same id for the same record whenever it is loaded."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind} {key}"))


def is_uuid(text: str) -> bool:
    """Say whether the text is a UUID as SparkLayer writes them."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def stored(value: Json) -> str:
    """Write a record as the tables keep it."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False)
