"""How orders and drafts are asked for: what every order is asked, and what one site's mapping needs beyond.

Sizes keep each query under Shopify's limit of 1,000 points (see `queries`): what is asked beside makes a page shorter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

MOST_POINTS = 1_000
LINES_PER_ORDER = 25
LINES_PER_PAGE = 250
ORDERS_PER_LINES_READ = 6
_LINE = "id sku title quantity requiresShipping originalUnitPriceSet { shopMoney { amount } }"
_PLACED = "currentQuantity unfulfilledQuantity"
_LINE_POINTS = 3
# An order: itself 1, attributes 1, customer and metafields 5, company 3, address and shipping line 2, two totals 4,
# lines 2 and what they cost; an order besides its fulfilment orders with their places 2 + 5 × 3.
_DRAFT_POINTS, _FULFILMENT_ORDERS = 18, 17


@dataclass(frozen=True, slots=True)
class Asked:
    """What a site's mapping needs: metafields `<owner>.<namespace>.<key>`, the tax number of the buyer's location, the
    properties of the lines."""

    metafields: tuple[str, ...] = ()
    tax_number: bool = False
    line_properties: bool = False

    def alias(self, metafield: str) -> str:
        """Under which name a metafield is answered."""
        return f"m{self.metafields.index(metafield)}"

    def of(self, owner: str) -> str:
        """The metafields of one owner, as the query asks for them."""
        found = []
        for each in self.metafields:
            kind, namespace, key = each.split(".")
            if kind == owner:
                names = f"namespace: {json.dumps(namespace)}, key: {json.dumps(key)}"
                found.append(f"{self.alias(each)}: metafield({names}) {{ value }}")
        return " ".join(found)

    @property
    def points(self) -> int:
        """What it costs an order beyond its lines."""
        return len(self.metafields) + self.tax_number

    @property
    def line(self) -> str:
        return f"{_LINE} customAttributes {{ key value }}" if self.line_properties else _LINE

    @property
    def line_points(self) -> int:
        return _LINE_POINTS + self.line_properties


def payer(asked: Asked) -> str:
    """Who is charged, with the buyer's metafields."""
    tax = "taxSettings { taxRegistrationId }" if asked.tax_number else ""
    return f"""
  customer {{
    id displayName tags {asked.of("customer")}
    group: metafield(namespace: "sparklayer", key: "group") {{ value }}
    credit: metafield(namespace: "sparklayer", key: "payment_on_account") {{ value }}
    poRequired: metafield(namespace: "fulfilment", key: "po_required") {{ value }}
    onStop: metafield(namespace: "fulfilment", key: "on_stop") {{ value }}
  }}
  purchasingEntity {{ ... on PurchasingCompany {{
    company {{ id name {asked.of("company")} }} location {{ id name {tax} {asked.of("company_location")} }}
  }} }}
"""


class OrderQueries:
    """The queries of one site. Nine orders of 25 lines bring most orders whole; what longer ones have beyond is read
    for six orders a call. For 300 B2B orders (15 lines at the median, 54 at the ninth decile) that is some 70 calls;
    one order's rest a call would be some 120."""

    def __init__(self, asked: Asked) -> None:
        line, points = asked.line, asked.line_points
        per_draft = _DRAFT_POINTS + asked.points + LINES_PER_ORDER * points
        self.orders_per_page = (MOST_POINTS - 2) // (per_draft + _FULFILMENT_ORDERS)
        self.orders = _orders(asked, self.orders_per_page)
        self.drafts = _drafts(asked, self.orders_per_page)
        self.more_order_lines = more_lines("FulfilmentOrderLines", "Order", f"{_PLACED} {line}", points)
        self.more_draft_lines = more_lines("FulfilmentDraftLines", "DraftOrder", line, points)


def more_lines(name: str, kind: str, line: str, points: int) -> Mapping[int, str]:
    """By the number of orders asked at once, the query for their next lines. Each order goes on from a place of its
    own (`$id0`, `$after0`; answered as `order0`) and gets as many lines as the limit leaves it: 3 points for itself
    and `points` a line."""
    texts = {}
    for orders in range(1, ORDERS_PER_LINES_READ + 1):
        lines = min(LINES_PER_PAGE, (MOST_POINTS // orders - 3) // points)
        page = f"pageInfo {{ hasNextPage endCursor }} nodes {{ {line} }}"
        variables = ", ".join(f"$id{each}: ID!, $after{each}: String" for each in range(orders))
        fields = "".join(
            f"  order{each}: node(id: $id{each}) {{ ... on {kind} {{\n"
            f"    lineItems(first: {lines}, after: $after{each}) {{ {page} }}\n  }} }}\n"
            for each in range(orders)
        )
        texts[orders] = f"query {name}({variables}) {{\n{fields}}}\n"
    return texts


def _buyer(asked: Asked) -> str:
    return f"""
  name poNumber createdAt updatedAt currencyCode taxesIncluded
  customAttributes {{ key value }} {asked.of("order")}
  {payer(asked)}
  shippingAddress {{ name company address1 address2 city province zip countryCodeV2 phone }}
  shippingLine {{ title }}
"""


def _lines(line: str) -> str:
    return f"lineItems(first: {LINES_PER_ORDER}) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {line} }} }}"


def _orders(asked: Asked, page: int) -> str:
    return f"""
query FulfilmentOrders($after: String, $filter: String) {{
  orders(first: {page}, after: $after, query: $filter, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      id note processedAt cancelledAt displayFinancialStatus displayFulfillmentStatus {_buyer(asked)}
      total: currentTotalPriceSet {{ shopMoney {{ amount }} }}
      tax: totalTaxSet {{ shopMoney {{ amount }} }}
      fulfillmentOrders(first: 5) {{
        pageInfo {{ hasNextPage endCursor }} nodes {{ status assignedLocation {{ location {{ id }} }} }}
      }}
      {_lines(f"{_PLACED} {asked.line}")}
    }}
  }}
}}
"""


def _drafts(asked: Asked, page: int) -> str:
    return f"""
query FulfilmentDrafts($after: String, $filter: String) {{
  draftOrders(first: {page}, after: $after, query: $filter, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      id note: note2 status {_buyer(asked)}
      total: totalPriceSet {{ shopMoney {{ amount }} }}
      tax: totalTaxSet {{ shopMoney {{ amount }} }}
      {_lines(asked.line)}
    }}
  }}
}}
"""
