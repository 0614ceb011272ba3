"""The public X12 4010 grammars as a judge: which segments may follow each other. They hold no elements and no codes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from demo.truth.sent import Sent
from include.fulfilment.adapters.operations import Message, Operation
from include.fulfilment.adapters.warehouse.x12.segments import read_interchange

_SCHEMA = "{http://tempuri.org/X12ParserSpecification.xsd}"


def grammar(folder: Path, code: str) -> ET.Element:
    """The grammar of one message. Raises FileNotFoundError where there is none."""
    return ET.parse(folder / f"Ansi-{code}-4010Specification.xml").getroot()  # noqa: S314 - reference data of ours


class GrammarJudge:
    """Judges messages by the grammars in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def declared(self, operation: Operation) -> list[str]:
        """Whether there is a grammar of the message."""
        sends = operation.sends
        if not isinstance(sends, Message):
            return ["it is no message"]
        known = (self._folder / f"Ansi-{sends.code}-4010Specification.xml").exists()
        return [] if known else [f"there is no grammar of {sends.code}"]

    def request(self, sent: Sent) -> list[str]:
        """The first segment that stands where the grammar has no place for it."""
        found = []
        for group in read_interchange(sent.content).groups:
            for message in group.messages:
                rest = obey(grammar(self._folder, message.code), [each.name for each in message.segments])
                found += [f"{message.code}: {rest[0]} has no place there"] if rest else []
        return found


def obey(node: ET.Element, names: Sequence[str]) -> list[str]:
    """What is left of the segments after this loop took all that it can, in its own order."""
    rest = list(names)
    parts = [each for each in node if each.tag in (f"{_SCHEMA}Segment", f"{_SCHEMA}Loop", f"{_SCHEMA}StartingSegment")]
    trailers = [each for each in parts if each.get("Trailer") == "true"]
    for part in [*(each for each in parts if each not in trailers), *trailers]:
        start = part.find(f"{_SCHEMA}StartingSegment") if part.tag == f"{_SCHEMA}Loop" else part
        if start is None:  # a loop without a beginning: the grammar files have none
            continue
        most = int(part.get("LoopRepeat") or start.get("Repeat") or (1 if start is not part else 999))
        most = 999 if part.tag == f"{_SCHEMA}Loop" and not part.get("LoopRepeat") else most
        for _ in range(most):
            if not rest or rest[0] != start.get("SegmentId"):
                break
            rest = obey(part, rest) if part.tag == f"{_SCHEMA}Loop" else rest[1:]
    return rest
