"""inventorySetQuantities: compare-and-set, all or nothing, once for each key."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.shops import Shop, load_basics, order, stock_of

_SET = """mutation Stock($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { reason changes { name delta quantityAfterChange item { sku } location { name } } }
    userErrors { field code message } } }"""

_VARIANTS = """query V($query: String) { productVariants(first: 9, query: $query, sortKey: SKU) {
  nodes { sku inventoryQuantity
  metafield(namespace: "sparklayer", key: "pack_size") { value } product { status }
  inventoryItem { id tracked inventoryLevels(first: 5) { nodes { location { id }
    quantities(names: ["available", "committed", "on_hand"]) { name quantity updatedAt } } } } } } }"""


def rows(shop: Shop) -> dict[str, dict[str, Any]]:
    """A row for each SKU that asks for what is there now."""
    found = {}
    for variant in shop.ask(_VARIANTS)["productVariants"]["nodes"]:
        level = variant["inventoryItem"]["inventoryLevels"]["nodes"][0]
        found[variant["sku"]] = {
            "inventoryItemId": variant["inventoryItem"]["id"],
            "locationId": level["location"]["id"],
            "quantity": 0,
            "changeFromQuantity": variant["inventoryQuantity"],
        }
    return found


def put(shop: Shop, quantities: list[dict[str, Any]], key: str = "k1", **changes: Any) -> Any:
    wanted = {"name": "available", "reason": "correction", "quantities": quantities} | changes
    return shop.ask(_SET, input=wanted, key=key)["inventorySetQuantities"]


def test_a_variant_shows_its_stock_and_its_pack_setting(shop: Shop) -> None:
    load_basics(shop, order())
    found = shop.ask(_VARIANTS, query="sku:mug-12")["productVariants"]["nodes"]
    assert [node["sku"] for node in found] == ["MUG-12"]
    assert found[0]["metafield"] == {"value": "12"}
    quantities = found[0]["inventoryItem"]["inventoryLevels"]["nodes"][0]["quantities"]
    assert [(q["name"], q["quantity"]) for q in quantities] == [("available", 2), ("committed", 2), ("on_hand", 4)]


def test_a_right_guess_is_written_and_a_stale_one_refuses_the_whole_call(shop: Shop) -> None:
    load_basics(shop)
    now = rows(shop)
    answer = put(shop, [now["MUG"] | {"quantity": 26}, now["MUG-12"] | {"quantity": -2}])
    assert answer["userErrors"] == []
    changes = {change["item"]["sku"]: change["delta"] for change in answer["inventoryAdjustmentGroup"]["changes"]}
    assert changes == {"MUG": -24, "MUG-12": -6}
    assert (stock_of(shop)["MUG"], stock_of(shop)["MUG-12"]) == ((26, 0, 26), (-2, 0, -2))
    stale = put(shop, [now["MUG-12"] | {"quantity": 3, "changeFromQuantity": -2}, now["MUG"] | {"quantity": 1}], "k2")
    assert stale["inventoryAdjustmentGroup"] is None
    assert [(error["code"], error["field"]) for error in stale["userErrors"]] == [
        ("CHANGE_FROM_QUANTITY_STALE", ["input", "quantities", "1", "changeFromQuantity"])
    ]
    assert stock_of(shop)["MUG-12"] == (-2, 0, -2)


def test_the_same_key_answers_again_without_writing_again(shop: Shop) -> None:
    load_basics(shop)
    row = rows(shop)["MUG"] | {"quantity": 26}
    first = put(shop, [row])
    shop.control.set_inventory("MUG", 7)
    assert put(shop, [row]) == first
    assert stock_of(shop)["MUG"] == (7, 0, 7)


def test_the_same_key_with_other_input_is_refused(shop: Shop) -> None:
    load_basics(shop)
    row = rows(shop)["MUG"]
    put(shop, [row | {"quantity": 26}])
    answer = put(shop, [row | {"quantity": 27, "changeFromQuantity": 26}])
    assert [error["code"] for error in answer["userErrors"]] == ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]
    assert stock_of(shop)["MUG"] == (26, 0, 26)


def test_null_skips_the_comparison_and_leaving_it_out_is_refused(shop: Shop) -> None:
    load_basics(shop)
    row = rows(shop)["MUG"]
    assert put(shop, [row | {"changeFromQuantity": None, "quantity": 9}])["userErrors"] == []
    bare = {key: value for key, value in row.items() if key != "changeFromQuantity"}
    assert [error["code"] for error in put(shop, [bare], "k2")["userErrors"]] == ["COMPARE_QUANTITY_REQUIRED"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"inventoryItemId": "gid://shopify/InventoryItem/1"}, "INVALID_INVENTORY_ITEM"),
        ({"locationId": "gid://shopify/Location/1"}, "INVALID_LOCATION"),
        ({"quantity": 1_000_000_001}, "INVALID_QUANTITY_TOO_HIGH"),
        ({"quantity": -1_000_000_001}, "INVALID_QUANTITY_TOO_LOW"),
    ],
)
def test_a_row_at_fault_is_named_by_the_vendors_code(shop: Shop, change: dict[str, Any], code: str) -> None:
    load_basics(shop)
    answer = put(shop, [rows(shop)["MUG"] | change])
    assert [error["code"] for error in answer["userErrors"]] == [code]


def test_wrong_names_reasons_and_pairs_are_refused(shop: Shop) -> None:
    load_basics(shop)
    row = rows(shop)["MUG"]
    assert put(shop, [row], "a", name="committed")["userErrors"][0]["code"] == "INVALID_NAME"
    assert put(shop, [row], "b", reason="because")["userErrors"][0]["code"] == "INVALID_REASON"
    assert put(shop, [row], "c", referenceDocumentUri="x")["userErrors"][0]["code"] == "INVALID_REFERENCE_DOCUMENT"
    twice = put(shop, [row, row], "d")["userErrors"]
    assert [error["code"] for error in twice] == ["NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"]


def test_no_key_and_too_many_rows_are_refused_before_anything_is_read(shop: Shop) -> None:
    load_basics(shop)
    row = rows(shop)["MUG"]
    wanted = {"name": "available", "reason": "correction", "quantities": [row]}
    bare = _SET.replace(" @idempotent(key: $key)", "").replace(", $key: String!", "")
    answer = shop.post(bare, input=wanted).json()
    assert answer["errors"][0]["message"].startswith("The @idempotent directive is required")
    many = shop.post(_SET, key="k", input=wanted | {"quantities": [row] * 251}).json()
    assert many["errors"][0]["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"
    assert stock_of(shop)["MUG"] == (50, 0, 50)


def test_the_level_at_a_location_is_given_where_the_item_is_stocked_and_nowhere_else(shop: Shop) -> None:
    load_basics(shop, order())
    at = """query V($at: ID!) { productVariants(first: 9, sortKey: SKU) { nodes { sku inventoryItem {
      inventoryLevel(locationId: $at) { quantities(names: ["available"]) { quantity } } } } } }"""
    here = shop.ask(at, at=rows(shop)["MUG"]["locationId"])["productVariants"]["nodes"]
    assert {each["sku"]: each["inventoryItem"]["inventoryLevel"] for each in here} == {
        "MUG": {"quantities": [{"quantity": 40}]},
        "MUG-12": {"quantities": [{"quantity": 2}]},
    }
    elsewhere = shop.ask(at, at="gid://shopify/Location/1")["productVariants"]["nodes"]
    assert [each["inventoryItem"] for each in elsewhere] == [{"inventoryLevel": None}] * 2
