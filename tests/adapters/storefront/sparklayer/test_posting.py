"""Shipments written to a SparkLayer purchase: once, whole, and beside other writers."""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from include.fulfilment.adapters.storefront.sparklayer import SparkLayerStorefront
from include.fulfilment.adapters.storefront.sparklayer.posting import digest
from include.fulfilment.errors import RetryableError
from include.fulfilment.ports import Posted, Rejected, Unknown
from tests.adapters.storefront.sparklayer.kit import Shop, line, order

PUT = "createUpdatePurchase"


def shipped(shop: Shop, name: str = "#1") -> list[tuple[dict[str, int], list[str]]]:
    """(units by SKU, tracking numbers) of each shipped package."""
    return [
        ({each["sku"]: each["quantity"] for each in one["lines"]}, [parcel["number"] for parcel in one["tracking"]])
        for one in shop.held(name)["fulfilments"]
    ]


def unmoved(purchase: Mapping[str, Any]) -> dict[str, Any]:
    """Everything of a purchase that a posting must leave alone."""
    mine = {"packages", "metadata", "calculated_fulfilment_status"}
    rest = {name: value for name, value in copy.deepcopy(dict(purchase)).items() if name not in mine}
    rest["dates"].pop("updated_at")
    return rest


def sums(purchase: Mapping[str, Any]) -> dict[str, Decimal]:
    """What all lines of all packages come to, by kind of amount."""
    found: dict[str, Decimal] = {}
    for package in purchase["packages"]:
        for item in package["line_items"]:
            named = {**item["line_total"], "tax": item["tax_lines"][0]["amount"]}
            for name, amount in named.items():
                found[name] = found.get(name, Decimal(0)) + Decimal(amount["number"])
    return found


