"""Shows for one order what was found where, what the warehouse is told of it and what preflight says.

`python -m include.fulfilment.orchestration.mapping SITE ORDER`, on an Airflow host. Nothing is changed, and neither
shop nor warehouse is called: the order is as the store holds it since it was last read.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from include.fulfilment.errors import FulfilmentError


def main(arguments: Sequence[str] = ()) -> int:
    """Print the report; 1 with a reason where there is none."""
    from include.fulfilment.orchestration.wiring import open_store, open_warehouse, unheard
    from include.fulfilment.services.mapping_report import mapping_report
    from include.fulfilment.settings import load_site

    parser = argparse.ArgumentParser(prog="mapping", description=__doc__.splitlines()[0])
    parser.add_argument("site", help="the site's code")
    parser.add_argument("order", help="the order's number, with or without #, or our id of it")
    given = parser.parse_args(arguments)
    # This is a command on an Airflow host, not a task: connections kept in Airflow's own database count too.
    os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")
    try:
        site = load_site(given.site)
        store = open_store(site)
        for code, warehouse in site.warehouses.items():
            limits = open_warehouse(site, code, store, unheard).capabilities.field_limits
            print(f"As warehouse {code} is told:") if len(site.warehouses) > 1 else None
            print(*mapping_report(store, warehouse.target(limits), given.order), sep="\n")
    except FulfilmentError as error:
        print(f"mapping: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
