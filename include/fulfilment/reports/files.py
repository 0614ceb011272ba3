"""The report as dated files: HTML for people, CSV for spreadsheets, Parquet for the data team."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from include.fulfilment.domain.discrepancy import CAUSES
from include.fulfilment.reports.drift import DriftReport
from include.fulfilment.reports.output import data_files, write_files
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
    html = render_html(report, order_link).encode("utf-8")
    contents = {"drift.html": html, **data_files(to_table(report), "drift")}
    return write_files(folder, report.site, report.on, contents)


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
