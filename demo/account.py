"""The short account of a run: its figures by the stable keys of the JSON, and the same in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from demo.ledger_store import Row, StoreLedger
from demo.orders_types import LoadedOrders
from demo.progress import Progress

UNITS = ("ordered", "held", "released", "backordered", "cancelled", "open", "shipped", "short")
FINISHED = frozenset({"fulfilled", "cancelled", "not_ours"})


def account(
    loaded: LoadedOrders, ledger: StoreLedger, progress: Progress, warehouse: str, storefront: str
) -> dict[str, Any]:
    """Every figure, read from the store. `released`, `held` and `backordered` count orders that ever were so."""
    orders, lines = ledger.orders(), ledger.lines()
    posts = ledger.posted()
    return {
        "ok": False,
        "warehouse": warehouse,
        "storefront": storefront,
        "orders": {"loaded": len(loaded.orders), **_orders(orders)},
        "held_for": dict(Counter(row["reason"] for row in orders if row["state"] == "held")),
        "lines": len(lines),
        "units": {name: int(sum(row[f"{name}_base"] for row in lines)) for name in UNITS},
        "skipped": dict(loaded.skipped),
        "shipments": {
            "posted": sum(row["posts"] for row in posts),
            "orders_with_several": sum(row["posts"] > 1 for row in posts),
        },
        "drift": ledger.drift(),
        "calls": ledger.calls(),
        "seconds": dict(progress.seconds),
        "tasks_per_run": dict(progress.tasks),
    }


def _orders(orders: list[Row]) -> dict[str, int]:
    return {
        "released": sum(row["ever_released"] for row in orders),
        "held": sum(row["ever_held"] for row in orders),
        "held_then_released": sum(row["ever_held"] and row["ever_released"] for row in orders),
        "not_ours": sum(row["state"] == "not_ours" for row in orders),
        "backordered": sum(row["ever_backordered"] for row in orders),
        "fulfilled": sum(row["state"] == "fulfilled" for row in orders),
        "open": sum(row["state"] not in FINISHED for row in orders),
    }


def describe(figures: Mapping[str, Any]) -> str:
    """The account for a person."""
    orders, shipments, units = figures["orders"], figures["shipments"], figures["units"]
    return "\n".join(
        [
            "",
            f"Orders in       {orders['loaded']} with {figures['lines']} lines",
            f"Released        {orders['released']}, of them {orders['held_then_released']} after a hold",
            f"Still held      {_words(figures['held_for'])}",
            f"Backordered     {orders['backordered']} waited for stock in part",
            f"Shipped         {shipments['posted']} shipments; {orders_several(shipments)}",
            f"Fulfilled       {orders['fulfilled']}; open {orders['open']}",
            f"Units           {_words(units)}",
            f"Drift           {_words(figures['drift'])}",
            f"Calls           {_words(figures['calls'])}",
            f"Checked         lost {figures['lost']}, doubled {figures['doubled']}, altered {figures['altered']}, "
            f"units not conserved {figures['not_conserved']}",
            f"Time            {figures['seconds']['total']} s: {_words(figures['seconds'])}",
            "Every figure agrees with what the shop and the warehouse hold." if figures["ok"] else "NOT OK: see below.",
        ]
    )


def orders_several(shipments: Mapping[str, int]) -> str:
    return f"{shipments['orders_with_several']} orders in several"


def _words(counts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items()) or "none"
