"""X12 4010 as a warehouse, over a mailbox: 940 and 997 out; 997, 945, 846, 944 and 947 in.

There is no query. What the warehouse holds is known by what we sent and what it acknowledged, both kept in the journal.
An order is written once, under control numbers and a file name that were kept before: a repeat writes the same file.
Until the 997 comes the order is pending; after the silence that was agreed it is in doubt, and a person asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

from include.fulfilment.adapters.connecting import Connecting, read_options
from include.fulfilment.adapters.warehouse.x12.answers import ACCEPTED
from include.fulfilment.adapters.warehouse.x12.changes import X12Changes
from include.fulfilment.adapters.warehouse.x12.compose import Unsendable
from include.fulfilment.adapters.warehouse.x12.inbox import Inbox, next_numbers
from include.fulfilment.adapters.warehouse.x12.mailbox import Mailbox, open_mailbox
from include.fulfilment.adapters.warehouse.x12.memory import Memory, sent_lines_of
from include.fulfilment.adapters.warehouse.x12.orders import field_limits, field_of, order_segments, sent_lines
from include.fulfilment.adapters.warehouse.x12.outbox import Outbox, refusal_words
from include.fulfilment.adapters.warehouse.x12.profile import DATES, PARTIES, REFERENCES, Options, Profile, load_profile
from include.fulfilment.adapters.warehouse.x12.stock import snapshot
from include.fulfilment.clock import Clock
from include.fulfilment.domain.shipment import Shipment
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import DataError, RetryableError
from include.fulfilment.ports import (
    Absent,
    AlreadyExists,
    AmendAnswer,
    CancelAnswer,
    CancelKind,
    Capabilities,
    DeductsAt,
    FindAnswer,
    Journal,
    OtherOrder,
    Pending,
    Rejected,
    ShipmentPage,
    StockSnapshot,
    SubmitAnswer,
    Unknown,
    WarehouseRecord,
    WarehouseStatus,
    WebhookProof,
    differences,
)
from include.fulfilment.settings import Environment

OVERLAP = timedelta(minutes=10)
_STATEMENTS = timedelta(days=3)  # a warehouse that sends no 846 for longer is read from its last one
_PAGE = 200
CAPABILITIES = Capabilities(
    name="x12",
    idempotent_create=True,  # the same reference is the same interchange under the same control numbers
    find_by_ref=True,
    finds_others=False,
    update=True,  # W05-01 R
    cancel=CancelKind.ASYNC,  # W05-01 F; the 945 tells whether it came in time
    partial_shipments=True,
    parcel_contents=True,
    lots=True,
    uom_on_line=True,
    orders_changed_since=True,
    stock_changed_since=False,
    webhook_proof=WebhookProof.NONE,
    deducts_at=DeductsAt.DISPATCH,
    unsafe_gets=False,  # reading moves files to the archive, and can be repeated at any point
    field_limits=field_limits(DATES, PARTIES, REFERENCES),
    rate=None,
    submit_concurrency=1,  # one session at the mailbox
)
NET = replace(CAPABILITIES, deducts_at=DeductsAt.ALLOCATE)


def connect(given: Connecting) -> X12Warehouse:
    """The warehouse behind a site's mailbox. Raises ConfigError when the profile or the connection lacks something."""
    options, profile = _agreed(given)
    return X12Warehouse(_mailbox(given, profile), given.journal, profile, given.clock, options.line_unit)


def probe(given: Connecting) -> None:
    """List the warehouse's messages and leave them there: every other reading of a mailbox takes them in."""
    profile = _agreed(given)[1]
    _mailbox(given, profile).names(profile.folders.inbound)


def _agreed(given: Connecting) -> tuple[Options, Profile]:
    options = read_options(Options, given.warehouse_site.options, f"{given.warehouse_field}.options", given.site)
    return options, load_profile(Environment().sites / options.profile)


def _mailbox(given: Connecting, profile: Profile) -> Mailbox:
    names = (profile.folders.outbound, profile.folders.inbound, profile.folders.archive, profile.folders.quarantine)
    return open_mailbox(given.connection, names, given.on_call, given.acquire)


