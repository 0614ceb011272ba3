"""What may be loaded into the shop: as nasty as a real shop can hold, and nothing that it cannot."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, StrictStr

_SCHEMA = Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8")


def _enum(name: str) -> frozenset[str]:
    match = re.search(rf"^enum {name} \{{([^}}]*)\}}", _SCHEMA, re.MULTILINE)
    assert match is not None  # noqa: S101  in schema.graphql
    return frozenset(match[1].split())


_COUNTRIES, _CURRENCIES = _enum("CountryCode"), _enum("CurrencyCode")


def _country(code: str) -> str:
    if code not in _COUNTRIES:
        raise ValueError("not a country code of Shopify's (two capital letters)")
    return code


def _currency(code: str) -> str:
    if code not in _CURRENCIES:
        raise ValueError(f"not a currency the sandbox knows ({', '.join(sorted(_CURRENCIES))})")
    return code


Text = Annotated[StrictStr, Field(max_length=20_000)]
Key = Annotated[StrictStr, Field(min_length=1, max_length=255)]
Units = Annotated[StrictInt, Field(ge=1, le=1_000_000_000)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=6)]
Currency = Annotated[StrictStr, AfterValidator(_currency)]
Country = Annotated[StrictStr, AfterValidator(_country)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MetafieldIn(_Strict):
    """A metafield of a variant, customer, company, location or order; a JSON value may be given as it is."""

    namespace: Key
    key: Key
    type: Key
    value: Any


class VariantIn(_Strict):
    """A variant with what is available of it, in units of the variant."""

    sku: Text
    title: Text
    available: Annotated[StrictInt, Field(ge=-1_000_000_000, le=1_000_000_000)] = 0
    metafields: list[MetafieldIn] = []


class CustomerIn(_Strict):
    """A buyer, known by a key of the loader's."""

    key: Key
    name: Text
    email: Text | None = None
    tags: list[Key] = []
    metafields: list[MetafieldIn] = []


class CompanyIn(_Strict):
    """A company with one location of the same name, and the location's tax number."""

    name: Key
    external_id: Text | None = None
    tax_number: Text | None = None
    metafields: list[MetafieldIn] = []
    location_metafields: list[MetafieldIn] = []


class AddressIn(_Strict):
    """A delivery address; `country_code` is ISO 3166-1 alpha-2."""

    first_name: Text | None = None
    last_name: Text | None = None
    company: Text | None = None
    address1: Text | None = None
    address2: Text | None = None
    city: Text | None = None
    province: Text | None = None
    zip: Text | None = None
    country: Text | None = None
    country_code: Country | None = None
    phone: Text | None = None


class ShippingLineIn(_Strict):
    """The delivery method, and its price without tax."""

    title: Text
    code: Text | None = None
    price: Amount = Decimal(0)


class PaymentTermsIn(_Strict):
    """Net terms in days."""

    net: Annotated[StrictInt, Field(ge=0, le=365)]


class LineIn(_Strict):
    """An order line. The SKU may be empty or unknown, as in a real shop; the quantity is a whole number above zero."""

    sku: Text | None
    title: Text
    quantity: Units
    unit_price: Amount
    custom_attributes: dict[Key, Text] = {}


class OrderIn(_Strict):
    """An order or draft as its customer left it; `tax_rate` is a fraction (0.2 for 20 %) on top of net prices."""

    name: Key
    source: Literal["order", "draft"] = "order"
    created_at: AwareDatetime
    customer_key: Key | None = None
    company: CompanyIn | None = None
    currency: Currency = "GBP"
    note: Text | None = None
    po_number: Text | None = None
    email: Text | None = None
    tags: list[Key] = []
    custom_attributes: dict[Key, Text] = {}
    shipping_address: AddressIn | None = None
    shipping_line: ShippingLineIn | None = None
    financial_status: Literal["AUTHORIZED", "PAID", "PARTIALLY_PAID", "PENDING"] = "PENDING"
    payment_terms: PaymentTermsIn | None = None
    metafields: list[MetafieldIn] = []
    tax_rate: Annotated[Decimal, Field(ge=0, le=1, decimal_places=4)] = Decimal(0)
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=2000)]


class LoadIn(_Strict):
    """One load: catalogue, buyers and orders, in that order."""

    variants: list[VariantIn] = []
    companies: list[CompanyIn] = []
    customers: list[CustomerIn] = []
    orders: list[OrderIn] = []
