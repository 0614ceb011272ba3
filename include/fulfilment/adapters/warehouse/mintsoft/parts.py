"""An order in Mintsoft and the parts it was split into.

Mintsoft splits an order into orders of their own, which share its number: on creation, for want of stock or between its
warehouses, or later at the bench (help articles 11694780 and 11647043). A line has no despatched quantity, so what was
sent is what stands on the parts that are despatched. Of two orders with one number and the same part number one is a
copy: the live one counts, or the older one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from include.fulfilment.adapters.warehouse.mintsoft.options import Account
from include.fulfilment.adapters.warehouse.mintsoft.statuses import CANCELLED, DESPATCHED, STATUSES
from include.fulfilment.adapters.warehouse.mintsoft.wire import Item, Order, instant, value_of
from include.fulfilment.ports import WarehouseRecord, WarehouseStatus

LINE_ID = "Order line id"
"""The pair on a line that carries our line id."""
ORDERED = "Ordered units"
"""The pair on a line that carries the units we sent: somebody may lower the line's quantity in Mintsoft."""
_ANY = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Part:
    """One order of Mintsoft's with the name of its status."""

    order: Order
    status: str

    @classmethod
    def of_order(cls, order: Order, names: Mapping[int, str]) -> Part:
        """The part with Mintsoft's own name of its status; an id that the account does not list is kept as it is."""
        return cls(order, names.get(order.order_status_id) or f"status {order.order_status_id}")

    @property
    def number(self) -> int:
        return max(1, self.order.part or 1)

    @property
    def of(self) -> int:
        return max(1, self.order.number_of_parts or 1)

    @property
    def cancelled(self) -> bool:
        return self.status == CANCELLED

    @property
    def sent(self) -> bool:
        return self.status in DESPATCHED

    @property
    def taken_back(self) -> bool:
        """Cancelled after it had left: somebody despatched it, before it was changed last. The date alone is no proof,
        a planned one stands in the same field."""
        gone, changed = (instant(text, _ANY) for text in (self.order.despatch_date, self.order.last_updated))
        left = bool(self.order.despatched_by_user) and gone is not None and (changed is None or gone <= changed)
        return self.cancelled and left


class Family:
    """All that Mintsoft holds under one order number."""

    def __init__(self, orders: Iterable[Order], names: Mapping[int, str]) -> None:
        parts = [Part.of_order(order, names) for order in orders]
        by_number: dict[int, list[Part]] = defaultdict(list)
        for part in sorted(parts, key=lambda each: (each.cancelled, each.taken_back, each.order.id)):
            by_number[part.number].append(part)
        self.parts = [by_number[number][0] for number in sorted(by_number)]
        self.copies = [part for same in by_number.values() for part in same[1:] if not part.cancelled]
        self._lines = _lines_by_sku(item for part in self.parts for item in part.order.items)

    @property
    def complete(self) -> bool:
        """Whether every part that Mintsoft counts is here."""
        return all(len(self.parts) >= part.of for part in self.parts)

    @property
    def live(self) -> bool:
        """Whether anything under the number is not cancelled."""
        return any(not part.cancelled for part in self.parts)

    def lines(self, order: Order) -> list[tuple[str, str, int]]:
        """(our line id, SKU, units) of one part's lines. Where a line does not carry our id, its SKU tells it if only
        one line of the whole order has that SKU; otherwise the id is empty."""
        found = []
        for item in order.items:
            ids = self._lines.get(item.sku, set())
            line_id = value_of(item.pairs, LINE_ID) or (next(iter(ids)) if len(ids) == 1 else "")
            found.append((line_id, item.sku, item.quantity))
        return found

    def unsure(self) -> bool:
        """Whether a line does not say which it is: its SKU tells only with all parts of the order at hand."""
        return any(not value_of(item.pairs, LINE_ID) for part in self.parts for item in part.order.items)

    def short(self) -> dict[str, int]:
        """Units per line that will not be sent: those of cancelled parts, and when nothing is open any more, all that
        we sent and that never left, so that a quantity lowered in Mintsoft counts too."""
        held = Counter[str]()
        left = Counter[str]()
        for part in self.parts:
            for line_id, _, units in self.lines(part.order):
                held[line_id] += units if part.cancelled else 0
                left[line_id] += units if part.sent else 0
        if self.complete and all(part.cancelled or part.sent for part in self.parts):
            for line_id, ordered in self._ordered().items():
                held[line_id] = max(held[line_id], ordered - left[line_id])
        return {line_id: units for line_id, units in held.items() if units > 0 and line_id}

    def lowered(self) -> bool:
        """Whether a line holds fewer units than we sent: it was split off, or somebody lowered it."""
        held = Counter[str]()
        for part in self.parts:
            for line_id, _, units in self.lines(part.order):
                held[line_id] += units
        return any(held[line_id] < units for line_id, units in self._ordered().items())

    def record(self, ref: str, po_name: str) -> WarehouseRecord:
        """What Mintsoft holds of the order, its parts taken together."""
        first = self.parts[0]
        held = Counter[str]()
        for part in self.parts:
            for line_id, sku, units in self.lines(part.order):
                held[line_id or f"mintsoft {sku}"] += units
        return WarehouseRecord(
            external_ref=ref,
            wms_id=str(first.order.id),
            status=_status(self.parts),
            raw_status=", ".join(dict.fromkeys(part.status for part in self.parts)),
            po_number=value_of(first.order.pairs, po_name),
            instructions=first.order.delivery_notes,
            lines=dict(held),
            duplicates=tuple(str(copy.order.id) for copy in self.copies),
        )

    def _ordered(self) -> dict[str, int]:
        ordered: dict[str, int] = {}
        for item in (item for part in self.parts for item in part.order.items):
            units = value_of(item.pairs, ORDERED)
            if units.isascii() and units.isdigit():
                line_id = value_of(item.pairs, LINE_ID)
                ordered[line_id] = max(ordered.get(line_id, 0), int(units))
        return ordered


def is_ours(order: Order, ref: str, account: Account) -> bool:
    """Whether this is our order under `ref`: the search also looks into other references and other clients."""
    mine = account.client_id is None or order.client_id in (None, account.client_id)
    return mine and order.order_number == ref


def _lines_by_sku(items: Iterable[Item]) -> dict[str, set[str]]:
    lines: dict[str, set[str]] = defaultdict(set)
    for item in items:
        if line_id := value_of(item.pairs, LINE_ID):
            lines[item.sku].add(line_id)
    return lines


def _status(parts: Sequence[Part]) -> WarehouseStatus:
    found = [STATUSES.get(part.status, WarehouseStatus.UNRECOGNISED) for part in parts if not part.cancelled]
    if not found:
        return WarehouseStatus.CANCELLED
    waiting = [status for status in found if status is not WarehouseStatus.SHIPPED]
    if not waiting:
        return WarehouseStatus.SHIPPED
    return waiting[0] if len(waiting) == len(found) else WarehouseStatus.PARTIALLY_SHIPPED
