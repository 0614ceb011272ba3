"""An order's lines with all their pages, counted in base units."""

from __future__ import annotations

from collections.abc import Sequence

from include.fulfilment.adapters.warehouse.shiphero import documents
from include.fulfilment.adapters.warehouse.shiphero.client import Json, ShipHeroClient
from include.fulfilment.adapters.warehouse.shiphero.options import Options
from include.fulfilment.adapters.warehouse.shiphero.wire import ORDERED, UNITS, Order, OrderLine, pages, read
from include.fulfilment.errors import DataError

_ENDED = ("canceled", "cancelled", "fulfilled")


def all_lines(client: ShipHeroClient, raw_id: str, first: Json, what: str) -> list[OrderLine]:
    """The lines of an order, of which `first` is the first page. Raises DataError when one of them is unusable."""

    def more(after: str) -> Json:
        answer = client.read(documents.MORE_ORDER_LINES, "order", cost=documents.MORE_COST, id=raw_id, after=after)
        return (answer["order"].get("data") or {}).get("line_items")

    return [read(OrderLine, node, f"a line of {what}") for page in pages(first, more, what) for node in page]


def base_units(line: OrderLine, quantity: int, options: Options) -> int:
    """A quantity of a line in base units. Raises DataError where the site sends packs and the line does not say of how
    many units: it is not guessed."""
    units = line.option(UNITS)
    if units is None and options.line_unit == "pack":
        what = f"line {line.line_id}"
        raise DataError(f"shiphero: {what} does not say how many base units one of its {quantity} counts", what)
    return quantity * (units or 1)


def pending(order: Order, line: OrderLine) -> int:
    """What the warehouse still means to send of a line, in the line's own unit."""
    if order.status in _ENDED or (line.fulfillment_status or "").strip().lower() in ("canceled", "cancelled"):
        return 0
    told = line.quantity_pending_fulfillment
    return line.quantity - (line.quantity_shipped or 0) if told is None else told


def held_units(order: Order, lines: Sequence[OrderLine], options: Options) -> dict[str, int]:
    """Base units that an order was made for by our line id. The warehouse lowers the quantity of what it will not send:
    that is told as short (`shipments`) and is no other difference, so what was closed is counted here too."""
    held: dict[str, int] = {}
    for line in lines:
        units = base_units(line, line.quantity, options)
        ordered = line.option(ORDERED) or units
        closed = ordered - base_units(line, (line.quantity_shipped or 0) + pending(order, line), options)
        units = max(units, min(ordered, units + max(closed, 0)))
        held[line.line_id] = held.get(line.line_id, 0) + units
    return held
