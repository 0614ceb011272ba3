"""The demo's site: its site file and pack catalogue, written for each run beside its other state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from demo.orders_packs import write_pack_catalogue
from demo.orders_shape import SHIPPING_METHODS
from demo.orders_types import PackCatalogueRow

SITE = "demo"
LARGEST_LINE_BASE = 20_000
POLICY: Mapping[str, Any] = {
    "version": "demo-1",
    "demo": True,
    "card_states": ["paid"],
    "largest_line_base": LARGEST_LINE_BASE,
    "backorder": "keep",
}


CREDIT: Mapping[str, Any] = {"kind": "shop", "contains": "placed_orders", "max_age_hours": 24}
PACKS: Mapping[str, Any] = {
    "source": {"kind": "file", "path": "packs.csv", "settle_seconds": 0},
    "as_of": {"by": "file_time"},
    "columns": {
        "sku": "sku",
        "base_sku": "base_sku",
        "uom": "uom",
        "scheme": "uom_scheme",
        "units": "units_per_uom",
        "version": "version",
    },
    "units": {"words": {"BX": "CASE"}},
}


def write_site(
    folder: Path,
    packs: Sequence[PackCatalogueRow],
    storefront: Mapping[str, Any],
    warehouse: str,
    particular: Mapping[str, Any],
) -> Path:
    """Write `demo.yaml`, `packs.csv` and the release policy into `folder`; answers the site file. `storefront` is its
    section of the site file; `warehouse` names code and dialect alike, `particular` is what only this one
    needs."""
    folder.mkdir(parents=True, exist_ok=True)
    write_pack_catalogue(packs, folder / "packs.csv")
    site = {
        "code": SITE,
        "timezone": "Europe/London",
        "storefront": dict(storefront),
        "warehouse": {
            "code": warehouse,
            "dialect": warehouse,
            "field_limits": {"po_number": 35, "instructions": 2_000},
            "services": {method: method.split()[0].lower() for method in SHIPPING_METHODS},
            **particular,
        },
        "credit": dict(CREDIT),
        "packs": dict(PACKS),
        "release": "release/demo.yaml",
        "drift": {"settling_minutes": 0},
        "teams": {
            team: ["admin", "finance" if team == "finance" else "operations"]
            for team in ("operations", "finance", "customer_service", "ecommerce", "master_data")
        },
    }
    _write(folder / "release" / f"{SITE}.yaml", POLICY)
    file = folder / f"{SITE}.yaml"
    _write(file, site)
    return file


def _write(file: Path, content: Mapping[str, Any]) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(yaml.safe_dump(dict(content), sort_keys=False), encoding="utf-8")
