"""Which calls of the shop and the warehouse go wrong in a run, by the kinds that each sandbox knows."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_HTTP = ("429", "5xx_before", "5xx_after", "reset_before", "reset_after", "html", "malformed")
_SHOP = ("429", "throttled", "5xx_before", "5xx_after", "reset_before", "reset_after")
_LOST = ("reset_after", "5xx_after")
CREATES: Mapping[str, str] = {
    "shipbob": "create-order",
    "mintsoft": "CreateOrder",
    "shiphero": "order_create",
    "x12": "940",
}
"""The sandbox's word for the call that makes an order."""
_SHOP_WRITES: Mapping[str, str] = {
    "release": "metafieldsSet",
    "stock": "inventorySetQuantities",
    "shipments": "fulfillmentCreate",
}
_LETTERS = ("silence", "cut", "twice", "later")


@dataclass(frozen=True)
class Spoilt:
    """Let `after_calls` calls of the operation pass, then spoil `times` of them."""

    end: str
    operation: str
    kind: str
    times: int = 1
    after_calls: int = 0

    def words(self) -> str:
        """The fault as the story tells it."""
        several = f" × {self.times}" if self.times > 1 else ""
        return f"{self.kind}{several} on {self.end}'s {self.operation} after {self.after_calls} calls"

    def entry(self) -> dict[str, Any]:
        """The fault as the sandbox's door takes it."""
        return {
            "operation": self.operation,
            "kind": self.kind,
            "times": self.times,
            "after_calls": self.after_calls,
        }


def draw_spoilt(chance: random.Random, warehouse: str, flow: str) -> tuple[Spoilt, ...]:
    """One or two faults; those that lose the answer of a write are the likeliest."""
    return tuple(_one(chance, warehouse, flow) for _ in range(chance.choice((1, 1, 2))))


def _one(chance: random.Random, warehouse: str, flow: str) -> Spoilt:
    if flow != "release" or chance.random() < 0.25:
        if chance.random() < 0.5:
            return Spoilt("shop", _SHOP_WRITES[flow], chance.choice(_LOST), 1, chance.randint(0, 1))
        return Spoilt("shop", "*", chance.choice(_SHOP), chance.choice((1, 1, 3, 8)), chance.randint(0, 3))
    if warehouse == "x12":
        return Spoilt("warehouse", "940" if chance.random() < 0.4 else "*", chance.choice(_LETTERS))
    if chance.random() < 0.6:
        return Spoilt(
            "warehouse", CREATES[warehouse], chance.choice((*_LOST, *_HTTP)), chance.randint(1, 2), chance.randint(0, 1)
        )
    return Spoilt("warehouse", "*", chance.choice(_HTTP), chance.choice((1, 1, 3, 8)), chance.randint(0, 3))
