"""What a purchase must look like to be stored: the fields marked as required in
https://docs.sparklayer.io/tech-docs/createupdate-purchase. Fields that are not known are kept as they come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation

from .problems import ApiRefusal
from .state import Json, is_uuid

TYPES = ("cart", "quote", "awaiting_approval", "order_unconfirmed", "order")
OPEN, HELD, SHIPPED = ("incoming", "processing"), ("on_hold",), ("shipped", "complete")
PACKAGE_TYPES = (*OPEN, *HELD, *SHIPPED, "returned", "cancelled")
LOOKUPS = ("sparklayer", "platform", "internal", "visible")
_LISTS = ("packages", "accounting_files", "custom_fields")
_OBJECTS = ("purchase_identifiers", "customer_identifiers", "dates")

Entry = tuple[str, str, str]


def check_purchase(body: Json) -> None:
    """Return if the purchase can be stored; raises ApiRefusal naming every property that is wrong."""
    if not isinstance(body, dict):
        raise ApiRefusal(400, "the body must be a purchase")
    found = [*_head(body), *_calculated(body, "")]
    if not found:
        found = list(_packages(body["packages"]))
    if found:
        raise ApiRefusal(400, "the purchase is not valid", *found)


def _head(body: Json) -> Iterator[Entry]:
    for name in _OBJECTS:
        if not isinstance(body.get(name), dict):
            yield _missing(name)
    for name in _LISTS:
        if not isinstance(body.get(name), list):
            yield _missing(name)
    if body.get("type") not in TYPES:
        yield ("invalidType", f"type must be one of {', '.join(TYPES)}", "type")
    identifiers = body.get("purchase_identifiers")
    own = identifiers.get("sparklayer") if isinstance(identifiers, dict) else None
    if own and not (isinstance(own, str) and is_uuid(own)):
        yield ("invalidUuid", "it must be a UUID", "purchase_identifiers.sparklayer")
    dates = body.get("dates")
    for name, value in dates.items() if isinstance(dates, dict) else ():
        if value is not None and not _is_instant(value):
            yield ("invalidDate", "it must be an instant in ISO 8601 with its offset", f"dates.{name}")


def _calculated(value: Json, where: str) -> Iterator[Entry]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name.startswith("calculated_"):
                yield ("calculatedField", "it is worked out by the API and cannot be set", f"{where}{name}")
            yield from _calculated(each, f"{where}{name}.")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _calculated(each, f"{where}{number}.")


def _packages(packages: list[Json]) -> Iterator[Entry]:
    if not packages:
        yield _missing("packages")
    for number, package in enumerate(packages):
        where = f"packages[{number}]"
        if not isinstance(package, dict) or package.get("type") not in PACKAGE_TYPES:
            yield ("invalidPackageType", f"type must be one of {', '.join(PACKAGE_TYPES)}", f"{where}.type")
            continue
        items = package.get("line_items")
        if not isinstance(items, list) or not items:
            yield _missing(f"{where}.line_items")
            continue
        for position, item in enumerate(items):
            yield from _item(item, f"{where}.line_items[{position}]")


def _item(item: Json, where: str) -> Iterator[Entry]:
    quantity = item.get("quantity") if isinstance(item, dict) else None
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
        yield ("invalidQuantity", "quantity must be a whole number above zero", f"{where}.quantity")
    totals = item.get("line_total") if isinstance(item, dict) else None
    for name, amount in totals.items() if isinstance(totals, dict) else ():
        if not _is_money(amount):
            yield ("invalidMoney", "it must be {number: text, currency}", f"{where}.line_total.{name}")


def _is_money(amount: Json) -> bool:
    try:
        return isinstance(amount["number"], str) and Decimal(amount["number"]).is_finite()
    except (InvalidOperation, KeyError, TypeError):
        return False


def _is_instant(value: Json) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _missing(name: str) -> Entry:
    return ("required", "it is required", name)
