"""What a source of credit must be able to do, and what it declares of the balances that it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from include.fulfilment.domain.credit import BalanceContains
from include.fulfilment.domain.order import SHOP, CreditAccount
from include.fulfilment.ports.warehouse import Problem


@dataclass(frozen=True, slots=True)
class Debtor:
    """A credit account as the orders of one shop name it, and an order of it that waits there."""

    account_id: str
    platform_id: str
    storefront: str = SHOP


def own_account(shop: str, account_id: str) -> str:
    """Our id of a shop's account: that of a further shop carries its code, because two shops may give one id to
    different customers."""
    return account_id if shop == SHOP or not account_id else f"{shop}:{account_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditDeclaration:
    """What a source's figures mean. `contains` is what a balance includes; a balance older than `max_age`, counted from
    the date of the statement and not from our reading of it, is no longer believed. `currency` is that of every amount,
    empty where each account names its own."""

    contains: BalanceContains
    max_age: timedelta
    currency: str = ""


@dataclass(frozen=True, slots=True)
class CreditReading:
    """What the source says of the accounts that it was asked for; one that it does not know is missing.

    `accounts` carry the ids they were asked by. `ledger` says under which account of the ledger each is kept: those
    with the same one share its limit, so the queue of open orders goes by it.
    """

    accounts: tuple[CreditAccount, ...]
    ledger: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


class CreditSource(Protocol):
    """The credit source that finance named."""

    @property
    def declaration(self) -> CreditDeclaration:
        """What its figures mean."""
        ...

    def read(self, debtors: Sequence[Debtor]) -> CreditReading:
        """The accounts of these debtors as the source has them now. A record that cannot be used is a problem in words,
        and the rest goes through. Raises DataError for a statement that cannot be used as a whole, RetryableError for
        one that is not there yet, ConfigError where a person must change a setting."""
        ...
