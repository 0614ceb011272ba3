"""Every request that the adapter can send is one that ShipBob's OpenAPI 2026-01 allows."""

from __future__ import annotations

import json
from dataclasses import replace

from demo.truth.openapi import OpenApi
from include.fulfilment.ports import Created
from tests.adapters.warehouse.shipbob.kit import LATE, NOW, ORDER, of, on
from tests.sandbox.shipbob.account import Account

OPERATIONS = {"create-order", "get-orders", "get-products", "get-all-inventory-levels"}


def test_every_request_is_as_the_description_says(account: Account, openapi: OpenApi) -> None:
    account.floor.act("packs", MUG={"CS": 12})
    account.floor.load_products({f"P{number}": "P" for number in range(251)} | {"A,B": "comma"})
    agreed = {"instructions_in": "gift_message", "line_unit": "pack", "location_id": 8, "carrier_type": "Freight"}
    rich = replace(ORDER, instructions="Ring twice", external_ref="B2B1")
    bare = of(("L1", "A,B", 1), external_ref="B2B2", po_number="", requested_on=None)
    bare = replace(bare, ship_to=replace(ORDER.ship_to, company="", address2="", province="", postcode="", phone=""))
    for warehouse, order in ((on(account, **agreed), rich), (on(account), ORDER), (on(account), bare)):
        assert isinstance(warehouse.submit(order, LATE), Created)
        warehouse.find([order.external_ref, "B2BNONE"])
    on(account).read_stock()
    list(on(account).read_shipments(None))
    list(on(account).read_shipments(NOW))
    sent: set[str] = set()
    for request, _ in account.ear.heard:
        body = json.loads(request.content) if request.content else None
        query = dict(request.url.params)
        wrong = openapi.wrong_in_request(request.method, request.url.path, query, dict(request.headers), body)
        assert wrong == [], f"{request.method} {request.url.path}"
        sent.add(openapi.operation(request.method, request.url.path)[1]["operationId"])
    assert sent == OPERATIONS


def test_every_call_is_counted_under_the_vendors_own_name_of_the_operation(account: Account) -> None:
    on(account).submit(ORDER, LATE)
    on(account).read_stock()
    list(on(account).read_shipments(None))
    assert set(account.floor.calls()) == OPERATIONS
