"""Loading the shop, once: a record whose key (order name, SKU, customer key) is known is left as it is."""

from __future__ import annotations

import json
from datetime import UTC
from decimal import Decimal
from typing import Any

from ..errors import Refused
from . import metafields, orders, stock
from .gid import gid
from .load_models import AddressIn, CompanyIn, CustomerIn, LineIn, LoadIn, MetafieldIn, OrderIn, VariantIn
from .state import ShopState, instant_text


def load(state: ShopState, what: LoadIn) -> dict[str, dict[str, int]]:
    """Put everything into the shop in one transaction and return counts of created and existing records by kind.

    Raises Refused when an order names a customer that is not loaded, or a metafield does not fit its type.
    """
    counts: dict[str, dict[str, int]] = {"created": {}, "existing": {}}
    with state.transaction():
        for kind, made in (
            ("variants", [_variant(state, one) for one in what.variants]),
            ("companies", [_company(state, one)[1] for one in what.companies]),
            ("customers", [_customer(state, one) for one in what.customers]),
            ("orders", [_order(state, one) for one in what.orders]),
        ):
            counts["created"][kind] = sum(made)
            counts["existing"][kind] = len(made) - sum(made)
    return counts


def _variant(state: ShopState, variant: VariantIn) -> bool:
    if state.one("SELECT 1 FROM variant WHERE sku = ?", variant.sku) is not None:
        return False
    now, variant_id, item_id = state.now(), state.next_id("ProductVariant"), state.next_id("InventoryItem")
    state.insert(
        "variant",
        id=variant_id,
        sku=variant.sku,
        title=variant.title,
        product_id=state.next_id("Product"),
        product_title=variant.title,
        product_status="ACTIVE",
        item_id=item_id,
        updated_at=now,
    )
    state.run("INSERT INTO level SELECT ?, id, 0, ?, 0, ? FROM location", item_id, now, now)
    stock.set_available(state, item_id, state.location_id(), variant.available)
    write_metafields(state, gid("ProductVariant", variant_id), variant.metafields, f"variant {variant.sku!r}")
    return True


def _customer(state: ShopState, customer: CustomerIn) -> bool:
    if state.one("SELECT 1 FROM customer WHERE key = ?", customer.key) is not None:
        return False
    number = state.next_id("Customer")
    state.insert(
        "customer",
        id=number,
        key=customer.key,
        display_name=customer.name,
        email=customer.email,
        tags=json.dumps(customer.tags),
    )
    write_metafields(state, gid("Customer", number), customer.metafields, f"customer {customer.key!r}")
    return True


def write_metafields(state: ShopState, owner: str, given: list[MetafieldIn], record: str) -> None:
    """Store metafields on a record; raises Refused, naming `record`, when one does not fit its type."""
    rows: list[dict[str, Any]] = []
    for one in given:
        value = one.value if isinstance(one.value, str) else json.dumps(one.value)
        rows.append({"ownerId": owner, "namespace": one.namespace, "key": one.key, "type": one.type, "value": value})
    problems = metafields.mistakes(state, rows)
    if problems:
        bad = rows[int(problems[0]["field"][1])]
        raise Refused(f"{record}: metafield {bad['namespace']}.{bad['key']}: {problems[0]['message']}")
    for row in rows:
        metafields.write(state, row)


def _company(state: ShopState, company: CompanyIn) -> tuple[int, bool]:
    row = state.one("SELECT id FROM company WHERE name = ?", company.name)
    if row is not None:
        return int(row["id"]), False
    number, location = state.next_id("Company"), state.next_id("CompanyLocation")
    state.insert(
        "company",
        id=number,
        name=company.name,
        external_id=company.external_id,
        location_id=location,
        location_name=company.name,
        location_external_id=company.external_id,
        tax_number=company.tax_number,
    )
    write_metafields(state, gid("Company", number), company.metafields, f"company {company.name!r}")
    write_metafields(state, gid("CompanyLocation", location), company.location_metafields, f"company {company.name!r}")
    return number, True


def _order(state: ShopState, order: OrderIn) -> bool:
    kind = "Order" if order.source == "order" else "DraftOrder"
    if state.one("SELECT 1 FROM document WHERE kind = ? AND name = ?", kind, order.name) is not None:
        return False
    number = state.next_id(kind)
    state.insert("document", **_columns(state, order, kind, number))
    for line in order.lines:
        _line(state, number, line, "LineItem" if kind == "Order" else "DraftOrderLineItem")
    write_metafields(state, gid(kind, number), order.metafields, f"order {order.name!r}")
    if kind == "Order":
        orders.open_for_fulfilment(state, number)
    return True


def _columns(state: ShopState, order: OrderIn, kind: str, number: int) -> dict[str, str | int | None]:
    placed, carriage = instant_text(order.created_at.astimezone(UTC)), order.shipping_line
    return {
        "id": number,
        "kind": kind,
        "name": order.name,
        "created_at": placed,
        "updated_at": state.now(),  # the shop learnt of it now, whatever the date on it
        "processed_at": placed,
        "customer_id": _customer_id(state, order),
        "company_id": _company(state, order.company)[0] if order.company else None,
        "currency": order.currency,
        "note": order.note,
        "po_number": order.po_number,
        "email": order.email,
        "attributes": json.dumps(order.custom_attributes),
        "tags": json.dumps(order.tags),
        "shipping_address": json.dumps(_address(order.shipping_address)) if order.shipping_address else None,
        "shipping_title": carriage.title if carriage else None,
        "shipping_code": carriage.code if carriage else None,
        "shipping_price": str(carriage.price) if carriage else "0",
        "net_days": order.payment_terms.net if order.payment_terms else None,
        "tax_rate": str(order.tax_rate),
        "financial_status": order.financial_status,
    }


def _customer_id(state: ShopState, order: OrderIn) -> int | None:
    if order.customer_key is None:
        return None
    row = state.one("SELECT id FROM customer WHERE key = ?", order.customer_key)
    if row is None:
        raise Refused(f"order {order.name}: customer_key {order.customer_key!r} is not in the shop, load it first")
    return int(row["id"])


def _address(address: AddressIn) -> dict[str, str | None]:
    given = address.model_dump()
    names = {"first_name": "firstName", "last_name": "lastName", "country_code": "countryCodeV2"}
    return {names.get(key, key): value for key, value in given.items()}


def _line(state: ShopState, document_id: int, line: LineIn, kind: str) -> None:
    variant = state.one("SELECT id FROM variant WHERE sku = ?", line.sku) if line.sku is not None else None
    state.insert(
        "line",
        id=state.next_id(kind),
        document_id=document_id,
        sku=line.sku,
        title=line.title,
        variant_id=variant["id"] if variant else None,
        quantity=line.quantity,
        current_quantity=line.quantity,
        unit_price=_price(line.unit_price),
        attributes=json.dumps(line.custom_attributes),
    )


def _price(amount: Decimal) -> str:
    """Write a price with at least two decimals."""
    pennies = amount.quantize(Decimal("0.01"))
    return str(pennies if pennies == amount else amount.normalize())
