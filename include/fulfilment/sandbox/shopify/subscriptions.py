"""Webhook subscriptions: kept, listed and refused as the shop does; nothing is ever sent to them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from .fulfilling import UserMistake
from .gid import gid
from .paging import Node
from .state import ShopState


def create(state: ShopState, topic: str, wanted: dict[str, Any]) -> int:
    """Keep a subscription and return its number; raises UserMistake without https, or for a topic that goes there."""
    uri = wanted.get("uri") or ""
    if not uri.startswith("https://"):
        raise UserMistake(["webhookSubscription", "uri"], "Address protocol must be https://")
    if state.one("SELECT 1 FROM webhook_subscription WHERE topic = ? AND uri = ?", topic, uri):
        raise UserMistake(["webhookSubscription", "uri"], "Address for this topic has already been taken")
    number, now = state.next_id("WebhookSubscription"), state.now()
    state.insert(
        "webhook_subscription",
        id=number,
        topic=topic,
        uri=uri,
        format=wanted.get("format") or "JSON",
        include_fields=json.dumps(wanted.get("includeFields") or []),
        created_at=now,
        updated_at=now,
    )
    return number


def view(row: sqlite3.Row) -> Node:
    """Return a WebhookSubscription object."""
    return {
        "__typename": "WebhookSubscription",
        "id": gid("WebhookSubscription", row["id"]),
        "topic": row["topic"],
        "uri": row["uri"],
        "format": row["format"],
        "includeFields": json.loads(row["include_fields"]),
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
    }
