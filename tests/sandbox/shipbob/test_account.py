"""The sandbox behaves as ShipBob's documentation says: duplicates, silent products, units, limit."""

from __future__ import annotations

from typing import Any

import pytest

from include.fulfilment.sandbox.control import SandboxRefused
from tests.sandbox.shipbob.account import HEADERS, Account, order

MUG = {"reference_id": "MUG", "quantity": 1}


def test_an_order_is_stored_and_listed_under_its_reference(account: Account) -> None:
    made = account.create()
    assert made.status_code == 201
    found = account.order("B2B1042")
    assert found == made.json()
    assert (found["status"], found["retailer_program_data"]["purchase_order_number"]) == ("Processing", "PO-77")
    assert [(each["reference_id"], each["quantity"]) for each in found["products"]] == [("MUG", 3), ("LAMP", 2)]
    assert [each["status"] for each in found["shipments"]] == ["Processing"]
    assert account.floor.order("B2B1042").ordered == {"1": 3, "2": 2}


def test_a_repeated_reference_is_refused_with_422_and_nothing_is_stored(account: Account) -> None:
    account.create()
    again = account.create(order_number="#2")
    assert (again.status_code, again.json()) == (422, {"": ["Cannot insert order with existing ReferenceId"]})
    assert len(account.floor.held()) == 1


def test_an_unknown_product_reference_makes_a_product_without_a_word(account: Account) -> None:
    line = {"reference_id": "TYPO", "name": "Typo", "quantity": 1}
    assert account.create(products=[line]).status_code == 201
    assert account.floor.stock()["TYPO"] == 0


@pytest.mark.parametrize("missing", ["retailer_program_data", "shipping_terms"])
def test_a_b2b_order_without_its_blocks_is_refused_with_422(account: Account, missing: str) -> None:
    assert account.create(**{missing: None}).status_code == 422
    assert account.floor.held() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reference_id": "x" * 301}, "reference_id"),
        ({"gift_message": "x" * 501}, "gift_message"),
        ({"order_number": "x" * 401}, "order_number"),
        ({"products": []}, "products"),
        ({"products": [{"reference_id": "MUG", "quantity": 1.5}]}, "products[0].quantity"),
        ({"products": [MUG | {"external_line_id": 2**31}]}, "products[0].external_line_id"),
        ({"products": [MUG | {"quantity_unit_of_measure_code": "CA"}]}, "products[0].quantity_unit_of_measure_code"),
        ({"recipient": {"name": "Ann", "address": {"address1": "1", "country": "GB"}}}, "recipient.address.city"),
        ({"type": "Wholesale"}, "type"),
    ],
)
def test_a_body_that_is_wrong_is_refused_with_400_by_field(
    account: Account, changes: dict[str, Any], field: str
) -> None:
    refused = account.create(**changes)
    assert refused.status_code == 400
    assert list(refused.json()) == [field]
    assert account.floor.held() == []


def test_writing_without_a_channel_is_refused(account: Account) -> None:
    refused = account.http.post("/order", json=order(), headers={**HEADERS, "shipbob_channel_id": ""})
    assert (refused.status_code, list(refused.json())) == (400, ["shipbob_channel_id"])


def test_a_wrong_token_is_refused_with_401(account: Account) -> None:
    assert account.http.get("/order", headers={"Authorization": "Bearer other"}).status_code == 401


def test_packs_are_counted_in_singles_once_the_product_is_set_up_in_them(account: Account) -> None:
    line = {"reference_id": "MUG", "name": "Mug", "quantity": 2, "quantity_unit_of_measure_code": "CS"}
    assert account.create(products=[line]).json() == {"products": ["MUG is not set up in CS"]}
    account.floor.act("packs", MUG={"CS": 12})
    assert account.create(products=[line]).status_code == 201
    assert account.floor.order("B2B1042").ordered == {"1": 24}
    (shipment,) = account.order("B2B1042")["shipments"]
    assert shipment["products"][0]["inventory_items"][0]["quantity"] == 24


