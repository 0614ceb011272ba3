"""Purchases: listed, read, and replaced whole (https://docs.sparklayer.io/developers/api/purchasing/get-purchases and
/create-update-purchase). What the API works out itself is worked out when it answers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from .checks import HELD, LOOKUPS, OPEN, SHIPPED, check_purchase
from .problems import ApiRefusal
from .state import Json, SiteState, instant_text, is_uuid, stored, uuid_of

MOST_ROWS, USUAL_ROWS = 500, 50
_DATES = {f"dates[{name}][{edge}]": (f"{name} {sign} ?") for name in ("updated_at", "placed_at") for edge, sign in
          (("gte", ">="), ("lte", "<="))}  # fmt: skip


def listed(state: SiteState, query: Mapping[str, str]) -> list[Json]:
    """Return a page of purchases, newest first; raises ApiRefusal for a parameter that is not documented."""
    limit = _whole(query.get("limit", str(USUAL_ROWS)), "limit", 1, MOST_ROWS)
    offset = _whole(query.get("offset", "0"), "offset", 0, 10**9)
    conditions, values = ["1 = 1"], list[str]()
    for name, value in query.items():
        if name in _DATES:
            conditions.append(_DATES[name])
            values.append(_instant(value, name))
        elif name == "type":
            conditions.append("type = ?")
            values.append(value)
        elif name not in ("limit", "offset"):
            raise ApiRefusal(400, "a query parameter is not known", ("unknownParameter", "it is not known", name))
    sql = f"SELECT * FROM purchase WHERE {' AND '.join(conditions)} ORDER BY placed_at DESC, id DESC LIMIT ? OFFSET ?"  # noqa: S608
    return [shown(row) for row in state.all(sql, *values, limit, offset)]


def read(state: SiteState, lookup: str, identifier: str) -> Json:
    """Return one purchase; raises ApiRefusal where there is none."""
    row = find(state, lookup, identifier)
    if row is None:
        raise ApiRefusal(404, "there is no such purchase")
    return shown(row)


def replace(state: SiteState, lookup: str, identifier: str, body: Json) -> Json:
    """Store the whole purchase in place of what was there, or as a new one, and return it."""
    row = find(state, lookup, identifier)
    check_purchase(body)
    given = {name: body["purchase_identifiers"].get(name) or None for name in LOOKUPS}
    if row is not None and given["sparklayer"] not in (None, row["sparklayer"]):
        raise ApiRefusal(403, "the SparkLayer id cannot be changed")
    if given[lookup] not in (None, identifier):
        entry = ("idMismatch", "it differs from the address", f"purchase_identifiers.{lookup}")
        raise ApiRefusal(400, "the identifier differs from the body's", entry)
    given[lookup] = identifier
    own = row["sparklayer"] if row else given["sparklayer"] or uuid_of("purchase", identifier)
    _check_identity(state, {**given, "sparklayer": own}, row)
    keep(state, row, {**body, "purchase_identifiers": {**body["purchase_identifiers"], **given, "sparklayer": own}})
    return read(state, "sparklayer", own)


def _check_identity(state: SiteState, given: Mapping[str, str | None], row: sqlite3.Row | None) -> None:
    for lookup, identifier in given.items():
        other = find(state, lookup, identifier) if identifier else None
        if other is not None and (row is None or other["id"] != row["id"]):
            detail = "the purchase conflicts with the stored purchase"
            raise ApiRefusal(409, detail, ("identityConflict", f"{lookup} belongs to another purchase", lookup))


def find(state: SiteState, lookup: str, identifier: str) -> sqlite3.Row | None:
    """Return the stored row; raises ApiRefusal for a lookup that is none, or a SparkLayer id that is no UUID."""
    if lookup not in LOOKUPS:
        raise ApiRefusal(404, f"lookupBy must be one of {', '.join(LOOKUPS)}")
    if lookup == "sparklayer" and not is_uuid(identifier):
        raise ApiRefusal(400, "the identifier must be a UUID", ("invalidUuid", "it must be a UUID", "identifier"))
    return state.one(f"SELECT * FROM purchase WHERE {lookup} = ?", identifier)  # noqa: S608  one of LOOKUPS


def keep(state: SiteState, row: sqlite3.Row | None, body: Json) -> None:
    """Store a purchase that has been checked; each change moves its `updated_at`."""
    now, identifiers = state.now(), body["purchase_identifiers"]
    body["dates"]["updated_at"] = now
    placed = body["dates"].get("placed_at") or body["dates"].get("created_at") or now
    for package in body["packages"]:
        own = package.setdefault("identifiers", {})
        own.setdefault("sparklayer_package_id", uuid_of("package", f"{now} {state.next_id('package')}"))
    values = {name: identifiers.get(name) for name in LOOKUPS}
    values |= {"type": body["type"], "placed_at": _instant(placed, "dates.placed_at"), "updated_at": now}
    values["body"] = stored(body)
    if row is None:
        state.insert("purchase", id=state.next_id("purchase"), **values)
        return
    names = ", ".join(f"{name} = ?" for name in values)
    state.run(f"UPDATE purchase SET {names} WHERE id = ?", *values.values(), row["id"])  # noqa: S608


def shown(row: sqlite3.Row) -> Json:
    """Return a purchase as the API answers it."""
    body = json.loads(row["body"])
    total = {"number": f"{total_gross(body):.2f}", "currency": body.get("currency_code")}
    body["calculated_total"] = total
    body["calculated_fulfilment_status"] = fulfilment_status(body)
    body["calculated_shipping_address"] = _address_line(body)
    body["dates"]["calculated_submitted_at"] = body["dates"].get("placed_at")
    return body


def fulfilment_status(body: Json) -> str:
    """Return the combined status of the packages, in the Core API's words (tech-docs/cancel-items)."""
    types = [package["type"] for package in body["packages"] if package["type"] != "returned"]
    live = [each for each in types if each != "cancelled"]
    if not live:
        return "cancelled" if types else "returned"
    if any(each in HELD for each in live):
        return "on_hold"
    gone = [each in SHIPPED for each in live]
    return "shipped" if all(gone) else "part_shipped" if any(gone) else "processing"


def total_gross(body: Json) -> Decimal:
    """Return what the goods and carriage of all packages that count come to, with tax."""
    live = [package for package in body["packages"] if package["type"] not in ("cancelled", "returned")]
    amounts = (holder["line_total"]["total_gross"]["number"] for package in live for holder in _priced(package))
    return sum((Decimal(amount) for amount in amounts), Decimal("0.00"))


def _priced(package: Json) -> Iterator[Json]:
    for holder in (*package["line_items"], package.get("shipping_method") or {}):
        if "total_gross" in (holder.get("line_total") or {}):
            yield holder


def _address_line(body: Json) -> str:
    address = next((package.get("shipping_address") for package in body["packages"]), None) or {}
    return ", ".join(str(value) for value in address.values() if value)


def is_open(package: Json) -> bool:
    """Say whether the package's goods have still to leave."""
    return package["type"] in (*OPEN, *HELD)


def _whole(text: str, name: str, least: int, most: int) -> int:
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1
    if not least <= value <= most:
        raise ApiRefusal(400, f"{name} is not valid", ("invalidRange", f"it must be {least} to {most}", name))
    return value


def _instant(text: str, name: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901  refused below, as it has no zone
    if moment.tzinfo is None:
        raise ApiRefusal(400, f"{name} is not valid", ("invalidDate", "it must be an instant with its offset", name))
    return instant_text(moment)
