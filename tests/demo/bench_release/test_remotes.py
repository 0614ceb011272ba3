"""The bench's quick shop and warehouse, as our own adapters see them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from demo.bench_release.orders import read_bench_orders
from demo.bench_release.remotes import Remotes
from include.fulfilment.adapters.storefront.shopify import ShopifyStorefront
from include.fulfilment.adapters.storefront.shopify.settings import ShopifySettings
from include.fulfilment.adapters.transport import Transport
from include.fulfilment.adapters.warehouse.shipbob import ShipBobWarehouse
from include.fulfilment.adapters.warehouse.shipbob.order import Options
from include.fulfilment.domain.order import SalesOrder
from include.fulfilment.ports import Absent, AlreadyExists, Created, WarehouseRecord, differences
from tests.store.seeds import warehouse_order

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def wire(remotes: Remotes) -> Transport:
    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        status, found = remotes.answer(request.method, str(request.url), body)
        return httpx.Response(status, json=found)

    to = httpx.MockTransport(answer)
    return Transport("http://127.0.0.1:1/2026-01", system="bench", connection_id="bench", wire=to)


def read(file: Path | None, wanted: int, held: int) -> list[SalesOrder]:
    remotes = Remotes(read_bench_orders(file, wanted).records)
    remotes.answer("POST", "/bench/begin", {"orders": held})
    settings = ShopifySettings("1", credit_contains="placed_orders")
    shop = ShopifyStorefront(wire(remotes), settings, lambda: NOW)
    return [each for page in shop.read_orders(None) for each in page.orders]


def test_the_shop_gives_every_order_with_all_of_its_lines(tmp_path: Path) -> None:
    rows = [f"536365,SKU{number},Mug,6,2026-03-02 08:08,2.55,17850,United Kingdom" for number in range(70)]
    file = tmp_path / "orders.csv"
    head = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    file.write_text("\n".join([head, *rows]), encoding="utf-8")
    (order,) = read(file, 1, 1)
    assert [line.sku for line in order.lines] == [f"SKU{number}" for number in range(70)]
    assert (order.problems, order.account_id) == ((), "customer:17850")


def test_a_smaller_file_is_repeated_under_new_numbers() -> None:
    first = read_bench_orders(None, 10_000).records
    names = {each["name"] for each in first}
    assert len(first) == len(names) == 10_000
    assert [each.name for each in read(None, 30, 25)] == [f"#{number}" for number in range(1, 26)]


def test_the_warehouse_holds_what_it_was_sent_and_refuses_it_twice() -> None:
    warehouse = ShipBobWarehouse(wire(Remotes([])), Options(), lambda: NOW)
    order, until = warehouse_order(1042, 40), NOW + timedelta(minutes=1)
    assert warehouse.find(["B2B1042"]) == {"B2B1042": Absent()}
    assert warehouse.submit(order, until) == Created("1")
    held = warehouse.find(["B2B1042"])["B2B1042"]
    assert isinstance(held, WarehouseRecord)
    assert differences(order, held) == ("instructions",) * bool(order.instructions)
    assert isinstance(warehouse.submit(order, until), AlreadyExists)
