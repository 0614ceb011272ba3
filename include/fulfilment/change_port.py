"""What changes after release ask of the store: what stands with the warehouse, what is asked of it, its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from include.fulfilment.domain.after_release import SentOrder
from include.fulfilment.domain.shipment import LineKey
from include.fulfilment.domain.warehouse_order import WarehouseOrder

CHANGE = "warehouse_change"
"""The outbox kind of what is asked about an order that the warehouse holds."""


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """A person asked that an order be stopped. `verdict` says what became of it: empty while nobody knows, `stopped`,
    `shipped` or `partly_shipped`."""

    order_id: str
    person: str
    reason: str
    asked_at: datetime
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class GoneGoods:
    """What left of one order: its net value in the order's currency, and how it travels."""

    value_net: Decimal
    currency: str
    tracking_numbers: tuple[str, ...]
    last_dispatched_at: datetime


class ChangeRows(Protocol):
    """Warehouse orders whose order changed, and what people ask to be stopped."""

    def sent(self, order_ids: Sequence[str]) -> dict[str, list[SentOrder]]: ...
    def looked_at(self, warehouse: str, external_refs: Sequence[str]) -> None: ...
    def ask(self, warehouse: str, external_ref: str, act: str, payload: Mapping[str, Any], now: datetime) -> None: ...
    def cancelled(self, warehouse: str, external_ref: str, number: int) -> dict[str, int] | None: ...
    def amended(
        self, warehouse: str, target: WarehouseOrder, number: int, source_hash: str
    ) -> dict[str, int] | None: ...
    def refused(self, warehouse: str, external_ref: str, number: int, act: str, wish: str, words: str) -> bool: ...
    def regained(self, warehouse: str, units: Mapping[LineKey, int]) -> None: ...
    def on_stop(self) -> dict[str, tuple[str, str]]: ...
    def ask_cancel(self, order: str, person: str, reason: str, now: datetime) -> CancelRequest: ...
    def cancel_requests(self) -> dict[str, CancelRequest]: ...
    def left_behind(self, warehouses: Sequence[str]) -> dict[str, int]: ...
    def judge(self, order_id: str, verdict: str, now: datetime) -> None: ...
    def gone(self, order_ids: Sequence[str]) -> dict[str, GoneGoods]: ...
