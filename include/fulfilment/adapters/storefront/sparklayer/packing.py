"""Moving shipped units of a purchase into a package of their own, without changing what the purchase adds up to.

Works on a copy of the purchase as it was read. A package that leaves whole keeps its identity and only changes its
type; from one that leaves in part, a new one is made with its address and everything else that stands on it. Money that
stands for a whole line is divided with the units, the rounding staying with what is left; carriage stays where it was.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from include.fulfilment.adapters.storefront.fields import decimal_of
from include.fulfilment.adapters.storefront.sparklayer.purchase import items_of, units_of

Json = Any
LineIdOf = Callable[[Mapping[str, Json]], str]
_OWN = ("identifiers", "line_items", "shipments", "accounting_files")


def units_open(packages: Sequence[Json], line_id_of: LineIdOf) -> dict[str, int]:
    """Units per line id in these packages."""
    found: dict[str, int] = {}
    for item in (item for package in packages for item in items_of(package) if isinstance(item, dict)):
        line_id = line_id_of(item)
        found[line_id] = found.get(line_id, 0) + units_of(item)
    return found


def take_out(
    packages: list[Json], is_open: Callable[[Json], bool], wanted: Mapping[str, int], line_id_of: LineIdOf
) -> list[dict[str, Json]]:
    """Takes the wanted units out of the open packages, which must hold them, into one package; answers the packages
    that now hold them: those that were emptied, as they are, or a new one, placed before the one it was taken from."""
    left = dict(wanted)
    taken: list[tuple[dict[str, Json], list[Json]]] = []
    emptied: list[dict[str, Json]] = []
    for package in [each for each in packages if is_open(each)]:
        pieces, rest = _part(items_of(package), left, line_id_of)
        if pieces and rest:
            package["line_items"] = rest
            taken.append((package, pieces))
        elif pieces:
            emptied.append(package)
    if taken and emptied:
        emptied[0]["line_items"] += [piece for _, pieces in taken for piece in pieces]
    elif taken:
        source = taken[0][0]
        made = _like(source, [piece for _, pieces in taken for piece in pieces])
        packages.insert(next(index for index, each in enumerate(packages) if each is source), made)
        return [made]
    return emptied


def _part(items: Sequence[Json], left: dict[str, int], line_id_of: LineIdOf) -> tuple[list[Json], list[Json]]:
    """(pieces taken, pieces that stay); `left` is lowered by what was taken."""
    taken: list[Json] = []
    stays: list[Json] = []
    for item in items:
        line_id = line_id_of(item) if isinstance(item, dict) else ""
        units = min(left.get(line_id, 0), units_of(item)) if line_id else 0
        if not units:
            stays.append(item)
            continue
        left[line_id] -= units
        piece, rest = _split(item, units)
        taken.append(piece)
        stays += [rest] if rest else []
    return taken, stays


def _split(item: dict[str, Json], units: int) -> tuple[Json, Json | None]:
    whole = units_of(item)
    if units == whole:
        return item, None
    piece, rest = copy.deepcopy(item), copy.deepcopy(item)
    piece["quantity"], rest["quantity"] = units, whole - units
    for own, others in zip(_totals(piece), _totals(rest), strict=True):
        total = decimal_of(own["number"])
        if total is not None:
            share = (total * units / whole).quantize(_step(total), ROUND_HALF_UP)
            own["number"], others["number"] = f"{share:f}", f"{total - share:f}"
    return piece, rest


def _totals(item: Mapping[str, Json]) -> list[dict[str, Json]]:
    """The amounts of a piece that stand for all its units: its line total and the tax on it."""
    line_total, taxes = item.get("line_total"), item.get("tax_lines")
    found = list(line_total.values()) if isinstance(line_total, dict) else []
    found += [each.get("amount") for each in taxes if isinstance(each, dict)] if isinstance(taxes, list) else []
    return [each for each in found if isinstance(each, dict) and "number" in each]


def _step(total: Decimal) -> Decimal:
    """Money is divided to the penny, or finer where the amount is finer."""
    exponent = total.as_tuple().exponent
    return Decimal(1).scaleb(min(-2, exponent if isinstance(exponent, int) else -2))


def _like(source: Mapping[str, Json], pieces: list[Json]) -> dict[str, Json]:
    """A package of its own for these pieces: as its source, without what belongs to that one alone."""
    made = {name: copy.deepcopy(value) for name, value in source.items() if name not in _OWN}
    made["identifiers"], made["line_items"], made["shipments"] = {}, pieces, []
    if "accounting_files" in source:
        made["accounting_files"] = []
    method = made.get("shipping_method")
    if isinstance(method, dict):
        for amount in _totals(method):
            amount["number"] = "0.00"
    return made
