"""Every answer of the sandbox is one that ShipBob's OpenAPI 2026-01 allows."""

from __future__ import annotations

from demo.truth.openapi import OpenApi
from tests.sandbox.shipbob.account import Account, order


def test_every_answer_is_as_the_description_says(account: Account, openapi: OpenApi) -> None:
    account.floor.act("packs", MUG={"CS": 12})
    account.create(gift_message="Ring twice", tags=[{"name": "line-1", "value": "L1"}], location_id=9)
    account.create()  # 422
    account.create(reference_id="B2B2", products=[])  # 400
    dates = {
        "delivery_date": "2026-11-26T12:00:00Z",
        "retailer_program_type": "SB-B2B",
        "shipByDate": "2026-11-25T12:00:00Z",
    }
    case = {"reference_id": "MUG", "name": "Mug", "quantity": 2, "quantity_unit_of_measure_code": "CS"}
    account.create(reference_id="B2B3", retailer_program_data=dates, products=[case])
    account.create(reference_id="B2B4", products=[{"reference_id": "LAMP", "name": "Lamp", "quantity": 99}])
    account.create(reference_id="B2B5", type="DTC", retailer_program_data=None, shipping_terms=None)
    account.create(reference_id="B2B6")
    account.floor.ship("B2B1042", {"L1": 1}, [("DPD", "T1", {"L1": 1})])
    account.floor.label("B2B3")
    account.floor.hold("B2B5")
    account.floor.cancel("B2B6")
    account.floor.close_short("B2B1042", "2", 1)
    for params in ({}, {"Limit": "2"}, {"ReferenceIds": "B2B3,NONE"}, {"Limit": "999"}):
        account.http.get("/order", params=params)
    (found,) = account.http.get("/order", params={"ReferenceIds": "B2B1042"}).json()
    account.http.get(f"/order/{found['id']}")
    account.http.get("/order/1")
    account.http.get(f"/shipment/{found['shipments'][0]['id']}")
    account.http.get("/product", params={"SKU": "any:MUG"})
    account.http.get("/inventory-level", params={"PageSize": "1"})
    asked = {"shipment_id": str(found["shipments"][0]["id"]), "simulation": {"action": "ShipOrder"}}
    account.http.post("/simulate/shipment", json=asked)
    account.http.get("/order", headers={"Authorization": ""})
    wrong = {
        f"{request.method} {request.url.path} {response.status_code}": found
        for request, response in account.ear.heard
        if (found := openapi.wrong_in_answer(request.method, request.url.path, response.status_code, response.json()))
    }
    assert wrong == {}
    assert {response.status_code for _, response in account.ear.heard} == {200, 201, 400, 401, 404, 422}
    assert len({(request.method, request.url.path.split("/")[2]) for request, _ in account.ear.heard}) == 6


def test_the_judge_finds_a_field_too_many_a_wrong_type_and_a_wrong_instant(openapi: OpenApi) -> None:
    headers = {"authorization": "x", "shipbob_channel_id": "1"}

    def wrong(**changes: object) -> list[str]:
        return openapi.wrong_in_request("POST", "/2026-01/order", {}, headers, order(**changes))

    assert wrong() == []
    assert len(wrong(instructions="Ring twice")) == 1
    assert len(wrong(location_id="8")) == 1
    assert len(wrong(purchase_date="yesterday")) == 1
    assert len(wrong(type="Wholesale")) == 1
    assert openapi.wrong_in_request("GET", "/2026-01/order", {"Reference": "1"}, headers, None) == ["query Reference"]
    assert openapi.wrong_in_answer("GET", "/2026-01/inventory-level", 200, {"items": [{"sku": 1}]}) != []
