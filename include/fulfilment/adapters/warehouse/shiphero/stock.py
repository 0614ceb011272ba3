"""Stock in ShipHero, as the warehouse's own total.

`on_hand` is what is physically there and drops when goods leave; `available` is what is left of it after every order's
allocation, ours included, so counting our open orders against it would count them twice. Units in bins that are not
sellable are part of `on_hand` and nobody may be promised them (types `WarehouseProduct`).
"""

from __future__ import annotations

from collections.abc import Iterator

from include.fulfilment.adapters.warehouse.shiphero import documents
from include.fulfilment.adapters.warehouse.shiphero.client import Json, ShipHeroClient
from include.fulfilment.adapters.warehouse.shiphero.options import Options
from include.fulfilment.adapters.warehouse.shiphero.wire import StockRow, global_id, number_of, pages, read
from include.fulfilment.errors import DataError
from include.fulfilment.ports import Problem, StockLevel, StockSnapshot


def read_stock(client: ShipHeroClient, options: Options, customer: str) -> StockSnapshot:
    """Sellable units on hand of every product of the warehouse. A row that cannot be used is a problem, and its SKU has
    no level: missing is not zero.

    Raises:
        DataError: paging broke off, came back to itself, or gave a record twice.
    """
    as_of = client.now()
    rows, problems = _rows(client, options, customer)
    place = number_of(options.warehouse_id)
    levels: dict[str, StockLevel] = {}
    doubled: set[str] = set()
    for row in rows:
        if row.sku in levels:
            doubled.add(row.sku)
        levels[row.sku] = StockLevel(row.sku, place, row.on_hand - (row.non_sellable_quantity or 0))
    words = "the warehouse has two records of it; name customer_account_id in the connection, or merge them there"
    problems += [Problem(f"sku {sku}", words) for sku in sorted(doubled)]
    usable = tuple(level for sku, level in levels.items() if sku not in doubled)
    return StockSnapshot(as_of, usable, tuple(problems))


def _rows(client: ShipHeroClient, options: Options, customer: str) -> tuple[list[StockRow], list[Problem]]:
    rows: dict[str, StockRow] = {}
    problems: list[Problem] = []
    for node in _nodes(client, options, customer):
        try:
            row = read(StockRow, node, f"stock of sku {node.get('sku')}")
        except DataError as error:
            problems.append(Problem(f"sku {node.get('sku')}", str(error)))
            continue
        if row.id in rows:
            raise DataError("shiphero: a page of stock came twice; the reading is incomplete", "stock")
        rows[row.id] = row
    place = number_of(options.warehouse_id)
    return [row for row in rows.values() if row.warehouse_id == place], problems


def _nodes(client: ShipHeroClient, options: Options, customer: str) -> Iterator[dict[str, Json]]:
    warehouse = global_id("Warehouse", options.warehouse_id)

    def page(after: str | None) -> Json:
        given = {"after": after, "warehouse": warehouse, "customer": customer or None}
        answer = client.read(documents.STOCK, "warehouse_products", cost=documents.STOCK_COST, **given)
        return answer["warehouse_products"].get("data")

    for nodes in pages(page(None), page, "stock"):
        yield from nodes
