"""The pack catalogue through time: what one of a SKU was at any instant, by the readings of its source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from include.fulfilment.domain.quantity import PackRow
from include.fulfilment.ports import PackSnapshot
from include.fulfilment.store import locks
from include.fulfilment.store.site_rows import Row, SiteRows, plain
from include.fulfilment.store.staging import stage


@dataclass(frozen=True, slots=True)
class PackChange:
    """What a reading changed: rows of the catalogue that began and that ended. `older`: a newer reading was recorded
    before, so nothing was."""

    began: int = 0
    ended: int = 0
    older: bool = False


class PostgresPacks(SiteRows):
    """Recording readings and asking what a pack held. A row holds from its reading's `as_of` until that of the first
    reading without it."""

    def record_packs(self, snapshot: PackSnapshot, now: datetime) -> PackChange:
        """Make this reading the catalogue. One that finds nothing new makes no version, whatever its file, row numbers
        or version are called; an older one than recorded changes nothing. Ask `PackSnapshot.is_doubtful` first.
        Waits for another recording of the site."""
        locks.take(self._connection, self._site, RECORDING_PACKS)
        newest = self._connection.execute(_NEWEST, (self._site,)).fetchone()
        if newest is not None and snapshot.as_of < newest["confirmed_as_of"]:
            return PackChange(older=True)
        columns = (
            "sku text, base_sku text, uom text, uom_scheme text, units_per_uom integer, version text, source text,"
            " PRIMARY KEY (sku, base_sku, uom, units_per_uom)"
        )
        rows = {(each.sku, each.base_sku, each.uom, each.units_per_uom): each for each in snapshot.rows}
        stage(self._connection, "pack_read", columns, (_staged(each) for each in rows.values()))
        given = {"site": self._site, "as_of": snapshot.as_of, "now": now, "version": plain(snapshot.version)}
        # What began with this very `as_of` is the same reading understood otherwise: it never held.
        never = self._connection.execute(_FORGET, given).rowcount
        ended = self._connection.execute(_END, given).rowcount
        began = self._connection.execute(_BEGIN, given).rowcount
        self._connection.execute(_READ if began or ended or never or newest is None else _CONFIRMED, given)
        return PackChange(began, ended + never)

    def packs(self) -> list[PackRow]:
        """The catalogue as it is now."""
        found = self._connection.execute(
            f"SELECT {_COLUMNS} FROM pack_row WHERE site = %s AND until_at IS NULL ORDER BY {_COLUMNS}",  # noqa: S608
            (self._site,),
        )
        return [_pack(row) for row in found]

    def pack_skus(self) -> int:
        """How many SKUs the catalogue has now; 0 where none was ever read."""
        newest = self._connection.execute(_NEWEST, (self._site,)).fetchone()
        return int(newest["skus"]) if newest else 0

    def packs_at(self, asked: Sequence[tuple[str, datetime]]) -> list[tuple[PackRow, ...]]:
        """For each (SKU, instant) its rows at that instant, none where it had none or nothing was read yet."""
        stage(self._connection, "pack_asked", "place integer, sku text, at timestamptz", _numbered(asked))
        answers: list[tuple[PackRow, ...]] = [()] * len(asked)
        for row in self._connection.execute(_AT, (self._site,)):
            place = row.pop("place")
            answers[place] = (*answers[place], _pack(row))
        return answers


RECORDING_PACKS = "recording packs"


def _numbered(asked: Iterable[tuple[str, datetime]]) -> Iterable[tuple[object, ...]]:
    return ((place, plain(sku), at) for place, (sku, at) in enumerate(asked))


def _staged(each: PackRow) -> tuple[object, ...]:
    texts = (plain(each.sku), plain(each.base_sku), plain(each.uom), plain(each.uom_scheme))
    return (*texts, each.units_per_uom, plain(each.version), plain(each.source))


def _pack(row: Row) -> PackRow:
    return PackRow(**row)


_COLUMNS = "sku, base_sku, uom, uom_scheme, units_per_uom, version, source"
_NEWEST = "SELECT skus, confirmed_as_of FROM pack_reading WHERE site = %s ORDER BY as_of DESC LIMIT 1"
_GONE = """
    r.site = %(site)s AND r.until_at IS NULL AND NOT EXISTS (SELECT FROM pack_read n WHERE (n.sku, n.base_sku, n.uom,
        n.units_per_uom) = (r.sku, r.base_sku, r.uom, r.units_per_uom))
"""
_FORGET = f"DELETE FROM pack_row r WHERE r.from_at = %(as_of)s AND {_GONE}"  # noqa: S608
_END = f"UPDATE pack_row r SET until_at = %(as_of)s WHERE {_GONE}"  # noqa: S608
_BEGIN = f"""
    INSERT INTO pack_row (site, {_COLUMNS}, from_at)
    SELECT %(site)s, {_COLUMNS}, %(as_of)s FROM pack_read
    ON CONFLICT (site, sku, base_sku, uom, units_per_uom) WHERE until_at IS NULL DO NOTHING
"""  # noqa: S608
_READ = """
    INSERT INTO pack_reading (site, as_of, version, taken_at, skus, confirmed_as_of)
    SELECT %(site)s, %(as_of)s, %(version)s, %(now)s, count(DISTINCT sku), %(as_of)s FROM pack_read
    ON CONFLICT (site, as_of) DO UPDATE SET version = EXCLUDED.version, taken_at = EXCLUDED.taken_at,
        skus = EXCLUDED.skus
"""
_CONFIRMED = """
    UPDATE pack_reading SET confirmed_as_of = %(as_of)s
    WHERE site = %(site)s AND as_of = (SELECT max(as_of) FROM pack_reading WHERE site = %(site)s)
"""
_AT = """
    SELECT a.place, r.sku, r.base_sku, r.uom, r.uom_scheme, r.units_per_uom, r.version, r.source
    FROM pack_asked a
    JOIN pack_row r ON r.sku = a.sku AND r.from_at <= a.at AND (r.until_at IS NULL OR r.until_at > a.at)
    WHERE r.site = %s ORDER BY a.place, r.base_sku, r.uom, r.units_per_uom
"""
