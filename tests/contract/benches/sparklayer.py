"""The adapter of SparkLayer alone, on the sandbox site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from include.fulfilment.adapters.registry import make_storefront
from include.fulfilment.ports import Storefront
from include.fulfilment.sandbox.control import SandboxControl
from include.fulfilment.sandbox.sparklayer.access import CLIENT_ID, SITE_ID
from include.fulfilment.sandbox.sparklayer.app import create_app
from tests.contract import shop_state
from tests.contract.benches.shopify import CUSTOMER
from tests.contract.kit import ShopBench
from tests.contract.serving import API_KEY, CONTROL_TOKEN, given, served, site
from tests.stories.world import Ticking

OPTIONS = {"page_rows": 12, "status_metadata": "fulfilment status"}


class Shop(SandboxControl):
    """The site's people, who also enter each new SKU in the pack catalogue: SparkLayer lists none."""

    def __init__(self, url: str) -> None:
        super().__init__(url, CONTROL_TOKEN)
        self.skus: list[str] = []

    def load(self, *, variants: Sequence[dict[str, Any]] = (), **more: Any) -> dict[str, Any]:
        self.skus += [each["sku"] for each in variants if each["sku"] not in self.skus]
        return super().load(variants=variants, **more)


def untouched(shop: Any, name: str) -> Any:
    """Everything of a purchase but its packages, our metadata and what moves with each write; its sums included."""
    order = shop_state.held(shop, name)
    purchase: dict[str, Any] = order["purchase"]
    ours = {"packages", "metadata", "calculated_fulfilment_status"}
    kept: dict[str, Any] = {key: value for key, value in purchase.items() if key not in ours}
    kept["dates"] = {key: value for key, value in kept["dates"].items() if key != "updated_at"}
    return kept | {"lines": [(each["sku"], each["quantity"]) for each in order["lines"]], "note": order["note"]}


@contextmanager
def open_bench(folder: Path) -> Iterator[ShopBench]:
    """One site with one customer on account."""
    clock, log = Ticking(), list[tuple[str, str, str]]()
    app = create_app(folder / "site.sqlite", API_KEY, CONTROL_TOKEN, clock=clock)
    with served(app) as url, Shop(url) as shop:
        shop.load(customers=[CUSTOMER])
        made = site(storefront="sparklayer", location_id="default", storefront_options=OPTIONS)

        def fresh() -> Storefront:
            remote = {"login": CLIENT_ID, "extra": {"site_id": SITE_ID}}
            return make_storefront(given(made, url, log, clock, "storefront_bench", lambda: shop.skus, **remote))

        traits = {"no_progress", "no_webhooks"}
        yield ShopBench("sparklayer", fresh(), shop, clock, fresh, log, traits, untouched=untouched)
