"""The command `bin/new-warehouse`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from demo.environment import CHECKOUT
from demo.errors import DemoError
from demo.scaffold.writing import planned, write

_NEXT = """
Now what the two generated pages say of it, and the list of what is left, in the order in which to write it:
  PYTHONPATH=. .venv/bin/python -m demo.docs
  bin/test tests/contract/test_warehouses.py -k {name} --tb=line
The way through that list, from one that was done: docs/adding-a-warehouse.md"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the dialect's files; 2 with a reason, and nothing written, where that cannot be."""
    parser = argparse.ArgumentParser(
        prog="bin/new-warehouse",
        description="Writes a new warehouse dialect with everything off and nothing answered yet: adapter, sandbox, "
        "tests, bench for the port's checks, connection type. The checks then say what is left to do.",
    )
    parser.add_argument("name", help="the dialect's name: a small letter, then small letters or digits, 20 at most")
    name = parser.parse_args(arguments).name
    try:
        files = planned(CHECKOUT, name)
    except DemoError as error:
        sys.stderr.write(f"bin/new-warehouse: {error}\n")
        return 2
    write(CHECKOUT, files)
    print(*(f"{'changed' if each.there else 'written'}  {each.path}" for each in files), sep="\n")
    print(_NEXT.format(name=name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
