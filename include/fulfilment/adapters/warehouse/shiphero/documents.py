"""Every GraphQL operation that we send to ShipHero, and what each asks of the credits.

ShipHero estimates a query at 1 + page × (1 + what hangs on each record), refuses it when the bucket holds less, and
charges what it answered. Four real answers bear the rule out (42, 206, 1,101 and −1,639 credits). A page that is not
given counts as 100, so every connection here names its `first`. What a mutation costs is not published; 10 is our own
assumption. Sources: https://developer.shiphero.com/getting-started/ (throttling) and real answers published
with https://github.com/gladly/app-platform-examples.

The plain operations are valid in the schema of February 2023. `CREATE_WHOLESALE` is not in it: its input and its output
are those of https://developer.shiphero.com/schema/mutations/wholesale-order-create.html and
https://developer.shiphero.com/schema/types/create-wholesale-order-input.html.
"""

from __future__ import annotations

ORDERS_PER_REF = 5
REFS_PER_READ = 50
LINES_PER_READ = 25  # a page is paid for in advance whether it is filled or not; few trade orders have more
ORDERS_PER_LINES_READ = 20
MORE_LINES = 100
ORDERS_PER_READ = 10
STOCK_PER_READ = 500
SKUS_PER_READ = 100
NUMBERS_PER_READ = 50
WHOLE_PER_READ = 10

HEADS_COST = 1 + ORDERS_PER_REF  # of one reference
LINES_COST = 1 + LINES_PER_READ  # of one order
MORE_COST = 1 + MORE_LINES
CHANGED_COST = 1 + ORDERS_PER_READ * (1 + 2 * LINES_PER_READ)
STOCK_COST = 1 + STOCK_PER_READ
SKU_COST = 2  # of one SKU
NUMBER_COST = 2 * HEADS_COST  # of one number, in two fields
WHOLE_COST = 1 + 2 * LINES_PER_READ  # of one order with its shipments
MUTATION_COST = 10
QUOTA_COST = 1

_PAGE = "pageInfo { hasNextPage endCursor }"
_ORDER = """
    id order_number partner_order_id fulfillment_status packing_note
    holds { address_hold client_hold fraud_hold operator_hold payment_hold shipping_method_hold }"""
_LINE = """
    id partner_line_item_id sku quantity quantity_shipped quantity_allocated quantity_pending_fulfillment
    backorder_quantity fulfillment_status custom_options tote_picks { picked_quantity }"""
_LINES = f"{_PAGE} edges {{ node {{ {_LINE} }} }}"
_SHIPPED_LINES = f"{_PAGE} edges {{ node {{ line_item_id quantity shipping_label_id }} }}"
_WHOLE = f"""{_ORDER}
        line_items(first: {LINES_PER_READ}) {{ {_LINES} }}
        shipments {{
          id created_date completed warehouse_id
          line_items(first: {LINES_PER_READ}) {{ {_SHIPPED_LINES} }}
          shipping_labels {{ id status carrier shipping_method tracking_number tracking_url }}
        }}"""

QUOTA = "query FulfilQuota { user_quota { credits_remaining max_available increment_rate } }"

CREATE = """mutation FulfilCreate($data: CreateOrderInput!) {
  order_create(data: $data) { request_id complexity order { id } }
}"""

CANCEL = """mutation FulfilCancel($data: CancelOrderInput!) {
  order_cancel(data: $data) { request_id complexity order { id } }
}"""

UPDATE = """mutation FulfilUpdate($data: UpdateOrderInput!) {
  order_update(data: $data) { request_id complexity order { id } }
}"""

UPDATE_LINES = """mutation FulfilUpdateLines($data: UpdateLineItemsInput!) {
  order_update_line_items(data: $data) { request_id complexity order { id } }
}"""

ADD_LINES = """mutation FulfilAddLines($data: AddLineItemsInput!) {
  order_add_line_items(data: $data) { request_id complexity order { id } }
}"""

REMOVE_LINES = """mutation FulfilRemoveLines($data: RemoveLineItemsInput!) {
  order_remove_line_items(data: $data) { request_id complexity order { id } }
}"""

