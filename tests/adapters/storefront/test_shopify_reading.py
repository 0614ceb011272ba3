"""Orders, drafts, variants and credit figures, read from a shop over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import cast

import pytest

from include.fulfilment.adapters.storefront.shopify import ShopifyStorefront
from include.fulfilment.adapters.storefront.shopify.client import ShopifyClient
from include.fulfilment.adapters.storefront.shopify.lines import read_all_lines
from include.fulfilment.adapters.storefront.shopify.queries import MORE_ORDER_LINES
from include.fulfilment.adapters.storefront.shopify.settings import ShopifySettings, shopify_transport
from include.fulfilment.domain.order import CreditAccount, PaymentMethod, PaymentState
from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.errors import ConfigError, DataError, RetryableError
from tests.adapters.storefront.kit import NOW, Shop, line, order


def test_an_order_on_account_is_read_whole(shop: Shop) -> None:
    note = "PO: PO-4711\nDelivery instructions: ring twice\nRequested delivery date: 2026-11-26"
    address = {"first_name": "Ada", "address1": "1 Quay", "city": "Hull", "zip": "HU1 1AA", "country_code": "GB"}
    shop.control.load(
        variants=[{"sku": "MUG", "title": "Mug"}],
        orders=[order("#1042", line("MUG", 24), line("JAR", 5, "7.99"), note=note, shipping_address=address)],
    )
    read = shop.order("#1042")
    assert (read.order_id, read.is_draft, read.is_b2b) == ("cart:cart-1042", False, True)
    assert (read.payment_method, read.payment_state) == (PaymentMethod.ACCOUNT, PaymentState.PENDING)
    assert (read.po_number, read.instructions, read.requested_on) == ("PO-4711", "ring twice", date(2026, 11, 26))
    assert (read.total_gross, read.shipping_net, read.currency) == (Decimal("131.88"), Decimal("9.95"), "GBP")
    assert (read.po_required, read.shipping_method, read.account_name) == (True, "Pallet", "Cobalt Gifts")
    assert (read.ship_to.city, read.ship_to.postcode, read.ship_to.country_code) == ("Hull", "HU1 1AA", "GB")
    assert [(each.sku, each.quantity, each.price) for each in read.lines] == [
        ("MUG", 24, Decimal("2.50")),
        ("JAR", 5, Decimal("7.99")),
    ]
    assert read.placed_at == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert read.problems == ()
    assert int(read.platform_id) > 2**53


def test_the_credit_account_is_the_company_location_with_the_figures_of_its_buyer(shop: Shop) -> None:
    shop.control.load(orders=[order("#1"), order("#2")])
    accounts = [each for page in shop.storefront.read_orders(None) for each in page.accounts]
    account_id = shop.order("#1").account_id
    assert account_id.startswith("company_location:")
    assert accounts == [CreditAccount(account_id, Decimal(5000), Decimal("1200.1"), "GBP", False, NOW, "placed_orders")]


def test_a_raised_limit_is_read_again_by_an_order_of_the_account_though_no_order_changed(shop: Shop) -> None:
    shop.control.load(orders=[order("#1")])
    read = shop.order("#1")
    more = {"credit_limit": 6500, "balance": 900, "currency_code": "gbp"}
    shop.control.set_customer_metafield("cobalt", "sparklayer", "payment_on_account", "json", more)
    later = NOW + timedelta(hours=3)
    shop.clock[0] = later
    assert shop.storefront.read_accounts([read.platform_id, "999"]) == [
        CreditAccount(read.account_id, Decimal(6500), Decimal(900), "GBP", False, later, "placed_orders")
    ]


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_two_logins_of_one_account_the_one_that_is_on_stop_counts(shop: Shop, newest_first: bool) -> None:
    stop = {"namespace": "fulfilment", "key": "on_stop", "type": "boolean", "value": "true"}
    credit = {"credit_limit": 10_000, "balance": 0, "currency_code": "gbp"}
    terms = {"namespace": "sparklayer", "key": "payment_on_account", "type": "json", "value": credit}
    shop.control.load(customers=[{"key": "stopped", "name": "Bo Cobalt", "metafields": [terms, stop]}])
    shop.control.load(orders=[order("#1", customer_key="stopped"), order("#2")])
    stopped, free = shop.order("#1"), shop.order("#2")
    assert stopped.account_id == free.account_id
    asked = [free.platform_id, stopped.platform_id] if newest_first else [stopped.platform_id, free.platform_id]
    (account,) = shop.storefront.read_accounts(asked)
    assert (account.on_stop, account.credit_limit) == (True, Decimal(10_000))


def test_the_ledger_s_code_is_the_external_id_of_the_company_and_of_a_customer_alone_our_metafield(shop: Shop) -> None:
    own = {"namespace": "fulfilment", "key": "ledger_account", "type": "single_line_text_field", "value": " C7 "}
    shop.control.load(customers=[{"key": "alone", "name": "Bo Alone", "metafields": [own]}])
    shop.control.load(
        orders=[
            order("#1", company={"name": "With Code", "external_id": "C100"}),
            order("#2", company={"name": "Without Code"}),
            order("#3", company=None, customer_key="alone"),
        ]
    )
    read = {name: shop.order(name) for name in ("#1", "#2", "#3")}
    assert shop.storefront.read_ledger_codes([each.platform_id for each in read.values()]) == {
        read["#1"].account_id: "C100",
        read["#3"].account_id: "C7",
    }


def test_a_draft_and_the_order_it_becomes_have_one_id_and_are_never_both_read(shop: Shop) -> None:
    shop.control.load(orders=[order("#D7", source="draft", payment_terms={"net": 30})])
    draft = shop.order("#D7")
    shop.control.complete_draft("#D7")
    (completed,) = shop.orders()
    assert (draft.is_draft, draft.payment_state, completed.is_draft) == (True, PaymentState.PENDING, False)
    assert draft.order_id == completed.order_id == "cart:cart-D7"
    assert draft.platform_id != completed.platform_id


def test_an_order_of_300_lines_is_read_whole(shop: Shop) -> None:
    lines = [line(f"SKU-{number}", number) for number in range(1, 301)]
    shop.control.load(orders=[order("#300", *lines), order("#301", line("MUG", 1))])
    read = shop.order("#300")
    assert [each.sku for each in read.lines] == [f"SKU-{number}" for number in range(1, 301)]
    assert sum(each.quantity for each in read.lines) == 45_150
    assert [each.position for each in read.lines] == list(range(1, 301))
    (held,) = shop.storefront.read_shop_orders([read.platform_id]).values()
    assert [(each.sku, each.current_quantity) for each in held.lines] == [(f"SKU-{n}", n) for n in range(1, 301)]


def test_the_rest_of_eight_long_orders_takes_two_calls_and_each_line_stays_with_its_order(shop: Shop) -> None:
    sizes = {f"#{number}": 24 + number for number in range(1, 9)} | {"#9": 70}
    shop.control.load(
        orders=[order(name, *(line(f"{name}/{n}", n) for n in range(1, size + 1))) for name, size in sizes.items()]
    )
    read = shop.orders()
    expected = {name: [f"{name}/{n}" for n in range(1, size + 1)] for name, size in sizes.items()}
    assert {each.name: [one.sku for one in each.lines] for each in read} == expected
    assert shop.control.calls() == {"draftOrders": 1, "orders": 1, "node": 2}
    held = shop.storefront.read_shop_orders([each.platform_id for each in read])
    assert {each.name: [one.sku for one in each.lines] for each in held.values()} == expected
    assert shop.control.calls() == {"draftOrders": 1, "orders": 1, "node": 4, "nodes": 1}


def test_an_order_with_more_fulfilments_than_one_reading_shows_is_read_whole(shop: Shop) -> None:
    shop.control.load(orders=[order("#1", *(line(f"S{n}", 1) for n in range(7)))])
    read = shop.order("#1")
    parts = enumerate(read.lines, start=1)
    posts = [
        FulfilmentPost(read.order_id, f"S{n}", "DPD", "MAIN", (f"T{n}",), (), ((each.line_id, 1),)) for n, each in parts
    ]
    shop.storefront.post_fulfilments([(read.platform_id, each) for each in posts])
    (held,) = shop.storefront.read_shop_orders([read.platform_id]).values()
    assert held.tracking_numbers == ("T1", "T2", "T3", "T4", "T5", "T6", "T7")


def test_a_removed_line_is_left_out_and_an_edited_one_has_its_new_quantity(shop: Shop) -> None:
    shop.control.load(orders=[order("#1", line("A", 10), line("B", 3))])
    shop.control.edit_line_quantity("#1", 1, 6)
    shop.control.edit_line_quantity("#1", 2, 0)
    assert [(each.sku, each.quantity) for each in shop.order("#1").lines] == [("A", 6)]


def test_a_public_order_is_not_b2b_and_is_known_by_its_number(shop: Shop) -> None:
    shop.control.load(orders=[order("#9", custom_attributes={}, company=None)])
    read = shop.order("#9")
    assert (read.is_b2b, read.order_id, read.payment_method) == (
        False,
        f"shop:{read.platform_id}",
        PaymentMethod.UNKNOWN,
    )


def test_an_order_on_hold_in_the_shop_is_known(shop: Shop) -> None:
    shop.control.load(orders=[order("#1"), order("#2")])
    shop.control.hold("#1", "INCORRECT_ADDRESS")
    assert [(each.name, each.held_in_shop) for each in shop.orders()] == [("#1", True), ("#2", False)]


def test_what_a_shop_may_hold_but_nobody_can_ship_is_named_and_the_rest_goes_on(shop: Shop) -> None:
    note = "PO: 1\nRequested delivery date: soon\n" + "🎁" * 9000
    shop.control.load(orders=[order("#1", line(None, 2), line("A", 1)), order("#2", note=note), order("#3")])
    assert {each.name: each.problems for each in shop.orders()} == {
        "#1": ("line 1: 'Mug' has no SKU",),
        "#2": ("the requested date 'soon' cannot be read; write it as 2026-11-26",),
        "#3": (),
    }


def test_only_changes_since_the_last_reading_less_the_overlap_are_read(shop: Shop) -> None:
    shop.control.load(orders=[order("#1")])
    shop.clock[0] = NOW + timedelta(minutes=4)
    shop.control.load(orders=[order("#2")])
    shop.clock[0] = NOW + timedelta(minutes=9)
    assert [each.name for each in shop.orders(NOW + timedelta(minutes=9))] == ["#2"]
    assert [each.name for each in shop.orders(NOW + timedelta(minutes=5))] == ["#1", "#2"]


def test_a_reading_claims_to_reach_the_newest_change_and_never_beyond_its_beginning(shop: Shop) -> None:
    shop.control.load(orders=[order(f"#{number}") for number in range(1, 26)])
    pages = list(shop.storefront.read_orders(None))
    assert [len(page.orders) for page in pages] == [9, 9, 7, 0]
    assert {page.read_to for page in pages} == {NOW}
    began = NOW - timedelta(seconds=30)
    behind = ShopifyStorefront(shop.transport, ShopifySettings("1"), lambda: began)
    assert {page.read_to for page in behind.read_orders(None)} == {began}


def test_drafts_never_move_the_cursor_before_the_orders_are_read(shop: Shop) -> None:
    shop.control.load(orders=[order("#D1", source="draft")])
    assert [(len(page.orders), page.read_to) for page in shop.storefront.read_orders(None)] == [(1, None), (0, NOW)]


def test_variants_carry_what_the_shop_shows_and_the_pack_size_that_counts(shop: Shop) -> None:
    def pack(sku: str, **metafields: str) -> dict[str, object]:
        kinds = {"settings": "json", "pack_size": "single_line_text_field"}
        rows = [{"namespace": "sparklayer", "key": k, "type": kinds[k], "value": v} for k, v in metafields.items()]
        return {"sku": sku, "title": sku, "available": -4, "metafields": rows}

    base = '[{"customer_group":"base","pack_size":12},{"customer_group":"vip","pack_size":3}]'
    shop.control.load(
        variants=[
            pack("PLAIN"),
            pack("SIX", pack_size="6"),
            pack("BOTH", pack_size="6", settings=base),
            pack("VIP-ONLY", pack_size="6", settings='[{"customer_group":"vip","pack_size":3}]'),
            pack("BROKEN", pack_size="a dozen"),
            pack("ODD", pack_size="6", settings='{"pack_size":6}'),
        ]
        + [pack(f"MORE-{number}") for number in range(60)]
    )
    found = shop.variants()
    sizes = {sku: found[sku].pack_size for sku in ("PLAIN", "SIX", "BOTH", "VIP-ONLY", "BROKEN", "ODD")}
    assert sizes == {"PLAIN": None, "SIX": 6, "BOTH": 12, "VIP-ONLY": 6, "BROKEN": 0, "ODD": 0}
    assert {sku: dict(each.group_pack_sizes) for sku, each in found.items() if each.group_pack_sizes} == {
        "BOTH": {"vip": 3},
        "VIP-ONLY": {"vip": 3},
    }
    assert len(found) == 66
    assert {each.available for each in found.values()} == {-4}


def test_a_location_where_nothing_is_stocked_shows_nothing_rather_than_zero(shop: Shop) -> None:
    shop.control.load(variants=[{"sku": "MUG", "title": "Mug", "available": 5}])
    elsewhere = ShopifyStorefront(shop.transport, ShopifySettings("1"), lambda: NOW)
    assert [each.available for page in elsewhere.read_variants() for each in page] == [None]


@pytest.mark.parametrize("kind", ["throttled", "429", "5xx_before", "5xx_after", "reset_before", "reset_after"])
def test_a_passing_fault_while_reading_loses_no_order(shop: Shop, kind: str) -> None:
    shop.control.load(orders=[order(f"#{number}") for number in range(1, 26)])
    shop.fault("orders", kind, times=2, after_calls=1)
    assert len({each.name for each in shop.orders()}) == 25
    assert len(shop.waits) == 2
    assert sum(shop.waits) <= 10


def test_throttling_that_does_not_end_is_for_later(shop: Shop) -> None:
    shop.fault("draftOrders", "throttled", times=100)
    with pytest.raises(RetryableError, match="throttling"):
        shop.orders()


def test_a_wrong_token_names_the_connection_and_never_the_token(shop: Shop) -> None:
    wrong = "shpat_not_the_right_one"
    with (
        shopify_transport(str(shop.transport._base), wrong, connection_id="storefront_demo") as wire,
        pytest.raises(ConfigError, match="storefront_demo") as caught,
    ):
        list(ShopifyStorefront(wire, ShopifySettings("1"), lambda: NOW).read_orders(None))
    assert wrong not in str(caught.value)


def test_paging_that_repeats_itself_is_an_error_and_no_reading(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    page = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "same"}}
    monkeypatch.setattr(shop.storefront._client, "read", lambda *_, **__: {"draftOrders": page})
    with pytest.raises(DataError, match="draftOrders came back to an earlier page"):
        shop.orders()


def test_lines_whose_paging_repeats_itself_or_that_are_gone_are_an_error_and_no_half_order(shop: Shop) -> None:
    endless = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "same"}}
    record = {"id": "gid://shopify/Order/7", "lineItems": endless}
    for answer, error, words in (
        ({"order0": {"lineItems": endless}}, DataError, "lines of gid://shopify/Order/7 repeats itself"),
        ({"order0": None}, RetryableError, "the first lines of gid://shopify/Order/7 and not the others"),
    ):
        client = cast(ShopifyClient, SimpleNamespace(read=lambda *_, given=answer, **__: given))
        with pytest.raises(error, match=words):
            read_all_lines(client, [record], MORE_ORDER_LINES)


def test_records_that_are_no_records_have_no_lines_and_stay_in_their_place(shop: Shop) -> None:
    lines = {"nodes": [{"id": "one"}], "pageInfo": {"hasNextPage": False}}
    records = ["no record", {"lineItems": lines}, {"lineItems": 3}, None]
    assert read_all_lines(shop.storefront._client, records, MORE_ORDER_LINES) == [[], [{"id": "one"}], [], []]