def test_three_parcels_on_two_days_are_three_packages_and_the_last_one_fulfils(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1", line("MUG", 24), line("PLATE", 18), line("TEA", 5))])
    storefront = sparklayer.storefront()
    one, two = sparklayer.post("#1", "S1", ("MUG", 12)), sparklayer.post("#1", "S2", ("PLATE", 18))
    last = sparklayer.post("#1", "S3", ("MUG", 12), ("TEA", 5))
    answers = storefront.post_fulfilments([one, two])
    assert answers == {post.key: Posted(digest(post)) for _, post in (one, two)}
    assert sparklayer.held("#1")["fulfilment_status"] == "PARTIALLY_FULFILLED"
    (side,) = storefront.read_shop_orders([one[0]]).values()
    assert (side.cancelled, side.fulfilment_status, side.tracking_numbers) == (False, "part_shipped", ("T-S1", "T-S2"))
    assert {each.sku: (each.current_quantity, each.fulfilled_quantity) for each in side.lines} == {
        "MUG": (24, 12),
        "PLATE": (18, 18),
        "TEA": (5, 0),
    }
    storefront.post_fulfilments([last])
    assert sorted(shipped(sparklayer), key=str) == [
        ({"MUG": 12, "TEA": 5}, ["T-S3"]),
        ({"MUG": 12}, ["T-S1"]),
        ({"PLATE": 18}, ["T-S2"]),
    ]
    assert sparklayer.held("#1")["fulfilment_status"] == "FULFILLED"
    assert sparklayer.order("#1").fulfilled_in_shop is True


def test_of_two_lines_alike_each_keeps_what_was_shipped_on_it(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1", line("MUG", 24), line("MUG", 6), line("TEA", 2))])
    before = sparklayer.order("#1")
    first, second, _ = before.lines
    platform_id, like = sparklayer.post("#1", "S0", ("TEA", 1))
    storefront = sparklayer.storefront()
    for number, lines in enumerate([((second.line_id, 2),), ((first.line_id, 24),), ((second.line_id, 3),)]):
        post = replace(like, shipment_id=f"S{number}", lines=lines)
        assert storefront.post_fulfilments([(platform_id, post)]) == {post.key: Posted(digest(post))}
        assert sparklayer.order("#1") == before
    (side,) = storefront.read_shop_orders([platform_id]).values()
    assert [(each.line_id, each.current_quantity, each.fulfilled_quantity) for each in side.lines[:2]] == [
        (first.line_id, 24, 24),
        (second.line_id, 6, 5),
    ]


def test_two_posts_of_one_order_are_one_write(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1", line("MUG", 24))])
    sparklayer.storefront().post_fulfilments(
        [sparklayer.post("#1", "S1", ("MUG", 1)), sparklayer.post("#1", "S2", ("MUG", 2))]
    )
    assert sparklayer.control.calls()[PUT] == 1
    assert sorted(shipped(sparklayer), key=str) == [({"MUG": 1}, ["T-S1"]), ({"MUG": 2}, ["T-S2"])]


def test_the_order_reads_the_same_before_and_after_a_part_of_it_left(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1", line("TEA", 7, "1.37"), line("MUG", 24, "0.333333"))])
    before = sparklayer.order("#1")
    sparklayer.storefront().post_fulfilments([sparklayer.post("#1", "S1", ("MUG", 5), ("TEA", 2))])
    assert sparklayer.order("#1") == before


@pytest.mark.parametrize("where", ["metadata", "internal"])
def test_the_same_post_again_writes_nothing_whoever_repeats_it(sparklayer: Shop, where: str) -> None:
    sparklayer.control.load(orders=[order("#1", line("MUG", 24))])
    post = sparklayer.post("#1", "S1", ("MUG", 12))
    for _ in range(3):
        storefront = sparklayer.storefront(post_key_field=where)
        assert storefront.post_fulfilments([post, post]) == {post[1].key: Posted(digest(post[1]))}
    assert sparklayer.control.calls()[PUT] == 1
    assert shipped(sparklayer) == [({"MUG": 12}, ["T-S1"])]


def test_every_field_of_the_purchase_survives_a_post_known_or_not(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1", line("MUG", 24, "1.37"), line("TEA", 3))])
    package = sparklayer.purchase("#1")["packages"][0]
    package["dock"] = {"gate": 3, "notes": ["dry", None]}
    package["line_items"][0]["warranty"] = "5 years"
    unknown = {"loyalty": {"points": 12.5, "since": None}, "metadata": [{"name": "erp", "value": "77"}]}
    sparklayer.put("#1", packages=[package], **unknown)
    before = sparklayer.purchase("#1")
    post = sparklayer.post("#1", "S1", ("MUG", 7))
    sparklayer.storefront().post_fulfilments([post])
    after = sparklayer.purchase("#1")
    assert unmoved(after) == unmoved(before)
    assert after["metadata"] == [
        {"name": "erp", "value": "77"},
        {"name": f"fulfilment.{digest(post[1])}", "value": "S1"},
    ]
    gone, left = after["packages"]
    assert left == before["packages"][0] | {"line_items": left["line_items"]}
    assert [gone["dock"], gone["shipping_address"], gone["accounting_files"]] == [
        package["dock"],
        package["shipping_address"],
        [],
    ]
    assert [(each["quantity"], each["warranty"]) for each in (gone["line_items"][0], left["line_items"][0])] == [
        (7, "5 years"),
        (17, "5 years"),
    ]


def test_what_the_purchase_adds_up_to_stays_to_the_penny(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1", line("MUG", 7, "1.43"), line("TEA", 3, "3.335"))])
    before = sparklayer.purchase("#1")
    storefront = sparklayer.storefront()
    for number in range(1, 7):
        storefront.post_fulfilments([sparklayer.post("#1", f"S{number}", ("MUG", 1), ("TEA", number % 2))][:1]) if (
            number % 2
        ) else storefront.post_fulfilments([sparklayer.post("#1", f"S{number}", ("MUG", 1))])
    after = sparklayer.purchase("#1")
    assert len(shipped(sparklayer)) == 6
    assert sums(after) == sums(before)
    assert after["calculated_total"] == before["calculated_total"]


def test_a_package_that_leaves_whole_keeps_its_identity_and_its_carriage(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1")])
    (before,) = sparklayer.purchase("#1")["packages"]
    sparklayer.storefront().post_fulfilments([sparklayer.post("#1", "S1", ("MUG", 4))])
    (after,) = sparklayer.purchase("#1")["packages"]
    shipments = [{"carrier": "DPD", "tracking_number": "T-S1"}]
    assert after == before | {"type": "shipped", "shipments": shipments}


def test_tracking_is_written_under_the_names_the_site_gives_and_addresses_only_in_pairs(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1", line("MUG", 4)), order("#2", line("MUG", 4))])
    numbers, urls = ("T1", "T2"), ("https://dpd.example/T1", "https://dpd.example/T2")
    named = {"tracking_field": "code", "tracking_url_field": "link", "carrier_field": "carrier_id"}
    post = sparklayer.post("#1", "S1", ("MUG", 4), tracking_numbers=numbers, tracking_urls=urls)
    sparklayer.storefront(**named).post_fulfilments([post])
    (package,) = sparklayer.purchase("#1")["packages"]
    assert package["shipments"] == [
        {"carrier_id": "DPD", "code": "T1", "link": "https://dpd.example/T1"},
        {"carrier_id": "DPD", "code": "T2", "link": "https://dpd.example/T2"},
    ]
    post = sparklayer.post("#2", "S2", ("MUG", 4), tracking_numbers=numbers, tracking_urls=("javascript:alert(1)",))
    sparklayer.storefront().post_fulfilments([post])
    (package,) = sparklayer.purchase("#2")["packages"]
    assert package["shipments"] == [
        {"carrier": "DPD", "tracking_number": "T1"},
        {"carrier": "DPD", "tracking_number": "T2"},
    ]


def test_a_purchase_that_a_platform_holds_is_never_written(sparklayer: Shop) -> None:
    given = order("#1")
    given["custom_attributes"]["platformId"] = "5550001"
    sparklayer.control.load(orders=[given])
    post = sparklayer.post("#1", "S1", ("MUG", 4))
    (answer,) = sparklayer.storefront().post_fulfilments([post]).values()
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.field) == ("lives_on_platform", "purchase_identifiers.platform")
    assert answer.message.startswith("purchase #1 lives on an eCommerce platform, whose next sync would overwrite")
    assert PUT not in sparklayer.control.calls()
    (answer,) = sparklayer.storefront(platform_purchases="ours").post_fulfilments([post]).values()
    assert answer == Posted(digest(post[1]))


def test_what_cannot_be_shipped_is_refused_with_words_and_nothing_is_written(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order(f"#{number}") for number in range(1, 5)])
    posts = {name: sparklayer.post(name, "S1", ("MUG", 5 if name == "#1" else 4)) for name in ("#1", "#2", "#3", "#4")}
    sparklayer.control.cancel("#2")
    sparklayer.control.hold("#3", "OTHER")
    empty = sparklayer.post("#4", "S2")
    gone = ("internal/ERP 1/2", empty[1])
    storefront = sparklayer.storefront()
    line_id = posts["#1"][1].lines[0][0]
    expected = {
        posts["#1"]: (
            "more_than_remains",
            f"order #1, line {line_id}: 1 of 5 cannot be shipped: only 4 are left unshipped",
        ),
        posts["#2"]: ("order_cancelled", "order #2 is cancelled; nothing can be shipped on it"),
        posts["#3"]: (
            "not_fulfillable",
            f"order #3, line {line_id}: 4 of 4 cannot be shipped: its package is on hold in SparkLayer",
        ),
        empty: ("no_lines", "the post for order #4 names no lines"),
        gone: ("order_not_found", "SparkLayer holds no purchase internal/ERP 1/2"),
    }
    for post, (code, words) in expected.items():
        (answer,) = storefront.post_fulfilments([post]).values()
        assert isinstance(answer, Rejected)
        assert (answer.code, answer.message) == (code, words)
    assert PUT not in sparklayer.control.calls()


def test_one_refused_post_costs_the_other_of_its_order_nothing(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1")])
    bad, good = sparklayer.post("#1", "S1", ("MUG", 9)), sparklayer.post("#1", "S2", ("MUG", 4))
    answers = sparklayer.storefront().post_fulfilments([bad, good])
    assert isinstance(answers[bad[1].key], Rejected)
    assert answers[good[1].key] == Posted(digest(good[1]))


@pytest.mark.parametrize("kind", ["5xx_after", "reset_after", "malformed"])
def test_a_lost_reply_is_found_again_and_nothing_is_shipped_twice(sparklayer: Shop, kind: str) -> None:
    sparklayer.control.load(orders=[order("#1")])
    post = sparklayer.post("#1", "S1", ("MUG", 3))
    sparklayer.fault(PUT, kind)
    assert sparklayer.storefront().post_fulfilments([post]) == {post[1].key: Posted(digest(post[1]))}
    assert sparklayer.control.calls()[PUT] == 1
    assert shipped(sparklayer) == [({"MUG": 3}, ["T-S1"])]


@pytest.mark.parametrize("kind", ["5xx_before", "reset_before", "html"])
def test_a_lost_request_is_unknown_and_the_next_try_writes_it_once(sparklayer: Shop, kind: str) -> None:
    sparklayer.control.load(orders=[order("#1")])
    post = sparklayer.post("#1", "S1", ("MUG", 3))
    sparklayer.fault(PUT, kind)
    (answer,) = sparklayer.storefront().post_fulfilments([post]).values()
    assert isinstance(answer, Unknown)
    assert shipped(sparklayer) == []
    assert sparklayer.storefront().post_fulfilments([post]) == {post[1].key: Posted(digest(post[1]))}
    assert shipped(sparklayer) == [({"MUG": 3}, ["T-S1"])]


@pytest.mark.parametrize("kind", ["conflict", "429"])
def test_while_another_writer_is_at_work_the_purchase_is_read_again_and_written(sparklayer: Shop, kind: str) -> None:
    sparklayer.control.load(orders=[order("#1")])
    post = sparklayer.post("#1", "S1", ("MUG", 3))
    sparklayer.fault(PUT, kind, times=2)
    assert sparklayer.storefront().post_fulfilments([post]) == {post[1].key: Posted(digest(post[1]))}
    assert shipped(sparklayer) == [({"MUG": 3}, ["T-S1"])]
    assert len(sparklayer.waits) == 2


def test_a_writer_who_never_ends_leaves_the_post_unknown_after_four_tries(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1")])
    post = sparklayer.post("#1", "S1", ("MUG", 3))
    sparklayer.fault(PUT, "conflict", times=99)
    (answer,) = sparklayer.storefront().post_fulfilments([post]).values()
    assert answer == Unknown(f"purchase {post[0]} was being written by somebody else in 4 tries")
    assert (sparklayer.control.calls()[PUT], sparklayer.waits) == (4, [0.5, 1.0, 2.0])


class Meddling:
    """Puts, and lets somebody else write the same purchase just before the first one."""

    def __init__(self, shop: Shop, storefront: SparkLayerStorefront, kind: str) -> None:
        self._shop, self._put, self._kind, self._done = shop, storefront._client.put_purchase, kind, False
        storefront._client.put_purchase = self.put  # type: ignore[method-assign]

    def put(self, platform_id: str, body: Any) -> None:
        if not self._done:
            self._done = True
            self._shop.control.set_note("#1", "PO: PO-NEW\nGate code: 4711")
            self._shop.fault(PUT, self._kind)
        self._put(platform_id, body)


def test_a_409_without_words_after_which_the_purchase_reads_otherwise_was_another_writer(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1")])
    post = sparklayer.post("#1", "S1", ("MUG", 3))
    storefront = sparklayer.storefront()
    Meddling(sparklayer, storefront, "conflict_bare")
    assert storefront.post_fulfilments([post]) == {post[1].key: Posted(digest(post[1]))}
    assert (sparklayer.held("#1")["note"], shipped(sparklayer)) == (
        "PO: PO-NEW\nGate code: 4711",
        [({"MUG": 3}, ["T-S1"])],
    )


def test_a_409_without_words_after_which_nothing_changed_is_definite(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1")])
    post = sparklayer.post("#1", "S1", ("MUG", 3))
    sparklayer.fault(PUT, "conflict_bare", times=99)
    (answer,) = sparklayer.storefront().post_fulfilments([post]).values()
    assert answer == Rejected("http_409", "answer 409 without a reason")
    assert (sparklayer.control.calls()[PUT], shipped(sparklayer)) == (1, [])


def test_a_conflict_of_identity_is_refused_in_sparklayers_words(
    sparklayer: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    sparklayer.control.load(orders=[order("#1"), order("#2")])
    post = sparklayer.post("#1", "S1", ("MUG", 3))
    storefront = sparklayer.storefront()
    put = storefront._client.put_purchase

    def taken(platform_id: str, body: Any) -> None:
        identifiers = body["purchase_identifiers"] | {"visible": "#2"}
        put(platform_id, body | {"purchase_identifiers": identifiers})

    monkeypatch.setattr(storefront._client, "put_purchase", taken)
    (answer,) = storefront.post_fulfilments([post]).values()
    words = "Conflict; the purchase conflicts with the stored purchase; visible: visible belongs to another purchase"
    assert answer == Rejected("identityConflict", words, "visible")
    assert sparklayer.control.calls()[PUT] == 1


def test_a_package_word_that_sparklayer_does_not_know_is_refused_with_the_field(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1")])
    post = sparklayer.post("#1", "S1", ("MUG", 3))
    (answer,) = sparklayer.storefront(shipped_packages=("gone",)).post_fulfilments([post]).values()
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.field) == ("invalidPackageType", "packages[0].type")
    assert answer.message.startswith("Bad Request; the purchase is not valid; packages[0].type: type must be one of")


def test_a_site_that_does_not_keep_the_package_is_found_out(sparklayer: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    sparklayer.control.load(orders=[order("#1")])
    post = sparklayer.post("#1", "S1", ("MUG", 3))
    storefront = sparklayer.storefront()
    put = storefront._client.put_purchase

    def forgetful(platform_id: str, body: Any) -> None:
        put(platform_id, body | {"packages": [each | {"shipments": []} for each in body["packages"]]})

    monkeypatch.setattr(storefront._client, "put_purchase", forgetful)
    (answer,) = storefront.post_fulfilments([post]).values()
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.field) == ("not_kept", "packages")


def test_another_field_that_was_lost_is_logged_by_name_without_what_was_in_it(
    sparklayer: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sparklayer.control.load(orders=[order("#1")])
    post = sparklayer.post("#1", "S1", ("MUG", 3))
    storefront = sparklayer.storefront()
    put = storefront._client.put_purchase
    monkeypatch.setattr(
        storefront._client, "put_purchase", lambda number, body: put(number, body | {"customer_reference": None})
    )
    with caplog.at_level(logging.ERROR):
        assert storefront.post_fulfilments([post]) == {post[1].key: Posted(digest(post[1]))}
    (message,) = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert message == f"purchase {post[0]}: after our write these fields are not as sent: customer_reference"
    assert "PO-4711" not in caplog.text


def test_an_order_that_sparklayer_fails_on_costs_no_other_order_its_package(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1"), order("#2")])
    posts = [sparklayer.post("#1", "S1", ("MUG", 3)), sparklayer.post("#2", "S2", ("MUG", 3))]
    sparklayer.fault("getPurchase", "5xx_before", times=4)
    first, second = sparklayer.storefront().post_fulfilments(posts).values()
    assert (isinstance(first, Posted), isinstance(second, Unknown)) == (True, True)


def test_a_site_that_answers_nobody_is_left_alone_after_three_orders(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order(f"#{number}") for number in range(1, 7)])
    posts = [sparklayer.post(f"#{number}", "S1", ("MUG", 3)) for number in range(1, 7)]
    sparklayer.fault("getPurchase", "5xx_before", times=999)
    with pytest.raises(RetryableError):
        sparklayer.storefront().post_fulfilments(posts)
    assert sparklayer.control.calls()["getPurchase"] == 12


def test_our_status_is_written_only_where_the_site_has_a_place_for_it(sparklayer: Shop) -> None:
    sparklayer.control.load(orders=[order("#1"), order("#Q1", source="draft", word="quote")])
    order_id, quote_id = sparklayer.order("#1").platform_id, sparklayer.order("#Q1").platform_id
    assert sparklayer.storefront().set_statuses({order_id: "held: po_missing"}) == {}
    assert PUT not in sparklayer.control.calls()
    storefront = sparklayer.storefront(status_metadata="fulfilment status")
    assert storefront.set_statuses({order_id: "released", quote_id: "held: quote_open"}) == {}
    assert storefront.set_statuses({order_id: "released"}) == {}
    assert sparklayer.held("#1")["metafields"] == {"fulfilment status": "released"}
    assert storefront.read_shop_orders([order_id])[order_id].our_status == "released"
    assert sparklayer.control.calls()[PUT] == 1
    gone = "sparklayer/00000000-0000-4000-8000-000000000000"
    words = f"order_not_found: SparkLayer holds no purchase {gone}"
    assert storefront.set_statuses({gone: "released"}) == {gone: words}
