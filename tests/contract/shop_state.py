"""What the checks put into a sandbox shop and ask of it, in the words of `sandbox.control.SandboxControl`."""

from __future__ import annotations

from typing import Any

ADDRESS = {
    "first_name": "Wilhelmina",
    "last_name": "Quarrington",
    "company": "Cobalt Gifts",
    "address1": "99 Zanzibar Crescent",
    "city": "Leeds",
    "zip": "LS1 1AA",
    "country_code": "GB",
    "phone": "0113-555-0199",
}


def an_order(name: str, *lines: tuple[str, int], price: str = "2.50", **more: Any) -> dict[str, Any]:
    """An order on account as SparkLayer leaves it, for (SKU, quantity) lines."""
    return {
        "name": name,
        "created_at": "2026-11-23T09:00:00Z",
        "company": {"name": "Cobalt Gifts"},
        "customer_key": "cobalt",
        "custom_attributes": {"sparkCartId": f"cart-{name.strip('#')}", "sparkPaymentType": "paymentOnAccount"},
        "shipping_address": ADDRESS,
        "shipping_line": {"title": "Pallet", "price": "9.95"},
        "lines": [
            {"sku": sku, "title": f"Title of {sku}", "quantity": quantity, "unit_price": price}
            for sku, quantity in lines
        ],
        **more,
    }


def held(shop: Any, name: str) -> dict[str, Any]:
    """The order as the shop itself holds it."""
    (found,) = [each for each in shop.state("orders")["orders"] if each["name"] == name]
    return dict(found)


def fulfilments(shop: Any, name: str) -> list[tuple[dict[str, int], list[str]]]:
    """(quantity by SKU, tracking numbers) of each fulfilment that stands, oldest first."""
    told = []
    for each in held(shop, name)["fulfilments"]:
        units: dict[str, int] = {}
        for line in each["lines"]:
            units[line["sku"]] = units.get(line["sku"], 0) + line["quantity"]
        if each.get("status", "SUCCESS") == "SUCCESS":
            told.append((units, [parcel["number"] for parcel in each["tracking"]]))
    return told


def shown(shop: Any) -> dict[str, int]:
    """What the shop shows as available, by SKU."""
    return {each["sku"]: each["available"] for each in shop.state("variants")["variants"]}


def untouched(shop: Any, name: str) -> Any:
    """What we never write: note, PO, money, attributes and what was ordered."""
    order = held(shop, name)
    lines = [(each["sku"], each["quantity"]) for each in order["lines"]]
    kept = ("note", "po_number", "custom_attributes", "total", "financial_status")
    return {key: order[key] for key in kept} | {"lines": lines}
