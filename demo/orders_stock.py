"""What the warehouse receives: at first enough for most orders, later the rest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from demo.orders_chance import number, percent
from demo.orders_packs import Selling
from demo.orders_rules import Invoice
from demo.orders_shape import order_name
from demo.orders_types import GoodsLine, StockPlan

SHORT_PERCENT = 40
"""Of the orders that can go at once; about half of them have a line that can be short."""
SLACK_PERCENT = 30
"""Of SKUs, how many get a tenth more than is ordered; the others get exactly what is ordered."""


@dataclass(frozen=True, slots=True)
class _Shortage:
    order: str
    sku: str
    units: int


def plan_stock(invoices: Sequence[Invoice], selling: Mapping[str, Selling], waiting: Container[str]) -> StockPlan:
    """First and second receipts in base units. About one in six of the orders that can go at once lacks part of one
    line until the second receipt; it is always the latest such order of that SKU, so first come, first served
    is enough to leave every other one whole. Orders in `waiting` (by name) do not go at once; where a SKU is
    short, their goods come with the second receipt too. Goods missing from the first receipt are in the
    second to the last unit."""
    demand = Counter[str]()
    for invoice in invoices:
        for line in invoice.lines:
            demand[line.sku] += line.quantity
    at_once = [invoice for invoice in invoices if order_name(invoice) not in waiting]
    shortages = {shortage.sku: shortage for shortage in _shortages(at_once, selling)}
    wanted_at_once = _demand_of(at_once, shortages)
    first = {sku: total + _slack(sku, total) for sku, total in demand.items()}
    first |= {sku: wanted_at_once[sku] - shortage.units for sku, shortage in shortages.items()}
    second = {sku: demand[sku] - first[sku] + _slack(sku, demand[sku]) for sku in shortages}
    short: dict[str, dict[str, int]] = defaultdict(dict)
    for shortage in shortages.values():
        short[shortage.order][shortage.sku] = shortage.units
    return StockPlan(dict(sorted(first.items())), dict(sorted(second.items())), dict(short))


def _demand_of(invoices: Iterable[Invoice], skus: Container[str]) -> Counter[str]:
    demand = Counter[str]()
    for invoice in invoices:
        for line in invoice.lines:
            if line.sku in skus:
                demand[line.sku] += line.quantity
    return demand


def _slack(sku: str, total: int) -> int:
    return -(-total // 10) if percent("slack", sku) < SLACK_PERCENT else 0


def _shortages(at_once: Sequence[Invoice], selling: Mapping[str, Selling]) -> Iterable[_Shortage]:
    latest = {line.sku: invoice.number for invoice in at_once for line in invoice.lines}
    for invoice in at_once:
        if percent("short", invoice.number) >= SHORT_PERCENT:
            continue
        lines = [line for line in invoice.lines if latest[line.sku] == invoice.number and _parts(line, selling) >= 2]
        if lines:
            line = min(lines, key=lambda each: number("short line", each.key))
            step = selling[line.sku].step(line)
            yield _Shortage(order_name(invoice), line.sku, _parts(line, selling) // 2 * step)


def _parts(line: GoodsLine, selling: Mapping[str, Selling]) -> int:
    return line.quantity // selling[line.sku].step(line)
