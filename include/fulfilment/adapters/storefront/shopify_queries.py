"""Every operation we send to Shopify's Admin API, as text.

Valid in 2026-04 and 2026-07; a test holds each against the vendor's own introspection. Sizes keep each query under
Shopify's limit of 1,000 points, reckoned as one point per object and `2 + first × child` per connection
(https://shopify.dev/docs/api/usage/limits): the figure stands beside each. `fulfillment` is Shopify's own spelling.
"""

from __future__ import annotations

ORDERS_PER_PAGE = 10
LINES_PER_ORDER = 20
LINES_PER_PAGE = 250
VARIANTS_PER_PAGE = 45
LEVELS_PER_VARIANT = 4
ITEMS_PER_READ = 6
SHOP_ORDERS_PER_READ = 10
OPEN_LINES_PER_READ = 3
FULFILMENT_LINES_PER_PAGE = 100
FULFILMENTS_PER_ORDER = 20

_BUYER = """
  name poNumber createdAt updatedAt currencyCode taxesIncluded
  customAttributes { key value }
  customer {
    id displayName
    credit: metafield(namespace: "sparklayer", key: "payment_on_account") { value }
    poRequired: metafield(namespace: "fulfilment", key: "po_required") { value }
    onStop: metafield(namespace: "fulfilment", key: "on_stop") { value }
  }
  purchasingEntity { ... on PurchasingCompany { company { id name } location { id name } } }
  shippingAddress { name company address1 address2 city province zip countryCodeV2 phone }
  shippingLine { title }
"""

# Each order: itself 1, attributes 1, customer and metafields 4, company 3, address and shipping line 2, two totals 4,
# fulfilment orders 2 + 5, lines 2 + 20 × 3 = 84; ten of them and the connection: 842.
ORDERS = f"""
query FulfilmentOrders($after: String, $filter: String) {{
  orders(first: {ORDERS_PER_PAGE}, after: $after, query: $filter, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      id note processedAt cancelledAt displayFinancialStatus displayFulfillmentStatus {_BUYER}
      total: currentTotalPriceSet {{ shopMoney {{ amount }} }}
      tax: totalTaxSet {{ shopMoney {{ amount }} }}
      fulfillmentOrders(first: 5) {{ nodes {{ status }} }}
      lineItems(first: {LINES_PER_ORDER}) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ ...OrderLine }} }}
    }}
  }}
}}
fragment OrderLine on LineItem {{
  id sku title quantity currentQuantity requiresShipping originalUnitPriceSet {{ shopMoney {{ amount }} }}
}}
"""

# As above without fulfilment orders: 772.
DRAFTS = f"""
query FulfilmentDrafts($after: String, $filter: String) {{
  draftOrders(first: {ORDERS_PER_PAGE}, after: $after, query: $filter, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      id note: note2 status {_BUYER}
      total: totalPriceSet {{ shopMoney {{ amount }} }}
      tax: totalTaxSet {{ shopMoney {{ amount }} }}
      lineItems(first: {LINES_PER_ORDER}) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ ...DraftLine }} }}
    }}
  }}
}}
fragment DraftLine on DraftOrderLineItem {{
  id sku title quantity requiresShipping originalUnitPriceSet {{ shopMoney {{ amount }} }}
}}
"""

# 1 + 2 + 250 × 3 = 753.
MORE_ORDER_LINES = f"""
query FulfilmentOrderLines($id: ID!, $after: String) {{
  node(id: $id) {{ ... on Order {{
    lineItems(first: {LINES_PER_PAGE}, after: $after) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{
        id sku title quantity currentQuantity unfulfilledQuantity requiresShipping
        originalUnitPriceSet {{ shopMoney {{ amount }} }}
      }}
    }}
  }} }}
}}
"""

MORE_DRAFT_LINES = f"""
query FulfilmentDraftLines($id: ID!, $after: String) {{
  node(id: $id) {{ ... on DraftOrder {{
    lineItems(first: {LINES_PER_PAGE}, after: $after) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ id sku title quantity requiresShipping originalUnitPriceSet {{ shopMoney {{ amount }} }} }}
    }}
  }} }}
}}
"""

# Each variant: itself, product, two metafields, item 5, levels 2 + 4 × 3 = 14; 45 of them: 857.
VARIANTS = f"""
query FulfilmentVariants($after: String) {{
  productVariants(first: {VARIANTS_PER_PAGE}, after: $after, sortKey: ID) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      id sku title product {{ title }}
      settings: metafield(namespace: "sparklayer", key: "settings") {{ value }}
      packSize: metafield(namespace: "sparklayer", key: "pack_size") {{ value }}
      inventoryItem {{ id inventoryLevels(first: {LEVELS_PER_VARIANT}) {{
        pageInfo {{ hasNextPage }}
        nodes {{ location {{ id }} quantities(names: ["available"]) {{ quantity }} }}
      }} }}
    }}
  }}
}}
"""

# For shops with many locations. Six items with 50 levels each: 6 × (1 + 2 + 50 × 3) = 918.
ITEM_LEVELS = """
query FulfilmentItemLevels($ids: [ID!]!) {
  nodes(ids: $ids) { ... on InventoryItem { id inventoryLevels(first: 50) {
    nodes { location { id } quantities(names: ["available"]) { quantity } }
  } } }
}
"""

# Each order: itself, two metafields 3, lines 2 + 25, fulfilments 20 × 2 = 40: 70; ten of them: 700.
SHOP_ORDERS = f"""
query FulfilmentShopOrders($ids: [ID!]!) {{
  nodes(ids: $ids) {{ ... on Order {{
    id name cancelledAt displayFulfillmentStatus
    status: metafield(namespace: "$app:fulfilment", key: "status") {{ value }}
    lineItems(first: 25) {{
      pageInfo {{ hasNextPage endCursor }} nodes {{ id sku currentQuantity unfulfilledQuantity }}
    }}
    fulfillments(first: {FULFILMENTS_PER_ORDER}) {{ status trackingInfo {{ number }} }}
  }} }}
}}
"""

# Each order: itself, metafield 1, fulfilments 2 + 20 × 4: 84; ten of them: 840.
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

# One order with very many fulfilments: 250 × 3 = 751.
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
