"""The staff of a sandbox warehouse, in the words of the story."""

from __future__ import annotations

from collections.abc import Mapping

from demo.floor import HeldOrder, OpenShipment, Plan
from include.fulfilment.sandbox.floor.client import FloorControl, Held

Units = dict[str, int]


class SandboxStaff:
    """Works through the sandbox's staff door."""

    def __init__(self, control: FloorControl) -> None:
        self._control = control

    def load_products(self, names: Mapping[str, str]) -> int:
        """Make a product for each SKU that has none; answers how many were made."""
        return self._control.load_products(names)

    def receive(self, receipt: str, goods: Mapping[str, int]) -> None:
        """Book a delivery in; a receipt of the same name is booked once."""
        self._control.receive(goods, receipt)

    def catch_up(self) -> None:
        """Nothing to do: a sandbox stores an order with everything that follows from it."""

    def open_shipments(self) -> list[OpenShipment]:
        """The orders of which something is left, oldest first; a sandbox makes its shipments when goods leave."""
        waiting = [each for each in self._control.held() if each.left and each.state == "open"]
        return [OpenShipment(each.id, str(each.id), each.state, each.external_ref, each.left) for each in waiting]

    def ship(self, day: str, plans: Mapping[int, Plan]) -> None:
        """Send what was planned for the day; what stock does not cover stays waiting, and is then not closed either."""
        stock = self._control.stock()
        orders = {each.id: each for each in self._control.held()}
        for order_id in sorted(plans):
            order, plan = orders[order_id], plans[order_id]
            wanted = order.left if plan.quantities is None else _at_most(plan.quantities, order.left)
            sent = _covered(wanted, order.skus, stock)
            if sent:
                parcels = _dealt(sent, plan, f"TRK{order_id}{day.removeprefix('day_')}")
                closes = plan.close_rest and sent == wanted
                self._control.ship(order.external_ref, sent, parcels, close_rest=closes, key=f"{day}/{order_id}")

    def stock(self) -> dict[str, int]:
        """Units on hand by SKU."""
        return self._control.stock()

    def held_orders(self) -> list[HeldOrder]:
        """Every order, oldest first, cancelled ones included."""
        return [_held(each) for each in self._control.held()]


def _at_most(wanted: Mapping[str, int], left: Mapping[str, int]) -> Units:
    units = {line: min(count, left.get(line, 0)) for line, count in wanted.items()}
    return {line: count for line, count in units.items() if count}


def _covered(wanted: Mapping[str, int], skus: Mapping[str, str], stock: Units) -> Units:
    """What of this is on the shelves; it is taken from `stock`."""
    sent = {}
    for line, count in wanted.items():
        sku = skus[line]
        if take := min(count, stock.get(sku, 0)):
            sent[line], stock[sku] = take, stock[sku] - take
    return sent


def _dealt(sent: Units, plan: Plan, tracking: str) -> list[tuple[str, str, Units]]:
    """The lines dealt out in turn over the plan's parcels; none stays empty."""
    lines = list(sent.items())
    count = min(plan.parcels, len(lines))
    return [(plan.carrier, f"{tracking}{box + 1:02d}", dict(lines[box::count])) for box in range(count)]


def _held(found: Held) -> HeldOrder:
    return HeldOrder(
        external_ref=found.external_ref,
        po_number=found.po_number,
        instructions=found.instructions,
        state=found.state,
        ordered=found.ordered,
        shipped=found.shipped,
        closed=found.closed,
        shipments=len(found.shipments),
        tracking_numbers=tuple(sorted(found.tracking_numbers)),
    )
