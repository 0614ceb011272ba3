"""Getting in: the token, when it ends, what is refused, and what never shows."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from include.fulfilment.adapters.connecting import Connecting, RemoteConnection
from include.fulfilment.adapters.registry import make_storefront
from include.fulfilment.adapters.storefront.sparklayer.client import SparkLayerClient
from include.fulfilment.adapters.storefront.sparklayer.options import Options
from include.fulfilment.adapters.transport import Transport
from include.fulfilment.errors import ConfigError, RetryableError
from include.fulfilment.sandbox.sparklayer.access import CLIENT_ID, SITE_ID
from tests.adapters.storefront.sparklayer.kit import NOW, SECRET, Shop, order
from tests.fakes import MemoryJournal


def connecting(shop: Shop, **changes: object) -> Connecting:
    remote = RemoteConnection("storefront_trade", shop.url, CLIENT_ID, SECRET, extra={"site_id": SITE_ID})
    return Connecting(
        site=shop.site,
        connection=replace(remote, **changes),  # type: ignore[arg-type]
        clock=lambda: NOW,
        on_call=lambda *call: shop.heard.append(call),
        acquire=lambda cost: None,
        journal=MemoryJournal(),
    )


def test_the_dialect_is_found_by_its_name_and_reads_through_its_connection(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1")])
    storefront = make_storefront(connecting(sparklayer))
    assert [each.name for page in storefront.read_orders(None) for each in page.orders] == ["#1"]
    assert sparklayer.heard == [
        ("sparklayer", "getAccessToken", "200"),
        ("sparklayer", "getPurchases", "200"),
        ("sparklayer", "getCustomer", "200"),
    ]


def test_one_token_serves_until_it_ends_and_is_renewed_once(sparklayer: Shop) -> None:
    storefront = sparklayer.storefront()
    for _ in range(3):
        list(storefront.read_orders(None))
    assert sparklayer.control.calls()["getAccessToken"] == 1
    sparklayer.clock[0] += timedelta(seconds=3600)
    list(storefront.read_orders(None))
    assert (sparklayer.control.calls()["getAccessToken"], sparklayer.control.calls()["getPurchases"]) == (2, 5)


def test_a_token_that_is_refused_while_new_is_no_matter_of_time(sparklayer: Shop) -> None:
    storefront = sparklayer.storefront()
    list(storefront.read_orders(None))
    sparklayer.fault("getPurchases", "401", times=99)
    with pytest.raises(ConfigError, match="answered 401; connection 'storefront_test': access refused"):
        list(storefront.read_orders(None))
    assert sparklayer.control.calls()["getPurchases"] == 3


def test_an_expired_token_on_a_write_is_renewed_and_the_write_is_made_once(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1")])
    post = sparklayer.post("#1", "S1", ("MUG", 3))
    sparklayer.fault("createUpdatePurchase", "401")
    sparklayer.storefront().post_fulfilments([post])
    sparklayer.storefront().post_fulfilments([post])
    assert [len(each["lines"]) for each in sparklayer.held("#1")["fulfilments"]] == [1]


def test_wrong_credentials_name_what_to_check_and_show_none_of_it(
    sparklayer: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    storefront = make_storefront(connecting(sparklayer, password="not-the-secret"))
    with caplog.at_level(logging.DEBUG), pytest.raises(ConfigError) as found:
        list(storefront.read_orders(None))
    assert "check Client ID, Client Secret and Site ID" in str(found.value)
    assert "not-the-secret" not in str(found.value) + caplog.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"login": ""}, "its login is missing"),
        ({"password": ""}, "its password is missing"),
        ({"extra": {}}, "its extra field site_id is missing"),
        ({"base_url": "http://sparklayer.example"}, "use https://"),
    ],
)
def test_a_connection_that_lacks_something_says_what(sparklayer: Shop, changes: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=f"connection 'storefront_trade': .*{words}"):
        make_storefront(connecting(sparklayer, **changes))


def test_an_option_that_is_none_names_the_field_of_the_site_file(sparklayer: Shop) -> None:
    storefront = sparklayer.site.storefront.model_copy(update={"options": {"page_row": 5}})
    sparklayer.site = sparklayer.site.model_copy(update={"storefront": storefront})
    with pytest.raises(ConfigError, match=r"site trade: storefront\.options\.page_row: Extra inputs are not permitted"):
        make_storefront(connecting(sparklayer))


def test_a_token_answer_without_a_token_is_tried_again_later(sparklayer: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    sparklayer.fault("getAccessToken", "html", times=99)
    with pytest.raises(RetryableError):
        list(sparklayer.storefront().read_orders(None))


def test_neither_token_nor_secret_nor_address_is_logged(sparklayer: Shop, caplog: pytest.LogCaptureFixture) -> None:
    sparklayer.control.load(orders=[order("#1")])
    client = sparklayer.client()
    with caplog.at_level(logging.DEBUG):
        list(client.purchases({}))
    token = dict(client._session._held or {})["Authorization"].removeprefix("Bearer ")
    assert all(word not in caplog.text + repr(client) for word in (token, SECRET, "High Street", "PO-4711"))


def test_the_call_budget_is_asked_before_every_attempt_and_stops_the_call(sparklayer: Shop) -> None:
    asked: list[int] = []

    def empty(cost: int) -> None:
        asked.append(cost)
        if len(asked) > 1:
            raise RetryableError("no calls left", retry_after=9)

    with Transport(
        sparklayer.url, system="sparklayer", connection_id="t", headers={"Site-Id": SITE_ID}, acquire=empty
    ) as wire:
        client = SparkLayerClient(wire, (CLIENT_ID, SECRET), Options())
        with pytest.raises(RetryableError, match="no calls left"):
            list(client.purchases({}))
    assert (asked, sparklayer.control.calls().get("getPurchases")) == ([1, 1], None)
