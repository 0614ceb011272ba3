"""Does requirements.lock still satisfy requirements-dev.txt? (`python -m demo.lock`, called by bin/check)."""

from __future__ import annotations

import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from demo.environment import CHECKOUT


def complaints(requirements: Path, lock: Path) -> list[str]:
    """One sentence for each requirement that the lock leaves out or breaks, and for each index address in the lock."""
    locked: dict[str, list[Requirement]] = {}
    found = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line.startswith(("--index", "--extra-index", "-i ", "--find-links")):
            found.append(f"{lock.name} names a package index: {line.split()[0]}")
        elif line and line[0].isalnum():
            pin = Requirement(line.rstrip("\\ "))
            locked.setdefault(canonicalize_name(pin.name), []).append(pin)
    for wanted in _required(requirements):
        pins = locked.get(canonicalize_name(wanted.name), [])
        if not pins:
            found.append(f"{lock.name} lacks {wanted}")
        found += [f"{lock.name} has {pin}, but {wanted} is required" for pin in pins if not _fits(pin, wanted)]
    return found


def _fits(pin: Requirement, wanted: Requirement) -> bool:
    return all(wanted.specifier.contains(one.version, prereleases=True) for one in pin.specifier)


def _required(file: Path) -> list[Requirement]:
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        text = line.partition(" #")[0].strip()
        if text.startswith("-r "):
            found += _required(file.parent / text.removeprefix("-r ").strip())
        elif text and not text.startswith("#"):
            found.append(Requirement(text))
    return found


def main() -> int:
    """Print the complaints; 1 if there are any."""
    found = complaints(CHECKOUT / "requirements-dev.txt", CHECKOUT / "requirements.lock")
    for one in found:
        print(f"{one}. Make the lock again as its first lines say.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
