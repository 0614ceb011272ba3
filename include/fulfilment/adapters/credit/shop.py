"""Credit as the shops keep it on their customers: true at the moment that it is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from include.fulfilment.adapters.credit.options import ShopOptions
from include.fulfilment.domain.order import CreditAccount
from include.fulfilment.ports import CreditDeclaration, CreditReading, Debtor, Storefronts, own_account


class ShopCredit:
    """The shops' own records, through the storefronts' `read_accounts`. Each shop gives its own accounts a limit: none
    is shared between shops."""

    def __init__(self, options: ShopOptions, storefronts: Storefronts) -> None:
        self._contains, self._declaration = options.contains, options.declaration()
        self._storefronts = storefronts

    @property
    def declaration(self) -> CreditDeclaration:
        """What the figures mean."""
        return self._declaration

    def read(self, debtors: Sequence[Debtor]) -> CreditReading:
        """The accounts of these debtors, by one reading a shop. What comes of an account that nobody asked for is left
        out."""
        by_shop: defaultdict[str, list[str]] = defaultdict(list)
        for each in debtors:
            by_shop[each.storefront].append(each.platform_id)
        asked = {each.account_id for each in debtors}
        found = [
            self._own(code, account)
            for code, platform_ids in by_shop.items()
            for account in self._storefronts[code].read_accounts(platform_ids)
        ]
        accounts = tuple(account for account in found if account.account_id in asked)
        return CreditReading(accounts, {account.account_id: account.account_id for account in accounts})

    def _own(self, code: str, account: CreditAccount) -> CreditAccount:
        return replace(account, account_id=own_account(code, account.account_id), contains=self._contains.value)
