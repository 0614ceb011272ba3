"""One Shopify order or draft order as our sales order, with the credit account its buyer's metafield describes.

A malformed record never raises: what is wrong stands in `problems`, in words, and the field gets a safe value.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from include.fulfilment.adapters.storefront.fields import EPOCH, Fields, Json, decimal_of
from include.fulfilment.adapters.storefront.shopify.client import number_of
from include.fulfilment.adapters.storefront.shopify.leaving import GONE, NOWHERE, Leaving
from include.fulfilment.adapters.storefront.shopify.raw_fields import LONGEST, raw_fields
from include.fulfilment.adapters.storefront.shopify.settings import FINANCIAL_STATES, ShopifySettings
from include.fulfilment.domain.order import (
    SEVERAL,
    Address,
    CreditAccount,
    PaymentMethod,
    PaymentState,
    SalesLine,
    SalesOrder,
)
from include.fulfilment.mapping.extract import Extracted, extract_details
from include.fulfilment.mapping.payment import payment_method, payment_state
from include.fulfilment.mapping.text import shown

_GROUP_TAG = "b2b-"
_TEXT, _NAME = 500, 255  # characters we keep at most; Shopify's own bounds are lower or equal


@dataclass(frozen=True, slots=True)
class ReadOrder:
    """What one record gave. `account` is None where the buyer has no credit record or it cannot be read."""

    order: SalesOrder
    account: CreditAccount | None


def map_order(
    raw: Json,
    lines: Sequence[Json],
    settings: ShopifySettings,
    now: datetime,
    *,
    is_draft: bool,
    leaving: Leaving = NOWHERE,
) -> ReadOrder:
    """Our order for the shop's record `raw` with all its lines, which leave from the places of `leaving`; `now` is when
    the credit figures were read."""
    problems: list[str] = []
    fields = Fields(raw, "", problems)
    attributes = _attributes(fields)
    found = extract_details(settings.mapping, raw_fields(fields, attributes, lines, settings.asked))
    for problem in found.problems:
        fields.problem(problem)
    sold = tuple(_placed(each, leaving, settings, fields) for each in _lines(lines, fields, is_draft))
    order = _order(fields, attributes, sold, settings, found, is_draft)
    order = replace(order, held_in_shop=any(each in ("", *settings.warehouses) for each in leaving.waiting))
    account = _credit(fields, order.account_id, order.currency, settings, now)
    if account is None and _credit_text(fields) and order.payment_method is PaymentMethod.ACCOUNT:
        fields.problem("the customer's metafield sparklayer.payment_on_account cannot be read; correct it there")
    return ReadOrder(replace(order, problems=tuple(problems)), account)


def map_account(raw: Json, settings: ShopifySettings, now: datetime) -> CreditAccount | None:
    """The credit account that the buyer of the shop's record `raw` has, None where there is none to be read."""
    fields = Fields(raw, "", [])
    return _credit(fields, _account(fields)[0], fields.text("currencyCode", _NAME), settings, now)


def account_id(fields: Fields) -> str:
    """The credit account of a record's buyer, empty where it has none."""
    return _account(fields)[0]


def _order(
    fields: Fields,
    attributes: dict[str, str],
    lines: tuple[SalesLine, ...],
    settings: ShopifySettings,
    found: Extracted,
    is_draft: bool,
) -> SalesOrder:
    platform_id = number_of(fields.raw.get("id"))
    word = attributes.get("sparkPaymentType", "")
    account_id, account_name = _account(fields)
    total = fields.money("total")
    return SalesOrder(
        order_id=_order_id(fields, attributes, platform_id),
        platform_id=platform_id,
        name=fields.text("name", _NAME, required=True),
        is_draft=is_draft,
        is_b2b="sparkCartId" in attributes or "sparkPaymentType" in attributes,
        placed_at=fields.instant("createdAt" if is_draft else "processedAt") or EPOCH,
        updated_at=fields.instant("updatedAt") or EPOCH,
        payment_method=payment_method(word, settings.payment_words),
        payment_state=PaymentState.PENDING if is_draft else _state(fields),
        payment_word=word[:_NAME],
        currency=fields.text("currencyCode", 3),
        total_gross=total,
        shipping_net=_shipping_net(fields, total, lines),
        account_id=account_id,
        account_name=account_name,
        po_required=_flag(fields, "poRequired"),
        customer_group=_group(fields.inside("customer")),
        shipping_method=fields.inside("shippingLine").text("title", _NAME),
        ship_to=_address(fields.inside("shippingAddress")),
        cancelled_at=fields.instant("cancelledAt", required=False),
        held_in_shop=False,
        fulfilled_in_shop=fields.raw.get("displayFulfillmentStatus") == "FULFILLED",
        lines=lines,
        **found.of_the_order(),
    )


