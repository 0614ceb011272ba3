"""Doubtful stock readings that are kept back, read for the desk."""

from __future__ import annotations

from typing import LiteralString

import psycopg
from psycopg.rows import DictRow

from include.fulfilment.domain.hold_decision import READING
from include.fulfilment.store.desk_rows import ReadingRow, VerdictRow

_READINGS: LiteralString = """
SELECT s.warehouse, to_json(s.as_of) #>> '{}' AS version, s.as_of, s.levels, t.opened_at, t.due_at,
       u.as_of AS used_as_of, coalesce(u.levels, 0) AS used_levels
FROM exception_ticket t
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (warehouse) warehouse, as_of, levels FROM stock_snapshot
    WHERE site = t.site AND t.subject = 'stock of ' || warehouse AND NOT accepted AND taken_at >= t.opened_at
    ORDER BY warehouse, as_of DESC) s
LEFT JOIN LATERAL (
    SELECT as_of, levels FROM stock_snapshot WHERE site = t.site AND warehouse = s.warehouse AND accepted
    ORDER BY as_of DESC LIMIT 1) u ON true
WHERE t.site = %(site)s AND t.code = %(code)s AND t.closed_at IS NULL AND (u.as_of IS NULL OR u.as_of < s.as_of)
ORDER BY s.warehouse
"""
_VERDICTS: LiteralString = """
SELECT decision_id, code, version, verdict, person, reason, at, follows IS NOT NULL AS counts FROM hold_decision
WHERE site = %(site)s AND code = %(code)s AND subject = %(warehouse)s AND at >= %(opened_at)s
ORDER BY decision_id DESC LIMIT 20
"""


def read_readings(connection: psycopg.Connection[DictRow], site: str) -> list[ReadingRow]:
    """The newest doubtful reading of each warehouse whose ticket is open."""
    found = connection.execute(_READINGS, {"site": site, "code": READING}).fetchall()
    return [_reading(connection, site, row) for row in found]


def _reading(connection: psycopg.Connection[DictRow], site: str, row: DictRow) -> ReadingRow:
    values = {"site": site, "code": READING, "warehouse": row["warehouse"], "opened_at": row.pop("opened_at")}
    verdicts = tuple(VerdictRow(**each) for each in connection.execute(_VERDICTS, values))
    mine = [each.decision_id for each in verdicts if each.counts and each.version == row["version"]]
    return ReadingRow(**row, after=max(mine, default=0), verdicts=verdicts)
