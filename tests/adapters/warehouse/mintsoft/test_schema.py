"""Everything the adapter sends, and everything it is answered, has the names and types of Mintsoft's Swagger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from demo.truth.swagger import Swagger
from include.fulfilment.adapters.registry import make_warehouse
from include.fulfilment.adapters.warehouse.mintsoft.client import STATE_CHANGING, changes_state
from include.fulfilment.ports import Created
from tests.contract.kit import Bench
from tests.contract.orders import LATE, an_order, goods, ship
from tests.contract.wire import connected_otherwise

SENT = {
    "POST /api/Auth",
    "GET /api/Order/Statuses",
    "GET /api/Order/Search",
    "PUT /api/Order",
    "GET /api/Order/List",
    "GET /api/Order/{id}/Shipments",
    "GET /api/Product/Inventory/Bulk",
}


@pytest.fixture
def swagger(shared_folder: Path) -> Swagger:
    file = shared_folder / "specs" / "mintsoft" / "mintsoft-swagger2-rebuilt.json"
    if not file.exists():
        pytest.skip(f"the vendor's schema is not beside this checkout: {file.name} (set FULFILMENT_SHARED)")
    return Swagger(file)


def everything(bench: Bench) -> None:
    """Use all that the adapter can do, with every field of an order and with the account's client named."""
    one, two = goods(bench, 50, 7)
    order = an_order((one, 24), (two, 5), instructions="Ring twice", requested_on=date(2026, 12, 1))
    bench.wire.clear()
    assert bench.wire.given is not None
    given = connected_otherwise(bench.wire.given, po_in_comments=True)
    warehouse = make_warehouse(replace(given, connection=replace(given.connection, extra={"client_id": 77})))
    assert isinstance(warehouse.submit(order, LATE), Created)
    warehouse.find([order.external_ref])
    ship(bench, order, {order.lines[0].line_id: 4}, parcels=[("DPD", "T1", {}), ("Palletline", "T2", {})])
    bench.floor.close_short(order.external_ref, order.lines[1].line_id, 5)
    cursor = list(warehouse.read_shipments(None))[-1].read_to
    list(warehouse.read_shipments(cursor))
    warehouse.read_stock()


def test_every_request_and_every_answer_is_as_described(bench: Bench, swagger: Swagger) -> None:
    everything(bench)
    heard = bench.wire.heard
    assert {f"{each.method} {swagger.template(urlsplit(each.url).path)}" for each in heard} == SENT
    asked = [(each.method, each.url, swagger.judge_request(each.method, each.url, each.sent)) for each in heard]
    assert [each for each in asked if each[2]] == []
    told = [swagger.judge_answer(each.method, each.url, each.status, each.answer) for each in heard]
    assert [each for each in told if each] == []


def test_the_judge_sees_a_name_and_a_type_that_are_wrong(swagger: Swagger) -> None:
    url = "https://api.example/api/Order"
    assert sorted(swagger.judge_request("PUT", url, '{"OrderNumbr": "B2B1", "WarehouseId": "three"}')) == [
        ": Additional properties are not allowed ('OrderNumbr' was unexpected)",
        "WarehouseId: 'three' is not valid under any of the given schemas",
    ]
    listing = f"{url}/List?Limit=1.5&SinceUpdated=2026-11-23T10:00:00&SinceLastUpdated=yesterday"
    assert swagger.judge_request("GET", listing, "") == [
        ": 1.5 is not of type 'integer'",
        "SinceUpdated: not described",
        ": 'yesterday' is not a 'date-time'",
    ]


def test_the_table_of_gets_that_change_something_is_mintsofts(swagger: Swagger) -> None:
    assert swagger.state_changing() == STATE_CHANGING
    assert len(STATE_CHANGING) == 19


def test_no_read_of_ours_changes_anything(bench: Bench) -> None:
    everything(bench)
    reads = {urlsplit(each.url).path for each in bench.wire.heard if each.method == "GET"}
    assert len(reads) >= 5
    assert [path for path in reads if changes_state(path)] == []
