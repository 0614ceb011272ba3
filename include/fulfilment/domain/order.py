"""The sales order as we know it, whichever storefront it came from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from include.fulfilment.domain.details import NO_DETAILS, Details

SEVERAL = "*"
"""In the place of a line's warehouse: the shop lets it leave from several places at once."""
SHOP = "shop"
"""Code of a site's first shop; others on the same stock have codes of their own in the site file."""


class PaymentMethod(StrEnum):
    """How the buyer pays, in our words."""

    CARD = "card"
    ACCOUNT = "account"
    INVOICE = "invoice"
    QUOTE = "quote"
    HOKODO = "hokodo"
    UNKNOWN = "unknown"


class PaymentState(StrEnum):
    """What the storefront says of the money."""

    PAID = "paid"
    AUTHORIZED = "authorized"
    PENDING = "pending"
    PARTIALLY_PAID = "partially_paid"
    REFUNDED = "refunded"
    VOIDED = "voided"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the goods go. Personal data: never in logs, XCom or reports."""

    name: str = ""
    company: str = ""
    address1: str = ""
    address2: str = ""
    city: str = ""
    province: str = ""
    postcode: str = ""
    country_code: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class SalesLine:
    """One line of the order. `quantity` counts what the variant is (singles or packs); `price` is net, per quantity.
    `fulfilled` of them the shop shows as fulfilled, by whomever. `leaves_from` is the code of the warehouse that the
    shop has assigned it to: empty for the site's first one and where the shop names none, None for a place that no
    warehouse of the site stands for, `SEVERAL` for more than one place."""

    line_id: str
    sku: str
    title: str
    quantity: int
    price: Decimal
    position: int
    fulfilled: int = 0
    leaves_from: str | None = ""


@dataclass(frozen=True, slots=True)
class SalesOrder:
    """An order or a draft. `order_id` is ours: one per SparkLayer cart, so a draft and the order it became are one.
    `problems` lists what makes the record unusable, in words; such an order is held, never
    dropped. `fulfilled_in_shop` matters for orders that are not ours to release: until then they count as demand.
    `customer_group` is the buyer's group in SparkLayer, empty for the default one.
    `storefront` is the code of the site's shop that it was placed in; `platform_id` is that shop's id of it. Goods may
    leave from `not_before_on` and no more after `cancel_after_on`."""

    order_id: str
    platform_id: str
    name: str
    is_draft: bool
    is_b2b: bool
    placed_at: datetime
    updated_at: datetime
    payment_method: PaymentMethod
    payment_state: PaymentState
    payment_word: str
    currency: str
    total_gross: Decimal
    shipping_net: Decimal
    account_id: str
    account_name: str
    po_number: str
    po_required: bool
    instructions: str
    requested_on: date | None
    shipping_method: str
    ship_to: Address
    cancelled_at: datetime | None
    held_in_shop: bool
    fulfilled_in_shop: bool
    lines: tuple[SalesLine, ...]
    problems: tuple[str, ...] = ()
    storefront: str = SHOP
    not_before_on: date | None = None
    cancel_after_on: date | None = None
    details: Details = NO_DETAILS
    customer_group: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """What one shop sells under one SKU, and what it shows as available at the location of one of our warehouses (None:
    not stocked there); `leaves_from` is that warehouse's code, empty for the site's first one. A quantity sold must be
    a multiple of `pack_size`; for buyers of a group in `group_pack_sizes`, of that instead."""

    variant_id: str
    inventory_item_id: str
    location_id: str
    sku: str
    title: str
    pack_size: int | None
    available: int | None
    storefront: str = SHOP
    leaves_from: str = ""
    group_pack_sizes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CreditAccount:
    """What the credit source says of one account. `contains` names what its balance includes."""

    account_id: str
    credit_limit: Decimal
    balance: Decimal
    currency: str
    on_stop: bool
    as_of: datetime
    contains: str


def is_named(wanted: Collection[str], order_id: str, name: str) -> bool:
    """Whether a person named this order: by its number, with or without #, or by our id. Naming none means all."""
    return not wanted or not {order_id, name, name.removeprefix("#")}.isdisjoint(wanted)
