"""Metafields: a merchant's and an app's own fields on orders, drafts, customers and variants.

`$app:fulfilment` is stored under the app's reserved namespace (`app--1--fulfilment`), and found by either name.
Source: https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/metafieldsSet
"""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import date
from typing import Any

from . import orders
from .gid import split_gid
from .state import ShopState

_OWN = "app--1"
_NAME = re.compile(r"[A-Za-z0-9_-]{2,255}")
_OWNERS = {
    "Order": "document",
    "DraftOrder": "document",
    "Customer": "customer",
    "ProductVariant": "variant",
    "Company": "company",
    "CompanyLocation": "company",
}
_TEXTS = ("single_line_text_field", "multi_line_text_field", "url", "id")
_TYPES = frozenset((*_TEXTS, "number_integer", "number_decimal", "boolean", "json", "date", "date_time"))


def stored_namespace(namespace: str | None) -> str:
    """Return the namespace a metafield is kept under; `$app`, or none at all, is the calling app's own."""
    if namespace in (None, "$app"):
        return _OWN
    return (
        f"{_OWN}--{namespace.removeprefix('$app:')}" if namespace and namespace.startswith("$app:") else str(namespace)
    )


def find(state: ShopState, owner: str, namespace: str | None, key: str) -> sqlite3.Row | None:
    """Return one metafield of a record, or None."""
    return state.one(
        "SELECT * FROM metafield WHERE owner = ? AND namespace = ? AND key = ?", owner, stored_namespace(namespace), key
    )


def of_owner(state: ShopState, owner: str, namespace: str | None) -> list[sqlite3.Row]:
    """Return a record's metafields, of one namespace or of all when it is None."""
    if namespace is None:
        return state.all("SELECT * FROM metafield WHERE owner = ? ORDER BY id", owner)
    return state.all(
        "SELECT * FROM metafield WHERE owner = ? AND namespace = ? ORDER BY id", owner, stored_namespace(namespace)
    )


def mistakes(state: ShopState, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return Shopify's user errors for MetafieldsSetInput rows; an empty list means that all may be written."""
    found = []
    for index, row in enumerate(wanted):
        problem = _mistake(state, row)
        if problem:
            field, code, message = problem
            path = ["metafields", str(index), field]
            found.append({"field": path, "code": code, "message": message, "elementIndex": None})
    return found


def _mistake(state: ShopState, row: dict[str, Any]) -> tuple[str, str, str] | None:
    if not owner_exists(state, row["ownerId"]):
        return "ownerId", "INVALID", "Owner does not exist."
    namespace = stored_namespace(row.get("namespace"))
    if namespace.startswith("app--") and not f"{namespace}--".startswith(f"{_OWN}--"):
        return "namespace", "APP_NOT_AUTHORIZED", "Access to this namespace and key on Metafields is not allowed."
    if not _NAME.fullmatch(namespace) or not _NAME.fullmatch(row["key"]):
        return "key", "INVALID", "Namespace and key hold letters, digits, hyphen and underscore only."
    kind = row.get("type") or _known_type(state, row)
    if kind is None:
        return "type", "BLANK", "Type can't be blank."
    if kind not in _TYPES:
        return "type", "INVALID_TYPE", f"Type must be one of: {', '.join(sorted(_TYPES))}."
    if row["value"] == "":
        return "value", "BLANK", "Value can't be blank."
    if not _fits(kind, row["value"]):
        return "value", "INVALID_VALUE", f"Value is not a valid {kind}."
    return None


def owner_exists(state: ShopState, owner: str) -> bool:
    """Say whether the shop holds a record that can carry metafields under this global id."""
    parts = split_gid(owner)
    if parts is None or parts[0] not in _OWNERS:
        return False
    kind, number = parts
    if _OWNERS[kind] == "document":
        return state.one("SELECT 1 FROM document WHERE id = ? AND kind = ?", number, kind) is not None
    if kind == "CompanyLocation":
        return state.one("SELECT 1 FROM company WHERE location_id = ?", number) is not None
    return state.one(f"SELECT 1 FROM {_OWNERS[kind]} WHERE id = ?", number) is not None  # noqa: S608


def _known_type(state: ShopState, row: dict[str, Any]) -> str | None:
    earlier = find(state, row["ownerId"], row.get("namespace"), row["key"])
    return str(earlier["type"]) if earlier else None


def _fits(kind: str, value: str) -> bool:
    if kind == "number_integer":
        return re.fullmatch(r"-?\d{1,19}", value, re.ASCII) is not None
    if kind == "number_decimal":
        return re.fullmatch(r"-?\d{1,13}(\.\d{1,9})?", value, re.ASCII) is not None
    if kind == "boolean":
        return value in ("true", "false")
    if kind == "single_line_text_field":
        return "\n" not in value
    return _parses(kind, value)


def _parses(kind: str, value: str) -> bool:
    try:
        if kind == "json":
            json.loads(value)
        elif kind == "date":
            date.fromisoformat(value)
    except ValueError:
        return False
    return True


def write(state: ShopState, row: dict[str, Any]) -> sqlite3.Row:
    """Store one MetafieldsSetInput that has no mistakes and return it; the order it belongs to counts as updated."""
    namespace, now = stored_namespace(row.get("namespace")), state.now()
    kind = row.get("type") or _known_type(state, row) or ""
    state.run(
        "INSERT INTO metafield VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (owner, namespace, key)"
        " DO UPDATE SET type = excluded.type, value = excluded.value, updated_at = excluded.updated_at",
        state.next_id("Metafield"),
        row["ownerId"],
        namespace,
        row["key"],
        kind,
        row["value"],
        now,
        now,
    )
    owner_kind, number = split_gid(row["ownerId"]) or ("", 0)
    if _OWNERS.get(owner_kind) == "document":
        orders.touch(state, number)
    stored = find(state, row["ownerId"], row.get("namespace"), row["key"])
    assert stored is not None  # noqa: S101  written above
    return stored
