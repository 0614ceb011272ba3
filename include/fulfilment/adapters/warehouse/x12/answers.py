"""The 997, functional acknowledgement, both ways: what the warehouse says of our 940, and what we say of its messages.

AK5 speaks of one message: A and E are accepted (E with errors noted), R, M, W and X are not. AK9 speaks of the group;
its P leaves the answer to each AK5. Codes: X12 elements 717 (AK5), 715 (AK9), 720 (AK304), 723 (AK403).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from include.fulfilment.adapters.warehouse.x12.segments import Fault, Group, Message, Segment
from include.fulfilment.mapping.text import shown

ACCEPTED = frozenset({"A", "E"})
_NOTES = {  # AK304, AK403: what the partner says is wrong
    "AK3": {"1": "unknown segment", "2": "unexpected segment", "3": "segment missing", "7": "out of order"},
    "AK4": {
        "1": "missing", "2": "condition not met", "3": "too many elements", "4": "too short", "5": "too long",
        "6": "invalid character", "7": "invalid code", "8": "invalid date", "9": "invalid time",
    },
}  # fmt: skip
_NOTED_ELEMENT = "8"  # of AK304: the segment's elements follow in AK4
_MOST_NOTES = 99


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a 997 says of one message, or of a whole group where `message` is empty. `place` and `words` name the first
    thing that is wrong, where the partner said so."""

    group: str
    message: str
    code: str
    place: str = ""
    words: str = ""

    @property
    def key(self) -> str:
        return f"{self.group}/{self.message}"


def read_verdicts(message: Message) -> list[Verdict]:
    """What a 997 says: of each message that it names, else of the group. Nothing about a group that it calls partially
    accepted without naming messages."""
    found: list[Verdict] = []
    group = named = segment = place = words = ""
    for each in message.segments:
        match each.name:
            case "AK1":
                group = each.get(2)
            case "AK2":
                named, segment, place, words = each.get(2), "", "", ""
            case "AK3":
                segment = each.get(1)
                place, words = place or segment, words or _NOTES["AK3"].get(each.get(4), "")
            case "AK4":
                if not words:
                    place, words = _element(segment, each)
            case "AK5":
                found.append(Verdict(_plain(group), named, each.get(1), place, words))
            case "AK9" if not found and each.get(1) != "P":
                found.append(Verdict(_plain(group), "", each.get(1)))
            case _:
                pass
    return found


def _element(segment: str, note: Segment) -> tuple[str, str]:
    number = note.get(1)[:2].strip(":>")
    place = f"{segment}{int(number):02d}" if number.isascii() and number.isdigit() else segment
    words = _NOTES["AK4"].get(note.get(3), "refused")
    # The value at fault is shown for products and quantities only: elsewhere it can be a name or an address.
    return place, f"{words}: {shown(note.get(4))}" if segment == "W01" and note.get(4) else words


def _plain(control: str) -> str:
    """A group control number without the zeros that some partners add."""
    return control.lstrip("0") or control


def acknowledge(group: Group, faults: Sequence[tuple[Message, Sequence[Fault]]]) -> list[tuple[str, ...]]:
    """The segments of a 997 for one group that we received, with the faults of each of its messages."""
    segments: list[tuple[str, ...]] = [("AK1", group.code, group.control)]
    taken = 0
    for message, found in faults:
        segments.append(("AK2", message.code, message.control))
        segments += _notes(message, found)
        fatal = [each for each in found if each.fatal]
        taken += not fatal
        code = "R" if fatal else "E" if found else "A"
        named = {each.code for each in found if each.segment in ("ST", "SE") and each.code}
        other = {"5"} if any(each.segment not in ("ST", "SE") for each in found) else set()
        segments.append(("AK5", code, *sorted(named | other)[:5]))
    received = len(faults)
    code = _group_code(taken, received, noted=bool(group.faults) or any(found for _, found in faults))
    noted = tuple(sorted({each.code for each in group.faults})[:5])
    segments.append(("AK9", code, str(received), str(received), str(taken), *noted))
    return segments


def _group_code(taken: int, received: int, *, noted: bool) -> str:
    if taken < received:
        return "P" if taken else "R"
    return "E" if noted else "A"


def _notes(message: Message, faults: Sequence[Fault]) -> list[tuple[str, ...]]:
    """AK3 for each segment at fault, AK4 for each of its elements. Bad values are not sent back."""
    notes: list[tuple[str, ...]] = []
    at = 0
    for fault in sorted(faults, key=lambda each: (each.position, each.element))[:_MOST_NOTES]:
        if fault.segment in ("ST", "SE"):
            continue
        name = fault.segment if len(fault.segment) > 1 else "ZZ"
        if not fault.element:
            notes.append(("AK3", name, str(fault.position), "", fault.code))
        else:
            if at != fault.position:
                notes.append(("AK3", name, str(fault.position), "", _NOTED_ELEMENT))
            at = fault.position
            notes.append(("AK4", str(fault.element), "", fault.code))
    return notes
