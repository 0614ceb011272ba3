"""`bin/prove release`: random schedules of orders, runs, faults and aborts, judged from outside."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from demo.prove.mutants import try_mutants
from demo.prove.report import Figures, story
from demo.prove.workers import Field, Worker, opened, played
from demo.prove.yard import DIALECTS


def main(arguments: Sequence[str] | None = None) -> int:
    """Prove what was named; 0 only if no schedule did harm and every mutant was caught."""
    options = _options(arguments)
    figures = Figures(options.name, options.seed, options.warehouse)
    began = time.monotonic()
    with opened() as field:
        if options.mutants:
            figures.mutants = try_mutants(field, lambda words: print(words, flush=True))
        else:
            _play(field, options, figures)
    figures.seconds = time.monotonic() - began
    for line in figures.lines():
        print(line)
    if options.json:
        options.json.write_text(json.dumps(figures.as_json(), indent=1) + "\n", encoding="utf-8")
    return 0 if figures.good else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/prove", description=__doc__)
    parser.add_argument("name", choices=["release"], help="order release: the right orders, complete, once")
    parser.add_argument("--schedules", type=int, default=100, metavar="N", help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="draws them (default: %(default)s)")
    parser.add_argument("--warehouse", choices=sorted(DIALECTS), default="shipbob", help="default: %(default)s")
    parser.add_argument("--only", type=int, metavar="K", help="play schedule K alone and tell its story")
    parser.add_argument("--mutants", action="store_true", help="instead: break the product on purpose, and be caught")
    parser.add_argument("--first-harm", action="store_true", help="end at the first harm that the checker sees")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    return parser.parse_args(arguments)


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
