"""The staff and the ledger of other warehouses, in the words that the stories use for the one in memory."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from demo.tryton.floor import Plan
from demo.tryton.ledger import HeldOrder, held_orders
from demo.tryton.setup import load_products
from tests.demo.tryton.kit import Yard

_receipts = count(1)


class BenchFloor:
    """What `FakeWarehouse` offers beside the port, done by the staff of a dialect's sandbox."""

    def __init__(self, staff: Any) -> None:
        self._staff = staff

    def __getattr__(self, name: str) -> Any:
        return getattr(self._staff, name)

    def receive(self, goods: Mapping[str, int]) -> None:
        self._staff.load_products({sku: f"Title of {sku}" for sku in goods})
        self._staff.receive({sku: units for sku, units in goods.items() if units})

    def held(self) -> list[Any]:
        """The orders that are alive; a cancelled one stays on the system's own list."""
        return [each for each in self._staff.held() if each.state != "cancelled"]


class TrytonFloor:
    """What `FakeWarehouse` offers beside the port, done by Tryton's own staff login."""

    def __init__(self, yard: Yard) -> None:
        self._yard = yard

    def receive(self, goods: Mapping[str, int]) -> None:
        load_products(self._yard.rpc, {sku: f"Title of {sku}" for sku in goods})
        self._yard.floor.receive(f"GRN-story-{next(_receipts)}", goods)

    def ship(
        self, ref: str, quantities: Mapping[str, int] | None = None, *, boxes: int = 1, close_rest: bool = False
    ) -> None:
        plan = Plan(quantities=quantities, parcels=boxes, close_rest=close_rest)
        self._yard.floor.ship({each.id: plan for each in self._yard.floor.open_shipments([ref])})

    def held(self) -> list[HeldOrder]:
        return held_orders(self._yard.rpc)

    def requested_on(self, ref: str) -> Any:
        (sale,) = self._yard.rpc.search("sale.sale", [["description", "=", ref]], ["shipping_date"])
        return sale["shipping_date"]
