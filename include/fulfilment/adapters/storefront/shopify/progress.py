"""Showing on an order that its pick has begun: its open fulfilment orders at our location become IN_PROGRESS.

Takes the scope write_merchant_managed_fulfillment_orders, or write_assigned_fulfillment_orders where a fulfilment
service holds the location (whose fulfilment orders are IN_PROGRESS once it accepted them); an app that is sold on a
marketplace may not. It changes the status alone: fulfillmentCreate takes OPEN and IN_PROGRESS alike.
Sources: https://shopify.dev/docs/api/admin-graphql/latest/mutations/fulfillmentOrderReportProgress,
https://shopify.dev/changelog/report-fulfillment-order-progress-with-new-fulfillmentorderreportprogress-graphql-mutation.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from include.fulfilment.adapters.storefront.fields import Fields, Json
from include.fulfilment.adapters.storefront.shopify import queries
from include.fulfilment.adapters.storefront.shopify.client import (
    GraphQLRefusal,
    ShopifyClient,
    next_cursor,
    nodes_of,
    number_of,
)
from include.fulfilment.adapters.storefront.shopify.fulfilment import every_fulfilment_order, read_nodes

_TO_SHIP = frozenset({"OPEN", "IN_PROGRESS", "ON_HOLD", "SCHEDULED"})


def report_progress(client: ShopifyClient, locations: Collection[str], platform_ids: Sequence[str]) -> dict[str, str]:
    """Answers the words for each order that does not show it afterwards. What shows it already is not told again,
    because each report is one more notice to the merchant."""
    refused = {each: f"not_found: the shop holds no order {each}" for each in platform_ids}
    for node in read_nodes(client, queries.PROGRESS, "Order", platform_ids, queries.PROGRESS_PER_READ):
        words = _refusal(client, node, locations)
        number = number_of(node["id"])
        refused.pop(number, None)
        if words:
            refused[number] = words
    return refused


def _refusal(client: ShopifyClient, node: Mapping[str, Json], locations: Collection[str]) -> str:
    if node.get("cancelledAt") is not None:
        return f"order_cancelled: order {node.get('name')} is cancelled in the shop"
    connection = node.get("fulfillmentOrders")
    whole = next_cursor(connection) is None
    listed = nodes_of(connection) if whole else every_fulfilment_order(client, str(node["id"]))
    left = [each for each in (Fields(raw, "", []) for raw in listed) if each.raw.get("status") in _TO_SHIP]
    ours = [each for each in left if _location(each) in locations]
    if left and not ours:
        places = ", ".join(sorted({_location(each) or "none" for each in left}))
        return f"other_location: the shop expects order {node.get('name')} from location {places}"
    states = {str(each.raw.get("status")) for each in ours}
    if ours and not states & {"OPEN", "IN_PROGRESS"}:
        return f"not_open: order {node.get('name')} is {', '.join(sorted(states))} in the shop"
    # By id, as an order that was read in pages lists one as often as its lines have pages.
    ids = {str(each.raw.get("id")): None for each in ours if each.raw.get("status") == "OPEN"}
    return next((words for each in ids if (words := _report(client, each))), "")


def _location(fulfilment_order: Fields) -> str:
    return number_of(fulfilment_order.inside("assignedLocation").inside("location").raw.get("id"))


def _report(client: ShopifyClient, fulfilment_order: str) -> str:
    try:
        payload = client.write(queries.REPORT_PROGRESS, safe=True, id=fulfilment_order)
    except GraphQLRefusal as refusal:
        return f"REFUSED: {refusal}"
    errors = payload.get("userErrors")
    if not (isinstance(errors, list) and errors):
        return ""
    first = Fields(errors[0], "", [])
    return f"{first.raw.get('code') or 'REFUSED'}: {str(first.raw.get('message'))[:300]}"
