"""What every dialect declares that it sends."""

from __future__ import annotations

from importlib import import_module

from include.fulfilment.adapters import registry, storefront, warehouse
from include.fulfilment.adapters.operations import Operations


def declared() -> dict[str, Operations]:
    """The operations by dialect: warehouses, then storefronts. Raises ModuleNotFoundError for a dialect without."""
    return {
        dialect: import_module(f"{room.__name__}.{dialect}.operations").OPERATIONS
        for room in (warehouse, storefront)
        for dialect in registry.dialects(room)
    }
