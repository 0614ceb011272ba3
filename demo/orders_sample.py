"""The bundled sample: orders of an invented giftware house (demo/sample), and orders such as no order file can hold but
a shop can: each of those is named with the hold it is expected to keep, or goes through in spite of its looks."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from demo.orders_buyers import address, company
from demo.orders_credit import customer
from demo.orders_shape import CART_NAMESPACE, SHIPPING_METHODS
from demo.orders_types import LoadedOrders, LoadLine, LoadOrder, LoadVariant

SAMPLE = Path(__file__).parent / "sample"
SAMPLE_ORDERS = SAMPLE / "orders.csv"
SAMPLE_PACKS = SAMPLE / "packs.csv"

LONG_PO = "PO-2026-CENTRAL-BUYING-OFFICE-0000471100-REV7"
NASTY_TEXT = "Gift wrap \U0001f381 for شركة الهدايا '; DROP TABLE orders; --"
LONG_TEXT = "Please read all of this before packing. " * 256
SLIP = 80_995
"""A quantity that a buyer of the Online Retail set really typed, and cancelled twelve minutes later."""


@dataclass(frozen=True, slots=True)
class _Awkward:
    """One such order; `hold` is "" where it goes through."""

    name: str
    hold: str
    sku: str
    quantity: int
    note: str


def add_awkward_orders(loaded: LoadedOrders, room: int | None) -> LoadedOrders:
    """The load with up to `room` (None: all) awkward orders after its last one: paid by card, so that nothing but
    their own trouble can hold them. They ask for goods that the first receipt has plenty of."""
    single = next(each for each in loaded.variants if not each["metafields"] and _is_plentiful(each, loaded))
    multiples = next(each for each in loaded.variants if each["metafields"])
    awkward = _orders(single["sku"], multiples)[:room]
    start = datetime.fromisoformat(loaded.orders[-1]["created_at"])
    first = dict(loaded.stock.first)
    for each in awkward:
        first[each.sku] = first.get(each.sku, 0) + (0 if each.hold else each.quantity)
    first = {sku: units for sku, units in first.items() if units}
    made = [_shape(each, start + timedelta(minutes=minute), loaded) for minute, each in enumerate(awkward, start=1)]
    provable = ("", "field_too_long", "quantity_threshold")
    return replace(
        loaded,
        orders=[*loaded.orders, *made],
        customers=[*loaded.customers, *(customer(_key(each), None) for each in awkward)],
        stock=replace(loaded.stock, first=first),
        stays_held=loaded.stays_held | {each.name: each.hold for each in awkward if each.hold},
        base_units=loaded.base_units
        | {(each.name, 1): (each.sku, each.quantity) for each in awkward if each.hold in provable},
    )


def _orders(sku: str, multiples: LoadVariant) -> list[_Awkward]:
    broken = int(multiples["metafields"][0]["value"]) + 1
    return [
        _Awkward("#900001", "order_malformed", "", 3, "PO: PO-90001"),
        _Awkward("#900002", "pack_unknown", "NO-SUCH-SKU", 2, "PO: PO-90002"),
        _Awkward("#900003", "pack_size_violated", multiples["sku"], broken, "PO: PO-90003"),
        _Awkward("#900004", "field_too_long", sku, 1, f"PO: {LONG_PO}"),
        _Awkward("#900005", "field_too_long", sku, 1, f"PO: PO-90005\nDelivery instructions: {LONG_TEXT.strip()}"),
        _Awkward("#900006", "quantity_threshold", sku, SLIP, "PO: PO-90006"),
        _Awkward("#900007", "", sku, 2, f"PO: PO-90007\nDelivery instructions: {NASTY_TEXT}"),
    ]


def _is_plentiful(variant: LoadVariant, loaded: LoadedOrders) -> bool:
    return variant["sku"] in loaded.stock.first and variant["sku"] not in loaded.stock.second


def _key(each: _Awkward) -> str:
    return f"ODD-{each.name[1:]}"


def _shape(each: _Awkward, at: datetime, loaded: LoadedOrders) -> LoadOrder:
    titles = {variant["sku"]: variant["title"] for variant in loaded.variants}
    line: LoadLine = {
        "sku": each.sku,
        "title": titles.get(each.sku, "Something handmade"),
        "quantity": each.quantity,
        "unit_price": "4.95",
        "custom_attributes": {},
    }
    return {
        "name": each.name,
        "source": "order",
        "created_at": at.isoformat(),
        "customer_key": _key(each),
        "company": {"name": company(_key(each))},
        "currency": "GBP",
        "note": each.note,
        "custom_attributes": {
            "sparkCartId": str(uuid.uuid5(CART_NAMESPACE, each.name)),
            "sparkPaymentType": "upfrontPayment",
        },
        "shipping_address": address(_key(each), "GB"),
        "shipping_line": {"title": SHIPPING_METHODS[0], "price": "0.00"},
        "financial_status": "PAID",
        "lines": [line],
        "tax_rate": "0.20",
    }
