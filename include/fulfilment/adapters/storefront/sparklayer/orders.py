"""One purchase as our sales order. A malformed record never raises: what is wrong stands in `problems`, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from include.fulfilment.adapters.storefront.fields import EPOCH, Fields
from include.fulfilment.adapters.storefront.sparklayer.customers import Customer
from include.fulfilment.adapters.storefront.sparklayer.options import Options
from include.fulfilment.adapters.storefront.sparklayer.purchase import (
    DRAFTS,
    LIVE,
    ORDER,
    Json,
    Line,
    Purchase,
    items_of,
    money,
)
from include.fulfilment.domain.order import Address, PaymentMethod, PaymentState, SalesLine, SalesOrder
from include.fulfilment.mapping.extract import MappingRules, extract_details
from include.fulfilment.mapping.payment import payment_method
from include.fulfilment.mapping.places import PlaceKind, RawFields
from include.fulfilment.mapping.text import shown

_NAME, _TEXT = 255, 20_000
_PENNY, _FINE = Decimal("0.01"), Decimal("0.000001")


def customer_id(purchase: Purchase) -> str:
    """Who the purchase is charged to, in SparkLayer's id; empty where it names nobody."""
    return purchase.fields.inside("customer_identifiers").text("sparklayer", _NAME).strip()


def map_order(purchase: Purchase, customer: Customer | None, options: Options, mapping: MappingRules) -> SalesOrder:
    """Our order for a purchase; `customer` is the account that it is charged to, None where it cannot be read.
    `mapping` says where its details stand."""
    fields, kind = purchase.fields, purchase.kind
    _check(purchase, options)
    live = [package for meaning, package in purchase.packages() if meaning in LIVE]
    dates, found = fields.inside("dates"), extract_details(mapping, _raw_fields(fields, live, customer, mapping))
    for problem in found.problems:
        fields.problem(problem)
    updated_at = dates.instant("updated_at") or EPOCH
    currency = fields.text("currency_code", 3).upper()
    total = _total(fields, currency)
    word = fields.text("payment_method", _NAME)
    return SalesOrder(
        order_id=_order_id(purchase),
        platform_id=purchase.platform_id,
        name=purchase.name,
        is_draft=kind in DRAFTS,
        is_b2b=not purchase.lives_elsewhere,
        placed_at=dates.instant("placed_at", required=False) or dates.instant("created_at") or EPOCH,
        updated_at=updated_at,
        payment_method=PaymentMethod.QUOTE if kind == "quote" else payment_method(word, options.payment_words),
        payment_state=_state(_own_money(fields, "total_paid", currency), total),
        payment_word=word,
        currency=currency,
        total_gross=total,
        shipping_net=sum((_carriage(package) for package in live), Decimal(0)),
        account_id=customer.account_id if customer else _unread_account(purchase),
        account_name=customer.name if customer else "",
        po_required=customer is not None and customer.po_required,
        customer_group=customer.group if customer else "",
        shipping_method=_one(purchase, [each.inside("shipping_method").text("name", _NAME) for each in live]),
        ship_to=_ship_to(purchase, live),
        cancelled_at=updated_at if purchase.cancelled() else None,
        held_in_shop=any(meaning == "held" for meaning, _ in purchase.packages()),
        fulfilled_in_shop=purchase.shipped(),
        lines=_lines(purchase),
        problems=tuple(purchase.problems),
        **found.of_the_order(),
    )


def _check(purchase: Purchase, options: Options) -> None:
    if purchase.kind != ORDER and purchase.kind not in DRAFTS:
        purchase.fields.problem(f"its type {shown(purchase.kind)} is none that we know")
    _check_units(purchase, options)


def _total(fields: Fields, currency: str) -> Decimal:
    if fields.raw.get("calculated_total") is None:  # of nothing, nothing paid would be all
        fields.problem("it has no calculated_total, so what is due and what is paid cannot be told")
    return _own_money(fields, "calculated_total", currency)


def _order_id(purchase: Purchase) -> str:
    """One id per SparkLayer cart, so that what a quote became is still the same order."""
    cart = purchase.identifiers.get("sparklayer", "")
    if cart and len(cart) <= 100 and cart.isprintable() and "/" not in cart:
        return f"cart:{cart}"
    return f"purchase:{purchase.platform_id.replace('/', ':')}"


def _unread_account(purchase: Purchase) -> str:
    found = customer_id(purchase)
    return f"customer:{found}" if found else ""


