"""How many statements the store gets for a thousand orders, from their reading to their answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg

from demo.bench_release.limits import ReadyWarehouse, SimulatedTime, place_orders
from include.fulfilment.domain.order import SalesOrder
from include.fulfilment.services import order_release
from include.fulfilment.settings import Site
from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store.site_rows import StoreConnection

ORDERS, MANY_LINES = 1_000, 20


class CountingStore(PostgresStore):
    """Counts every statement that is sent."""

    statements = 0

    def _connect(self) -> StoreConnection:
        store = self

        class Counting(psycopg.Cursor[Any]):
            def execute(self, *given: Any, **named: Any) -> Any:
                store.statements += 1
                return super().execute(*given, **named)

        connection = super()._connect()
        connection.cursor_factory = Counting
        return connection


def measure_queries(store_url: str, site: Site, order: SalesOrder, orders: int = ORDERS) -> dict[str, int]:
    """Statements that decide and send so many orders of one line each, and of twenty: they must not differ."""
    lines = tuple(replace(order.lines[0], line_id=str(number), position=number) for number in range(1, MANY_LINES + 1))
    many = replace(order, lines=lines)
    one = replace(order, lines=lines[:1])
    return {f"queries_per_{words}": _release(store_url, site, each, orders) * ORDERS // orders
             for words, each in (("1k_orders", one), ("1k_orders_of_20_lines", many))}  # fmt: skip


def _release(store_url: str, site: Site, order: SalesOrder, number: int) -> int:
    clock, warehouse = SimulatedTime(), ReadyWarehouse()
    own = site.model_copy(update={"code": f"{site.code}_lines_{len(order.lines)}"})
    store = CountingStore(store_url, own.code)
    place_orders(store, own, order, number, clock())
    placed = store.statements
    warehouses = {own.warehouse.code: warehouse}
    order_release.decide(store, own, warehouses, clock)
    order_release.submit(store, warehouses, {}, clock)
    return store.statements - placed
