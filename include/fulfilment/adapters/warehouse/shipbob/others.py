"""Orders that another route brought to ShipBob: read under their own references, told apart by SKU alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from include.fulfilment.adapters.warehouse.shipbob.record import read_lines, read_order, read_status
from include.fulfilment.adapters.warehouse.shipbob.shipments import told
from include.fulfilment.adapters.warehouse.shipbob.wire import Json, ShipBobClient
from include.fulfilment.errors import DataError
from include.fulfilment.ports import OtherOrder, Problem, WarehouseStatus


def read_others(client: ShipBobClient, references: Sequence[str]) -> dict[str, OtherOrder]:
    """The order under each reference that has one, of several the oldest live one. A reference with a comma cannot be
    asked for: `ReferenceIds` is a list with commas."""
    asked = sorted({each for each in references if "," not in each})
    found: dict[str, OtherOrder] = {}
    for raw in client.find(asked):
        reference = str(raw.get("reference_id"))
        if reference not in found or found[reference].status is WarehouseStatus.CANCELLED:
            found[reference] = _other(reference, raw)
    return {each: found[each] for each in asked if each in found}


def _other(reference: str, raw: Json) -> OtherOrder:
    """The order as it can be read. A line in packs whose count is written nowhere leaves all its units unknown."""
    wms_id = str(raw.get("id"))
    try:
        order = read_order(raw)
    except DataError as error:
        unread = (Problem(f"order {reference}", str(error)),)
        return OtherOrder(reference, wms_id, WarehouseStatus.UNRECOGNISED, "", "", "", {}, (), unread)
    units: Counter[str] = Counter()
    try:
        for line in read_lines(order):
            units[line.sku] += line.base
    except DataError:
        units.clear()  # `told` has the words
    shipments, _, problems = told(raw)
    status, words = read_status(order)
    retailer = order.retailer_program_data
    return OtherOrder(
        reference=reference,
        wms_id=wms_id,
        status=status,
        raw_status=words,
        po_number=(retailer.purchase_order_number if retailer else "") or "",
        instructions=order.gift_message or "",
        units=dict(units),
        shipments=tuple(shipments),
        problems=tuple(problems),
    )
