"""A store with a site of its own for each test, so that tests need not clean up after each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store.schema import migrate


@pytest.fixture(scope="session")
def store_url(postgres_url: str) -> str:
    migrate(postgres_url)
    return postgres_url


@pytest.fixture
def site() -> str:
    return f"site_{uuid4().hex[:12]}"


@pytest.fixture
def store(store_url: str, site: str) -> PostgresStore:
    return PostgresStore(store_url, site)


@pytest.fixture
def ask(store_url: str, site: str) -> Callable[..., list[dict[str, Any]]]:
    """Rows of a query over the store's tables; `%(site)s` stands for the test's site."""

    def rows(query: str, **given: Any) -> list[dict[str, Any]]:
        with psycopg.connect(store_url, row_factory=dict_row) as connection:
            connection.execute("SET search_path = fulfilment, reporting")
            return connection.execute(query, {"site": site, **given}).fetchall()  # type: ignore[arg-type]

    return rows
