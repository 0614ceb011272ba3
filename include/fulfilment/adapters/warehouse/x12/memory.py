"""What the adapter remembers in its journal, since X12 has no query: orders sent, acknowledgements, shipments, stock.

| kind | key | content |
|---|---|---|
| order | our reference | control numbers, file, text until it is written, lines as sent |
| cancel, change | our reference | the 940 that asks for it, as it was kept, and what the order is once it is accepted |
| changed by | group/message control number | the reference of the order that this 940 changes |
| ack | group/message control number | what the 997 said |
| interchange | sender's control number | digest of the file that brought it: a number counts once |
| told | shipment id and our reference | nothing: when the 945 was kept, for reading what changed |
| parts <shipment>, shipped <reference> | the other of the two | what one 945 says of one order in one shipment |
| standing | our reference | where the order is by all its 945s |
| 846, moved | place and instant; receipt or adjustment | statements of stock, and differences |
| reply | digest of a file | the 997 that answers it |
| incomplete | digest of a file | seen once without its trailer: judged when it is found unchanged |
| problem | digest of a file | what of it a person must settle |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from include.fulfilment.adapters.warehouse.x12.orders import SentLine
from include.fulfilment.adapters.warehouse.x12.shipping import Advice
from include.fulfilment.domain.shipment import LineClosure, Parcel, Shipment, ShipmentLine
from include.fulfilment.ports import Journal, WarehouseStatus

_KEY = "{shipment}\n{ref}"


class Memory:
    """The journal in the words of shipments and orders."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def lines(self, ref: str) -> dict[str, SentLine] | None:
        """An order's lines as they were sent; None for an order that we never sent."""
        found = self.journal.get("order", [ref]).get(ref)
        return None if found is None else sent_lines_of(found)

    def record_change(self, ref: str, content: Mapping[str, Any], now: datetime) -> None:
        """Keep a change of an order, and by which acknowledgement it will be known."""
        for key in content["acks"]:
            self.journal.put("changed by", key, {"ref": ref}, now)
            self.journal.put("changed by", key.partition("/")[0] + "/", {"ref": ref}, now)
        self.journal.put("change", ref, content, now)

    def accept_change(self, key: str, now: datetime) -> None:
        """The order is what its change said, if this acknowledges the newest one; shipments are read by its lines."""
        changed = self.journal.get("changed by", [key]).get(key)
        if changed is None:
            return
        ref = changed["ref"]
        change, order = self.journal.get("change", [ref])[ref], self.journal.get("order", [ref])[ref]
        if key in change["acks"] or key == change["acks"][0].partition("/")[0] + "/":
            new = {name: change[name] for name in ("po_number", "instructions", "lines", "content")}
            self.journal.put("order", ref, {**order, **new}, now)

    def record_advice(self, advice: Advice, now: datetime) -> bool:
        """Keep what a 945 says. False, and nothing changed, when the shipment was told of before with other content and
        this one does not claim to replace it."""
        ref, shipment, content = advice.external_ref, advice.shipment_id, advice.content
        journal, key = self.journal, _KEY.format(shipment=shipment, ref=ref)
        if advice.replaces:
            journal.put(f"shipped {ref}", shipment, content, now)
            journal.put(f"parts {shipment}", ref, content, now)
            journal.put("told", key, {}, now)
            return True
        fresh = journal.add(f"shipped {ref}", shipment, content, now)
        if not fresh and journal.get(f"shipped {ref}", [shipment])[shipment] != content:
            return False
        journal.add(f"parts {shipment}", ref, content, now)
        journal.add("told", key, {}, now)
        return True

    def record_standing(self, ref: str, sent: Mapping[str, SentLine], now: datetime) -> None:
        """Work out where an order with these lines is by all its 945s."""
        parts = [content for _, _, content in self.journal.since(f"shipped {ref}", None) if not content["voided"]]
        shipped = _units(parts)
        closed = _closed(parts)
        done = all(shipped.get(key, 0) >= line.base_quantity or key in closed for key, line in sent.items())
        status = WarehouseStatus.SHIPPED if done else WarehouseStatus.PARTIALLY_SHIPPED
        if not any(shipped.values()):
            status = WarehouseStatus.CANCELLED if done else WarehouseStatus.RECEIVED
        self.journal.put("standing", ref, {"status": status.value}, now)

    def told_since(self, since: datetime | None) -> list[tuple[datetime, str, str]]:
        """(when it was kept, shipment id, our reference) of every 945 kept since then, oldest first."""
        found = []
        for at, key, _ in self.journal.since("told", since):
            shipment, _, ref = key.rpartition("\n")  # a damaged shipment id can hold a line break, our reference cannot
            found.append((at, shipment, ref))
        return found

    def shipment(self, shipment_id: str) -> Shipment:
        """The shipment by all that was told of it: it can hold several orders."""
        parts = {ref: content for _, ref, content in self.journal.since(f"parts {shipment_id}", None)}
        skus = {ref: self.lines(ref) or {} for ref in parts}
        lines: list[ShipmentLine] = []
        parcels: list[Parcel] = []
        for ref, content in parts.items():
            units = _units([content])
            lines += [_line(ref, key, skus[ref], units[key]) for key in units if units[key]]
            parcels += _parcels(shipment_id, ref, content, skus[ref])
        live = [content for content in parts.values() if not content["voided"]]
        return Shipment(
            shipment_id=shipment_id,
            location=next(content["location"] for content in (live or list(parts.values()))),
            dispatched_at=min(datetime.fromisoformat(content["dispatched_at"]) for content in parts.values()),
            picked_at=None,
            voided=not live,
            lines=tuple(lines),
            parcels=tuple(parcels),
        )

    def closures(self, refs: Sequence[str]) -> list[LineClosure]:
        """For each line that the warehouse closed, what it will never ship of it."""
        found = []
        for ref in refs:
            sent = self.lines(ref) or {}
            parts = [content for _, _, content in self.journal.since(f"shipped {ref}", None) if not content["voided"]]
            shipped = _units(parts)
            short = {
                key: sent[key].base_quantity - shipped.get(key, 0) for key in sorted(_closed(parts)) if key in sent
            }
            found += [LineClosure(ref, key, units) for key, units in short.items() if units > 0]
        return found


