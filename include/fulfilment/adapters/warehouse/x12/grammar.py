"""The messages that we exchange with a warehouse, release 004010: order of segments, and each element's form.

A grammar is written as segments in their order; brackets enclose a loop, which begins with its first segment and may
repeat, as any segment in it may; `!` marks what must be there. An element is written as type, shortest/longest length
and `!` where it must be there: ID code, AN text, N0 whole number, R decimal number, DT date, TM time, C composite.

Sources: X12 004010 as the EDI dictionaries at zenbridge.io/edi-dictionary/X12/4010, stedi.com/edi and
internal.dcsnewyork.com/tech/edi/x12/EDI_4010 print it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from include.fulfilment.adapters.warehouse.x12.segments import Fault, Message, Segment

GROUP_OF: Mapping[str, str] = {"940": "OW", "945": "SW", "846": "IB", "944": "RE", "947": "AW", "997": "FA"}
"""The functional group (GS01) of each message that we know."""

_ORDER: Mapping[str, str] = {
    "940": """W05! (N1 N2 N3 N4 PER) N9 G61 G62 NTE W09 W66 W6 R2 BNX (TD3 AT9) (LM LQ!)
        (LX MAN SDQ N1 G62 N9
            (W01 G69 N9 NTE W20 QTY AMT G62 G66 PER LH2 LHR LH6 (N1 N2 N3 N4 PER) (LM LQ!) (FA1 FA2!)))
        W76""",
    "945": """W06! (N1 N2 N3 N4 PER) N9 G61 G62 NTE W27 W6 W28 W10 G72 (LM LQ!)
        (LX MAN PAL N9 (W12 G69 N9 G62 QTY MEA AMT R4 W27 N1 G72 (LM LQ!) (FA1 FA2!)))
        W03""",
    "846": """BIA! CUR DTM REF PER MEA (N1 N2 N3 N4 REF PER) (LM LQ!)
        (LIN PID MEA PKG DTM CTP CUR SAC REF PER SDQ MAN UIT CS DD G53 PCT LDT (LM LQ!)
            (SLN PID MEA PKG (MAN MEA)) (QTY UIT MEA LDT DTM (REF) (SCH MEA) (LM LQ!)) (N1 N2 N3 N4 REF PER))
        CTT""",
    "944": """W17! (N1 N2 N3 N4 PER) N9 G61 G62 NTE W08 W18 G08 (W07 G69 N9 W20 (W13 N9)) W14!""",
    "947": """W15! (N1 N2 N3 N4 PER) N9 G61 G62 NTE (LM LQ!)
        (W19 G69 N9 CS AMT G62 (LM LQ!) (N1 N2 N3 N4 G61) (LX N9 G62 N1 (LM LQ!)) (FA1 FA2!))""",
    "997": "AK1! (AK2 (AK3 AK4) AK5!) AK9!",
}
_ELEMENTS: Mapping[str, str] = {
    "GS": "ID2/2! AN2/15! AN2/15! DT8/8! TM4/8! N1/9! ID1/2! AN1/12!",
    "ST": "ID3/3! AN4/9!",
    "SE": "N1/10! AN4/9!",
    "W05": "ID1/1! AN1/22! AN1/22 N6/6 AN1/22 ID2/2 ID1/2 ID2/2",
    "W06": "ID1/1! AN1/22 DT8/8 AN1/30 AN1/12 AN1/22 AN1/22 N6/6 ID2/3",
    "W17": "ID1/1! DT8/8! AN1/22! AN1/22 AN1/30 N4/6 AN1/4",
    "W15": "DT8/8! AN1/22 AN1/22",
    "BIA": "ID2/2! ID2/2! AN1/30! DT8/8! TM4/8 ID1/2",
    "N1": "ID2/3! AN1/60 ID1/2 AN2/80 ID2/2 ID2/3",
    "N2": "AN1/60! AN1/60",
    "N3": "AN1/55! AN1/55",
    "N4": "AN2/30 ID2/2 ID3/15 ID2/3 ID1/2 AN1/30",
    "PER": "ID2/2! AN1/60 ID2/2 AN1/80 ID2/2 AN1/80 ID2/2 AN1/80 AN1/20",
    "N9": "ID2/3! AN1/30 AN1/45 DT8/8 TM4/8 ID2/2 C1/255",
    "G62": "ID2/2 DT8/8 ID1/2 TM4/8 ID2/2",
    "NTE": "ID3/3 AN1/80!",
    "W66": "ID2/2! ID1/2! ID1/1 ID2/2 AN1/35 ID2/2 AN1/30 ID1/1 N1/9 ID2/4",
    "W27": "ID1/2! ID2/4 AN1/35 ID2/2 ID2/2 AN1/4 AN1/10 ID2/2 ID2/3 ID2/2",
    "LX": "N1/6!",
    "MAN": "ID1/2! AN1/48! AN1/48 ID1/2 AN1/48 AN1/48",
    "W01": "R1/15! ID2/2! AN12/12 ID2/2 AN1/48 ID2/2 AN1/48 AN1/12",
    "G69": "AN1/45!",
    "W76": "R1/10! R1/10 ID2/2 R1/8 ID2/2",
    "W12": "ID2/2! R1/15 R1/10 R1/9 ID2/2 AN12/12 ID2/2 AN1/48 AN1/12 R1/10 ID1/2 ID1/1 R1/10 ID1/2 ID1/1 AN12/12"
    " ID2/2 AN1/48",
    "W03": "R1/10! R1/10 ID2/2 R1/8 ID2/2",
    "W07": "R1/10! ID2/2! AN12/12 ID2/2 AN1/48 ID2/2 AN1/48 AN1/12",
    "W14": "R1/10!",
    "W19": "ID2/2! R1/10! ID2/2! AN12/12 ID2/2 AN1/48 ID2/2 AN1/48 AN1/12",
    "DTM": "ID3/3! DT8/8 TM4/8 ID2/2 ID2/3 AN1/35",
    "LIN": "AN1/20 ID2/2! AN1/48! " + "ID2/2 AN1/48 " * 14,
    "QTY": "ID2/2! R1/15 C1/255 AN1/30",
    "UIT": "C1/255! R1/17 ID2/2",
    "AK1": "ID2/2! N1/9!",
    "AK2": "ID3/3! AN4/9!",
    "AK3": "ID2/3! N1/6! AN1/6 ID1/3",
    "AK4": "C1/8! N1/4 ID1/3! AN1/99",
    "AK5": "ID1/1! ID1/3 ID1/3 ID1/3 ID1/3 ID1/3",
    "AK9": "ID1/1! N1/6! N1/6! N1/6! ID1/3 ID1/3 ID1/3 ID1/3 ID1/3",
}
_FORMS: Mapping[str, tuple[str, str]] = {  # pattern, and the code of AK403 for what does not match
    "N": (r"-?\d+", "6"),
    "R": (r"-?(\d+\.?\d*|\.\d+)", "6"),
    "DT": (r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", "8"),
    "TM": (r"([01]\d|2[0-3])[0-5]\d([0-5]\d(\d{1,2})?)?", "9"),
}


@dataclass(frozen=True, slots=True)
class Element:
    """The form of one element."""

    kind: str
    shortest: int
    longest: int
    needed: bool


@dataclass(frozen=True, slots=True)
class Loop:
    """Segments and loops in their order; `needed` are the names of those that must be there."""

    name: str
    parts: tuple[str | Loop, ...]
    needed: frozenset[str]


def _element(text: str) -> Element:
    found = re.fullmatch(r"([A-Z]+)(\d+)/(\d+)(!?)", text)
    if found is None:
        raise ValueError(f"no form of an element: {text!r}")
    kind, shortest, longest, needed = found.groups()
    return Element(kind, int(shortest), int(longest), bool(needed))


def _loop(words: list[str], name: str = "") -> Loop:
    parts: list[str | Loop] = []
    needed: set[str] = set()
    while words and words[0] != ")":
        word = words.pop(0)
        if word == "(":
            parts.append(_loop(words, words[0].rstrip("!")))
            words.pop(0)
            continue
        plain = word.rstrip("!")
        parts.append(plain)
        if plain != word:
            needed.add(plain)
    return Loop(name, tuple(parts), frozenset(needed))


ELEMENTS: Mapping[str, tuple[Element, ...]] = {
    name: tuple(map(_element, text.split())) for name, text in _ELEMENTS.items()
}
GRAMMARS: Mapping[str, Loop] = {code: _loop(re.findall(r"[()]|[A-Z0-9]+!?", text)) for code, text in _ORDER.items()}


def check(message: Message, *, strict: bool) -> tuple[Fault, ...]:
    """Everything that is wrong with a message: its envelope's faults, its order, its elements.

    Fatal are a count or control number that does not agree, a message that we don't exchange, and a needed segment that
    is missing; strict also a needed element. Other faults are noted: whoever uses such an element judges its value.
    """
    if message.code not in GRAMMARS:
        words = f"{message.code} is no message that a warehouse and we exchange"
        return (*message.faults, Fault("ST", 1, words, 1, "1", fatal=True, value=message.code))
    order = _order_faults(GRAMMARS[message.code], message.segments)
    elements = [fault for each in message.segments for fault in element_faults(each, strict=strict)]
    return (*message.faults, *order, *elements)


def element_faults(segment: Segment, *, strict: bool = True) -> list[Fault]:
    """What is wrong with the elements of one segment; a segment whose elements we never look at has no faults."""
    forms = ELEMENTS.get(segment.name)
    if forms is None:
        return []
    faults = []
    if len(segment.elements) > len(forms):
        words = f"the segment has {len(segment.elements)} elements; it has {len(forms)} at most"
        faults.append(Fault(segment.name, len(forms) + 1, words, segment.position, "3"))
    for number, form in enumerate(forms, start=1):
        found = _element_fault(segment.get(number), form)
        if found:
            words, code = found
            fatal = strict and code == "1"
            faults.append(Fault(segment.name, number, words, segment.position, code, fatal, segment.get(number)))
    return faults


def _element_fault(value: str, form: Element) -> tuple[str, str] | None:
    if not value:
        return ("it must be there and is not", "1") if form.needed else None
    pattern, code = _FORMS.get(form.kind, ("", ""))
    if pattern and not re.fullmatch(pattern, value):
        return f"{value[:40]!r} is not of its form ({form.kind})", code
    length = len(value.replace("-", "").replace(".", "")) if form.kind in ("N", "R") else len(value)
    if length > form.longest:
        return f"{length} characters, at most {form.longest} fit", "5"
    if length < form.shortest:
        return f"{length} characters, at least {form.shortest} are needed", "4"
    return None


@dataclass(slots=True)
class _Level:
    """How far the walk is in one loop, and what of it was seen since the loop began."""

    loop: Loop
    index: int
    seen: set[str]


def _order_faults(grammar: Loop, segments: Sequence[Segment]) -> list[Fault]:
    first = grammar.parts[0]
    if segments and segments[0].name != first:
        words = "this segment must be the first and is not"
        return [Fault(str(first), 0, words, segments[0].position, "7", fatal=True)]
    walk = [_Level(grammar, 0, set())]
    faults: list[Fault] = []
    last = 1
    for segment in segments:
        depth = next((n for n in range(len(walk) - 1, -1, -1) if _step(walk[n], segment.name)), None)
        if depth is None:
            words = "this segment has no place here"
            faults.append(Fault(segment.name[:3] or "?", 0, words, segment.position, "2"))
            continue
        for level in walk[depth + 1 :]:
            faults += _missing(level, segment.position)
        del walk[depth + 1 :]
        _enter(walk, segment.name)
        last = segment.position
    for level in walk:
        faults += _missing(level, last + 1)
    return faults


def _step(level: _Level, name: str) -> bool:
    """Whether `name` may come now in this loop, or begins one inside it; the place is then taken."""
    for index in range(level.index, len(level.loop.parts)):
        part = level.loop.parts[index]
        if (part.name if isinstance(part, Loop) else part) == name:
            if isinstance(part, str) and part in level.seen and level.loop.name == name:
                return False  # the first segment of a loop again: the loop repeats, which its parent sees
            level.index = index
            return True
    return False


def _enter(walk: list[_Level], name: str) -> None:
    level = walk[-1]
    part = level.loop.parts[level.index]
    level.seen.add(name)
    if isinstance(part, Loop):
        walk.append(_Level(part, 0, {name}))


def _missing(level: _Level, position: int) -> list[Fault]:
    absent = sorted(level.loop.needed - level.seen)
    return [Fault(name, 0, "this segment must be there and is not", position, "3", fatal=True) for name in absent]
