"""Every place of a Shopify order in which a merchant may keep a detail, handed over once to the mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from include.fulfilment.adapters.storefront.fields import Fields, Json
from include.fulfilment.adapters.storefront.shopify.order_queries import Asked
from include.fulfilment.mapping.places import RawFields

LONGEST, _NAME = 20_000, 255  # characters we keep at most; Shopify's own bounds are lower or equal


def raw_fields(order: Fields, attributes: Mapping[str, str], lines: Sequence[Json], asked: Asked) -> RawFields:
    """The places of one order, of which `attributes` were read before."""
    buyer = order.inside("purchasingEntity")
    owners = {
        "order": order,
        "customer": order.inside("customer"),
        "company": buyer.inside("company"),
        "company_location": buyer.inside("location"),
    }
    metafields = {
        each: owners[each.partition(".")[0]].inside(asked.alias(each)).text("value", LONGEST)
        for each in asked.metafields
    }
    return RawFields(
        shop_fields={
            "po_number": order.text("poNumber", _NAME),
            "company": owners["company"].text("name", _NAME),
            "company_location": owners["company_location"].text("name", _NAME),
            "tax_number": owners["company_location"].inside("taxSettings").text("taxRegistrationId", _NAME),
        },
        note=order.text("note", LONGEST),
        note_attributes=attributes,
        line_properties=_properties(order, lines) if asked.line_properties else {},
        metafields=metafields,
    )


def _properties(order: Fields, lines: Sequence[Json]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for number, line in enumerate(lines, start=1):
        raw = line.get("customAttributes") if isinstance(line, dict) else None
        for each in raw if isinstance(raw, list) else []:
            one = Fields(each, f"a property of line {number}", order.problems)
            found.setdefault(one.text("key", _NAME), []).append(one.text("value", LONGEST))
    return found
