"""Warehouse orders in Tryton: a sale without money, from which Tryton makes the shipments itself.

| ours | theirs |
|---|---|
| external_ref | sale `description`: free text, searchable, shown to the staff; Tryton keeps no unique key of ours |
| PO number | sale `reference`, the customer's reference |
| service, instructions | sale `comment`: a first line `Service: …`, then the instructions as they are |
| requested date | sale `shipping_date` |
| line id | sale line `note` |

A sale counts as submitted when it is confirmed. The three steps (create, quote, confirm) are three calls, so one that
broke off in between is finished when it is found again, never created twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from include.fulfilment.adapters.transport import RemoteRefusal, UnknownOutcome
from include.fulfilment.adapters.warehouse.tryton_sale import SERVICE, Refused, rejected, sale_values
from include.fulfilment.adapters.warehouse.tryton_wire import Record, TrytonClient, chunks
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
)

_SALE = "sale.sale"
_BATCH = 100
_FIELDS = ("description", "reference", "comment", "state", "shipment_state")
_NEXT_BUTTON = {"draft": "quote", "quotation": "confirm", "confirmed": "process"}
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
        """Create the order once; one that is there already under its reference is not created again, and no create
        starts after `until`."""
        found = self.find([order.external_ref])[order.external_ref]
        if isinstance(found, Unknown):
            return found
        if isinstance(found, WarehouseRecord):
            return AlreadyExists(found.wms_id, _differences(order, found))
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
        return self._confirm(sale)

    def find(self, refs: Sequence[str]) -> dict[str, FindAnswer]:
        """What Tryton holds under each reference. An order whose submission broke off half way is finished here."""
        answers: dict[str, FindAnswer] = {ref: Absent() for ref in refs}
        for batch in chunks(sorted(set(refs)), _BATCH):
            sales = self._client.search(_SALE, [["description", "in", list(batch)]], _FIELDS)
            lines = self._lines([sale["id"] for sale in sales])
            by_ref: dict[str, list[Record]] = defaultdict(list)
            for sale in sales:
                by_ref[sale["description"]].append(sale)
            for ref, same in by_ref.items():
                if ref in answers:
                    sale = _leading(same)
                    answers[ref] = self._finished(_record(ref, sale, same, lines[sale["id"]]), sale)
        return answers

    def _confirm(self, sale: int) -> SubmitAnswer:
        """Quote and confirm; a refusal takes the draft away again, so that nothing stays stored."""
        try:
            for button in ("quote", "confirm"):
                self._client.press(_SALE, sale, button)
        except RemoteRefusal as refusal:
            return self._undo(sale, rejected(refusal))
        except (UnknownOutcome, RetryableError) as unclear:
            return Unknown(f"sale {sale} is stored, but it is not known whether it was confirmed: {unclear}")
        return Created(str(sale))

    def _undo(self, sale: int, answer: Rejected) -> SubmitAnswer:
        try:
            self._client.press(_SALE, sale, "cancel")
            self._client.delete(_SALE, sale)
        except (RemoteRefusal, UnknownOutcome, RetryableError) as error:
            return Unknown(f"sale {sale} was refused ({answer.message}) and could not be taken away: {error}")
        return answer

    def _finished(self, record: WarehouseRecord, sale: Record) -> FindAnswer:
        """Press what is still missing until the order is with the staff."""
        state = sale["state"]
        try:
            while state in _NEXT_BUTTON:
                self._client.press(_SALE, sale["id"], _NEXT_BUTTON[state])
                state = self._client.search(_SALE, [["id", "=", sale["id"]]], ["state"])[0]["state"]
        except RemoteRefusal as refusal:
            undone = self._undo(sale["id"], rejected(refusal))
            return undone if isinstance(undone, Unknown) else Absent()
        except (UnknownOutcome, RetryableError) as error:
            return Unknown(f"sale {sale['id']} is stored but stuck in state {state}: {error}")
        return record

    def _lines(self, sales: Sequence[int]) -> defaultdict[int, list[Record]]:
        lines: defaultdict[int, list[Record]] = defaultdict(list)
        for batch in chunks(sales, _BATCH):
            domain = [["sale", "in", list(batch)], ["type", "=", "line"]]
            for line in self._client.search("sale.line", domain, ["sale", "note", "quantity"]):
                lines[line["sale"]].append(line)
        return lines


def _leading(same: Sequence[Record]) -> Record:
    """The order that counts under a reference: a live one before a cancelled one, then the oldest."""
    return ([sale for sale in same if sale["state"] != "cancelled"] or list(same))[0]


def _record(ref: str, sale: Record, same: Sequence[Record], lines: Sequence[Record]) -> WarehouseRecord:
    service, _, rest = (sale["comment"] or "").partition("\n")
    held: dict[str, int] = defaultdict(int)
    for line in lines:
        held[line["note"] or f"tryton line {line['id']}"] += int(line["quantity"])
    others = [other for other in same if other is not sale and other["state"] != "cancelled"]
    return WarehouseRecord(
        external_ref=ref,
        wms_id=str(sale["id"]),
        status=_status(sale),
        raw_status=f"{sale['state']}/{sale['shipment_state']}",
        po_number=sale["reference"] or "",
        instructions=rest if service.startswith(SERVICE) else sale["comment"] or "",
        lines=dict(held),
        duplicates=tuple(str(other["id"]) for other in others),
    )


def _status(sale: Record) -> WarehouseStatus:
    if sale["state"] == "cancelled":
        return WarehouseStatus.CANCELLED
    if sale["state"] in _NEXT_BUTTON:
        return WarehouseStatus.RECEIVED
    return _STATUSES.get(sale["shipment_state"], WarehouseStatus.UNRECOGNISED)


def _differences(order: WarehouseOrder, record: WarehouseRecord) -> tuple[str, ...]:
    sent = {line.line_id: line.base_quantity for line in order.lines}
    checks = {
        "PO number": record.po_number == order.po_number,
        "instructions": record.instructions == order.instructions,
        "lines": dict(record.lines) == sent,
        "duplicates": not record.duplicates,
    }
    return tuple(name for name, same in checks.items() if not same)
