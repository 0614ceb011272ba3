"""Which adapter speaks which dialect: the package of that name under `warehouse/` or `storefront/`.

A new dialect is one more package with `connect(given: Connecting)`, and `CAPABILITIES` for a warehouse; nothing here or
elsewhere names it. Where the cheapest call of its port changes something, it has a `probe(given: Connecting)` as well.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType

from include.fulfilment.adapters import storefront, warehouse
from include.fulfilment.adapters.connecting import Connecting
from include.fulfilment.errors import ConfigError
from include.fulfilment.ports import Capabilities, Storefront, Warehouse

_NO_ORDER, _NO_REFERENCE = "0", "TEST0"  # neither is ever given to an order


def make_storefront(given: Connecting) -> Storefront:
    """One of the site's shops. Raises ConfigError when the dialect is unknown or its connection lacks what it needs."""
    made: Storefront = _dialect(storefront, given.storefront.dialect, given.storefront_field).connect(given)
    return made


def make_warehouse(given: Connecting) -> Warehouse:
    """One of the site's warehouses. Raises ConfigError when the dialect is unknown or its connection lacks what it
    needs."""
    made: Warehouse = _dialect(warehouse, given.warehouse_site.dialect, given.warehouse_field).connect(given)
    return made


def probe_storefront(given: Connecting) -> None:
    """Ask the shop something that changes nothing. Raises what the call or `connect` raises."""
    dialect = _dialect(storefront, given.storefront.dialect, given.storefront_field)
    if hasattr(dialect, "probe"):
        dialect.probe(given)
    else:
        dialect.connect(given).read_shop_orders([_NO_ORDER])


def probe_warehouse(given: Connecting) -> None:
    """Ask the warehouse something that changes nothing. Raises what the call or `connect` raises."""
    dialect = _dialect(warehouse, given.warehouse_site.dialect, given.warehouse_field)
    if hasattr(dialect, "probe"):
        dialect.probe(given)
    else:
        dialect.connect(given).find([_NO_REFERENCE])


def capabilities(dialect: str) -> Capabilities:
    """What a warehouse of this dialect can do. Raises ConfigError when it is unknown."""
    declared: Capabilities = _dialect(warehouse, dialect, "warehouse").CAPABILITIES
    return declared


def dialects(room: ModuleType) -> list[str]:
    """The dialects in `adapters.warehouse` or `adapters.storefront`, by name."""
    return sorted(each.name for each in pkgutil.iter_modules(room.__path__) if each.ispkg)


def _dialect(room: ModuleType, name: str, field: str) -> ModuleType:
    known = dialects(room)
    if name not in known:
        raise ConfigError(f"{field}.dialect {name!r} is unknown; known: {', '.join(known)}; correct the site file")
    return import_module(f"{room.__name__}.{name}")
