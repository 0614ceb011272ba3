"""ShipHero's ids: base64 of `Order:310000001`; some fields hold the bare number (`legacy_id`) as text instead."""

from __future__ import annotations

import base64
import binascii

ACCOUNT, WAREHOUSE = 6334, 7145


def gid(kind: str, number: int) -> str:
    """Return the global id of record `number` of the type `kind`."""
    return base64.b64encode(f"{kind}:{number}".encode()).decode()


def number_in(kind: str, value: str) -> int | None:
    """Return the number of an id of the type `kind`, global or bare, or None for any other text."""
    if value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    try:
        found, _, number = base64.b64decode(value, validate=True).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        return None
    return int(number) if found == kind and number.isdigit() and len(number) < 19 else None
