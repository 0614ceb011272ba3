"""What the warehouse is told of an order, field by field: everything that it needs fits its fields, or a person is
asked. Nothing is ever cut or left out unless it was declared so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from include.fulfilment.domain.carriage import Carriage
from include.fulfilment.domain.order import SalesOrder

REQUIRED, NOT_NEEDED, CARRY_IN = "required", "not needed", "carry in "
LABELS: Mapping[str, str] = {
    "po_number": "PO number",
    "instructions": "Instructions",
    "requested_on": "Requested delivery date",
    "not_before_on": "Not before",
    "cancel_after_on": "Cancel after",
    "mark_for": "Mark for",
    "company": "Company",
    "company_location": "Company location",
    "sales_rep": "Sales rep",
    "carrier": "Carrier",
    "payer": "Freight paid by",
    "carrier_account": "Carrier account",
    "mode": "Load",
    "vat_number": "VAT number",
    "eori_number": "EORI number",
    "customs_value": "Customs value",
}
"""Every field that a site can declare, and what stands before its value where another field carries it."""
DESTINATIONS = ("instructions", "ship_to.company", "ship_to.address2")
"""Fields that can carry others."""
BY_DEFAULT: Mapping[str, str] = {"not_before_on": NOT_NEEDED, "cancel_after_on": NOT_NEEDED}
"""The release itself keeps to these dates, so a warehouse that cannot be told them loses nothing."""


@dataclass(frozen=True, slots=True)
class Target:
    """The warehouse as an order meets it: characters per field (0: it cannot carry the field), shop's shipping method →
    carriage, what the site declares per field, and countries that no customs paper is needed for (none given: for no
    country at all)."""

    field_limits: Mapping[str, int]
    services: Mapping[str, Carriage]
    declared: Mapping[str, str] = field(default_factory=dict)
    domestic: frozenset[str] = frozenset()

    def declaration(self, name: str) -> str:
        """`required`, `not needed` or `carry in <field>`; empty where nothing was declared."""
        return self.declared.get(name, BY_DEFAULT.get(name, ""))

    def is_abroad(self, order: SalesOrder) -> bool:
        """Whether the goods cross a customs border."""
        return bool(self.domestic) and order.ship_to.country_code.upper() not in self.domestic


@dataclass(frozen=True, slots=True)
class Told:
    """The texts as the warehouse is told them, by field. With a `code` it is told nothing: `evidence` says why."""

    values: Mapping[str, str]
    code: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)


def goods_value(order: SalesOrder) -> Decimal:
    """Net value of all goods of the order in its currency, without carriage."""
    return sum((line.price * line.quantity for line in order.lines), Decimal(0))


def stated(order: SalesOrder, target: Target, value: Decimal) -> dict[str, str]:
    """Every field that applies to the order, as text; `value` is that of the goods that cross a border."""
    carriage, details = target.services.get(order.shipping_method, Carriage("")), order.details
    found = {
        "po_number": order.po_number,
        "instructions": order.instructions,
        "requested_on": order.requested_on.isoformat() if order.requested_on else "",
        "not_before_on": order.not_before_on.isoformat() if order.not_before_on else "",
        "cancel_after_on": order.cancel_after_on.isoformat() if order.cancel_after_on else "",
        "mark_for": details.mark_for,
        "company": details.company,
        "company_location": details.company_location,
        "sales_rep": details.sales_rep,
        "carrier": carriage.carrier,
        "payer": carriage.payer.value,
        "mode": carriage.mode.value,
    }
    if carriage.payer.needs_account:
        found["carrier_account"] = details.carrier_account
    if target.is_abroad(order):
        found |= {"vat_number": details.vat_number, "eori_number": details.eori_number}
        found["customs_value"] = f"{value:.2f} {order.currency}"
    return found | {f"ship_to.{name}": text for name, text in asdict(order.ship_to).items()}


def tell(order: SalesOrder, target: Target, value: Decimal) -> Told:
    """What the warehouse is told of the order, or why not."""
    values = stated(order, target, value)
    riders: dict[str, list[str]] = {}
    for name, text in list(values.items()):
        declared = target.declaration(name)
        if not text:
            if declared == REQUIRED:
                return Told(values, "field_missing", {"field": name})
        elif declared.startswith(CARRY_IN):
            riders.setdefault(declared.removeprefix(CARRY_IN), []).append(name)
        elif declared == NOT_NEEDED and target.field_limits.get(name) == 0:
            values[name] = ""
    for place, names in riders.items():
        values[place] = _together(place, values, names)
        values |= dict.fromkeys(names, "")
    return _fitting(values, target, riders)


def _together(place: str, values: Mapping[str, str], names: list[str]) -> str:
    carried = [f"{LABELS[name]}: {values[name]}" for name in names]
    return ("\n" if place == "instructions" else ", ").join([text for text in (values[place], *carried) if text])


def _fitting(values: Mapping[str, str], target: Target, riders: Mapping[str, list[str]]) -> Told:
    for name, limit in target.field_limits.items():
        text = values.get(name, "")
        if len(text) <= limit:
            continue
        carried = {"carries": ", ".join(riders[name])} if name in riders else {}
        if limit == 0:
            return Told(values, "field_not_carried", {"field": name, **carried})
        return Told(values, "field_too_long", {"field": name, "length": str(len(text)), "limit": str(limit), **carried})
    return Told(values)
