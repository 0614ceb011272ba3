"""X12 as text: delimiters from the header's fixed positions, segments, and the three envelopes round the messages.

The header is fixed in width: the element delimiter stands at position 4, the component delimiter at 105 and the segment
terminator at 106 (X12.5, interchange control structures). Strict reads nothing else. Lenient also takes a header whose
padding or component delimiter got lost, as long as its terminator is beyond doubt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

HEADER_LENGTH = 106
MOST_SEGMENTS = 1_000_000  # of one interchange; an 846 of 100,000 products has half of that
LONGEST_ELEMENT = 300  # X12 has none so long; what is longer would not fit as a key in the store
_FEWEST = 6  # segments of the smallest interchange: ISA, GS, ST, SE, GE, IEA
_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1)  # of ISA01 to ISA15


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where: `segment` and `element` name the place (element 0: the segment as a whole),
    `position` counts segments of a message from its ST. `code` is the acknowledgement's own (AK304, AK403, AK502 or
    AK905); a fault that is `fatal` makes what it is in unusable."""

    segment: str
    element: int
    words: str
    position: int = 0
    code: str = ""
    fatal: bool = False
    value: str = ""

    @property
    def place(self) -> str:
        """Segment and element as partners write them, such as `SE01`."""
        return f"{self.segment}{self.element:02d}" if self.element else self.segment

    def __str__(self) -> str:
        return f"{self.place}: {self.words}"


class Unreadable(Exception):
    """The text as a whole cannot be used; `fault` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class Incomplete(Unreadable):
    """The text ends before its trailer: perhaps it is still being written."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """What separates elements, components and segments."""

    element: str = "*"
    component: str = ">"
    segment: str = "~"


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment; `position` counts from 1 within its message."""

    name: str
    elements: tuple[str, ...]
    position: int = 0

    def get(self, number: int) -> str:
        """Element `number`, counted from 1 as partners do; empty where it is not given."""
        return self.elements[number - 1] if number <= len(self.elements) else ""


