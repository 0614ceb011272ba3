"""inventorySetQuantities: an absolute, compare-and-set write of what is available, done once for each idempotency key.

Codes are those of the vendor's InventorySetQuantitiesUserErrorCode. One bad row refuses the whole call.
Source: https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/inventorySetQuantities
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from . import stock
from .gid import gid, number_of
from .state import ShopState

OPERATION = "inventorySetQuantities"
_LIMIT = 1_000_000_000
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_REASONS = frozenset(
    """correction cycle_count_available damaged movement_canceled movement_created movement_received movement_updated
    other promotion quality_control received reservation_created reservation_deleted reservation_updated restock
    safety_stock shrinkage""".split()  # noqa: SIM905  a list of words
)
_TEXT = {
    "CHANGE_FROM_QUANTITY_STALE": "The changeFromQuantity argument no longer matches the persisted quantity.",
    "COMPARE_QUANTITY_REQUIRED": "The changeFromQuantity argument must be given for each quantity; it may be null.",
    "IDEMPOTENCY_KEY_PARAMETER_MISMATCH": "The same idempotency key cannot be used with different parameters.",
    "INVALID_INVENTORY_ITEM": "The specified inventory item could not be found.",
    "INVALID_LOCATION": "The specified location could not be found.",
    "INVALID_NAME": "The sandbox sets the quantity name 'available' only.",
    "INVALID_QUANTITY_TOO_HIGH": "The quantity can't be higher than 1,000,000,000.",
    "INVALID_QUANTITY_TOO_LOW": "The quantity can't be lower than -1,000,000,000.",
    "INVALID_REASON": "The specified reason is invalid.",
    "INVALID_REFERENCE_DOCUMENT": "The specified reference document is invalid.",
    "ITEM_NOT_STOCKED_AT_LOCATION": "The specified inventory item is not stocked at the location.",
    "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR": "The combination of inventoryItemId and locationId must be unique.",
}

Answer = dict[str, Any]


def set_quantities(state: ShopState, key: str, wanted: dict[str, Any]) -> Answer:
    """Apply an InventorySetQuantitiesInput once for `key` and return {group, errors} in plain JSON values.

    The same key with the same input returns the first answer again; with another input it is refused.
    """
    digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
    row = state.one("SELECT digest, answer FROM idempotency WHERE operation = ? AND key = ?", OPERATION, key)
    if row is not None and row["digest"] != digest:
        return {"group": None, "errors": [_error("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", [])]}
    if row is not None:
        earlier: Answer = json.loads(row["answer"])
        return earlier
    errors = _header_errors(wanted) or _row_errors(state, wanted["quantities"])
    answer: Answer = {"group": None if errors else _apply(state, wanted), "errors": errors}
    state.insert("idempotency", operation=OPERATION, key=key, digest=digest, answer=json.dumps(answer))
    return answer


def _error(code: str, path: list[str]) -> dict[str, Any]:
    return {"field": ["input", *path] if path else None, "message": _TEXT[code], "code": code}


def _header_errors(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    errors = []
    if wanted["name"] != "available":
        errors.append(_error("INVALID_NAME", ["name"]))
    if wanted["reason"] not in _REASONS:
        errors.append(_error("INVALID_REASON", ["reason"]))
    document = wanted.get("referenceDocumentUri")
    if document is not None and not _URI.fullmatch(document):
        errors.append(_error("INVALID_REFERENCE_DOCUMENT", ["referenceDocumentUri"]))
    return errors


def _row_errors(state: ShopState, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    errors, seen = [], set()
    for index, row in enumerate(rows):
        pair = (row["inventoryItemId"], row["locationId"])
        found = (
            ("NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR", "locationId") if pair in seen else _row_error(state, row)
        )
        seen.add(pair)
        if found:
            errors.append(_error(found[0], ["quantities", str(index), found[1]]))
    return errors


def _row_error(state: ShopState, row: dict[str, Any]) -> tuple[str, str] | None:
    item, place = number_of("InventoryItem", row["inventoryItemId"]), number_of("Location", row["locationId"])
    if state.one("SELECT 1 FROM variant WHERE item_id = ?", item) is None:
        return "INVALID_INVENTORY_ITEM", "inventoryItemId"
    if state.one("SELECT 1 FROM location WHERE id = ?", place) is None:
        return "INVALID_LOCATION", "locationId"
    level = state.one("SELECT available FROM level WHERE item_id = ? AND location_id = ?", item, place)
    if level is None:
        return "ITEM_NOT_STOCKED_AT_LOCATION", "locationId"
    if abs(row["quantity"]) > _LIMIT:
        return f"INVALID_QUANTITY_TOO_{'HIGH' if row['quantity'] > 0 else 'LOW'}", "quantity"
    if "changeFromQuantity" not in row:
        return "COMPARE_QUANTITY_REQUIRED", "changeFromQuantity"
    if row["changeFromQuantity"] not in (None, level["available"]):
        return "CHANGE_FROM_QUANTITY_STALE", "changeFromQuantity"
    return None


def _apply(state: ShopState, wanted: dict[str, Any]) -> dict[str, Any]:
    changes = []
    for row in wanted["quantities"]:
        item, place = number_of("InventoryItem", row["inventoryItemId"]), number_of("Location", row["locationId"])
        assert item is not None and place is not None  # noqa: S101  checked row by row before
        delta = stock.set_available(state, item, place, row["quantity"])
        if delta:
            changes.append({"item": item, "location": place, "delta": delta, "after": row["quantity"]})
    return {
        "id": gid("InventoryAdjustmentGroup", state.next_id("InventoryAdjustmentGroup")),
        "createdAt": state.now(),
        "reason": wanted["reason"],
        "referenceDocumentUri": wanted.get("referenceDocumentUri"),
        "changes": changes,
    }
