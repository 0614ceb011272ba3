"""What the services ask of the store about credit and packs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from include.fulfilment.domain.credit import OpenOrder
from include.fulfilment.domain.quantity import PackRow
from include.fulfilment.ports import CreditReading, Debtor, PackSnapshot


class CreditRows(Protocol):
    """What the credit source says of the accounts that orders wait on, and the orders that use their credit."""

    def debtors(self) -> list[Debtor]: ...
    def record(self, debtors: Sequence[Debtor], reading: CreditReading, source: str, now: datetime) -> None: ...
    def known(self) -> CreditReading: ...
    def queue(self) -> list[OpenOrder]: ...


class PackRows(Protocol):
    """The pack catalogue through time."""

    def record_packs(self, snapshot: PackSnapshot, now: datetime) -> object: ...
    def packs(self) -> list[PackRow]: ...
    def pack_skus(self) -> int: ...
    def packs_at(self, asked: Sequence[tuple[str, datetime]]) -> list[tuple[PackRow, ...]]: ...
