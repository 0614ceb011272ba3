"""Unit codes with their scheme: the same two letters mean a case in one list and a can in another.

Sources: X12 data element 355; UN/ECE Recommendation 20 (units) and 21 (packages: X21 is written before the code there);
ShipBob API 2026-01, `quantity_unit_of_measure_code`. Ours stand in the pack catalogue's column `uom`.
"""

from __future__ import annotations

from collections.abc import Mapping

from include.fulfilment.errors import DataError

SINGLE = "EA"
OURS = "ours"
"""The scheme of our own units."""

_CODES: Mapping[str, Mapping[str, str]] = {
    OURS: {each: each for each in (SINGLE, "INNER", "CASE", "PALLET")},
    "x12": {SINGLE: "EA", "INNER": "IP", "CASE": "CA", "PALLET": "PL"},
    "unece20": {SINGLE: "EA"},
    "unece21": {"CASE": "CS", "PALLET": "PX"},
    "shipbob": {SINGLE: "EA", "INNER": "INP", "CASE": "CS", "PALLET": "PL"},
}
# What a scheme also says for the same thing; read, never written.
_READ: Mapping[str, Mapping[str, str]] = {
    "x12": {"UN": SINGLE, "PC": SINGLE, "CS": "CASE"},  # 355: UN unit, PC piece, CS case
    "unece20": {"C62": SINGLE, "H87": SINGLE},  # one; piece
}

SCHEMES = tuple(sorted(_CODES))


def unit_code(scheme: str, uom: str) -> str:
    """How `scheme` writes our unit. Raises DataError when it has no code for it."""
    code = _codes(scheme).get(uom)
    if code is None:
        raise DataError(f"unit {uom!r} has no code in the scheme {scheme!r}; send it in single units", uom)
    return code


def internal_uom(scheme: str, code: str) -> str:
    """Our unit for a code of `scheme`. Raises DataError for a code that is not known there: none is guessed."""
    for uom, theirs in _codes(scheme).items():
        if theirs == code:
            return uom
    found = _READ.get(scheme, {}).get(code)
    if found is None:
        raise DataError(f"unit code {code!r} is not known in the scheme {scheme!r}; ask the sender what it means", code)
    return found


def _codes(scheme: str) -> Mapping[str, str]:
    if scheme not in _CODES:
        raise DataError(f"unit scheme {scheme!r} is not known; known: {', '.join(sorted(_CODES))}", scheme)
    return _CODES[scheme]
