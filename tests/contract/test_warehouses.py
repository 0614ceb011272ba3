"""Every warehouse adapter passes the port's checks on its own remote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import tests.contract.checks  # noqa: F401 - fills the list of checks
from include.fulfilment.adapters import registry, storefront, warehouse
from tests.contract.kit import WAREHOUSE_CHECKS, Bench, benches, load_bench, opened, run_check
from tests.truth.proof import prove

STOREFRONTS = {"shopify", "sparklayer"}
REAL = {"tryton"}
WAREHOUSES = [each for each in benches() if each not in STOREFRONTS]
EXCUSED = {"fake": 37, "shipbob": 9, "tryton": 21, "x12": 32}
"""From how many checks a bench's traits excuse it, from none where it is not here. A number that grows is a promise
given up: `TRAITS` says why."""


def _parameter(name: str) -> object:
    return pytest.param(name, marks=[pytest.mark.e2e] if name in REAL else [])


@pytest.fixture(scope="module", params=[_parameter(name) for name in WAREHOUSES])
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with opened(load_bench(request.param).open_bench, tmp_path_factory.mktemp(request.param)) as made:
        yield made


def test_every_dialect_has_a_bench() -> None:
    assert {*registry.dialects(warehouse), "fake", "model"} == set(WAREHOUSES)
    assert set(registry.dialects(storefront)) == STOREFRONTS


def test_a_bench_is_excused_from_no_more_checks_than_is_declared(bench: Bench) -> None:
    excused = [name for name, check in WAREHOUSE_CHECKS.items() if check.excuse(bench.traits)]
    assert len(excused) == EXCUSED.get(bench.name, 0), excused


@pytest.mark.parametrize("check", WAREHOUSE_CHECKS)
def test_the_adapter_passes(bench: Bench, check: str) -> None:
    run_check(WAREHOUSE_CHECKS[check], bench)


def test_all_that_was_sent_is_declared_and_as_the_vendors_schema_has_it(bench: Bench) -> None:
    prove(bench, WAREHOUSE_CHECKS)
