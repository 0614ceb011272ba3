"""From the rows of one invoice to an order of goods, by the rules that demo/orders.py states."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from demo.orders_file import Row
from demo.orders_types import GoodsLine, Tally

CARRIAGE_CODES = frozenset({"POST", "DOT", "C2"})
"""Postage, the web shop's postage, carriage: their money is the order's shipping price."""
ADJUSTMENT_CODES = frozenset({"M", "D", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK", "PADS"})
"""Manual entries, discounts, samples, fees: their money is the order's adjustment."""
GIFT_PREFIX = "GIFT_"
MAX_QUANTITY = 1_000_000_000
"""More than any shop takes on a line."""
MAX_ID, MAX_TEXT = 100, 1_000
"""Characters of a number, code, customer or country, and of a description."""
CONTROL = re.compile(r"[\x00-\x1f]")
WHOLE = re.compile(r"^[+-]?\d+(\.0*)?$")
NUMBER = re.compile(r"^[+-]?\d{1,6}(\.\d{1,6})?$")


@dataclass(frozen=True, slots=True)
class Invoice:
    """An order of goods. Money is net pounds; `at` is UTC; `customer` is empty where the file names none."""

    number: str
    at: datetime
    customer: str
    country: str
    lines: tuple[GoodsLine, ...]
    carriage: Decimal
    adjustment: Decimal

    @property
    def goods(self) -> Decimal:
        return sum((line.quantity * line.price for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class _Figures:
    row: Row
    quantity: int
    price: Decimal


def read_invoice(rows: list[Row], tally: Tally) -> Invoice | None:
    """The order in these rows, or None when nothing of it is an order; either way everything left out is counted."""
    first = rows[0]
    kind = _not_an_order(first.invoice)
    if kind:
        tally.skipped[kind] += 1
        return None
    rows = [row for row in rows if not _has_control_character(row, tally)]
    figures = [found for row in rows if (found := _read_figures(row, tally))]
    goods = [found for found in figures if not is_non_stock(found.row.sku) and _is_sale(found, tally)]
    if not goods:
        tally.skipped["nothing_left_orders"] += 1
        return None
    money = [found for found in figures if is_non_stock(found.row.sku)]
    _count_unusual(rows, goods, money, tally)
    carriage = _sum(found for found in money if found.row.sku.upper() in CARRIAGE_CODES)
    adjustment = _sum(found for found in money if found.row.sku.upper() not in CARRIAGE_CODES)
    return Invoice(
        number=first.invoice,
        at=min(row.at_utc for row in rows),
        customer=next((row.customer for row in rows if row.customer), ""),
        country=rows[0].country,
        lines=tuple(_goods_line(position, found) for position, found in enumerate(goods, start=1)),
        carriage=max(carriage, Decimal(0)),
        adjustment=adjustment + min(carriage, Decimal(0)),
    )


def is_non_stock(sku: str) -> bool:
    """Whether the code is money rather than goods; the letter case of these codes varies in the file."""
    code = sku.upper()
    return code in CARRIAGE_CODES or code in ADJUSTMENT_CODES or code.startswith(GIFT_PREFIX)


def _not_an_order(number: str) -> str:
    prefix = number[:1].upper()
    return {"C": "cancellation_orders", "A": "bad_debt_orders"}.get(prefix, "")


def _has_control_character(row: Row, tally: Tally) -> bool:
    """NUL anywhere, as PostgreSQL stores none, or any control character in the texts that are keys."""
    if "\0" not in row.description + row.customer + row.country and not CONTROL.search(row.invoice + row.sku):
        return False
    detail = f"invoice {row.invoice[:MAX_ID]!r}, StockCode {row.sku[:MAX_ID]!r}"
    tally.bad(row.number, "control_character_rows", detail)
    return True


def _read_figures(row: Row, tally: Tally) -> _Figures | None:
    if not row.sku:
        tally.bad(row.number, "missing_sku_rows", f"invoice {row.invoice} has a row without StockCode")
        return None
    if max(map(len, (row.invoice, row.sku, row.customer, row.country))) > MAX_ID or len(row.description) > MAX_TEXT:
        tally.bad(row.number, "overlong_cell_rows", f"invoice {row.invoice}: a cell is longer than any shop takes")
        return None
    reason, quantity = parse_quantity(row.quantity)
    if reason:
        tally.bad(row.number, reason, f"invoice {row.invoice}: Quantity is {row.quantity!r}")
        return None
    try:
        price = Decimal(row.price)
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or not NUMBER.match(f"{price.normalize():f}"):
        tally.bad(row.number, "unreadable_price_rows", f"invoice {row.invoice}: UnitPrice is {row.price!r}")
        return None
    return _Figures(row, quantity, price)


def parse_quantity(text: str) -> tuple[str, int]:
    """The reason it is not a whole number ("" when it is), and the number. Nothing is rounded."""
    if WHOLE.match(text):
        digits = text.split(".")[0]
        if len(digits) > 11 or abs(int(digits)) > MAX_QUANTITY:
            return "absurd_quantity_rows", 0
        return "", int(digits)
    return ("fractional_quantity_rows" if NUMBER.match(text) else "unreadable_quantity_rows"), 0


def _is_sale(found: _Figures, tally: Tally) -> bool:
    """Stock adjustments (no or negative quantity) and give-aways (no or negative price) are not sold goods."""
    if found.quantity <= 0:
        tally.skipped["not_positive_quantity_rows"] += 1
        return False
    if found.price <= 0:
        tally.skipped["negative_price_rows" if found.price < 0 else "zero_price_rows"] += 1
        return False
    return True


def _sum(money: Iterable[_Figures]) -> Decimal:
    return sum((found.quantity * found.price for found in money), Decimal(0))


def _goods_line(position: int, found: _Figures) -> GoodsLine:
    row = found.row
    return GoodsLine(f"{row.invoice}-{position}", row.sku, row.description or row.sku, found.quantity, found.price)


def _count_unusual(rows: list[Row], goods: list[_Figures], money: list[_Figures], tally: Tally) -> None:
    tally.skipped["non_stock_rows"] += len(money)
    tally.kept["duplicate_rows"] += len(goods) - len({_cells(found.row) for found in goods})
    tally.kept["blank_description_rows"] += sum(not found.row.description for found in goods)
    tally.kept["same_sku_on_two_lines_orders"] += len({found.row.sku for found in goods}) < len(goods)
    tally.kept["two_minutes_orders"] += len({row.at for row in rows}) > 1
    tally.kept["without_customer_orders"] += not any(row.customer for row in rows)


def _cells(row: Row) -> tuple[object, ...]:
    return (row.sku, row.description, row.quantity, row.price, row.at, row.customer, row.country)
