"""Rows as the GraphQL objects that buyers, drafts and orders are; fields that need more reading are functions.

graphql-core's default resolver takes a key's value, or calls it with (info, **arguments) when it is a function.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from . import metafields, orders, shipping_views
from .gid import gid
from .paging import Node, page_of
from .state import ShopState

_PENNY = Decimal("0.01")


def money(amount: Decimal, currency: str) -> Node:
    """Return an amount as a MoneyBag in the shop's currency."""
    return {"shopMoney": {"amount": str(amount), "currencyCode": currency}}


def attributes(text: str) -> list[Node]:
    """Return stored key and value pairs as Attribute objects."""
    return [{"key": key, "value": value} for key, value in json.loads(text).items()]


def metafield(row: sqlite3.Row) -> Node:
    """Return a Metafield object."""
    return {
        "__typename": "Metafield",
        "id": gid("Metafield", row["id"]),
        "namespace": row["namespace"],
        "key": row["key"],
        "type": row["type"],
        "value": row["value"],
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
    }


def with_metafields(state: ShopState, owner: str) -> Node:
    """Return the two fields that every record with metafields has."""

    def one(_info: object, key: str, namespace: str | None = None) -> Node | None:
        row = metafields.find(state, owner, namespace, key)
        return metafield(row) if row else None

    def several(
        _info: object, first: int | None = None, after: str | None = None, namespace: str | None = None
    ) -> Node:
        rows = metafields.of_owner(state, owner, namespace)
        return page_of([(int(row["id"]), metafield(row)) for row in rows], first, after)

    return {"metafield": one, "metafields": several}


def customer(state: ShopState, customer_id: int | None) -> Node | None:
    """Return a Customer object, or None without one."""
    row = state.one("SELECT * FROM customer WHERE id = ?", customer_id)
    if row is None:
        return None
    owner = gid("Customer", row["id"])
    fields: Node = {"__typename": "Customer", "id": owner, "displayName": row["display_name"], "email": row["email"]}
    fields["tags"] = json.loads(row["tags"])
    return fields | with_metafields(state, owner)


def purchasing_entity(state: ShopState, document: sqlite3.Row) -> Node | None:
    """Return who buys: a company with its location, else the customer, else None."""
    row = state.one("SELECT * FROM company WHERE id = ?", document["company_id"])
    if row is None:
        return customer(state, document["customer_id"])
    company, location = gid("Company", row["id"]), gid("CompanyLocation", row["location_id"])
    return {
        "__typename": "PurchasingCompany",
        "company": {"id": company, "name": row["name"], "externalId": row["external_id"]}
        | with_metafields(state, company),
        "location": {
            "id": location,
            "name": row["location_name"],
            "externalId": row["location_external_id"],
            "taxSettings": {"taxRegistrationId": row["tax_number"]},
        }
        | with_metafields(state, location),
    }


def totals(document: sqlite3.Row, lines: list[sqlite3.Row], quantity: str) -> tuple[Decimal, Decimal]:
    """Return (total with tax and carriage, tax) of the lines' `quantity` column, tax rounded once on the order."""
    goods = sum((Decimal(line["unit_price"]) * int(line[quantity]) for line in lines), Decimal(0))
    net = goods + Decimal(document["shipping_price"])
    tax = (net * Decimal(document["tax_rate"])).quantize(_PENNY, ROUND_HALF_UP)
    return (net + tax).quantize(_PENNY, ROUND_HALF_UP), tax


def _shared(state: ShopState, row: sqlite3.Row, as_line: Callable[[sqlite3.Row], Node]) -> Node:
    """Return the fields that an order and a draft have under the same name."""
    owner, number, currency = gid(row["kind"], row["id"]), int(row["id"]), row["currency"]

    def lines(_info: object, first: int | None = None, after: str | None = None) -> Node:
        found = [(int(line["id"]), as_line(line)) for line in orders.lines_of(state, number)]
        return page_of(found, first, after)

    def total(column: str, part: int) -> Callable[[object], Node]:
        return lambda _info: money(totals(row, orders.lines_of(state, number), column)[part], currency)

    return {
        "__typename": row["kind"],
        "id": owner,
        "name": row["name"],
        "poNumber": row["po_number"],
        "customAttributes": lambda _info: attributes(row["attributes"]),
        "tags": lambda _info: json.loads(row["tags"]),
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
        "completedAt": row["completed_at"],
        "currencyCode": currency,
        "taxesIncluded": False,
        "email": row["email"],
        "customer": lambda _info: customer(state, row["customer_id"]),
        "purchasingEntity": lambda _info: purchasing_entity(state, row),
        "shippingAddress": lambda _info: _address(row),
        "shippingLine": {"title": row["shipping_title"], "code": row["shipping_code"]}
        if row["shipping_title"]
        else None,
        "paymentTerms": _terms(row),
        "lineItems": lines,
        "totalPriceSet": total("quantity", 0),
        "currentTotalPriceSet": total("current_quantity", 0),
        "totalTaxSet": total("quantity", 1),
    } | with_metafields(state, owner)


