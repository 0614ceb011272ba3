"""Another system's database is read, and nothing in it is ever changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from include.fulfilment.errors import ConfigError, DataError, RetryableError
from include.fulfilment.ports import Table
from include.fulfilment.store import outside
from include.fulfilment.store.outside import ask_outside

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def ask(url: str, statement: str, **parameters: object) -> Table:
    given: Mapping[str, object] = parameters
    return ask_outside(url, "erp", statement, given, lambda: NOW)


@pytest.fixture
def ledger(postgres_url: str) -> Iterator[None]:
    """A table of three accounts, and a sequence."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE ledger (code text, owed numeric, on_day date)")
        connection.execute("INSERT INTO ledger VALUES ('011', 1.10, '2026-11-22'), ('B', 2, null), ('C', 3, null)")
        connection.execute("CREATE SEQUENCE numbers")
        yield
        connection.execute("DROP TABLE ledger; DROP SEQUENCE numbers")


def codes(postgres_url: str) -> list[str]:
    with psycopg.connect(postgres_url) as connection:
        return [code for (code,) in connection.execute("SELECT code FROM ledger ORDER BY code")]


def test_rows_come_with_their_exact_types(postgres_url: str, ledger: None) -> None:
    table = ask(postgres_url, "SELECT code, owed, on_day FROM ledger WHERE code = :code;", code="011")
    assert (table.name, table.columns, table.began_at) == ("erp", ("code", "owed", "on_day"), NOW)
    assert list(table.rows) == [(1, {"code": "011", "owed": Decimal("1.10"), "on_day": date(2026, 11, 22)})]


def test_values_are_bound_and_never_part_of_the_statement(postgres_url: str, ledger: None) -> None:
    assert list(ask(postgres_url, "SELECT code FROM ledger WHERE code = :code", code="' OR 1=1 --").rows) == []
    table = ask(postgres_url, "SELECT code FROM ledger WHERE code IN :codes ORDER BY 1", codes=["B", "C", "x'"])
    assert [row["code"] for _, row in table.rows] == ["B", "C"]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ledger",
        "SELECT 1; DELETE FROM ledger",
        "UPDATE ledger SET owed = 0",
        "",
        "CALL pay()",
    ],
)
def test_what_is_not_one_reading_is_not_sent(postgres_url: str, ledger: None, statement: str) -> None:
    with pytest.raises(ConfigError, match="the statement must be one SELECT"):
        ask(postgres_url, statement)
    assert codes(postgres_url) == ["011", "B", "C"]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELECT nextval('numbers')", "cannot execute nextval\\(\\) in a read-only transaction"),
        ("WITH gone AS (DELETE FROM ledger RETURNING code) SELECT code FROM gone", "data-modifying statements"),
    ],
)
def test_a_reading_that_writes_is_refused_by_the_database(
    postgres_url: str, ledger: None, statement: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        ask(postgres_url, statement)
    assert codes(postgres_url) == ["011", "B", "C"]


def test_an_error_has_the_databases_words_and_neither_statement_nor_password(postgres_url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ask(postgres_url, "SELECT * FROM absent_table WHERE code = :code", code="s3cret")
    assert str(caught.value) == (
        "connection 'erp': relation \"absent_table\" does not exist; correct the statement in the site file"
    )
    assert caught.value.__cause__ is None


def test_a_parameter_without_a_value_is_a_setting(postgres_url: str) -> None:
    with pytest.raises(ConfigError, match="code"):
        ask(postgres_url, "SELECT :code")


def test_a_database_that_is_not_there_is_asked_again(postgres_url: str) -> None:
    away = urlsplit(postgres_url)._replace(netloc="u:s3cret@127.0.0.1:1").geturl()
    with pytest.raises(RetryableError, match="it will be asked again") as caught:
        ask(away, "SELECT 1")
    assert "s3cret" not in str(caught.value)


def test_a_statement_that_takes_too_long_is_ended(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "STATEMENT_MILLISECONDS", 50)
    with pytest.raises(RetryableError, match="statement timeout"):
        ask(postgres_url, "SELECT pg_sleep(5)")


def test_more_rows_than_can_be_meant_are_refused(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "MOST_ROWS", 10)
    assert len(list(ask(postgres_url, "SELECT generate_series(1, 10) AS n").rows)) == 10
    with pytest.raises(DataError, match="more than 10 rows; nothing was used"):
        ask(postgres_url, "SELECT generate_series(1, 11) AS n")


def test_a_column_named_twice_and_a_database_without_a_driver_are_settings(postgres_url: str) -> None:
    with pytest.raises(ConfigError, match="names a column twice"):
        ask(postgres_url, "SELECT 1 AS a, 2 AS a")
    with pytest.raises(ConfigError, match="its type of database cannot be used"):
        ask("nosuch://u:p@host/db", "SELECT 1")


def test_another_database_than_postgresql_is_read_and_keeps_nothing(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/erp.db"
    assert list(ask(url, "SELECT 7 AS n").rows) == [(1, {"n": 7})]
