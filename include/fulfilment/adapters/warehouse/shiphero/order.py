"""A warehouse order in the form of ShipHero's input, and its texts read back.

| ours | theirs |
|---|---|
| external_ref | `partner_order_id`, which can be searched, and `order_number`, which the floor sees |
| PO number, instructions | `packing_note`: a first line `PO number: …`, then the instructions as they are |
| service | `shipping_lines.title`, which ShipHero's shipping mappings turn into carrier and method |
| requested date | `required_ship_date` |
| not before, cancel after | `hold_until_date`, nothing; wholesale `ship_not_before_date`, `ship_no_later_than_date` |
| carrier | `shipping_lines.carrier`, with the service as its `method` |
| VAT number, customs value | `tax_id` with `tax_type` VAT, `subtotal` with `currency`; wholesale has neither |
| line id | `partner_line_item_id` |

A plain order has no field for the PO number, and `note_attributes` is "not used anymore"
(https://developer.shiphero.com/schema/types/create-order-input.html) and cannot be read back. A wholesale order has
`depositor_order_number`, which in X12 (element 285) is the depositor's own number: it gets our reference, and the PO
number stands in the note as on a plain order. Which unit codes `unit_of_measure` takes, and whether `quantity` counts
that unit, is not documented: we write those of X12, whose fields the wholesale order mirrors, and count in that unit;
agree on it before `line_unit: pack` is set. What one of it counts in base units, and what was ordered, is kept in the
line's `custom_options`, so that neither has to be guessed when the line is read back.
"""

from __future__ import annotations

from typing import Any

from include.fulfilment.adapters.warehouse.shiphero.options import Options
from include.fulfilment.adapters.warehouse.shiphero.wire import ORDERED, UNITS, global_id
from include.fulfilment.domain.order import Address
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.mapping.units import SINGLE, unit_code

CARRIED = ("not_before_on", "carrier", "vat_number", "customs_value")
CARRIED_WHOLESALE = ("not_before_on", "cancel_after_on", "carrier")
_NO_MONEY = "0.00"  # ShipHero demands a price; prices are not the warehouse's business


def order_input(order: WarehouseOrder, options: Options, customer: str) -> dict[str, Any]:
    """The order as `CreateOrderInput` or `CreateWholesaleOrderInput`. Raises DataError for a unit without a code."""
    wholesale = options.order_kind == "wholesale"
    data: dict[str, Any] = {
        "order_number": order.external_ref,
        "partner_order_id": order.external_ref,
        "shop_name": options.shop_name,
        "fulfillment_status": "pending",
        **head_input(order, options),
        "line_items": [line_input(line, options) for line in order.lines],
    }
    if customer:
        data["customer_account_id"] = customer
    if wholesale:
        return data | {"depositor_order_number": order.external_ref}
    return data | ({"currency": order.currency} if order.customs_value is not None else {})


def head_input(order: WarehouseOrder, options: Options) -> dict[str, Any]:
    """What stands on the order beside its lines, and may change: the fields of `UpdateOrderInput` too."""
    data: dict[str, Any] = {
        "shipping_lines": _shipping(order),
        "shipping_address": _address(order.ship_to),
        "packing_note": _note(order, options.po_name),
    }
    wholesale = options.order_kind == "wholesale"
    return data | _days(order, wholesale) | ({} if wholesale else _customs(order))


def _days(order: WarehouseOrder, wholesale: bool) -> dict[str, str]:
    days = {
        "required_ship_date": order.requested_on,
        "ship_not_before_date" if wholesale else "hold_until_date": order.not_before_on,
    }
    if wholesale:
        days["ship_no_later_than_date"] = order.cancel_after_on
    return {name: f"{day.isoformat()}T00:00:00" for name, day in days.items() if day}


def _shipping(order: WarehouseOrder) -> dict[str, str]:
    line = {"title": order.shipping_service, "price": _NO_MONEY}
    return line | ({"carrier": order.carrier, "method": order.shipping_service} if order.carrier else {})


def _customs(order: WarehouseOrder) -> dict[str, str]:
    data = {"tax_id": order.vat_number, "tax_type": "VAT"} if order.vat_number else {}
    if order.customs_value is not None:
        data["subtotal"] = str(order.customs_value)
    return data


def texts(note: str | None, po_name: str) -> tuple[str, str]:
    """PO number and instructions out of a packing note that we wrote; of another one, all is instructions."""
    first, _, rest = (note or "").partition("\n")
    start = f"{po_name}:"
    return (first[len(start) :].strip(), rest) if first.startswith(start) else ("", note or "")


def _note(order: WarehouseOrder, po_name: str) -> str:
    """The packing note. Its first line is there even without a PO number, so that no instruction is taken for one."""
    first = f"{po_name}: {order.po_number}".strip()
    return f"{first}\n{order.instructions}" if order.instructions else first


def line_input(line: WarehouseOrderLine, options: Options) -> dict[str, Any]:
    """The line as `CreateLineItemInput` or its wholesale kind."""
    packs = line.whole_packs if options.line_unit == "pack" else 0
    units, uom = (line.units_per_uom, line.uom) if packs else (1, SINGLE)
    quantity = packs or line.base_quantity
    item = {
        "sku": line.base_sku,
        "partner_line_item_id": line.line_id,
        "quantity": quantity,
        "quantity_pending_fulfillment": quantity,
        "price": _NO_MONEY,
        "product_name": line.title,
        "fulfillment_status": "pending",
        "warehouse_id": global_id("Warehouse", options.warehouse_id),
        "custom_options": {UNITS: units, ORDERED: line.base_quantity},
    }
    return item | ({"unit_of_measure": unit_code("x12", uom)} if options.order_kind == "wholesale" else {})


def _address(ship_to: Address) -> dict[str, str]:
    first, _, last = ship_to.name.strip().rpartition(" ")
    return {
        "first_name": first or last,
        "last_name": last if first else "",
        "company": ship_to.company,
        "address1": ship_to.address1,
        "address2": ship_to.address2,
        "city": ship_to.city,
        "state": ship_to.province,
        "zip": ship_to.postcode,
        "country": ship_to.country_code,
        "country_code": ship_to.country_code,
        "phone": ship_to.phone,
    }
