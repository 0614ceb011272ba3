"""What a replay of earlier release decisions asks of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from include.fulfilment.domain.order import SalesOrder
from include.fulfilment.domain.quantity import Proof
from include.fulfilment.domain.release_replay import PastDecision


@dataclass(frozen=True, slots=True)
class DecidedOrder:
    """An order as it is recorded now with the proofs of its lines, and every decision about it, oldest first."""

    order: SalesOrder
    content_hash: str
    proofs: Mapping[str, Proof]
    decisions: tuple[PastDecision, ...]


class PastRows(Protocol):
    """The decisions that are kept."""

    def decided(self, since: datetime) -> list[str]: ...
    def undecided(self, since: datetime) -> int: ...
    def orders(self, order_ids: Sequence[str]) -> list[DecidedOrder]: ...
