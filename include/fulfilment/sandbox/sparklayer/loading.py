"""Loading the site, once: the loader's shop records as SparkLayer would hold them.

It takes the same records as the Shopify sandbox, so that one set of orders serves both storefronts. A note's line
`PO: …` becomes the customer's reference, as SparkLayer's own sync makes it of a Shopify note
(https://docs.sparklayer.io/integrations/shopify-introduction/shopify-data-sync); its other lines become custom fields.
A record whose key (order name, SKU, customer key) is known is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ..errors import Refused
from ..shopify.load_models import AddressIn, CustomerIn, LineIn, LoadIn, OrderIn, VariantIn
from . import customers, purchases
from .state import DEFAULT_LOCATION, Json, SiteState, instant_text, is_uuid, stored, uuid_of

PAYMENT_WORDS = {"upfrontPayment": "platform_upfront", "paymentOnAccount": "on_account", "paymentByInvoice": "invoice"}
REST = "Order notes"
"""The custom field that takes what a note says without a label."""
_LABELLED = re.compile(r"([^:\n]{1,60}): (.*)")
_ADDRESS = {
    "address1": "address_line1",
    "address2": "address_line2",
    "province": "region_code",
    "zip": "postcode",
}


def load(state: SiteState, what: LoadIn) -> dict[str, dict[str, int]]:
    """Put everything into the site and return counts of created and existing records by kind."""
    counts: dict[str, dict[str, int]] = {"created": {}, "existing": {}}
    for kind, made in (
        ("variants", [_variant(state, one) for one in what.variants]),
        ("customers", [_customer(state, one) for one in what.customers]),
        ("orders", [_order(state, one) for one in what.orders]),
    ):
        counts["created"][kind] = sum(made)
        counts["existing"][kind] = len(made) - sum(made)
    return counts


def _variant(state: SiteState, variant: VariantIn) -> bool:
    if state.one("SELECT 1 FROM product WHERE sku = ?", variant.sku) is not None:
        return False
    state.insert("product", sku=variant.sku, title=variant.title)
    location = uuid_of("location", DEFAULT_LOCATION)
    state.insert("stock", sku=variant.sku, location_id=location, stock_level=variant.available)
    return True


def _customer(state: SiteState, customer: CustomerIn) -> bool:
    if state.one("SELECT 1 FROM customer WHERE key = ?", customer.key) is not None:
        return False
    customers.add(state, customer.key, customer.name, customer.email)
    for field in customer.metafields:
        customers.set_metafield(state, customer.key, f"{field.namespace}.{field.key}", field.value)
    return True


def _order(state: SiteState, order: OrderIn) -> bool:
    if state.one("SELECT 1 FROM purchase WHERE visible = ?", order.name) is not None:
        return False
    body = _purchase(state, order)
    purchases.keep(state, None, body)
    placed = [{"sku": line.sku, "title": line.title, "quantity": line.quantity} for line in order.lines]
    keys = [attributes(line.custom_attributes) for line in order.lines]
    rows = [row | {"custom_attributes": key} for row, key in zip(placed, keys, strict=True)]
    state.run("UPDATE purchase SET loaded = ? WHERE visible = ?", stored(rows), order.name)
    return True


def _purchase(state: SiteState, order: OrderIn) -> Json:
    word = order.custom_attributes.get("sparkPaymentType")
    cart = order.custom_attributes.get("sparkCartId", order.name)
    placed = instant_text(order.created_at.astimezone(UTC))
    customer = _buyer(state, order)
    reference, custom_fields = read_note(order.note)
    body = {
        "type": _type(order, word),
        "purchase_identifiers": {
            "sparklayer": cart if is_uuid(cart) else uuid_of("cart", cart),
            "platform": order.custom_attributes.get("platformId"),
            "internal": None,
            "visible": order.name,
        },
        "customer_identifiers": {"sparklayer": customer},
        "payment_method": PAYMENT_WORDS.get(word, word) if word else None,
        "dates": {"created_at": placed, "placed_at": placed, "updated_at": placed},
        "customer_reference": order.po_number or reference,
        "currency_code": order.currency,
        "billing_address": None,
        "packages": [_package(order)],
        "accounting_files": [],
        "custom_fields": custom_fields,
        "metadata": [],
    }
    share = {"PAID": Decimal(1), "PARTIALLY_PAID": Decimal("0.5")}.get(order.financial_status, Decimal(0))
    body["total_paid"] = money(purchases.total_gross(body) * share, order.currency)
    return body


def _type(order: OrderIn, word: str | None) -> str:
    if order.source == "order":
        return "order"
    return "quote" if word == "quote" else "order_unconfirmed"


def _buyer(state: SiteState, order: OrderIn) -> str | None:
    if order.customer_key is None:
        return None
    if state.one("SELECT 1 FROM customer WHERE key = ?", order.customer_key) is None:
        raise Refused(f"order {order.name}: customer_key {order.customer_key!r} is not in the shop, load it first")
    if order.company:
        customers.change(state, order.customer_key, company_name=order.company.name)
    return uuid_of("customer", order.customer_key)


def _package(order: OrderIn) -> Json:
    method = order.shipping_line
    return {
        "type": "incoming",
        "identifiers": {},
        "line_items": [_item(line, order) for line in order.lines],
        "shipping_method": {
            "name": method.title if method else "",
            "line_total": _line_total(method.price if method else Decimal(0), order),
        },
        "shipping_address": _address(order.shipping_address) if order.shipping_address else None,
        "shipments": [],
        "accounting_files": [],
    }


def _item(line: LineIn, order: OrderIn) -> Json:
    net = line.unit_price * line.quantity
    tax = {"title": "VAT", "amount": money(net * order.tax_rate, order.currency), "rate": float(order.tax_rate * 100)}
    return {
        "identifiers": {"sku": line.sku},
        "name_parent": line.title,
        "name_child": "",
        "quantity": line.quantity,
        "custom_attributes": attributes(line.custom_attributes),
        "line_total": _line_total(net, order),
        "tax_lines": [tax],
    }


def _line_total(net: Decimal, order: OrderIn) -> Json:
    tax = (net * order.tax_rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
    named = {"total_net": net, "total_tax": tax, "total_gross": net + tax, "discount_net": Decimal(0)}
    return {name: money(amount, order.currency) for name, amount in named.items()}


def _address(address: AddressIn) -> Json:
    return {_ADDRESS.get(name, name): value for name, value in address.model_dump().items()}


def attributes(given: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a line's attributes as SparkLayer keeps them."""
    return [{"key": key, "value": value} for key, value in given.items()]


