"""The adapter of SparkLayer on Shopify, on the sandbox shop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from include.fulfilment.adapters.registry import make_storefront
from include.fulfilment.ports import Storefront
from include.fulfilment.sandbox.control import SandboxControl
from include.fulfilment.sandbox.shopify.app import create_app
from tests.contract.kit import ShopBench
from tests.contract.serving import API_KEY, CONTROL_TOKEN, given, served, site
from tests.stories.world import Ticking

CREDIT = {"credit_limit": 500_000, "balance": "1200.10", "currency_code": "gbp", "net_terms": 30}
CUSTOMER: dict[str, Any] = {
    "key": "cobalt",
    "name": "Ada Cobalt",
    "metafields": [{"namespace": "sparklayer", "key": "payment_on_account", "type": "json", "value": CREDIT}],
}


@contextmanager
def open_bench(
    folder: Path, adapted: Callable[[Storefront], Storefront] = lambda right: right, api_version: str = ""
) -> Iterator[ShopBench]:
    """One shop with one customer on account, and its adapter as it is or wrongly `adapted`, in its own version of the
    API or in `api_version`."""
    clock, log = Ticking(), list[tuple[str, str, str]]()
    app = create_app(folder / "shop.sqlite", API_KEY, CONTROL_TOKEN, clock=clock)

    with served(app) as url, SandboxControl(url, CONTROL_TOKEN) as shop:
        location = shop.state("variants")["shop"]["location"]
        shop.load(customers=[CUSTOMER])

        def fresh() -> Storefront:
            made = site(storefront="shopify", location_id=location)
            extra = {"api_version": api_version} if api_version else {}
            return adapted(make_storefront(given(made, url, log, clock, "storefront_bench", extra=extra)))

        yield ShopBench("shopify", fresh(), shop, clock, fresh, log)
