"""What left a ShipHero warehouse, and what it will not send.

Shipments are read through the orders that changed: `shipments(date_from)` goes by the day a shipment was made, and one
that is taken back later would not be told. ShipHero makes a shipment and its labels in one step when goods leave
(https://developer.shiphero.com/flows/order-fulfillment/). Only the Bulk Ship screen makes them ahead, with
`completed: false` ("if store was notified", type `Shipment`): that is progress until it is completed or the order is
fulfilled. A shipment is taken back by voiding its labels; one whose labels all are void counts for nothing, and of
another one what is in a void label. A label's `status` is free text: `valid` was seen in real answers; a word that is
not known here leaves the shipment out, with a problem that names it.

A line is short by what was ordered and is neither shipped nor pending: the warehouse lowers `quantity` and
`quantity_pending_fulfillment` of what it will not send, and ends them on a cancelled line or order or a fulfilled order
(https://software-help.shiphero.com/hc/en-us/articles/4419345213965, quantity fields). What was ordered stands in the
line's own `custom_options`, where we wrote it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from include.fulfilment.adapters.warehouse.shiphero import documents
from include.fulfilment.adapters.warehouse.shiphero.client import Json, ShipHeroClient
from include.fulfilment.adapters.warehouse.shiphero.lines import all_lines, base_units, pending
from include.fulfilment.adapters.warehouse.shiphero.options import Options
from include.fulfilment.adapters.warehouse.shiphero.orders import ShipHeroOrders
from include.fulfilment.adapters.warehouse.shiphero.wire import (
    ORDERED,
    Label,
    Order,
    OrderLine,
    ShipmentHead,
    ShippedLine,
    instant,
    pages,
    read,
    wire_time,
)
from include.fulfilment.domain.shipment import LineClosure, Parcel, Shipment, ShipmentLine
from include.fulfilment.domain.warehouse_order import is_our_reference
from include.fulfilment.errors import DataError
from include.fulfilment.ports import Problem, ShipmentPage, Unknown

# ShipHero's filter goes by its own clock, and whether it includes its bound is not said.
_OVERLAP = timedelta(minutes=5)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_VALID, _VOID = ("", "valid"), ("void", "voided", "canceled", "cancelled", "refunded")
_NO_CARRIER = ("", "generic", "genericlabel")


class ShipHeroShipments:
    """Reads shipments and closed remainders of one account's orders."""

    def __init__(self, client: ShipHeroClient, orders: ShipHeroOrders, options: Options, customer: str) -> None:
        self._client = client
        self._orders = orders
        self._options = options
        self._customer = customer

    def read(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        """Pages of what changed since then; the cursor moves with the last page alone, because the order of pages is
        not said: what a broken-off reading stored is read again."""
        now = self._client.now()
        since = wire_time(changed_since - _OVERLAP) if changed_since else None
        waiting: ShipmentPage | None = None
        for nodes in pages(self._changed(None, since), lambda after: self._changed(after, since), "changed orders"):
            if waiting:
                yield waiting
            waiting = self._page(nodes, changed_since or _NEVER)
        if waiting:
            yield ShipmentPage(waiting.shipments, waiting.closures, now, waiting.problems)

    def of_order(
        self, order: Order, lines: Sequence[OrderLine], nodes: Json, problems: list[Problem]
    ) -> list[Shipment | None]:
        """The shipments of one order; None, and a problem, for one that cannot be used."""
        return [self._shipment(each, order, lines, problems) for each in nodes or ()]

    def _changed(self, after: str | None, since: str | None) -> Json:
        given = {"after": after, "since": since, "shop": self._options.shop_name, "customer": self._customer or None}
        answer = self._client.read(documents.CHANGED, "orders", cost=documents.CHANGED_COST, **given)
        return answer["orders"].get("data")

    def _page(self, nodes: Sequence[Json], read_to: datetime) -> ShipmentPage:
        found: list[Shipment] = []
        closures: list[LineClosure] = []
        problems: list[Problem] = []
        orders = list(_ours(nodes, problems))
        replaced = self._replaced([order for order, _ in orders], problems)
        unclear = {each.subject for each in problems}
        for order, node in orders:
            subject = f"order {order.ref}"
            try:
                lines = all_lines(self._client, order.raw_id, node.get("line_items"), subject)
                shipments = self.of_order(order, lines, node.get("shipments"), problems)
                known = [each for each in shipments if each]
                found += known
                if order.id not in replaced and len(known) == len(shipments):
                    closures += self._closures(order, lines, known)
                if subject not in unclear:
                    problems.append(Problem(subject, ""))  # whatever it was before, it can be read now
            except DataError as error:
                problems.append(Problem(subject, str(error)))
        return ShipmentPage(tuple(found), tuple(closures), read_to, tuple(problems))

    def _replaced(self, orders: Sequence[Order], problems: list[Problem]) -> set[str]:
        """Ids of cancelled orders under whose reference there is a live one, or where that cannot be told: nothing of
        them is short."""
        cancelled = [order for order in orders if order.is_cancelled]
        live: set[str] = set()
        for ref, found in self._orders.heads({order.ref for order in cancelled}).items():
            if isinstance(found, Unknown):
                problems.append(Problem(f"order {ref}", found.reason))
            if isinstance(found, Unknown) or any(not each.is_cancelled for each in found):
                live.add(ref)
        return {order.id for order in cancelled if order.ref in live}

    def _shipment(
        self, node: Json, order: Order, lines: Sequence[OrderLine], problems: list[Problem]
    ) -> Shipment | None:
        """The shipment, or None and a problem where it cannot be used: the order's others go through."""
        subject = f"shipment {(node or {}).get('id')}" if isinstance(node, Mapping) else f"a shipment of {order.ref}"
        try:
            head = read(ShipmentHead, node, subject)
            subject = f"shipment {head.id}"
            return self._read_shipment(head, node, order, lines)
        except (DataError, ValueError) as error:
            problems.append(Problem(subject, str(error)))
            return None

    def _read_shipment(self, head: ShipmentHead, node: Json, order: Order, lines: Sequence[OrderLine]) -> Shipment:
        what = f"shipment {head.id}"
        labels = list(head.shipping_labels or ())
        void = {label.id for label in labels if _is_void(label, what)}
        counted: dict[str, dict[str, ShipmentLine]] = defaultdict(dict)
        voided: dict[str, dict[str, ShipmentLine]] = defaultdict(dict)
        by_id = {line.id: line for line in lines}
        for shipped in self._shipped_lines(head, node.get("line_items"), what):
            line = self._line(shipped, order, by_id.get(shipped.line_item_id))
            parcels = voided if shipped.shipping_label_id in void else counted
            _add(parcels[shipped.shipping_label_id], line)
        all_void = bool(labels) and len(void) == len(labels)
        if voided and not all_void and any(not counted.get(each.id) for each in labels if each.id not in void):
            raise DataError(f"shiphero: {what}: a void label holds goods and a valid one is empty; ask what left", what)
        gone = head.completed is not False or order.status == "fulfilled"
        at = instant(head.created_date)
        return Shipment(
            shipment_id=head.id,
            location=head.warehouse_id,
            dispatched_at=at if gone else None,
            picked_at=None if gone else at,
            voided=all_void,
            lines=_merged(voided if all_void else counted),
            parcels=tuple(_parcel(label, counted.get(label.id, {})) for label in labels if label.id not in void),
        )

    def _shipped_lines(self, head: ShipmentHead, first: Json, what: str) -> list[ShippedLine]:
        def more(after: str) -> Json:
            given = {"id": head.raw_id, "after": after}
            answer = self._client.read(documents.MORE_SHIPPED_LINES, "shipment", cost=documents.MORE_COST, **given)
            return (answer["shipment"].get("data") or {}).get("line_items")

        return [read(ShippedLine, node, f"a line of {what}") for page in pages(first, more, what) for node in page]

    def _line(self, shipped: ShippedLine, order: Order, line: OrderLine | None) -> ShipmentLine:
        if line is None:
            return ShipmentLine(order.ref, "", "", shipped.quantity)
        return ShipmentLine(order.ref, line.line_id, line.sku or "", base_units(line, shipped.quantity, self._options))

    def _closures(
        self, order: Order, lines: Sequence[OrderLine], shipments: Sequence[Shipment]
    ) -> Iterator[LineClosure]:
        """Lines of which the warehouse will send less than was ordered. What its shipments say left is not short, even
        where the line does not count it yet."""
        left = [line for each in shipments if not each.voided for line in each.lines]
        for line in lines:
            ordered = line.option(ORDERED) or base_units(line, line.quantity, self._options)
            shipped = base_units(line, line.quantity_shipped or 0, self._options)
            told = sum(each.base_quantity for each in left if each.line_id == line.line_id)
            short = ordered - max(shipped, told) - base_units(line, pending(order, line), self._options)
            if short > 0:
                yield LineClosure(order.ref, line.line_id, short)


def _ours(nodes: Sequence[Json], problems: list[Problem]) -> Iterator[tuple[Order, Json]]:
    """The orders that bear a reference of ours; somebody else's are passed over, whatever they are like."""
    for node in nodes:
        ref = node.get("partner_order_id")
        if isinstance(ref, str) and is_our_reference(ref):
            try:
                yield read(Order, node, f"order {ref}"), node
            except DataError as error:
                problems.append(Problem(f"order {ref}", str(error)))


def _is_void(label: Label, what: str) -> bool:
    word = (label.status or "").strip().lower()
    if word not in _VALID + _VOID:
        raise DataError(f"shiphero: {what}: label {label.id} is {word[:40]!r}, which is not known; ask what left", what)
    return word in _VOID


def _add(lines: dict[str, ShipmentLine], line: ShipmentLine) -> None:
    held = lines.get(line.line_id)
    units = line.base_quantity + (held.base_quantity if held else 0)
    lines[line.line_id] = ShipmentLine(line.external_ref, line.line_id, line.base_sku, units)


def _merged(parcels: Mapping[str, Mapping[str, ShipmentLine]]) -> tuple[ShipmentLine, ...]:
    merged: dict[str, ShipmentLine] = {}
    for lines in parcels.values():
        for line in lines.values():
            _add(merged, line)
    return tuple(merged.values())


def _parcel(label: Label, lines: Mapping[str, ShipmentLine]) -> Parcel:
    """A label's parcel. A generic label has no tracking number, and its link then leads nowhere."""
    tracking, carrier = label.tracking_number or "", label.carrier or ""
    return Parcel(
        parcel_id=label.id,
        carrier="" if carrier.lower() in _NO_CARRIER else carrier,
        tracking_number=tracking,
        tracking_url=(label.tracking_url or "") if tracking else "",
        contents=tuple(lines.values()),
    )
