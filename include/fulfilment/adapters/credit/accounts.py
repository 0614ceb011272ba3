"""Which account of the ledger each buyer's account is, by the rule that the site declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from include.fulfilment.adapters.credit.options import AccountMap
from include.fulfilment.adapters.tables import TableTools, read_table
from include.fulfilment.adapters.tables.cells import Unreadable, text
from include.fulfilment.adapters.tables.refusals import Refusals, cell, need_columns
from include.fulfilment.ports import Debtor, Problem, Storefronts, own_account

Mapped = tuple[Mapping[str, str], tuple[Problem, ...]]


def ledger_accounts(debtors: Sequence[Debtor], rule: AccountMap, tools: TableTools, storefronts: Storefronts) -> Mapped:
    """The ledger's account by our account id, and what could not be used; who has none is missing. Raises what
    asking the shops or reading the map's file raises."""
    ways: Mapping[str, Callable[[], Mapped]] = {
        "same_id": lambda: ({each.account_id: each.account_id.rpartition(":")[2] for each in debtors}, ()),
        "shop_field": lambda: (_from_shops(debtors, storefronts), ()),
        "file": lambda: _from_file(debtors, rule, tools),
    }
    return ways[rule.by]()


def _from_shops(debtors: Sequence[Debtor], storefronts: Storefronts) -> Mapping[str, str]:
    by_shop: dict[str, list[str]] = {}
    for each in debtors:
        by_shop.setdefault(each.storefront, []).append(each.platform_id)
    codes = {
        own_account(shop, account): code
        for shop, platform_ids in by_shop.items()
        for account, code in storefronts[shop].read_ledger_codes(platform_ids).items()
    }
    asked = {each.account_id for each in debtors}
    return {account: code for account, code in codes.items() if account in asked}


def _from_file(debtors: Sequence[Debtor], rule: AccountMap, tools: TableTools) -> Mapped:
    """One ledger account a buyer: a buyer with two has none."""
    assert rule.file is not None  # noqa: S101 - the options see to it
    table = read_table(rule.file, tools)
    need_columns(table, (rule.shop_column, rule.ledger_column), "credit.accounts")
    refusals, asked = Refusals(table, "account"), {each.account_id for each in debtors}
    found: dict[str, str] = {}
    refused: set[str] = set()
    for number, row in table.rows:
        account = ""
        try:
            account = rule.prefix + cell(row, rule.shop_column, text)
            code = cell(row, rule.ledger_column, text)
        except Unreadable as error:
            refusals.add("", f"{table.name} row {number}", error.reason, str(error))
            continue
        if account in asked and (not code or found.setdefault(account, code) != code):
            refused.add(account)
            words = "no account of the ledger" if not code else f"it is {found[account]!r} in another row"
            refusals.add(account, f"{table.name} row {number}", "not one account of the ledger", words)
    mapped = {account: code for account, code in found.items() if account not in refused}
    return mapped, tuple(refusals.problems())
