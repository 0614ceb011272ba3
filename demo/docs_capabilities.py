"""The page on what each system can do (docs/capabilities.md), made from what its adapter declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from importlib import import_module

from demo.docs_text import code, page, table
from include.fulfilment.adapters import registry, storefront, warehouse
from include.fulfilment.ports import SELDOM_CARRIED, CallRate, Capabilities, StorefrontCapabilities

_MEANINGS: Mapping[str, str] = {
    "idempotent_create": "refuses a second order under the same reference by itself",
    "find_by_ref": "finds an order by our reference",
    "finds_others": "finds an order that another route brought, by the shop's own number, with what it shipped",
    "update": "can change an order that it holds",
    "cancel": "cancels an order when asked: at once (sync), by a later confirmation (async), or not (none)",
    "partial_shipments": "sends an order in several shipments",
    "parcel_contents": "says what is in each parcel",
    "lots": "names the lots that it sent",
    "uom_on_line": "takes a line in packs, with the unit's code",
    "orders_changed_since": "tells what changed on orders since an instant",
    "stock_changed_since": "tells which stock changed since an instant",
    "webhook_proof": "how its webhooks prove where they come from",
    "deducts_at": "the step at which its stock figure drops by an order",
    "unsafe_gets": "some of its reads change something, so that none is repeated blindly",
    "bulk_create": "orders in one create call",
    "submit_concurrency": "orders that we send at the same time",
    "rate": "calls that it takes",
    "field_limits": "characters that it takes; 0: it cannot carry the field; the others: [mapping](mapping.md)",
    "progress": "shows on an order that its pick has begun",
    "webhooks": "sends its changes to the webhook door",
}


def capabilities_page() -> str:
    """What every adapter declares, a column each; the services choose the safe path by it."""
    warehouses = {name: registry.capabilities(name) for name in registry.dialects(warehouse)}
    shops = {name: _of_shop(name) for name in registry.dialects(storefront)}
    return page(
        "What each system can do",
        "An adapter never pretends: what its system cannot do is off here, and the services choose the safe path. "
        "`tests/contract` shows for each adapter that what is declared is what is observed.",
        "## Warehouses",
        _table(warehouses),
        "## Storefronts",
        "Each does all else that the port `Storefront` asks for.",
        _table(shops),
    )


def _of_shop(dialect: str) -> StorefrontCapabilities:
    declared: StorefrontCapabilities = import_module(f"{storefront.__name__}.{dialect}").CAPABILITIES
    return declared


def _table(declared: Mapping[str, Capabilities] | Mapping[str, StorefrontCapabilities]) -> str:
    head = ["Capability", "Meaning", *map(code, declared)]
    return table(head, ([code(name), _MEANINGS[name], *cells] for name, cells in _rows(list(declared.values()))))


def _rows(declared: Sequence[Capabilities | StorefrontCapabilities]) -> Iterator[tuple[str, list[str]]]:
    for each in fields(declared[0]):
        if each.name != "name":
            yield each.name, [_cell(getattr(of, each.name)) for of in declared]


def _limits(limits: Mapping[str, int]) -> str:
    short = {name: limit for name, limit in limits.items() if name not in SELDOM_CARRIED}
    return ", ".join(f"{name} {limit}" for name, limit in sorted(short.items())) or "no limits"


def _cell(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None:
            return "not known"
        case CallRate():
            return f"{value.calls} in {value.seconds:g} s ({value.kind})"
        case Mapping():
            return _limits(value)
    return str(value)