def money(amount: Decimal, currency: str) -> dict[str, Any]:
    """Return a MonetaryObject: its number is text, to the penny or finer."""
    pennies = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    exact = pennies if abs(pennies - amount) < Decimal("0.000001") else amount.normalize()
    return {"number": f"{exact:f}", "currency": currency}


def read_note(note: str | None) -> tuple[str | None, list[dict[str, str]]]:
    """Return the customer's reference and the custom fields that a shop's note stands for."""
    reference: str | None = None
    found: list[dict[str, str]] = []
    rest: list[str] = []
    for line in (note or "").splitlines():
        labelled = _LABELLED.fullmatch(line)
        if labelled and labelled[1] == "PO" and reference is None:
            reference = labelled[2]
        elif labelled:
            found.append({"name": labelled[1], "value": labelled[2]})
        elif line:
            rest.append(line)
    return reference, found + ([{"name": REST, "value": "\n".join(rest)}] if rest else [])


def written_note(body: Json) -> str:
    """Return the note that the purchase's reference and custom fields stand for."""
    lines = [f"PO: {body['customer_reference']}"] if body.get("customer_reference") else []
    for field in body["custom_fields"]:
        lines.append(field["value"] if field["name"] == REST else f"{field['name']}: {field['value']}")
    return "\n".join(lines)
