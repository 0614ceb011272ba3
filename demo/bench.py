"""Measurements of single things (`bin/bench NAME`)."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from demo.environment import CHECKOUT, base_environment
from demo.errors import DemoError
from include.fulfilment.errors import FulfilmentError

HEAVY = ("pandas", "psycopg", "psycopg2", "requests", "aiohttp")
"""Modules that parsing a DAG must not load beyond what `import airflow.sdk` itself loads."""
_RUNS = 7
_MEASURED = """
import json, runpy, sys, time
import airflow.sdk
before = set(sys.modules)
start = time.perf_counter()
for file in sys.argv[1:]:
    runpy.run_path(file)
print(json.dumps({"seconds": time.perf_counter() - start, "modules": sorted(set(sys.modules) - before)}))
"""


def parse(_orders: Path | None) -> dict[str, object]:
    """The wall seconds that importing all DAG files adds to `import airflow.sdk`, and the heavy modules they load.

    Each run is a fresh process; the figure is the median, after one run that leaves the byte code.
    """
    files = [str(file) for file in sorted((CHECKOUT / "dags").glob("*.py"))]
    _, modules = _import(files)
    seconds = [_import(files)[0] for _ in range(_RUNS)]
    return {
        "extra_seconds": round(statistics.median(seconds), 3),
        "dag_files": len(files),
        "heavy_modules": sorted(set(HEAVY) & modules),
    }


def _import(files: Sequence[str]) -> tuple[float, set[str]]:
    """The seconds that the files took in a fresh process, and the modules they loaded."""
    environment = base_environment() | {"AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    environment["AIRFLOW_HOME"] = str(CHECKOUT / ".state" / "bench")
    command = [sys.executable, "-P", "-c", _MEASURED, *files]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(f"a DAG file cannot be imported:\n{done.stderr[-2000:]}")
    answer = json.loads(done.stdout.splitlines()[-1])
    return float(answer["seconds"]), set(answer["modules"])


def release(orders: Path | None) -> dict[str, object]:
    """How much of a warehouse's call limit a release uses, and how fast it is on Airflow without one.

    Beside it a plain DAG of one mapped task an order makes the same orders. Takes half an hour on two cores.
    """
    from demo.bench_release.run import measure  # not for `parse`: it loads the store and the adapters

    return measure(orders)


BENCHES: dict[str, Callable[[Path | None], dict[str, object]]] = {"parse": parse, "release": release}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was named, print the figures and, if asked, write them as JSON."""
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measures one thing and prints its figures.")
    parser.add_argument(
        "name", choices=sorted(BENCHES), help="; ".join(f"{n}: {_headline(b)}" for n, b in BENCHES.items())
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write name, machine, command and figures there")
    parser.add_argument(
        "--orders", type=Path, metavar="FILE", help="orders in the Online Retail format (.csv, .parquet) for `release`"
    )
    options = parser.parse_args(arguments)
    try:
        figures = BENCHES[options.name](options.orders)
    except (DemoError, FulfilmentError) as error:
        print(f"bin/bench: {error}", file=sys.stderr)
        return 1
    for name, value in figures.items():
        print(f"{name}: {value}")
    if options.json:
        report = {
            "name": options.name,
            "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}",
            "command": f"bin/bench {options.name}" + (f" --orders {options.orders.name}" if options.orders else ""),
            "figures": figures,
        }
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


def _headline(bench: Callable[[Path | None], dict[str, object]]) -> str:
    return (bench.__doc__ or "").partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
