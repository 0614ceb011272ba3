"""Chance without chance: shares that depend on nothing but the names given, so that two runs make the same choices."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def number(*names: str) -> int:
    """A number that looks random and is always the same for the same names."""
    return int.from_bytes(hashlib.sha256("\x1f".join(names).encode()).digest()[:8])


def percent(*names: str) -> int:
    """0 to 99, evenly spread over names."""
    return number(*names) % 100


def pick(choices: Sequence[T], *names: str) -> T:
    """One of the choices, always the same for the same names."""
    return choices[number(*names) % len(choices)]
