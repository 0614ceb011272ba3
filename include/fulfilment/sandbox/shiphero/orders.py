"""Orders that come in over the API, plain and wholesale.

A second order with the same numbers is taken like the first: nothing says that ShipHero refuses it. A SKU that is not
there is refused, as "a valid SKU that already exists in your account" is asked for
(https://developer.shiphero.com/flows/wholesale-orders-packed-outside-shiphero); the words are the sandbox's own.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from ..floor.book import FloorOrder, NewLine, add_order, products
from ..floor.state import FloorState
from .ids import ACCOUNT, WAREHOUSE, gid, number_in
from .problems import NOT_FOUND, Problem
from .views import line_views, order_view

_PO = re.compile(r"(?:PO number|PO) *: *(.*)", re.IGNORECASE)
_SINGLE = ("", "EA")
_LARGEST = 2_000_000_000
Record = dict[str, Any]


def create(state: FloorState, data: Record) -> FloorOrder:
    """Store an order and return it."""
    check_account(data)
    lines = new_lines(state, data)
    given = {name: value for name, value in data.items() if name != "line_items"}
    return add_order(state, data.get("partner_order_id") or "", lines, given, summary(data))


def numbered(state: FloorState, number: str) -> list[int]:
    """Return the ids of the orders that have this very order number; several may."""
    sql = "SELECT id FROM warehouse_order WHERE json_extract(given, '$.order_number') = ?"
    return [row["id"] for row in state.all(sql, number)]


def check_account(data: Record) -> None:
    """Refuse a call on behalf of an account that is not there."""
    account = data.get("customer_account_id")
    if account is not None and number_in("Account", account) != ACCOUNT:
        raise Problem("Customer account not found", NOT_FOUND)


def new_lines(state: FloorState, data: Record) -> list[NewLine]:
    """Return the lines that a call brings, or refuse the first that cannot be taken."""
    lines = [_line(item) for item in data.get("line_items") or () if item]
    _check(state, lines)
    return lines


def wholesale_view(state: FloorState, order: FloorOrder) -> Record:
    """Return an order as the wholesale order that was just made of it."""
    lines = line_views(state, order)
    return {
        "id": gid("WholesaleOrder", order.id),
        "status": "pending",
        "order_id": gid("Order", order.id),
        "order": order_view(state, order),
        "wholesale_line_items": {
            "edges": [
                {
                    "node": {
                        "id": gid("WholesaleLineItem", line["legacy_id"]),
                        "line_item": line,
                        "unit_of_measure": line["unit_of_measure"],
                    }
                }
                for line in lines
            ]
        },
        **{
            name: order.given.get(name)
            for name in (
                "requested_delivery_date",
                "ship_not_before_date",
                "ship_no_later_than_date",
                "depositor_order_number",
            )
        },
    }


def _line(item: Record) -> NewLine:
    """A line as the floor keeps it, in base units. How many there are in a unit of measure, ShipHero has from its own
    table of packs; the sandbox takes it from what was agreed in `custom_options`."""
    quantity, unit = item["quantity"], item.get("unit_of_measure") or ""
    options = item.get("custom_options")
    told = options.get("units_per_uom") if isinstance(options, dict) else None
    if unit not in _SINGLE and not isinstance(told, int):
        raise Problem(f"Unit of measure {unit!r} is not set up for product {item['sku']}")
    units = told if unit not in _SINGLE and isinstance(told, int) else 1
    if not 0 < quantity * units <= _LARGEST:
        raise Problem(f"Invalid quantity {quantity} for product {item['sku']}")
    kept = {name: value for name, value in item.items() if name not in ("sku", "quantity", "partner_line_item_id")}
    return NewLine(item["partner_line_item_id"], item["sku"], quantity * units, kept | {"units": units})


def _check(state: FloorState, lines: list[NewLine]) -> None:
    if not lines:
        raise Problem("An order needs at least one line item")
    skus = [line.sku for line in lines]
    known = {product.sku for product in products(state, skus=skus)}
    if missing := [sku for sku in skus if sku not in known]:
        raise Problem(f"Product {missing[0]} not found", NOT_FOUND)
    twice = [key for key, count in Counter(line.line_key for line in lines).items() if count > 1]
    if twice:
        raise Problem(f"partner_line_item_id {twice[0]} is used twice in the order")
    for line in lines:
        warehouse = line.given.get("warehouse_id")
        if warehouse is not None and number_in("Warehouse", warehouse) != WAREHOUSE:
            raise Problem("Warehouse not found", NOT_FOUND)


def summary(data: Record) -> Record:
    """What people on the floor read out of the order: a PO number in the first line of the note, the rest below it."""
    first, _, rest = (data.get("packing_note") or "").partition("\n")
    found = _PO.fullmatch(first)
    return {
        "po_number": found[1] if found else "",
        "instructions": rest if found else data.get("packing_note") or "",
        "service": (data.get("shipping_lines") or {}).get("title") or "",
        "requested_on": str(data.get("required_ship_date") or "")[:10],
    }
