"""Sites as their files: what a person would write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml


def write_site(folder: Path, site: Mapping[str, Any], name: str = "site") -> Path:
    """Write a site and, beside it, its release policy into files of their own; answers the site's."""
    policy = folder / "release" / f"{name}.yaml"
    policy.parent.mkdir(parents=True, exist_ok=True)
    policy.write_text(yaml.safe_dump(site["release"]), encoding="utf-8")
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump({**site, "release": f"release/{name}.yaml"}), encoding="utf-8")
    return file