def sent_lines_of(content: Mapping[str, Any]) -> dict[str, SentLine]:
    """The lines in a journal entry of kind `order`."""
    return {line_id: SentLine(**line) for line_id, line in content["lines"].items()}


def _units(parts: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for content in parts:
        for *_, inside in content["boxes"]:
            for line_id, units in inside.items():
                total[line_id] = total.get(line_id, 0) + units
    return total


def _closed(parts: Iterable[Mapping[str, Any]]) -> set[str]:
    return {line_id for content in parts for line_id in content["closed"]}


def _line(ref: str, line_id: str, sent: Mapping[str, SentLine], units: int) -> ShipmentLine:
    return ShipmentLine(ref, line_id, sent[line_id].sku if line_id in sent else "", units)


def _parcels(shipment_id: str, ref: str, content: Mapping[str, Any], sent: Mapping[str, SentLine]) -> list[Parcel]:
    """Its marked parcels; where it marks none but gives the carrier's own reference, all goes under that one."""
    boxes = [box for box in content["boxes"] if box[0] or box[2]]
    if not boxes and content["reference"]:
        inside: dict[str, int] = _units([content])
        boxes = [[content["reference"], content["carrier"], content["reference"], inside]]
    return [
        Parcel(
            parcel_id=parcel_id or tracking,
            carrier=carrier,
            tracking_number=tracking,
            contents=tuple(_line(ref, key, sent, units) for key, units in inside.items() if units),
        )
        for parcel_id, carrier, tracking, inside in boxes
    ]