def _address(row: sqlite3.Row) -> Node | None:
    if row["shipping_address"] is None:
        return None
    stored: dict[str, Any] = json.loads(row["shipping_address"])
    first, last = stored.get("firstName") or "", stored.get("lastName") or ""
    name = f"{first} {last}".strip() or None
    return {"id": gid("MailingAddress", row["id"]), "name": name} | stored


def _terms(row: sqlite3.Row) -> Node | None:
    if row["net_days"] is None:
        return None
    days = int(row["net_days"])
    return {"id": gid("PaymentTerms", row["id"]), "dueInDays": days, "paymentTermsName": f"Net {days}"}


def line_item(row: sqlite3.Row, currency: str, kind: str = "LineItem") -> Node:
    """Return a LineItem or DraftOrderLineItem; what a draft's line lacks is not in its type, so never asked for."""
    variant = {"id": gid("ProductVariant", row["variant_id"]), "sku": row["variant_sku"]}
    return {
        "__typename": kind,
        "id": gid(kind, row["id"]),
        "sku": row["sku"],
        "title": row["title"],
        "name": row["title"],
        "quantity": row["quantity"],
        "currentQuantity": row["current_quantity"],
        "unfulfilledQuantity": int(row["current_quantity"]) - int(row["fulfilled"]),
        "requiresShipping": True,
        "customAttributes": lambda _info: attributes(row["attributes"]),
        "originalUnitPriceSet": lambda _info: money(Decimal(row["unit_price"]), currency),
        "variant": variant if row["variant_id"] is not None else None,
    }


def draft_order(state: ShopState, row: sqlite3.Row) -> Node:
    """Return a DraftOrder object."""
    shared = _shared(state, row, lambda line: line_item(line, row["currency"], "DraftOrderLineItem"))
    return shared | {
        "note2": row["note"],
        "status": "COMPLETED" if row["completed_at"] else "OPEN",
        "order": lambda _info: _order_of_draft(state, row),
    }


def _order_of_draft(state: ShopState, row: sqlite3.Row) -> Node | None:
    made = state.one("SELECT * FROM document WHERE id = ?", row["order_id"])
    return order(state, made) if made else None


def order(state: ShopState, row: sqlite3.Row) -> Node:
    """Return an Order object."""
    status = fulfilment_status(state, row)
    return (
        _shared(state, row, lambda line: line_item(line, row["currency"]))
        | {
            "note": row["note"],
            "processedAt": row["processed_at"],
            "cancelledAt": row["cancelled_at"],
            "cancelReason": row["cancel_reason"],
            "closed": status == "FULFILLED" and row["financial_status"] == "PAID",  # Shopify archives these by default
            "displayFinancialStatus": row["financial_status"],
            "displayFulfillmentStatus": status,
            "fulfillmentOrders": lambda _info, first=None, after=None: page_of(
                shipping_views.fulfilment_orders(state, row, line_item), first, after
            ),
            "fulfillments": lambda _info, first=None: shipping_views.fulfilments(state, row, line_item)[:first],
        }
    )


def fulfilment_status(state: ShopState, row: sqlite3.Row) -> str:
    """Return an order's displayFulfillmentStatus, worked out from what it wants and what has shipped."""
    lines = orders.lines_of(state, int(row["id"]))
    wanted = sum(int(line["current_quantity"]) for line in lines)
    shipped = sum(int(line["fulfilled"]) for line in lines)
    if shipped:
        return "FULFILLED" if shipped >= wanted else "PARTIALLY_FULFILLED"
    found = state.all("SELECT DISTINCT status FROM fulfillment_order WHERE order_id = ?", row["id"])
    states = {each["status"] for each in found}
    return next((each for each in ("ON_HOLD", "IN_PROGRESS") if each in states), "UNFULFILLED")
