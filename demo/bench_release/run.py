"""The figures of `bin/bench release`, in one run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from demo.bench_release.airflow_runs import BenchStack
from demo.bench_release.limits import measure_limits
from demo.bench_release.orders import BenchOrders, read_bench_orders
from demo.bench_release.queries import measure_queries
from demo.environment import CHECKOUT
from include.fulfilment.adapters.storefront.shopify.orders import map_order
from include.fulfilment.adapters.storefront.shopify.settings import ShopifySettings
from include.fulfilment.clock import system_clock
from include.fulfilment.domain.order import PaymentMethod, PaymentState, SalesOrder
from include.fulfilment.settings import load_site


@dataclass(frozen=True)
class Sizes:
    """How many orders each part releases."""

    few: int = 1_000
    many: int = 10_000
    plain: int = 500


def measure(file: Path | None, sizes: Sizes = Sizes(), folder: Path | None = None) -> dict[str, Any]:
    """Every figure. What is written stays below `folder` (one of the checkout's own) and goes away at the end.

    Raises:
        ConfigError: the file of orders cannot be used.
        DemoError: something did not start, or not every order arrived.
    """
    orders = read_bench_orders(file, sizes.many)
    with _own(folder or CHECKOUT / ".state" / "bench-release") as state, BenchStack(state, orders) as stack:
        stack.ready()
        site, order = load_site("demo", state / "sites"), _one(orders)
        figures = measure_limits(stack.fulfilment_db_url, site, order)
        few, _ = stack.release(sizes.few)
        many, megabytes = stack.release(sizes.many)
        plain = stack.plain(sizes.plain)
        queries = measure_queries(stack.fulfilment_db_url, site, order, sizes.few)
    ours, theirs = sizes.many / many, sizes.plain / plain
    return figures | {
        "orders": sizes.many,
        "lines": sum(len(each["lines"]) for each in orders.records),
        "orders_per_s": round(ours, 1),
        "naive_orders_per_s": round(theirs, 2),
        "ratio_vs_naive": round(ours / theirs, 1),
        "growth_1k_10k": round(many / few, 2),
        "seconds_1k": round(few, 1),
        "seconds_10k": round(many, 1),
        "peak_rss_mb": megabytes,
        **queries,
    }


def _one(orders: BenchOrders) -> SalesOrder:
    """An order of one line as the adapter reads it from the shop, but paid by card: it waits for nobody's credit."""
    record, settings = orders.records[0], ShopifySettings("1", credit_contains="placed_orders")
    read = map_order(record, record["lines"][:1], settings, system_clock(), is_draft=False).order
    return replace(read, payment_method=PaymentMethod.CARD, payment_state=PaymentState.PAID, account_id="")


@contextmanager
def _own(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)  # run by root, the database server is another account's process
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
