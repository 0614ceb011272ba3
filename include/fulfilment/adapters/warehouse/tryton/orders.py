"""Warehouse orders in Tryton: a sale without money, from which Tryton makes the shipments itself.

| ours | theirs |
|---|---|
| external_ref | sale `description`: free text, searchable, shown to the staff; Tryton keeps no unique key of ours |
| PO number | sale `reference`, the customer's reference |
| service, instructions | sale `comment`: a first line `Service: …`, then the instructions as they are |
| requested date | sale `shipping_date` |
| line id | sale line `note` |

A sale counts as submitted when it is confirmed. The three steps (create, quote, confirm) are three calls; one that
broke off in between is absent to `find`, which only reads, and the next `submit` finishes it instead of creating it
twice. A cancelled sale counts for nothing: Tryton cancels none that has shipments. An order all of whose shipments are
cancelled is cancelled, whatever its sale says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from include.fulfilment.adapters.transport import RemoteRefusal, UnknownOutcome
from include.fulfilment.adapters.warehouse.tryton.sale import SERVICE, Refused, rejected, sale_values
from include.fulfilment.adapters.warehouse.tryton.wire import Record, TrytonClient, chunks, record_id, whole
from include.fulfilment.clock import Clock
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import RetryableError
from include.fulfilment.ports import (
    Absent,
    AlreadyExists,
    Created,
    FindAnswer,
    Rejected,
    SubmitAnswer,
    Unknown,
    WarehouseRecord,
    WarehouseStatus,
    differences,
)

_SALE = "sale.sale"
_BATCH = 100
_FIELDS = ("description", "reference", "comment", "state", "shipment_state")
_STEPS = {"draft": ("quote", "quotation"), "quotation": ("confirm", "confirmed")}  # state: button, state it leads to
SUBMITTED = ("confirmed", "processing", "done")
_QUIET = ("none", "exception")
"""States of a sale's shipments in which they may all be cancelled."""
_STATUSES = {
    "none": WarehouseStatus.RECEIVED,
    "waiting": WarehouseStatus.RECEIVED,
    "partially shipped": WarehouseStatus.PARTIALLY_SHIPPED,
    "sent": WarehouseStatus.SHIPPED,
    "exception": WarehouseStatus.HELD,
}


