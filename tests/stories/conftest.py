"""A merchant for each story, on the warehouse in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tests.stories.airflow_home  # noqa: F401 - before anything imports Airflow
from include.fulfilment.store.schema import migrate
from tests.fakes import FakeWarehouse
from tests.stories.world import Ticking, World, sandbox

__all__ = ["store_url", "world"]


@pytest.fixture(scope="session")
def store_url(postgres_url: str) -> str:
    migrate(postgres_url)
    return postgres_url


@pytest.fixture
def world(tmp_path: Path, store_url: str) -> Iterator[World]:
    clock = Ticking()
    warehouse = FakeWarehouse(clock)
    with sandbox(tmp_path, clock, clock.pass_time) as shop:
        made = World(shop, store_url, warehouse, warehouse, clock)
        made.open(tmp_path)
        yield made
