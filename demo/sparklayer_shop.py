"""The demo's storefront when SparkLayer stands alone: its sandbox, its connection, and its part of the site file.

The sandbox's control door takes the same words as the Shopify one's, so the story loads, pays and checks alike.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from demo.environment import Connection
from demo.orders_credit import GROUPS
from demo.orders_types import LoadedOrders
from include.fulfilment.sandbox.sparklayer.access import CLIENT_ID, SITE_ID
from include.fulfilment.sandbox.sparklayer.customers import PO_SUFFIX

MODULE = "include.fulfilment.sandbox.sparklayer"
"""Started with `--port` and `--db`; its environment gives SANDBOX_SHOP_TOKEN (the client secret) and
SANDBOX_CONTROL_TOKEN."""


def connection(url: str, client_secret: str) -> Connection:
    """The Airflow connection of the site."""
    return Connection(
        "fulfilment_sparklayer", host=url, login=CLIENT_ID, password=client_secret, extra={"site_id": SITE_ID}
    )


def site_section(location_id: str) -> dict[str, Any]:
    """`storefront` in the site file. A customer that must give a PO number is in a group that says so: SparkLayer's
    customers have no field for it."""
    options = {"po_required_groups": [group + PO_SUFFIX for group in GROUPS]}
    return {"dialect": "sparklayer", "location_id": location_id, "options": options}


def without_pack_sizes(orders: LoadedOrders) -> LoadedOrders:
    """The orders that this storefront can be judged by. Its API tells no pack sizes, so nobody here can see that an
    order breaks one; such orders are left out and counted as skipped."""
    broken = {name for name, code in orders.stays_held.items() if code == "pack_size_violated"}
    kept = {name: code for name, code in orders.stays_held.items() if name not in broken}
    units = {key: units for key, units in orders.base_units.items() if key[0] not in broken}
    skipped = orders.skipped | ({"pack_size_orders": len(broken)} if broken else {})
    loaded = [order for order in orders.orders if order["name"] not in broken]
    return replace(orders, orders=loaded, stays_held=kept, base_units=units, skipped=skipped)
