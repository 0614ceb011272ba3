"""The report as one HTML file that stands alone: no network, no fonts, the chart library inside."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from include.fulfilment.domain.discrepancy import CAUSES, Cause, Discrepancy
from include.fulfilment.errors import ConfigError
from include.fulfilment.reports.drift import ASPECT_WORDS, DriftReport, age

HERE = Path(__file__).parent
CHART_LIBRARY = HERE.parent / "desk" / "static" / "vendor" / "chart.umd.js"
ROWS_SHOWN = 500
DAYS_SHOWN = 30


def render_html(report: DriftReport, order_link: str | None = None) -> str:
    """The report for people: the sentence, the trend by cause, what each team does next, the biggest rows first.

    Everything that came from outside is escaped, and the page's own policy lets only its two scripts run.
    Raises ConfigError if `order_link` is not a relative address with `{order_id}` in it.
    """
    if order_link is not None and ("{order_id}" not in order_link or order_link.startswith("/") or ":" in order_link):
        raise ConfigError(f"order link {order_link!r} must be relative and contain {{order_id}}")
    library, script = _script(CHART_LIBRARY), _script(HERE / "templates" / "drift.js")
    biggest = sorted(report.rows, key=_size, reverse=True)
    trend = trend_by_cause(report)
    return (
        environment()
        .get_template("drift.html")
        .render(
            report=report,
            causes=_causes(report.rows),
            rows=[_row(row, report, order_link) for row in biggest[:ROWS_SHOWN]],
            units=sum(abs(row.difference_base or 0) for row in report.rows),
            trend=trend,
            chart=_chart(trend),
            library=library,
            script=script,
            policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src {_digest(library)} {_digest(script)}",
        )
    )


def trend_by_cause(report: DriftReport) -> pd.DataFrame:
    """Differences per day and cause, oldest day first, to the report's own day; at most 30 days. A day that has no
    report is NaN throughout: not measured is not zero. Columns are the causes that occur, in the order of `Cause`."""
    days: dict[date, Any] = {day.on: dict(day.counts) for day in report.history}
    days[report.on] = dict(report.counts_by_cause)
    first = max(min(days), report.on - timedelta(days=DAYS_SHOWN - 1))
    span = [first + timedelta(days=offset) for offset in range((report.on - first).days + 1)]
    seen = {cause for day in span for cause, count in days.get(day, {}).items() if count}
    columns = [cause.value for cause in Cause if cause.value in seen and cause is not Cause.IN_FLIGHT]
    # an object frame keeps counts whole numbers where a day is missing
    return pd.DataFrame(
        [[days[day].get(cause, 0) if day in days else None for cause in columns] for day in span],
        index=pd.Index(span, name="day"),
        columns=columns,
        dtype="Int64",
    )


def _chart(trend: pd.DataFrame) -> dict[str, Any]:
    """What the page's script draws: plain lists, None for a day without a report."""
    return {
        "labels": [f"{day.day} {day:%b}" for day in trend.index],
        "series": [
            {
                "cause": cause,
                "label": CAUSES[Cause(cause)].words,
                "counts": [None if pd.isna(count) else int(count) for count in trend[cause]],
            }
            for cause in trend.columns
        ],
    }


def _causes(rows: Iterable[Discrepancy]) -> list[dict[str, Any]]:
    """One entry per cause, the most rows first: how many, how many units, what value, who and what next."""
    groups: dict[Cause, list[Discrepancy]] = {}
    for row in rows:
        groups.setdefault(row.cause, []).append(row)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        {
            "cause": cause,
            "facts": CAUSES[cause],
            "count": len(group),
            "units": sum(abs(row.difference_base or 0) for row in group),
            "value": _value(group),
        }
        for cause, group in ordered
    ]


def _size(row: Discrepancy) -> tuple[int, Decimal]:
    return abs(row.difference_base or 0), abs(row.difference_net or Decimal(0))


def _value(rows: Iterable[Discrepancy]) -> str:
    """Net value per currency; currencies are never added together."""
    totals: dict[str, Decimal] = {}
    for row in rows:
        if row.difference_net is not None:
            totals[row.currency] = totals.get(row.currency, Decimal(0)) + abs(row.difference_net)
    return ", ".join(money(total, currency) for currency, total in sorted(totals.items()))


def _row(row: Discrepancy, report: DriftReport, order_link: str | None) -> dict[str, Any]:
    link = order_link.replace("{order_id}", quote(row.order_id, safe="")) if order_link and row.order_id else ""
    return {
        "row": row,
        "compared": ASPECT_WORDS[row.aspect],
        "facts": CAUSES[row.cause],
        "link": link,
        "age": age(row.since, report.cut_off),
        "net": "" if row.difference_net is None else money(row.difference_net, row.currency),
        "new": row.key in report.new_keys,
    }


def money(amount: Decimal, currency: str) -> str:
    """`1,234.50 GBP`."""
    return f"{amount:,.2f} {currency}".replace("-", "\N{MINUS SIGN}").strip()


def _number(value: int | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:,}".replace("-", "\N{MINUS SIGN}")


def _signed(value: int | None) -> str:
    return f"+{value:,}" if value is not None and value > 0 else _number(value)


def _instant(value: datetime) -> str:
    return f"{value.day} {value:%B %Y, %H:%M} UTC"


def _day(value: date) -> str:
    return f"{value.day} {value:%b %Y}"


@cache
def _script(path: Path) -> Markup:
    """Our own file, put into the page as it is."""
    text = path.read_text(encoding="utf-8")
    if "</script" in text.lower():
        raise ConfigError(f"{path.name} would end its own script element; put the published file back")
    return Markup(text)  # noqa: S704 - shipped with the package, not input


def _digest(script: str) -> str:
    # the CSP source expression of an inline script (W3C CSP level 3, hash-source)
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode('utf-8')).digest()).decode('ascii')}'"


@cache
def environment() -> Environment:
    """Our templates, with what they need to say figures, instants and money."""
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(number=_number, signed=_signed, instant=_instant, day=_day, money=money)
    return found
