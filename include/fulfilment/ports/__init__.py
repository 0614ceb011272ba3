"""The doors of the domain: what a storefront and a warehouse must be able to do, and how they answer.

An adapter never pretends. What a system cannot do is a capability that is off, and the services choose the safe path.
After `Unknown` comes find, never create.
"""

from include.fulfilment.ports.capabilities import CallRate, CancelKind, Capabilities, DeductsAt, RateKind, WebhookProof
from include.fulfilment.ports.journal import Journal
from include.fulfilment.ports.storefront import (
    AvailabilityChange,
    ChangeAnswer,
    OrderPage,
    Posted,
    ShopLine,
    ShopOrder,
    Storefront,
)
from include.fulfilment.ports.warehouse import (
    Absent,
    AlreadyExists,
    Created,
    FindAnswer,
    Pending,
    Problem,
    Rejected,
    ShipmentPage,
    StockLevel,
    StockSnapshot,
    SubmitAnswer,
    Unknown,
    Warehouse,
    WarehouseRecord,
    WarehouseStatus,
    differences,
)

__all__ = [
    "CallRate",
    "CancelKind",
    "Capabilities",
    "DeductsAt",
    "RateKind",
    "WebhookProof",
    "Journal",
    "AvailabilityChange",
    "ChangeAnswer",
    "OrderPage",
    "Posted",
    "ShopLine",
    "ShopOrder",
    "Storefront",
    "Absent",
    "AlreadyExists",
    "Created",
    "FindAnswer",
    "Pending",
    "Problem",
    "Rejected",
    "ShipmentPage",
    "StockLevel",
    "StockSnapshot",
    "SubmitAnswer",
    "Unknown",
    "Warehouse",
    "WarehouseRecord",
    "WarehouseStatus",
    "differences",
]
