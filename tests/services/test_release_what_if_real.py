"""A what-if over three months of real orders: it explains its flips, in time and in bounded memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store.schema import migrate
from tests.services.real_orders import RELEASE, decided_quarter

CHECKOUT = Path(__file__).resolve().parents[2]
MOST_SECONDS, MOST_MEGABYTES = 30, 600
"""Processor seconds, as a busy machine stretches the wall clock; a minute by the clock is what is wanted."""
CODE = "quarter"
_RUN = """
import json, sys, time
from datetime import UTC, datetime
from pathlib import Path
from include.fulfilment.proposed import proposed_policy
from include.fulfilment.reports.what_if import write_what_if
from include.fulfilment.services.release_what_if import replay
from include.fulfilment.settings import load_site
from include.fulfilment.store.database import PostgresStore
from tests.fakes import FakeWarehouse
from tests.services.real_orders import UNTIL
url, sites, name, reports = sys.argv[1:]
site = load_site("quarter", Path(sites))
release = proposed_policy("quarter", name, Path(sites)) if name else site.release
candidate = site.model_copy(update={"release": release})
status = Path("/proc/self/status")
peak = lambda: int(status.read_text().partition("VmHWM:")[2].split()[0]) // 1024
before, start, cpu = peak(), time.perf_counter(), time.process_time()
warehouses = {site.warehouse.code: FakeWarehouse(lambda: UNTIL)}
found = replay(PostgresStore(url, "quarter"), site, warehouses, candidate, lambda site: {}, 91, lambda: UNTIL)
judged = time.perf_counter()
write_what_if(found, Path(reports), name.removesuffix(".yaml") or "present")
figures = {"seconds": time.perf_counter() - start, "judging": judged - start, "cpu": time.process_time() - cpu}
figures |= {"before_mb": before, "peak_mb": peak()}
figures |= {name: getattr(found, name) for name in ("orders", "decisions", "agreeing", "other_versions", "headline")}
totals = [[each.present, each.candidate, each.rule, each.orders, each.units_difference] for each in found.totals]
figures |= {"flips": len(found.flips), "explained": sum(bool(each.rules) for each in found.flips), "totals": totals}
print(json.dumps(figures))
"""


def what_if(url: str, folder: Path, name: str = "") -> dict[str, Any]:
    """The figures of one run, in a process of its own so that its memory is its own."""
    command = [sys.executable, "-c", _RUN, url, str(folder), name, str(folder / "reports")]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(CHECKOUT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(name or "present", json.dumps(found, indent=1))
    return found


@pytest.mark.e2e
def test_three_months_of_real_orders_are_judged_again_within_a_minute_and_every_flip_has_its_rule(
    shared_folder: Path, empty_database: str, tmp_path: Path
) -> None:
    migrate(empty_database)
    file = shared_folder / "data" / "orders" / "online_retail_2010-12_to_2011-09.parquet"
    orders, lines = decided_quarter(file, tmp_path, PostgresStore(empty_database, CODE), CODE)
    assert (orders > 4_000, lines > 100_000) == (True, True)
    same = what_if(empty_database, tmp_path)
    assert (same["flips"], same["orders"], same["agreeing"]) == (0, orders, orders)
    changed = {**RELEASE, "version": "quarter-2", "largest_order_gross": {"GBP": 1000}, "po_number": "always"}
    changed |= {"ship": "complete", "minimum_age_minutes": 60, "card_states": ["paid", "pending"]}
    (tmp_path / "release" / "next.yaml").write_text(yaml.safe_dump(changed), encoding="utf-8")
    other = what_if(empty_database, tmp_path, "next.yaml")
    assert other["flips"] == other["explained"] > 100
    for figures in (same, other):
        assert figures["cpu"] < MOST_SECONDS
        assert figures["peak_mb"] < MOST_MEGABYTES
