"""Report files: in their dated folder, whole or not at all, harmless to spreadsheets."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from include.fulfilment.errors import ConfigError


def write_files(folder: Path, site: str, on: date, contents: Mapping[str, bytes]) -> dict[str, Path]:
    """Write these files under `folder/site=…/date=…/` and answer their paths by what their names end in.

    Each appears whole or not at all, and a rerun replaces it. Raises ConfigError if the site's name or the folder
    cannot be used.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", site):
        raise ConfigError(f"site {site!r} cannot name a folder; use letters, digits, - and _ only")
    target = folder / f"site={site}" / f"date={on.isoformat()}"
    try:
        target.mkdir(parents=True, exist_ok=True)
        return {Path(name).suffix[1:]: _replace(target / name, content) for name, content in contents.items()}
    except OSError as error:
        raise ConfigError(f"reports cannot be written to {target}: {error.strerror}; correct reports_uri") from error


def data_files(table: pa.Table, name: str) -> dict[str, bytes]:
    """The table as `<name>.csv` for spreadsheets and `<name>.parquet` for the data team."""
    return {f"{name}.csv": _csv(table).encode("utf-8-sig"), f"{name}.parquet": _parquet(table)}


def _csv(table: pa.Table) -> str:
    frame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    for column in table.schema:
        if pa.types.is_string(column.type):
            frame[column.name] = frame[column.name].map(_harmless)
        elif pa.types.is_timestamp(column.type):
            frame[column.name] = frame[column.name].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(frame.to_csv(index=False, lineterminator="\r\n"))


def _harmless(text: str) -> str:
    """A spreadsheet runs what starts like a formula (OWASP, CSV injection); an apostrophe makes it text."""
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) or text.startswith(("\t", "\r")) else text


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def _replace(path: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path