def test_a_pack_of_one_is_no_pack(account: Account) -> None:
    with pytest.raises(SandboxRefused, match="at least 2 units"):
        account.floor.act("packs", MUG={"CS": 1})


def test_the_staff_call_a_line_by_its_tag(account: Account) -> None:
    account.create(tags=[{"name": "line-2", "value": "gid://L/2"}])
    assert account.floor.order("B2B1042").ordered == {"1": 3, "gid://L/2": 2}


def test_the_151st_call_of_a_minute_is_told_when_to_come_back(account: Account) -> None:
    account.http.get("/order")
    account.pass_time(10)
    for left in range(148, -1, -1):
        assert account.http.get("/order").headers["x-remaining-calls"] == str(left)
    refused = account.http.get("/order")
    message = "Rate limit is exceeded. Try again in 50 seconds."
    assert (refused.status_code, refused.json()) == (429, {"statusCode": 429, "message": message})
    assert (refused.headers["x-retry-after"], refused.headers["x-remaining-calls"]) == ("50", "0")
    account.pass_time(50)
    assert account.http.get("/order").status_code == 200


def test_each_parcel_is_a_shipment_with_its_own_tracking(account: Account) -> None:
    account.create()
    account.floor.ship("B2B1042", {"1": 3, "2": 1}, [("DPD", "T1", {"1": 3}), ("UPS", "T2", {"2": 1})])
    found = account.order("B2B1042")
    told = [
        (
            each["status"],
            each.get("tracking", {}).get("carrier"),
            [(product["sku"], product["inventory_items"][0]["quantity"]) for product in each["products"]],
        )
        for each in found["shipments"]
    ]
    assert told == [
        ("Processing", None, [("LAMP", 1)]),
        ("Completed", "DPD", [("MUG", 3)]),
        ("Completed", "UPS", [("LAMP", 1)]),
    ]
    assert found["status"] == "PartiallyFulfilled"


def test_boxes_that_nobody_listed_have_the_goods_dealt_out(account: Account) -> None:
    account.create()
    account.floor.ship("B2B1042", boxes=2)
    found = account.order("B2B1042")
    units = [[p["inventory_items"][0]["quantity"] for p in each["products"]] for each in found["shipments"]]
    assert (units, found["status"]) == ([[2, 1], [1, 1]], "Fulfilled")


def test_a_label_is_printed_before_goods_leave(account: Account) -> None:
    account.create()
    account.floor.label("B2B1042")
    (shipment,) = account.order("B2B1042")["shipments"]
    assert shipment["status"] == "LabeledCreated"
    assert shipment["actual_fulfillment_date"]
    assert shipment["tracking"]["shipping_date"] is None


def test_what_is_not_there_waits_as_an_exception(account: Account) -> None:
    account.create(products=[{"reference_id": "LAMP", "name": "Lamp", "quantity": 11}])
    found = account.order("B2B1042")
    (shipment,) = found["shipments"]
    assert (found["status"], shipment["status"]) == ("Exception", "Exception")
    assert shipment["estimated_fulfillment_date_status"] == "AwaitingInventoryAllocation"
    assert shipment["status_details"][0]["name"] == "OutOfStock"


def test_an_order_put_aside_is_on_hold(account: Account) -> None:
    account.create()
    account.floor.hold("B2B1042")
    (shipment,) = account.order("B2B1042")["shipments"]
    assert (shipment["status"], shipment["status_details"][0]["name"]) == ("OnHold", "ManuallyHeld")


def test_units_given_up_are_a_cancelled_shipment(account: Account) -> None:
    account.create()
    account.floor.ship("B2B1042", {"1": 2}, close_rest=True)
    found = account.order("B2B1042")
    assert found["status"] == "Fulfilled"
    assert [each["status"] for each in found["shipments"]] == ["Completed", "Cancelled"]


