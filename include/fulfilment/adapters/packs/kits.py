"""Kits: a SKU made of several base SKUs. They join the catalogue as rows with the unit KIT, one for each component."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from include.fulfilment.adapters.packs.options import KitOptions
from include.fulfilment.adapters.tables.cells import Unreadable, longest_digits, whole
from include.fulfilment.adapters.tables.refusals import Refusals, cell, key, need_columns
from include.fulfilment.domain.quantity import KIT, PackRow
from include.fulfilment.mapping.units import OURS
from include.fulfilment.ports import PackSnapshot, Table

Kits = Mapping[str, Mapping[str, PackRow]]


def read_kits(table: Table, options: KitOptions, packs: PackSnapshot) -> PackSnapshot:
    """The catalogue with its kits. A kit with any row that cannot be used is left out whole; so is one that holds a kit
    or a pack, names a component twice, or is in the catalogue as a pack as well (then both are). Raises ConfigError for
    a column that is not there."""
    need_columns(table, tuple(options.columns.model_dump().values()), "packs.kits.columns")
    refusals, refused = Refusals(table, "kit"), set[str]()
    kits = _read(table, options, packs.version, refusals, refused)
    refused |= _contradicting(kits, packs, refusals)
    usable = [row for sku, kit in kits.items() if sku not in refused for row in kit.values()]
    kept = [row for row in packs.rows if row.sku not in kits]
    return replace(packs, rows=(*kept, *usable), problems=(*packs.problems, *refusals.problems()))


def _read(table: Table, options: KitOptions, version: str, refusals: Refusals, refused: set[str]) -> Kits:
    columns, zeros, kits = options.columns, options.zeros, dict[str, dict[str, PackRow]]()
    longest = {
        name: longest_digits(row.get(name) for _, row in table.rows) if zeros is None else 0
        for name in (columns.kit, columns.component)
    }
    for number, row in table.rows:
        sku, place = "", f"{table.name} row {number}"
        try:
            sku = key(row, columns.kit, zeros, longest[columns.kit])
            component = key(row, columns.component, zeros, longest[columns.component])
            units = cell(row, columns.quantity, whole)
        except Unreadable as error:
            refused.add(sku)
            refusals.add(sku, place, error.reason, str(error))
            continue
        if component in kits.setdefault(sku, {}):
            refused.add(sku)
            refusals.add(sku, place, "a component is named twice in one kit", f"{component!r} comes twice")
        kits[sku][component] = PackRow(sku, component, KIT, OURS, units, version, place)
    return kits


def _contradicting(kits: Kits, packs: PackSnapshot, refusals: Refusals) -> set[str]:
    """The kits that the catalogue or another kit contradicts."""
    sold = {row.sku: row.source for row in packs.rows}
    made = {row.sku for row in packs.rows if row.units_per_uom != 1 or row.base_sku != row.sku} | kits.keys()
    found = set()
    for sku, kit in kits.items():
        inside = next((row for component, row in kit.items() if component in made), None)
        if sku in sold:
            refusals.add(sku, sold[sku], "it is a kit and a pack at once")
        elif inside is not None:
            what = f"{inside.base_sku!r} is a kit or a pack itself; name what that is made of"
            refusals.add(sku, inside.source, "it holds a kit or a pack", what)
        else:
            continue
        found.add(sku)
    return found
