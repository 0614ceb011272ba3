"""The report as dated files: HTML for people, CSV for spreadsheets, Parquet for the data team."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from include.fulfilment.domain.discrepancy import CAUSES
from include.fulfilment.errors import ConfigError
from include.fulfilment.reports.drift import DriftReport
from include.fulfilment.reports.render import render_html

COLUMNS = pa.schema(
    [
        ("site", pa.string()),
        ("cut_off", pa.timestamp("us", tz="UTC")),
        ("kind", pa.string()),
        ("subject", pa.string()),
        ("aspect", pa.string()),
        ("order_id", pa.string()),
        ("line_id", pa.string()),
        ("external_ref", pa.string()),
        ("sku", pa.string()),
        ("ours", pa.int64()),
        ("theirs", pa.int64()),
        ("difference_base", pa.int64()),
        ("difference_net", pa.decimal128(18, 2)),
        ("currency", pa.string()),
        ("cause", pa.string()),
        ("cause_words", pa.string()),
        ("owner", pa.string()),
        ("since", pa.timestamp("us", tz="UTC")),
        ("next_step", pa.string()),
        ("lines", pa.int64()),
        ("storefront", pa.string()),
    ]
)
"""The columns of both data files, in this order, for ever; a new one comes last."""


def write_report(report: DriftReport, folder: Path, order_link: str | None = None) -> dict[str, Path]:
    """Write `drift.html`, `drift.csv` and `drift.parquet` under `folder/site=…/date=…/` and answer their paths.

    Each file appears whole or not at all, and a rerun replaces it. `order_link` is a relative address with `{order_id}`
    in it, under which the desk shows an order. Raises ConfigError if the site's name or the folder cannot be used.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", report.site):
        raise ConfigError(f"site {report.site!r} cannot name a folder; use letters, digits, - and _ only")
    target = folder / f"site={report.site}" / f"date={report.on.isoformat()}"
    table = to_table(report)
    contents = {
        "html": render_html(report, order_link).encode("utf-8"),
        "csv": _csv(table).encode("utf-8-sig"),
        "parquet": _parquet(table),
    }
    try:
        target.mkdir(parents=True, exist_ok=True)
        return {name: _replace(target / f"drift.{name}", content) for name, content in contents.items()}
    except OSError as error:
        raise ConfigError(f"reports cannot be written to {target}: {error.strerror}; correct reports_uri") from error


def to_table(report: DriftReport) -> pa.Table:
    """The rows with the columns of `COLUMNS`."""
    rows = [
        {
            **{name: getattr(row, name, None) for name in COLUMNS.names},
            "site": report.site,
            "cut_off": report.cut_off,
            "kind": row.kind.value,
            "aspect": row.aspect.value,
            "cause": row.cause.value,
            "cause_words": CAUSES[row.cause].words,
        }
        for row in report.rows
    ]
    return pa.Table.from_pylist(rows, schema=COLUMNS)


def _csv(table: pa.Table) -> str:
    frame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    for column in COLUMNS:
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
