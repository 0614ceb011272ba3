"""Writes orders.csv and packs.csv beside this file: an invented giftware house, always the same.

The columns are those of the Online Retail set (Chen, D. (2015), Online Retail, UCI, doi.org/10.24432/C5BW33); no row of
it is copied. The traps are the ones found in it: cancellations, adjustments, postage, duplicate rows, codes that differ
by case, broken packs, and rows that cannot be read.
"""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from demo.orders_chance import number, percent, pick

HERE = Path(__file__).parent
HEADER = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
COLOURS = ("RED", "SAGE", "IVORY", "NAVY", "MUSTARD", "BLUSH")
THINGS = (
    "ENAMEL MUG",
    "TEALIGHT JAR",
    "BUNTING",
    "BISCUIT TIN",
    "TEA TOWEL",
    "PHOTO FRAME",
    "WICKER BASKET",
    "LAVENDER SACHET",
    "EGG CUP SET OF 4",
    "GIFT TAG PACK OF 12",
)
PACKS = (1, 12, 6, 24, 1, 4, 10, 12, 6, 1)
COUNTRIES = ("United Kingdom",) * 8 + ("EIRE", "Germany", "France")
ORDERS = 40
FIRST_INVOICE = 700101
ACCOUNTS = 18

Row = tuple[str, str, str, str, str, str, str, str]


def catalogue() -> list[tuple[str, str, Decimal, int]]:
    """Sixty products: code, description, price of a single in pounds, and pack."""
    made = []
    for colour, shade in enumerate(COLOURS):
        for thing, what in enumerate(THINGS):
            code = f"{71000 + thing * 10}{'ABCDEF'[colour]}"
            pence = 45 + number("price", code) % 900
            made.append((code, f"{shade} {what}", Decimal(pence) / 100, PACKS[thing]))
    return made


def orders() -> list[Row]:
    """The rows of all invoices, in the order in which they were entered."""
    at, rows = datetime(2026, 3, 2, 8, 4), []  # noqa: DTZ001  the file holds wall-clock times, as its model does
    for step in range(ORDERS):
        invoice = str(FIRST_INVOICE + step * 2)
        at += timedelta(minutes=3 + number("gap", invoice) % 40)
        rows += _invoice(invoice, at)
        rows += _traps(step, at)
    return rows


def _invoice(invoice: str, at: datetime) -> list[Row]:
    account = percent("account", invoice) < 75
    customer = str(30_000 + number("customer", invoice) % ACCOUNTS) if account else ""
    country = pick(COUNTRIES, "country", customer) if account else "United Kingdom"
    products = catalogue()
    rows = []
    for position in range(1 + number("lines", invoice) % 9):
        code, text, price, pack = products[number("product", invoice, str(position)) % len(products)]
        quantity = _quantity(pack, invoice, str(position), account=account)
        rows.append((invoice, code, text, str(quantity), _stamp(at), f"{price}", customer, country))
    return rows


def _quantity(pack: int, *names: str, account: bool) -> int:
    """Account customers mostly take whole packs; a web buyer takes one or a few."""
    if not account:
        return 1 + number("few", *names) % 4
    whole = pack in (4, 10, 24) or percent("whole", *names) < 75
    return pack * (1 + number("packs", *names) % 4) if whole else 1 + number("loose", *names) % 30


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _traps(step: int, at: datetime) -> list[Row]:
    """What stands between the orders: nothing after most of them."""
    later = at + timedelta(minutes=1)
    now, then = _stamp(at), _stamp(later)
    invoice = str(FIRST_INVOICE + step * 2)
    other = str(FIRST_INVOICE + step * 2 + 1)
    uk = "United Kingdom"
    traps: dict[int, list[Row]] = {
        1: [(invoice, "POST", "POSTAGE", "1", now, "18.00", "", uk)],
        2: [(invoice, "M", "Manual", "-1", now, "2.50", "", uk)],
        4: [("C" + other, "71010A", "RED TEALIGHT JAR", "-12", then, "1.25", "30002", uk)],
        6: [(other, "71020C", "damages", "-7", then, "0", "", uk)],
        8: [(invoice, "71040A", "RED TEA TOWEL", "2", now, "2.95", "", uk)] * 2,
        10: [(invoice, "71040a", "Red tea towel", "1", now, "2.95", "", uk)],
        12: [("A" + other, "B", "Adjust bad debt", "1", then, "120.00", "", uk)],
        14: [(invoice, "71050B", "", "4", then, "3.15", "", uk)],
        16: [(invoice, "71060B", "SAGE WICKER BASKET", "2.5", now, "4.10", "", uk)],
        17: [(invoice, "71060B", "SAGE WICKER BASKET", "six", now, "4.10", "", uk)],
        18: [(other, "71060B", "SAGE WICKER BASKET", "6", "yesterday", "4.10", "", uk)],
        19: [(invoice, "", "no code on the label", "2", now, "1.00", "", uk)],
        20: [(invoice, "71070C", "IVORY LAVENDER SACHET", "12", now, "n/a", "", uk)],
        22: [(invoice, "DOT", "WEB POSTAGE", "1", now, "6.45", "", uk)],
        23: [(invoice, "D", "Discount", "-1", now, "3.00", "", uk)],
        24: [(other, "gift_0001_20", "Gift voucher", "1", then, "20.00", "", uk)],
        26: [(invoice, "71080A", "RED EGG CUP SET OF 4", "6", now, "0", "", uk)],
        28: [(other, "71000D", "NAVY ENAMEL MUG", "3", then, "2.20", "", "Unspecified")],
        30: [("", "71000D", "NAVY ENAMEL MUG", "3", now, "2.20", "", uk)],
        32: [("C" + invoice, "71000A", "RED ENAMEL MUG", "-1", then, "2.20", "", uk)],
    }
    return traps.get(step, [])


def main() -> None:
    """Write both files."""
    with (HERE / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(orders())
        file.write("700190,71000A,a comma, that nobody quoted,3,2026-03-04 10:00,2.20,30001,United Kingdom\n")
    with (HERE / "packs.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("sku", "pack"))
        writer.writerows((code, pack) for code, _, _, pack in catalogue())


if __name__ == "__main__":
    main()
