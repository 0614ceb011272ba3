"""The warehouse's stock readings as they were taken, kept as evidence whether they were used or not."""

from __future__ import annotations

from datetime import datetime

from include.fulfilment.errors import DataError
from include.fulfilment.ports import StockSnapshot
from include.fulfilment.store.site_rows import SiteRows, plain


class Readings(SiteRows):
    """Recording and reading stock snapshots."""

    def record_snapshot(self, warehouse: str, snapshot: StockSnapshot, accepted: bool, now: datetime) -> None:
        """Store a complete reading, once per `as_of`; a repeat can only turn a doubtful reading into an accepted one.
        Raises DataError when the reading names one SKU twice at a location: it must not count twice."""
        seen = {(level.base_sku, level.location) for level in snapshot.levels}
        if len(seen) != len(snapshot.levels):
            raise DataError(f"the stock reading of {warehouse} names a SKU twice at one location: read it again")
        stored = self._connection.execute(
            """
            INSERT INTO stock_snapshot (site, warehouse, as_of, taken_at, levels, accepted)
            VALUES (%s, %s, %s, %s, %s, %s)
            ON CONFLICT (site, warehouse, as_of) DO UPDATE SET accepted = stock_snapshot.accepted OR EXCLUDED.accepted
            RETURNING snapshot_id, xmax = 0 AS is_new
            """,
            (self._site, warehouse, snapshot.as_of, now, len(snapshot.levels), accepted),
        ).fetchone()
        if stored is None or not stored["is_new"]:
            return
        into = "COPY stock_level (snapshot_id, base_sku, location, on_hand) FROM STDIN"
        with self._connection.cursor().copy(into) as copy:
            for level in snapshot.levels:
                copy.write_row((stored["snapshot_id"], plain(level.base_sku), plain(level.location), level.on_hand))

    def previous_levels(self, warehouse: str) -> int:
        """How many levels the newest accepted reading had; 0 where there is none."""
        found = self._connection.execute(_NEWEST, (self._site, warehouse)).fetchone()
        return int(found["levels"]) if found else 0

    def doubtful(self, warehouse: str, version: str) -> tuple[str, bool] | None:
        """The reading of this instant: its version as it is written here, and whether it may still be accepted, which
        it may not once it or a newer one is used. None where there is no such reading."""
        try:
            as_of = datetime.fromisoformat(version)
        except ValueError:
            return None
        found = self._connection.execute(_DOUBTFUL, (self._site, warehouse, as_of)).fetchone()
        return (found["version"], found["doubtful"]) if found else None

    def accept_reading(self, warehouse: str, version: str) -> None:
        """Use the doubtful reading of this instant after all."""
        self._connection.execute(
            "UPDATE stock_snapshot SET accepted = true WHERE site = %s AND warehouse = %s AND as_of = %s",
            (self._site, warehouse, datetime.fromisoformat(version)),
        )

    def figures(self, warehouse: str) -> tuple[datetime, dict[str, int]] | None:
        """The newest accepted reading: its instant, and base units on hand per base SKU over all locations."""
        newest = self._connection.execute(_NEWEST, (self._site, warehouse)).fetchone()
        if newest is None:
            return None
        levels = self._connection.execute(
            "SELECT base_sku, sum(on_hand)::bigint AS on_hand FROM stock_level WHERE snapshot_id = %s"
            " GROUP BY base_sku",
            (newest["snapshot_id"],),
        )
        return newest["as_of"], {row["base_sku"]: row["on_hand"] for row in levels}


_NEWEST = """
    SELECT snapshot_id, as_of, levels FROM stock_snapshot WHERE site = %s AND warehouse = %s AND accepted
    ORDER BY as_of DESC LIMIT 1
"""
_DOUBTFUL = """
    SELECT to_json(s.as_of) #>> '{}' AS version, NOT EXISTS (
        SELECT FROM stock_snapshot n WHERE n.site = s.site AND n.warehouse = s.warehouse AND n.accepted
            AND n.as_of >= s.as_of) AS doubtful
    FROM stock_snapshot s WHERE s.site = %s AND s.warehouse = %s AND s.as_of = %s
"""
