"""Real invoices: exact figures over the Online Retail file, where it is at hand."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from demo.orders import read_orders
from demo.orders_types import LoadedOrders, LoadOrder
from include.fulfilment.domain.credit import CreditQueue, OpenOrder

CHECKOUT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("FULFILMENT_SHARED", CHECKOUT.parent / "shared"))
FILE = SHARED / "data" / "orders" / "online_retail_2010-12_to_2011-09.parquet"

pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"no real order file {FILE.name} beside the checkout")


@pytest.fixture(scope="module")
def loaded() -> LoadedOrders:
    return read_orders(FILE, 300)


def test_the_first_300_orders_and_what_is_skipped_on_the_way(loaded: LoadedOrders) -> None:
    assert (len(loaded.orders), loaded.line_count) == (300, 6476)
    assert (loaded.orders[0]["name"], loaded.orders[-1]["created_at"]) == ("#536365", "2010-12-03T12:43:00+00:00")
    assert loaded.skipped == {
        "cancellation_orders": 33,
        "non_stock_rows": 17,
        "not_positive_quantity_rows": 2,
        "nothing_left_orders": 15,
        "zero_price_rows": 12,
    }
    assert loaded.kept == {
        "case_collision_skus": 26,
        "duplicate_rows": 101,
        "same_sku_on_two_lines_orders": 30,
        "two_minutes_orders": 1,
        "without_customer_orders": 19,
    }
    assert loaded.bad_rows == []


def test_units_and_money_are_those_of_the_file(loaded: LoadedOrders) -> None:
    wanted = {order["name"][1:] for order in loaded.orders}
    rows = pq.read_table(FILE, columns=["InvoiceNo", "StockCode", "Quantity", "UnitPrice"]).to_pylist()
    goods = [
        (row["Quantity"], Decimal(str(row["UnitPrice"])))
        for row in rows
        if row["InvoiceNo"] in wanted and row["Quantity"] > 0 and row["UnitPrice"] > 0 and row["StockCode"][0].isdigit()
    ]
    units = {row["sku"]: row["units_per_uom"] for row in loaded.pack_rows}
    lines = [line for order in loaded.orders for line in order["lines"]]
    assert sum(line["quantity"] * units[line["sku"]] for line in lines) == sum(quantity for quantity, _ in goods)
    assert sum(units for _, units in loaded.base_units.values()) == sum(quantity for quantity, _ in goods)
    money = sum(line["quantity"] * Decimal(line["unit_price"]) for line in lines)
    assert money == sum(quantity * price for quantity, price in goods)


def test_enough_orders_are_held_at_first_and_each_can_be_helped(loaded: LoadedOrders) -> None:
    assert Counter(remedy.hold for remedy in loaded.remedies.values()) == {
        "credit_limit_exceeded": 30,
        "po_missing": 27,
        "payment_pending": 9,
    }
    assert loaded.stays_held == {}


def test_first_come_first_served_leaves_49_orders_partly_waiting(loaded: LoadedOrders) -> None:
    free = Counter(loaded.stock.first)
    units = {row["sku"]: (row["base_sku"], row["units_per_uom"]) for row in loaded.pack_rows}
    short: dict[str, int] = Counter()
    for order in loaded.orders:
        for line in order["lines"] if order["name"] not in loaded.remedies else ():
            base, per = units[line["sku"]]
            sent = min(line["quantity"], free[base] // per) * per
            free[base] -= sent
            short[order["name"]] += line["quantity"] * per - sent
    expected = {name: sum(by_sku.values()) for name, by_sku in loaded.stock.short.items()}
    assert {name: units for name, units in short.items() if units} == expected
    assert len(expected) == 49


def test_both_receipts_cover_every_order(loaded: LoadedOrders) -> None:
    wanted = Counter[str]()
    for sku, units in loaded.base_units.values():
        wanted[sku] += units
    received = Counter(loaded.stock.first) + Counter(loaded.stock.second)
    assert all(received[sku] >= units for sku, units in wanted.items())


def test_a_later_start_and_another_limit_choose_the_same_for_the_same_order(loaded: LoadedOrders) -> None:
    fewer = read_orders(FILE, 50)
    assert [order["note"] for order in fewer.orders] == [order["note"] for order in loaded.orders[:50]]
    assert [order["financial_status"] for order in fewer.orders] == [
        order["financial_status"] for order in loaded.orders[:50]
    ]


def test_by_the_release_rules_only_the_orders_with_a_credit_remedy_are_over_their_limit(loaded: LoadedOrders) -> None:
    credit = {
        customer["key"]: json.loads(field["value"], parse_float=Decimal)
        for customer in loaded.customers
        for field in customer["metafields"]
        if field["key"] == "payment_on_account"
    }
    placed = [_open_order(order) for order in loaded.orders if order["customer_key"] in credit]
    queue = CreditQueue(placed)
    over = set()
    for order in placed:
        account = credit[order.account_id]
        used = queue.exposure_before(order.order_id, order.account_id, account["balance"], "placed_orders")
        if used + order.total_gross > account["credit_limit"]:
            over.add(order.order_id)
    assert over == {name for name, remedy in loaded.remedies.items() if remedy.hold == "credit_limit_exceeded"}


def _open_order(order: LoadOrder) -> OpenOrder:
    net = sum((line["quantity"] * Decimal(line["unit_price"]) for line in order["lines"]), Decimal(0))
    net += Decimal(order["shipping_line"]["price"])
    gross = (net * (1 + Decimal(order["tax_rate"]))).quantize(Decimal("0.01"))
    return OpenOrder(order["name"], order["customer_key"], datetime.fromisoformat(order["created_at"]), gross)