class TrytonOrders:
    """Submits warehouse orders to one Tryton and finds them again."""

    def __init__(self, client: TrytonClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        """Create the order once; one that is there already under its reference is not created again but finished where
        it was half submitted, and no create starts after `until`."""
        held = self._held([order.external_ref]).get(order.external_ref)
        if held:
            record, found = held
            unfinished = self._finish(found["id"], found["state"])
            return unfinished or AlreadyExists(record.wms_id, differences(order, record))
        try:
            values = sale_values(self._client, order, self._clock().date())
            if self._clock() >= until:
                return Unknown("looking things up took so long that it was not sent")
            sale = self._client.create(_SALE, values, safe=False)
        except Refused as refused:
            return refused.answer
        except UnknownOutcome as unclear:
            return Unknown(str(unclear))
        except RemoteRefusal as refusal:
            return rejected(refusal)
        return self._finish(sale, "draft") or Created(str(sale))

    def find(self, refs: Sequence[str]) -> dict[str, FindAnswer]:
        """What Tryton holds under each reference; an order whose submission broke off half way is absent."""
        answers: dict[str, FindAnswer] = {ref: Absent() for ref in refs}
        held = self._held(refs).items()
        return answers | {ref: record for ref, (record, sale) in held if sale["state"] in SUBMITTED}

    def _held(self, refs: Sequence[str]) -> Mapping[str, tuple[WarehouseRecord, Record]]:
        """The order under each reference that has one, half submitted or not, with its sale."""
        held: dict[str, tuple[WarehouseRecord, Record]] = {}
        for batch in chunks(sorted(set(refs)), _BATCH):
            domain = [["description", "in", list(batch)], ["state", "!=", "cancelled"]]
            sales = self._client.search(_SALE, domain, _FIELDS)
            lines = self._lines([sale["id"] for sale in sales])
            quiet = [sale["id"] for sale in sales if may_be_called_off(sale)]
            called_off = self.called_off({each["id"]: sale for sale in quiet for each in lines[sale]})
            by_ref: dict[str, list[Record]] = defaultdict(list)
            for sale in sales:
                by_ref[sale["description"]].append(sale)
            for ref, same in by_ref.items():
                if ref in batch:
                    sale = _leading(same)
                    record = _record(ref, sale, same, lines[sale["id"]])
                    if sale["id"] in called_off:
                        record = replace(record, status=WarehouseStatus.CANCELLED)
                    held[ref] = (record, sale)
        return held

    def called_off(self, sale_of: Mapping[int, int]) -> set[int]:
        """The sales of these lines (sale by line) that have moves, all of them cancelled."""
        states: dict[int, set[str]] = defaultdict(set)
        for batch in chunks(sorted(sale_of), _BATCH):
            domain = [["origin.id", "in", list(batch), "sale.line"]]
            for move in self._client.search("stock.move", domain, ["origin", "state"]):
                states[sale_of.get(record_id(move["origin"]), 0)].add(move["state"])
        return {sale for sale, found in states.items() if found == {"cancelled"}}

    def _finish(self, sale: int, state: str) -> Rejected | Unknown | None:
        """Press what is still missing until the order is with the staff. What Tryton refuses is taken away again, but
        not where the refusal only says that somebody else pressed first."""
        try:
            while state not in SUBMITTED:
                if state not in _STEPS:
                    return Unknown(f"sale {sale} was {state} before it was confirmed")
                button, leads_to = _STEPS[state]
                try:
                    self._client.press(_SALE, sale, button)
                except RemoteRefusal as refusal:
                    leads_to = self._state(sale)
                    if leads_to == state:
                        return self._undo(sale, state, rejected(refusal))
                state = leads_to
        except (RemoteRefusal, UnknownOutcome, RetryableError) as unclear:
            return Unknown(f"sale {sale} is stored, but it is not known whether it was confirmed: {unclear}")
        return None

    def _state(self, sale: int) -> str:
        found = self._client.search(_SALE, [["id", "=", sale]], ["state"])
        return str(found[0]["state"]) if found else "deleted"

    def _undo(self, sale: int, state: str, answer: Rejected) -> Rejected | Unknown:
        """Delete a sale that was never confirmed. It is made a draft for that, not cancelled: if this breaks off, the
        next submit meets a draft, and nothing looks as though the staff had cancelled it."""
        try:
            if state != "draft":
                self._client.press(_SALE, sale, "draft")
            self._client.delete(_SALE, sale)
        except (RemoteRefusal, UnknownOutcome, RetryableError) as error:
            return Unknown(f"sale {sale} was refused ({answer.message}) and could not be taken away: {error}")
        return answer

    def _lines(self, sales: Sequence[int]) -> defaultdict[int, list[Record]]:
        lines: defaultdict[int, list[Record]] = defaultdict(list)
        for batch in chunks(sales, _BATCH):
            domain = [["sale", "in", list(batch)], ["type", "=", "line"]]
            for line in self._client.search("sale.line", domain, ["sale", "note", "quantity"]):
                lines[line["sale"]].append(line)
        return lines


def may_be_called_off(sale: Record) -> bool:
    """Whether all shipments of the sale may be cancelled: its moves have to be looked at."""
    return sale["state"] in SUBMITTED and sale["shipment_state"] in _QUIET


def status_of(sale: Record) -> WarehouseStatus:
    """Where a submitted sale is, if it was not called off."""
    return _STATUSES.get(sale["shipment_state"], WarehouseStatus.UNRECOGNISED)


def raw_status(sale: Record) -> str:
    """Tryton's own words for it."""
    return f"{sale['state']}/{sale['shipment_state']}"


def _leading(same: Sequence[Record]) -> Record:
    """The order that counts under a reference: a submitted one before a half-submitted one, then the oldest."""
    return ([sale for sale in same if sale["state"] in SUBMITTED] or list(same))[0]


def _record(ref: str, sale: Record, same: Sequence[Record], lines: Sequence[Record]) -> WarehouseRecord:
    service, _, rest = (sale["comment"] or "").partition("\n")
    held: dict[str, int] = defaultdict(int)
    for line in lines:
        held[line["note"] or f"tryton line {line['id']}"] += whole(line["quantity"], f"sale line {line['id']}")
    return WarehouseRecord(
        external_ref=ref,
        wms_id=str(sale["id"]),
        status=status_of(sale),
        raw_status=raw_status(sale),
        po_number=sale["reference"] or "",
        instructions=rest if service.startswith(SERVICE) else sale["comment"] or "",
        lines=dict(held),
        duplicates=tuple(str(other["id"]) for other in same if other is not sale),
    )
