"""Orders, accounts and stock as they are read from a SparkLayer site."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest

from include.fulfilment.adapters.storefront.sparklayer.client import SparkLayerClient
from include.fulfilment.adapters.storefront.sparklayer.customers import Customers
from include.fulfilment.adapters.storefront.sparklayer.options import Options
from include.fulfilment.domain.order import CreditAccount, PaymentMethod, PaymentState
from include.fulfilment.errors import ConfigError, DataError, RetryableError
from tests.adapters.storefront.sparklayer.kit import NOW, Shop, line, order


def test_an_order_on_account_is_read_with_everything_the_warehouse_needs(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1042", line("MUG", 24), line("TEA", 5, "7.99"))])
    (page, end) = sparklayer.storefront(po_required_groups=("base-po",)).read_orders(None)
    (read,) = page.orders
    assert (read.name, read.is_draft, read.is_b2b, read.problems) == ("#1042", False, True, ())
    assert read.order_id == "cart:" + read.platform_id.removeprefix("sparklayer/")
    assert (read.payment_method, read.payment_state, read.payment_word) == (
        PaymentMethod.ACCOUNT,
        PaymentState.PENDING,
        "on_account",
    )
    assert (read.po_number, read.po_required, read.instructions) == ("PO-4711", True, "Gate B")
    assert (read.requested_on, read.shipping_method) == (date(2026, 11, 30), "Pallet")
    assert (read.total_gross, read.shipping_net, read.currency) == (Decimal("131.88"), Decimal("9.95"), "GBP")
    assert [(each.sku, each.quantity, each.price, each.position) for each in read.lines] == [
        ("MUG", 24, Decimal("2.50"), 1),
        ("TEA", 5, Decimal("7.99"), 2),
    ]
    assert (read.ship_to.name, read.ship_to.address1, read.ship_to.postcode) == (
        "Ada Cobalt",
        "1 High Street",
        "LS1 1AA",
    )
    assert (read.placed_at, read.updated_at) == (datetime(2026, 11, 23, 9, 0, tzinfo=UTC), NOW)
    (account,) = page.accounts
    assert account.account_id == read.account_id
    assert read.account_name == "Cobalt Gifts"
    assert (account.credit_limit, account.balance, account.currency) == (Decimal(5000), Decimal("1200.1"), "GBP")
    assert (account.on_stop, account.as_of, account.contains) == (False, NOW, "placed_orders")
    assert (page.read_to, end.orders, end.read_to) == (None, (), NOW)


def test_a_quote_is_a_draft_and_keeps_its_id_when_it_becomes_an_order(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#Q1", source="draft", word="quote")])
    quote = sparklayer.order("#Q1")
    assert (quote.is_draft, quote.payment_method) == (True, PaymentMethod.QUOTE)
    sparklayer.control.complete_draft("#Q1", payment_pending=True)
    (became,) = sparklayer.orders()
    assert became.name == "#1001"
    assert (became.is_draft, became.order_id, became.platform_id) == (False, quote.order_id, quote.platform_id)


@pytest.mark.parametrize("kind", ["order_unconfirmed", "awaiting_approval"])
def test_what_is_not_confirmed_or_approved_is_a_draft(sparklayer: Shop, kind: str) -> None:
    sparklayer.control.load(orders=[order("#1")])
    sparklayer.put("#1", type=kind)
    (read,) = sparklayer.orders()
    assert (read.is_draft, read.problems) == (True, ())


def test_a_basket_is_no_order(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1")])
    sparklayer.put("#1", type="cart")
    assert sparklayer.orders() == []


@pytest.mark.parametrize(
    ("word", "method"),
    [
        ("upfrontPayment", PaymentMethod.CARD),
        ("paymentByInvoice", PaymentMethod.INVOICE),
        ("hokodoPayment", PaymentMethod.HOKODO),
        ("barter", PaymentMethod.UNKNOWN),
    ],
)
def test_a_payment_word_is_mapped_or_unknown_never_guessed(sparklayer: Shop, word: str, method: PaymentMethod) -> None:
    sparklayer.control.load(orders=[order("#1", word=word)])
    assert sparklayer.order("#1").payment_method is method


@pytest.mark.parametrize(
    ("status", "state"),
    [("PAID", PaymentState.PAID), ("PARTIALLY_PAID", PaymentState.PARTIALLY_PAID), ("PENDING", PaymentState.PENDING)],
)
def test_the_payment_state_is_what_was_paid_against_what_is_due(
    sparklayer: Shop, status: str, state: PaymentState
) -> None:
    sparklayer.control.load(orders=[order("#1", financial_status=status)])
    assert sparklayer.order("#1").payment_state is state


def test_an_order_that_a_platform_holds_is_not_ours_unless_the_site_says_so(sparklayer: Shop) -> None:
    given = order("#1")
    given["custom_attributes"]["platformId"] = "5550001"
    sparklayer.control.load(orders=[given])
    assert sparklayer.order("#1").is_b2b is False
    assert sparklayer.order("#1", platform_purchases="ours").is_b2b is True


def test_a_cancelled_and_a_held_order_are_told(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1"), order("#2"), order("#3")])
    sparklayer.control.cancel("#1")
    sparklayer.control.hold("#2", "OTHER")
    read = {each.name: each for each in sparklayer.orders()}
    assert (read["#1"].cancelled_at, read["#1"].lines) == (NOW, ())
    assert (read["#2"].held_in_shop, read["#2"].cancelled_at) == (True, None)
    assert (read["#3"].held_in_shop, read["#3"].fulfilled_in_shop) == (False, False)


def test_lines_of_one_sku_stay_the_lines_they_are(sparklayer: Shop) -> None:
    lines = [line("MUG", 3), line("MUG", 4), line("MUG", 5, mug_text="Best company ever")]
    sparklayer.control.load(orders=[order("#1", *lines)])
    read = sparklayer.order("#1")
    assert sorted(each.quantity for each in read.lines) == [3, 4, 5]
    assert len({each.line_id for each in read.lines}) == 3
    assert sparklayer.order("#1") == read


def test_a_site_that_numbers_its_lines_is_taken_at_its_word(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1", line("MUG", 3), line("MUG", 4))])
    (package,) = sparklayer.purchase("#1")["packages"]
    for number, item in enumerate(package["line_items"]):
        item["identifiers"]["erp_line"] = 100 + number
    sparklayer.put("#1", packages=[package])
    read = sparklayer.order("#1", line_id_field="erp_line")
    assert [(each.line_id, each.quantity) for each in read.lines] == [("100", 3), ("101", 4)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"type": "voucher"}, "its type 'voucher' is none that we know"),
        ({"packages": [{"type": "drop_ship"}]}, "type 'drop_ship' is not named in storefront.options"),
        ({"packages": None}, "the order has no lines"),
        ({"currency_code": "EUR"}, "calculated_total is in 'GBP' and the order in 'EUR'"),
        ({"calculated_total": None}, "it has no calculated_total, so what is due and what is paid cannot be told"),
        ({"custom_fields": [{"name": "Requested delivery date", "value": "soon"}]}, "'soon' cannot be read"),
        ({"dates": {"created_at": "yesterday"}}, "updated_at 'None' is not an instant with its zone"),
        ({"dates": 7}, "is not an instant"),
        ({"purchase_identifiers": {}}, "it has no identifier"),
    ],
)
def test_an_odd_record_is_read_with_its_problem_and_costs_no_other_order(
    sparklayer: Shop, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], words: str
) -> None:
    sparklayer.control.load(orders=[order("#1"), order("#2")])
    storefront = sparklayer.storefront()
    good = [sparklayer.purchase("#1"), sparklayer.purchase("#2") | changes]
    monkeypatch.setattr(storefront._client, "purchases", lambda params: iter([good]))
    first, odd = next(iter(storefront.read_orders(None))).orders
    assert (first.name, first.problems) == ("#1", ())
    assert any(words in each for each in odd.problems), odd.problems


@pytest.mark.parametrize("raw", [None, 7, "x", [], {"packages": [7, {"line_items": [7, {"quantity": 2.5}]}]}])
def test_what_is_no_purchase_at_all_is_named_and_stops_nothing(
    sparklayer: Shop, monkeypatch: pytest.MonkeyPatch, raw: Any
) -> None:
    storefront = sparklayer.storefront()
    monkeypatch.setattr(storefront._client, "purchases", lambda params: iter([[raw]]))
    (odd,) = next(iter(storefront.read_orders(None))).orders
    assert odd.problems


def test_a_line_in_another_unit_holds_its_order_where_the_site_names_the_attribute(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1", line("MUG", 2, Unit="case"))])
    assert sparklayer.order("#1").problems == ()
    (problem,) = sparklayer.order("#1", unit_attribute="Unit").problems
    assert problem == "a line is counted in 'case'; order it in the unit of its SKU"


def test_packages_for_two_addresses_are_no_one_warehouse_order(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1")])
    package = sparklayer.purchase("#1")["packages"][0]
    other = package | {"identifiers": {}, "shipping_address": {"city": "York"}, "shipping_method": {"name": "Express"}}
    sparklayer.put("#1", packages=[package, other])
    problems = sparklayer.order("#1").problems
    assert "its packages go to different addresses; split the order by address" in problems
    assert "its packages name several shipping methods: 'Pallet', 'Express'" in problems


def test_only_what_changed_is_asked_for_with_five_minutes_to_spare(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1")])
    sparklayer.clock[0] += timedelta(minutes=4)
    sparklayer.control.load(orders=[order("#2")])
    sparklayer.clock[0] += timedelta(minutes=3)
    since = sparklayer.clock[0]
    assert [each.name for each in sparklayer.orders(since)] == ["#2"]
    assert [each.name for each in sparklayer.orders(since + timedelta(minutes=10))] == []


def test_every_page_is_read_and_each_order_is_there(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order(f"#{number}") for number in range(1, 24)])
    names = [each.name for each in sparklayer.orders(page_rows=5)]
    assert (len(names), len(set(names)), sparklayer.control.calls()["getPurchases"]) == (23, 23, 6)


def test_a_row_that_leaves_the_list_while_it_is_read_hides_no_other(
    sparklayer: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sparklayer.client()
    client._options = client._options.model_copy(update={"page_rows": 3})
    rows = [{"purchase_identifiers": {"visible": str(number)}} for number in range(9)]
    asked: list[int] = []

    def answer(params: Any) -> list[Any]:
        asked.append(params["offset"])
        if len(asked) == 2:
            del rows[0:2]
        return rows[params["offset"] : params["offset"] + params["limit"]]

    monkeypatch.setattr(client, "_rows", answer)
    seen = {row["purchase_identifiers"]["visible"] for page in client.purchases({}) for row in page}
    assert (seen, asked) == ({str(number) for number in range(9)}, [0, 2, 0, 2, 4, 6])


def test_a_list_that_gives_the_same_page_for_every_offset_is_no_reading(
    sparklayer: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sparklayer.client()
    rows = [{"purchase_identifiers": {"visible": str(number)}} for number in range(500)]
    monkeypatch.setattr(client, "_rows", lambda params: rows)
    with pytest.raises(DataError, match="came back to an earlier page"):
        list(client.purchases({}))


def test_a_filter_that_sparklayer_does_not_know_names_the_option_to_correct(sparklayer: Shop) -> None:
    with pytest.raises(ConfigError, match=r"dates\[last_updated\]\[gte\]: it is not known; correct storefront.options"):
        sparklayer.orders(NOW, updated_since="dates[last_updated][gte]")


def test_credit_is_only_as_fresh_as_its_balance_unless_the_site_says_otherwise(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1")])
    value = {"credit_limit": "90.50", "balance": {"number": "1.25", "currency": "GBP"}, "balance_date": "2026-11-20"}
    sparklayer.control.set_customer_metafield("cobalt", "sparklayer", "payment_on_account", "json", value)
    platform_id = sparklayer.order("#1").platform_id
    (account,) = sparklayer.storefront().read_accounts([platform_id, platform_id])
    assert (account.credit_limit, account.balance) == (Decimal("90.50"), Decimal("1.25"))
    assert account.as_of == datetime(2026, 11, 20, tzinfo=UTC)
    (fresh,) = sparklayer.storefront(balance_as_of="reading").read_accounts([platform_id])
    assert fresh.as_of == NOW


def test_a_branch_buys_on_the_account_of_its_parent_which_is_asked_for_once() -> None:
    records = {
        "branch": {"id": "branch", "parent_customer_id": "head", "group": "silver-po", "company_name": "Branch"},
        "head": {"id": "head", "company_name": "Head Office", "status": "active", "currency_code": "eur"}
        | {"payment_on_account": {"credit_limit": 500, "balance": None}},
    }
    asked: list[str] = []

    class Records:
        def get(self, path: str, operation: str) -> Any:
            asked.append(path)
            return records.get(path.rpartition("/")[2])

    customers = Customers(
        cast(SparkLayerClient, Records()), Options(po_required_groups=("silver-po",)), "invoices_only", lambda: NOW
    )
    account, again = customers.account("branch", "GBP"), customers.account("branch", "GBP")
    assert account is not None
    assert account == again
    assert (account.account_id, account.name, account.po_required) == ("customer:head", "Head Office", True)
    assert account.credit == CreditAccount(
        "customer:head", Decimal(500), Decimal(0), "EUR", False, NOW, "invoices_only"
    )
    assert asked == ["/api/v2/customers/sparklayer/branch", "/api/v2/customers/sparklayer/head"]


def test_an_account_that_may_not_log_in_is_on_stop(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1")])
    sparklayer.control.set_customer_metafield("cobalt", "fulfilment", "on_stop", "boolean", "true")
    (account,) = sparklayer.storefront().read_accounts([sparklayer.order("#1").platform_id])
    assert account.on_stop is True


def test_a_customer_without_credit_or_unknown_gives_no_account(sparklayer: Shop) -> None:
    sparklayer.control.load(customers=[{"key": "web", "name": "Wil Web"}])
    sparklayer.control.load(orders=[order("#1", customer_key="web"), order("#2")])
    sparklayer.put("#2", customer_identifiers={"sparklayer": "cu_0"})
    read = {each.name: each for each in sparklayer.orders()}
    assert read["#2"].account_id == "customer:cu_0"
    assert sparklayer.storefront().read_accounts([each.platform_id for each in read.values()]) == []


def test_stock_is_what_the_site_shows_and_a_sku_without_a_record_shows_nothing(sparklayer: Shop) -> None:
    sparklayer.control.load(variants=[{"sku": "MUG", "title": "Mug", "available": 7}])
    shown = {sku: each.available for sku, each in sparklayer.variants().items()}
    assert shown == {"MUG": 7, "MUG-12": None, "PLATE": None, "TEA": None}


def test_an_order_that_is_gone_is_missing_from_the_answer(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1")])
    known = sparklayer.order("#1").platform_id
    gone = "sparklayer/00000000-0000-4000-8000-000000000000"
    found = sparklayer.storefront().read_shop_orders([known, gone])
    assert list(found) == [known]
    assert [(each.sku, each.current_quantity, each.fulfilled_quantity) for each in found[known].lines] == [
        ("MUG", 4, 0)
    ]


@pytest.mark.parametrize("kind", ["html", "malformed", "5xx_before", "reset_before"])
def test_an_answer_that_is_none_is_asked_for_again_and_never_taken(sparklayer: Shop, kind: str) -> None:
    sparklayer.control.load(orders=[order("#1")])
    storefront = sparklayer.storefront()
    sparklayer.fault("getPurchases", kind, times=99)
    with pytest.raises(RetryableError):
        list(storefront.read_orders(None))
    sparklayer.control.set_faults([])
    assert [each.name for page in storefront.read_orders(None) for each in page.orders] == ["#1"]


def test_the_ledger_s_code_is_the_accounting_id(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1")])
    read = sparklayer.order("#1")
    asked = [read.platform_id, read.platform_id]
    assert sparklayer.storefront().read_ledger_codes(asked) == {read.account_id: "cobalt"}
    assert sparklayer.storefront().read_ledger_codes(["gone"]) == {}
