"""What the warehouse left in the mailbox: fetched, judged, kept in the journal, acknowledged, and only then put away.

Every step can be repeated: a crash anywhere leaves the file where it was, and the next reading does what is missing. A
message with anything that a person must look at goes to the folder `quarantine`; it counts as settled once it is taken
out of there. An interchange whose envelope cannot be trusted gets no 997: there is no group to speak of.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from include.fulfilment.adapters.warehouse.x12.answers import ACCEPTED, acknowledge, read_verdicts
from include.fulfilment.adapters.warehouse.x12.compose import CONTROL, Numbers, Unsendable, write
from include.fulfilment.adapters.warehouse.x12.grammar import check
from include.fulfilment.adapters.warehouse.x12.mailbox import Mailbox, TooLarge
from include.fulfilment.adapters.warehouse.x12.memory import Memory
from include.fulfilment.adapters.warehouse.x12.profile import Profile
from include.fulfilment.adapters.warehouse.x12.segments import (
    Fault,
    Group,
    Incomplete,
    Interchange,
    Message,
    Unreadable,
    read_interchange,
)
from include.fulfilment.adapters.warehouse.x12.shipping import LineProblem, advised, instant, read_advice
from include.fulfilment.adapters.warehouse.x12.stock import movement_id, read_inventory, read_movement
from include.fulfilment.clock import Clock
from include.fulfilment.domain.warehouse_order import is_our_reference
from include.fulfilment.mapping.text import storable
from include.fulfilment.ports import Problem

log = logging.getLogger(__name__)
_UNPLAIN = re.compile(r"[^A-Za-z0-9._ -]")  # in a name that we give: a letter of its own can be four bytes long
_MOST_PROBLEMS, _MOST_WORDS = 200, 1000  # told of one file, and of one of them: beyond it, the file is to be read
_AHEAD = timedelta(days=1)  # how far a clock or a time zone may lead
Judged = list[tuple[Message, tuple[Fault, ...]]]


class Inbox:
    """The inbound side of one mailbox."""

    def __init__(self, mailbox: Mailbox, memory: Memory, profile: Profile, clock: Clock) -> None:
        self._mailbox, self._memory, self._profile, self._clock = mailbox, memory, profile, clock
        self._journal = memory.journal

    def drain(self) -> None:
        """Take everything that lies there."""
        folders = self._profile.folders
        for name in self._mailbox.names(folders.inbound):
            try:
                content = self._mailbox.fetch(folders.inbound, name)
            except TooLarge:
                content = b""
            if content is None:
                continue  # another worker has put it away
            digest = _digest(content or name.encode("utf-8", "surrogatepass"))
            problems = (
                self._take(content, digest, name) if content else [_about(name, "the file is empty or too large")]
            )
            if problems is None:
                continue  # perhaps it is still being written
            if problems:
                kept = [[each.subject, each.words[:_MOST_WORDS]] for each in _told(problems, name)]
                # Put, not added: the same file may come again after the first one was settled.
                self._journal.put("problem", digest, {"problems": kept, "settled": False}, self._clock())
            to = folders.quarantine if problems else folders.archive
            self._mailbox.move(folders.inbound, name, to, f"{digest}-{_UNPLAIN.sub('_', name[-100:])}")

    def problems(self, since: datetime | None) -> list[Problem]:
        """Everything that a person has yet to settle, and, without words, what was settled since then."""
        here = {name[:16] for name in self._mailbox.names(self._profile.folders.quarantine)}
        found: list[Problem] = []
        for at, digest, content in self._journal.since("problem", None):
            settled = content["settled"]
            if not settled and digest not in here:
                settled = True
                self._journal.put("problem", digest, {**content, "settled": True}, self._clock())
            if not settled:
                found += [Problem(subject, words) for subject, words in content["problems"]]
            elif since is None or at >= since or not content["settled"]:
                found += [Problem(subject, "") for subject, _ in content["problems"]]
        open_ones = {each.subject for each in found if each.words}
        return [each for each in found if each.words or each.subject not in open_ones]

    def _take(self, content: bytes, digest: str, name: str) -> list[Problem] | None:
        """The problems of one file; None to leave it for now. A file that ends too early is judged when the next
        reading finds it unchanged."""
        try:
            interchange = self._read(content, digest)
        except Incomplete as fault:
            if self._journal.add("incomplete", digest, {"name": storable(name[-100:])}, self._clock()):
                return None
            return [_about(name, str(fault))]
        except Unreadable as fault:
            return [_about(name, str(fault))]
        problems: list[Problem] = []
        judged: list[tuple[Group, Judged]] = []
        for group in interchange.groups:
            sent_at = self._sent_at(interchange, group)
            found = [(message, check(message, strict=self._profile.strict)) for message in group.messages]
            judged.append((group, found))
            for message, faults in found:
                fatal = [str(each) for each in faults if each.fatal]
                words = f"message {message.control} refused: {'; '.join(fatal[:10])}"
                problems += [_about(name, words)] if fatal else self._apply(message, sent_at)
        self._reply(judged, digest)
        return problems

    def _read(self, content: bytes, digest: str) -> Interchange:
        """The interchange, from our partner, to us, and under a number that it never used for anything else."""
        profile = self._profile
        try:
            text = content.decode(profile.encoding)
        except UnicodeDecodeError as error:
            words = f"byte {error.start + 1} is no character of {profile.encoding}, the agreed encoding"
            raise Unreadable(Fault("ISA", 0, words)) from error
        if "\x00" in text:
            raise Unreadable(Fault("ISA", 0, f"character {text.index(chr(0)) + 1} is a NUL, which no element can hold"))
        found = read_interchange(text, strict=profile.strict)
        parties = ((5, profile.warehouse, "sender"), (7, profile.us, "receiver"))
        for first, party, what in parties:
            if found.party(first) != (party.qualifier, party.id):
                raise Unreadable(Fault("ISA", first + 1, f"the {what} is not the one of the partner profile"))
        if found.header.get(15) != profile.usage:
            raise Unreadable(Fault("ISA", 15, f"usage {found.header.get(15)!r}, {profile.usage!r} was agreed"))
        now = self._clock()
        if not self._journal.add("interchange", found.control, {"digest": digest}, now):
            first_digest = self._journal.get("interchange", [found.control])[found.control]["digest"]
            if first_digest != digest:
                words = "this control number came before with other content; nothing of this one is used"
                raise Unreadable(Fault("ISA", 13, words))
        return found

    def _sent_at(self, interchange: Interchange, group: Group) -> datetime:
        """The group's own time, which can have seconds, else the interchange's."""
        header = interchange.header
        for day, clock in ((group.header.get(4), group.header.get(5)), (f"20{header.get(9)}", header.get(10))):
            with suppress(LineProblem):
                return instant(day, clock, "", self._profile.zone)
        return self._clock()

    def _apply(self, message: Message, sent_at: datetime) -> list[Problem]:
        try:
            match message.code:
                case "997":
                    return self._verdicts(message)
                case "945":
                    return self._advice(message, sent_at)
                case "846":
                    statement = read_inventory(message, self._profile, sent_at)
                    self._check_date(statement["as_of"])
                    places = _digest("+".join(sorted(statement["levels"])).encode())
                    key = f"{statement['as_of']} {places} {message.control:>9}"
                    self._journal.add("846", key, statement, self._clock())
                case "944" | "947":
                    moved = read_movement(message, self._profile, sent_at)
                    self._check_date(moved["earliest"])
                    return self._moved(f"{message.code} {movement_id(message)}", moved)
                case code:
                    return [Problem(f"message {code} {message.control}", f"a {code} is not for us to receive")]
        except LineProblem as problem:
            return [Problem(f"message {message.code} {message.control}", str(problem))]
        return []

    def _check_date(self, stated: str) -> None:
        """Raises LineProblem for an instant yet to come: it would outweigh every later statement until then."""
        if datetime.fromisoformat(stated) > self._clock() + _AHEAD:
            raise LineProblem(f"it is dated {stated[:10]}, which is yet to come; none of it is used")

    def _moved(self, key: str, moved: dict[str, object]) -> list[Problem]:
        if (
            not self._journal.add("moved", key, moved, self._clock())
            and self._journal.get("moved", [key])[key] != moved
        ):
            return [Problem(f"stock, {key}", "it was told again with other content; the first counts")]
        return []

    def _verdicts(self, message: Message) -> list[Problem]:
        for each in read_verdicts(message):
            content, now = {"code": each.code, "place": each.place, "words": each.words}, self._clock()
            if not self._journal.add("ack", each.key, content, now) and each.code in ACCEPTED:
                # A refusal never undoes an acceptance, but a message that was refused can be taken by hand later.
                self._journal.put("ack", each.key, content, now)
            if each.code in ACCEPTED:
                self._memory.accept_change(each.key, now)
        return []

    def _advice(self, message: Message, sent_at: datetime) -> list[Problem]:
        ref, shipment = advised(message)
        if not ref:
            return [Problem(f"shipment {shipment}", "945 W0602: it names no order")]
        if not is_our_reference(ref):
            log.info("x12: shipment %s serves an order that is not ours; passed over", shipment)
            return []
        sent = self._memory.lines(ref)
        if sent is None:
            return [Problem(f"shipment {shipment}", f"945 W0602: we never sent an order {ref[:22]!r}")]
        advice = read_advice(message, sent, self._profile, sent_at)
        tells = any(inside for *_, inside in advice.content["boxes"])
        if not tells and not advice.problems and not advice.replaces:
            return [Problem(f"shipment {shipment} of {ref}", "945: it names no line of the order")]
        # A replacement without a line takes the shipment back; one whose lines cannot be used changes nothing.
        if tells or not advice.problems:
            if not self._memory.record_advice(advice, self._clock()):
                words = "945: it was told again with other content, not as a replacement (W0601 R); the first counts"
                return [Problem(f"shipment {shipment} of {ref}", words)]
            self._memory.record_standing(ref, sent, self._clock())
        return advice.problems

    def _reply(self, judged: Sequence[tuple[Group, Judged]], digest: str) -> None:
        """Write the 997s that answer a file. Their text is kept first: a repeat, also of a file that came again because
        its answer got lost, writes the very same."""
        groups = [(group, faults) for group, faults in judged if group.code != "FA"]
        for number, (group, faults) in enumerate(groups):
            key = f"{digest} {number}"
            kept = self._journal.get("reply", [key]).get(key)
            if kept is None:
                try:
                    kept = self._new_reply(group, faults)
                except Unsendable as unsendable:
                    log.warning("x12: no 997 for file %s: %s", digest, unsendable.fault.place)
                    continue
                if not self._journal.add("reply", key, kept, self._clock()):
                    kept = self._journal.get("reply", [key])[key]
            content = str(kept["text"]).encode(self._profile.encoding)
            self._mailbox.write(self._profile.folders.outbound, str(kept["file"]), content)

    def _new_reply(self, group: Group, faults: Judged) -> Mapping[str, str]:
        numbers = next_numbers(self._memory)
        text = write("997", acknowledge(group, faults), numbers, self._profile, self._clock())
        return {"file": f"997-{numbers.control:09d}.edi", "text": text}


def next_numbers(memory: Memory) -> Numbers:
    """A control number that was never used and never will be again."""
    return Numbers(memory.journal.next_number(CONTROL))


def _about(name: str, words: str) -> Problem:
    return Problem(f"message {storable(name[-100:])}", words)


def _told(problems: Sequence[Problem], name: str) -> Sequence[Problem]:
    """The problems of one file, and of too many the first ones."""
    rest = len(problems) - _MOST_PROBLEMS
    return [*problems[:_MOST_PROBLEMS], _about(name, f"{rest} more problems like these")] if rest > 0 else problems


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
