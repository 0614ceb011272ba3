"""What we wrote and what became of it: each message is kept in the journal before it is written, and a repeat writes
the same file under the same control numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from include.fulfilment.adapters.warehouse.x12.answers import ACCEPTED
from include.fulfilment.adapters.warehouse.x12.compose import Numbers, write
from include.fulfilment.adapters.warehouse.x12.mailbox import Mailbox
from include.fulfilment.adapters.warehouse.x12.orders import Lines
from include.fulfilment.adapters.warehouse.x12.profile import Profile
from include.fulfilment.clock import Clock
from include.fulfilment.errors import RetryableError
from include.fulfilment.ports import Journal, Pending, Unknown

Kept = Mapping[str, Any]


class Outbox:
    """The 940s of one mailbox, by journal kind and order reference."""

    def __init__(self, mailbox: Mailbox, journal: Journal, profile: Profile, clock: Clock) -> None:
        self._mailbox, self._journal, self._profile, self._clock = mailbox, journal, profile, clock

    def composed(self, segments: Lines, numbers: Numbers) -> dict[str, Any]:
        """A 940 as it is kept until it is written. Raises Unsendable when a value does not fit its element."""
        text = write("940", segments, numbers, self._profile, self._clock())
        name = f"940-{numbers.control:09d}.edi"
        return {"file": name, "text": text, "written_at": "", "acks": ["/".join(numbers.reference)]}

    def post(self, kind: str, ref: str, kept: Kept, until: datetime | None = None) -> Pending | Unknown:
        """Put what was kept into the mailbox, and note that it is there; not after `until`."""
        if until is not None and self._clock() >= until:
            return Unknown("preparing it took so long that it was not put into the mailbox")
        try:
            content = kept["text"].encode(self._profile.encoding)
            self._mailbox.write(self._profile.folders.outbound, kept["file"], content)
        except RetryableError as error:
            return Unknown(f"it is not known whether it reached the mailbox: {error}")
        now = self._clock()
        try:
            self._journal.put(kind, ref, {**kept, "text": "", "written_at": now.isoformat()}, now)
        except RetryableError as error:  # to the caller that would mean that nothing was sent
            return Unknown(f"{kept['file']} is in the mailbox, which could not be noted: {error}")
        due = f"{self.due(now):%H:%M} UTC"
        return Pending(f"{kept['file']} is in the mailbox; its acknowledgement (997) is due by {due}")

    def due(self, written_at: datetime) -> datetime:
        """Until when the warehouse has agreed to answer."""
        return written_at + timedelta(hours=self._profile.silence_hours)

    def verdicts(self, kept: Kept) -> list[Kept | None]:
        """What the 997s say of each interchange that was written for this, the newest first."""
        group = [key.partition("/")[0] + "/" for key in kept["acks"]]
        acks = self._journal.get("ack", [*kept["acks"], *group])
        return [acks.get(key) or acks.get(whole) for key, whole in zip(kept["acks"], group, strict=True)]

    def accepted(self, kept: Kept) -> bool:
        """Whether one of the interchanges was accepted."""
        return any(each is not None and each["code"] in ACCEPTED for each in self.verdicts(kept))


def refusal_words(kept: Kept, verdict: Kept) -> str:
    """What a 997 that refuses says, for a person."""
    words = " ".join(each for each in (verdict["place"], verdict["words"]) if each) or "without a reason"
    return f"the warehouse's 997 refused {kept['file']} ({verdict['code']}): {words}"
