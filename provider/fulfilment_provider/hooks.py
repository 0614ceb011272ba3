"""One hook for each connection type. They differ in what they are called, which is how Airflow tells them apart."""

from __future__ import annotations

from include.fulfilment.orchestration.hooks import RemoteHook


class ShopifyHook(RemoteHook):
    """A shop with SparkLayer on Shopify."""

    conn_type = "fulfilment_shopify"
    hook_name = "Fulfilment: Shopify with SparkLayer"
    dialect = "shopify"


class SparklayerHook(RemoteHook):
    """A site of SparkLayer alone."""

    conn_type = "fulfilment_sparklayer"
    hook_name = "Fulfilment: SparkLayer alone"
    dialect = "sparklayer"


class TrytonHook(RemoteHook):
    """A warehouse in Tryton."""

    conn_type = "fulfilment_tryton"
    hook_name = "Fulfilment: Tryton"
    dialect = "tryton"


class ShipbobHook(RemoteHook):
    """A ShipBob account."""

    conn_type = "fulfilment_shipbob"
    hook_name = "Fulfilment: ShipBob"
    dialect = "shipbob"


class MintsoftHook(RemoteHook):
    """A Mintsoft account."""

    conn_type = "fulfilment_mintsoft"
    hook_name = "Fulfilment: Mintsoft"
    dialect = "mintsoft"


class ShipheroHook(RemoteHook):
    """A ShipHero account."""

    conn_type = "fulfilment_shiphero"
    hook_name = "Fulfilment: ShipHero"
    dialect = "shiphero"


class X12Hook(RemoteHook):
    """A partner's mailbox for X12 messages."""

    conn_type = "fulfilment_x12"
    hook_name = "Fulfilment: X12 mailbox"
    dialect = "x12"