class X12Warehouse:
    """One partner's warehouse behind the port `Warehouse`."""

    def __init__(
        self,
        mailbox: Mailbox,
        journal: Journal,
        profile: Profile,
        clock: Clock,
        line_unit: Literal["base", "pack"] = "base",
    ) -> None:
        self._profile, self._clock, self._line_unit = profile, clock, line_unit
        self._memory = Memory(journal)
        self._journal = journal
        self._inbox = Inbox(mailbox, self._memory, profile, clock)
        self._outbox = Outbox(mailbox, journal, profile, clock)
        self._changes = X12Changes(self._outbox, self._memory, profile, clock, line_unit, self.find)

    @property
    def capabilities(self) -> Capabilities:
        """What X12 can do between two partners. Where the
        figure of what is available was agreed (33), open orders are off it already."""
        profile = self._profile
        limits = field_limits(profile.dates, profile.parties, profile.references)
        return replace(NET if profile.stock_quantity == "33" else CAPABILITIES, field_limits=limits)

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        """Write the 940 once. An order that is in the journal is never written as a second original: one that may not
        have reached the mailbox is written as it was kept, one that was refused goes out anew, and one in doubt as a
        resubmission (W05-01 T)."""
        ref = order.external_ref
        kept = self._kept([ref]).get(ref)
        if kept is None:
            return self._send(order, "N", None, until)
        other = differences(order, self._record(ref, kept, WarehouseStatus.RECEIVED))
        self._inbox.drain()
        if not self._was_sent(ref, kept):
            answer = self._outbox.post("order", ref, kept, until)
            return AlreadyExists(_wms_id(kept), other) if other and isinstance(answer, Pending) else answer
        match self._standing(ref, kept):
            case WarehouseRecord() as record:
                return AlreadyExists(record.wms_id, other)
            case Pending() as pending:
                return AlreadyExists(_wms_id(kept), other) if other else pending
            case Rejected():
                return self._send(order, "N", kept, until)
            case _:
                return self._send(order, "T", kept, until)

    def find(self, external_refs: Sequence[str]) -> dict[str, FindAnswer]:
        """By the journal, after fetching what the warehouse sent. An order that was kept and never reached the mailbox
        is absent, as far as anybody knows: the next submit writes it, as it was kept."""
        self._inbox.drain()
        kept = self._kept(external_refs)
        answers: dict[str, FindAnswer] = {ref: Absent() for ref in external_refs}
        return answers | {ref: self._standing(ref, each) for ref, each in kept.items() if self._was_sent(ref, each)}

    def others(self, references: Sequence[str]) -> dict[str, OtherOrder]:
        """None: nothing asks a trading partner what else it holds."""
        return {}

    def cancel(self, external_ref: str) -> CancelAnswer:
        """Ask by a 940 with W05-01 F; cancelled once a 945 closes its lines as cancelled."""
        return self._changes.cancel(external_ref)

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        """Ask by a 940 with W05-01 R, which is the whole order anew; amended once a 997 accepts it."""
        return self._changes.amend(order)

    def read_stock(self) -> StockSnapshot:
        """The newest 846 of every location, with later receipts (944) and adjustments (947) added.

        Raises:
            DataError: the warehouse has sent no 846 yet.
        """
        self._inbox.drain()
        recent = self._clock() - _STATEMENTS
        statements = self._journal.since("846", recent) or self._journal.since("846", None)
        if not statements:
            return snapshot([], [])
        oldest = min(datetime.fromisoformat(each["as_of"]) for _, _, each in statements)
        moved = self._journal.since("moved", min(oldest, recent))
        return snapshot([each for *_, each in statements], [each for *_, each in moved])

    def read_shipments(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        """Shipments of the 945s that came since then, lines that they close, and what of any message is in question."""
        started = self._clock()
        self._inbox.drain()
        since = changed_since - OVERLAP if changed_since else None
        told = self._memory.told_since(since)
        problems = tuple(self._inbox.problems(since))
        for start in range(0, max(len(told), 1), _PAGE):
            page = told[start : start + _PAGE]
            last = start + _PAGE >= len(told)
            yield ShipmentPage(
                shipments=self._shipments(page),
                closures=tuple(self._memory.closures(sorted({ref for _, _, ref in page}))),
                read_to=started if last else page[-1][0],
                problems=problems if last else (),
            )

    def _shipments(self, told: Sequence[tuple[datetime, str, str]]) -> tuple[Shipment, ...]:
        """Each shipment once; a 945 that only closes lines tells of none."""
        read = (self._memory.shipment(each) for each in dict.fromkeys(shipment for _, shipment, _ in told))
        return tuple(each for each in read if each.lines or each.voided)

    def _kept(self, refs: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        return self._journal.get("order", sorted(set(refs)))

    def _send(
        self, order: WarehouseOrder, status: str, before: Mapping[str, Any] | None, until: datetime
    ) -> SubmitAnswer:
        """Keep the order's next interchange under new control numbers, and write it. Rejected when a value of the order
        does not fit its element."""
        ref, profile, now = order.external_ref, self._profile, self._clock()
        try:
            lines = sent_lines(order, profile, self._line_unit)
            segments = order_segments(order, lines, profile, status)
            message = self._outbox.composed(segments, next_numbers(self._memory))
        except Unsendable as unsendable:
            name = field_of(unsendable.fault.place)
            return Rejected("x12_element", f"{name} cannot be written in the 940: {unsendable}", name)
        except DataError as error:
            return Rejected("x12_unit", str(error), field_of("W0102"))
        content = {
            **message,
            "acks": [*message["acks"], *(before["acks"] if before and status == "T" else [])],
            "po_number": order.po_number,
            "instructions": order.instructions,
            "lines": {line_id: line.to_json() for line_id, line in lines.items()},
            "content": order.content_hash(),
        }
        kept: Mapping[str, Any] = content
        try:
            if before is not None:
                self._journal.put("order", ref, content, now)
            elif not self._journal.add("order", ref, content, now):
                kept = self._kept([ref])[ref]  # another worker kept it first
        except RetryableError as error:
            return Unknown(f"it is not known whether it was kept to be sent: {error}")
        return self._outbox.post("order", ref, kept, until)

    def _was_sent(self, ref: str, kept: Mapping[str, Any]) -> bool:
        """Whether an order reached the warehouse: we noted that it is written, or died before and it was answered."""
        verdicts = self._outbox.verdicts(kept)
        answered = verdicts[0] is not None or any(each is not None and each["code"] in ACCEPTED for each in verdicts)
        return bool(kept["written_at"]) or answered or bool(self._journal.get("standing", [ref]))

    def _standing(self, ref: str, kept: Mapping[str, Any]) -> WarehouseRecord | Rejected | Pending | Unknown:
        """What an order that was written has come to, by its acknowledgements; a 945 is one too."""
        verdicts = self._outbox.verdicts(kept)
        moved = self._journal.get("standing", [ref]).get(ref)
        if moved is not None or any(each is not None and each["code"] in ACCEPTED for each in verdicts):
            return self._record(ref, kept, WarehouseStatus(moved["status"] if moved else WarehouseStatus.RECEIVED))
        newest = verdicts[0]
        if newest is not None:
            return Rejected("x12_997", refusal_words(kept, newest), field_of(newest["place"]))
        due = self._outbox.due(datetime.fromisoformat(kept["written_at"]))
        if self._clock() <= due:
            return Pending(f"{kept['file']} is written; its acknowledgement (997) is due by {due:%Y-%m-%d %H:%M} UTC")
        words = f"no acknowledgement (997) of {kept['file']} came by {due:%Y-%m-%d %H:%M} UTC"
        return Unknown(f"{words}; ask the warehouse whether it has the order {ref}")

    def _record(self, ref: str, kept: Mapping[str, Any], status: WarehouseStatus) -> WarehouseRecord:
        return WarehouseRecord(
            external_ref=ref,
            wms_id=_wms_id(kept),
            status=status,
            raw_status="940 acknowledged" if status == WarehouseStatus.RECEIVED else "945",
            po_number=kept["po_number"],
            instructions=kept["instructions"],
            lines={line_id: line.base_quantity for line_id, line in sent_lines_of(kept).items()},
        )


def _wms_id(kept: Mapping[str, Any]) -> str:
    return str(kept["file"]).removesuffix(".edi")
