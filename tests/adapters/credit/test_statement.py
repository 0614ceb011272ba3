"""A statement of the ledger: what it says of an account is believed only where it says one thing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from include.fulfilment.adapters.credit import connect
from include.fulfilment.domain.credit import BalanceContains
from include.fulfilment.domain.order import CreditAccount
from include.fulfilment.errors import ConfigError, DataError, RetryableError
from include.fulfilment.ports import CreditReading, CreditSource, Debtor
from include.fulfilment.settings import Site, load_site
from tests.adapters.credit.kit import ACME, BETA, HEAD, options
from tests.adapters.tables.kit import NOW, WRITTEN, Database, put, tools


@pytest.fixture
def site() -> Site:
    return load_site("demo")


def source(folder: Path, site: Site, database: Database | None = None, **changes: Any) -> CreditSource:
    return connect(options(**changes), tools(folder, database), site, {})


def read(folder: Path, site: Site, rows: str, *debtors: Debtor, **changes: Any) -> CreditReading:
    put(folder / "debt.csv", HEAD + rows)
    return source(folder, site, **changes).read(debtors or (ACME, BETA))


def words(reading: CreditReading) -> list[tuple[str, str]]:
    return [(each.subject, each.words) for each in reading.problems]


def test_each_account_is_as_the_statement_says(tmp_path: Path, site: Site) -> None:
    reading = read(tmp_path, site, "11;5.000,00;1.200,50;N;0;0\n22;10,00;-3,00;N;0;0\n33;1;1;N;0;0\n")
    assert reading.accounts == (
        CreditAccount("company:11", Decimal(5000), Decimal("1200.50"), "EUR", False, WRITTEN, "invoices_only"),
        CreditAccount("company:22", Decimal(10), Decimal(-3), "EUR", False, WRITTEN, "invoices_only"),
    )
    assert (reading.ledger, reading.problems) == ({"company:11": "11", "company:22": "22"}, ())


def test_the_source_declares_what_its_figures_mean(tmp_path: Path, site: Site) -> None:
    declared = source(tmp_path, site).declaration
    assert (declared.contains, declared.max_age, declared.currency) == (
        BalanceContains.INVOICES_ONLY,
        timedelta(hours=26),
        "EUR",
    )


def test_a_row_that_cannot_be_used_costs_only_its_own_account(tmp_path: Path, site: Site) -> None:
    reading = read(tmp_path, site, "11;5,000.00;1.200,50;N;0;0\n22;10,00;3,00;N;0;0\n33;?;?;?;?;?\n")
    assert [each.account_id for each in reading.accounts] == ["company:22"]
    assert words(reading) == [
        (
            "credit account 11",
            "debt.csv row 2: column 'Limit': not an amount with ',' before at most 2 decimals: '5,000.00';"
            " it was not used",
        )
    ]


def test_an_account_with_two_rows_has_none(tmp_path: Path, site: Site) -> None:
    reading = read(
        tmp_path, site, "11;5,00;1,00;N;0;0\n22;5,00;1,00;N;0;0\n11;900,00;1,00;N;0;0\n33;1;1;;;\n33;1;1;;;\n"
    )
    assert [each.account_id for each in reading.accounts] == ["company:22"]
    assert words(reading) == [("credit account 11", "debt.csv 2 rows: several rows for one account; it was not used")]


def test_an_account_that_the_statement_lacks_is_missing_and_not_zero(tmp_path: Path, site: Site) -> None:
    reading = read(tmp_path, site, "22;5,00;1,00;N;0;0\n")
    assert [each.account_id for each in reading.accounts] == ["company:22"]


def test_two_buyers_of_one_ledger_account_share_it(tmp_path: Path, site: Site) -> None:
    put(tmp_path / "map.csv", "shop,ledger\n11,C1\n22,C1\n")
    accounts = {
        "by": "file",
        "file": {"kind": "file", "path": "map.csv"},
        "shop_column": "shop",
        "ledger_column": "ledger",
        "prefix": "company:",
    }
    reading = read(tmp_path, site, "C1;5,00;1,00;N;0;0\n", accounts=accounts)
    assert [(each.account_id, each.balance) for each in reading.accounts] == [("company:11", 1), ("company:22", 1)]
    assert reading.ledger == {"company:11": "C1", "company:22": "C1"}


STOP: dict[str, Any] = {"column": "Stop", "stopped": ["Y"], "clear": ["N", ""]}
OVERDUE: dict[str, Any] = {"columns": ["60 days", "90+ days"], "over": "100.00"}


@pytest.mark.parametrize(
    ("row", "rules", "on_stop"),
    [
        ("N;0;0", {"stop_words": STOP}, False),
        ("Y;0;0", {"stop_words": STOP}, True),
        (";0;0", {"stop_words": STOP}, False),
        ("N;60,00;40,00", {"overdue": OVERDUE}, False),
        ("N;60,00;40,01", {"overdue": OVERDUE}, True),
        ("Y;0;0", {"overdue": OVERDUE, "stop_words": STOP}, True),
        ("N;99;2", {"overdue": OVERDUE, "stop_words": STOP}, True),
        ("Y;999;999", {}, False),
    ],
)
def test_an_account_is_on_stop_by_the_declared_rule(
    tmp_path: Path, site: Site, row: str, rules: dict[str, Any], on_stop: bool
) -> None:
    reading = read(tmp_path, site, f"11;5,00;1,00;{row}\n", ACME, **rules)
    assert [each.on_stop for each in reading.accounts] == [on_stop]


@pytest.mark.parametrize(("row", "rules"), [("maybe;0;0", {"stop_words": STOP}), ("N;;0", {"overdue": OVERDUE})])
def test_a_stop_that_cannot_be_read_is_no_clearance(
    tmp_path: Path, site: Site, row: str, rules: dict[str, Any]
) -> None:
    reading = read(tmp_path, site, f"11;5,00;1,00;{row}\n", ACME, **rules)
    assert reading.accounts == ()
    assert [each.subject for each in reading.problems] == ["credit account 11"]


def test_each_row_may_name_its_currency_and_its_date(tmp_path: Path, site: Site) -> None:
    put(tmp_path / "debt.csv", "Code;Limit;Balance;Cur;Date\n11;5,00;1,00;gbp;22.11.2026\n22;5,00;1,00;£;22.11.2026\n")
    columns = {"account": "Code", "limit": "Limit", "balance": "Balance", "currency": "Cur"}
    as_of = {"by": "column", "column": "Date", "format": "%d.%m.%Y", "zone": "Europe/Berlin", "at": "18:00"}
    reading = source(tmp_path, site, columns=columns, currency=None, as_of=as_of).read((ACME, BETA))
    assert [(each.currency, each.as_of) for each in reading.accounts] == [
        ("GBP", datetime(2026, 11, 22, 17, tzinfo=UTC))
    ]
    assert [each.subject for each in reading.problems] == ["credit account 22"]


def test_an_old_statement_stays_old_however_often_it_is_read(tmp_path: Path, site: Site) -> None:
    put(tmp_path / "debt.csv", f"{HEAD}11;5,00;1,00;N;0;0\n", NOW - timedelta(days=9))
    (account,) = source(tmp_path, site).read((ACME,)).accounts
    assert account.as_of == NOW - timedelta(days=9)


def test_account_codes_keep_their_zeros(tmp_path: Path, site: Site) -> None:
    debtors = (Debtor("company:0011", "o1"), Debtor("company:11", "o2"))
    ambiguous = read(tmp_path, site, "11;5,00;1,00;N;0;0\n1234;5,00;1,00;N;0;0\n", *debtors)
    assert ambiguous.accounts == ()
    assert [each.subject for each in ambiguous.problems] == ["debt.csv row 2"]
    padded = read(tmp_path, site, "11;5,00;1,00;N;0;0\n1234;5,00;1,00;N;0;0\n", *debtors, zeros=4)
    assert [each.account_id for each in padded.accounts] == ["company:0011"]


def test_a_half_written_statement_and_one_without_rows_are_refused(tmp_path: Path, site: Site) -> None:
    with pytest.raises(RetryableError, match=r"debt\.csv does not end its last line"):
        read(tmp_path, site, "11;5,00;1,0")
    with pytest.raises(DataError, match=r"debt\.csv has no row"):
        read(tmp_path, site, "")


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path, site: Site) -> None:
    put(tmp_path / "debt.csv", "Konto;Limit;Balance\n11;1;1\n")
    with pytest.raises(ConfigError, match=r"no column 'Code'; it has 'Konto', 'Limit', 'Balance'; correct credit"):
        source(tmp_path, site).read((ACME,))


def test_a_database_is_asked_for_the_accounts_that_wait_and_its_numbers_are_exact(tmp_path: Path, site: Site) -> None:
    database = Database(
        {"Code": "11", "Limit": Decimal("5000.00"), "Balance": Decimal("1.10")},
        {"Code": "22", "Limit": Decimal("5000.00"), "Balance": 1.1},
    )
    statement = "SELECT code FROM ledger WHERE code IN :accounts AND company = :company"
    sql = {"kind": "sql", "connection": "erp", "statement": statement, "parameters": {"company": "GB01"}}
    reading = source(tmp_path, site, database, source=sql, as_of={"by": "reading"}, numbers=None).read((BETA, ACME))
    assert database.asked == [("erp", statement, {"accounts": ["11", "22"], "company": "GB01"})]
    assert [(each.account_id, each.balance, each.as_of) for each in reading.accounts] == [
        ("company:11", Decimal("1.10"), NOW)
    ]
    assert [each.words for each in reading.problems] == [
        "erp row 2: column 'Balance': not an amount of money in exact digits: '1.1'; it was not used"
    ]


def test_many_bad_rows_of_one_kind_are_one_matter(tmp_path: Path, site: Site) -> None:
    debtors = [Debtor(f"company:{number}", "o") for number in range(100, 150)]
    rows = "".join(f"{number};?;1,00;N;0;0\n" for number in range(100, 150))
    (problem,) = read(tmp_path, site, rows, *debtors).problems
    assert problem.subject == "debt.csv: column 'Limit': not an amount with ',' before at most 2 decimals"
    assert problem.words.startswith("50 rows were not used, the first at debt.csv row 2: column 'Limit'")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"contains": None}, "contains"),
        ({"contains": "everything"}, "contains"),
        ({"max_age_hours": None}, "max_age_hours"),
        ({"currency": None}, "currency"),
        ({"currency": "euro"}, "currency"),
        ({"as_of": None}, "as_of"),
        ({"numbers": {"thousands": "."}}, r"numbers\.decimal"),
        ({"kind": "guess"}, "kind"),
        ({"password": "x"}, "password"),
        ({"stop_words": STOP | {"clear": ["Y"]}}, "cannot mean both"),
    ],
)
def test_what_finance_must_declare_has_no_default(
    tmp_path: Path, site: Site, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(ConfigError, match=rf"site demo: credit:?.*{field}"):
        source(tmp_path, site, **changes)
