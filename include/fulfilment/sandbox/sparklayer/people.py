"""What people do to a purchase in the dashboard. Each change moves its `updated_at`."""

from __future__ import annotations

import json
import sqlite3
from decimal import Decimal
from typing import Any

from ..errors import Refused
from . import purchases
from .checks import SHIPPED
from .loading import money, read_note
from .state import Json, SiteState

_SUMS = ("total_net", "total_tax", "total_gross", "discount_net")


def pay(state: SiteState, name: str) -> None:
    """Record that the whole order was paid."""
    row, body = _order(state, name)
    body["total_paid"] = money(purchases.total_gross(body), body["currency_code"])
    purchases.keep(state, row, body)


def set_note(state: SiteState, name: str, note: str | None) -> None:
    """Give the order the reference and custom fields that a note stands for."""
    row, body = _order(state, name)
    body["customer_reference"], body["custom_fields"] = read_note(note)
    purchases.keep(state, row, body)


def cancel(state: SiteState, name: str) -> None:
    """Cancel what the order has not shipped."""
    row, body = _order(state, name)
    for package in body["packages"]:
        if purchases.is_open(package):
            package["type"] = "cancelled"
    purchases.keep(state, row, body)


def hold(state: SiteState, name: str, reason: str | None) -> None:
    """Put what has not shipped on hold; no reason ends the hold."""
    row, body = _order(state, name)
    for package in body["packages"]:
        if purchases.is_open(package):
            package["type"] = "on_hold" if reason else "incoming"
    purchases.keep(state, row, body)


def edit_line_quantity(state: SiteState, name: str, line: int, quantity: int) -> None:
    """Set the units wanted of the line with this number (from 1), as it was placed; raises Refused below what left."""
    row, body = _order(state, name)
    placed = json.loads(row["loaded"])
    if not 1 <= line <= len(placed):
        raise Refused(f"order {name} has {len(placed)} lines, there is no line {line}")
    key = line_key(placed[line - 1])
    pieces = [
        (package, item) for package in body["packages"] for item in package["line_items"] if line_key(item) == key
    ]
    gone = sum(item["quantity"] for package, item in pieces if package["type"] in SHIPPED)
    waiting = [(package, item) for package, item in pieces if purchases.is_open(package)]
    if quantity < gone or (quantity > gone and not waiting):
        raise Refused(f"order {name} line {line} has shipped {gone}, it cannot be set to {quantity}")
    for number, (package, item) in enumerate(waiting):
        _resize(package, item, 0 if number else quantity - gone)
    body["packages"] = [package for package in body["packages"] if package["line_items"]] or body["packages"][:1]
    if not body["packages"][0]["line_items"]:
        raise Refused(f"order {name} would have no lines left, cancel it")
    placed[line - 1]["quantity"] = quantity
    purchases.keep(state, row, body)
    state.run("UPDATE purchase SET loaded = ? WHERE id = ?", json.dumps(placed), row["id"])


def complete_draft(state: SiteState, name: str, *, payment_pending: bool) -> dict[str, Any]:
    """Turn a quote or unconfirmed order into an order, with the number of an order; its SparkLayer id stays."""
    row, body = _order(state, name)
    if body["type"] == "order":
        raise Refused(f"purchase {name} is an order already")
    number = _next_number(state)
    body["type"], body["dates"]["placed_at"] = "order", state.now()
    body["purchase_identifiers"]["visible"] = number
    if not payment_pending:
        body["total_paid"] = money(purchases.total_gross(body), body["currency_code"])
    purchases.keep(state, row, body)
    return {"order_id": row["sparklayer"], "name": number}


def set_stock(state: SiteState, sku: str, available: int) -> None:
    """Set what is shown of a SKU."""
    if not state.run("UPDATE stock SET stock_level = ? WHERE sku = ?", available, sku):
        raise Refused(f"there is no stock record of the SKU {sku!r} in the shop")


def line_key(item: Json) -> str:
    """Return what the buyer would tell one line from another by: its SKU and its attributes, but for private ones."""
    sku = item["identifiers"]["sku"] if "identifiers" in item else item["sku"]
    public = [each for each in item["custom_attributes"] if not each["key"].startswith("_")]
    return json.dumps([sku, public], sort_keys=True)


def _next_number(state: SiteState) -> str:
    row = state.one("SELECT max(CAST(substr(visible, 2) AS INTEGER)) AS last FROM purchase WHERE type = 'order'")
    last = int(row["last"] or 0) if row else 0
    return f"#{max(last, 1000) + 1}"


def _resize(package: Json, item: Json, quantity: int) -> None:
    before, item["quantity"] = item["quantity"], quantity
    for holder in (*(item["line_total"][name] for name in _SUMS), *(tax["amount"] for tax in item["tax_lines"])):
        share = Decimal(holder["number"]) * quantity / before
        holder["number"] = money(share.quantize(Decimal("0.01")), "")["number"]
    if not quantity:
        package["line_items"].remove(item)


def _order(state: SiteState, name: str) -> tuple[sqlite3.Row, Json]:
    row = state.one("SELECT * FROM purchase WHERE visible = ?", name)
    if row is None:
        raise Refused(f"there is no purchase named {name!r} in the shop")
    body = json.loads(row["body"])
    if purchases.fulfilment_status(body) == "cancelled":
        raise Refused(f"order {name} is cancelled")
    return row, body
