"""Records that no shop should hold: none raises, each says in words what is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.fulfilment.adapters.storefront.shopify.orders import map_order
from include.fulfilment.adapters.storefront.shopify.settings import ShopifySettings
from include.fulfilment.domain.order import PaymentState
from include.fulfilment.errors import ConfigError

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SETTINGS = ShopifySettings(location_id="gid://shopify/Location/77")
ORDER: dict[str, Any] = {
    "id": "gid://shopify/Order/9107199254740993",
    "name": "#1042",
    "processedAt": "2026-11-23T09:00:00Z",
    "updatedAt": "2026-11-23T09:00:00+01:00",
    "currencyCode": "GBP",
    "displayFinancialStatus": "PAID",
    "customAttributes": [
        {"key": "sparkCartId", "value": "c-1"},
        {"key": "sparkPaymentType", "value": "upfrontPayment"},
    ],
    "total": {"shopMoney": {"amount": "12.00"}},
}
LINE: dict[str, Any] = {
    "id": "gid://shopify/LineItem/16400000000001",
    "sku": "MUG",
    "title": "Mug",
    "quantity": 4,
    "currentQuantity": 4,
    "unfulfilledQuantity": 4,
    "originalUnitPriceSet": {"shopMoney": {"amount": "2.50"}},
}


def problems(line: object = LINE, **changed: Any) -> tuple[str, ...]:
    return map_order({**ORDER, **changed}, [line], SETTINGS, NOW, is_draft=False).order.problems


def test_a_good_record_has_no_problems_and_its_instants_are_utc() -> None:
    read = map_order(ORDER, [LINE], SETTINGS, NOW, is_draft=False).order
    assert read.problems == ()
    assert read.updated_at == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert (read.total_gross, read.lines[0].price) == (Decimal("12.00"), Decimal("2.50"))


@pytest.mark.parametrize(
    ("customer", "group"),
    [
        ({}, ""),
        ({"tags": ["b2b", "wholesale"]}, ""),
        ({"tags": ["b2b", "b2b-vip"]}, "vip"),
        ({"tags": ["b2b-vip", "b2b-new"]}, ""),
        ({"tags": ["b2b-vip", "b2b-new"], "group": {"value": "new"}}, "new"),
        ({"tags": ["b2b-vip"], "group": {"value": "base"}}, ""),
        ({"tags": "b2b-vip"}, ""),
    ],
)
def test_the_buyers_group_is_the_metafields_before_that_of_the_one_tag(customer: dict[str, Any], group: str) -> None:
    found = map_order({**ORDER, "customer": customer}, [LINE], SETTINGS, NOW, is_draft=False).order
    assert found.customer_group == group


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({**LINE, "quantity": 0, "currentQuantity": 0}, "line 1: quantity '0' is not a whole number of 1 or more"),
        (
            {**LINE, "currentQuantity": Decimal("2.5")},
            "line 1: currentQuantity '2.5' is not a whole number of 0 or more",
        ),
        ({**LINE, "quantity": 10**12}, "line 1: quantity '1000000000000' is not a whole number of 1 or more"),
        ({**LINE, "quantity": True}, "line 1: quantity 'True' is not a whole number of 1 or more"),
        ({**LINE, "sku": "  "}, "line 1: 'Mug' has no SKU"),
        ({**LINE, "sku": 17}, "line 1: sku '17' where text was expected"),
        ({**LINE, "sku": "X" * 300}, "line 1: sku has 300 characters, more than 255"),
        ({**LINE, "id": 16400000000001}, "line 1: id '16400000000001' is no id of Shopify's"),
        ({**LINE, "originalUnitPriceSet": None}, "line 1: originalUnitPriceSet 'None' is not an amount of money"),
        ("a line", "line 1: is no record"),
    ],
)
def test_a_malformed_line_is_named(line: object, words: str) -> None:
    assert words.replace("sku '17' where", "sku is '17' where") in problems(line)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": None}, "name is missing"),
        ({"id": "gid://shopify/Order/1.5"}, None),
        ({"processedAt": "yesterday"}, "processedAt 'yesterday' is not an instant with its zone"),
        ({"updatedAt": "2026-11-23T09:00:00"}, "updatedAt '2026-11-23T09:00:00' is not an instant with its zone"),
        ({"note": "N" * 30_000}, "note has 30000 characters, more than 20000"),
        ({"total": {"shopMoney": {"amount": "NaN"}}}, "total 'NaN' is not an amount of money"),
        ({"total": {"shopMoney": {"amount": 1.5}}}, "total '1.5' is not an amount of money"),
        (
            {"customAttributes": [{"key": "sparkCartId", "value": "c" * 300}]},
            f"sparkCartId '{'c' * 60}…' is no cart id",
        ),
    ],
)
def test_a_malformed_order_is_named(changed: dict[str, Any], words: str | None) -> None:
    assert words is None or words in problems(**changed)


def test_two_cart_ids_on_one_order_are_a_problem_and_the_first_counts() -> None:
    twice = [{"key": "sparkCartId", "value": "a"}, {"key": "sparkCartId", "value": "b"}]
    read = map_order({**ORDER, "customAttributes": twice}, [LINE], SETTINGS, NOW, is_draft=False).order
    assert read.order_id == "cart:a"
    assert read.problems == ("the attribute 'sparkCartId' is there twice with different values",)


def test_an_unreadable_credit_record_is_a_problem_only_where_it_decides() -> None:
    customer = {"id": "gid://shopify/Customer/5", "credit": {"value": "{credit_limit: lots}"}}
    on_account = [{"key": "sparkPaymentType", "value": "paymentOnAccount"}]
    words = "the customer's metafield sparklayer.payment_on_account cannot be read; correct it there"
    assert problems(customer=customer, customAttributes=on_account) == (words,)
    assert problems(customer=customer) == ()


def test_credit_figures_never_pass_through_binary_floats() -> None:
    value = '{"credit_limit": 1000.10, "balance": 0.1}'
    customer = {"id": "gid://shopify/Customer/5", "credit": {"value": value}, "onStop": {"value": "true"}}
    account = map_order({**ORDER, "customer": customer}, [LINE], SETTINGS, NOW, is_draft=False).account
    assert account is not None
    assert (account.credit_limit, account.balance, account.currency) == (Decimal("1000.10"), Decimal("0.1"), "GBP")
    assert (account.account_id, account.on_stop) == ("customer:5", True)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("PAID", PaymentState.PAID),
        ("PARTIALLY_REFUNDED", PaymentState.PAID),
        ("PARTIALLY_PAID", PaymentState.PARTIALLY_PAID),
        ("VOIDED", PaymentState.VOIDED),
        ("NEW_WORD", PaymentState.UNKNOWN),
        (None, PaymentState.UNKNOWN),
    ],
)
def test_the_shops_word_for_the_money_is_mapped_and_never_guessed(word: str | None, state: PaymentState) -> None:
    changed = {**ORDER, "displayFinancialStatus": word}
    assert map_order(changed, [LINE], SETTINGS, NOW, is_draft=False).order.payment_state is state


def test_goods_that_are_not_shipped_are_left_out() -> None:
    gift_card = {**LINE, "requiresShipping": False, "sku": None}
    read = map_order(ORDER, [gift_card, LINE], SETTINGS, NOW, is_draft=False).order
    assert ([each.position for each in read.lines], read.problems) == ([2], ())


@pytest.mark.parametrize(("current", "unfulfilled", "fulfilled"), [(4, 4, 0), (4, 1, 3), (4, 0, 4), (4, 5, 0)])
def test_f31_a_line_says_how_many_of_it_are_fulfilled(current: int, unfulfilled: int, fulfilled: int) -> None:
    raw = {**LINE, "currentQuantity": current, "unfulfilledQuantity": unfulfilled}
    (line,) = map_order(ORDER, [raw], SETTINGS, NOW, is_draft=False).order.lines
    assert (line.quantity, line.fulfilled) == (current, fulfilled)


def test_a_location_that_is_no_number_is_a_setting_to_mend() -> None:
    with pytest.raises(ConfigError, match="'main' is no number"):
        ShopifySettings(location_id="main")


@pytest.mark.parametrize("version", ["", "2026", "2026-07/graphql.json?x=", "../2026-07"])
def test_an_api_version_that_cannot_be_one_is_refused(version: str) -> None:
    with pytest.raises(ConfigError, match="api_version"):
        ShopifySettings(location_id="77", api_version=version)


scalars = st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=20)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(ORDER)), inner, max_size=4),
)


@given(
    st.dictionaries(st.sampled_from([*ORDER, "customer", "note", "lineItems"]), anything),
    st.lists(anything, max_size=3),
)
def test_no_record_whatsoever_raises_or_holds_what_cannot_be_stored(raw: dict[str, Any], lines: list[Any]) -> None:
    read = map_order(raw, lines, SETTINGS, NOW, is_draft=False).order
    assert read.problems
    assert read.order_id
    repr(read).encode()
    # A backslash in a text is two in its repr: what is left with one is the character itself.
    assert "\\x00" not in repr(read).replace("\\\\", "")
