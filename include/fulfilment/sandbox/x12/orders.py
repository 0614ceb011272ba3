"""A 940 as the partner understands it, and the 997 it answers with."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Refused
from ..floor.book import add_order, cancel_order, find_orders, products
from ..floor.changes import describe, progress, replace_lines
from ..floor.records import NewLine
from ..floor.state import FloorState
from .wire import Letter, Row, at


@dataclass(frozen=True)
class Refusal:
    """Why a 940 is refused: segment, its position in the set, element, and the code of AK4."""

    segment: str
    position: int
    element: int
    code: str
    value: str = ""


_NOT_DONE = Refusal("W05", 2, 1, "7")
"""This is not done to this order, or not any more: the partner's own use of a 997, for want of another message."""


def take_order(state: FloorState, letter: Letter) -> Refusal | None:
    """Store the order of a 940, or say why not. A resubmission of an order that is there changes nothing."""
    head = letter.rows[0]
    status, ref = at(head, 1), at(head, 2)
    if not letter.counted or head[0] != "W05" or not ref:
        return Refusal("W05", 2, 2, "1")
    if status == "T" and find_orders(state, refs=[ref]):
        return None
    if status in ("F", "R"):
        return _changed(state, letter, status, ref)
    if status not in ("N", "T"):
        return _NOT_DONE
    lines = _known_lines(state, letter.rows)
    if isinstance(lines, Refusal):
        return lines
    add_order(state, ref, lines, {"status": status}, _summary(letter.rows))
    return None


def _changed(state: FloorState, letter: Letter, status: str, ref: str) -> Refusal | None:
    """Cancel (F) or replace (R) an order that nobody works on. A cancel that came before changes nothing."""
    found = find_orders(state, refs=[ref])
    if not found:
        return Refusal("W05", 2, 2, "7")
    order = found[-1]
    if status == "F" and order.state == "cancelled":
        return None
    if order.state == "cancelled" or progress(state, order):
        return _NOT_DONE
    if status == "F":
        cancel_order(state, order.id)
        return None
    lines = _known_lines(state, letter.rows)
    if isinstance(lines, Refusal):
        return lines
    try:
        with state.transaction():
            replace_lines(state, order.id, lines)
            describe(state, order.id, order.given, _summary(letter.rows))
    except Refused:
        return _NOT_DONE
    return None


def _known_lines(state: FloorState, rows: list[Row]) -> list[NewLine] | Refusal:
    lines = _lines(state, rows)
    if isinstance(lines, Refusal):
        return lines
    known = {each.sku for each in products(state, skus=[line.sku for line, _ in lines])}
    for line, position in lines:
        if line.sku not in known:
            return Refusal("W01", position, 5, "7", line.sku)
    return [line for line, _ in lines] or Refusal("W01", len(rows) + 1, 1, "1")


def verdict(letter: Letter, refusal: Refusal | None, kind: str) -> list[Row]:
    """Return the 997 for one message; `kind` is what the fault plan wants: E, R, P, or nothing."""
    rows = [["AK1", letter.group_code, letter.group], ["AK2", letter.code, letter.control]]
    if refusal is None and kind == "R":
        refusal = Refusal("N4", 4, 2, "5")
    if refusal is not None:
        rows += [
            ["AK3", refusal.segment, str(refusal.position), "", "8"],
            ["AK4", str(refusal.element), "", refusal.code, refusal.value],
        ]
        return [*rows, ["AK5", "R", "5"], ["AK9", "R", "1", "1", "0"]]
    if kind == "E":
        rows += [["AK3", "N4", "4", "", "8"], ["AK4", "2", "", "5"]]
        return [*rows, ["AK5", "E", "5"], ["AK9", "E", "1", "1", "1"]]
    return [*rows, ["AK5", "A"], ["AK9", "P" if kind == "P" else "A", "1", "1", "1"]]


def _lines(state: FloorState, rows: list[Row]) -> list[tuple[NewLine, int]] | Refusal:
    lines: list[tuple[NewLine, int]] = []
    for index, row in enumerate(rows):
        if row[0] != "W01":
            continue
        own = next((at(each, 2) for each in rows[index + 1 : index + 3] if each[:2] == ["N9", "LI"]), "")
        sku, unit = at(row, 5), at(row, 2)
        factor = 1 if unit == "EA" else _agreed(state, sku, unit)
        if not factor or not at(row, 1).isdigit() or not own:
            return Refusal("W01", index + 2, 2 if not factor else 1, "7")
        given = {"unit": unit, "factor": factor}
        lines.append((NewLine(own, sku, int(at(row, 1)) * factor, given), index + 2))
    return lines


def _agreed(state: FloorState, sku: str, unit: str) -> int:
    row = state.one("SELECT units FROM pack WHERE sku IN (?, '*') AND unit = ? ORDER BY sku DESC", sku, unit)
    return int(row["units"]) if row else 0


def _summary(rows: list[Row]) -> dict[str, str]:
    day = next((at(row, 2) for row in rows if row[:2] == ["G62", "10"]), "")
    return {
        "po_number": at(rows[0], 3),
        "instructions": " ".join(at(row, 2) for row in rows if row[:2] == ["NTE", "WHI"]),
        "service": next((at(row, 5) for row in rows if row[0] == "W66"), ""),
        "requested_on": f"{day[:4]}-{day[4:6]}-{day[6:]}" if day else "",
    }
