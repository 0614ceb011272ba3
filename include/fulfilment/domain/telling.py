"""A sales order in the fields of a warehouse order, as its warehouse is told them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from include.fulfilment.domain.carriage import Carriage, Mode, Payer
from include.fulfilment.domain.order import Address, SalesOrder
from include.fulfilment.domain.preflight import Target, tell
from include.fulfilment.domain.warehouse_order import WarehouseOrderLine

_PENNY = Decimal("0.01")
_TEXTS = (
    "po_number", "instructions", "mark_for", "company", "company_location", "sales_rep", "carrier", "carrier_account",
    "vat_number", "eori_number",
)  # fmt: skip


def told_fields(
    order: SalesOrder, lines: Sequence[WarehouseOrderLine], ordered: Mapping[str, int], target: Target
) -> dict[str, Any]:
    """Every field of a `WarehouseOrder` that the shop's order decides, by name. `lines` are the goods that go with it,
    whose value a customs paper states; `ordered` the base units that each line of the shop's order stands for."""
    value = _value_of(order, lines, ordered)
    told = tell(order, target, value).values
    days = ("requested_on", "not_before_on", "cancel_after_on")
    return {
        **{name: told.get(name, "") for name in _TEXTS},
        **{name: getattr(order, name) if told[name] else None for name in days},
        "shipping_service": target.services.get(order.shipping_method, Carriage("")).service,
        "ship_to": Address(**{each.name: told[f"ship_to.{each.name}"] for each in fields(Address)}),
        "payer": Payer(told["payer"]),
        "mode": Mode(told["mode"]),
        "customs_value": value if told.get("customs_value") else None,
        "currency": order.currency if told.get("customs_value") else "",
    }


def _value_of(order: SalesOrder, lines: Sequence[WarehouseOrderLine], ordered: Mapping[str, int]) -> Decimal:
    """Net value of these goods, to the penny; a line that the shop's order no longer has is worth nothing."""
    prices = {
        line.line_id: line.price * line.quantity / ordered[line.line_id]
        for line in order.lines
        if ordered.get(line.line_id)
    }
    value = sum((prices.get(line.line_id, Decimal(0)) * line.base_quantity for line in lines), Decimal(0))
    return value.quantize(_PENNY, ROUND_HALF_UP)
