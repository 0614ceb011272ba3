"""docs/mapping.md and docs/schema/site.json: where a site's orders keep their details, from the models that read it."""

from __future__ import annotations

import json

from demo.docs_text import code, page, table
from include.fulfilment.adapters import registry, warehouse
from include.fulfilment.domain.preflight import BY_DEFAULT, DESTINATIONS, LABELS
from include.fulfilment.mapping.extract import DEFAULT_PLACES
from include.fulfilment.settings import site_file_schema
from include.fulfilment.site_mapping import MappingSection, PlaceEntry, ShippingSite

_INTRO = """SparkLayer has no fixed key for PO number, dates or instructions: the merchant names the checkout fields.
The section `mapping` of the site file says where they are; without it the places below count. An error names file, line
and field. [The schema](schema/site.json) describes the whole site file to editors.

`python -m include.fulfilment.orchestration.mapping SITE ORDER` (in this checkout `bin/mapping SITE ORDER`) shows for
one order what was found where, which other places had something, what the warehouse takes, and what preflight says.

A change is tried on real orders first: copy the site file to `<name>.next.yaml` beside it, which no run reads, change
it there and start [`release_what_if`](dags.md#release_what_if) with `site_file`. It may also have other `services`,
`carry`, `field_limits` and `domestic_countries` of a warehouse, and name another policy.

Places count as the order was read: after a change here, an order that was read before keeps what was found until the
shop changes it, or a person corrects it on the desk."""
_EXAMPLE = """```yaml
mapping:
  po_number:
    - metafield: order.custom.po_number
    - note_pattern: "PO {value} /*"
  mark_for:
    - line_property: _store
  carrier_account:
    - metafield: company_location.shipping.account
  date_formats: ["%Y-%m-%d", "%d/%m/%Y"]
warehouse:
  services:
    Standard delivery: standard
    On our account: {service: economy, carrier: DHLE, payer: customer_account, mode: pallet}
  carry:
    mark_for: carry in instructions
    sales_rep: not needed
    vat_number: required
  domestic_countries: [GB]
```"""
_TWICE = """The first place that has something wins. Where another place names a different PO number or date, the order
is held `details_disagree`: a person says which counts, by correcting it or by lifting the hold. Case, blanks and the
form of a date make no difference. Of other details it is shown where else something stands."""
_CARRY = """Under `warehouse.carry`, per field: `required`, `not needed`, or `carry in <field>` ({places}), where
it stands as a line of its own with its name before it. A field that the warehouse lacks and that is not declared holds
the order `field_not_carried`; too long is `field_too_long`, required and empty `field_missing`; nothing is ever cut.
`not needed` still tells a warehouse that has the field. {by_default} are `not needed` unless declared, because the
release itself keeps to them. VAT number, EORI number and customs value count only where the goods leave
`domestic_countries`; with none given they never do. What a warehouse has a field for can depend on what was agreed with
it (`options`)."""


def mapping_page() -> str:
    """The whole page."""
    return page(
        "Where an order keeps its details",
        _INTRO,
        _EXAMPLE,
        "## Details",
        table(("Field", "Meaning", "Places without it"), _details()),
        _TWICE,
        "## Places",
        table(("Place", "What it is"), _described(PlaceEntry)),
        "## Shipping methods",
        "`warehouse.services`: the shop's shipping method → the service, or these fields. What is not there is held "
        "`shipping_method_unmapped`; an account that pays and is not known holds `carrier_account_missing`.",
        table(("Field", "Meaning"), _described(ShippingSite)),
        "## What each warehouse can be told",
        _CARRY.format(places=", ".join(map(code, DESTINATIONS)), by_default=" and ".join(map(code, BY_DEFAULT))),
        _limits(),
    )


def site_schema() -> str:
    """JSON Schema of the site file, for editors."""
    return json.dumps(site_file_schema(), indent=2) + "\n"


def _details() -> list[tuple[str, str, str]]:
    rows = []
    for name, about in MappingSection.model_fields.items():
        places = "; ".join(code(str(place)) for place in DEFAULT_PLACES.get(name, ())) or "none"
        default = code(", ".join(about.default)) if name == "date_formats" else places
        rows.append((code(name), about.description or "", default))
    return rows


def _described(model: type[PlaceEntry] | type[ShippingSite]) -> list[tuple[str, str]]:
    return [(code(name), about.description or "") for name, about in model.model_fields.items()]


def _limits() -> str:
    limits = {name: registry.capabilities(name).field_limits for name in registry.dialects(warehouse)}
    rows = [(code(field), *(_limit(each.get(field)) for each in limits.values())) for field in LABELS]
    return table(("Field", *map(code, limits)), rows)


def _limit(limit: int | None) -> str:
    return "yes" if limit is None else "no" if limit == 0 else f"{limit} characters"
