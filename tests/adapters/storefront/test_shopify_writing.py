"""Stock, fulfilments and statuses, written to a shop over HTTP with its faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.errors import RetryableError, TerminalError
from include.fulfilment.ports import AvailabilityChange, Posted, Rejected, Unknown
from tests.adapters.storefront.kit import Shop, line, order


def stocked(shop: Shop, count: int) -> list[AvailabilityChange]:
    """`count` variants that show 10 each, and the changes that would make each show its own number."""
    shop.control.load(variants=[{"sku": f"S{n:03}", "title": "Mug", "available": 10} for n in range(count)])
    found = [each for _, each in sorted(shop.variants().items())]
    return [
        AvailabilityChange(each.sku, each.inventory_item_id, each.location_id, number + 20, 10)
        for number, each in enumerate(found)
    ]


def shown(shop: Shop) -> list[int | None]:
    return [each.available for _, each in sorted(shop.variants().items())]


def outcomes(shop: Shop, changes: list[AvailabilityChange], key: str = "push-1") -> list[str]:
    return [each.outcome for each in shop.storefront.set_available(changes, key)]


def test_what_the_shop_shows_is_set_to_what_was_asked(shop: Shop) -> None:
    changes = stocked(shop, 3)
    assert outcomes(shop, changes) == ["applied"] * 3
    assert shown(shop) == [20, 21, 22]


@pytest.mark.parametrize("kind", ["5xx_after", "reset_after"])
def test_a_stock_write_whose_reply_was_lost_is_repeated_under_its_key_and_answers_applied(
    shop: Shop, kind: str
) -> None:
    changes = stocked(shop, 3)
    shop.fault("inventorySetQuantities", kind)
    assert outcomes(shop, changes) == ["applied"] * 3
    assert shown(shop) == [20, 21, 22]
    assert shop.control.calls()["inventorySetQuantities"] == 2


def test_a_row_that_someone_else_changed_is_stale_and_the_rest_is_applied(shop: Shop) -> None:
    changes = stocked(shop, 3)
    shop.control.set_inventory("S001", 7)
    answers = shop.storefront.set_available(changes, "push-1")
    assert [each.outcome for each in answers] == ["applied", "stale", "applied"]
    assert shown(shop) == [20, 7, 22]


def test_one_bad_row_in_250_costs_two_calls_where_the_answer_names_it(shop: Shop) -> None:
    changes = stocked(shop, 250)
    changes[117] = replace(changes[117], inventory_item_id="1")
    answers = shop.storefront.set_available(changes, "push-1")
    assert [index for index, each in enumerate(answers) if each.outcome != "applied"] == [117]
    assert answers[117].outcome == "rejected"
    assert answers[117].message == "INVALID_INVENTORY_ITEM: The specified inventory item could not be found."
    assert shop.control.calls()["inventorySetQuantities"] == 2


def test_more_rows_than_the_shop_takes_are_refused_before_anything_is_sent(shop: Shop) -> None:
    with pytest.raises(TerminalError, match="251 availability changes"):
        shop.storefront.set_available(stocked(shop, 1) * 251, "push-1")


def test_a_quantity_no_shop_can_hold_is_refused_alone(shop: Shop) -> None:
    changes = stocked(shop, 2)
    assert outcomes(shop, [replace(changes[0], quantity=2**40), changes[1]]) == ["rejected", "applied"]


def post(shop: Shop, name: str, shipment: str, lines: Mapping[int, int], *tracking: str) -> tuple[str, FulfilmentPost]:
    """A post of `lines` (position to quantity) of an order, as the aggregation plans it."""
    read = shop.order(name)
    wanted = tuple((read.lines[position].line_id, quantity) for position, quantity in lines.items())
    return read.platform_id, FulfilmentPost(read.order_id, shipment, "DPD", "MAIN", tracking, (), wanted)


def units(shop: Shop, name: str) -> list[list[int]]:
    """Quantities of each fulfilment that stands, as the shop itself holds them."""
    return [
        [part["quantity"] for part in each["lines"]]
        for each in shop.held(name)["fulfilments"]
        if each["status"] == "SUCCESS"
    ]


def test_two_shipments_become_two_fulfilments_with_their_tracking(shop: Shop) -> None:
    shop.control.load(orders=[order("#1", line("A", 24), line("B", 18))])
    first, second = post(shop, "#1", "SHP-1", {0: 12, 1: 18}, "T1", "T2"), post(shop, "#1", "SHP-2", {0: 12}, "T3")
    answers = shop.storefront.post_fulfilments([first, second])
    assert [type(each) for each in answers.values()] == [Posted, Posted]
    held = shop.held("#1")
    assert held["fulfilment_status"] == "FULFILLED"
    assert [[parcel["number"] for parcel in each["tracking"]] for each in held["fulfilments"]] == [["T1", "T2"], ["T3"]]
    assert units(shop, "#1") == [[12, 18], [12]]


def test_posting_the_same_again_posts_nothing_and_answers_the_same(shop: Shop) -> None:
    shop.control.load(orders=[order("#1", line("A", 24))])
    posts = [post(shop, "#1", "SHP-1", {0: 12}, "T1")]
    first = shop.storefront.post_fulfilments(posts)
    assert shop.storefront.post_fulfilments(posts * 2) == first
    assert units(shop, "#1") == [[12]]


@pytest.mark.parametrize("kind", ["5xx_after", "reset_after"])
def test_a_fulfilment_whose_reply_was_lost_is_found_and_not_posted_again(shop: Shop, kind: str) -> None:
    shop.control.load(orders=[order("#1", line("A", 24))])
    shop.fault("fulfillmentCreate", kind)
    posts = [post(shop, "#1", "SHP-1", {0: 12}, "T1")]
    (answer,) = shop.storefront.post_fulfilments(posts).values()
    assert isinstance(answer, Posted)
    assert units(shop, "#1") == [[12]]
    assert shop.storefront.post_fulfilments(posts) == {posts[0][1].key: answer}


@pytest.mark.parametrize("kind", ["5xx_before", "reset_before"])
def test_a_fulfilment_nobody_knows_of_is_unknown_and_goes_through_once_on_the_next_attempt(
    shop: Shop, kind: str
) -> None:
    shop.control.load(orders=[order("#1", line("A", 24))])
    shop.fault("fulfillmentCreate", kind)
    posts = [post(shop, "#1", "SHP-1", {0: 12}, "T1")]
    assert isinstance(shop.storefront.post_fulfilments(posts)[posts[0][1].key], Unknown)
    assert units(shop, "#1") == []
    assert isinstance(shop.storefront.post_fulfilments(posts)[posts[0][1].key], Posted)
    assert units(shop, "#1") == [[12]]


def test_two_equal_shipments_without_tracking_are_two_fulfilments_though_both_replies_are_lost(shop: Shop) -> None:
    shop.control.load(orders=[order("#1", line("A", 24))])
    posts = [post(shop, "#1", "SHP-1", {0: 12}), post(shop, "#1", "SHP-2", {0: 12})]
    shop.fault("fulfillmentCreate", "reset_after", times=2)
    first = shop.storefront.post_fulfilments(posts)
    assert len({each.fulfilment_id for each in first.values() if isinstance(each, Posted)}) == 2
    assert shop.storefront.post_fulfilments(list(reversed(posts))) == first
    assert units(shop, "#1") == [[12], [12]]


def test_a_fulfilment_that_could_not_be_noted_is_unknown_until_it_is(shop: Shop) -> None:
    shop.control.load(orders=[order("#1", line("A", 24))])
    posts = [post(shop, "#1", "SHP-1", {0: 12}), post(shop, "#1", "SHP-2", {0: 12})]
    shop.fault("metafieldsSet", "5xx_before", times=4)
    (unnoted,) = shop.storefront.post_fulfilments(posts[:1]).values()
    assert isinstance(unnoted, Unknown)
    again = shop.storefront.post_fulfilments(posts)
    assert [type(each) for each in again.values()] == [Posted, Posted]
    assert units(shop, "#1") == [[12], [12]]


def test_throttled_and_429_posts_are_sent_once_the_shop_lets_them(shop: Shop) -> None:
    shop.control.load(orders=[order("#1", line("A", 24))])
    shop.fault("fulfillmentCreate", "throttled", times=2)
    assert isinstance(next(iter(shop.storefront.post_fulfilments([post(shop, "#1", "1", {0: 1})]).values())), Posted)
    shop.fault("fulfillmentCreate", "429", times=2)
    assert isinstance(next(iter(shop.storefront.post_fulfilments([post(shop, "#1", "2", {0: 2})]).values())), Posted)
    assert units(shop, "#1") == [[1], [2]]


def test_a_shop_that_stays_shut_ends_the_batch_and_keeps_what_was_posted(shop: Shop) -> None:
    shop.control.load(orders=[order("#1", line("A", 24))])
    posts = [post(shop, "#1", f"SHP-{number}", {0: number}) for number in (1, 2, 3)]
    shop.fault("fulfillmentCreate", "429", times=4, after_calls=1)
    answers = shop.storefront.post_fulfilments(posts)
    assert [type(answers[each.key]) for _, each in posts] == [Posted, Unknown, Unknown]
    shop.fault("fulfillmentCreate", "429", times=4)
    with pytest.raises(RetryableError):
        shop.storefront.post_fulfilments(posts[1:])
    assert units(shop, "#1") == [[1]]


def test_what_cannot_be_fulfilled_is_refused_in_words_and_the_rest_is_posted(shop: Shop) -> None:
    shop.control.load(orders=[order(f"#{number}", line("A", 12)) for number in range(1, 5)])
    posts = [post(shop, "#1", "S", {0: 13}), post(shop, "#2", "S", {0: 12}), post(shop, "#3", "S", {0: 12})]
    posts += [post(shop, "#4", "S", {0: 12}), ("77", replace(posts[0][1], order_id="gone"))]
    shop.control.hold("#2", "OTHER")
    shop.control.cancel("#3")
    answers = list(shop.storefront.post_fulfilments(posts).values())
    codes = [each.code if isinstance(each, Rejected) else "posted" for each in answers]
    assert codes == ["more_than_remains", "not_fulfillable", "order_cancelled", "posted", "order_not_found"]
    assert isinstance(answers[0], Rejected)
    line_id = posts[0][1].lines[0][0]
    assert answers[0].message == (
        f"order #1, line {line_id}: 1 of 13 cannot be fulfilled: the shop has only 12 left to fulfil"
    )


def test_one_line_over_two_fulfilment_orders_is_one_fulfilment(shop: Shop) -> None:
    shop.control.load(orders=[order("#1", line("A", 12))])
    shop.storefront.post_fulfilments([post(shop, "#1", "SHP-1", {0: 12}, "T1")])
    shop.control.edit_line_quantity("#1", 1, 16)  # the shop opens a second fulfilment order for the four
    answers = shop.storefront.post_fulfilments([post(shop, "#1", "SHP-2", {0: 4}, "T2")])
    assert [type(each) for each in answers.values()] == [Posted]
    assert units(shop, "#1") == [[12], [4]]


def test_an_order_of_300_lines_is_posted_whole(shop: Shop) -> None:
    shop.control.load(orders=[order("#1", *[line(f"S{number}", number) for number in range(1, 301)])])
    whole = post(shop, "#1", "SHP-1", {number: number + 1 for number in range(300)}, "T1")
    assert [type(each) for each in shop.storefront.post_fulfilments([whole]).values()] == [Posted]
    assert sum(units(shop, "#1")[0]) == 45_150
    (held,) = shop.storefront.read_shop_orders([whole[0]]).values()
    assert sum(each.fulfilled_quantity for each in held.lines) == 45_150
    assert shop.storefront.post_fulfilments([whole]).keys() == {whole[1].key}
    assert len(units(shop, "#1")) == 1


def test_the_fulfilment_side_is_read_back_with_our_status(shop: Shop) -> None:
    shop.control.load(orders=[order(f"#{number}", line("A", 12), line("A", 6)) for number in range(1, 13)])
    ids = [each.platform_id for each in shop.orders()]
    shop.storefront.post_fulfilments([post(shop, "#1", "SHP-1", {1: 6}, "T1", "T2")])
    assert shop.storefront.set_statuses({ids[0]: "partly_shipped"}) == {}
    read = shop.storefront.read_shop_orders([*ids, "404"])
    assert sorted(read) == sorted(ids)
    first = read[ids[0]]
    assert (first.fulfilment_status, first.our_status, first.cancelled) == (
        "partially_fulfilled",
        "partly_shipped",
        False,
    )
    assert [(each.current_quantity, each.fulfilled_quantity) for each in first.lines] == [(12, 0), (6, 6)]
    assert first.tracking_numbers == ("T1", "T2")


def test_an_order_that_refuses_its_status_is_named_and_the_others_get_theirs(shop: Shop) -> None:
    shop.control.load(orders=[order(f"#{number}") for number in range(1, 31)])
    ids = [each.platform_id for each in shop.orders()]
    refused = shop.storefront.set_statuses({**dict.fromkeys(ids, "held"), "404": "held"})
    assert refused == {"404": "INVALID: Owner does not exist."}
    assert {each.our_status for each in shop.storefront.read_shop_orders(ids).values()} == {"held"}
    assert shop.control.calls()["metafieldsSet"] == 3


def test_nothing_but_our_own_metafields_and_fulfilments_changes_on_an_order(shop: Shop) -> None:
    shop.control.load(orders=[order("#1", line("A", 12), note="PO: 1\nhands off")])
    before = shop.held("#1")
    shop.storefront.set_statuses({shop.order("#1").platform_id: "released"})
    shop.storefront.post_fulfilments([post(shop, "#1", "SHP-1", {0: 5}, "T1")])
    after = shop.held("#1")
    for key in ("note", "po_number", "custom_attributes", "total", "financial_status"):
        assert after[key] == before[key]
    assert [each["quantity"] for each in after["lines"]] == [12]
    assert sorted(after["metafields"]) == ["app--1--fulfilment.posted", "app--1--fulfilment.status"]
