"""Rows from wherever a merchant's system puts them: a file that it exports, its database, or its HTTP API.

What the rows mean is the business of whoever reads them (credit, packs). A reading is whole or it is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from include.fulfilment.adapters.connecting import RemoteConnection
from include.fulfilment.adapters.tables.as_of import AsOf
from include.fulfilment.adapters.tables.files import FileOptions, read_file
from include.fulfilment.adapters.tables.http import HttpOptions, read_http
from include.fulfilment.adapters.tables.sql import SqlOptions, read_sql
from include.fulfilment.adapters.transport import OnCall
from include.fulfilment.clock import Clock
from include.fulfilment.ports import AskDatabase, Table

__all__ = ["AsOf", "FileOptions", "HttpOptions", "SqlOptions", "TableOptions", "TableTools", "read_table"]

TableOptions = FileOptions | SqlOptions | HttpOptions


@dataclass(frozen=True, slots=True)
class TableTools:
    """What a source of rows needs of its surroundings. Relative paths start at `folder`, that of the site file;
    `connection` finds an Airflow connection by its id, and `ask` asks the database behind one."""

    folder: Path
    clock: Clock
    connection: Callable[[str], RemoteConnection]
    ask: AskDatabase
    on_call: OnCall


def read_table(
    options: TableOptions, tools: TableTools, as_of: AsOf | None = None, wanted: Mapping[str, object] | None = None
) -> Table:
    """One whole reading. `as_of` tells which of several files is the newest; `wanted` are values for parameters that
    the statement of a database may name beside those of the site file.

    Raises DataError for a reading that is incomplete or unusable, RetryableError for one that is not there yet,
    ConfigError where a person must change a setting.
    """
    match options:
        case FileOptions():
            return read_file(options, tools.folder, tools.clock(), as_of)
        case SqlOptions():
            return read_sql(options, tools.ask, wanted or {})
        case HttpOptions():
            return read_http(options, tools.connection(options.connection), tools.clock, tools.on_call)
