"""What the story asks of a warehouse's staff, whichever warehouse it is. Quantities are base units per our line id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OpenShipment:
    """Work that waits on the floor; `lines` maps our line id to base units still to send."""

    id: int
    number: str
    state: str
    external_ref: str
    lines: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the staff send of one open shipment: `quantities` per line id (None: everything), in so many parcels by one
    carrier. The rest stays open, or `close_rest` closes it for good."""

    quantities: Mapping[str, int] | None = None
    parcels: int = 1
    carrier: str = "DPD"
    close_rest: bool = False


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """One order as the warehouse itself holds it: ordered, left the dock, closed short, per line id."""

    external_ref: str
    po_number: str
    instructions: str
    state: str
    ordered: Mapping[str, int]
    shipped: Mapping[str, int]
    closed: Mapping[str, int]
    shipments: int
    tracking_numbers: tuple[str, ...]


class Staff(Protocol):
    """The staff of one warehouse. Whatever was cut off can be done again: what is done already is not done twice."""

    def load_products(self, names: Mapping[str, str]) -> int:
        """Make a product for each SKU that has none; answers how many were made."""
        ...

    def receive(self, receipt: str, goods: Mapping[str, int]) -> None:
        """Book a delivery in, units by SKU; a receipt of the same name is booked once."""
        ...

    def catch_up(self) -> None:
        """Let the warehouse finish what it has begun with the orders it was given."""
        ...

    def open_shipments(self) -> list[OpenShipment]:
        """What waits or is under way, oldest first."""
        ...

    def ship(self, day: str, plans: Mapping[int, Plan]) -> None:
        """Send what was planned for the day, by open shipment; what stock does not cover stays waiting."""
        ...

    def stock(self) -> dict[str, int]:
        """Units on hand by SKU: all that has not left the dock."""
        ...

    def held_orders(self) -> list[HeldOrder]:
        """Every order, oldest first, cancelled ones included, with PO number and instructions as we sent them."""
        ...
