"""What sources of rows are built from in the tests: a folder, and a clock that stands still."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from include.fulfilment.adapters.connecting import RemoteConnection
from include.fulfilment.adapters.tables import TableTools
from include.fulfilment.ports import Table

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
WRITTEN = NOW - timedelta(hours=2)


class Database:
    """Stands for the databases behind connections: answers with its rows and remembers what it was asked."""

    def __init__(self, *rows: Mapping[str, object]) -> None:
        self.rows = rows
        self.asked: list[tuple[str, str, Mapping[str, object]]] = []

    def ask(self, connection_id: str, statement: str, parameters: Mapping[str, object]) -> Table:
        self.asked.append((connection_id, statement, parameters))
        columns = tuple(self.rows[0]) if self.rows else ()
        return Table(connection_id, columns, list(enumerate(self.rows, start=1)), NOW)


def tools(folder: Path, database: Database | None = None) -> TableTools:
    """Tools over this folder; nothing is asked over HTTP."""

    def no_connection(conn_id: str) -> RemoteConnection:
        raise AssertionError(f"connection {conn_id} was not to be used")

    def heard(*_: Any) -> None:
        raise AssertionError("nothing was to be called")

    return TableTools(folder, lambda: NOW, no_connection, (database or Database()).ask, heard)


def put(file: Path, content: str | bytes, written: datetime = WRITTEN) -> Path:
    """A file, written then."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(file, (written.timestamp(), written.timestamp()))
    return file