def _attributes(fields: Fields) -> dict[str, str]:
    """The order's custom attributes; the first of a repeated key counts."""
    found: dict[str, str] = {}
    raw = fields.raw.get("customAttributes")
    for each in raw if isinstance(raw, list) else []:
        one = Fields(each, "an attribute", fields.problems)
        key, value = one.text("key", _NAME), one.text("value", LONGEST)
        if key and key in found and found[key] != value:
            fields.problem(f"the attribute {shown(key)} is there twice with different values")
        found.setdefault(key, value)
    found.pop("", None)
    return found


def _order_id(fields: Fields, attributes: dict[str, str], platform_id: str) -> str:
    """One id per SparkLayer cart, so that a draft and the order it became are one."""
    cart = attributes.get("sparkCartId", "").strip()
    if cart and len(cart) <= 100 and cart.isprintable() and "/" not in cart:
        return f"cart:{cart}"
    if cart:
        fields.problem(f"sparkCartId {shown(cart)} is no cart id")
    if platform_id:
        return f"shop:{platform_id}"
    fields.problem(f"id {shown(fields.raw.get('id'))} is no id of Shopify's")
    text = json.dumps(fields.raw, sort_keys=True, default=str)
    return f"shop:unreadable-{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:16]}"


def _account(fields: Fields) -> tuple[str, str]:
    """Credit account and its name: the company location where the buyer has one, else the customer."""
    buyer = fields.inside("purchasingEntity")
    location, company = buyer.inside("location"), buyer.inside("company")
    if number := number_of(location.raw.get("id")):
        return f"company_location:{number}", company.text("name", _NAME) or location.text("name", _NAME)
    customer = fields.inside("customer")
    if number := number_of(customer.raw.get("id")):
        return f"customer:{number}", company.text("name", _NAME) or customer.text("displayName", _NAME)
    return "", company.text("name", _NAME)


def _group(customer: Fields) -> str:
    """The buyer's group in SparkLayer: the metafield `sparklayer.group`, which supersedes a tag `b2b-<group>`
    (docs.sparklayer.io, B2B catalogs). Of several such tags nobody can say which counts: none does."""
    stated = customer.inside("group").text("value", _NAME).strip()
    tags = customer.raw.get("tags")
    tagged = {
        each.strip()[len(_GROUP_TAG) :]
        for each in (tags if isinstance(tags, list) else [])
        if isinstance(each, str) and each.strip().startswith(_GROUP_TAG)
    }
    found = stated or (tagged.pop() if len(tagged) == 1 else "")
    return "" if found == "base" else found[:_NAME]


def _flag(fields: Fields, alias: str) -> bool:
    """A yes/no metafield of the customer, our own `fulfilment.…`; absent is no, a word that is neither is noted."""
    value = fields.inside("customer").inside(alias).text("value", _NAME).strip().lower()
    if value not in ("", "true", "false"):
        fields.problem(f"the customer's metafield {alias} is {shown(value)}, neither true nor false; taken as true")
    return value not in ("", "false")


def _credit_text(fields: Fields) -> str:
    return fields.inside("customer").inside("credit").text("value", LONGEST)


