"""A statement is as old as it says, by the rule that was declared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from include.fulfilment.adapters.tables.as_of import AsOf
from include.fulfilment.adapters.tables.cells import Unreadable
from include.fulfilment.errors import DataError
from include.fulfilment.ports import Table

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
TABLE = Table("aged_20261122.csv", ("at",), [], NOW, NOW - timedelta(hours=2))


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ({"by": "reading"}, NOW),
        ({"by": "file_time"}, NOW - timedelta(hours=2)),
        (
            {"by": "file_name", "format": "aged_%Y%m%d.csv", "zone": "America/New_York", "at": "18:00"},
            datetime(2026, 11, 22, 23, tzinfo=UTC),
        ),
        ({"by": "column", "column": "at", "format": "%Y-%m-%d %H:%M", "zone": "UTC"}, None),
    ],
)
def test_the_instant_of_a_reading_is_where_it_was_declared(rule: dict[str, Any], found: datetime | None) -> None:
    assert AsOf.model_validate(rule).of_table(TABLE) == found


def test_a_statement_of_the_future_is_refused() -> None:
    rule = AsOf.model_validate({"by": "file_name", "format": "aged_%Y%m%d.csv", "zone": "UTC", "at": "18:00"})
    with pytest.raises(DataError, match=r"true at 2026-11-22T18:00:00\+00:00, which is still to come"):
        rule.of_table(Table("aged_20261122.csv", (), [], NOW - timedelta(days=1)))


def test_a_name_without_a_date_is_refused() -> None:
    rule = AsOf.model_validate({"by": "file_name", "format": "debt_%Y%m%d.csv", "zone": "UTC", "at": "18:00"})
    with pytest.raises(DataError, match="when it was true cannot be known by 'file_name'"):
        rule.of_table(TABLE)


def test_a_row_has_its_own_instant_and_none_of_the_future() -> None:
    rule = AsOf.model_validate({"by": "column", "column": "at", "format": "%d/%m/%Y", "zone": "UTC", "at": "09:00"})
    assert rule.of_row({"at": "23/11/2026"}, TABLE) == NOW - timedelta(hours=1)
    assert rule.of_row({"at": NOW.date()}, TABLE) == NOW - timedelta(hours=1)
    for cell in ("24/11/2026", "2026-11-22", None, NOW + timedelta(minutes=1)):
        with pytest.raises(Unreadable):
            rule.of_row({"at": cell}, TABLE)


@pytest.mark.parametrize(
    "rule",
    [
        {"by": "column"},
        {"by": "column", "column": "at"},
        {"by": "reading", "column": "at"},
        {"by": "file_name", "format": "a_%Y%m%d.csv", "zone": "UTC"},
        {"by": "file_name", "format": "a_%Y%m%d%H.csv", "zone": "UTC", "at": "18:00"},
        {"by": "file_name", "format": "a_%Y%m%d.csv", "zone": "Londen", "at": "18:00"},
    ],
)
def test_an_incomplete_rule_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"column|format|at|zone"):
        AsOf.model_validate(rule)
