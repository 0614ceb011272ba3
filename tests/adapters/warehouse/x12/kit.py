"""Profiles, orders and interchanges that the X12 tests share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from include.fulfilment.adapters.warehouse.x12 import X12Warehouse
from include.fulfilment.adapters.warehouse.x12.mailbox import FolderMailbox
from include.fulfilment.adapters.warehouse.x12.profile import Profile
from include.fulfilment.domain.order import Address
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.ports import Journal
from tests.fakes import MemoryJournal
from tests.stories.world import Ticking

LATE = datetime(2100, 1, 1, tzinfo=UTC)
FOLDERS = ("outbound", "inbound", "archive", "quarantine")
PROFILE: dict[str, Any] = {
    "us": {"qualifier": "ZZ", "id": "MERCHANT", "group_id": "MERCHANT"},
    "warehouse": {"qualifier": "08", "id": "WH9251", "group_id": "WHGROUP"},
    "usage": "T",
    "zone": "Europe/London",
    "location": "MAIN",
}
TO = Address("Ann Quill", "Corner Shop", "17 Mercer Lane", "", "Leeds", "ENG", "LS1 1AA", "GB", "0113 496 0000")


def profile(**changes: Any) -> Profile:
    """A strict profile, changed as told."""
    return Profile.model_validate(PROFILE | changes)


def order(*lines: tuple[str, str, int], ref: str = "B2B1042", **changes: Any) -> WarehouseOrder:
    """An order of (line id, SKU, base units)."""
    made = tuple(WarehouseOrderLine(key, sku, units, f"Title of {sku}", "") for key, sku, units in lines)
    plain: dict[str, Any] = {
        "external_ref": ref,
        "order_id": "order-1",
        "order_name": "#1042",
        "revision": 1,
        "part": 1,
        "po_number": "PO-778",
        "instructions": "Ring at the gate",
        "requested_on": date(2026, 11, 30),
        "shipping_service": "pallet",
        "ship_to": TO,
        "lines": made or (WarehouseOrderLine("L1", "MUG", 24, "Mug", ""),),
    }
    return WarehouseOrder(**(plain | changes))


def interchange(code: str, body: Sequence[str], *, number: int = 7, group: str = "", **changes: Any) -> str:
    """One message from the warehouse; `body` are its segments without ST and SE."""
    groups = {"945": "SW", "846": "IB", "944": "RE", "947": "AW", "997": "FA"}
    told = {"sender": "WH9251", "receiver": "MERCHANT", "usage": "T", "day": "261123", "clock": "1000"} | changes
    seconds = told.get("seconds", "00")
    rows = [
        f"ISA*00*{'':10}*00*{'':10}*08*{told['sender']:15}*ZZ*{told['receiver']:15}*{told['day']}*{told['clock']}"
        f"*U*00401*{number:09d}*0*{told['usage']}*>",
        f"GS*{group or groups.get(code, 'ZZ')}*WHGROUP*MERCHANT*20{told['day']}*{told['clock']}{seconds}*{number}"
        "*X*004010",
        f"ST*{code}*{number:04d}",
        *body,
        f"SE*{told.get('count', len(body) + 2)}*{number:04d}",
        f"GE*1*{number}",
        f"IEA*1*{number:09d}",
    ]
    return "".join(f"{row}~\n" for row in rows)


def acknowledgement(reference: tuple[str, str], code: str = "A", *notes: str, number: int = 900) -> str:
    """A 997 to one 940 of ours, by its (group, message) control numbers."""
    group, message = reference
    body = [f"AK1*OW*{group}", f"AK2*940*{message}", *notes, f"AK5*{code}", f"AK9*{code}*1*1*{int(code in 'AE')}"]
    return interchange("997", body, number=number)


class Desk:
    """An adapter with a mailbox folder, a journal in memory and a clock, and the partner's hand in the mailbox."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.clock, self.profile = folder, Ticking(), profile(**changes)
        self.journal: Journal = MemoryJournal()
        self.warehouse = self.fresh()

    def fresh(self, line_unit: Any = "base") -> X12Warehouse:
        """Another adapter on the same mailbox and journal, as another worker has."""
        mailbox = FolderMailbox(self.folder, FOLDERS, "warehouse_test")
        return X12Warehouse(mailbox, self.journal, self.profile, self.clock, line_unit)

    def drop(self, name: str, text: str) -> None:
        """The partner leaves a message."""
        inbound = self.folder / "inbound"
        inbound.mkdir(exist_ok=True)
        (inbound / name).write_text(text, encoding="utf-8")

    def files(self, folder: str) -> dict[str, str]:
        """What lies in one folder of the mailbox, by name."""
        place = self.folder / folder
        return (
            {each.name: each.read_text(encoding="utf-8") for each in sorted(place.iterdir())} if place.is_dir() else {}
        )

    def sent(self, *lines: tuple[str, str, int], ref: str = "B2B1042", **changes: Any) -> WarehouseOrder:
        """An order that was written and acknowledged."""
        made = order(*lines, ref=ref, **changes)
        self.warehouse.submit(made, LATE)
        group, message = self.journal.get("order", [ref])[ref]["acks"][0].split("/")
        self.drop(f"ack-{ref}.edi", acknowledgement((group, message), number=5000 + int(group)))
        self.warehouse.find([ref])
        return made
