"""`bin/demo`: sets everything up, runs the main job on real Airflow, and stays up until stopped."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import FrameType

from demo.environment import Folders
from demo.errors import DemoError
from demo.stack import Stack, StackOptions
from demo.storefronts import STOREFRONTS
from demo.warehouses import WAREHOUSES
from include.fulfilment.errors import FulfilmentError

_CHECK_SECONDS = 0.5
_MAX_PORT = 65535
_STOPPED_BY_SIGNAL = 128
_STOPPED_BY_KEYBOARD = _STOPPED_BY_SIGNAL + signal.SIGINT


def parser() -> argparse.ArgumentParser:
    """The command line of `bin/demo`."""
    wanted = argparse.ArgumentParser(
        prog="bin/demo",
        description="Sets up Airflow, a storefront and a warehouse on this machine, runs orders through them.",
    )
    wanted.add_argument("--once", action="store_true", help="run, verify every figure, stop; exit 0 only if all agree")
    wanted.add_argument(
        "--orders", type=Path, metavar="FILE", help="orders in the Online Retail format (.csv, .parquet)"
    )
    wanted.add_argument("--limit", type=_count, metavar="N", help="only the first N orders that load")
    wanted.add_argument("--warehouse", choices=WAREHOUSES, default="tryton", help="the warehouse to work with")
    wanted.add_argument("--storefront", choices=tuple(STOREFRONTS), default="shopify", help="what SparkLayer stands on")
    wanted.add_argument("--port", type=_port, metavar="N", help="port of the Airflow UI (default: a free one)")
    wanted.add_argument("--json", type=_new_file, metavar="FILE", help="write the figures there")
    return wanted


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; with --once, 0 only if every check of the run holds."""
    options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    # A proxy set for the internet must not get the calls to our own servers.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
        filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1,localhost"])
    )
    # Only now: --help and a wrong argument should answer at once.
    from demo import story
    from demo.orders import read_orders

    begun = time.monotonic()
    try:
        read = read_orders(options.orders, options.limit)  # first: a file that cannot be used must cost nothing
        orders = STOREFRONTS[options.storefront].judged(read)
        folders = Folders()
        progress = story.progress_of(options, folders)
        sites = {"FULFILMENT_SITES": str(folders.state / "sites")}
        wanted = StackOptions(options.warehouse, options.storefront, options.port, sites, folders)
        with Stack(wanted, before_start=partial(story.prepare, progress, folders)) as stack:
            print(f"Everything is up after {time.monotonic() - begun:.0f} s", flush=True)
            code = story.run(stack, orders, options.json, progress)
            if options.once:
                return code
            _stay_up(stack)
    except KeyboardInterrupt:
        print("Stopped.")
        return _STOPPED_BY_KEYBOARD if options.once else 0
    except (DemoError, FulfilmentError) as error:
        print(f"bin/demo: {error}", file=sys.stderr)
        return 1
    return 0


def _stay_up(stack: Stack) -> None:
    login = f"login admin, password {stack.passwords['admin']}"
    print(f"\nAirflow is at {stack.ui_url} ({login}). Stop with Ctrl-C.", flush=True)
    while True:
        stack.check()
        time.sleep(_CHECK_SECONDS)


def _end(number: int, _frame: FrameType | None) -> None:
    """Leave by the ordinary way, so that everything is stopped."""
    sys.exit(_STOPPED_BY_SIGNAL + number)


def _count(text: str) -> int:
    value = _whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of orders")
    return value


def _port(text: str) -> int:
    value = _whole(text)
    if not 1 <= value <= _MAX_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not a port")
    return value


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a number") from None


def _new_file(text: str) -> Path:
    """A file that can be written at the end of the run, which is too late to find out."""
    file = Path(text)
    if os.access(file, os.F_OK):
        if file.is_dir():
            raise argparse.ArgumentTypeError(f"{text} is a folder; give a file")
        if not os.access(file, os.W_OK):
            raise argparse.ArgumentTypeError(f"{text} cannot be written; choose another file")
    elif not os.access(file.parent, os.W_OK | os.X_OK) or not file.parent.is_dir():
        raise argparse.ArgumentTypeError(f"the folder {file.parent} does not exist or cannot be written")
    return file


if __name__ == "__main__":
    sys.exit(main())
