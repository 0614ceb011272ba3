"""A warehouse order as a 940, warehouse shipping order.

| ours | theirs |
|---|---|
| external_ref, PO number | W05-02, W05-03 |
| consignee | N1*ST to PER: company in N1, the person in N2; a province of other than two letters in N4-06 with SP |
| requested date, not before, cancel after | G62 with the profile's qualifiers |
| mark for; company with its location | N1 with the profile's codes, the location in N2 |
| sales rep, carrier account, VAT number | N9 with the profile's qualifiers |
| instructions | NTE with the profile's code, wrapped at words into segments of 80 characters |
| service | W66: the service itself as routing; carrier, payer and method as the site says, else from the profile |
| line id, SKU, quantity | N9*LI, W01-05 under the profile's first qualifier, W01-01 in the unit W01-02 |

Product titles are not sent: the warehouse knows its products, and 45 characters would cut them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from include.fulfilment.adapters.warehouse.x12.compose import Unsendable
from include.fulfilment.adapters.warehouse.x12.profile import Profile, Service
from include.fulfilment.adapters.warehouse.x12.segments import Fault
from include.fulfilment.domain.order import Address
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.mapping.units import SINGLE, unit_code
from include.fulfilment.ports import carries

SCHEME = "x12"
NOTE_LENGTH, MOST_NOTES = 80, 20
FIELD_LIMITS: Mapping[str, int] = {
    "po_number": 22,
    "instructions": NOTE_LENGTH * MOST_NOTES // 2,  # wrapped at words, two neighbours fill at least one segment
    "ship_to.name": 60,
    "ship_to.address1": 55,
    "ship_to.city": 30,
    "ship_to.postcode": 15,
}
PARTY_LENGTH, REFERENCE_LENGTH, SCAC_LENGTH = 60, 30, 4


def field_limits(dates: Collection[str], parties: Collection[str], references: Collection[str]) -> dict[str, int]:
    """The limits of every field, where a partner takes these dates, parties and references."""
    told = {**dict.fromkeys(parties, PARTY_LENGTH), **dict.fromkeys(references, REFERENCE_LENGTH)}
    if "company" in parties:
        told["company_location"] = PARTY_LENGTH
    return {**carries("carrier", "payer", "mode", *dates, *told), **FIELD_LIMITS, **told, "carrier": SCAC_LENGTH}


FIELDS: Mapping[str, str] = {
    "W0502": "external_ref",
    "W0503": "po_number",
    "N102": "ship_to.company, or ship_to.name where there is none; or company, company_location or mark_for",
    "N201": "ship_to.name or company_location",
    "N301": "ship_to.address1",
    "N302": "ship_to.address2",
    "N401": "ship_to.city",
    "N402": "ship_to.province",
    "N403": "ship_to.postcode",
    "N404": "ship_to.country_code",
    "N406": "ship_to.province",
    "PER04": "ship_to.phone",
    "NTE02": "instructions",
    "W6605": "shipping_service",
    "W0101": "quantity of a line",
    "W0102": "unit of a line",
    "W0105": "sku of a line",
    "N902": "line id, or sales_rep, carrier_account, vat_number or eori_number",
    "W6601": "payer",
    "W6610": "carrier",
}
"""Which of our fields an element of the 940 carries."""
Lines = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SentLine:
    """A line as it was sent: `unit` is the code written, of `units` base units each."""

    sku: str
    base_quantity: int
    unit: str
    units: int

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, for the journal."""
        return asdict(self)


def unit_of(profile: Profile, uom: str) -> str:
    """The partner's code for our unit: the profile's, or the standard's. Raises DataError for a unit without one."""
    return profile.units.get(uom) or unit_code(SCHEME, uom)


def sent_lines(order: WarehouseOrder, profile: Profile, line_unit: Literal["base", "pack"]) -> dict[str, SentLine]:
    """How each line is sent, by line id: in packs where that was agreed and the line is whole packs."""
    return {line.line_id: _sent(line, profile, line_unit) for line in order.lines}


def order_segments(order: WarehouseOrder, lines: Mapping[str, SentLine], profile: Profile, status: str) -> Lines:
    """The segments of the 940. `status` is W05-01: N for the first sending, T when it is sent again after doubt,
    R when it takes the place of what was sent."""
    segments: Lines = [("W05", status, order.external_ref, order.po_number)]
    segments += _consignee(order.ship_to)
    segments.append(("N1", "WH", "", "91", profile.location))
    segments += _parties(order, profile)
    segments += [("N9", code, text) for name, code in profile.references.items() if (text := getattr(order, name))]
    segments += _days(order, profile)
    segments += [("NTE", profile.instructions, line) for line in note_lines(order.instructions)]
    segments.append(_carriage(order, profile))
    return segments + _line_segments(lines, profile)


