"""Messages as we write them. A value that does not fit its element, or holds a delimiter, is refused by name: nothing
is ever cut, padded out or replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from include.fulfilment.adapters.warehouse.x12.grammar import GROUP_OF, element_faults
from include.fulfilment.adapters.warehouse.x12.profile import Profile
from include.fulfilment.adapters.warehouse.x12.segments import Fault, Segment

CONTROL = "control"  # the journal's series


class Unsendable(Exception):
    """A value cannot be written in this element; `fault` names it."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Numbers:
    """The control numbers of an interchange with one group and one message: one number for ISA13, GS06 and ST02."""

    control: int

    @property
    def reference(self) -> tuple[str, str]:
        """What an acknowledgement will name: group and message control number, as written."""
        return str(self.control), f"{self.control:04d}"


def write(code: str, segments: Sequence[Sequence[str]], numbers: Numbers, profile: Profile, at: datetime) -> str:
    """One message in its group and interchange. `segments` are name and elements each, without ST and SE; `at` is
    written in UTC.

    Raises:
        Unsendable: a value is too long or too short for its element, or cannot be written in it.
    """
    marks = profile.delimiters
    group, message = numbers.reference
    body = [("ST", code, message), *(_trimmed(each) for each in segments)]
    body.append(("SE", str(len(body) + 1), message))
    start = (
        GROUP_OF[code], profile.us.group_id, profile.warehouse.group_id, f"{at:%Y%m%d}", f"{at:%H%M%S}", group, "X",
        profile.version,
    )  # fmt: skip
    lines = [("GS", *start), *body, ("GE", "1", group)]
    for position, line in enumerate(lines, start=0):
        _check(Segment(line[0], tuple(line[1:]), position), profile)
    header = _header(numbers.control, profile, at)
    trailer = marks.element.join(("IEA", "1", f"{numbers.control:09d}"))
    written = [header, *(marks.element.join(line) for line in lines), trailer]
    return "".join(f"{each}{marks.segment}\n" for each in written)


def _header(control: int, profile: Profile, at: datetime) -> str:
    us, them, marks = profile.us, profile.warehouse, profile.delimiters
    parts = (
        "ISA", "00", " " * 10, "00", " " * 10, us.qualifier, f"{us.id:15}", them.qualifier, f"{them.id:15}",
        f"{at:%y%m%d}", f"{at:%H%M}", "U", "00401", f"{control:09d}", "0", profile.usage, marks.component,
    )  # fmt: skip
    return marks.element.join(parts)


def _trimmed(segment: Sequence[str]) -> tuple[str, ...]:
    """Without the empty elements at its end, which the standard forbids."""
    parts = list(segment)
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return tuple(parts)


def _check(segment: Segment, profile: Profile) -> None:
    marks = profile.delimiters
    reserved = {marks.element: "element delimiter", marks.component: "component delimiter", marks.segment: "terminator"}
    for number, value in enumerate(segment.elements, start=1):
        held = next((name for mark, name in reserved.items() if mark in value), "")
        if held:
            raise _unsendable(segment, number, f"the text holds the {held} agreed with the warehouse", value)
        if any(ord(each) < 0x20 or 0x7F <= ord(each) < 0xA0 for each in value):
            raise _unsendable(segment, number, "the text holds a line break or a control character", value)
        if not _encodable(value, profile.encoding):
            words = f"the text holds a character outside {profile.encoding}, which was agreed with the warehouse"
            raise _unsendable(segment, number, words, value)
    faults = element_faults(segment)
    if faults:
        raise Unsendable(faults[0])


def _encodable(value: str, encoding: str) -> bool:
    try:
        value.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _unsendable(segment: Segment, number: int, words: str, value: str) -> Unsendable:
    return Unsendable(Fault(segment.name, number, words, segment.position, "6", True, value))