def _raw_fields(fields: Fields, live: Sequence[Fields], customer: Customer | None, mapping: MappingRules) -> RawFields:
    """The places of one purchase. The customer's reference is the PO number
    (https://docs.sparklayer.io/tech-docs/purchasing-api); the merchant names the custom fields."""
    custom: dict[str, str] = {}
    for name, value in _named(fields.raw.get("custom_fields"), "name", "a custom field", fields):
        if name in custom and custom[name] != value:
            fields.problem(f"the custom field {shown(name)} is there twice with different values")
        custom.setdefault(name, value)
    return RawFields(
        shop_fields={
            "po_number": fields.text("customer_reference", _NAME),
            "company": customer.name if customer else "",
        },
        custom_fields=custom,
        line_properties=_properties(fields, live) if mapping.every(PlaceKind.LINE_PROPERTY) else {},
    )


def _properties(fields: Fields, live: Sequence[Fields]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in (item for package in live for item in items_of(package.raw) if isinstance(item, dict)):
        for name, value in _named(item.get("custom_attributes"), "key", "a line's attribute", fields):
            found.setdefault(name, []).append(value)
    return found


def _named(raw: Json, key: str, what: str, fields: Fields) -> list[tuple[str, str]]:
    each = [Fields(one, what, fields.problems) for one in (raw if isinstance(raw, list) else [])]
    return [(one.text(key, _NAME), one.text("value", _TEXT)) for one in each]


def _lines(purchase: Purchase) -> tuple[SalesLine, ...]:
    found = purchase.lines()
    if not found:
        purchase.fields.problem("the order has no lines")
    for each in found:
        if not each.sku.strip():
            purchase.fields.problem(f"the line {shown(each.title)} has no SKU")
    counting = [each for each in found if each.current]
    return tuple(_line(each, position) for position, each in enumerate(counting, start=1))


def _line(line: Line, position: int) -> SalesLine:
    return SalesLine(line.line_id, line.sku, line.title, line.current, _unit_price(line), position)


def _unit_price(line: Line) -> Decimal:
    price = line.net / line.current
    pennies = price.quantize(_PENNY)
    return pennies if pennies * line.current == line.net else price.quantize(_FINE)


def _check_units(purchase: Purchase, options: Options) -> None:
    """A quantity counts what its SKU is. Where the site says in which attribute another unit would stand, a line in
    such a unit is named: its factor is proven nowhere."""
    for _, package in purchase.packages() if options.unit_attribute else []:
        for item in items_of(package.raw):
            raw = item.get("custom_attributes") if isinstance(item, dict) else None
            for each in raw if isinstance(raw, list) else []:
                attribute: Mapping[str, Json] = each if isinstance(each, dict) else {}
                unit = attribute.get("value")
                if attribute.get("key") == options.unit_attribute and unit not in options.base_units:
                    purchase.fields.problem(f"a line is counted in {shown(unit)}; order it in the unit of its SKU")


def _own_money(fields: Fields, key: str, currency: str) -> Decimal:
    """An amount in the order's currency; one in another is a problem, as it proves nothing."""
    amount = fields.inside(key)
    code = amount.raw.get("currency")
    if code is not None and str(code).upper() != currency:
        fields.problem(f"{key} is in {shown(code)} and the order in {shown(currency)}")
    return money(fields, key)


def _state(paid: Decimal, total: Decimal) -> PaymentState:
    """What was paid against what is due; nothing recorded is nothing paid."""
    if paid >= total:
        return PaymentState.PAID
    return PaymentState.PARTIALLY_PAID if paid > 0 else PaymentState.PENDING


def _carriage(package: Fields) -> Decimal:
    return money(package.inside("shipping_method").inside("line_total"), "total_net")


def _one(purchase: Purchase, names: Sequence[str]) -> str:
    """The shipping method; packages that name several cannot go as one warehouse order."""
    found = list(dict.fromkeys(name for name in names if name))
    if len(found) > 1:
        purchase.fields.problem(f"its packages name several shipping methods: {', '.join(map(shown, found[:3]))}")
    return found[0] if found else ""


def _ship_to(purchase: Purchase, live: Sequence[Fields]) -> Address:
    found = list(dict.fromkeys(_address(each.inside("shipping_address")) for each in live))
    if len(found) > 1:
        purchase.fields.problem("its packages go to different addresses; split the order by address")
    return found[0] if found else Address()


def _address(raw: Fields) -> Address:
    """An address in SparkLayer's names (https://docs.sparklayer.io, Shopify data sync)."""
    person = f"{raw.text('first_name', _NAME)} {raw.text('last_name', _NAME)}".strip()
    return Address(
        name=person,
        company=raw.text("company", _NAME),
        address1=raw.text("address_line1", _NAME),
        address2=raw.text("address_line2", _NAME),
        city=raw.text("city", _NAME),
        province=raw.text("region_code", _NAME),
        postcode=raw.text("postcode", _NAME),
        country_code=raw.text("country_code", 2).upper(),
        phone=raw.text("phone", _NAME),
    )