def _credit(
    fields: Fields, account_id: str, currency: str, settings: ShopifySettings, now: datetime
) -> CreditAccount | None:
    """The account in `sparklayer.payment_on_account`. Where it names no currency, it is the order's."""
    text = _credit_text(fields)
    if not text or not account_id:
        return None
    try:
        found = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        found = None
    record = found if isinstance(found, dict) else {}
    limit, balance = decimal_of(record.get("credit_limit")), decimal_of(record.get("balance", 0))
    code = record.get("currency_code") or currency
    if limit is None or balance is None or not isinstance(code, str) or len(code) != 3:
        return None
    return CreditAccount(
        account_id=account_id,
        credit_limit=limit,
        balance=balance,
        currency=code.upper(),
        on_stop=_flag(fields, "onStop"),
        as_of=now,
        contains=settings.credit_contains,
    )


def _state(fields: Fields) -> PaymentState:
    return payment_state(fields.text("displayFinancialStatus", _NAME), FINANCIAL_STATES)


def _address(raw: Fields) -> Address:
    return Address(
        name=raw.text("name", _NAME),
        company=raw.text("company", _NAME),
        address1=raw.text("address1", _NAME),
        address2=raw.text("address2", _NAME),
        city=raw.text("city", _NAME),
        province=raw.text("province", _NAME),
        postcode=raw.text("zip", _NAME),
        country_code=raw.text("countryCodeV2", 2),
        phone=raw.text("phone", _NAME),
    )


def _placed(line: SalesLine, leaving: Leaving, settings: ShopifySettings, order: Fields) -> SalesLine:
    """The line with the warehouse that it leaves from."""
    places = leaving.of(line.line_id)
    if GONE in places:
        order.problem(f"line {line.position} is to leave from a location that the shop has deleted; move it to another")
    named = {settings.warehouses.get(place) if place not in ("", GONE) else "" for place in places}
    if len(named) > 1:
        where = " and ".join(places)
        order.problem(f"line {line.position} leaves from the locations {where}; move it to one of them in the shop")
    return replace(line, leaves_from=SEVERAL if len(named) > 1 else named.pop())


def _lines(raw: Sequence[Json], order: Fields, is_draft: bool) -> tuple[SalesLine, ...]:
    """The lines that count: those removed from the order (current quantity 0 of some) and those that are not shipped
    at all (`requiresShipping` false: services, gift cards) are left out."""
    if not raw:
        order.problem("the order has no lines")
    lines = [_line(each, position, order, is_draft) for position, each in enumerate(raw, start=1)]
    return tuple(each for each in lines if each is not None)


def _line(raw: Json, position: int, order: Fields, is_draft: bool) -> SalesLine | None:
    line = Fields(raw, f"line {position}", order.problems)
    if line.raw.get("requiresShipping") is False:
        return None
    placed = line.units("quantity", least=1)
    quantity = placed if is_draft else line.units("currentQuantity")
    if placed and not quantity:
        return None
    sku = line.text("sku", _NAME)
    if not sku.strip():
        line.problem(f"{shown(line.raw.get('title'))} has no SKU")
    line_id = number_of(line.raw.get("id"))
    if not line_id:
        line.problem(f"id {shown(line.raw.get('id'))} is no id of Shopify's")
    return SalesLine(
        line_id=line_id or f"unreadable-{position}",
        sku=sku,
        title=line.text("title", _TEXT),
        quantity=quantity,
        price=line.money("originalUnitPriceSet"),
        position=position,
        fulfilled=0 if is_draft else max(0, quantity - line.units("unfulfilledQuantity")),
    )


def _shipping_net(fields: Fields, total: Decimal, lines: Sequence[SalesLine]) -> Decimal:
    """Carriage without VAT: what the total holds beside goods and tax. Never below zero; 0 where prices include tax,
    because then the share of the tax is not known here."""
    if fields.raw.get("taxesIncluded") is True:
        return Decimal(0)
    goods = sum((line.price * line.quantity for line in lines), Decimal(0))
    return max(Decimal(0), total - fields.money("tax", required=False) - goods)
