"""The doors of the domain: what a storefront and a warehouse must be able to do, and how they answer.

An adapter never pretends. What a system cannot do is a capability that is off, and the services choose the safe path.
After `Unknown` comes find, never create.
"""

from include.fulfilment.ports.capabilities import CallRate, CancelKind, Capabilities, DeductsAt, RateKind, WebhookProof
from include.fulfilment.ports.credit import CreditDeclaration, CreditReading, CreditSource, Debtor, LedgerCodes
from include.fulfilment.ports.journal import Journal
from include.fulfilment.ports.packs import PackSnapshot, PackSource
from include.fulfilment.ports.storefront import (
    AvailabilityChange,
    ChangeAnswer,
    OrderPage,
    Posted,
    ShopLine,
    ShopOrder,
    Storefront,
    StorefrontCapabilities,
    Storefronts,
)
from include.fulfilment.ports.tables import AskDatabase, Row, Table
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
    "CreditDeclaration",
    "CreditReading",
    "CreditSource",
    "Debtor",
    "LedgerCodes",
    "Journal",
    "PackSnapshot",
    "PackSource",
    "AskDatabase",
    "Row",
    "Table",
    "AvailabilityChange",
    "ChangeAnswer",
    "OrderPage",
    "Posted",
    "ShopLine",
    "ShopOrder",
    "Storefront",
    "StorefrontCapabilities",
    "Storefronts",
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
