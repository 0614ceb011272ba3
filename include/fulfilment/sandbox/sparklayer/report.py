"""The site's whole state in plain JSON, in the words of the Shopify sandbox's report, for a run that checks itself."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..errors import Refused
from . import purchases
from .checks import SHIPPED
from .loading import written_note
from .people import line_key
from .state import DEFAULT_LOCATION, Json, SiteState

PARTS = ("variants", "customers", "orders", "drafts")
_STATUSES = {"shipped": "FULFILLED", "part_shipped": "PARTIALLY_FULFILLED"}


def whole_state(state: SiteState, wanted: Mapping[str, str]) -> dict[str, Any]:
    """Return the records of the `part` asked for, or of all, by key; `after` and `limit` page through one part."""
    part, after, limit = wanted.get("part"), wanted.get("after", ""), wanted.get("limit", "-1")
    if part is not None and part not in PARTS:
        raise Refused(f"no part {part!r}; there are {', '.join(PARTS)}")
    if not limit.removeprefix("-").isdecimal():
        raise Refused(f"limit must be a whole number, not {limit[:20]!r}")
    makers = {"variants": _variants, "customers": _customers, "orders": _orders, "drafts": _drafts}
    shop = {"name": "Sandbox Trade Site", "currency": "GBP", "location": DEFAULT_LOCATION}
    return {"shop": shop} | {name: makers[name](state, after, int(limit)) for name in ([part] if part else PARTS)}


def _variants(state: SiteState, after: str, limit: int) -> list[Json]:
    rows = state.all(
        "SELECT sku, title, stock_level FROM product LEFT JOIN stock USING (sku) WHERE sku > ? ORDER BY sku LIMIT ?",
        after,
        limit,
    )
    return [{"sku": row["sku"], "title": row["title"], "available": row["stock_level"]} for row in rows]


def _customers(state: SiteState, after: str, limit: int) -> list[Json]:
    rows = state.all("SELECT key, body FROM customer WHERE key > ? ORDER BY key LIMIT ?", after, limit)
    return [{"key": row["key"], **json.loads(row["body"])} for row in rows]


def _orders(state: SiteState, after: str, limit: int) -> list[Json]:
    return _documents(state, "=", after, limit)


def _drafts(state: SiteState, after: str, limit: int) -> list[Json]:
    return _documents(state, "<>", after, limit)


def _documents(state: SiteState, sign: str, after: str, limit: int) -> list[Json]:
    sql = f"SELECT * FROM purchase WHERE type {sign} 'order' AND visible > ? ORDER BY visible LIMIT ?"  # noqa: S608
    return [_document(row) for row in state.all(sql, after, limit)]


def _document(row: sqlite3.Row) -> Json:
    body = purchases.shown(row)
    status = body["calculated_fulfilment_status"]
    paid, total = body["total_paid"]["number"], body["calculated_total"]["number"]
    return {
        "id": row["sparklayer"],
        "name": row["visible"],
        "note": written_note(body),
        "updated_at": row["updated_at"],
        "cancelled_at": row["updated_at"] if status == "cancelled" else None,
        "financial_status": "PAID" if paid == total else "PENDING",
        "total": total,
        "fulfilment_status": _STATUSES.get(status, "UNFULFILLED"),
        "metafields": {entry["name"]: entry["value"] for entry in body["metadata"]},
        "lines": _lines(body, json.loads(row["loaded"])),
        "fulfilments": [_fulfilment(each) for each in body["packages"] if each["type"] in SHIPPED],
        "purchase": body,
    }


def _lines(body: Json, placed: list[Json]) -> list[Json]:
    """Return the lines as they were placed; what packages hold of equal lines is dealt out in their order."""
    live, gone = Counter[str](), Counter[str]()
    for package in body["packages"]:
        for item in package["line_items"] if package["type"] not in ("cancelled", "returned") else []:
            live[line_key(item)] += item["quantity"]
            gone[line_key(item)] += item["quantity"] if package["type"] in SHIPPED else 0
    last = {line_key(line): number for number, line in enumerate(placed)}
    found = []
    for number, line in enumerate(placed):
        key = line_key(line)
        current, fulfilled = live[key], gone[key]
        if last[key] != number:
            current, fulfilled = min(current, line["quantity"]), min(fulfilled, line["quantity"])
        live[key] -= current
        gone[key] -= fulfilled
        found.append(line | {"current_quantity": current, "fulfilled": fulfilled})
    return found


def _fulfilment(package: Json) -> Json:
    return {
        "id": package["identifiers"]["sparklayer_package_id"],
        "status": "SUCCESS",
        "tracking": [
            {"company": each.get("carrier"), "number": each.get("tracking_number"), "url": each.get("tracking_url")}
            for each in package.get("shipments") or []
        ],
        "lines": [{"sku": item["identifiers"]["sku"], "quantity": item["quantity"]} for item in package["line_items"]],
    }
