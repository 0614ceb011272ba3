"""Orders, drafts and buyers as the Admin API answers them, and what people do to them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from include.fulfilment.sandbox.control import SandboxRefused
from tests.sandbox.shops import Shop, load_basics, order, stock_of

_ORDERS = """query Orders($first: Int!, $after: String, $query: String) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes { id name updatedAt } pageInfo { hasNextPage endCursor } } }"""

_ORDER = """query One($query: String) { orders(first: 1, query: $query) { nodes {
  id name note poNumber tags createdAt processedAt updatedAt cancelledAt cancelReason closed
  displayFinancialStatus displayFulfillmentStatus currencyCode taxesIncluded email
  customAttributes { key value } totalPriceSet { shopMoney { amount currencyCode } }
  currentTotalPriceSet { shopMoney { amount } } totalTaxSet { shopMoney { amount } }
  customer { displayName metafield(namespace: "sparklayer", key: "payment_on_account") { value type } }
  purchasingEntity { __typename ... on PurchasingCompany { company { name } location { name } } }
  shippingAddress { name city countryCodeV2 } shippingLine { title code } paymentTerms { dueInDays paymentTermsName }
  lineItems(first: 10) { nodes { id sku title quantity currentQuantity unfulfilledQuantity requiresShipping
    originalUnitPriceSet { shopMoney { amount } } variant { id sku } } pageInfo { hasNextPage } }
  fulfillmentOrders(first: 10) { nodes { id status requestStatus assignedLocation { location { id name } }
    fulfillmentHolds { reason } lineItems(first: 10) {
      nodes { id totalQuantity remainingQuantity lineItem { id } } } } }
} } }"""


def one(shop: Shop, name: str = "#1042") -> Any:
    return shop.ask(_ORDER, query=f"name:{name}")["orders"]["nodes"][0]


def test_an_order_comes_back_as_it_was_placed(shop: Shop) -> None:
    load_basics(shop, order())
    found = one(shop)
    assert int(found["id"].rsplit("/", 1)[1]) > 2**53
    assert int(float(found["id"].rsplit("/", 1)[1])) != int(found["id"].rsplit("/", 1)[1])
    assert found["note"] == "PO-77 / leave at gate"
    assert {"key": "sparkCartId", "value": "cart-#1042"} in found["customAttributes"]
    assert (found["createdAt"], found["updatedAt"]) == ("2026-11-23T09:30:00Z", "2026-11-23T12:00:00Z")
    # 2 x 24.00 + 10 x 2.50 + 9.95 carriage = 82.95, VAT 16.59
    assert found["totalPriceSet"]["shopMoney"] == {"amount": "99.54", "currencyCode": "GBP"}
    assert found["totalTaxSet"]["shopMoney"]["amount"] == "16.59"
    assert found["purchasingEntity"]["company"]["name"] == "Hilltop Stores"
    assert found["shippingAddress"] == {"name": "Ada Hill", "city": "Hull", "countryCodeV2": "GB"}
    assert found["paymentTerms"] == {"dueInDays": 30, "paymentTermsName": "Net 30"}
    assert '"credit_limit": "1000"' in found["customer"]["metafield"]["value"]
    assert [line["unfulfilledQuantity"] for line in found["lineItems"]["nodes"]] == [2, 10]
    parts = found["fulfillmentOrders"]["nodes"]
    assert [(part["status"], part["requestStatus"]) for part in parts] == [("OPEN", "UNSUBMITTED")]
    assert [line["remainingQuantity"] for line in parts[0]["lineItems"]["nodes"]] == [2, 10]


def test_placing_an_order_takes_from_available_and_may_go_below_zero(shop: Shop) -> None:
    load_basics(shop, order(), order("#1043"), order("#1044"))
    assert stock_of(shop) == {"MUG": (20, 30, 50), "MUG-12": (-2, 6, 4)}


def test_a_draft_takes_nothing_until_it_is_completed_and_becomes_a_new_order(shop: Shop) -> None:
    load_basics(shop, order("#D7", source="draft"))
    assert stock_of(shop)["MUG"] == (50, 0, 50)
    query = "{ draftOrders(first: 5) { nodes { id name status note2 completedAt order { id name } } } }"
    before = shop.ask(query)["draftOrders"]["nodes"][0]
    assert (before["status"], before["order"], before["note2"]) == ("OPEN", None, "PO-77 / leave at gate")
    shop.pass_time(60)
    complete = """mutation Done($id: ID!) {
      draftOrderComplete(id: $id) { draftOrder { order { name } } userErrors { message } } }"""
    assert shop.ask(complete, id=before["id"])["draftOrderComplete"]["draftOrder"]["order"]["name"] == "#1001"
    again = shop.ask(complete, id=before["id"])["draftOrderComplete"]
    assert again == {"draftOrder": None, "userErrors": [{"message": "This draft order has already been completed."}]}
    assert shop.ask(query)["draftOrders"]["nodes"][0]["completedAt"] == "2026-11-23T12:01:00Z"
    made = one(shop, "1001")
    assert {"key": "sparkCartId", "value": "cart-#D7"} in made["customAttributes"]
    assert (made["displayFinancialStatus"], made["createdAt"]) == ("PENDING", "2026-11-23T12:01:00Z")
    assert stock_of(shop)["MUG"] == (40, 10, 50)


def test_changed_orders_are_found_by_their_update_and_paged_once_each(shop: Shop) -> None:
    for n in range(5):
        load_basics(shop, order(f"#{1100 + n}"))
        shop.pass_time(60)
    since = "updated_at:>='2026-11-23T12:01:00Z'"
    first = shop.ask(_ORDERS, first=3, query=since)["orders"]
    assert [node["name"] for node in first["nodes"]] == ["#1101", "#1102", "#1103"]
    assert first["pageInfo"]["hasNextPage"] is True
    second = shop.ask(_ORDERS, first=3, query=since, after=first["pageInfo"]["endCursor"])["orders"]
    assert [node["name"] for node in second["nodes"]] == ["#1104"]
    shop.control.set_note("#1100", "PO-99")
    moved = shop.ask(_ORDERS, first=9, query="updated_at:>'2026-11-23T12:04:00Z'")["orders"]["nodes"]
    assert [(node["name"], node["updatedAt"]) for node in moved] == [("#1100", "2026-11-23T12:05:00Z")]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name:#1042", ["#1042"]),
        ("name:1042 OR name:1043", ["#1042", "#1043"]),
        ("(name:1042 OR name:1043) AND updated_at:<'2026-11-23T12:00:01Z'", ["#1042"]),
        ("financial_status:paid", ["#1043"]),
        ("name:1099", []),
        ("updated_at:>=2026-11-23T13:30:00+01:00", ["#1043"]),
    ],
)
def test_orders_are_searched_as_shopify_searches(shop: Shop, query: str, names: list[str]) -> None:
    load_basics(shop, order())
    shop.pass_time(1800)
    load_basics(shop, order("#1043", financial_status="PAID"))
    assert [node["name"] for node in shop.ask(_ORDERS, first=9, query=query)["orders"]["nodes"]] == names


@pytest.mark.parametrize("query", ["colour:red", "updated_at:>=yesterday", "(name:1", "name:1 OR", "nonsense", "id:x"])
def test_a_search_the_shop_does_not_understand_is_refused(shop: Shop, query: str) -> None:
    answer = shop.post(_ORDERS, first=1, query=query).json()
    assert answer["errors"][0]["message"].startswith("Invalid search query: ")


def test_people_pay_hold_edit_and_cancel_and_stock_follows(shop: Shop) -> None:
    load_basics(shop, order())
    shop.control.pay("#1042")
    assert one(shop)["displayFinancialStatus"] == "PAID"
    shop.control.hold("#1042", "AWAITING_PAYMENT")
    held = one(shop)
    assert held["displayFulfillmentStatus"] == "ON_HOLD"
    assert held["fulfillmentOrders"]["nodes"][0]["fulfillmentHolds"] == [{"reason": "AWAITING_PAYMENT"}]
    shop.control.hold("#1042", None)
    shop.control.edit_line_quantity("#1042", 2, 16)
    assert stock_of(shop)["MUG"] == (34, 16, 50)
    shop.control.edit_line_quantity("#1042", 2, 4)
    line = one(shop)["lineItems"]["nodes"][1]
    assert (line["quantity"], line["currentQuantity"], line["unfulfilledQuantity"]) == (16, 4, 4)
    assert stock_of(shop)["MUG"] == (46, 4, 50)
    shop.control.cancel("#1042", "CUSTOMER")
    gone = one(shop)
    assert (gone["cancelReason"], gone["displayFinancialStatus"]) == ("CUSTOMER", "REFUNDED")
    assert gone["fulfillmentOrders"]["nodes"][0]["status"] == "CANCELLED"
    assert stock_of(shop) == {"MUG": (50, 0, 50), "MUG-12": (4, 0, 4)}
    with pytest.raises(SandboxRefused, match=r"order #1042 is cancelled"):
        shop.control.pay("#1042")


def test_the_shop_holds_what_a_real_shop_could_hold(shop: Shop) -> None:
    nasty = order(
        "#😀' OR 1=1 --",
        note="é" * 10_000,
        customer_key=None,
        company=None,
        lines=[
            {"sku": "", "title": "No code 🫖", "quantity": 1, "unit_price": "0"},
            {"sku": "mug", "title": "Other case", "quantity": 1, "unit_price": "1.005"},
            {"sku": "MUG", "title": "Same again", "quantity": 3, "unit_price": "1"},
            {"sku": "MUG", "title": "Same again", "quantity": 4, "unit_price": "1"},
        ],
    )
    load_basics(shop, nasty)
    found = shop.ask(_ORDER)["orders"]["nodes"][0]
    assert found["name"] == "#😀' OR 1=1 --"
    assert found["note"] == "é" * 10_000
    assert [line["variant"] is None for line in found["lineItems"]["nodes"]] == [True, True, False, False]
    assert found["lineItems"]["nodes"][1]["originalUnitPriceSet"]["shopMoney"]["amount"] == "1.005"
    assert Decimal(found["totalPriceSet"]["shopMoney"]["amount"]) == Decimal("21.55")
    assert stock_of(shop)["MUG"] == (43, 7, 50)


def test_our_own_namespace_is_stored_under_the_app_and_found_by_either_name(shop: Shop) -> None:
    load_basics(shop, order())
    order_id = one(shop)["id"]
    shop.pass_time(30)
    write = """mutation Set($rows: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $rows) {
      metafields { namespace key value } userErrors { field code message } } }"""
    row = {"ownerId": order_id, "namespace": "$app:fulfilment", "key": "status", "value": "released"}
    typed = row | {"type": "single_line_text_field"}
    answer = shop.ask(write, rows=[typed])["metafieldsSet"]
    assert answer["metafields"] == [{"namespace": "app--1--fulfilment", "key": "status", "value": "released"}]
    read = """query Read($id: ID!) { order(id: $id) { updatedAt
      a: metafield(namespace: "$app:fulfilment", key: "status") { value }
      b: metafield(namespace: "app--1--fulfilment", key: "status") { value }
      c: metafield(namespace: "fulfilment", key: "status") { value } } }"""
    assert shop.ask(read, id=order_id)["order"] == {
        "updatedAt": "2026-11-23T12:00:30Z",
        "a": {"value": "released"},
        "b": {"value": "released"},
        "c": None,
    }
    bad = [row | {"value": "x"}, typed | {"ownerId": "gid://shopify/Order/1"}, typed | {"namespace": "app--2--x"}]
    refused = shop.ask(write, rows=bad)["metafieldsSet"]
    assert [error["code"] for error in refused["userErrors"]] == ["INVALID", "APP_NOT_AUTHORIZED"]
    assert shop.ask(read, id=order_id)["order"]["a"] == {"value": "released"}
