"""The documents that are generated (`python -m demo.docs`), and whether they are in step with the code (`--check`).

Each is rendered from what runs: the DAG files, the tables of matters and causes, the domain's own functions, what
the adapters declare.
"""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from demo.docs_capabilities import capabilities_page
from demo.docs_dags import dags_page
from demo.docs_data import data_page
from demo.docs_mapping import mapping_page, site_schema
from demo.docs_matters import exceptions_page
from demo.docs_operations import operations_page
from demo.docs_policy import policy_page, policy_schema
from demo.docs_proofs import proofs_page
from demo.docs_states import states_page
from demo.environment import CHECKOUT
from demo.errors import DemoError

PAGES: Mapping[str, Callable[[], str]] = {
    "capabilities.md": capabilities_page,
    "dags.md": dags_page,
    "exceptions.md": exceptions_page,
    "data-dictionary.md": data_page,
    "operations.md": operations_page,
    "order-states.md": states_page,
    "mapping.md": mapping_page,
    "release-policy.md": policy_page,
    "schema/release-policy.json": policy_schema,
    "schema/site.json": site_schema,
    "stories-and-failures.md": proofs_page,
}
_SHOWN_LINES = 12


def stale(folder: Path, page: str, text: str) -> list[str]:
    """The first lines in which the file differs from what it should be; empty when it is in step."""
    file = folder / page
    kept = file.read_text(encoding="utf-8") if file.exists() else ""
    difference = difflib.unified_diff(kept.splitlines(), text.splitlines(), "as it is", "as it should be", lineterm="")
    return list(difference)[:_SHOWN_LINES]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or with `--check` say which are not in step; 1 if one is not."""
    parser = argparse.ArgumentParser(prog="python -m demo.docs", description="Writes the generated documents.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is not in step")
    options = parser.parse_args(arguments)
    # Importing Airflow makes its home folder: not in the person's own.
    os.environ["AIRFLOW_HOME"] = str(CHECKOUT / ".state" / "docs")
    folder, found = CHECKOUT / "docs", 0
    for page, render in PAGES.items():
        try:
            text = render()
        except DemoError as error:
            found += 1
            print(f"docs/{page} cannot be made: {error}")
            continue
        difference = stale(folder, page, text)
        if difference and options.check:
            found += 1
            print(f"docs/{page} is not in step with the code; run: python -m demo.docs", *difference, sep="\n  ")
        elif difference:
            (folder / page).write_text(text, encoding="utf-8")
            print(f"docs/{page} written")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
