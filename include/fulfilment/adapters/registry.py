"""Which adapter speaks which dialect. The only place that knows them all; a new dialect is one more entry here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from include.fulfilment.adapters.connection import RemoteConnection
from include.fulfilment.adapters.storefront.shopify import ShopifyStorefront
from include.fulfilment.adapters.storefront.shopify_settings import ShopifySettings, shopify_transport
from include.fulfilment.adapters.transport import OnCall
from include.fulfilment.adapters.warehouse.tryton import TrytonWarehouse
from include.fulfilment.adapters.warehouse.tryton_wire import tryton_transport
from include.fulfilment.clock import Clock
from include.fulfilment.ports import Storefront, Warehouse
from include.fulfilment.settings import Site


def make_storefront(site: Site, connection: RemoteConnection, on_call: OnCall, clock: Clock) -> Storefront:
    """The site's shop. Raises ConfigError when the connection lacks what the dialect needs."""
    return STOREFRONTS[site.storefront.dialect](site, connection, on_call, clock)


def make_warehouse(site: Site, connection: RemoteConnection, on_call: OnCall, clock: Clock) -> Warehouse:
    """The site's warehouse. Raises ConfigError when the connection lacks what the dialect needs."""
    return WAREHOUSES[site.warehouse.dialect](connection, on_call, clock)


def _shopify(site: Site, connection: RemoteConnection, on_call: OnCall, clock: Clock) -> Storefront:
    settings = ShopifySettings(
        location_id=site.storefront.location_id,
        api_version=str(connection.extra.get("api_version", "2026-07")),
        credit_contains=site.release.credit_contains,
    )
    transport = shopify_transport(
        connection.base_url, connection.password, connection_id=connection.conn_id, on_call=on_call
    )
    return ShopifyStorefront(transport, settings, clock)


def _tryton(connection: RemoteConnection, on_call: OnCall, clock: Clock) -> Warehouse:
    transport = tryton_transport(
        connection.base_url,
        connection.schema,
        connection.password,
        connection_id=connection.conn_id,
        on_call=on_call,
    )
    return TrytonWarehouse(transport, clock)


STOREFRONTS: Mapping[str, Callable[[Site, RemoteConnection, OnCall, Clock], Storefront]] = {"shopify": _shopify}
WAREHOUSES: Mapping[str, Callable[[RemoteConnection, OnCall, Clock], Warehouse]] = {"tryton": _tryton}
