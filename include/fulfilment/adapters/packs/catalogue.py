"""Rows of a table to rows of the pack catalogue, each believed only where it does not contradict itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from include.fulfilment.adapters.packs.options import PackOptions
from include.fulfilment.adapters.tables.cells import Unreadable, code, longest_digits, text, whole
from include.fulfilment.adapters.tables.refusals import Refusals, cell, key, need_columns
from include.fulfilment.domain.quantity import PackRow
from include.fulfilment.errors import DataError
from include.fulfilment.mapping.units import OURS, SINGLE, internal_uom
from include.fulfilment.ports import PackSnapshot, Row, Table


def read_catalogue(table: Table, options: PackOptions) -> PackSnapshot:
    """The catalogue in a table. A SKU of which any row cannot be used is left out with all its rows, and so is a pack
    whose base is itself a pack. Raises ConfigError for a column that is not there, DataError as `AsOf` does."""
    need_columns(table, tuple(options.columns.model_dump().values()), "packs.columns")
    as_of = options.as_of.of_table(table)
    if as_of is None:
        raise DataError(f"{table.name}: when the catalogue was true is not known; correct packs.as_of", table.name)
    version = f"{as_of:%Y-%m-%d %H:%M}Z"
    reader, refusals = _Reader(table, options, version), Refusals(table, "pack")
    found: dict[str, dict[tuple[str, str, int], PackRow]] = {}
    refused: set[str] = set()
    for number, row in table.rows:
        sku = ""
        try:
            sku = reader.sku(row)
            pack = reader.pack(sku, number, row)
        except Unreadable as error:
            refused.add(sku)
            refusals.add(sku, f"{table.name} row {number}", error.reason, str(error))
        else:
            found.setdefault(sku, {}).setdefault((pack.base_sku, pack.uom, pack.units_per_uom), pack)
    packs = {sku: tuple(rows.values()) for sku, rows in found.items() if sku not in refused}
    usable = tuple(_with_true_bases(packs, refusals))
    return PackSnapshot(usable, version, as_of, tuple(refusals.problems()))


def _with_true_bases(packs: Mapping[str, tuple[PackRow, ...]], refusals: Refusals) -> Iterable[PackRow]:
    """Every SKU's rows, except where the base that one names is a pack of something else."""
    for sku, rows in packs.items():
        wrong = next((row for row in rows if _is_pack_of_another(packs.get(row.base_sku, ()), row.base_sku)), None)
        if wrong is None:
            yield from rows
        else:
            found = f"its base {wrong.base_sku!r} is a pack itself; name what that is made of"
            refusals.add(sku, wrong.source, "the base is a pack itself", found)


def _is_pack_of_another(rows: Iterable[PackRow], sku: str) -> bool:
    return any(row.base_sku != sku for row in rows)


class _Reader:
    """Reads the cells of one table's rows. Each method raises Unreadable."""

    def __init__(self, table: Table, options: PackOptions, version: str) -> None:
        self._name, self._units, self._columns = table.name, options.units, options.columns
        self._zeros, self._version = options.zeros, version
        self._longest = {
            column: longest_digits(row.get(column) for _, row in table.rows) if options.zeros is None else 0
            for column in (self._columns.sku, self._columns.base_sku)
            if column
        }

    def sku(self, row: Row) -> str:
        return key(row, self._columns.sku, self._zeros, self._longest[self._columns.sku])

    def pack(self, sku: str, number: int, row: Row) -> PackRow:
        units = cell(row, self._columns.units, whole)
        uom = self._units.always or self._uom(row)
        if uom == SINGLE and units != 1:
            raise Unreadable("a single unit that holds several", f"{units} per {uom}")
        self._inner_fits(row, units)
        stated = cell(row, self._columns.version, text) if self._columns.version else ""
        base = self._columns.base_sku
        base_sku = cell(row, base, code, self._zeros, self._longest[base]) if base else ""
        return PackRow(
            sku=sku,
            base_sku=base_sku or sku,
            uom=uom,
            uom_scheme=OURS,
            units_per_uom=units,
            version=stated or self._version,
            source=f"{self._name} row {number}",
        )

    def _uom(self, row: Row) -> str:
        found = cell(row, self._columns.uom, text)
        scheme = cell(row, self._columns.scheme, text) if self._columns.scheme else self._units.scheme
        if found in self._units.words:
            return self._units.words[found]
        try:
            return internal_uom(scheme, found)
        except DataError:
            raise Unreadable(f"a unit that is not known in the scheme {scheme!r}", found) from None

    def _inner_fits(self, row: Row, units: int) -> None:
        """The inner pack is no factor: real catalogues have it wrong too often. But a row whose inner pack is larger
        than its pack contradicts itself, and then neither is to be believed."""
        name = self._columns.inner
        if name and row.get(name) not in (None, "", 0, "0"):
            inner = cell(row, name, whole)
            if inner > units:
                raise Unreadable("the inner pack is larger than the pack", f"{inner} in a pack of {units}")
