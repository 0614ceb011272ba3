"""What one Shopify shop with SparkLayer on it needs to be told; everything else is read from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from include.fulfilment.adapters.storefront.shopify.order_queries import Asked
from include.fulfilment.adapters.transport import Acquire, OnCall, Transport
from include.fulfilment.domain.order import PaymentMethod, PaymentState
from include.fulfilment.errors import ConfigError
from include.fulfilment.mapping.extract import MappingRules
from include.fulfilment.mapping.places import PlaceKind

# sparkPaymentType as SparkLayer writes it on the order (docs.sparklayer.io, Shopify data sync).
SPARK_PAYMENT_WORDS: Mapping[str, PaymentMethod] = {
    "upfrontPayment": PaymentMethod.CARD,
    "paymentOnAccount": PaymentMethod.ACCOUNT,
    "paymentByInvoice": PaymentMethod.INVOICE,
    "quote": PaymentMethod.QUOTE,
    "hokodoPayment": PaymentMethod.HOKODO,
}

# OrderDisplayFinancialStatus. A partial refund follows a payment: the quantities say what is left to ship.
FINANCIAL_STATES: Mapping[str, PaymentState] = {
    "PAID": PaymentState.PAID,
    "PARTIALLY_REFUNDED": PaymentState.PAID,
    "AUTHORIZED": PaymentState.AUTHORIZED,
    "PENDING": PaymentState.PENDING,
    "PARTIALLY_PAID": PaymentState.PARTIALLY_PAID,
    "REFUNDED": PaymentState.REFUNDED,
    "VOIDED": PaymentState.VOIDED,
    "EXPIRED": PaymentState.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class ShopifySettings:
    """One shop. `location_id` is the Shopify location that the site's first warehouse stands for (number or global id),
    `more_locations` those of the further ones, by the warehouse's code; `mapping` says where its orders keep their
    details. `credit_contains` says what the balance in `sparklayer.payment_on_account` includes: SparkLayer raises it
    with each order placed, hence the default. Raises ConfigError without a location, or for an API version that cannot
    be one."""

    location_id: str
    api_version: str = "2026-07"
    mapping: MappingRules = field(default_factory=MappingRules)
    payment_words: Mapping[str, PaymentMethod] = field(default_factory=lambda: SPARK_PAYMENT_WORDS)
    credit_contains: str = "placed_orders"
    more_locations: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d{4}-\d{2}", self.api_version, re.ASCII):
            raise ConfigError(f"extra api_version {self.api_version!r} must be written like 2026-07")
        object.__setattr__(self, "location_id", _number(self.location_id))
        further = {code: _number(each) for code, each in self.more_locations.items()}
        object.__setattr__(self, "more_locations", further)
        if len(self.warehouses) < len(self.locations):
            raise ConfigError("two warehouses of the site have the same location in this shop; give each its own")

    @property
    def locations(self) -> dict[str, str]:
        """The number of each warehouse's location, by what lines call the warehouse."""
        return {"": self.location_id, **self.more_locations}

    @property
    def warehouses(self) -> dict[str, str]:
        """What lines call the warehouse at each location, by the location's number."""
        return {number: name for name, number in self.locations.items()}

    @property
    def asked(self) -> Asked:
        """What the mapping needs beyond what every order is asked for."""
        return Asked(
            metafields=tuple(place.name for place in self.mapping.every(PlaceKind.METAFIELD)),
            tax_number=any(place.name == "tax_number" for place in self.mapping.every(PlaceKind.SHOP_FIELD)),
            line_properties=bool(self.mapping.every(PlaceKind.LINE_PROPERTY)),
        )


def _number(location: str) -> str:
    number = location.removeprefix("gid://shopify/Location/")
    if not (number.isascii() and number.isdigit()):
        raise ConfigError(f"the shop's location id {location!r} is no number; see the shop's admin")
    return number


def shopify_transport(
    base_url: str,
    token: str,
    *,
    connection_id: str,
    on_call: OnCall | None = None,
    acquire: Acquire | None = None,
) -> Transport:
    """The transport to one shop with its Admin API access token. Raises ConfigError for an address or token that
    cannot be right."""
    if not token or not token.isascii() or not token.isprintable():
        raise ConfigError(f"connection {connection_id!r}: its password must be the shop's Admin API access token")
    scopes = "the access token and its scopes (orders, draft orders, customers, products, inventory, fulfilment orders)"
    return Transport(
        base_url,
        system="shopify",
        connection_id=connection_id,
        headers={"X-Shopify-Access-Token": token},
        scope_hint=scopes,
        on_call=on_call,
        acquire=acquire,
    )
