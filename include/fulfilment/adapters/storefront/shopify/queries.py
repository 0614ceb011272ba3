"""Every operation we send to Shopify's Admin API, as text.

Valid in 2026-04 and 2026-07; a test holds each against the vendor's own introspection. Sizes keep each query under
Shopify's limit of 1,000 points, reckoned as one point per object, each of `nodes(ids)` counted, and
`2 + first × child` per connection (https://shopify.dev/docs/api/usage/limits): the figure stands beside each.
`fulfillment` is Shopify's own spelling.
"""

from __future__ import annotations

import json

from include.fulfilment.adapters.storefront.shopify.order_queries import (
    LINES_PER_ORDER,
    LINES_PER_PAGE,
    Asked,
    OrderQueries,
    more_lines,
    payer,
)

VARIANTS_PER_PAGE = 142
SHOP_ORDERS_PER_READ = 24
SIDES_PER_READ = 50
ACCOUNTS_PER_READ = 100
OPEN_LINES_PER_READ = 3
FULFILMENT_LINES_PER_PAGE = 100
FULFILMENTS_PER_ORDER = 5
PROGRESS_PER_READ = 30
FULFILMENT_ORDERS_PER_ORDER = 10


_SHOP_LINE = "id sku currentQuantity unfulfilledQuantity"
_EVERY_ORDER = OrderQueries(Asked())

# Each order: itself 1, attributes 1, customer and metafields 5, company 3, address and shipping line 2, two totals 4,
# fulfilment orders 2 + 5 × 3, lines 2 + 25 × 3 = 77; nine of them and the connection: 992. What a site's mapping asks
# for beside makes the page shorter.
ORDERS = _EVERY_ORDER.orders

# As above without fulfilment orders: 839.
DRAFTS = _EVERY_ORDER.drafts

# A line with its price is 3 points, so one order gets 250 lines (753 points) and six get 54 each (990).
MORE_ORDER_LINES = _EVERY_ORDER.more_order_lines
MORE_DRAFT_LINES = _EVERY_ORDER.more_draft_lines

# A line without price is 1 point: 250 lines of one order 253, of six orders 163 each: 996.
MORE_SHOP_LINES = more_lines("FulfilmentShopLines", "Order", _SHOP_LINE, 1)


def _variant(location: str) -> str:
    return f"""
      id sku title product {{ title }}
      settings: metafield(namespace: "sparklayer", key: "settings") {{ value }}
      packSize: metafield(namespace: "sparklayer", key: "pack_size") {{ value }}
      inventoryItem {{
        id inventoryLevel(locationId: {location}) {{ quantities(names: ["available"]) {{ quantity }} }}
      }}
"""


# Each variant: itself, product, two metafields, item, level, quantity: 7; 142 of them and the connection: 996.
VARIANTS = f"""
query FulfilmentVariants($after: String, $location: ID!) {{
  productVariants(first: {VARIANTS_PER_PAGE}, after: $after, sortKey: ID) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{{_variant("$location")}    }}
  }}
}}
"""


def every_variant(location: str) -> str:
    """All variants with what is shown at the location of this global id, as the text that a bulk operation carries out:
    it takes no variables and turns the pages itself."""
    return f"{{ productVariants {{ edges {{ node {{{_variant(json.dumps(location))}}} }} }} }}"


START_BULK = """
mutation FulfilmentStartBulk($query: String!) {
  bulkOperationRunQuery(query: $query) { bulkOperation { id } userErrors { code field message } }
}
"""

# 2 + 25 × 1 = 27.
BULKS = """
query FulfilmentBulks($search: String!) {
  bulkOperations(first: 25, query: $search) { nodes { id status createdAt completedAt query } }
}
"""

BULK = """
query FulfilmentBulk($id: ID!) { bulkOperation(id: $id) { id status errorCode rootObjectCount url } }
"""

# Each order: itself, metafield 1, lines 2 + 25, fulfilments 2 + 5 × 2: 41; 24 of them: 984.
SHOP_ORDERS = f"""
query FulfilmentShopOrders($ids: [ID!]!) {{
  nodes(ids: $ids) {{ ... on Order {{
    id name cancelledAt displayFulfillmentStatus
    status: metafield(namespace: "$app:fulfilment", key: "status") {{ value }}
    lineItems(first: {LINES_PER_ORDER}) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {_SHOP_LINE} }} }}
    fulfillments(first: {FULFILMENTS_PER_ORDER}) {{ status trackingInfo {{ number }} }}
  }} }}
}}
"""

# Each order: itself, customer and metafields 5, company 3: 9; 100 of them: 900.
ACCOUNTS = f"""
query FulfilmentAccounts($ids: [ID!]!) {{
  nodes(ids: $ids) {{ ... on Order {{ id currencyCode {payer(Asked())} }} }}
}}
"""

