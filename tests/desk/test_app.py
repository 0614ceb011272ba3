from __future__ import annotations

import re
from dataclasses import replace

import pytest

from include.fulfilment.desk.app import LISTED_AT_MOST
from include.fulfilment.errors import ConfigError, RetryableError
from tests.desk.fakes import CASES, HEAD, NO_ROWS, NOW, ORDER, TICKET, TODAY, FakeReader, client, listed

ADDRESSES = ["/", "/order", "/order?q=1005", "/orders?which=held", "/static/desk.css", "/static/icon.svg"]
NOWHERE = ["/docs", "/redoc", "/openapi.json", "/nope", "/static/../app.py", "/static/app.py", "/order/"]


def text_of(page: str) -> str:
    """What a person reads: without tags, white space folded."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


@pytest.mark.parametrize("address", ADDRESSES + NOWHERE)
def test_nobody_who_is_not_signed_in_gets_an_answer_and_the_store_is_not_asked(address: str) -> None:
    reader = FakeReader()
    assert client(reader, token="").get(address).status_code == 401
    assert client(reader, token="forged").get(address).status_code == 403
    assert reader.asked == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_desk_takes_no_writes(method: str) -> None:
    assert client(FakeReader(), token="").request(method, "/nope").status_code == 401
    assert client(FakeReader()).request(method, "/nope").status_code == 404


@pytest.mark.parametrize("address", NOWHERE)
def test_an_address_that_does_not_exist_says_what_to_do(address: str) -> None:
    answer = client(FakeReader()).get(address)
    assert answer.status_code == 404
    assert "Not here" in answer.text
    assert 'href="/order"' in answer.text


@pytest.mark.parametrize("address", ADDRESSES + NOWHERE)
@pytest.mark.parametrize("token", ["right", ""])
def test_every_answer_carries_the_protective_headers(address: str, token: str) -> None:
    headers = client(FakeReader(), token).get(address).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;")
    assert "frame-ancestors 'self'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("address", ["/", "/order", "/order?id=cart-1005", "/orders?which=held", "/nope"])
def test_no_page_has_a_script_or_an_inline_style(address: str) -> None:
    page = client(FakeReader()).get(address).text
    assert "<script" not in page
    assert not re.search(r"\s(style|on\w+)=", page)


def test_today_opens_with_one_sentence_and_four_numbers_that_lead_to_what_they_count() -> None:
    page = client(FakeReader()).get("/").text
    assert "Running. 3 orders need a person, oldest 2 h 10 (finance). Stock is 4 minutes old." in page
    tiles = re.findall(r'class="tile \w+">\s*<a href="([^"]+)">(.*?)</a>', page, re.DOTALL)
    assert [(address, text_of(inside).strip()) for address, inside in tiles] == [
        ("/orders?which=moving", "Orders moving 25 of 30 unfinished orders"),
        ("/orders?which=needing", "Waiting for a person 3 with an open exception"),
        ("/orders?which=stuck", "Stuck in a system 2 owed to a system for over 15 minutes"),
        ("/orders?which=fulfilled_today", "Fulfilled today 1,204 since 00:00 UTC"),
    ]


def test_today_names_the_owner_the_clock_and_the_next_step_of_every_group_of_exceptions() -> None:
    text = text_of(client(FakeReader()).get("/").text)
    assert (
        "Warning Over the credit limit #1001 and 2 more 3 finance 2 h 10 overdue by 10 minutes Take a payment." in text
    )


def test_a_store_without_orders_says_what_would_appear() -> None:
    text = text_of(client(FakeReader(site_names=[], today_rows=NO_ROWS)).get("/").text)
    assert "Not started: no run has ended well yet. No order needs a person. Stock has not been read yet." in text
    assert "Orders appear as soon as order_release has read the shop." in text


def test_an_order_is_shown_when_exactly_one_matches() -> None:
    reader = FakeReader(found=[listed("cart-1005", "#1005")])
    answer = client(reader).get("/order", params={"q": " #1005 "})
    assert answer.status_code == 200
    assert ("find", "trade", "#1005") in reader.asked
    assert "<h1>Partly shipped" in answer.text


def test_several_matches_become_a_list_and_none_a_hint() -> None:
    two = client(FakeReader(found=[listed("a", "#1"), listed("b", "#1")])).get("/order?q=1")
    assert re.findall(r'href="/order\?id=(\w)"', two.text) == ["a", "b"]
    none = client(FakeReader()).get("/order?q=77")
    assert none.status_code == 404
    assert "No order called “77”" in none.text


def test_the_order_page_shows_the_answer_lines_sums_parcels_rules_and_story() -> None:
    text = text_of(client(FakeReader()).get("/order?id=cart-1005").text)
    assert "Partly shipped: waiting for stock" in text
    assert "2 × CASE of 12 2 × CASE(12) = 24 EA, factor from packs.csv row 7, version v1" in text
    assert "All 2 lines 40" in text
    assert "24 shipped 10 backordered 4 short 2 cancelled" in text
    assert "Parcelforce PF1 12 EA of MUG-12 DPD DPD2 12 EA of MUG-12" in text
    assert "It is inside the account&#39;s credit ✗ Fail limit 5000 GBP after 6000" in text
    assert "30 minutes ago warehouse Shipment OUT1 left" in text


def test_an_order_of_a_further_shop_says_whose_it_is() -> None:
    rows = replace(ORDER, head=replace(HEAD, storefront="public"))
    text = text_of(client(FakeReader(orders={"cart-1005": rows})).get("/order?id=cart-1005").text)
    assert "Order #1005 of public · Harbour Stores Ltd" in text
    assert "Order #1005 · Harbour Stores Ltd" in text_of(client(FakeReader()).get("/order?id=cart-1005").text)


def test_the_bar_of_a_line_is_exactly_full() -> None:
    page = client(FakeReader()).get("/order?id=cart-1005").text
    bars = re.findall(r'<svg class="stack".*?</svg>', page, re.DOTALL)
    spans = [re.findall(r'class="part (\w+)" x="(\d+)" width="(\d+)"', each) for each in bars]
    assert spans[1] == [("backordered", "0", "625"), ("short", "625", "250"), ("cancelled", "875", "125")]
    assert [sum(int(width) for _, _, width in each) for each in spans] == [1000, 1000, 1000]


def test_a_tracking_address_is_followed_only_if_it_is_one_and_never_inside_airflows_frame() -> None:
    alone = client(FakeReader()).get("/order?id=cart-1005").text
    assert 'href="https://track.example/PF1"' in alone
    assert "javascript:" not in alone
    framed = client(FakeReader()).get("/order?id=cart-1005", headers={"sec-fetch-dest": "iframe"}).text
    assert "track.example" not in framed
    assert "PF1" in framed


def test_whatever_buyers_and_systems_write_is_shown_as_text() -> None:
    evil = '"><script>alert(1)</script><b onmouseover="x">'
    head = replace(HEAD, name=evil, account_name=evil, po_number=evil, shipping_method=evil)
    line = replace(CASES, sku=evil, title=evil)
    ticket = replace(TICKET, evidence={evil: evil}, next_step=evil, code=evil, owner=evil, severity=evil)
    event = replace(ORDER.events[0], words=evil, source=evil)
    rows = replace(ORDER, head=head, lines=(line,), tickets=(ticket,), events=(event,))
    group = replace(TODAY.groups[0], code=evil, owner=evil, severity=evil, next_step=evil)
    reader = FakeReader(
        site_names=["trade", evil],
        orders={"cart-1005": rows},
        today_rows=replace(TODAY, groups=(group,), waiting_for=evil),
        found=[listed(evil, evil, account_name=evil, reason=evil), listed("b", evil)],
    )
    browser = client(reader)
    for address in ("/", "/order?id=cart-1005", "/orders?which=held", "/order?q=1"):
        page = browser.get(address).text
        assert "&lt;script&gt;alert(1)" in page, address
        assert "<script" not in page, address
        assert "<b onmouseover" not in page, address
    for address in ("/order", "/orders"):
        page = browser.get(address, params={"q": evil, "which": evil, "site": "trade"}).text
        assert "<script" not in page
    assert "Vera &lt;viewer&gt;" in browser.get("/").text


def test_a_site_can_be_chosen_only_where_there_are_several_and_links_keep_it() -> None:
    assert "Site:" not in client(FakeReader()).get("/").text
    reader = FakeReader(site_names=["public", "trade"])
    page = client(reader).get("/?site=trade").text
    assert ("today", "trade") in reader.asked
    assert 'href="/orders?which=held&amp;site=trade"' in page
    assert '<a href="/?site=public">public</a>' in page
    assert client(reader).get("/?site=nowhere").status_code == 404


def test_a_long_list_says_that_there_is_more() -> None:
    reader = FakeReader(found=[listed(str(n), f"#{n}") for n in range(LISTED_AT_MOST + 5)])
    page = client(reader).get("/orders?which=held").text
    assert page.count('<th scope="row"') == 200
    assert "These are the first 200; there are more." in page


@pytest.mark.parametrize(
    "fault", [RetryableError("The store does not answer."), ConfigError("The store does not answer.")]
)
def test_a_store_that_does_not_answer_gives_a_page_that_says_so(fault: Exception) -> None:
    answer = client(FakeReader(fault=fault)).get("/")
    assert answer.status_code == 503
    assert "The store does not answer." in answer.text


def test_an_unforeseen_error_shows_nothing_of_the_inside() -> None:
    answer = client(FakeReader(fault=KeyError("secret column"))).get("/")
    assert answer.status_code == 500
    assert "Something went wrong on the desk" in answer.text
    assert "secret" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("address", ["/orders", "/order?q=" + "x" * 201])
def test_a_malformed_address_is_refused_in_words(address: str) -> None:
    answer = client(FakeReader()).get(address)
    assert answer.status_code == 400
    assert "This address can&#39;t be read" in answer.text


def test_links_keep_the_prefix_under_which_the_desk_is_mounted() -> None:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    outer = FastAPI()
    outer.mount("/fulfilment", client(FakeReader()).app)
    browser = TestClient(outer, headers={"authorization": "Bearer right"})
    page = browser.get("/fulfilment/").text
    assert 'href="/fulfilment/static/desk.css"' in page
    assert 'action="/fulfilment/order"' in page
    assert not re.findall(r'(?:href|action)="(?!/fulfilment/|#)', page)
    browser.headers.clear()
    assert '<a href="/">Sign in</a>' in browser.get("/fulfilment/").text


def test_no_word_of_the_machine_room_reaches_a_reader() -> None:
    browser = client(FakeReader(orders={"cart-1005": replace(ORDER, tickets=(TICKET,))}))
    for address in ("/", "/order", "/order?id=cart-1005", "/orders?which=held"):
        words = set(re.findall(r"[a-z]+", text_of(browser.get(address).text).lower()))
        assert not words & {"fold", "folded", "beat", "beats", "room", "poison"}


def test_times_are_relative_with_the_exact_instant_on_hover() -> None:
    page = client(FakeReader()).get("/order?id=cart-1005").text
    assert '<time datetime="2026-11-23T12:30:00+00:00" title="2026-11-23 12:30:00 UTC">30 minutes ago</time>' in page
    assert NOW.isoformat() in page
