"""Stock in Mintsoft: `StockLevel`, all that is there and not despatched.

`OnHand` looks like it and is not: Mintsoft has taken the allocated units off it (StockLevel = OnHand + Allocated), so
it drops when an order is created, and whoever takes open orders off it counts them twice. A product comes in a record
per location; one without an inventory record does not come at all, which is not zero.
"""

from __future__ import annotations

from collections import Counter

from include.fulfilment.adapters.warehouse.mintsoft.client import MintsoftClient
from include.fulfilment.adapters.warehouse.mintsoft.options import Options
from include.fulfilment.adapters.warehouse.mintsoft.wire import StockRow, read
from include.fulfilment.ports import Problem, StockLevel, StockSnapshot


def read_stock(client: MintsoftClient, options: Options) -> StockSnapshot:
    """The stock of our warehouse per SKU, summed over its locations. A SKU with a record that cannot be used is left
    out and told as a problem: a part of a sum is no figure.

    Raises:
        DataError: a record came twice; the reading is incomplete.
    """
    as_of = client.server_time()
    levels = Counter[str]()
    problems: dict[str, str] = {}
    for page in client.stock(options.warehouse_id):
        for row in page:
            found = read(StockRow, row)
            if isinstance(found, str):
                problems[str(row.get("SKU") or f"product {row.get('ProductId')}")] = found
            elif found.warehouse_id in (None, options.warehouse_id) and _is_ours(found, client):
                if found.sku:
                    levels[found.sku] += found.stock_level
                else:
                    problems[f"product {found.product_id}"] = "it has no SKU"
    usable = {sku: units for sku, units in levels.items() if sku not in problems}
    return StockSnapshot(
        as_of,
        tuple(StockLevel(sku, str(options.warehouse_id), units) for sku, units in sorted(usable.items())),
        tuple(
            Problem(f"stock of {sku}", f"Mintsoft's figure cannot be used: {words}") for sku, words in problems.items()
        ),
    )


def _is_ours(row: StockRow, client: MintsoftClient) -> bool:
    return client.account.client_id is None or row.client_id in (None, client.account.client_id)
