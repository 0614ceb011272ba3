"""Renders docs/stories-and-failures.md: which test shows which story and which failure of others, and on which
warehouses, from the tests' own names and words."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.environment import CHECKOUT

FAILURES: Mapping[int, str] = {
    1: "One webhook comes twice, or twice at once, under other delivery ids",
    2: "After a crash the queued runs fire together and order twice",
    3: "The scheduler starts one run twice, milliseconds apart",
    4: "The warehouse took the order, the answer was lost, and it is sent again",
    5: "The cursor moves past records that failed",
    6: "A change at the edge of a reading's window is lost or taken twice",
    7: "Events come out of order: paid before created, an old state after a new one",
    8: "Our own write wakes our own webhook",
    9: "Throttled calls fail for good, or the limit is broken by retrying",
    10: "A batch slower than its time limit begins again for ever",
    11: "One bad row fails the whole batch of stock figures",
    12: "A correction that can never work is tried without end",
    13: "The second of two locations fails and is never tried again",
    14: "Pushing the warehouse's figure brings sold stock back",
    15: "A figure is written over a newer one",
    16: "A change by hand in the shop is never noticed",
    17: "What existed before the mapping is never synchronised",
    18: "A negative figure is pushed, or stops everything",
    19: "Stock on hold is counted twice",
    20: "Two orders are promised the last unit",
    21: "Every run writes everything",
    22: "An order waits for ever and nobody hears of it",
    23: "Splits and edits make or lose units",
    24: "A second release sends the quantity again; a backorder loses its parent",
    25: "One short line keeps the whole order back",
    26: "Partial shipments finish an order too early, or never",
    27: "More is shipped than was ordered, and is counted",
    28: "Lines are matched by SKU, and one SKU stands on two lines",
    29: "One fulfilment names several locations, and is refused",
    30: "A location or fulfilment order is gone",
    31: "What was fulfilled by others is sent again",
    32: "A short pick is nobody's matter",
    33: "An edit after the release is dropped, or applied to half of the order",
    34: "A cancel comes too late, or in one system only",
    35: "A changed address leaves the released order as it was",
    36: "Returned goods are restocked twice, or never",
    37: "A PO number is longer than the warehouse's field, and is cut",
    38: "Packs and base units are mixed up; a pack's size changes",
    39: "Fractions are cut off",
    40: "SKUs differ by case or space and are merged",
    41: "A deleted product stops other orders, or is forgotten",
    42: "A kit is sent as its parent, and its parts are not counted",
    43: "A wrong price or tax stops goods",
    44: "Clocks change and orders are missed",
    45: "A cursor over ids misses changes of old records",
    46: "Two connectors bring the same order, or another channel's",
    47: "A draft and the order it became are two orders",
    48: "An exception stays open when it is settled, or closes when it is not",
    49: "One bad line drops the rest of the order",
    50: "An old message replayed later overwrites what is newer",
}
_ID = re.compile(r"\b([FRSPD])(\d+)([a-d]?)\b")
_IN_NAME = re.compile(r"_([frspd])(\d+)([a-d]?)(?=_)")
_MARK = "every_warehouse"


@dataclass(frozen=True)
class Told:
    """One test that shows something: its name as a sentence, its file, and where it runs besides in memory."""

    words: str
    file: str
    everywhere: bool
    left_out: Mapping[str, str]


def told_by_id(folder: Path = CHECKOUT / "tests") -> dict[str, list[Told]]:
    """The tests of each story (`R12`) and failure (`F3`), in the files' order."""
    found: dict[str, list[Told]] = defaultdict(list)
    for file in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for test in tree.body:
            if isinstance(test, ast.FunctionDef) and test.name.startswith("test_"):
                for each in _ids(test):
                    found[each].append(_told(test, file.relative_to(CHECKOUT).as_posix()))
    return found


def _ids(test: ast.FunctionDef) -> Iterator[str]:
    named = [(letter.upper(), number, part) for letter, number, part in _IN_NAME.findall(test.name)]
    said = _ID.findall((ast.get_docstring(test) or "").partition(". ")[0])
    for letter, number, part in dict.fromkeys(named + said):
        yield f"{letter}{number}{part}"


def _told(test: ast.FunctionDef, file: str) -> Told:
    words = _IN_NAME.sub("", test.name.removeprefix("test")).strip("_").replace("_", " ")
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == _MARK:
            return Told(words, file, True, {str(each.arg): ast.literal_eval(each.value) for each in mark.keywords})
    return Told(words, file, False, {})


def proofs_page() -> str:
    """The page."""
    told = told_by_id()
    lines = [
        "<!-- Generated by `python -m demo.docs`; edit the tests and their words. -->",
        "",
        "# Stories and failures, and the tests that show them",
        "",
        "A test stands under every number in its name or in the first sentence of its words. *All* are the warehouse",
        "in memory and the sandboxes of ShipBob, Mintsoft, ShipHero and X12; what has no mark runs in memory, or where",
        "its file says.",
        "",
        "## Stories",
        "",
        "| Story | What is shown | Where | On |",
        "|---|---|---|---|",
    ]
    for key in sorted((each for each in told if not each.startswith("F")), key=_order):
        lines += [f"| {key} | {each.words} | {_file(each)} | {_on(each)} |" for each in told[key]]
    lines += ["", "## Failures", "", "Seen at other connectors, so that they are not seen here.", ""]
    lines += ["| No. | What happened to others | What is shown here | Where |", "|---|---|---|---|"]
    for number, failure in FAILURES.items():
        shown = told.get(f"F{number}", [])
        lines += [f"| F{number} | {failure} | {each.words} | {_file(each)} |" for each in shown]
        lines += [] if shown else [f"| F{number} | {failure} | *not yet* | |"]
    return "\n".join(lines) + "\n"


def _order(key: str) -> tuple[int, int, str]:
    letter, number, part = _ID.fullmatch(key).groups()  # type: ignore[union-attr]
    return "RSPD".index(letter), int(number), part


def _file(each: Told) -> str:
    return f"[{Path(each.file).stem}](../{each.file})"


def _on(each: Told) -> str:
    without = "; ".join(f"not {dialect}: {reason}" for dialect, reason in each.left_out.items())
    return ("all" + (f"; {without}" if without else "")) if each.everywhere else ""
