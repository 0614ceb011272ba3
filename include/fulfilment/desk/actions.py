"""What a visitor may do about an order's hold, in words, and what was decided about it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from include.fulfilment.domain.correction import FACTOR
from include.fulfilment.domain.hold_decision import CORRECTABLE, correctors, decider
from include.fulfilment.domain.hold_matters import HOLDS, LIFTABLE
from include.fulfilment.domain.matter import Team
from include.fulfilment.store.desk_rows import OrderRows, VerdictRow

LABELS = {
    "po_number": "PO number",
    "adopts": "Adopt the warehouse's order (its reference there)",
    "instructions": "Instructions",
    "requested_on": "Requested day (2026-11-26)",
    "not_before_on": "Not before (2026-11-26)",
    "cancel_after_on": "Cancel after (2026-11-26)",
    "shipping_method": "Shipping method",
    "mark_for": "Mark for",
    "company": "Buyer's company",
    "company_location": "Buyer's location",
    "sales_rep": "Sales rep",
    "carrier_account": "Account that pays the carrier",
    "vat_number": "VAT number",
    "eori_number": "EORI number",
    "ship_to.name": "Delivery name",
    "ship_to.company": "Delivery company",
    "ship_to.address1": "Street",
    "ship_to.address2": "Street, second line",
    "ship_to.city": "Town",
    "ship_to.province": "County or state",
    "ship_to.postcode": "Postcode",
    "ship_to.country_code": "Country (GB)",
    "ship_to.phone": "Phone",
}


@dataclass(frozen=True, slots=True)
class Actions:
    """`lift` and `correct` say whether this visitor may; `deciders` and `correctors` who may. `fields` are (field,
    label) of what a correction for the warehouse can end this hold with. `after` is the newest verdict seen."""

    code: str
    liftable: bool
    lift: bool
    decider: Team
    fields: tuple[tuple[str, str], ...]
    correct: bool
    correctors: tuple[Team, ...]
    version: str
    after: int
    verdicts: tuple[VerdictRow, ...]


def view_actions(rows: OrderRows, teams: Collection[Team]) -> Actions | None:
    """What can be done about what holds the order now; None where nothing is to be decided."""
    code = rows.head.reason
    fields = tuple(_fields(rows, code))
    if code not in HOLDS or not (code in LIFTABLE or fields):
        return None
    may = correctors(fields[0][0], code) if fields else frozenset()
    now = [each for each in rows.verdicts if each.code == code and each.version == rows.head.version and each.counts]
    return Actions(
        code=code,
        liftable=code in LIFTABLE,
        lift=decider(code) in teams,
        decider=decider(code),
        fields=fields,
        correct=bool(may & set(teams)),
        correctors=tuple(sorted(may)),
        version=rows.head.version,
        after=max((each.decision_id for each in now), default=0),
        verdicts=rows.verdicts,
    )


def _fields(rows: OrderRows, code: str) -> list[tuple[str, str]]:
    found = []
    for field in CORRECTABLE.get(code, ()):
        if field == FACTOR:
            found += [(FACTOR + each.line_id, f"Units per pack of {each.sku or each.title}") for each in rows.lines]
        else:
            found.append((field, LABELS.get(field, field)))
    return found
