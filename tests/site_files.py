"""Sites as their files: what a person would write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

CREDIT = {"kind": "shop", "contains": "invoices_only", "max_age_hours": 24}
PACK_COLUMNS = ("sku", "uom", "base_sku", "units_per_uom", "version")


def pack_file(path: Path) -> dict[str, Any]:
    """The section of a pack catalogue in this file, of the columns above."""
    columns = {name: name for name in PACK_COLUMNS if name != "units_per_uom"} | {"units": "units_per_uom"}
    source = {"kind": "file", "path": str(path), "settle_seconds": 0}
    return {"source": source, "as_of": {"by": "file_time"}, "columns": columns}


def write_site(folder: Path, site: Mapping[str, Any], name: str = "site") -> Path:
    """Write a site and, beside it, its release policy into files of their own; answers the site's."""
    policy = folder / "release" / f"{name}.yaml"
    policy.parent.mkdir(parents=True, exist_ok=True)
    policy.write_text(yaml.safe_dump(site["release"]), encoding="utf-8")
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump({**site, "release": f"release/{name}.yaml"}), encoding="utf-8")
    return file
