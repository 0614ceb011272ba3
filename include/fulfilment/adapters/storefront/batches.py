"""Writes that a shop refuses as a whole for one bad row: take the bad rows out, send the rest.

Where the answer names rows, they go out at once: two calls for any number of named rows. Where it names none, halves
are tried: at most 17 calls for one bad row in 250 (the whole, then two halves on each of eight levels).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from include.fulfilment.errors import TerminalError

_MOST_CALLS = 60
Row = TypeVar("Row")


class BatchRefusal(TerminalError):
    """A call was refused as a whole for something in it, such as a value that the remote's schema does not take."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row was refused, in the shop's code and words. `passing`: not the row's fault, a later run may send it."""

    code: str
    message: str
    passing: bool = False


@dataclass(frozen=True, slots=True)
class BatchFaults:
    """One answer to a batch: faults by row position, and what was said without naming a row."""

    named: Mapping[int, RowFault]
    unnamed: RowFault | None = None

    @property
    def none(self) -> bool:
        return not self.named and self.unnamed is None


def read_faults(errors: Any, list_name: str, rows: int) -> BatchFaults:
    """Sorts `userErrors` by the row their `field` path names, as in `[input, quantities, 3, quantity]`."""
    named: dict[int, RowFault] = {}
    unnamed: RowFault | None = None
    for error in errors if isinstance(errors, list) else []:
        raw = error if isinstance(error, dict) else {}
        fault = RowFault(str(raw.get("code") or "REFUSED"), str(raw.get("message") or "no reason given")[:300])
        path = raw.get("field")
        names = [str(each) for each in path] if isinstance(path, list) else []
        position = _position(names, list_name)
        if position is not None and position < rows:
            named.setdefault(position, fault)
        else:
            unnamed = unnamed or fault
    return BatchFaults(named, unnamed)


def _position(path: Sequence[str], list_name: str) -> int | None:
    for before, after in itertools.pairwise(path):
        if before == list_name and re.fullmatch(r"[0-9]{1,4}", after):
            return int(after)
    return None


def send_all_but_bad(rows: Sequence[Row], send: Callable[[Sequence[Row]], BatchFaults]) -> list[RowFault | None]:
    """Sends the rows until every good one went through; answers each row's fault, None for one that was applied.
    After 60 calls the rows still unsent are answered as passing faults: more than a few bad rows is no row's matter."""
    verdicts: list[RowFault | None] = [None] * len(rows)
    calls = 0
    pending = [list(range(len(rows)))] if rows else []
    while pending:
        part = pending.pop()
        if calls >= _MOST_CALLS:
            for index in part:
                verdicts[index] = RowFault("NOT_SENT", "too many rows of the batch were refused", passing=True)
            continue
        calls += 1
        faults = _sent([rows[index] for index in part], send)
        for position, fault in faults.named.items():
            verdicts[part[position]] = fault
        rest = [index for position, index in enumerate(part) if position not in faults.named]
        if faults.named and rest:
            pending.append(rest)
        elif faults.unnamed and len(part) == 1:
            verdicts[part[0]] = faults.unnamed
        elif faults.unnamed and not faults.named:
            middle = (len(part) + 1) // 2
            pending += [part[middle:], part[:middle]]
    return verdicts


def _sent(rows: Sequence[Row], send: Callable[[Sequence[Row]], BatchFaults]) -> BatchFaults:
    try:
        return send(rows)
    except BatchRefusal as refusal:
        return BatchFaults({}, RowFault("REFUSED", str(refusal)))
