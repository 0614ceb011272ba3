"""Goods that left though their cancel was confirmed: the shipment wins, so that no unit is lost or sent twice. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from include.fulfilment.domain.shipment import LineKey
from include.fulfilment.store_port import OrderQuantities, ReleasedLine


@dataclass(frozen=True, slots=True)
class Regained:
    """The released lines and orders with the units that stand again with cancelled warehouse orders: how many by line,
    and of which order each line is."""

    released: Sequence[ReleasedLine]
    orders: Mapping[str, OrderQuantities]
    units: Mapping[LineKey, int]
    of: Mapping[LineKey, str]


def regain(
    released: Sequence[ReleasedLine], orders: Mapping[str, OrderQuantities], shipped: Mapping[LineKey, int]
) -> Regained:
    """Take back into `released` what left of cancelled warehouse orders, as far as the order line still has units that
    wait or were cancelled. What is beyond those was sent anew meanwhile and counts as over-shipped."""
    lines: list[ReleasedLine] = []
    after, units, of = dict(orders), {}, {}
    for line in released:
        key = (line.external_ref, line.line_id)
        more = shipped.get(key, 0) - line.base_quantity if line.cancelled else 0
        if more > 0:
            order = after[line.order_id]
            before = order.lines[line.line_id]
            row = before.regain(more)
            gained = row.released - before.released
            if gained:
                after[line.order_id] = replace(order, lines={**order.lines, line.line_id: row})
                units[key], of[key] = gained, line.order_id
                line = replace(line, base_quantity=line.base_quantity + gained)  # noqa: PLW2901 - the line as it stands
        lines.append(line)
    return Regained(lines, after, units, of)
