"""What a warehouse knows of a product, an order and a shipment. All quantities are base units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

OrderState = Literal["open", "held", "cancelled"]
ShipmentState = Literal["picked", "labelled", "dispatched", "voided"]


@dataclass(frozen=True)
class NewLine:
    """A line to be stored; `line_key` is whatever identifies the sender's line in the dialect, as text."""

    line_key: str
    sku: str
    quantity: int
    given: dict[str, Any]


@dataclass(frozen=True)
class FloorLine:
    """A line of an order; `given` is what the dialect keeps of it."""

    id: int
    line_key: str
    sku: str
    ordered: int
    shipped: int
    closed: int
    given: dict[str, Any]

    @property
    def left(self) -> int:
        """Units neither shipped nor closed."""
        return max(self.ordered - self.shipped - self.closed, 0)


@dataclass(frozen=True)
class FloorOrder:
    """An order; `summary` is what the dialect understood of it: po_number, instructions, service, requested_on."""

    id: int
    external_ref: str
    state: OrderState
    created_at: datetime
    updated_at: datetime
    summary: dict[str, Any]
    given: dict[str, Any]
    lines: tuple[FloorLine, ...]


@dataclass(frozen=True)
class FloorParcel:
    """A parcel; `contents` are (line id, units), empty where nobody wrote down what is inside."""

    id: int
    carrier: str
    tracking_number: str
    contents: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class FloorShipment:
    """A shipment of one order from the pick on; `lines` are (line id, units)."""

    id: int
    order_id: int
    state: ShipmentState
    created_at: datetime
    updated_at: datetime
    dispatched_at: datetime | None
    lines: tuple[tuple[int, int], ...]
    parcels: tuple[FloorParcel, ...]


@dataclass(frozen=True)
class FloorProduct:
    """A product; `allocated` are units of it that orders wait for, at most what is on hand."""

    id: int
    sku: str
    title: str
    on_hand: int
    allocated: int
    updated_at: datetime