def _line_segments(lines: Mapping[str, SentLine], profile: Profile) -> Lines:
    segments: Lines = []
    for number, (line_id, line) in enumerate(lines.items(), start=1):
        quantity = str(line.base_quantity // line.units)
        segments.append(("LX", str(number)))
        segments.append(("W01", quantity, line.unit, "", profile.product_ids[0], line.sku))
        segments.append(("N9", "LI", line_id))
    segments.append(("W76", str(sum(line.base_quantity // line.units for line in lines.values()))))
    return segments


def cancel_segments(ref: str, po_number: str, lines: Mapping[str, SentLine], profile: Profile) -> Lines:
    """The segments of the 940 that cancels an order (W05-01 F): its lines again, as they were sent."""
    segments: Lines = [("W05", "F", ref, po_number), ("N1", "WH", "", "91", profile.location)]
    return segments + _line_segments(lines, profile)


def _parties(order: WarehouseOrder, profile: Profile) -> Lines:
    segments: Lines = []
    for name, code in profile.parties.items():
        location = order.company_location if name == "company" else ""
        names = [text for text in (getattr(order, name), location) if text]
        if names:
            segments.append(("N1", code, names[0]))
            segments += [("N2", each) for each in names[1:]]
    return segments


def _days(order: WarehouseOrder, profile: Profile) -> Lines:
    days = [(profile.requested_date, order.requested_on)]
    days += [(code, getattr(order, name)) for name, code in profile.dates.items()]
    return [("G62", code, f"{day:%Y%m%d}") for code, day in days if day is not None]


def _carriage(order: WarehouseOrder, profile: Profile) -> tuple[str, ...]:
    """W66. Raises Unsendable where no code was agreed for who pays, or for a parcel or pallet."""
    service = profile.services.get(order.shipping_service, Service())
    payment = profile.payments.get(order.payer, "") if order.payer else service.payment
    method = profile.methods.get(order.mode, "") if order.mode else service.method
    for number, code, said in ((1, payment, order.payer), (2, method, order.mode)):
        if not code:
            words = f"no code for {said.value!r} was agreed with the warehouse"
            raise Unsendable(Fault("W66", number, words, code="1", fatal=True))
    return ("W66", payment, method, "", "", order.shipping_service, "", "", "", "", order.carrier or service.scac)


def field_of(place: str) -> str:
    """Our field in an element, as a person should look for it."""
    return FIELDS.get(place, place)


def note_lines(text: str) -> list[str]:
    """The instructions in lines of at most 80 characters, none lost: a line break begins a new one, as does a word that
    does not fit; only a word longer than a line is divided.

    Raises:
        Unsendable: they are longer than what twenty segments surely hold.
    """
    found: list[str] = []
    for line in text.splitlines():
        found += textwrap.wrap(line, NOTE_LENGTH, break_on_hyphens=False)
    limit = FIELD_LIMITS["instructions"]
    if len(text) > limit or len(found) > MOST_NOTES:
        words = f"{len(text)} characters in {len(found)} segments; {limit} in {MOST_NOTES} are sure to fit"
        raise Unsendable(Fault("NTE", 2, words, code="5", fatal=True))
    return found


def _sent(line: WarehouseOrderLine, profile: Profile, line_unit: Literal["base", "pack"]) -> SentLine:
    in_packs = line_unit == "pack" and line.whole_packs > 0
    uom, units = (line.uom, line.units_per_uom) if in_packs else (SINGLE, 1)
    return SentLine(line.base_sku, line.base_quantity, unit_of(profile, uom), units)


def _consignee(to: Address) -> Lines:
    province = to.province if len(to.province) == 2 else ""
    other = ("SP", to.province) if to.province and not province else ("", "")
    segments: Lines = [("N1", "ST", to.company or to.name)]
    if to.company and to.name:
        segments.append(("N2", to.name))
    if to.address1 or to.address2:
        segments.append(("N3", *(each for each in (to.address1, to.address2) if each)))
    segments.append(("N4", to.city, province, to.postcode, to.country_code, *other))
    if to.phone:
        segments.append(("PER", "DC", "", "TE", to.phone))
    return segments
