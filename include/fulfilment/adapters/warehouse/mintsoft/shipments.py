"""What left Mintsoft's warehouse, and what it will not send.

One despatched part of an order is one shipment, by its Mintsoft id; picked and packed parts are progress. Mintsoft says
which parcels a part went in, not what is in them. A part that was despatched and is cancelled now was taken back
(INVOICED orders are cancelled and made again, help article 11588522): the shipment is voided. A part cancelled before
closes its lines, unless a live order took its place.
Other business goes through the same account: orders whose number is not one of ours are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from include.fulfilment.adapters.transport import RemoteRefusal
from include.fulfilment.adapters.warehouse.mintsoft.client import MintsoftClient
from include.fulfilment.adapters.warehouse.mintsoft.options import Options
from include.fulfilment.adapters.warehouse.mintsoft.orders import find_family
from include.fulfilment.adapters.warehouse.mintsoft.parts import Family, Part, is_ours
from include.fulfilment.adapters.warehouse.mintsoft.statuses import PICKED
from include.fulfilment.adapters.warehouse.mintsoft.wire import Consignment, Order, Row, instant, local, read
from include.fulfilment.domain.shipment import LineClosure, Parcel, Shipment, ShipmentLine
from include.fulfilment.domain.warehouse_order import is_our_reference
from include.fulfilment.ports import Problem, ShipmentPage

# Mintsoft does not say whether SinceLastUpdated includes its instant, and a late commit can land behind a cursor.
_OVERLAP = timedelta(minutes=5)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class MintsoftShipments:
    """One reading of the shipments of one Mintsoft account."""

    def __init__(self, client: MintsoftClient, options: Options) -> None:
        self._client = client
        self._options = options
        self._families: dict[str, Family | str | None] = {}

    def read(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        """Pages of what changed since then; the cursor moves with the last alone, because Mintsoft sorts by the age of
        the orders and not by change: what a broken-off reading stored is read again."""
        now = self._client.server_time()
        since = local(changed_since - _OVERLAP, self._options.zone) if changed_since else ""
        closures: dict[tuple[str, str], int] = {}
        read_last = ShipmentPage((), (), now)
        for number, rows in enumerate(self._client.orders_since(since)):
            if number:
                yield replace(read_last, read_to=changed_since or _NEVER)
            shipments: list[Shipment] = []
            problems: list[Problem] = []
            for row in rows:
                self._take(row, shipments, closures, problems)
            read_last = ShipmentPage(tuple(shipments), (), now, tuple(problems))
        closed = tuple(LineClosure(ref, line_id, units) for (ref, line_id), units in closures.items())
        yield replace(read_last, closures=closed)

    def of_parts(self, parts: Iterable[Part], family: Family) -> Iterator[Shipment]:
        """The shipments among the parts of one order."""
        return filter(None, (self._shipment(part, family) for part in parts))

    def _take(
        self, row: Row, shipments: list[Shipment], closures: dict[tuple[str, str], int], problems: list[Problem]
    ) -> None:
        """Put what one order says where it belongs."""
        order = read(Order, row)
        number = str(row.get("OrderNumber") or "")
        if not is_our_reference(number):
            return
        if isinstance(order, str):
            words = f"Mintsoft's record of {number} cannot be read: {order}; correct it there"
            problems.append(Problem(f"shipment {row.get('ID')}", words))
            return
        if not is_ours(order, number, self._client.account):
            return
        family = self._family(order)
        part = Part.of_order(order, self._client.status_names())
        if shipment := self._shipment(part, family):
            shipments.append(shipment)
        else:
            problems.append(Problem(f"shipment {order.id}", ""))  # whatever it was before, it can be read now
        if part.cancelled or part.sent:
            self._close(number, part, family, closures, problems)

    def _family(self, order: Order) -> Family:
        """What is known of the order from this part alone, or from all parts where its lines do not tell enough."""
        alone = Family([order], self._client.status_names())
        if not alone.unsure():
            return alone
        found = self._whole(order.order_number)
        return found if isinstance(found, Family) else alone

    def _whole(self, ref: str) -> Family | str | None:
        if ref not in self._families:
            try:
                self._families[ref] = find_family(self._client, ref)
            except RemoteRefusal as refusal:
                self._families[ref] = f"the parts of {ref} were not to be read: {refusal}"
        return self._families[ref]

    def _close(
        self,
        ref: str,
        part: Part,
        family: Family,
        closures: dict[tuple[str, str], int],
        problems: list[Problem],
    ) -> None:
        """What will not be sent any more. Only all parts together tell that."""
        if not (part.cancelled or family.lowered()):
            return
        whole = self._whole(ref)
        if isinstance(whole, Family):
            closures |= {(ref, line_id): units for line_id, units in whole.short().items()}
            problems.append(Problem(f"order {ref}", ""))
        else:
            problems.append(Problem(f"order {ref}", whole or f"Mintsoft lists {ref} and does not find it; look there"))

    def _shipment(self, part: Part, family: Family) -> Shipment | None:
        order, zone = part.order, self._options.zone
        changed = instant(order.last_updated, zone)
        gone = instant(order.despatch_date, zone)
        voided = part.taken_back
        if not (part.sent or voided or part.status in PICKED):
            return None
        return Shipment(
            shipment_id=str(order.id),
            location=str(order.warehouse_id or self._options.warehouse_id),
            dispatched_at=(gone or changed) if part.sent or voided else None,
            picked_at=None if part.sent or voided else changed,
            voided=voided,
            lines=tuple(ShipmentLine(order.order_number, *line) for line in family.lines(order)),
            parcels=self._parcels(order) if part.sent else (),
        )

    def _parcels(self, order: Order) -> tuple[Parcel, ...]:
        """The parcels of the couriers' consignments; where there are none, or Mintsoft will not say, the order's own
        tracking number."""
        try:
            rows = self._client.consignments(order.id)
        except RemoteRefusal:  # of one order; it must not stand in the way of all others
            rows = []
        read_rows = (read(Consignment, row) for row in rows)
        parcels = [parcel for each in read_rows if isinstance(each, Consignment) for parcel in _packed(each, order)]
        if not parcels and (order.tracking_number or order.courier_service_name):
            parcels = [Parcel(str(order.id), order.courier_service_name, order.tracking_number, order.tracking_url)]
        return tuple(parcels)


def _packed(consignment: Consignment, order: Order) -> Iterator[Parcel]:
    carrier = consignment.courier_type or order.courier_service_name
    for count, number in enumerate(consignment.parcel_numbers or (consignment.number,), start=1):
        url = order.tracking_url if number == order.tracking_number else ""
        yield Parcel(f"{consignment.id}-{count}", carrier, number, url)