@dataclass(frozen=True, slots=True)
class Message:
    """One transaction set: `code` such as 945, its control number, and its segments without ST and SE."""

    code: str
    control: str
    segments: tuple[Segment, ...]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """One functional group."""

    header: Segment
    messages: tuple[Message, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def code(self) -> str:
        return self.header.get(1)

    @property
    def control(self) -> str:
        return self.header.get(6)


@dataclass(frozen=True, slots=True)
class Interchange:
    """What one ISA and IEA enclose. Names of sender and receiver are without their padding."""

    header: Segment
    delimiters: Delimiters
    groups: tuple[Group, ...]

    @property
    def control(self) -> str:
        return self.header.get(13)

    def party(self, first: int) -> tuple[str, str]:
        """(qualifier, id) of the sender (5) or the receiver (7)."""
        return self.header.get(first), self.header.get(first + 1).strip()


def read_interchange(text: str, *, strict: bool = True) -> Interchange:
    """The interchange in a text.

    Raises:
        Incomplete: the text ends before IEA.
        Unreadable: header, trailer or order of the envelopes is wrong; nothing in it can be trusted.
    """
    text = text.removeprefix("\ufeff").lstrip()
    header, delimiters, rest = _header(text, strict)
    if rest.count(delimiters.segment) > MOST_SEGMENTS:
        raise Unreadable(Fault("ISA", 0, f"it has more than {MOST_SEGMENTS} segments, which no message needs"))
    body = _split(rest, delimiters)
    return _Envelopes(header, delimiters).read(body)


def _split(text: str, delimiters: Delimiters) -> list[Segment]:
    found = []
    for piece in text.split(delimiters.segment):
        plain = piece.lstrip().rstrip("\r\n")
        if plain:
            name, *elements = plain.split(delimiters.element)
            for number, each in enumerate(elements if len(plain) > LONGEST_ELEMENT else (), start=1):
                if len(each) > LONGEST_ELEMENT:
                    words = f"{len(each)} characters; no element has {LONGEST_ELEMENT}"
                    raise Unreadable(Fault(name[:3], number, words))
            found.append(Segment(name, tuple(elements)))
    return found


def _header(text: str, strict: bool) -> tuple[Segment, Delimiters, str]:
    if not text.startswith("ISA"):
        raise Unreadable(Fault("ISA", 0, f"the text begins with {text[:3]!r} and not with an interchange header"))
    element = text[3:4]
    if not element or element.isalnum() or element.isspace():
        raise Unreadable(Fault("ISA", 1, "no element delimiter at position 4"))
    parts = text[:HEADER_LENGTH].split(element)
    _check_count(text, element)
    fault = _width_fault(parts)
    if fault is None and _is_whole(text, parts):
        delimiters = Delimiters(element, text[104], text[105])
        header = Segment("ISA", (*parts[1:16], text[104]))
        _check_header(header)
        return header, delimiters, text[HEADER_LENGTH:]
    if strict:
        damaged = Fault("ISA", 16, "the header is not 106 characters long: its last element is damaged")
        raise Unreadable(fault or damaged)
    return _damaged_header(text, element)


def _check_count(text: str, element: str) -> None:
    """Refuses a header with too few elements before the group's own begin."""
    follows = re.search(rf"\sGS{re.escape(element)}", text[:HEADER_LENGTH])
    count = text[: follows.start()].count(element) if follows else 16
    if count < 16:
        raise Unreadable(Fault("ISA", count + 1, f"the header ends after element {count} of 16"))


def _width_fault(parts: list[str]) -> Fault | None:
    for number, width in enumerate(_WIDTHS, start=1):
        if number >= len(parts):
            return Fault("ISA", number, "the header ends before this element")
        if len(parts[number]) != width:
            found = f"{len(parts[number])} characters; it has {width}"
            return Fault("ISA", number, f"this element of the header has {found}")
    return None


def _is_whole(text: str, parts: list[str]) -> bool:
    """Whether the header ends where it should: one component delimiter, one terminator, then the next segment."""
    ends = text[104:HEADER_LENGTH]
    lost = ends[1:].isspace() and text.rstrip().endswith(ends[0])  # what stands for a component ends every segment
    follows = text[HEADER_LENGTH:].lstrip()
    named = len(parts) == 17 and re.match(r"GS|TA1|IEA|$", follows) is not None
    return named and not lost and _can_delimit(ends, text[3]) and len(ends) == 2 and not ends[0].isspace()


def _can_delimit(ends: str, element: str) -> bool:
    """Whether these can be told from data and from one another."""
    told_apart = len(set(ends + element)) == len(ends) + 1
    return told_apart and all(each.isascii() and not each.isalnum() for each in ends)


def _damaged_header(text: str, element: str) -> tuple[Segment, Delimiters, str]:
    """A header that lost its padding or its component delimiter; the terminator must be beyond doubt."""
    pieces = text.split(element, 16)
    start = re.search(rf"GS{re.escape(element)}", pieces[16]) if len(pieces) == 17 else None
    if start is None:
        raise Unreadable(Fault("ISA", min(len(pieces), 16), "the header cannot be told from what follows"))
    ends = pieces[16][: start.start()].strip()
    if len(ends) not in (1, 2) or not _can_delimit(ends, element) or text.count(ends[-1]) < _FEWEST:
        raise Unreadable(Fault("ISA", 16, f"{ends[:8]!r} cannot be component delimiter and terminator"))
    header = Segment("ISA", (*(each.strip() for each in pieces[1:16]), ends[:-1]))
    _check_header(header)
    return header, Delimiters(element, ends[:-1], ends[-1]), pieces[16][start.start() :]


def _check_header(header: Segment) -> None:
    checks = (
        (9, re.fullmatch(r"\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", header.get(9)), "is no date"),
        (10, re.fullmatch(r"([01]\d|2[0-3])[0-5]\d", header.get(10)), "is no time"),
        (13, re.fullmatch(r"\d{9}", header.get(13)), "is no control number of nine digits"),
        (15, header.get(15) in ("P", "T"), "is neither P nor T"),
    )
    for number, good, words in checks:
        if not good:
            raise Unreadable(Fault("ISA", number, f"{header.get(number)!r} {words}", value=header.get(number)))


@dataclass(slots=True)
class _Envelopes:
    """Takes segments in turn; GS, ST and their trailers must nest."""

    header: Segment
    delimiters: Delimiters
    groups: list[Group] = field(default_factory=list)
    group: Segment | None = None
    messages: list[Message] = field(default_factory=list)
    start: Segment | None = None
    inside: list[Segment] = field(default_factory=list)

    def read(self, segments: list[Segment]) -> Interchange:
        for index, segment in enumerate(segments):
            if segment.name == "IEA" and self.group is None:
                self._close(segment, len(segments) - index - 1)
                return Interchange(self.header, self.delimiters, tuple(self.groups))
            self._take(segment)
        raise Incomplete(Fault("IEA", 0, "the interchange ends without its trailer"))

    def _take(self, segment: Segment) -> None:
        match segment.name, self.group, self.start:
            case "GS", None, _:
                self.group, self.messages = segment, []
            case "TA1", None, _:
                pass
            case "ST", Segment(), None:
                self.start, self.inside = segment, []
            case "SE", Segment(), Segment() as start:
                self._end_message(start, segment)
            case "GE", Segment() as group, None:
                self._end_group(group, segment)
            case name, _, Segment() if name not in ("GS", "GE", "ST", "IEA", "ISA"):
                self.inside.append(Segment(name, segment.elements, len(self.inside) + 2))
            case name, _, _:
                raise Unreadable(Fault(name[:3] or "?", 0, "this segment stands where it cannot stand"))

    def _end_message(self, start: Segment, end: Segment) -> None:
        counted = len(self.inside) + 2
        faults = []
        if end.get(2) != start.get(2):
            words = f"{end.get(2)!r} is not the control number {start.get(2)!r} of ST02"
            faults.append(Fault("SE", 2, words, counted, "3", fatal=True))
        if end.get(1) != str(counted):
            words = f"{end.get(1)!r} segments are said, {counted} were counted"
            faults.append(Fault("SE", 1, words, counted, "4", fatal=True))
        self.messages.append(Message(start.get(1), start.get(2), tuple(self.inside), tuple(faults)))
        self.start = None

    def _end_group(self, group: Segment, end: Segment) -> None:
        """A damaged group header is noted, not refused: messages and interchange have control numbers of their own."""
        faults = []
        if len(group.elements) != 8:
            faults.append(Fault("GS", 0, f"the group header has {len(group.elements)} elements; it has 8", code="6"))
        if end.get(2) != group.get(6):
            words = f"{end.get(2)!r} is not the control number {group.get(6)!r} of GS06"
            faults.append(Fault("GE", 2, words, code="4"))
        if end.get(1) != str(len(self.messages)):
            faults.append(Fault("GE", 1, f"{end.get(1)!r} messages are said, {len(self.messages)} came", code="5"))
        self.groups.append(Group(group, tuple(self.messages), tuple(faults)))
        self.group = None

    def _close(self, end: Segment, after: int) -> None:
        if end.get(2).strip() != self.header.get(13):
            words = f"{end.get(2).strip()!r} is not the control number {self.header.get(13)!r} of ISA13"
            raise Unreadable(Fault("IEA", 2, words))
        if end.get(1) != str(len(self.groups)):
            raise Unreadable(Fault("IEA", 1, f"{end.get(1)!r} groups are said, {len(self.groups)} came"))
        if after:
            raise Unreadable(Fault("IEA", 0, f"{after} segments follow the trailer; one interchange a file is agreed"))
