"""A merchant for each story: on the warehouse in memory, and where a story is marked so on every dialect's sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

import tests.stories.airflow_home  # noqa: F401 - before anything imports Airflow
from include.fulfilment.store.schema import migrate
from tests.contract.kit import load_bench
from tests.fakes import FakeWarehouse
from tests.stories.floors import BenchFloor
from tests.stories.world import Ticking, World, sandbox

__all__ = ["store_url", "world"]

MEMORY = "memory"
SERVICES: Mapping[str, str] = {"shipbob": "Standard", "mintsoft": "Standard", "shiphero": "Standard", "x12": "standard"}
"""The dialects with a sandbox, and their word for a way of shipping."""
OPTIONS: Mapping[str, Mapping[str, str]] = {"shipbob": {"instructions_in": "gift_message"}}
"""How a bench is opened for a story, where that is not as the port's checks have it."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A story marked `every_warehouse` runs on each, but those that the mark names with the reason."""
    mark = metafunc.definition.get_closest_marker("every_warehouse")
    if mark is not None:
        metafunc.parametrize("world", [each for each in (MEMORY, *SERVICES) if each not in mark.kwargs], indirect=True)


@pytest.fixture(scope="session")
def store_url(postgres_url: str) -> str:
    migrate(postgres_url)
    return postgres_url


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path, store_url: str) -> Iterator[World]:
    dialect = getattr(request, "param", MEMORY)
    with ExitStack() as doors:
        if dialect == MEMORY:
            clock = Ticking()
            warehouse = FakeWarehouse(clock)
            shop = doors.enter_context(sandbox(tmp_path, clock, clock.pass_time))
            made = World(shop, store_url, warehouse, warehouse, clock)
        else:
            bench = doors.enter_context(load_bench(dialect).open_bench(tmp_path, **OPTIONS.get(dialect, {})))
            shop = doors.enter_context(sandbox(tmp_path, bench.clock, bench.clock.pass_time))
            floor = BenchFloor(bench.floor)
            made = World(shop, store_url, bench.warehouse, floor, bench.clock, SERVICES[dialect], bench.settle)
        made.open(tmp_path)
        yield made
