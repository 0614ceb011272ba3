"""An order as ShipBob holds it: its lines in base units, its status, and which line each shipped unit belongs to.

ShipBob's shipments name products, never order lines. Where several lines are of one product, what was shipped of it
fills them in the order's sequence, what left first of all and the earlier shipment before the later; what is more than
was ordered goes on the last. Goods in shipments are counted in single units (`inventory_items`), lines in the unit they
were sent in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from include.fulfilment.adapters.warehouse.shipbob.order import SCHEME, tagged
from include.fulfilment.adapters.warehouse.shipbob.wire import (
    OrderProduct,
    ShipBobOrder,
    ShipBobShipment,
    ShippedProduct,
)
from include.fulfilment.errors import DataError
from include.fulfilment.mapping.units import SINGLE, internal_uom
from include.fulfilment.ports import WarehouseRecord, WarehouseStatus

_ORDER_STATUSES = {
    "Processing": WarehouseStatus.RECEIVED,
    "Exception": WarehouseStatus.HELD,
    "ImportReview": WarehouseStatus.HELD,
    "PartiallyFulfilled": WarehouseStatus.PARTIALLY_SHIPPED,
    "Fulfilled": WarehouseStatus.SHIPPED,
    "Cancelled": WarehouseStatus.CANCELLED,
}
_NO_UNIT = "EA"  # a line without a unit counts eaches, as an order for consumers does
_TROUBLE = ("Exception", "OnHold", "ImportReview")
# `CleanSweeped` is in the OpenAPI too, but no page says what it means for the goods: it is no status that we know.
_SHIPMENT_STATUSES = frozenset({"None", "Processing", "Completed", "Cancelled", "LabeledCreated", *_TROUBLE})


@dataclass(slots=True)
class Line:
    """One line of an order of ours at ShipBob; `base` units were ordered, `packs` times `units` if sent in packs."""

    line_id: str
    product_id: int | None
    sku: str
    base: int
    packs: int
    open: int = field(default=0)


def read_order(raw: Mapping[str, Any]) -> ShipBobOrder:
    """The record that ShipBob sent. Raises DataError naming the field that is not as its API says."""
    try:
        return ShipBobOrder.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DataError(f"shipbob: an order cannot be read: {where}: {first['msg']}; ask ShipBob") from None


def read_lines(order: ShipBobOrder) -> list[Line]:
    """The order's lines. One that carries no id of ours gets a name nothing of ours has.

    Raises:
        DataError: a unit is not known, or what its pack counts is written nowhere.
    """
    ids, units = tagged(order.tags)
    return [_line(product, ids, units) for product in order.products or ()]


def _line(product: OrderProduct, ids: Mapping[int, str], units: Mapping[int, int]) -> Line:
    number = product.external_line_id or 0
    sku = product.reference_id or product.sku or ""
    uom = internal_uom(SCHEME, product.quantity_unit_of_measure_code or _NO_UNIT)
    line_id = ids.get(number, f"shipbob line {number}")
    if uom != SINGLE and number not in units:
        raise DataError(
            f"shipbob: line {line_id} of {product.quantity} {uom} does not say what a {uom} counts", line_id
        )
    base = product.quantity * (units[number] if uom != SINGLE else 1)
    return Line(line_id, product.id, sku, base, product.quantity if uom != SINGLE else 0, base)


def read_record(ref: str, same: Sequence[ShipBobOrder]) -> WarehouseRecord:
    """What ShipBob holds under a reference: the oldest order counts, any further one is a duplicate. Raises DataError
    as `read_lines`."""
    order, *others = sorted(same, key=lambda each: each.id)
    held: dict[str, int] = {}
    for line in read_lines(order):
        held[line.line_id] = held.get(line.line_id, 0) + line.base
    retailer = order.retailer_program_data
    status, words = read_status(order)
    return WarehouseRecord(
        external_ref=ref,
        wms_id=str(order.id),
        status=status,
        raw_status=words,
        po_number=(retailer.purchase_order_number if retailer else "") or "",
        instructions=order.gift_message or "",
        lines=held,
        duplicates=tuple(str(other.id) for other in others),
    )


def read_status(order: ShipBobOrder) -> tuple[WarehouseStatus, str]:
    """Where the order is, and ShipBob's own words for it, with what is the matter with its shipments.

    An order's status is made of its shipments' (developer.shipbob.com/experimental/status-reference): Exception is out
    of stock or an inactive product, OnHold waits for somebody, Completed has left.
    """
    open_shipments = [each for each in order.shipments or () if each.status not in ("Completed", "Cancelled")]
    troubled = [each for each in open_shipments if each.status in _TROUBLE]
    words = "; ".join([order.status, *(_words(each) for each in troubled)])
    status = _ORDER_STATUSES.get(order.status, WarehouseStatus.UNRECOGNISED)
    odd = [each.status for each in order.shipments or () if each.status not in _SHIPMENT_STATUSES]
    if odd:
        return WarehouseStatus.UNRECOGNISED, "; ".join([words, *odd])
    if status not in (WarehouseStatus.RECEIVED, WarehouseStatus.HELD):
        return status, words
    if troubled:
        short = all(_out_of_stock(each) for each in troubled)
        return (WarehouseStatus.BACKORDERED if short else WarehouseStatus.HELD), words
    if open_shipments and all(each.status == "LabeledCreated" for each in open_shipments):
        return WarehouseStatus.PACKED, words
    return status, words


def _details(shipment: ShipBobShipment) -> list[str]:
    return [detail.name for detail in shipment.status_details or () if detail.name]


def _words(shipment: ShipBobShipment) -> str:
    details = ", ".join(_details(shipment))
    return f"shipment {shipment.id} {shipment.status}{f': {details}' if details else ''}"


def _out_of_stock(shipment: ShipBobShipment) -> bool:
    waits = shipment.estimated_fulfillment_date_status == "AwaitingInventoryAllocation"
    return shipment.status == "Exception" and (waits or any("stock" in name.lower() for name in _details(shipment)))


# --- which line a shipped unit belongs to ------------------------------------------------------------------------


def units_of(product: ShippedProduct) -> int:
    """Single units of a shipped product over all its lots. Raises DataError where they cannot be told: nothing is
    listed, or several goods make one product (a bundle)."""
    goods = product.inventory_items or ()
    name = product.reference_id or product.sku or f"product {product.id}"
    if not goods:
        raise DataError(f"shipbob: nothing says how many of {name} there are", name)
    if len({each.id for each in goods}) > 1:
        raise DataError(f"shipbob: {name} is made of several goods, so its units cannot be told; order its parts", name)
    return sum(each.quantity for each in goods)


def fill(product: ShippedProduct, units: int, lines: Sequence[Line]) -> Iterable[tuple[str, str, int]]:
    """(line id, SKU, units): the units of one shipped product on the lines that are open, taken off them. A product
    that was not ordered has no line id."""
    mine = [line for line in lines if is_of(product, line)]
    if not mine:
        yield "", product.reference_id or product.sku or "", units
        return
    for line in mine:
        share = min(units, line.open)
        line.open -= share
        units -= share
        if units and line is mine[-1]:
            share += units
        if share:
            yield line.line_id, line.sku, share


def is_of(product: ShippedProduct, line: Line) -> bool:
    """Whether a shipped product is what the line orders."""
    if product.reference_id or product.sku:
        return line.sku in (product.reference_id, product.sku)
    return product.id is not None and product.id == line.product_id
