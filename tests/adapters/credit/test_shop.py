"""The shops' own records of credit, each shop asked once for its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

from include.fulfilment.adapters.credit.options import ShopOptions
from include.fulfilment.adapters.credit.shop import ShopCredit
from include.fulfilment.domain.credit import BalanceContains
from include.fulfilment.domain.order import CreditAccount
from include.fulfilment.ports import Debtor
from tests.adapters.tables.kit import NOW

OPTIONS = ShopOptions(kind="shop", contains=BalanceContains.PLACED_ORDERS, max_age_hours=1)


class Shop:
    """Answers `read_accounts` and remembers the orders that it was asked by."""

    def __init__(self, *accounts: CreditAccount) -> None:
        self.accounts, self.asked = accounts, list[list[str]]()

    def read_accounts(self, platform_ids: Sequence[str]) -> list[CreditAccount]:
        self.asked.append(list(platform_ids))
        return list(self.accounts)


def account(account_id: str, balance: int) -> CreditAccount:
    return CreditAccount(account_id, Decimal(5000), Decimal(balance), "GBP", False, NOW, "")


def test_each_shop_is_asked_once_and_its_accounts_carry_its_code() -> None:
    first, trade = Shop(account("company:11", 1), account("company:99", 9)), Shop(account("company:11", 2))
    source = ShopCredit(OPTIONS, cast("Any", {"shop": first, "trade": trade}))
    debtors = [
        Debtor("company:11", "o1"),
        Debtor("company:11", "o2"),
        Debtor("company:22", "o3"),
        Debtor("trade:company:11", "o9", "trade"),
    ]
    reading = source.read(debtors)
    assert [(each.account_id, each.balance, each.contains) for each in reading.accounts] == [
        ("company:11", 1, "placed_orders"),
        ("trade:company:11", 2, "placed_orders"),
    ]
    assert reading.ledger == {"company:11": "company:11", "trade:company:11": "trade:company:11"}
    assert (first.asked, trade.asked) == ([["o1", "o2", "o3"]], [["o9"]])


def test_the_shop_declares_what_finance_says_of_it() -> None:
    declared = ShopCredit(OPTIONS, {}).declaration
    assert (declared.contains, declared.max_age) == (BalanceContains.PLACED_ORDERS, timedelta(hours=1))


def test_nobody_waiting_asks_nothing() -> None:
    assert ShopCredit(OPTIONS, {}).read([]).accounts == ()
