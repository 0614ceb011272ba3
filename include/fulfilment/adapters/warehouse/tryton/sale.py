"""A warehouse order in the form of a Tryton sale: products, consignee and texts, looked up and refused by name."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import date
from typing import Any

from include.fulfilment.adapters.transport import RemoteRefusal
from include.fulfilment.adapters.warehouse.tryton.wire import Record, TrytonClient, chunks, wire_date, wire_zero
from include.fulfilment.domain.order import Address
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import RetryableError
from include.fulfilment.ports import Rejected

SERVICE = "Service: "
_SKUS = 500
_LONGEST_WORDS = 300


class Refused(Exception):
    """The order cannot be stored as it is; carries the answer."""

    def __init__(self, answer: Rejected) -> None:
        super().__init__(answer.message)
        self.answer = answer


def sale_values(client: TrytonClient, order: WarehouseOrder, today: date) -> Record:
    """The sale to create for a warehouse order.

    Raises:
        Refused: a SKU or the country is unknown to the warehouse, or it refuses the address.
    """
    party, address = _consignee(client, order.ship_to)
    values: Record = {
        "description": order.external_ref,
        "reference": order.po_number,
        "comment": f"{SERVICE}{order.shipping_service}\n{order.instructions}",
        "party": party,
        "shipment_address": address,
        "invoice_address": address,
        "invoice_method": "manual",  # invoices are not the warehouse's business
        "shipment_method": "order",
        "lines": [["create", _sale_lines(client, order)]],
    }
    if order.requested_on:
        values["shipping_date"] = wire_date(order.requested_on)
        if order.requested_on < today:
            # Tryton refuses a shipping date before the sale's own, which is today by default.
            values["sale_date"] = wire_date(order.requested_on)
    return values


def _sale_lines(client: TrytonClient, order: WarehouseOrder) -> list[Record]:
    skus = sorted({line.base_sku for line in order.lines})
    products: dict[str, Record] = {}
    for batch in chunks(skus, _SKUS):
        domain = [["code", "in", list(batch)], ["type", "=", "goods"]]
        for product in client.search("product.product", domain, ["code", "template.default_uom"]):
            products[product["code"]] = product  # Tryton keeps the codes of active products unique
    for sku in skus:
        if sku not in products:
            words = f"the warehouse has no product with code {sku!r}; add it there or correct the pack catalogue"
            raise Refused(Rejected("sku_unknown", words, f"sku {sku}"))
    return [
        {
            "product": products[line.base_sku]["id"],
            "unit": products[line.base_sku]["template."]["default_uom"],
            "quantity": line.base_quantity,
            "unit_price": wire_zero(),
            "description": line.title,
            "note": line.line_id,
        }
        for line in order.lines
    ]


def _consignee(client: TrytonClient, ship_to: Address) -> tuple[int, int]:
    """Ids of the party and its address; equal addresses share one party, known by a digest as its code."""
    text = json.dumps(asdict(ship_to), sort_keys=True)
    code = f"B2B-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16].upper()}"
    found = _party(client, code)
    if found is None:
        values = {"code": code, **_party_values(client, ship_to)}
        try:
            # Safe to repeat: a party's code is unique in Tryton, a second one is refused.
            client.create("party.party", values, safe=True)
        except RemoteRefusal as refusal:
            found = _party(client, code)
            if found is None:
                raise Refused(rejected(refusal, "ship_to")) from None
        found = found or _party(client, code)
    if found is None:
        raise RetryableError("tryton: the consignee just stored is not found; it will be tried again")
    return found


def _party(client: TrytonClient, code: str) -> tuple[int, int] | None:
    addresses = client.search("party.address", [["party.code", "=", code]], ["party"], limit=1)
    return (addresses[0]["party"], addresses[0]["id"]) if addresses else None


def _party_values(client: TrytonClient, ship_to: Address) -> Record:
    line = {name: " ".join(str(value).split()) for name, value in asdict(ship_to).items()}
    street = [line["address1"], line["address2"], line["province"]]
    address = {
        "party_name": line["name"],
        "street": "\n".join(part for part in street if part),
        "city": line["city"],
        "postal_code": line["postcode"],
        "country": _country(client, line["country_code"]),
    }
    phone = {"contact_mechanisms": [["create", [{"type": "phone", "value": line["phone"]}]]]} if line["phone"] else {}
    return {"name": line["company"] or line["name"], "addresses": [["create", [address]]], **phone}


def _country(client: TrytonClient, code: str) -> int | None:
    if not code:
        return None
    found = client.search("country.country", [["code", "=", code.upper()]], ["code"], limit=1)
    if not found:
        words = f"the warehouse knows no country {code!r}; add it there or correct the address"
        raise Refused(Rejected("country_unknown", words, "ship_to.country_code"))
    return int(found[0]["id"])


def rejected(refusal: RemoteRefusal, field: str = "") -> Rejected:
    """Tryton's own words for a refusal."""
    body: Any = refusal.body
    words = str(body.get("message", "")) if isinstance(body, dict) else ""
    return Rejected("refused_by_warehouse", (words or str(refusal))[:_LONGEST_WORDS], field)
