"""The storefronts that the demo can work with: the sandbox to start, and what to tell Airflow and the site file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from demo import sparklayer_shop
from demo.environment import Connection
from demo.orders_types import LoadedOrders

API_VERSION = "2026-07"


@dataclass(frozen=True)
class DemoStorefront:
    """One storefront of the demo. `module` serves it; `connection` is made of its address and secret, `site_section`
    of its location; `judged` are those of the orders that it can be judged by."""

    module: str
    connection: Callable[[str, str], Connection]
    site_section: Callable[[str], dict[str, Any]]
    judged: Callable[[LoadedOrders], LoadedOrders]


def _shopify(url: str, token: str) -> Connection:
    return Connection("fulfilment_shopify", host=url, password=token, extra={"api_version": API_VERSION})


STOREFRONTS: Mapping[str, DemoStorefront] = {
    "shopify": DemoStorefront(
        module="include.fulfilment.sandbox.shopify",
        connection=_shopify,
        site_section=lambda location_id: {"dialect": "shopify", "location_id": location_id},
        judged=lambda orders: orders,
    ),
    "sparklayer": DemoStorefront(
        module=sparklayer_shop.MODULE,
        connection=sparklayer_shop.connection,
        site_section=sparklayer_shop.site_section,
        judged=sparklayer_shop.without_pack_sizes,
    ),
}
