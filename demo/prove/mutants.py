"""Breaks a copy of the shipped code on purpose, one patch at a time, and sees whether the checker notices.

A patch is a file of `tests/mutants`: a sentence on what it breaks, the line `warehouse: DIALECT` on whose sandbox it
shows, then a unified diff.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.environment import CHECKOUT, base_environment
from demo.errors import DemoError
from demo.prove.checker import HARM
from demo.prove.workers import STORE_VARIABLE, Field, played

PATCHES = CHECKOUT / "tests" / "mutants"
_COPIED = ("include", "demo")
_MOST = 100
"""Schedules that a mutant is tried with, if it is not caught before."""
_SEED = 1


@dataclass(frozen=True)
class Mutant:
    """One patch: what it breaks, where it shows, and the new text of each file that it changes."""

    name: str
    breaks: str
    warehouse: str
    files: dict[str, str]


def read_mutants(names: tuple[str, ...] = ()) -> list[Mutant]:
    """Every patch, or those named, applied in memory to the checkout. Raises DemoError when one does not apply."""
    files = sorted(PATCHES.glob("*.patch"))
    return [_read(file) for file in files if not names or file.stem in names]


def _read(file: Path) -> Mutant:
    text = file.read_text(encoding="utf-8")
    head, _, diff = text.partition("--- a/")
    warehouse = re.search(r"^warehouse: (\w+)$", head, re.MULTILINE)
    if warehouse is None:
        raise DemoError(f"{file.name} does not say on which warehouse it shows; add a line 'warehouse: shipbob'")
    changed = dict(_patched(file.name, part) for part in f"--- a/{diff}".split("--- a/")[1:])
    return Mutant(file.stem, head.partition("\nwarehouse:")[0].strip(), warehouse[1], changed)


def _patched(patch: str, diff: str) -> tuple[str, str]:
    """(path, new text) of one file's part of a unified diff. A hunk goes where its old lines stand, by their text alone
    and exactly once, so that a change elsewhere in the file doesn't spoil the patch."""
    path, *rest = diff.splitlines()
    text = (CHECKOUT / path.strip()).read_text(encoding="utf-8")
    for hunk in _hunks(rest):
        old = "".join(f"{line[1:]}\n" for line in hunk if line[:1] in (" ", "-"))
        new = "".join(f"{line[1:]}\n" for line in hunk if line[:1] in (" ", "+"))
        if text.count(old) != 1:
            raise DemoError(
                f"{patch} does not fit {path.strip()} any more: {text.count(old)} places have its old lines"
            )
        text = text.replace(old, new)
    return path.strip(), text


def _hunks(lines: list[str]) -> Iterator[list[str]]:
    hunk: list[str] = []
    for line in lines:
        if line.startswith("@@ "):
            if hunk:
                yield hunk
            hunk = []
        elif not line.startswith("+++ "):
            hunk.append(line or " ")
    yield hunk


def try_mutants(field: Field, say: Callable[[str], None], names: tuple[str, ...] = ()) -> dict[str, str]:
    """By mutant, the kinds of harm that gave it away in a schedule that does none to the code as it is; nothing where
    it was not noticed. A run that only `broke` gives nothing away: a crash needs no checker."""
    tried, caught = read_mutants(names), {}
    harmed = {}
    for mutant in tried:
        number, kinds = harmed[mutant.name] = _harm(mutant, field)
        say(f"{mutant.name}: {', '.join(kinds) + f' in schedule {number}' if kinds else 'no harm seen'}")
    for warehouse in sorted({mutant.warehouse for mutant in tried}):
        here = [mutant for mutant in tried if mutant.warehouse == warehouse]
        numbers = sorted({harmed[mutant.name][0] for mutant in here if harmed[mutant.name][1]})
        unsound = {each.number for each in played(field, warehouse, _SEED, numbers) if each.harm}
        for mutant in here:
            number, kinds = harmed[mutant.name]
            by = caught[mutant.name] = "" if number in unsound else ", ".join(kinds)
            if not by:
                say(f"{mutant.name}: NOT CAUGHT")
    return caught


def _harm(mutant: Mutant, field: Field) -> tuple[int, list[str]]:
    """The first schedule in which the mutant does harm that the checker sees, and the kinds of it."""
    with tempfile.TemporaryDirectory(prefix="mutant-", dir=field.folder) as folder:
        copy = Path(folder)
        for part in _COPIED:
            shutil.copytree(CHECKOUT / part, copy / part)  # with what is compiled, which holds by the files' times
        for path, text in mutant.files.items():
            (copy / path).write_text(text, encoding="utf-8")
        found = _figures(copy, mutant, field, "--schedules", str(_MOST), "--first-harm")
    kinds = [kind for kind in HARM if found[kind] and kind != "broke"]
    return (found["harmed"][-1] if found["harmed"] else -1), kinds


def _figures(checkout: Path, mutant: Mutant, field: Field, *more: str) -> dict[str, Any]:
    """The figures of a prover that runs on this checkout. Raises DemoError when it writes none."""
    with tempfile.TemporaryDirectory(prefix="figures-", dir=field.folder) as folder:
        file = Path(folder) / "figures.json"
        argv = [sys.executable, "-m", "demo.prove", "release", "--seed", str(_SEED), "--json", str(file)]
        argv += ["--warehouse", mutant.warehouse, *more]
        env = base_environment() | {"PYTHONPATH": str(checkout), STORE_VARIABLE: field.store_url}
        done = subprocess.run(argv, env=env, cwd=checkout, capture_output=True, text=True, check=False)  # noqa: S603
        if not file.exists():
            raise DemoError(f"mutant {mutant.name} could not be tried: {done.stderr[-2000:]}")
        figures: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return figures
