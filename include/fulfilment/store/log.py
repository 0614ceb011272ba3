"""What is remembered of the runs themselves: cursors, clocks, call counts, tickets and timelines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from include.fulfilment.store.order_events import add_events
from include.fulfilment.store.site_rows import as_json
from include.fulfilment.store.tickets import Tickets


class PostgresLog(Tickets):
    """Cursors, clocks, counters, tickets and timelines."""

    def cursor(self, stream: str) -> datetime | None:
        """Up to when this stream was read; None before its first reading."""
        found = self._connection.execute(
            "SELECT read_to FROM read_cursor WHERE site = %s AND stream = %s", (self._site, stream)
        ).fetchone()
        return found["read_to"] if found else None

    def cursors(self, stream: str) -> dict[str, datetime]:
        """This stream and those whose names go on after its name and a slash, with how far each was read."""
        found = self._connection.execute(
            "SELECT stream, read_to FROM read_cursor WHERE site = %s AND (stream = %s OR starts_with(stream, %s))",
            (self._site, stream, f"{stream}/"),
        )
        return {row["stream"]: row["read_to"] for row in found}

    def forget_cursors(self, streams: Sequence[str]) -> None:
        """These streams are read no more."""
        if streams:
            self._connection.execute(
                "DELETE FROM read_cursor WHERE site = %s AND stream = ANY(%s)", (self._site, list(streams))
            )

    def move_cursor(self, stream: str, read_to: datetime) -> None:
        """Remember that the stream was read up to here; a cursor never moves back."""
        self._connection.execute(
            "INSERT INTO read_cursor (site, stream, read_to) VALUES (%s, %s, %s)"
            " ON CONFLICT (site, stream) DO UPDATE SET read_to = greatest(read_cursor.read_to, EXCLUDED.read_to)",
            (self._site, stream, read_to),
        )

    def beat_done(self, dag_id: str, beat: str, figures: Mapping[str, int], now: datetime) -> None:
        """A beat of a DAG ended well at `now` with these figures."""
        self._connection.execute(
            "INSERT INTO run_clock (site, dag_id, beat, good_at, figures) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (site, dag_id, beat) DO UPDATE SET good_at = EXCLUDED.good_at, figures = EXCLUDED.figures",
            (self._site, dag_id, beat, now, json.dumps(dict(figures))),
        )

    def count_calls(self, counts: Mapping[tuple[str, str, str], int]) -> None:
        """Add calls made, by (system, operation, outcome)."""
        rows = [
            {"site": self._site, "system": system, "operation": operation, "outcome": outcome, "calls": calls}
            for (system, operation, outcome), calls in sorted(counts.items())
        ]
        self._connection.execute(
            """
            INSERT INTO remote_call (site, system, operation, outcome, calls)
            SELECT site, system, operation, outcome, calls
            FROM jsonb_populate_recordset(NULL::remote_call, %s::jsonb) ORDER BY system, operation, outcome
            ON CONFLICT (site, system, operation, outcome) DO UPDATE SET calls = remote_call.calls + EXCLUDED.calls
            """,
            (as_json(rows),),
        )

    def events(self, rows: Sequence[tuple[str, str, str]], now: datetime) -> None:
        """Append (order id, source, words) to the orders' timelines; words for an order we don't hold are left out."""
        add_events(self._connection, self._site, rows, now)
