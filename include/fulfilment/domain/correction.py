"""What a person tells the warehouse in place of what the shop says. The shop's order itself is never touched."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields, replace
from datetime import date
from typing import Any

from include.fulfilment.domain.details import TEXTS as DETAILS
from include.fulfilment.domain.order import Address, SalesOrder
from include.fulfilment.domain.quantity import Proof, Refusal
from include.fulfilment.domain.warehouse_order import is_our_reference
from include.fulfilment.errors import DataError

FACTOR = "factor:"
"""A line's confirmed base units per pack: the field is this and the line's id."""
_DAYS = ("requested_on", "not_before_on", "cancel_after_on")
_TEXTS = ("po_number", "instructions", "shipping_method")
_ADDRESS = tuple(f"ship_to.{field.name}" for field in fields(Address))
ADOPTS = "adopts"
"""The reference under which the warehouse holds the order already: nothing is sent, and its shipments count."""
FIELDS = (*_TEXTS, *_DAYS, *DETAILS, *_ADDRESS, ADOPTS)
MOST_UNITS = 1_000_000
LONGEST_REFERENCE = 100


@dataclass(frozen=True, slots=True)
class Correction:
    """What counts in place of the shop's value, and who said so. `instead_of` is what the shop said then (see
    `shop_says`): once it says something else there, that counts. None: it counts whatever the shop says."""

    value: str
    person: str
    instead_of: str | None = None


def check_correction(order: SalesOrder, field: str, value: str) -> None:
    """Raises DataError when the order has no such field, or the value cannot stand there."""
    line_id = field.removeprefix(FACTOR)
    if field.startswith(FACTOR) and line_id in {line.line_id for line in order.lines}:
        if not (value.isascii() and value.isdigit() and 0 < int(value) <= MOST_UNITS):
            raise DataError(f"order {order.name}: {value!r} is no number of base units; give one like 12", order.name)
    elif field in _DAYS:
        try:
            date.fromisoformat(value)
        except ValueError:
            raise DataError(f"order {order.name}: {value!r} is no day; write it as 2026-11-26", order.name) from None
    elif field == ADOPTS:
        if len(value) > LONGEST_REFERENCE or not value.isprintable() or value != value.strip() or "," in value:
            what = f"{value[:LONGEST_REFERENCE]!r} is no reference of one order; copy it from the warehouse"
            raise DataError(f"order {order.name}: {what}", order.name)
        if is_our_reference(value):
            raise DataError(f"order {order.name}: {value!r} is a reference of ours, not of another route", order.name)
    elif field not in FIELDS:
        known = ", ".join((*FIELDS, f"{FACTOR}<line id>"))
        raise DataError(f"order {order.name}: {field!r} cannot be corrected; known: {known}", order.name)


def shop_says(order: SalesOrder, field: str) -> str | None:
    """A digest of what the shop says where a correction of this field stands: of an address all of it, because half of
    one and half of another are no address, and where its places disagree all that they say. None for what is not the
    shop's to say: a reference there, a pack."""
    if field in _ADDRESS:
        said = "\n".join(map(str, astuple(order.ship_to)))
    elif field in DETAILS:
        said = str(getattr(order.details, field))
    elif field in (*_TEXTS, *_DAYS):
        said = str(getattr(order, field))
    else:
        return None
    said += "".join(f"\n{each}" for each in order.details.disagreements() if each.field == field)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def counting(order: SalesOrder, corrections: Mapping[str, Correction]) -> dict[str, Correction]:
    """The corrections that the shop has not overtaken."""
    return {
        field: each
        for field, each in corrections.items()
        if each.instead_of is None or each.instead_of == shop_says(order, field)
    }


def corrected(order: SalesOrder, corrections: Mapping[str, Correction]) -> SalesOrder:
    """The order as the warehouse is to be told it: by the shop, and by the corrections that still count."""
    corrections = counting(order, corrections)
    if not corrections:
        return order
    changed: dict[str, Any] = {}
    address: dict[str, str] = {}
    details: dict[str, str] = {}
    for field, correction in corrections.items():
        if field in _DAYS:
            changed[field] = date.fromisoformat(correction.value)
        elif field in _ADDRESS:
            address[field.removeprefix("ship_to.")] = correction.value
        elif field in DETAILS:
            details[field] = correction.value
        elif field in _TEXTS:
            changed[field] = correction.value
    changed["details"] = replace(order.details.settled(corrections), **details)  # type: ignore[arg-type]
    return replace(order, ship_to=replace(order.ship_to, **address), **changed)


def confirmed_factor(proof: Proof | Refusal, correction: Correction | None) -> Proof | Refusal:
    """The proof with the factor that a person confirmed for this line; what could not be proven stays refused."""
    if correction is None or isinstance(proof, Refusal):
        return proof
    source = f"confirmed by {correction.person}; {proof.source}"
    return replace(proof, units_per_uom=int(correction.value), source=source)
