"""How much of an account's credit is used when an order's turn comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An unfinished on-account order of one credit account: gross value, and its place in the queue."""

    order_id: str
    account_id: str
    placed_at: datetime
    total_gross: Decimal


class CreditQueue:
    """The open orders of every account in the order they were placed, with running totals."""

    def __init__(self, orders: Iterable[OpenOrder]) -> None:
        self._before: dict[str, Decimal] = {}
        self._total: dict[str, Decimal] = {}
        ranked = sorted(orders, key=lambda each: (each.account_id, each.placed_at, each.order_id))
        for account, group in groupby(ranked, key=lambda each: each.account_id):
            running = Decimal(0)
            for order in group:
                self._before[order.order_id] = running
                running += order.total_gross
            self._total[account] = running

    def exposure_before(self, order_id: str, account_id: str, balance: Decimal, contains: str) -> Decimal:
        """What the account already uses before this order, in the account's currency.

        `contains` says what `balance` includes. `invoices_only`: the account's earlier open orders are added.
        `placed_orders`: this order and the later ones, which that balance contains already, are taken off. Both give
        the same answer, so that an order is judged by its place in the queue and not by which source is read.
        """
        before = self._before[order_id]
        if contains == "placed_orders":
            return balance - (self._total[account_id] - before)
        return balance + before
