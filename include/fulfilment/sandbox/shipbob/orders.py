"""Orders of the account: how they come in, and how they are listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from ..errors import Refused
from ..floor.book import add_order, add_product, find_orders, find_shipments, products
from ..floor.records import FloorOrder, NewLine
from ..floor.state import FloorState
from .body import Errors, OrderIn, ProductIn

PAGE, LARGEST_PAGE = 50, 250


class Broken(Exception):
    """A request that breaks a rule; `status` and the map of field to messages are the answer."""

    def __init__(self, status: int, errors: Errors) -> None:
        super().__init__(str(errors))
        self.status, self.errors = status, errors


def create_order(state: FloorState, body: OrderIn) -> FloorOrder:
    """Store an order. A product reference that is not known becomes a product, without a word.

    Raises:
        Broken: the reference is there already, or a rule of its type is broken.
    """
    with state.transaction():
        _check_rules(state, body)
        for product in body.products:
            add_product(state, product.reference_id, product.name or product.reference_id)
        retailer = body.retailer_program_data
        requested = retailer.delivery_date if retailer else None
        summary = {
            "po_number": (retailer.purchase_order_number if retailer else None) or "",
            "instructions": body.gift_message or "",
            "service": body.shipping_method,
            "requested_on": requested.date().isoformat() if requested else "",
        }
        lines = [_line(state, body, number) for number in range(len(body.products))]
        return add_order(state, body.reference_id, lines, body.model_dump(mode="json", exclude_none=True), summary)


def _check_rules(state: FloorState, body: OrderIn) -> None:
    if find_orders(state, refs=[body.reference_id]):
        raise Broken(422, {"": ["Cannot insert order with existing ReferenceId"]})
    if body.type != "DTC" and (body.retailer_program_data is None or body.shipping_terms is None):
        raise Broken(422, {"": [f"{body.type} orders must have retailer_program_data and shipping_terms"]})


def _line(state: FloorState, body: OrderIn, number: int) -> NewLine:
    """A line in single units. The staff call it by its number, or by the words of the order's tag `line-<number>`."""
    product = body.products[number]
    names = {tag.name: tag.value for tag in body.tags or ()}
    own = str(product.external_line_id if product.external_line_id is not None else number + 1)
    units = product.quantity * _units(state, product)
    return NewLine(names.get(f"line-{own}", own), product.reference_id, units, product.model_dump(mode="json"))


def _units(state: FloorState, product: ProductIn) -> int:
    code = product.quantity_unit_of_measure_code or "EA"
    if code == "EA":
        return 1
    row = state.one("SELECT units FROM pack WHERE sku = ? AND code = ?", product.reference_id, code)
    if row is None:
        raise Broken(422, {"products": [f"{product.reference_id} is not set up in {code}"]})
    return int(row["units"])


def set_packs(state: FloorState, packs: Mapping[str, Mapping[str, int]]) -> None:
    """Say what a pack of a product counts: units by unit code, by SKU."""
    for sku, sizes in packs.items():
        for code, units in sizes.items():
            if code not in ("INP", "CS", "PL") or units < 2:
                raise Refused(f"{sku}: a pack is INP, CS or PL and has at least 2 units, not {code} of {units}")
            state.run("INSERT OR REPLACE INTO pack VALUES (?, ?, ?)", sku, code, units)


def list_orders(state: FloorState, wanted: Mapping[str, str]) -> tuple[list[FloorOrder], bool]:
    """Return a page of the orders that match all filters, and whether there is another.

    Raises:
        Broken: a page number, a limit or a date cannot be read.
    """
    page, limit = _number(wanted, "Page", 1, None), _number(wanted, "Limit", PAGE, LARGEST_PAGE)
    ids = [int(each) for each in _list(wanted, "IDs") if each.isascii() and each.isdigit()] if "IDs" in wanted else None
    refs = _list(wanted, "ReferenceIds") if "ReferenceIds" in wanted else None
    updated = _instant(wanted, "LastUpdateStartDate")
    found = [each for each in find_orders(state, ids=ids, refs=refs, changed_since=updated) if _matches(each, wanted)]
    if (since := _instant(wanted, "LastTrackingUpdateStartDate")) is not None:
        tracked = find_shipments(state, changed_since=since)
        touched = {each.order_id for each in tracked if each.parcels and each.updated_at > since}
        found = [each for each in found if each.id in touched]
    if wanted.get("SortOrder", "Newest") == "Newest":
        found.reverse()
    start = (page - 1) * limit
    return found[start : start + limit], len(found) > start + limit


def _matches(order: FloorOrder, wanted: Mapping[str, str]) -> bool:
    later = {"StartDate": order.created_at, "LastUpdateStartDate": order.updated_at}
    earlier = {"EndDate": order.created_at, "LastUpdateEndDate": order.updated_at}
    after = all((bound := _instant(wanted, name)) is None or at > bound for name, at in later.items())
    return after and all((bound := _instant(wanted, name)) is None or at < bound for name, at in earlier.items())


def _list(wanted: Mapping[str, str], name: str) -> list[str]:
    return [part.strip() for part in wanted[name].split(",") if part.strip()]


def _number(wanted: Mapping[str, str], name: str, default: int, most: int | None) -> int:
    text = wanted.get(name, str(default))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not 1 <= number <= (most or number):
        raise Broken(400, {name: [f"The field {name} must be between 1 and {most or 'any'}."]})
    return number


def _instant(wanted: Mapping[str, str], name: str) -> datetime | None:
    if name not in wanted:
        return None
    try:
        found = datetime.fromisoformat(wanted[name])
    except ValueError:
        raise Broken(400, {name: [f"The value '{wanted[name][:40]}' is not valid for {name}."]}) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def page_of(items: Sequence[Any], wanted: Mapping[str, str], path: str) -> dict[str, Any]:
    """Return a page of items with the addresses of its neighbours; the address leaves out host and version."""
    size = _number(wanted, "PageSize", PAGE, LARGEST_PAGE)
    start = _number(wanted, "Cursor", 1, None) - 1

    def address(position: int) -> str:
        return f"{path}?{urlencode({**wanted, 'PageSize': size, 'Cursor': position + 1})}"

    following = start + size
    return {
        "first": address(0) if start else None,
        "items": list(items[start:following]),
        "last": address((len(items) - 1) // size * size) if following < len(items) else None,
        "next": address(following) if following < len(items) else None,
        "prev": address(max(0, start - size)) if start else None,
    }


def find_products(state: FloorState, wanted: Mapping[str, str]) -> list[Any]:
    """Return the products whose SKU is one of `any:…`, or holds the text asked for; all of them without a query."""
    everything = products(state)
    asked = wanted.get("SKU")
    if asked is None:
        return everything
    if asked.startswith("any:"):
        listed = set(asked.removeprefix("any:").split(","))
        return [each for each in everything if each.sku in listed]
    return [each for each in everything if asked.lower() in each.sku.lower()]
