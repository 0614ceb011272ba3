"""What the bench says of the call limit: measured with the real service, store and budget."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.bench_release import limits, queries, run
from demo.bench_release.limits import Meter, measure_limits
from demo.bench_release.orders import read_bench_orders
from demo.site import write_site
from include.fulfilment.ports import CallRate, RateKind
from include.fulfilment.settings import Site, load_site
from include.fulfilment.store.schema import migrate


@pytest.fixture(scope="module")
def store_url(postgres_url: str) -> str:
    migrate(postgres_url)
    return postgres_url


@pytest.fixture
def site(tmp_path: Path, request: pytest.FixtureRequest) -> Site:
    orders = read_bench_orders(None, 1)
    shop = {"dialect": "shopify", "location_id": "1"}
    write_site(tmp_path, orders.packs, shop, "shipbob", {"call_limit": "none"})
    code = f"s_{request.node.name[:20].rstrip('_')}"
    return load_site("demo", tmp_path).model_copy(update={"code": code})


@pytest.mark.parametrize(
    ("kind", "at", "taken"),
    [
        (RateKind.FIXED, [0, 1, 9.9, 10], [True, True, False, True]),
        (RateKind.SLIDING, [0, 1, 9.9, 10, 10.5], [True, True, False, True, False]),
        (RateKind.BUCKET, [0, 0, 0, 5, 5], [True, True, False, True, False]),
    ],
)
def test_the_meter_counts_as_its_kind_of_limit_does(kind: RateKind, at: list[float], taken: list[bool]) -> None:
    meter = Meter(CallRate(kind, 2, 10))
    assert [meter.takes(second) for second in at] == taken


def test_a_release_uses_nearly_all_calls_of_every_kind_of_limit_and_none_more(
    store_url: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SPAN", 120)
    figures = measure_limits(store_url, site, run._one(read_bench_orders(None, 1)))
    assert figures["refused"] == 0
    assert set(figures["limit_share"]) == {"fixed", "sliding", "bucket"}
    assert all(0.95 <= share <= 1 for share in figures["limit_share"].values())


def test_statements_do_not_grow_with_the_lines_of_an_order(store_url: str, site: Site) -> None:
    found = queries.measure_queries(store_url, site, run._one(read_bench_orders(None, 1)), orders=50)
    assert found["queries_per_1k_orders"] == found["queries_per_1k_orders_of_20_lines"] < 20 * 1_000
