"""What a shop does beside orders and stock: its whole catalogue at once, a pick that is shown, webhooks of its own."""

from __future__ import annotations

from typing import Any

import pytest

from include.fulfilment.domain.order import Variant
from include.fulfilment.errors import FulfilmentError, TerminalError
from include.fulfilment.ports import Posted
from tests.contract.checks.shop_orders import order, place, variants
from tests.contract.checks.shop_writes import post
from tests.contract.kit import ShopBench, shop_check
from tests.contract.orders import only
from tests.contract.shop_state import held

DOOR = "https://door.example/webhooks/shop"


def catalogue(bench: ShopBench, nightly: bool) -> list[Variant]:
    """Every variant, sorted."""
    read = [each for page in bench.fresh().read_variants(nightly) for each in page]
    return sorted(read, key=lambda each: each.sku)


@shop_check()
def check_the_nightly_reading_tells_the_same_variants(bench: ShopBench) -> None:
    skus = variants(bench, *range(5, 30))
    plain = catalogue(bench, nightly=False)
    assert {each.sku for each in plain} >= set(skus)
    assert catalogue(bench, nightly=True) == plain


@shop_check()
def check_a_nightly_reading_that_breaks_off_raises(bench: ShopBench) -> None:
    variants(bench, 5, 6)
    bench.wire.clear()
    catalogue(bench, nightly=True)
    calls = len(bench.wire.heard)
    for kind in ("5xx_before", "reset_after", "html_before", "cut_after", "401"):
        for spoilt in {*range(min(calls, 6)), calls - 1}:
            bench.clock.pass_time(7200)
            bench.wire.spoil(kind, after_calls=spoilt, times=50)
            answer = _night(bench)
            bench.wire.calm()
            assert isinstance(answer, FulfilmentError), f"{kind} from call {spoilt} on was read as a catalogue"


@shop_check()
def check_a_nightly_reading_survives_a_lost_reply(bench: ShopBench) -> None:
    variants(bench, 5, 6)
    plain = catalogue(bench, nightly=False)
    for spoilt in range(6):
        bench.clock.pass_time(7200)
        bench.wire.spoil("reset_after", after_calls=spoilt)
        answer = _night(bench)
        bench.wire.calm()
        assert isinstance(answer, FulfilmentError) or answer == plain
        assert catalogue(bench, nightly=True) == plain


@shop_check("no_progress")
def check_a_pick_under_way_is_shown_once_and_moves_nothing(bench: ShopBench) -> None:
    one, two = variants(bench, 50, 50)
    name = place(bench, (one, 12), (two, 6), note="PO: 1")
    platform_id = order(bench, name).platform_id
    before = bench.untouched(bench.shop, name)
    assert bench.storefront.report_progress([platform_id]) == {}
    shown = held(bench.shop, name)
    assert bench.storefront.read_shop_orders([platform_id])[platform_id].fulfilment_status == "in_progress"
    bench.clock.pass_time(60)
    assert bench.fresh().report_progress([platform_id, platform_id]) == {}
    assert held(bench.shop, name) == shown, "it was told a second time"
    assert (bench.untouched(bench.shop, name), bench.fulfilments(bench.shop, name)) == (before, [])
    whole = post(bench, name, "S-1", {0: 12, 1: 6}, "T1")
    assert isinstance(only(list(bench.storefront.post_fulfilments([whole]).values())), Posted)
    assert bench.storefront.report_progress([platform_id]) == {}, "nothing is left to ship"
    assert bench.fulfilments(bench.shop, name) == [({one: 12, two: 6}, ["T1"])]


@shop_check("no_progress")
def check_a_pick_that_cannot_be_shown_is_named_and_costs_no_other(bench: ShopBench) -> None:
    (sku,) = variants(bench, 50)
    on_hold, cancelled, plain = (place(bench, (sku, 4)) for _ in range(3))
    ids = {name: order(bench, name).platform_id for name in (on_hold, cancelled, plain)}
    bench.shop.hold(on_hold, "OTHER")
    bench.shop.cancel(cancelled)
    refused = bench.storefront.report_progress([*ids.values(), "404404404"])
    assert refused.keys() == {ids[on_hold], ids[cancelled], "404404404"}
    assert all(refused.values()), "the words are missing"
    status = {name: each.fulfilment_status for name, each in _sides(bench, ids).items()}
    assert (status[on_hold], status[plain]) == ("on_hold", "in_progress")


@shop_check("no_webhooks")
def check_webhooks_are_subscribed_once_and_those_of_others_stay(bench: ShopBench) -> None:
    bench.storefront.subscribe(f"{DOOR}/others")
    others = _subscriptions(bench)
    new = bench.storefront.subscribe(DOOR)
    assert new, "nothing was subscribed"
    everything = _subscriptions(bench)
    assert everything[: len(others)] == others
    assert [each["topic"] for each in everything[len(others) :]] == new
    assert {each["uri"] for each in everything[len(others) :]} == {DOOR}
    assert all(each["include_fields"] for each in everything), "whole records would be sent"
    assert bench.fresh().subscribe(DOOR) == []
    assert _subscriptions(bench) == everything


@shop_check("no_webhooks")
def check_a_lost_reply_subscribes_nothing_twice(bench: ShopBench) -> None:
    for spoilt in range(1, 4):
        address = f"{DOOR}/{spoilt}"
        bench.wire.spoil("reset_after", after_calls=spoilt)
        with pytest.raises(FulfilmentError):
            bench.fresh().subscribe(address)
        bench.wire.calm()
        bench.fresh().subscribe(address)
        topics = [each["topic"] for each in _subscriptions(bench) if each["uri"] == address]
        assert len(topics) == len(set(topics)) > spoilt


@shop_check()
def check_what_is_declared_off_is_refused_and_sends_nothing(bench: ShopBench) -> None:
    storefront = bench.fresh()
    bench.wire.clear()
    if not storefront.capabilities.progress:
        with pytest.raises(TerminalError):
            storefront.report_progress(["404404404"])
    if not storefront.capabilities.webhooks:
        with pytest.raises(TerminalError):
            storefront.subscribe(DOOR)
    assert bench.wire.heard == []
    assert (storefront.capabilities.progress, storefront.capabilities.webhooks) == (
        "no_progress" not in bench.traits,
        "no_webhooks" not in bench.traits,
    )


def _night(bench: ShopBench) -> list[Variant] | FulfilmentError:
    try:
        return catalogue(bench, nightly=True)
    except FulfilmentError as error:
        return error


def _sides(bench: ShopBench, ids: dict[str, str]) -> dict[str, Any]:
    found = bench.storefront.read_shop_orders(list(ids.values()))
    return {name: found[platform_id] for name, platform_id in ids.items()}


def _subscriptions(bench: ShopBench) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = bench.shop.state("webhooks")["webhooks"]
    return listed
