"""Real orders in: invoices in the Online Retail column format become the SparkLayer orders of a shop.

`read_orders` takes the first N orders that load, by InvoiceDate then InvoiceNo. The rules, each counted in `skipped`
(left out) or `kept` (unusual, gone through) under a reason whose ending says what it counts:

- The first row of a file after its header is row 1. A cell that cannot be read spoils its row, not the file
  (`missing_sku_rows`, `unreadable_quantity_rows`, `fractional_quantity_rows`, `absurd_quantity_rows` over
  1,000,000,000, `unreadable_price_rows`: no number, or over 6 digits before or after the point, `overlong_cell_rows`,
  `control_character_rows`: NUL in a text, or any C0 control character in InvoiceNo or StockCode,
  `wrong_width_rows`); the first twenty are listed with row number and invoice. Rows without a readable date or
  invoice number (`unreadable_date_rows`, `missing_invoice_rows`) have no place in the order of loading and are
  counted over the whole file, as are rows of a wrong width; all else is counted up to the Nth order loaded.
- An invoice number that starts with C is a cancellation, one with A a bad-debt entry: neither is an order
  (`cancellation_orders`, `bad_debt_orders`). An invoice without goods left is none either (`nothing_left_orders`).
- A quantity of zero or less on a plain invoice is a stock adjustment (`not_positive_quantity_rows`); a price of zero
  or less is no sale (`zero_price_rows`, `negative_price_rows`). 80,995 is no absurd quantity but a slip that a buyer
  really made, and it must reach the shop and be caught there.
- Non-stock codes (`non_stock_rows`) leave the goods and their money stays: POST, DOT and C2 become the shipping price
  (where it is not negative); M, D, S, B, BANK CHARGES, AMAZONFEE, CRUK, PADS and gift_... the order attribute
  `Adjustment`. Letter case is ignored.
- Rows equal in every column are kept, each as its own line (`duplicate_rows`): one SKU on two lines of an order is
  legal and common (`same_sku_on_two_lines_orders`), so dropping one could lose goods and money; keeping loses nothing.
- A SKU is its exact text. Codes that differ only in letter case are two products (`case_collision_skus` counts the
  spellings, `case_collisions` names them) and are never merged; blanks around a code are taken off.
- A blank description becomes the SKU (`blank_description_rows`). Lines stamped in two minutes are one order, at the
  earlier (`two_minutes_orders`). Times are wall clock in Europe/London. Customer and country are the invoice's.
- A CustomerID makes an order on account; without one it is a card order of a web buyer of its own
  (`without_customer_orders`). A customer under two countries keeps one account and ships to each
  (`two_countries_customers`). Country names become ISO codes, UK is GB, EIRE IE, the Channel Islands JE; what is no
  country becomes ZZ, unknown (`unknown_country_orders`).

Prices stay as exact as the file has them; nothing passes through a float after reading. Everything the file does not
say (names, addresses, PO numbers, credit, who forgets what) is invented from hashes of its ids: two runs load the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa

from demo.orders_buyers import UNKNOWN_COUNTRY, country_code
from demo.orders_credit import accounts, customers
from demo.orders_file import invoices, read_table
from demo.orders_packs import commonest_packs, plan_selling, read_packs, variants
from demo.orders_rules import Invoice, read_invoice
from demo.orders_sample import SAMPLE_ORDERS, SAMPLE_PACKS, add_awkward_orders
from demo.orders_shape import order_name, paying_or_noting, shape_order
from demo.orders_stock import plan_stock
from demo.orders_types import LoadedOrders, LoadOrder, Remedy, Tally
from include.fulfilment.errors import ConfigError


def read_orders(path: Path | None, limit: int | None, packs: Path | None = None) -> LoadedOrders:
    """The first `limit` orders of the file (None: all), or of the bundled sample where no file is given.

    `packs` is a CSV with the columns sku and pack; without it a pack is the commonest quantity over the file's account
    lines. Raises ConfigError naming the file (and column) when one cannot be used or holds no order.
    """
    if limit is not None and limit < 1:
        raise ConfigError(f"the limit is {limit}; load at least one order")
    tally = Tally()
    source = path or SAMPLE_ORDERS
    table = read_table(source, tally)
    taken = list(islice(_orders(table, tally), limit))
    if not taken:
        raise ConfigError(f"{source.name} holds no order that loads; skipped: {dict(tally.skipped)}")
    pack_file = packs or (None if path else SAMPLE_PACKS)
    pack_of = read_packs(pack_file, tally) if pack_file else commonest_packs(table)
    loaded = _shop(taken, pack_of, tally)
    if path:
        return loaded
    return add_awkward_orders(loaded, None if limit is None else limit - len(taken))


def _orders(table: pa.Table, tally: Tally) -> Iterator[Invoice]:
    return (found for rows in invoices(table) if (found := read_invoice(rows, tally)) is not None)


def _shop(taken: list[Invoice], pack_of: dict[str, int], tally: Tally) -> LoadedOrders:
    selling = plan_selling(taken, pack_of)
    remedies = {found.order: found for invoice in taken if (found := paying_or_noting(invoice))}
    credit = accounts(taken, remedies)
    remedies |= {found.order: found for account in credit.values() if (found := account.payment())}
    stock = plan_stock(taken, selling, remedies)
    collisions = _case_collisions(selling)
    _count_buyers(taken, tally)
    tally.kept["case_collision_skus"] += sum(map(len, collisions))
    orders = [shape_order(invoice, selling) for invoice in taken]
    return LoadedOrders(
        orders=orders,
        customers=customers(taken, credit),
        variants=variants(selling, taken, stock.first),
        pack_rows=[row for how in selling.values() for row in how.catalogue_rows()],
        stock=stock,
        remedies=_in_order(taken, remedies),
        stays_held={each["name"]: "address_incomplete" for each in orders if _has_no_country(each)},
        base_units=_base_units(taken),
        skipped={reason: count for reason, count in sorted(tally.skipped.items()) if count},
        kept={reason: count for reason, count in sorted(tally.kept.items()) if count},
        bad_rows=tally.bad_rows,
        case_collisions=collisions,
    )


def _base_units(taken: list[Invoice]) -> dict[tuple[str, int], tuple[str, int]]:
    return {
        (order_name(invoice), position): (line.sku, line.quantity)
        for invoice in taken
        for position, line in enumerate(invoice.lines, start=1)
    }


def _in_order(taken: list[Invoice], remedies: dict[str, Remedy]) -> dict[str, Remedy]:
    return {name: remedies[name] for invoice in taken if (name := order_name(invoice)) in remedies}


def _has_no_country(order: LoadOrder) -> bool:
    return order["shipping_address"]["country_code"] == UNKNOWN_COUNTRY


def _case_collisions(skus: Iterable[str]) -> list[tuple[str, ...]]:
    spellings: dict[str, list[str]] = defaultdict(list)
    for sku in skus:
        spellings[sku.casefold()].append(sku)
    return [tuple(sorted(found)) for found in spellings.values() if len(found) > 1]


def _count_buyers(taken: list[Invoice], tally: Tally) -> None:
    countries: dict[str, set[str]] = defaultdict(set)
    for invoice in taken:
        tally.kept["unknown_country_orders"] += country_code(invoice.country) == UNKNOWN_COUNTRY
        if invoice.customer:
            countries[invoice.customer].add(invoice.country)
    tally.kept["two_countries_customers"] += sum(len(found) > 1 for found in countries.values())