def test_orders_come_in_pages_by_number_with_a_header_for_the_next(account: Account) -> None:
    for number in range(3):
        account.create(reference_id=f"B2B{number}")
    first = account.http.get("/order", params={"Limit": 2, "SortOrder": "Oldest"})
    assert [each["reference_id"] for each in first.json()] == ["B2B0", "B2B1"]
    assert "next-page" in first.headers
    second = account.http.get("/order", params={"Limit": 2, "SortOrder": "Oldest", "Page": 2})
    assert [each["reference_id"] for each in second.json()] == ["B2B2"]
    assert "next-page" not in second.headers
    assert [each["reference_id"] for each in account.http.get("/order").json()] == ["B2B2", "B2B1", "B2B0"]
    assert account.http.get("/order", params={"Limit": 251}).status_code == 400


def test_orders_are_listed_by_their_last_update(account: Account) -> None:
    account.create(reference_id="B2B1")
    account.pass_time(60)
    account.create(reference_id="B2B2")
    account.pass_time(60)
    account.floor.ship("B2B1", {"1": 1})

    def since(name: str, at: str) -> list[str]:
        return [each["reference_id"] for each in account.http.get("/order", params={name: at}).json()]

    assert since("LastUpdateStartDate", "2026-11-23T12:01:00Z") == ["B2B1"]
    assert since("LastUpdateStartDate", "2026-11-23T12:00:59Z") == ["B2B2", "B2B1"]
    assert since("LastTrackingUpdateStartDate", "2026-11-23T11:00:00Z") == ["B2B1"]
    assert account.http.get("/order", params={"LastUpdateStartDate": "yesterday"}).status_code == 400


def test_stock_comes_in_pages_whose_address_leaves_out_host_and_version(account: Account) -> None:
    account.floor.load_products({f"P{number}": "P" for number in range(3)})
    pages, path = [], "/inventory-level?PageSize=2"
    while path:
        page = account.http.get(path).json()
        pages.append([each["sku"] for each in page["items"]])
        path = page["next"]
    assert pages == [["MUG", "LAMP"], ["P0", "P1"], ["P2"]]


def test_an_order_reserves_stock_and_a_dispatch_takes_it(account: Account) -> None:
    def mug() -> tuple[int, int, int]:
        level = account.http.get("/inventory-level").json()["items"][0]
        return tuple(level[f"total_{each}_quantity"] for each in ("on_hand", "committed", "fulfillable"))

    account.create()
    assert mug() == (100, 3, 97)
    account.floor.ship("B2B1042")
    assert mug() == (97, 0, 97)


@pytest.mark.parametrize(
    ("query", "found"), [("any:MUG,NONE", ["MUG"]), ("mu", ["MUG"]), ("NONE", []), ("any:MUG,LAMP", ["MUG", "LAMP"])]
)
def test_products_are_found_by_a_list_of_skus_or_a_part_of_one(account: Account, query: str, found: list[str]) -> None:
    items = account.http.get("/product", params={"SKU": query}).json()["items"]
    assert [each["variants"][0]["sku"] for each in items] == found


def test_a_simulated_shipment_leaves(account: Account) -> None:
    account.create()
    (waiting,) = account.order("B2B1042")["shipments"]
    asked = {"shipment_id": str(waiting["id"]), "simulation": {"action": "ShipOrder"}}
    assert account.http.post("/simulate/shipment", json=asked).status_code == 200
    assert account.order("B2B1042")["status"] == "Fulfilled"
    assert account.http.post("/simulate/shipment", json={"shipment_id": "7"}).status_code == 400


def test_a_fault_spoils_the_named_operation_alone(account: Account) -> None:
    account.floor.faults([{"operation": "create-order", "kind": "5xx_after"}])
    assert account.http.get("/order").status_code == 200
    assert account.create().status_code == 500
    assert len(account.floor.held()) == 1
    assert account.floor.calls()["create-order"] == 1
