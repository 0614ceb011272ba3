"""The set-up command of operations: `python -m include.fulfilment.orchestration.setup`; run it again at any time.

Brings the store's schema up to date, creates the Airflow pools and checks every site's connections. With `--webhooks`
it also makes every shop that can send its webhooks to the webhook door at that address. Prints one line a step; exits 1
and says what to do when a step fails.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from include.fulfilment.errors import ConfigError, FulfilmentError

if TYPE_CHECKING:
    from include.fulfilment.settings import Site

POOLS: Mapping[str, tuple[int, str]] = {
    "storefront": (2, "Tasks that call the storefront"),
    "warehouse": (2, "Tasks that call the warehouse"),
}


def main(arguments: Sequence[str] = ()) -> int:
    """Run every step in order; stop at the first that fails."""
    from include.fulfilment.orchestration.wiring import connection, store_url
    from include.fulfilment.settings import load_sites
    from include.fulfilment.store.schema import migrate

    parser = argparse.ArgumentParser(prog="python -m include.fulfilment.orchestration.setup", description=__doc__)
    parser.add_argument("--webhooks", metavar="URL", help="where the webhook door is reached: https://door.example")
    door = parser.parse_args(arguments).webhooks
    # This is a command on an Airflow host, not a task: connections kept in Airflow's own database count too.
    os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")
    try:
        sites = load_sites()
        print(f"sites: {', '.join(sites)}")
        before, after = migrate(store_url())
        print(f"store: schema {after}" + ("" if before == after else f", was {before or 'empty'}"))
        for site in sites.values():
            _check_agreements(site)
            conn_ids = (*map(site.storefront_conn_id, site.storefronts), *map(site.warehouse_conn_id, site.warehouses))
            for conn_id in conn_ids:
                print(f"connection {conn_id}: {connection(conn_id).base_url}")
        create_pools()
        if door is not None:
            subscribe(sites.values(), door)
    except FulfilmentError as error:
        print(f"set-up stopped: {error}", file=sys.stderr)
        return 1
    return 0


def _check_agreements(site: Site) -> None:
    """What reading the site file leaves to the first run: public holidays, and the sources of credit and packs."""
    from include.fulfilment.orchestration.sources import open_credit, open_packs
    from include.fulfilment.orchestration.wiring import unheard

    site.policy()
    open_credit(site, {}, unheard)
    open_packs(site, unheard)


def create_pools() -> None:
    """Create or update the pools through Airflow's own command, which an Airflow host always has."""
    wanted = {
        name: {"slots": slots, "description": words, "include_deferred": False}
        for name, (slots, words) in POOLS.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pools.json"
        file.write_text(json.dumps(wanted), encoding="utf-8")
        done = subprocess.run(  # noqa: S603 - our own interpreter and a file of ours
            [sys.executable, "-m", "airflow", "pools", "import", str(file)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise ConfigError(f"Airflow's pools can't be created: {' '.join(last)}; run this where `airflow` works")
    print(f"pools: {', '.join(POOLS)}")


def subscribe(sites: Iterable[Site], door: str) -> None:
    """Make every shop that sends webhooks send them to this door. Raises what `Storefront.subscribe` raises."""
    from include.fulfilment.orchestration.wiring import wired

    for site in sites:
        with wired(site.code) as rooms:
            for code, storefront in rooms.storefronts.items():
                name = f"webhooks {site.storefront_conn_id(code)}"
                if not storefront.capabilities.webhooks:
                    print(f"{name}: this shop sends none")
                    continue
                address = f"{door.rstrip('/')}/webhooks/{site.storefronts[code].dialect}/{site.code}"
                new = storefront.subscribe(address)
                print(f"{name}: {len(new)} new to {address}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
