"""What each side stored up to one cut-off: the rows a drift comparison reads.

No row carries a person's name, address or e-mail: a discrepancy is about goods and orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from include.fulfilment.domain.order import SHOP


@dataclass(frozen=True, slots=True)
class StockOurs:
    """Our side of one variant. `wanted`, `pushed` and `sold_since_push` are in shop units, `warehouse_base` in base
    units. `wanted` is what we derived last, `wanted_at` when that last changed, `pushed` what the shop accepted last
    (None: never). `units_per` is None where the pack catalogue proves no factor; `warehouse_base` is None where the
    warehouse does not list the SKU. `as_of` is when the warehouse's figure was true. `unit_net` is the net price of
    one shop unit, where known. `storefront` is the shop's code."""

    sku: str
    base_sku: str
    units_per: int | None
    wanted: int | None
    wanted_at: datetime | None
    pushed: int | None
    pushed_at: datetime | None
    warehouse_base: int | None
    as_of: datetime | None
    sold_since_push: int = 0
    unit_net: Decimal | None = None
    currency: str = ""
    storefront: str = SHOP


@dataclass(frozen=True, slots=True)
class StockShown:
    """What one shop shows of one variant. `units_per` is the pack factor the shop itself states, None if it doesn't."""

    sku: str
    shown: int
    read_at: datetime
    units_per: int | None = None
    storefront: str = SHOP


@dataclass(frozen=True, slots=True)
class OrderLineOurs:
    """One order line in one warehouse order; a line with a backorder has two rows, a line not released yet one with
    an empty `external_ref`. All quantities in base units. `ordered_base` is the whole line less what was cancelled
    (None: not proven), repeated on each row; `released_base` what this warehouse order asks for; `warehouse_base`
    what the warehouse holds of it (None: it has no such line); `shipped_base` what it dispatched.
    `submitted_at` is when we sent it, or queued it if it is still to be sent; `dispatched_at` the oldest dispatch
    the shop has not accepted yet, else the newest; `posted_at` when the shop accepted that dispatch (None: it has
    not); `as_of` when the warehouse was read. `unit_net` is the net price of one shop unit."""

    order_id: str
    line_id: str
    external_ref: str
    sku: str
    units_per: int | None
    ordered_base: int | None
    released_base: int
    warehouse_base: int | None
    shipped_base: int
    submitted_at: datetime | None
    acknowledged_at: datetime | None
    dispatched_at: datetime | None
    posted_at: datetime | None
    as_of: datetime | None
    order_name: str = ""
    unit_net: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class OrderLineShown:
    """One line as the shop holds it, in shop units, for orders that are ours to release. `quantity` is what counts
    after edits and cancels; `changed_at` is the shop's own time of the order's last change."""

    order_id: str
    line_id: str
    sku: str
    quantity: int
    fulfilled: int
    read_at: datetime
    changed_at: datetime | None = None
    order_name: str = ""