# Each order: itself, customer and metafield 2, company 3: 6; 100 of them: 600.
LEDGER_CODES = """
query FulfilmentLedgerCodes($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Order {
    id
    customer { id ledger: metafield(namespace: "fulfilment", key: "ledger_account") { value } }
    purchasingEntity { ... on PurchasingCompany { company { id externalId } location { id externalId } } }
  } }
}
"""

# Each order: itself, metafield 1, fulfilments 2 + 5 × 3: 19; 50 of them: 950.
FULFILMENT_SIDES = f"""
query FulfilmentSides($ids: [ID!]!) {{
  nodes(ids: $ids) {{ ... on Order {{
    id name cancelledAt
    posted: metafield(namespace: "$app:fulfilment", key: "posted") {{ value }}
    fulfillments(first: {FULFILMENTS_PER_ORDER}) {{
      id status location {{ id }} trackingInfo {{ company number }}
    }}
  }} }}
}}
"""

# One order with many fulfilments: 1 + 2 + 250 × 3 = 753.
ALL_FULFILMENTS = """
query FulfilmentsOfOrder($id: ID!) {
  node(id: $id) { ... on Order {
    fulfillments(first: 250) { id status location { id } trackingInfo { company number } }
  } }
}
"""

_FULFILMENT_ORDER = "id status assignedLocation { location { id } }"
_REMAINING = "pageInfo { hasNextPage endCursor } nodes { id remainingQuantity lineItem { id } }"

# Each order: itself, 2 + 2 × (3 + 2 + 70 × 2) = 293; three of them: 879.
OPEN_LINES = f"""
query FulfilmentOpenLines($ids: [ID!]!) {{
  nodes(ids: $ids) {{ ... on Order {{
    id fulfillmentOrders(first: 2) {{
      pageInfo {{ hasNextPage endCursor }} nodes {{ {_FULFILMENT_ORDER} lineItems(first: 70) {{ {_REMAINING} }} }}
    }}
  }} }}
}}
"""

# Each order: itself, 2 + 10 × (1 + place 2): 33; 30 of them: 990.
PROGRESS = f"""
query FulfilmentProgress($ids: [ID!]!) {{
  nodes(ids: $ids) {{ ... on Order {{
    id name cancelledAt
    fulfillmentOrders(first: {FULFILMENT_ORDERS_PER_ORDER}) {{
      pageInfo {{ hasNextPage endCursor }} nodes {{ {_FULFILMENT_ORDER} }}
    }}
  }} }}
}}
"""

# For orders that do not fit into the above: one fulfilment order at a time, 1 + 2 + 5 + 250 × 2 = 508.
OPEN_LINES_OF_ORDER = f"""
query FulfilmentOpenLinesOfOrder($id: ID!, $order: String, $after: String) {{
  node(id: $id) {{ ... on Order {{
    fulfillmentOrders(first: 1, after: $order) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ {_FULFILMENT_ORDER} lineItems(first: {LINES_PER_PAGE}, after: $after) {{ {_REMAINING} }} }}
    }}
  }} }}
}}
"""

# 1 + 2 + 100 × 2 = 203.
FULFILMENT_LINES = f"""
query FulfilmentLines($ids: [ID!]!, $after: String) {{
  nodes(ids: $ids) {{ ... on Fulfillment {{
    id fulfillmentLineItems(first: {FULFILMENT_LINES_PER_PAGE}, after: $after) {{
      pageInfo {{ hasNextPage endCursor }} nodes {{ quantity lineItem {{ id }} }}
    }}
  }} }}
}}
"""

SET_AVAILABLE = """
mutation FulfilmentSetAvailable($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { code field message } }
}
"""

CREATE_FULFILMENT = """
mutation FulfilmentCreate($fulfillment: FulfillmentInput!, $message: String) {
  fulfillmentCreate(fulfillment: $fulfillment, message: $message) {
    fulfillment { id } userErrors { field message }
  }
}
"""

SET_METAFIELDS = """
mutation FulfilmentSetMetafields($metafields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $metafields) { userErrors { code field message } }
}
"""

REPORT_PROGRESS = """
mutation FulfilmentReportProgress($id: ID!) {
  fulfillmentOrderReportProgress(id: $id) { userErrors { code field message } }
}
"""

# 2 + 100 × 1 = 102.
SUBSCRIPTIONS = """
query FulfilmentSubscriptions($after: String, $uri: String!) {
  webhookSubscriptions(first: 100, after: $after, uri: $uri) {
    pageInfo { hasNextPage endCursor } nodes { id topic uri }
  }
}
"""

SUBSCRIBE = """
mutation FulfilmentSubscribe($topic: WebhookSubscriptionTopic!, $subscription: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $subscription) {
    webhookSubscription { id } userErrors { field message }
  }
}
"""
