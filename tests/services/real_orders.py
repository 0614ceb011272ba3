"""Real orders in the store, decided week by week by the real rules: what a what-if over a quarter has to read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from demo.orders import read_orders
from demo.orders_types import LoadedOrders, LoadOrder
from include.fulfilment.domain.order import Address, CreditAccount, PaymentMethod, PaymentState, SalesLine, SalesOrder
from include.fulfilment.domain.quantity import PackRow
from include.fulfilment.ports import CreditReading, PackSnapshot, StockLevel, StockSnapshot
from include.fulfilment.services import order_release
from include.fulfilment.settings import Site, load_site
from include.fulfilment.store.database import PostgresStore
from tests.fakes import FakeWarehouse
from tests.site_files import CREDIT, write_site

UNTIL = datetime(2011, 9, 30, 22, tzinfo=UTC)
WEEKS = 13
WEEK = timedelta(weeks=1)
RELEASE: dict[str, Any] = {
    "version": "quarter-1",
    "demo": True,
    "largest_order_gross": {"GBP": 5000},
    "start": "2011-01-01T00:00:00Z",
}


def decided_quarter(file: Path, folder: Path, store: PostgresStore, code: str) -> tuple[int, int]:
    """Write the site into `folder`, then record and decide thirteen weeks of the file's orders. Card orders that are
    not paid at first are paid a week later. Answers how many orders and lines there are."""
    loaded = read_orders(file, None)
    chosen = [each for each in loaded.orders if _at(each) >= UNTIL - WEEKS * WEEK]
    _write_site(folder, loaded, code, {each["shipping_line"]["title"] for each in chosen})
    site, required = load_site(code, folder), _who_needs_a_po(loaded)
    orders = [_order(each, required) for each in chosen]
    accounts, catalogue = list(_accounts(loaded)), _catalogue(loaded)
    for week in range(1, WEEKS + 1):
        now = UNTIL - (WEEKS - week) * WEEK
        new = [each for each in orders if now - WEEK <= each.placed_at < now]
        paid = [_paid(each, now) for each in orders if now - 2 * WEEK <= each.placed_at < now - WEEK]
        levels = tuple(StockLevel(sku, "A", units) for sku, units in loaded.stock.first.items() if units)
        with store.transaction() as rows:
            rows.orders.record([*new, *paid], now)
            rows.credit.record((), CreditReading(tuple(replace(each, as_of=now) for each in accounts)), "ledger", now)
            rows.packs.record_packs(catalogue, now)
            rows.stock.record_snapshot("main", StockSnapshot(now - timedelta(minutes=5), levels), True, now)
        _decide(store, site, now)
    return len(orders), sum(len(each.lines) for each in orders)


def _decide(store: PostgresStore, site: Site, now: datetime) -> None:
    order_release.decide(store, site, {site.warehouse.code: FakeWarehouse(lambda: now)}, lambda: now)


def _write_site(folder: Path, loaded: LoadedOrders, code: str, methods: set[str]) -> None:
    site = {
        "code": code,
        "timezone": "Europe/London",
        "storefront": {"dialect": "shopify", "location_id": "1"},
        "warehouse": {"code": "main", "dialect": "tryton", "services": dict.fromkeys(sorted(methods), "standard")},
        "credit": CREDIT | {"contains": "placed_orders"},
        "packs": {},
        "release": RELEASE,
    }
    write_site(folder, site)


def _catalogue(loaded: LoadedOrders) -> PackSnapshot:
    """As it was before the first of the orders."""
    rows = (
        PackRow(row["sku"], row["base_sku"], row["uom"], "ours", row["units_per_uom"], row["version"], "packs.csv")
        for row in loaded.pack_rows
    )
    return PackSnapshot(tuple(rows), "1", UNTIL - (WEEKS + 1) * WEEK)


def _at(order: LoadOrder) -> datetime:
    return datetime.fromisoformat(order["created_at"]).astimezone(UTC)


def _paid(order: SalesOrder, now: datetime) -> SalesOrder:
    state = PaymentState.PAID if order.payment_method is PaymentMethod.CARD else order.payment_state
    return replace(order, payment_state=state, updated_at=now)


def _who_needs_a_po(loaded: LoadedOrders) -> set[str]:
    return {
        each["key"]
        for each in loaded.customers
        for field in each["metafields"]
        if field["key"] == "po_required" and field["value"] == "true"
    }


def _accounts(loaded: LoadedOrders) -> Iterator[CreditAccount]:
    """Limits and balances of the invented accounts; the limits many times as high, as no invoice is ever paid here."""
    for each in loaded.customers:
        for field in each["metafields"]:
            if field["key"] == "payment_on_account":
                stated = json.loads(field["value"], parse_float=Decimal)
                limit, balance = Decimal(stated["credit_limit"]) * 20, Decimal(stated["balance"])
                yield CreditAccount(each["key"], limit, balance, "GBP", False, UNTIL, "placed_orders")


def _order(load: LoadOrder, required: set[str]) -> SalesOrder:
    lines = _lines(load)
    net = sum((line.price * line.quantity for line in lines), Decimal(load["shipping_line"]["price"]))
    on_account = load["custom_attributes"]["sparkPaymentType"] == "paymentOnAccount"
    to, number = load["shipping_address"], load["name"].strip("#")
    return SalesOrder(
        order_id=f"cart:{number}",
        platform_id=f"gid://shop/Order/{number}",
        name=load["name"],
        is_draft=False,
        is_b2b=True,
        placed_at=_at(load),
        updated_at=_at(load),
        payment_method=PaymentMethod.ACCOUNT if on_account else PaymentMethod.CARD,
        payment_state=PaymentState(load["financial_status"].lower()),
        payment_word=load["custom_attributes"]["sparkPaymentType"],
        currency=load["currency"],
        total_gross=(net * (1 + Decimal(load["tax_rate"]))).quantize(Decimal("0.01")),
        shipping_net=Decimal(load["shipping_line"]["price"]),
        account_id=load["customer_key"],
        account_name=load["company"]["name"],
        po_number=load["note"].partition("PO: ")[2].partition("\n")[0],
        po_required=load["customer_key"] in required,
        instructions="",
        requested_on=None,
        shipping_method=load["shipping_line"]["title"],
        ship_to=Address(
            name=f"{to['first_name']} {to['last_name']}",
            company=to["company"],
            address1=to["address1"],
            city=to["city"],
            postcode=to["zip"],
            country_code=to["country_code"],
        ),
        cancelled_at=None,
        held_in_shop=False,
        fulfilled_in_shop=False,
        lines=lines,
    )


def _lines(load: LoadOrder) -> tuple[SalesLine, ...]:
    found: Sequence[Any] = load["lines"]
    return tuple(
        SalesLine(str(place), each["sku"], each["title"], each["quantity"], Decimal(each["unit_price"]), place)
        for place, each in enumerate(found, start=1)
    )
