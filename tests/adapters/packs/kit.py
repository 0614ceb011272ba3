"""A pack catalogue as the site file describes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from include.fulfilment.adapters.packs import connect
from include.fulfilment.ports import PackSnapshot
from include.fulfilment.settings import load_site
from tests.adapters.tables.kit import Database, tools

HEAD = "sku,base,unit,units,inner,version\n"


def options(**changes: Any) -> dict[str, Any]:
    """A CSV of X12 unit codes."""
    given: dict[str, Any] = {
        "source": {"kind": "file", "path": "packs.csv"},
        "as_of": {"by": "file_time"},
        "columns": {"sku": "sku", "base_sku": "base", "uom": "unit", "units": "units"},
        "units": {"scheme": "x12"},
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def read(folder: Path, database: Database | None = None, **changes: Any) -> PackSnapshot:
    """One reading of the catalogue in this folder."""
    return connect(options(**changes), tools(folder, database), load_site("demo")).read()


def problems(snapshot: PackSnapshot) -> list[tuple[str, str]]:
    """What could not be used, in words."""
    return [(each.subject, each.words) for each in snapshot.problems]


def meanings(snapshot: PackSnapshot) -> list[tuple[str, str, int, str]]:
    """Each row as (SKU, unit, base units, base SKU)."""
    return [(each.sku, each.uom, each.units_per_uom, each.base_sku) for each in snapshot.rows]
