"""A warehouse order as ShipBob's create-order call takes it.

| ours | theirs |
|---|---|
| external_ref | `reference_id`: unique in the account, never changed, searchable |
| order name | `order_number` |
| PO number | `retailer_program_data.purchase_order_number`, left out where the buyer gave none |
| requested date | `retailer_program_data.delivery_date`, noon UTC: the same date from Hawaii to Sydney |
| not before, cancel after | `doNotShipBeforeDate`, `shipByDate`, noon UTC |
| mark for | `mark_for_store` |
| mode, payer | `shipping_terms.carrier_type`, `payment_term`; where the site does not say, those of `Options` |
| instructions | nothing; by agreement `gift_message`, which is printed for the consignee to read |
| service | `shipping_method`, as it is named in the account's ship option mapping |
| line | `external_line_id` is the line's number in the order, 1 and up: ShipBob's own clients hold it in 32 bits, our line ids do not fit and need not be numbers. Tag `line-1` holds the id of line 1, tag `line-1-units` what one of its packs counts |

A B2B order must have `retailer_program_data` and `shipping_terms` (2026-07/api/orders/create-order), with programme
`SB-B2B` where no retailer's rules apply (developer.shipbob.com/guides/orders, "B2B orders without retailer compliance").
"""  # noqa: E501

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from include.fulfilment.adapters.warehouse.shipbob.wire import Json, Tag
from include.fulfilment.domain.carriage import Mode, Payer
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.mapping.units import SINGLE, unit_code
from include.fulfilment.yaml_file import Strict

SCHEME = "shipbob"
CARRIED = ("not_before_on", "cancel_after_on", "mark_for", "mode", "payer")
_CARRIER_TYPES: Mapping[str, str] = {Mode.PARCEL: "Parcel", Mode.PALLET: "Freight"}
_PAYMENT_TERMS: Mapping[str, str] = {
    Payer.PREPAID: "Prepaid",
    Payer.COLLECT: "Collect",
    Payer.THIRD_PARTY: "ThirdParty",
    Payer.CUSTOMER_ACCOUNT: "ThirdParty",
}
GIFT_MESSAGE_LIMIT = 500  # api-reference/2.0/orders/create-order


class NotCarried(Exception):
    """ShipBob has no word for who pays."""


class Options(Strict):
    """What was agreed with ShipBob: the site file's `warehouse.options`.

    `line_unit` pack sends a line that is whole packs as packs. `location_id` names a fulfilment centre, whose stock
    alone then counts; without it ShipBob chooses, and the stock of all of them does. `instructions_in` gift_message
    carries the buyer's instructions where the consignee reads them.
    """

    line_unit: Literal["base", "pack"] = "base"
    instructions_in: Literal["none", "gift_message"] = "none"
    carrier_type: Literal["Parcel", "Freight"] = "Parcel"
    payment_term: Literal["Prepaid", "MerchantResponsible", "Collect", "ThirdParty"] = "Prepaid"
    retailer_program_type: str = Field(default="SB-B2B", min_length=1)
    location_id: int | None = None


def order_body(order: WarehouseOrder, options: Options) -> Json:
    """The order to create.

    Raises:
        DataError: a unit that ShipBob has no code for.
        NotCarried: the buyer collects the goods, for which it has no payment term.
    """
    if order.payer and order.payer not in _PAYMENT_TERMS:
        raise NotCarried(f"ShipBob has no payment term for {order.payer.value!r}; map the shipping method otherwise")
    lines = [_line(number, line, options) for number, line in enumerate(order.lines, start=1)]
    body: Json = {
        "reference_id": order.external_ref,
        "order_number": order.order_name,
        "type": "B2B",
        "shipping_method": order.shipping_service,
        "shipping_terms": {
            "carrier_type": _CARRIER_TYPES.get(order.mode, options.carrier_type),
            "payment_term": _PAYMENT_TERMS.get(order.payer, options.payment_term),
        },
        "recipient": _recipient(order),
        "retailer_program_data": _retailer_data(order, options),
        "products": [product for product, _ in lines],
        "tags": [tag for _, tags in lines for tag in tags],
    }
    if options.location_id is not None:
        body["location_id"] = options.location_id
    if options.instructions_in == "gift_message" and order.instructions:
        body["gift_message"] = order.instructions
    return body


def _line(number: int, line: WarehouseOrderLine, options: Options) -> tuple[Json, list[Json]]:
    packs = line.whole_packs if options.line_unit == "pack" else 0
    product = {
        "reference_id": line.base_sku,
        "name": line.title or line.base_sku,
        "quantity": packs or line.base_quantity,
        "quantity_unit_of_measure_code": unit_code(SCHEME, line.uom if packs else SINGLE),
        "external_line_id": number,
    }
    tags = [{"name": f"line-{number}", "value": line.line_id}]
    if packs:
        tags.append({"name": f"line-{number}-units", "value": str(line.units_per_uom)})
    return product, tags


def tagged(tags: tuple[Tag, ...] | None) -> tuple[Mapping[int, str], Mapping[int, int]]:
    """Our line ids by line number, and the base units of a pack where packs were sent, as `order_body` wrote them."""
    ids: dict[int, str] = {}
    units: dict[int, int] = {}
    for tag in tags or ():
        word, _, rest = tag.name.partition("-")
        number, _, what = rest.partition("-")
        if word != "line" or not (number.isascii() and number.isdigit()):
            continue
        if not what:
            ids[int(number)] = tag.value
        elif what == "units" and tag.value.isascii() and tag.value.isdigit():
            units[int(number)] = int(tag.value)
    return ids, units


def _recipient(order: WarehouseOrder) -> Json:
    to = order.ship_to
    address: dict[str, Any] = {"address1": to.address1, "city": to.city, "country": to.country_code}
    more = {"address2": to.address2, "company_name": to.company, "state": to.province, "zip_code": to.postcode}
    recipient: Json = {
        "name": to.name or to.company,
        "address": address | {name: value for name, value in more.items() if value},
    }
    return recipient | ({"phone_number": to.phone} if to.phone else {})


def _retailer_data(order: WarehouseOrder, options: Options) -> Json:
    data: Json = {"retailer_program_type": options.retailer_program_type}
    if order.po_number:
        data["purchase_order_number"] = order.po_number
    if order.mark_for:
        data["mark_for_store"] = order.mark_for
    days = {
        "delivery_date": order.requested_on,
        "doNotShipBeforeDate": order.not_before_on,
        "shipByDate": order.cancel_after_on,
    }
    return data | {name: f"{day.isoformat()}T12:00:00Z" for name, day in days.items() if day}
