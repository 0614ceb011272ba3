"""Every storefront adapter passes the port's checks on its own shop; Shopify's in each version of its schema."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

import tests.contract.checks  # noqa: F401 - fills the list of checks
from demo.truth.schemas import versions
from tests.contract.benches import shopify, sparklayer
from tests.contract.kit import SHOP_CHECKS, ShopBench, benches, opened, run_check
from tests.contract.test_warehouses import STOREFRONTS
from tests.truth.proof import prove

BENCHES: dict[str, Any] = {
    **{f"shopify {each}": partial(shopify.open_bench, api_version=each) for each in versions("shopify")},
    "sparklayer": sparklayer.open_bench,
}


@pytest.fixture(scope="module", params=BENCHES)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopBench]:
    with opened(BENCHES[request.param], tmp_path_factory.mktemp("shop")) as made:
        yield made


def test_every_storefront_has_a_bench_here() -> None:
    assert {each.partition(" ")[0] for each in BENCHES} == STOREFRONTS & set(benches())


@pytest.mark.parametrize("check", SHOP_CHECKS)
def test_the_adapter_passes(bench: ShopBench, check: str) -> None:
    run_check(SHOP_CHECKS[check], bench)


def test_all_that_was_sent_is_declared_and_as_the_vendors_schema_has_it(bench: ShopBench) -> None:
    prove(bench, SHOP_CHECKS)
