"""Rows of both sides that agree, for tests to disturb."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from include.fulfilment.domain.drift_inputs import OrderLineOurs, OrderLineShown, StockOurs, StockShown
from include.fulfilment.reports.compare import DriftInputs

CUT_OFF = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def stock_ours(sku: str = "22423", **changes: Any) -> StockOurs:
    values: dict[str, Any] = {
        "sku": sku,
        "base_sku": sku,
        "units_per": 1,
        "wanted": 50,
        "wanted_at": CUT_OFF - 5 * HOUR,
        "pushed": 50,
        "pushed_at": CUT_OFF - 3 * HOUR,
        "warehouse_base": 50,
        "as_of": CUT_OFF - 20 * MINUTE,
        "unit_net": Decimal("2.50"),
        "currency": "GBP",
    }
    return StockOurs(**(values | changes))


def stock_shown(sku: str = "22423", shown: int = 50, units_per: int | None = None) -> StockShown:
    return StockShown(sku, shown, CUT_OFF - 10 * MINUTE, units_per)


def line_ours(order: str = "cart:9", line: str = "1", **changes: Any) -> OrderLineOurs:
    """A line of two packs of twelve, shipped and posted."""
    values: dict[str, Any] = {
        "order_id": order,
        "line_id": line,
        "external_ref": f"B2B{order[-1]}",
        "sku": "22423",
        "units_per": 12,
        "ordered_base": 24,
        "released_base": 24,
        "warehouse_base": 24,
        "shipped_base": 24,
        "submitted_at": CUT_OFF - 9 * HOUR,
        "acknowledged_at": CUT_OFF - 9 * HOUR,
        "dispatched_at": CUT_OFF - 4 * HOUR,
        "posted_at": CUT_OFF - 4 * HOUR,
        "as_of": CUT_OFF - 20 * MINUTE,
        "order_name": "#1042",
        "unit_net": Decimal("30.00"),
        "currency": "GBP",
    }
    return OrderLineOurs(**(values | changes))


def line_shown(order: str = "cart:9", line: str = "1", **changes: Any) -> OrderLineShown:
    values: dict[str, Any] = {
        "order_id": order,
        "line_id": line,
        "sku": "22423",
        "quantity": 2,
        "fulfilled": 2,
        "read_at": CUT_OFF - 10 * MINUTE,
        "changed_at": CUT_OFF - 9 * HOUR,
        "order_name": "#1042",
    }
    return OrderLineShown(**(values | changes))


def inputs(
    stock: list[Any] | None = None,
    shown: list[Any] | None = None,
    lines: list[Any] | None = None,
    lines_there: list[Any] | None = None,
) -> DriftInputs:
    """Nothing on any side that a test doesn't give."""
    return DriftInputs(stock or [], shown or [], lines or [], lines_there or [])
