"""Random schedules of orders, runs and what goes wrong with them, judged from outside."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from demo.errors import DemoError
from demo.prove.crash import WAREHOUSES, prove_crash
from demo.prove.crash_plan import CrashFigures
from demo.prove.mutants import try_mutants
from demo.prove.report import Figures, story
from demo.prove.workers import Field, Worker, opened, played
from demo.prove.yard import DIALECTS


def main(arguments: Sequence[str] | None = None) -> int:
    """Prove what was named; 0 only if no schedule did harm and every mutant was caught."""
    options = _options(arguments)
    if options.name == "crash":
        return _crash(options)
    figures = Figures(options.name, options.seed, options.warehouse)
    began = time.monotonic()
    with opened() as field:
        if options.mutants:
            figures.mutants = try_mutants(field, lambda words: print(words, flush=True))
        else:
            _play(field, options, figures)
    figures.seconds = time.monotonic() - began
    return _told(figures, options.json)


def _told(figures: Figures | CrashFigures, file: Path | None) -> int:
    for line in figures.lines():
        print(line)
    if file:
        file.write_text(json.dumps(figures.as_json(), indent=1) + "\n", encoding="utf-8")
    return 0 if figures.good else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/prove", description=__doc__)
    parser.add_argument(
        "name",
        choices=["release", "crash"],
        help="release: order release in one process, on a clock of its own, with faults and aborts; crash: the demo's "
        "stack with real Airflow, whose processes are killed (about half a minute a schedule)",
    )
    parser.add_argument("--schedules", type=int, metavar="N", help="how many (default: release 100, crash 20)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="draws them (default: %(default)s)")
    parser.add_argument("--warehouse", choices=sorted(DIALECTS), default="shipbob", help="default: %(default)s")
    alone = parser.add_argument_group("of release alone")
    alone.add_argument("--only", type=int, metavar="K", help="play schedule K alone and tell its story")
    alone.add_argument("--mutants", action="store_true", help="instead: break the product on purpose, and be caught")
    alone.add_argument("--first-harm", action="store_true", help="end at the first harm that the checker sees")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    options = parser.parse_args(arguments)
    if options.name == "crash":
        if options.only is not None or options.mutants or options.first_harm:
            parser.error("crash plays its schedules on one stack, as it is: leave --only, --mutants, --first-harm out")
        if options.warehouse not in WAREHOUSES:
            parser.error(f"crash works with {', '.join(WAREHOUSES)}")
    options.schedules = options.schedules or {"release": 100, "crash": 20}[options.name]
    return options


def _crash(options: argparse.Namespace) -> int:
    try:
        figures = prove_crash(options.schedules, options.seed, options.warehouse, partial(print, flush=True))
    except DemoError as error:
        print(f"bin/prove: {error}", file=sys.stderr)
        return 1
    return _told(figures, options.json)


def _play(field: Field, options: argparse.Namespace, figures: Figures) -> None:
    if options.only is not None:
        worker = Worker(field, options.warehouse, options.seed)
        outcome = worker.play(options.only)
        figures.add(outcome)
        print("\n".join(outcome.story))
        worker.close()
    else:
        for outcome in played(field, options.warehouse, options.seed, range(options.schedules)):
            figures.add(outcome)
            if figures.schedules % 50 == 0:
                print(f"{figures.schedules} of {options.schedules}", flush=True)
            if options.first_harm and outcome.harm.keys() - {"broke"}:
                return
    if figures.harmed and not options.first_harm:
        first = figures.harmed[0]
        worker = Worker(field, options.warehouse, options.seed)
        shortest = worker.shortest(first.number)
        worker.close()
        replay = f"bin/prove release --seed {options.seed} --warehouse {options.warehouse} --only {first.number}"
        print("\n".join(story(shortest if shortest.harm else first, replay)))


if __name__ == "__main__":
    sys.exit(main())
