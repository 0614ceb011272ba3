"""The rules of a release decision that look at what the warehouse is told: it is whole, fits and means something."""

from __future__ import annotations

from include.fulfilment.domain.preflight import goods_value, tell
from include.fulfilment.domain.release_case import ReleaseCase, Rule, RuleResult, Surroundings, passed_or


def record_usable(case: ReleaseCase, _: Surroundings) -> RuleResult:
    """The shop's record could be read whole."""
    problems = "; ".join(case.order.problems)
    return passed_or("record_usable", not problems, "order_malformed", problems=problems or "none")


def details_agree(case: ReleaseCase, _: Surroundings) -> RuleResult:
    """Where two places of the order name different PO numbers or dates, a person says which of them counts."""
    inputs: dict[str, str] = {}
    for found in case.order.details.disagreements():
        inputs |= {found.field: found.place}
        inputs |= {f"{found.field} in {place}": value for place, value in found.elsewhere}
    return RuleResult("details_agree", not inputs, inputs, "details_disagree" if inputs else "")


def fits_target(case: ReleaseCase, around: Surroundings) -> RuleResult:
    """Everything each warehouse of the order needs is there and fits its fields; nothing is ever cut."""
    fields, value = 0, goods_value(case.order)
    for target in around.targets(case):
        told = tell(case.order, target, value)
        if told.code:
            return RuleResult("fits_target", False, told.evidence, told.code)
        fields = max(fields, sum(bool(text) for text in told.values.values()))
    return RuleResult("fits_target", True, {"fields": str(fields)})


def address(case: ReleaseCase, _: Surroundings) -> RuleResult:
    """Nobody can deliver without a name, a street, a town and a country (ISO 3166-1; ZZ means unknown)."""
    to = case.order.ship_to
    country = to.country_code if to.country_code != "ZZ" else ""
    needed = {"name or company": to.name or to.company, "street": to.address1, "town": to.city, "country": country}
    missing = ", ".join(name for name, value in needed.items() if not value.strip())
    return passed_or("address", not missing, "address_incomplete", missing=missing or "nothing")


def shipping_service(case: ReleaseCase, around: Surroundings) -> RuleResult:
    """The shop's shipping method means something at each warehouse of the order, and where somebody else's account pays
    the carrier, its number is known."""
    method = case.order.shipping_method
    inputs, missing = {"method": method}, False
    for target in around.targets(case):
        carriage = target.services.get(method)
        if carriage is None:
            return RuleResult("shipping_method", False, {"method": method or "none"}, "shipping_method_unmapped")
        inputs |= {"paid by": carriage.payer.value} if carriage.payer else {}
        missing = missing or (carriage.payer.needs_account and not case.order.details.carrier_account)
    return RuleResult("shipping_method", not missing, inputs, "carrier_account_missing" if missing else "")


PREFLIGHT: tuple[Rule, ...] = (record_usable, fits_target, address, shipping_service)
"""What must hold of an order before the warehouse is told it as it is now."""
