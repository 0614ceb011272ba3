"""One night's drift: what disagreed at one cut-off, why, and who acts next, with a hash that any replay must meet."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from include.fulfilment.domain.discrepancy import CAUSES, Aspect, Cause, Discrepancy, DriftRules, judge
from include.fulfilment.domain.order import SHOP
from include.fulfilment.errors import DataError
from include.fulfilment.reports.compare import Compared, Comparison, DriftInputs

CANONICAL_FORM, WITH_SHOPS = "drift/1", "drift/2"
"""Names of the canonical forms; they change only if the columns or their spelling do. The second has the shop's code as
its last column and serves where a further shop has a row, so that the reports of one shop keep their hash for ever."""

CANONICAL_COLUMNS = (
    "kind",
    "aspect",
    "order_id",
    "line_id",
    "external_ref",
    "sku",
    "ours",
    "theirs",
    "difference_base",
    "difference_net",
    "currency",
    "cause",
    "since",
    "lines",
)
"""What is hashed: facts and verdict. Words, owners and next steps may be reworded without touching a past verdict."""


@dataclass(frozen=True, slots=True)
class DriftDay:
    """What an earlier report counted by cause, and the keys of its rows (empty where they are not kept)."""

    on: date
    counts: Mapping[str, int]
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DriftReport:
    """One site at one cut-off (aware UTC). `rows` are in canonical order; `settling` counts differences too young to
    be drift. `new`, `persisting` and `gone` are against the day before, None where there is none to compare with."""

    site: str
    cut_off: datetime
    rows: tuple[Discrepancy, ...]
    counts_by_cause: dict[str, int]
    settling: int
    compared: Compared
    hash: str
    headline: str
    history: tuple[DriftDay, ...] = ()
    new: int | None = None
    persisting: int | None = None
    gone: int | None = None
    new_keys: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def on(self) -> date:
        """The report's date: that of the cut-off, in UTC."""
        return self.cut_off.date()

    @property
    def keys(self) -> frozenset[str]:
        """What to hand to tomorrow's report as this day's keys."""
        return frozenset(row.key for row in self.rows)


def build_report(
    site: str,
    cut_off: datetime,
    inputs: DriftInputs,
    history: Sequence[DriftDay] = (),
    rules: DriftRules | None = None,
) -> DriftReport:
    """Compare, judge and count. The same inputs give the same rows and the same hash, in whatever order they come.

    `history` holds earlier days for the trend; days on or after the cut-off's date are left out, so a replay of an old
    date does not look into its future. Raises DataError naming the input that cannot be read.
    """
    if cut_off.tzinfo is None:
        raise DataError(f"cut-off {cut_off} has no time zone; pass an aware UTC instant", subject=site)
    cut_off = cut_off.astimezone(UTC)
    rules = rules or DriftRules()
    rows: list[Discrepancy] = []
    settling = 0
    with Comparison(inputs) as comparison:
        compared = comparison.compared()
        for difference in comparison.differences():
            row = judge(difference, cut_off, rules)
            if row.cause is Cause.IN_FLIGHT:
                settling += 1
            else:
                rows.append(row)
    rows.sort(key=_order)
    past = tuple(sorted((day for day in history if day.on < cut_off.date()), key=lambda day: day.on))
    return _report(site, cut_off, tuple(rows), settling, compared, past)


def canonical_rows(rows: Iterable[Discrepancy], columns: Sequence[str] = CANONICAL_COLUMNS) -> list[list[str]]:
    """Each row as text, column by column: integers plain, money with two places, instants in UTC, absent as empty."""
    return [[_canonical(getattr(row, column)) for column in columns] for row in rows]


def canonical_hash(site: str, cut_off: datetime, rows: Sequence[Discrepancy]) -> str:
    """SHA-256 over the canonical form: one JSON array a line, the first naming form, site and cut-off."""
    digest = hashlib.sha256()
    one_shop = all(row.storefront == SHOP for row in rows)
    form = CANONICAL_FORM if one_shop else WITH_SHOPS
    columns = CANONICAL_COLUMNS if one_shop else (*CANONICAL_COLUMNS, "storefront")
    for line in ([form, site, _canonical(cut_off)], *canonical_rows(rows, columns)):
        digest.update(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode("utf-8"))
        digest.update(b"\n")
    return digest.hexdigest()


def _report(
    site: str,
    cut_off: datetime,
    rows: tuple[Discrepancy, ...],
    settling: int,
    compared: Compared,
    history: tuple[DriftDay, ...],
) -> DriftReport:
    counts = Counter(row.cause.value for row in rows)
    by_cause = {cause.value: counts[cause.value] for cause in Cause if counts[cause.value]}
    yesterday = next((day for day in reversed(history) if day.on == cut_off.date() - timedelta(days=1)), None)
    keys = frozenset(row.key for row in rows)
    # a day that counted rows but kept no keys cannot say which of them are new
    known = yesterday is not None and (bool(yesterday.keys) or not any(yesterday.counts.values()))
    before = yesterday.keys if yesterday is not None else frozenset()
    return DriftReport(
        site=site,
        cut_off=cut_off,
        rows=rows,
        counts_by_cause=by_cause,
        settling=settling,
        compared=compared,
        hash=canonical_hash(site, cut_off, rows),
        headline=_headline(cut_off, rows, by_cause, settling, compared),
        history=history,
        new=len(keys - before) if known else None,
        persisting=len(keys & before) if known else None,
        gone=len(before - keys) if known else None,
        new_keys=keys - before if known else frozenset(),
    )


def _headline(
    cut_off: datetime,
    rows: tuple[Discrepancy, ...],
    by_cause: Mapping[str, int],
    settling: int,
    compared: Compared,
) -> str:
    """Last night in one or two sentences, for somebody between two calls."""
    checked = f"{_count(compared.skus, 'SKU')} and {_count(compared.order_lines, 'order line')}"
    tail = f" {_count(settling, 'change')} still settling." if settling else ""
    if not compared.skus and not compared.order_lines:
        return "Nothing was compared: neither stock nor orders were stored for this cut-off."
    if not rows:
        return f"Shop and warehouse agree on all {checked}.{tail}"
    most = sorted(by_cause.items(), key=lambda item: (-item[1], item[0]))
    parts = ", ".join(f"{count:,} {_lower(CAUSES[Cause(cause)].words)}" for cause, count in most[:3])
    more = f" and {sum(count for _, count in most[3:]):,} for other causes" if most[3:] else ""
    dated = [row for row in rows if row.since is not None]
    oldest = ""
    if dated:
        row = min(dated, key=lambda each: (each.since or cut_off, _order(each)))
        oldest = f" The oldest is {age(row.since, cut_off)} old ({row.owner})."
    return f"{_count(len(rows), 'difference')} in {checked}: {parts}{more}.{oldest}{tail}"


def age(since: datetime | None, until: datetime) -> str:
    """How long ago in words a person says: `40 min`, `3 h`, `2 days`."""
    if since is None:
        return ""
    minutes = max(0, int((until - since).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else _count(minutes // 1440, "day")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _order(row: Discrepancy) -> tuple[str, ...]:
    return (row.kind, row.order_id, row.line_id, row.aspect, row.external_ref, row.sku, row.storefront)


def _canonical(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value)


ASPECT_WORDS = {
    Aspect.AVAILABLE: "available to buyers",
    Aspect.PACK: "base units in one",
    Aspect.ORDERED: "ordered (base units)",
    Aspect.IN_WAREHOUSE: "asked of the warehouse (base units)",
    Aspect.SHIPPED: "shipped (base units)",
}
"""What is compared, as the reports say it."""
