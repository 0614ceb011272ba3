"""From an invoice to the SparkLayer order a shop would hold.

Where things live follows SparkLayer on Shopify: the cart id and payment type are custom attributes of the order, the
customer's reference and what the merchant's own checkout fields ask for are lines of the note
(docs.sparklayer.io, Shopify data sync; fields named by the merchant have no fixed key).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from demo.orders_buyers import address, company, country_code
from demo.orders_chance import number, percent, pick
from demo.orders_packs import Selling
from demo.orders_rules import Invoice
from demo.orders_types import LoadOrder, Remedy, RemedyKind

CART_NAMESPACE = uuid.UUID("0f4c9a52-6d3e-5b1c-9a77-3f2b8d1e6c40")
"""Our own, so that a cart id is the same whenever the same invoice is loaded."""
TAX_RATES = {"GB": "0.20"}
EXPORT_TAX_RATE = "0.00"
NET_DAYS = (14, 30, 30, 60)
INSTRUCTIONS = (
    "Deliver to the goods-in bay at the rear",
    "Call reception on arrival, no tail lift needed",
    "Leave with the shop next door if closed",
    "Book in before 11:00, ask for the stock room",
)
SHIPPING_METHODS = ("Standard delivery", "Express delivery", "International delivery")
"""Every title this reader writes on a shipping line; the site's map needs all of them."""

PO_REQUIRED_PERCENT = 40
PO_FORGOTTEN_PERCENT = 25
PO_VOLUNTEERED_PERCENT = 60
CARD_PENDING_PERCENT = 50


def customer_key(invoice: Invoice) -> str:
    """The file's CustomerID; an order without one is a web buyer of its own."""
    return invoice.customer or f"WEB-{invoice.number}"


def order_name(invoice: Invoice) -> str:
    return f"#{invoice.number}"


def gross(invoice: Invoice) -> Decimal:
    """Pounds with VAT and carriage."""
    return ((invoice.goods + invoice.carriage) * (1 + Decimal(tax_rate(invoice)))).quantize(Decimal("0.01"))


def tax_rate(invoice: Invoice) -> str:
    return TAX_RATES.get(country_code(invoice.country), EXPORT_TAX_RATE)


def net_days(key: str) -> int:
    """The account's payment terms; SparkLayer offers 7 to 90 days."""
    return pick(NET_DAYS, "net days", key)


def po_required(key: str) -> bool:
    return percent("po required", key) < PO_REQUIRED_PERCENT


def forgets_po(invoice: Invoice) -> bool:
    """Whether this order comes without the PO number that its customer's account requires."""
    key = customer_key(invoice)
    return _on_account(invoice) and po_required(key) and percent("po", invoice.number) < PO_FORGOTTEN_PERCENT


def pays_later(invoice: Invoice) -> bool:
    """Whether this card order is still unpaid when it arrives."""
    return not _on_account(invoice) and percent("pending", invoice.number) < CARD_PENDING_PERCENT


def _on_account(invoice: Invoice) -> bool:
    return bool(invoice.customer)


def note(invoice: Invoice, *, with_po: bool) -> str:
    """PO number, then what this buyer filled in at the checkout, one per line."""
    lines = [f"PO: PO-{number('po number', invoice.number) % 90_000 + 10_000}"] if with_po else []
    asks = percent("asks", invoice.number)
    if asks < 40:
        lines.append(f"Delivery instructions: {pick(INSTRUCTIONS, 'instructions', invoice.number)}")
    if asks % 5 == 0:
        lines.append(f"Requested delivery date: {invoice.at.date() + timedelta(days=5 + asks % 4):%Y-%m-%d}")
    return "\n".join(lines)


def gives_po(invoice: Invoice) -> bool:
    if not _on_account(invoice):
        return False
    key = customer_key(invoice)
    volunteers = percent("volunteers", invoice.number) < PO_VOLUNTEERED_PERCENT
    return volunteers if not po_required(key) else not forgets_po(invoice)


def shape_order(invoice: Invoice, selling: Mapping[str, Selling]) -> LoadOrder:
    """The order in the shop's load format."""
    key, country = customer_key(invoice), country_code(invoice.country)
    attributes = {
        "sparkCartId": str(uuid.uuid5(CART_NAMESPACE, invoice.number)),
        "sparkPaymentType": "paymentOnAccount" if _on_account(invoice) else "upfrontPayment",
    }
    if invoice.adjustment:
        attributes["Adjustment"] = f"{invoice.adjustment:f}"
    order: LoadOrder = {
        "name": order_name(invoice),
        "source": "order",
        "created_at": invoice.at.isoformat(),
        "customer_key": key,
        "company": {"name": company(key)},
        "currency": "GBP",
        "note": note(invoice, with_po=gives_po(invoice)),
        "custom_attributes": attributes,
        "shipping_address": address(key, country),
        "shipping_line": {"title": _shipping(invoice, country), "price": f"{invoice.carriage:f}"},
        "financial_status": "PENDING" if _on_account(invoice) or pays_later(invoice) else "PAID",
        "lines": [selling[line.sku].line(line) for line in invoice.lines],
        "tax_rate": tax_rate(invoice),
    }
    if _on_account(invoice):
        order["payment_terms"] = {"net": net_days(key)}
    return order


def _shipping(invoice: Invoice, country: str) -> str:
    standard, express, international = SHIPPING_METHODS
    if country != "GB":
        return international
    return express if percent("express", invoice.number) < 15 else standard


def paying_or_noting(invoice: Invoice) -> Remedy | None:
    """What lets this order go when its payment or its PO number is missing at first."""
    name, key = order_name(invoice), customer_key(invoice)
    if pays_later(invoice):
        return Remedy(RemedyKind.PAY, name, "payment_pending", key)
    if forgets_po(invoice):
        return Remedy(RemedyKind.NOTE, name, "po_missing", key, note=note(invoice, with_po=True))
    return None
