"""Rows of a file that another system exports: the newest complete one of a folder, CSV or Parquet.

A file that is still being written looks like a shorter one, so each must show that it is whole: it has rested, its last
line has ended, it did not change while it was read; and where the exporter can, by a marker beside it or a last row.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from include.fulfilment.adapters.tables.as_of import AsOf
from include.fulfilment.adapters.tables.csv_rows import HalfWritten, csv_rows
from include.fulfilment.adapters.tables.parquet_rows import parquet_rows
from include.fulfilment.errors import ConfigError, DataError, RetryableError
from include.fulfilment.ports import Problem, Table
from include.fulfilment.yaml_file import Strict

MOST_BYTES = 256 * 1024 * 1024
MOST_TRIED = 5  # files of a folder that are looked into, newest first


class FileOptions(Strict):
    """`path` is the file, or the folder in which files of this `pattern` appear. A file ending in .parquet is Parquet,
    any other CSV with this `delimiter` and `encoding`.

    It counts as complete when it has not changed for `settle_seconds`; where `done_suffix` is given, when a file of its
    name and that suffix is beside it; where `trailer` is given, when its last row begins with that word, and the number
    after it, if there is one, is that of the rows.
    """

    kind: Literal["file"]
    path: Path
    pattern: str = Field(default="*.csv", pattern=r"^[^/\\]+$")
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: Literal["utf-8", "cp1252", "iso-8859-1", "utf-16"] = "utf-8"
    settle_seconds: int = Field(default=60, ge=0, le=3600)
    done_suffix: str = Field(default="", pattern=r"^[^/\\]*$")
    trailer: str = ""


def read_file(options: FileOptions, folder: Path, now: datetime, as_of: AsOf | None) -> Table:
    """The newest complete file: by the date in its name where `as_of` declares one, else by when it was written. A
    newer one of the folder that is not complete is a problem of the table.

    Raises RetryableError where none is complete (yet), DataError for one that is no such file, ConfigError for a path
    that is wrong.
    """
    path = folder / options.path
    try:
        found = _candidates(path, options, as_of)
        problems: list[Problem] = []
        for file in found[:MOST_TRIED]:
            try:
                return _read(file, options, now, tuple(problems))
            except (HalfWritten, FileNotFoundError) as error:
                words = str(error) if isinstance(error, HalfWritten) else "went away while it was read"
                problems.append(Problem(file.name, f"{words}; an older file is used until it is complete"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; correct the path in the site file, or its rights") from None
    if not problems:
        raise RetryableError(f"no file like {options.pattern} in {path}; it will be looked for again")
    why = problems[0].words.partition(";")[0]
    raise RetryableError(f"{problems[0].subject} {why}; it will be read again")


def _candidates(path: Path, options: FileOptions, as_of: AsOf | None) -> list[Path]:
    if not path.is_dir():
        path.stat()
        return [path]
    files = [each for each in path.glob(options.pattern) if each.is_file() and not each.name.startswith(".")]
    if as_of is None or as_of.by != "file_name":
        return sorted(files, key=lambda each: (each.stat().st_mtime_ns, each.name), reverse=True)
    dated = [(at, each.name, each) for each in files if (at := as_of.of_name(each.name)) is not None]
    if files and not dated:
        raise ConfigError(f"{path}: no file is named like {as_of.format}; correct as_of.format in the site file")
    return [each for *_, each in sorted(dated, reverse=True)]


def _read(file: Path, options: FileOptions, now: datetime, problems: tuple[Problem, ...]) -> Table:
    with file.open("rb") as handle:
        before = os.fstat(handle.fileno())
        written_at = datetime.fromtimestamp(before.st_mtime, UTC)
        _rested(file, written_at, options, now)
        if before.st_size > MOST_BYTES:
            raise DataError(f"{file.name} has more than {MOST_BYTES} bytes; nothing of it was used", file.name)
        content = handle.read(MOST_BYTES + 1)
        after = os.fstat(handle.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(content) != after.st_size:
        raise HalfWritten("changed while it was read")
    if file.suffix.lower() == ".parquet":
        columns, rows = parquet_rows(content, file.name)
    else:
        columns, rows = csv_rows(content, file.name, options)
    return Table(file.name, columns, rows, now, written_at, problems)


def _rested(file: Path, written_at: datetime, options: FileOptions, now: datetime) -> None:
    if now - written_at < timedelta(seconds=options.settle_seconds):
        raise HalfWritten("was written just now")
    if options.done_suffix and not file.with_name(file.name + options.done_suffix).exists():
        raise HalfWritten(f"has no {options.done_suffix} beside it")
