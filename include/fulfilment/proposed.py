"""Files that lie beside a site's own to be tried out: another release policy, or another form of the site file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from include.fulfilment.errors import ConfigError
from include.fulfilment.release_policy import ReleasePolicyFile, read_proposed_policy
from include.fulfilment.settings import PROPOSED, Site, load_site, read_site

POLICY_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}\.yaml$"
SITE_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}\.next\.yaml$"
TRIED, TRIED_OF_WAREHOUSES = ("mapping", "release"), ("services", "carry", "field_limits", "domestic_countries")
"""What a proposed site file may have otherwise than the site's own, of the site and of each warehouse."""


def proposed_policy(code: str, name: str, folder: Path | None = None) -> ReleasePolicyFile:
    """A policy that lies beside the site's own, to be tried out; nobody need have agreed to it. Raises ConfigError for
    a name that is not that of a file in that folder, and naming line and field of what is wrong in it."""
    own = load_site(code, folder).release_file
    if not re.fullmatch(POLICY_NAME, name):
        raise ConfigError(f"policy {name!r}: give the bare name of a file beside {own.name}, like release-next.yaml")
    return read_proposed_policy(_beside(own, name, f"policy {name!r}", "*.yaml", code))


def proposed_site(code: str, name: str, folder: Path | None = None) -> Site:
    """A site file that lies beside the site's own, to be tried out: another mapping, other words to the warehouses,
    another policy. Raises ConfigError for a name that is not that of a proposed file in that folder, for what is wrong
    in it, and where it also has something otherwise that a what-if does not try."""
    site = load_site(code, folder)
    own = site.file
    if not re.fullmatch(SITE_NAME, name):
        raise ConfigError(
            f"site file {name!r}: give the bare name of a file beside {own.name} that ends in {PROPOSED}, "
            f"like {own.stem}{PROPOSED}"
        )
    candidate = read_site(_beside(own, name, f"site file {name!r}", f"*{PROPOSED}", code), read_proposed_policy)
    ours, theirs = _not_tried(site), _not_tried(candidate)
    if other := [each for each in ours if ours[each] != theirs[each]]:
        raise ConfigError(
            f"site file {name}: {', '.join(other)} must be as in {own.name}; a what-if tries {', '.join(TRIED)}, and "
            f"of a warehouse {', '.join(TRIED_OF_WAREHOUSES)}"
        )
    return candidate


def _not_tried(site: Site) -> dict[str, Any]:
    stated = site.model_dump(exclude=set(TRIED))
    for warehouse in (stated["warehouse"], *stated["more_warehouses"]):
        for name in TRIED_OF_WAREHOUSES:
            del warehouse[name]
    return stated


def _beside(own: Path, name: str, what: str, others: str, code: str) -> Path:
    """The file of that name in the folder of a site's `own` one, and no link to elsewhere."""
    file = own.with_name(name)
    if not file.is_file() or file.resolve().parent != own.resolve().parent:
        there = ", ".join(sorted(each.name for each in own.parent.glob(others))) or "none"
        raise ConfigError(f"{what} is no file beside {own.name} of site {code}; there: {there}")
    return file
