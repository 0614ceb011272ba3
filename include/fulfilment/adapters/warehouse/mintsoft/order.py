"""A warehouse order in the form of Mintsoft's `NewOrderWithItems` (help article 11686761), and what of it may change
(11522105).

| ours | theirs |
|---|---|
| external_ref | `OrderNumber`, `ExternalOrderReference` |
| PO number | the pair `po_name` of `OrderNameValues`, by agreement `Comments` too |
| instructions, requested date, service | `DeliveryNotes`, `RequiredDeliveryDate`, `CourierService`, which names the carrier too |
| VAT number, EORI number, customs value | `VATNumber`, `EORINumber`, `OrderValue` with `Currency` |
| what the site agreed pairs for | a pair of `OrderNameValues` |
"""  # noqa: E501

from __future__ import annotations

from include.fulfilment.adapters.warehouse.mintsoft.options import Account, Options
from include.fulfilment.adapters.warehouse.mintsoft.parts import LINE_ID, ORDERED
from include.fulfilment.adapters.warehouse.mintsoft.wire import Row
from include.fulfilment.domain.order import Address
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine

CARRIED = ("vat_number", "eori_number", "customs_value")


def new_order(order: WarehouseOrder, options: Options, account: Account) -> Row:
    """The body of PUT /api/Order. What is empty is left out: Mintsoft fills in its own."""
    body: Row = {
        "OrderNumber": order.external_ref,
        "ExternalOrderReference": order.external_ref,
        "WarehouseId": options.warehouse_id,
        "ClientId": account.client_id,
        "CourierService": order.shipping_service,
        "DeliveryNotes": order.instructions,
        "Comments": f"{options.po_name}: {order.po_number}" if options.po_in_comments and order.po_number else "",
        "RequiredDeliveryDate": f"{order.requested_on.isoformat()}T00:00:00" if order.requested_on else "",
        "OrderNameValues": _pairs(order, options),
        "VATNumber": order.vat_number,
        "EORINumber": order.eori_number,
        "OrderValue": order.customs_value,
        "Currency": order.currency,
        **_consignee(order.ship_to),
        "OrderItems": [item(line) for line in order.lines],
    }
    return {name: value for name, value in body.items() if value not in (None, "", [])}


def _pairs(order: WarehouseOrder, options: Options) -> list[Row]:
    named = {options.po_name: order.po_number}
    named |= {name: str(getattr(order, field) or "") for field, name in options.pairs.items()}
    return [{"Name": name, "Value": value} for name, value in named.items() if value]


def changed_order(order: WarehouseOrder, country_id: int) -> Row:
    """The body of POST /api/Order/{id}. What is not in it stays, so that what is empty now is said; the country is
    "required as ID". There is no pair in it, hence no PO number, and how a day is taken away is written nowhere."""
    day = {"RequiredDeliveryDate": f"{order.requested_on.isoformat()}T00:00:00"} if order.requested_on else {}
    consignee = {name: value for name, value in _consignee(order.ship_to).items() if name != "Country"}
    said = {"CourierService": order.shipping_service, "DeliveryNotes": order.instructions}
    trade = {"VATNumber": order.vat_number, "EORINumber": order.eori_number}
    value = {} if order.customs_value is None else {"OrderValue": order.customs_value, "Currency": order.currency}
    return {**said, **trade, **value, **day, **consignee, "CountryId": country_id}


def item(line: WarehouseOrderLine) -> Row:
    return {
        "SKU": line.base_sku,
        "Quantity": line.base_quantity,
        "Details": line.title,
        "OrderItemNameValues": [
            {"Name": LINE_ID, "Value": line.line_id},
            {"Name": ORDERED, "Value": str(line.base_quantity)},
        ],
    }


def _consignee(ship_to: Address) -> Row:
    """Mintsoft wants a first and a last name; a consignee without a name is known by the company."""
    first, _, last = (ship_to.name.strip() or ship_to.company.strip()).rpartition(" ")
    return {
        "FirstName": first or last,
        "LastName": last if first else "",
        "CompanyName": ship_to.company,
        "Address1": ship_to.address1,
        "Address2": ship_to.address2,
        "Town": ship_to.city,
        "County": ship_to.province,
        "PostCode": ship_to.postcode,
        "Country": ship_to.country_code,
        "Phone": ship_to.phone,
    }
