"""What the orders reader hands over: the shop's load format as typed dictionaries, and the demo's plan around it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NotRequired, TypedDict

SAMPLE_LENGTH = 20
"""Bad rows that are listed by number; all of them are counted."""


class LoadLine(TypedDict):
    """One line as the shop holds it: `quantity` counts what the variant is, `unit_price` is net pounds as text."""

    sku: str
    title: str
    quantity: int
    unit_price: str
    custom_attributes: dict[str, str]


class LoadMetafield(TypedDict):
    """One metafield, `value` as the text stored there."""

    namespace: str
    key: str
    type: str
    value: str


class LoadOrder(TypedDict):
    """One order in the sandbox's load format."""

    name: str
    source: str
    created_at: str
    customer_key: str
    company: dict[str, str]
    currency: str
    note: str
    custom_attributes: dict[str, str]
    shipping_address: dict[str, str]
    shipping_line: dict[str, str]
    financial_status: str
    payment_terms: NotRequired[dict[str, int]]
    lines: list[LoadLine]
    tax_rate: str


class LoadCustomer(TypedDict):
    """A trade customer: SparkLayer's group and credit and our own PO flag are metafields."""

    key: str
    name: str
    email: str
    metafields: list[LoadMetafield]


class LoadVariant(TypedDict):
    """A SKU as the shop sells it; `available` is what the shop shows before any order, in units of the variant."""

    sku: str
    title: str
    metafields: list[LoadMetafield]
    available: int


class LoadBody(TypedDict):
    """What the sandbox's control door takes in one load."""

    variants: list[LoadVariant]
    customers: list[LoadCustomer]
    orders: list[LoadOrder]


class PackCatalogueRow(TypedDict):
    """One row of the merchant's pack file; one `uom` of `sku` holds `units_per_uom` of `base_sku`."""

    sku: str
    uom: str
    uom_scheme: str
    base_sku: str
    units_per_uom: int
    version: str


class RemedyKind(StrEnum):
    """What the outside world does that lets a held order go."""

    PAY = "pay"
    NOTE = "note"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class Remedy:
    """Why an order will be held at first, and what ends it: `pay` the order, give it the whole new `note`, or write
    `metafield_value` to the customer's metafield `sparklayer.payment_on_account` (a payment was booked)."""

    kind: RemedyKind
    order: str
    hold: str
    customer_key: str
    note: str = ""
    metafield_value: str = ""


@dataclass(frozen=True, slots=True)
class StockPlan:
    """Goods in, in base units per base SKU: what is there at first, and what comes later and covers the rest.
    `short` names, per order, the base units that the first receipt leaves it without."""

    first: dict[str, int]
    second: dict[str, int]
    short: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be used: its number in the file (the first row after the header is 1), and why."""

    row: int
    reason: str
    detail: str


@dataclass(slots=True)
class Tally:
    """Everything skipped, and everything unusual that was kept. A reason ends in `_rows`, `_orders`, `_skus` or
    `_customers`, which says what it counts."""

    skipped: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    bad_rows: list[BadRow] = field(default_factory=list)

    def bad(self, row: int, reason: str, detail: str) -> None:
        """Count a row that cannot be used, and list it while the list is short."""
        self.skipped[reason] += 1
        if len(self.bad_rows) < SAMPLE_LENGTH:
            self.bad_rows.append(BadRow(row, reason, detail[:80]))


@dataclass(frozen=True, slots=True)
class LoadedOrders:
    """The shop to be loaded, and what is expected of it.

    `skipped` and `kept` count as in Tally. `base_units` gives per order name and line number (from 1) the base
    SKU and the base units ordered; a line whose quantity nobody can prove is not in it. `remedies` and
    `stays_held` are keyed by order name; `case_collisions` are SKUs of this load that differ only in letter
    case and stay two products.
    """

    orders: list[LoadOrder]
    customers: list[LoadCustomer]
    variants: list[LoadVariant]
    pack_rows: list[PackCatalogueRow]
    stock: StockPlan
    remedies: dict[str, Remedy]
    stays_held: dict[str, str]
    base_units: dict[tuple[str, int], tuple[str, int]]
    skipped: dict[str, int]
    kept: dict[str, int]
    bad_rows: list[BadRow]
    case_collisions: list[tuple[str, ...]]

    @property
    def body(self) -> LoadBody:
        """The whole load for the shop."""
        return {"variants": self.variants, "customers": self.customers, "orders": self.orders}

    @property
    def line_count(self) -> int:
        return sum(len(order["lines"]) for order in self.orders)


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """A line of goods on an invoice: singles, and pounds net per single."""

    key: str
    sku: str
    title: str
    quantity: int
    price: Decimal
