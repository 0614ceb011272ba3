"""The what-if report as files: HTML for finance and operations, CSV for spreadsheets, Parquet for the data team."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from include.fulfilment.domain.preflight import LABELS
from include.fulfilment.domain.what_if import Flip, WhatIf, gross_by_currency
from include.fulfilment.errors import ConfigError
from include.fulfilment.reports.output import data_files, write_files
from include.fulfilment.reports.render import environment, money

ROWS_SHOWN = 500
_LABELS = {**LABELS, "problems": "Something that cannot be read"}
PENNY = Decimal("0.01")
WHAT_IF_COLUMNS = pa.schema(
    [
        ("site", pa.string()),
        ("since", pa.timestamp("us", tz="UTC")),
        ("until", pa.timestamp("us", tz="UTC")),
        ("order_id", pa.string()),
        ("order_name", pa.string()),
        ("storefront", pa.string()),
        ("account_id", pa.string()),
        ("placed_at", pa.timestamp("us", tz="UTC")),
        ("judged_at", pa.timestamp("us", tz="UTC")),
        ("currency", pa.string()),
        ("total_gross", pa.decimal128(18, 2)),
        ("decided", pa.string()),
        ("decided_under", pa.string()),
        ("agrees", pa.bool_()),
        ("present_policy", pa.string()),
        ("present", pa.string()),
        ("present_units", pa.int64()),
        ("present_cancelled", pa.int64()),
        ("present_leaves_on", pa.string()),
        ("candidate_policy", pa.string()),
        ("candidate", pa.string()),
        ("candidate_units", pa.int64()),
        ("candidate_cancelled", pa.int64()),
        ("candidate_leaves_on", pa.string()),
        ("rule", pa.string()),
        ("why_present", pa.string()),
        ("why_candidate", pa.string()),
    ]
)
"""The columns of both data files, in this order, for ever; a new one comes last."""


def write_what_if(found: WhatIf, folder: Path, name: str) -> dict[str, Path]:
    """Write `what-if-<name>.html`, `.csv` and `.parquet` into the dated folder of the site; a rerun replaces them.
    Raises ConfigError if the name or the folder cannot be used."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,140}", name):
        raise ConfigError(f"{name!r} cannot name a report; use letters, digits, - and _ only")
    title = f"what-if-{name}"
    html = render_what_if(found, title).encode("utf-8")
    contents = {f"{title}.html": html, **data_files(to_table(found), title)}
    return write_files(folder, found.site, found.until.date(), contents)


def to_table(found: WhatIf) -> pa.Table:
    """One row per order that flips, with the columns of `WHAT_IF_COLUMNS`, in the order they were placed."""
    about = {
        "site": found.site,
        "since": found.since,
        "until": found.until,
        "present_policy": found.present_version,
        "candidate_policy": found.candidate_version,
    }
    return pa.Table.from_pylist([about | _row(flip) for flip in found.flips], schema=WHAT_IF_COLUMNS)


def _row(flip: Flip) -> dict[str, object]:
    plain = {name: getattr(flip, name) for name in WHAT_IF_COLUMNS.names if hasattr(flip, name)}
    sides: dict[str, object] = {}
    for side, verdict in (("present", flip.present), ("candidate", flip.candidate)):
        sides[side] = verdict.words
        sides[f"{side}_units"] = verdict.units
        sides[f"{side}_cancelled"] = verdict.cancelled
        sides[f"{side}_leaves_on"] = verdict.leaves_on
        sides[f"why_{side}"] = "; ".join(f"{each.rule}: {getattr(each, side)}" for each in flip.rules)
    return {**plain, **sides, "total_gross": flip.total_gross.quantize(PENNY), "rule": flip.rules[0].rule}


def render_what_if(found: WhatIf, title: str) -> str:
    """The report for people: the sentence, what the policy changes, what flips by kind, the biggest orders first.
    Everything that came from outside is escaped, and the page runs no script."""
    biggest = sorted(found.flips, key=lambda each: (-each.total_gross, each.order_id))
    return (
        environment()
        .get_template("what_if.html")
        .render(
            found=found,
            title=title,
            totals=[(each, _value(each.gross)) for each in found.totals],
            value=_value(gross_by_currency(found.flips)),
            details=[(_LABELS.get(each.field, each.field), each) for each in found.details],
            units=sum(each.units_difference for each in found.flips),
            rows=biggest[:ROWS_SHOWN],
            policy="default-src 'none'; style-src 'unsafe-inline'",
        )
    )


def _value(gross: Mapping[str, Decimal]) -> str:
    return ", ".join(money(amount, currency) for currency, amount in gross.items())
