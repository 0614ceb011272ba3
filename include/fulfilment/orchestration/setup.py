"""The set-up command of operations: `python -m include.fulfilment.orchestration.setup`; run it again at any time.

Brings the store's schema up to date, creates the Airflow pools and checks every site's connections. Prints one line a
step; exits 1 and says what to do when a step fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from include.fulfilment.errors import ConfigError, FulfilmentError

POOLS: Mapping[str, tuple[int, str]] = {
    "storefront": (2, "Tasks that call the storefront"),
    "warehouse": (2, "Tasks that call the warehouse"),
}


def main() -> int:
    """Run every step in order; stop at the first that fails."""
    from include.fulfilment.orchestration.wiring import connection, store_url
    from include.fulfilment.settings import load_sites
    from include.fulfilment.store.schema import migrate

    # This is a command on an Airflow host, not a task: connections kept in Airflow's own database count too.
    os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")
    try:
        sites = load_sites()
        print(f"sites: {', '.join(sites)}")
        before, after = migrate(store_url())
        print(f"store: schema {after}" + ("" if before == after else f", was {before or 'empty'}"))
        for site in sites.values():
            for conn_id in (site.storefront_conn_id, site.warehouse_conn_id):
                print(f"connection {conn_id}: {connection(conn_id).base_url}")
        create_pools()
    except FulfilmentError as error:
        print(f"set-up stopped: {error}", file=sys.stderr)
        return 1
    return 0


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


if __name__ == "__main__":
    sys.exit(main())