CREATE_WHOLESALE = """mutation FulfilCreateWholesale($data: CreateWholesaleOrderInput!) {
  wholesale_order_create(data: $data) { request_id complexity wholesale_order { order { id } } }
}"""

CHANGED = f"""query FulfilChanged($after: String, $since: ISODateTime, $shop: String, $customer: String) {{
  orders(updated_from: $since, shop_name: $shop, customer_account_id: $customer) {{
    request_id complexity
    data(first: {ORDERS_PER_READ}, after: $after) {{
      {_PAGE}
      edges {{ node {{
        {_WHOLE}
      }} }}
    }}
  }}
}}"""

MORE_ORDER_LINES = f"""query FulfilMoreLines($id: String!, $after: String) {{
  order(id: $id) {{
    request_id complexity
    data {{ line_items(first: {MORE_LINES}, after: $after) {{ {_LINES} }} }}
  }}
}}"""

MORE_SHIPPED_LINES = f"""query FulfilMoreShipped($id: String!, $after: String) {{
  shipment(id: $id) {{
    request_id complexity
    data {{ line_items(first: {MORE_LINES}, after: $after) {{ {_SHIPPED_LINES} }} }}
  }}
}}"""

STOCK = f"""query FulfilStock($after: String, $warehouse: String, $customer: String) {{
  warehouse_products(warehouse_id: $warehouse, customer_account_id: $customer) {{
    request_id complexity
    data(first: {STOCK_PER_READ}, after: $after) {{
      {_PAGE}
      edges {{ node {{ id sku warehouse_id on_hand non_sellable_quantity }} }}
    }}
  }}
}}"""


def heads(refs: int) -> str:
    """The orders under each of `refs` references ($r0, $r1, …), without their lines."""
    field = f"""orders(partner_order_id: $each, customer_account_id: $customer) {{ request_id complexity
      data(first: {ORDERS_PER_REF}) {{ {_PAGE} edges {{ node {{ {_ORDER} }} }} }} }}"""
    return _many("FulfilHeads", "r", refs, "String", field, "$customer: String")


def numbered(numbers: int) -> str:
    """The orders that have each of `numbers` numbers ($n0, $n1, …) as their order number, and those that have it as
    their sender's own id (`…_id`), without their lines."""
    page = f"""customer_account_id: $customer) {{ request_id complexity
      data(first: {ORDERS_PER_REF}) {{ {_PAGE} edges {{ node {{ {_ORDER} }} }} }} }}"""
    field = f"orders(order_number: $each, {page}\n  $each_id: orders(partner_order_id: $each, {page}"
    return _many("FulfilNumbered", "n", numbers, "String", field, "$customer: String")


def whole(orders: int) -> str:
    """Each of `orders` orders ($i0, $i1, …) with its first lines and its shipments."""
    field = f"order(id: $each) {{ request_id complexity data {{ {_WHOLE} }} }}"
    return _many("FulfilWhole", "i", orders, "String!", field)


def lines(orders: int) -> str:
    """The first lines of each of `orders` orders ($i0, $i1, …)."""
    field = f"""order(id: $each) {{ request_id complexity
      data {{ line_items(first: {LINES_PER_READ}) {{ {_LINES} }} }} }}"""
    return _many("FulfilLines", "i", orders, "String!", field)


def skus(count: int) -> str:
    """Whether the warehouse has each of `count` SKUs ($s0, $s1, …)."""
    field = """warehouse_products(sku: $each, warehouse_id: $warehouse, customer_account_id: $customer) {
      request_id complexity data(first: 1) { edges { node { sku } } } }"""
    return _many("FulfilSkus", "s", count, "String", field, "$warehouse: String", "$customer: String")


def _many(name: str, letter: str, count: int, kind: str, field: str, *more: str) -> str:
    """One query that asks for `field` `count` times; `$each` in it stands for the variable of that time, `$each_` for
    the beginning of a further name."""
    names = [f"{letter}{number}" for number in range(count)]
    declared = ", ".join([*(f"${each}: {kind}" for each in names), *more])
    fields = "\n".join(
        f"  {each}: {field.replace('$each_', f'{each}_').replace('$each', f'${each}')}" for each in names
    )
    return f"query {name}({declared}) {{\n{fields}\n}}"
