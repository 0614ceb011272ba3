"""Which account of the ledger a buyer is, is declared and never guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from include.fulfilment.adapters.credit.accounts import ledger_accounts
from include.fulfilment.adapters.credit.options import AccountMap
from include.fulfilment.ports import Debtor
from tests.adapters.credit.kit import ACME, BETA
from tests.adapters.tables.kit import put, tools

FILE: dict[str, Any] = {
    "by": "file",
    "file": {"kind": "file", "path": "map.csv"},
    "shop_column": "shop",
    "ledger_column": "ledger",
}


class Shop:
    """Keeps these codes of the ledger on its customers, and remembers by which orders it was asked."""

    def __init__(self, codes: Mapping[str, str]) -> None:
        self._codes, self.asked = codes, list[str]()

    def read_ledger_codes(self, platform_ids: Sequence[str]) -> Mapping[str, str]:
        self.asked += platform_ids
        return self._codes


def test_the_same_id_is_the_shops_number_whatever_shop_it_is_of(tmp_path: Path) -> None:
    debtors = (ACME, Debtor("trade:customer:7", "o3", "trade"))
    found = ledger_accounts(debtors, AccountMap(by="same_id"), tools(tmp_path), {})
    assert found == ({"company:11": "11", "trade:customer:7": "7"}, ())


def test_a_code_that_the_shop_keeps_is_used_and_who_has_none_is_missing(tmp_path: Path) -> None:
    rule = AccountMap(by="shop_field")
    trade = Debtor("trade:company:11", "o9", "trade")
    shops = cast("Any", {"shop": Shop({"company:11": "C1", "company:99": "C9"}), "trade": Shop({"company:11": "T1"})})
    found = ledger_accounts((ACME, BETA, trade), rule, tools(tmp_path), shops)
    assert found == ({"company:11": "C1", "trade:company:11": "T1"}, ())
    assert (shops["shop"].asked, shops["trade"].asked) == ([ACME.platform_id, BETA.platform_id], ["o9"])


def test_a_buyer_with_two_ledger_accounts_or_an_empty_one_has_none(tmp_path: Path) -> None:
    put(tmp_path / "map.csv", "shop,ledger\ncompany:11,C1\ncompany:22,C2\ncompany:11,C9\ncompany:33,\ncompany:22,C2\n")
    debtors = (ACME, BETA, Debtor("company:33", "o3"))
    found, problems = ledger_accounts(debtors, AccountMap.model_validate(FILE), tools(tmp_path), {})
    assert found == {"company:22": "C2"}
    assert [(each.subject, each.words) for each in problems] == [
        ("account company:11", "map.csv row 4: it is 'C1' in another row; it was not used"),
        ("account company:33", "map.csv row 5: no account of the ledger; it was not used"),
    ]


@pytest.mark.parametrize(
    "rule",
    [{"by": "file"}, {**FILE, "by": "same_id"}, {**FILE, "ledger_column": ""}, {"by": "same_id", "prefix": "company:"}],
)
def test_an_incomplete_map_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="by: file"):
        AccountMap.model_validate(rule)
