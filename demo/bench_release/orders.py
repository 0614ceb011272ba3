"""Orders of any Online Retail file as a shop's own records, all of which may be released."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

from demo.orders_buyers import country_code
from demo.orders_file import invoices, read_table
from demo.orders_rules import Invoice, read_invoice
from demo.orders_sample import SAMPLE_ORDERS
from demo.orders_shape import SHIPPING_METHODS
from demo.orders_types import PackCatalogueRow, Tally
from demo.site import LARGEST_LINE_BASE
from include.fulfilment.errors import ConfigError

Json = dict[str, Any]
_FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)
_CREDIT = json.dumps({"credit_limit": "1000000000", "balance": "0", "currency_code": "GBP", "net_terms": 30})


@dataclass(frozen=True)
class BenchOrders:
    """What the shop holds, one record an order; the merchant's packs: every SKU is a single."""

    records: list[Json]
    packs: list[PackCatalogueRow]


def read_bench_orders(file: Path | None, wanted: int) -> BenchOrders:
    """So many orders of the file (of the bundled sample without one); a smaller one is repeated under new numbers.

    Raises:
        ConfigError: the file cannot be used or holds no order.
    """
    tally = Tally()
    found = islice(invoices(read_table(file or SAMPLE_ORDERS, tally)), 2 * wanted)
    taken = [order for rows in found if (order := read_invoice(rows, tally)) is not None][:wanted]
    if not taken:
        raise ConfigError(f"{(file or SAMPLE_ORDERS).name} holds no order that loads; give another file")
    records = [
        shop_record(number, order) for number, order in zip(range(1, wanted + 1), _repeated(taken), strict=False)
    ]
    skus = sorted({line.sku for order in taken for line in order.lines})
    return BenchOrders(records, [_single(sku) for sku in skus])


def _repeated(orders: Sequence[Invoice]) -> Iterator[Invoice]:
    for number in count():
        yield orders[number % len(orders)]


def _single(sku: str) -> PackCatalogueRow:
    return {"sku": sku, "uom": "EA", "uom_scheme": "x12", "base_sku": sku, "units_per_uom": 1, "version": "1"}


def shop_record(number: int, order: Invoice) -> Json:
    """The order in the words of Shopify's Admin API, with all its lines: on account where the file names a customer,
    with room on the account, else paid by card."""
    at = (_FIRST + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
    lines = [_line(number, position, each.sku, each.title, each.quantity, str(each.price))
             for position, each in enumerate(order.lines, start=1)]  # fmt: skip
    total = sum((min(each.quantity, LARGEST_LINE_BASE) * each.price for each in order.lines), order.goods * 0)
    customer = order.customer or f"web{number}"
    country = country_code(order.country)
    return {
        "id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "note": "",
        "poNumber": f"PO-{number}",
        "createdAt": at,
        "processedAt": at,
        "updatedAt": at,
        "cancelledAt": None,
        "currencyCode": "GBP",
        "taxesIncluded": False,
        "displayFinancialStatus": "PENDING" if order.customer else "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "customAttributes": [
            {"key": "sparkCartId", "value": f"bench-{number}"},
            {"key": "sparkPaymentType", "value": "paymentOnAccount" if order.customer else "upfrontPayment"},
        ],
        "customer": _customer(customer, number, on_account=bool(order.customer)),
        "purchasingEntity": {},
        "shippingAddress": _address(customer, country if len(country) == 2 and country != "ZZ" else "GB"),
        "shippingLine": {"title": SHIPPING_METHODS[0]},
        "total": _money(str(total)),
        "tax": _money("0"),
        "fulfillmentOrders": {"nodes": [{"status": "OPEN"}]},
        "lines": lines,
    }


def _customer(key: str, number: int, *, on_account: bool) -> Json:
    own = int(key) if key.isascii() and key.isdigit() and len(key) < 15 else 10**15 + number
    credit = {"value": _CREDIT} if on_account else None
    return {
        "id": f"gid://shopify/Customer/{own}",
        "displayName": key,
        "credit": credit,
        "poRequired": None,
        "onStop": None,
    }


def _address(name: str, country: str) -> Json:
    return {
        "name": f"Buyer {name}", "company": f"Company {name}", "address1": "1 High Street", "address2": "",
        "city": "Leeds", "province": "", "zip": "LS1 1AA", "countryCodeV2": country, "phone": "",
    }  # fmt: skip


def _line(number: int, position: int, sku: str, title: str, quantity: int, price: str) -> Json:
    units = min(quantity, LARGEST_LINE_BASE)  # a slip of the keyboard would be held
    return {
        "id": f"gid://shopify/LineItem/{number * 10_000 + position}",
        "sku": sku,
        "title": title,
        "quantity": units,
        "currentQuantity": units,
        "unfulfilledQuantity": units,
        "requiresShipping": True,
        "originalUnitPriceSet": _money(price),
    }


def _money(amount: str) -> Json:
    return {"shopMoney": {"amount": amount}}
