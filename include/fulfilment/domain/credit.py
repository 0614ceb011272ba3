"""How much of an account's credit is used when an order's turn comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import groupby


class BalanceContains(StrEnum):
    """What a balance includes beside the invoices that are unpaid.

    `placed_orders`: every order from the moment it is placed. `released_orders`: from its release on, when the ledger's
    system takes it over. `invoices_only`: from its invoice on, which is written when the last of its goods have left.
    """

    PLACED_ORDERS = "placed_orders"
    RELEASED_ORDERS = "released_orders"
    INVOICES_ONLY = "invoices_only"


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An on-account order of one credit account: gross value, its place in the queue, and when it was released whole
    and when it was finished (all its goods had left). A finished one counts only where a balance is older than that:
    it is in the queue for nothing else, so leave out what was finished before the oldest balance."""

    order_id: str
    account_id: str
    placed_at: datetime
    total_gross: Decimal
    released_at: datetime | None = None
    finished_at: datetime | None = None

    def is_contained(self, contains: str, as_of: datetime | None) -> bool:
        """Whether a balance of this kind, true at `as_of` (None: now), includes this order already."""
        since = {
            BalanceContains.PLACED_ORDERS: self.placed_at,
            BalanceContains.RELEASED_ORDERS: self.released_at,
            BalanceContains.INVOICES_ONLY: self.finished_at,
        }[BalanceContains(contains)]
        return since is not None and (as_of is None or since <= as_of)


class CreditQueue:
    """The open orders of every account in the order they were placed."""

    def __init__(self, orders: Iterable[OpenOrder]) -> None:
        ranked = sorted(orders, key=lambda each: (each.account_id, each.placed_at, each.order_id))
        self._queues = {account: tuple(group) for account, group in groupby(ranked, key=lambda each: each.account_id)}
        self._place = {order.order_id: place for queue in self._queues.values() for place, order in enumerate(queue)}
        self._sums: dict[tuple[str, str, datetime | None], list[Decimal]] = {}

    def exposure_before(
        self, order_id: str, account_id: str, balance: Decimal, contains: str, as_of: datetime | None = None
    ) -> Decimal:
        """What the account already uses before this order, in the account's currency.

        `account_id` is the account of the order in this queue. `contains` says what `balance` includes, `as_of` when it
        was true (None: now). Earlier open orders that it lacks
        are added; this order and later open ones that it contains already are taken off. So an order is judged by its
        place in the queue, and the answer is the same whichever source is read. An order that was finished since then
        is owed whatever its place, and added.
        """
        key = (account_id, contains, as_of)
        if key not in self._sums:
            self._sums[key] = self._corrections(account_id, contains, as_of)
        return balance + self._sums[key][self._place[order_id]]

    def _corrections(self, account_id: str, contains: str, as_of: datetime | None) -> list[Decimal]:
        """For each place in the account's queue, what has to be added to the balance."""
        queue = self._queues[account_id]
        inside = [order.is_contained(contains, as_of) for order in queue]
        running = Decimal(0)
        for order, within in zip(queue, inside, strict=True):
            if order.finished_at is None and within:
                running -= order.total_gross
            elif order.finished_at is not None and not within:
                running += order.total_gross
        found: list[Decimal] = []
        for order in queue:
            found.append(running)
            if order.finished_at is None:  # once passed it is owed: lacking it is added, contained it is not taken off
                running += order.total_gross
        return found
