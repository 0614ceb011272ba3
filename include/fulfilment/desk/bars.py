"""Bars as data: widths in thousandths of the whole, drawn by the templates as SVG without any inline style."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

WHOLE = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar: its meaning (also its class in the stylesheet), its number and where it lies."""

    kind: str
    words: str
    number: int
    start: int
    width: int


def stacked(parts: Iterable[tuple[str, str, int]], whole: int) -> tuple[Part, ...]:
    """The parts (kind, words, number) side by side on a bar that is `whole` long. Parts of nothing are left out, the
    others end exactly where their running sum does, so that no rounding opens a gap."""
    out: list[Part] = []
    running = 0
    for kind, words, number in parts:
        if number <= 0:
            continue
        start = running * WHOLE // max(whole, 1)
        running += number
        out.append(Part(kind, words, number, start, running * WHOLE // max(whole, 1) - start))
    return tuple(out)
