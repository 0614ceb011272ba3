"""What we write to a shop: availability by compare-and-set, one fulfilment per post, our status, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.errors import FulfilmentError
from include.fulfilment.ports import AvailabilityChange, ChangeAnswer, Posted, Rejected, Unknown
from tests.contract.checks.shop_orders import order, place, variants
from tests.contract.kit import ShopBench, shop_check
from tests.contract.orders import only

_CALLS = 12


def changes(bench: ShopBench, skus: list[str], quantity: int) -> list[AvailabilityChange]:
    """What would make each variant show `quantity`."""
    found = {each.sku: each for page in bench.storefront.read_variants() for each in page}
    assert set(skus) <= found.keys(), "a variant was not read"
    return [
        AvailabilityChange(
            sku, found[sku].inventory_item_id, found[sku].location_id, quantity, found[sku].available or 0
        )
        for sku in skus
    ]


def post(
    bench: ShopBench, name: str, shipment: str, units: dict[int, int], *tracking: str
) -> tuple[str, FulfilmentPost]:
    """A post of units by position of an order's line, as the aggregation plans it."""
    read = order(bench, name)
    lines = tuple((read.lines[position].line_id, quantity) for position, quantity in units.items())
    return read.platform_id, FulfilmentPost(read.order_id, shipment, "DPD", "MAIN", tracking, (), lines)


@shop_check()
def check_every_variant_is_read_with_what_the_shop_shows(bench: ShopBench) -> None:
    skus = variants(bench, *range(5, 75))
    found = {each.sku: each.available for page in bench.storefront.read_variants() for each in page}
    assert {sku: found.get(sku) for sku in skus} == dict(zip(skus, range(5, 75), strict=True))


@shop_check()
def check_availability_is_set_as_asked(bench: ShopBench) -> None:
    skus = variants(bench, 10, 10)
    answers = bench.storefront.set_available(changes(bench, skus, 33), "push-as-asked")
    assert [each.outcome for each in answers] == ["applied", "applied"]
    shown = bench.shown(bench.shop)
    assert [shown[sku] for sku in skus] == [33, 33]


@shop_check()
def check_a_row_that_somebody_else_changed_is_stale_and_the_rest_is_applied(bench: ShopBench) -> None:
    skus = variants(bench, 10, 10, 10)
    wanted = changes(bench, skus, 20)
    bench.shop.set_inventory(skus[1], 7)
    answers = bench.storefront.set_available(wanted, "push-stale")
    assert [(each.change.sku, each.outcome) for each in answers] == [
        (skus[0], "applied"),
        (skus[1], "stale"),
        (skus[2], "applied"),
    ]
    shown = bench.shown(bench.shop)
    assert [shown[sku] for sku in skus] == [20, 7, 20]


@shop_check()
def check_a_row_that_the_shop_refuses_costs_no_other(bench: ShopBench) -> None:
    skus = variants(bench, *[10] * 9)
    wanted = changes(bench, skus, 20)
    wanted[4] = replace(wanted[4], sku="NOSUCH-77", inventory_item_id="77")
    answers = bench.storefront.set_available(wanted, "push-refused")
    assert [each.outcome for each in answers] == ["applied"] * 4 + ["rejected"] + ["applied"] * 4
    assert answers[4].message, "the shop's words are missing"
    shown = bench.shown(bench.shop)
    assert [shown[sku] for sku in skus] == [20] * 4 + [10] + [20] * 4


@shop_check()
def check_a_stock_write_in_doubt_ends_as_asked_and_no_figure_is_set_twice(bench: ShopBench) -> None:
    for kind in ("reset_after", "5xx_after", "429"):
        for spoilt in range(_CALLS):
            (sku,) = variants(bench, 10)
            wanted = changes(bench, [sku], 20)
            bench.wire.clear()
            bench.wire.spoil(kind, after_calls=spoilt)
            answer = _set(bench, wanted, f"push-{kind}-{spoilt}")
            made = len(bench.wire.heard)
            bench.wire.calm()
            if isinstance(answer, list) and answer[0].outcome == "applied":
                assert bench.shown(bench.shop)[sku] == 20
            again = _set(bench, wanted, f"push-{kind}-{spoilt}")
            assert isinstance(again, list), again
            assert again[0].outcome in ("applied", "stale"), again
            assert bench.shown(bench.shop)[sku] == 20
            if spoilt >= made:
                break
        else:
            raise AssertionError(f"a stock write took more than {_CALLS} calls")


@shop_check()
def check_two_shipments_are_two_fulfilments_with_their_numbers(bench: ShopBench) -> None:
    one, two = variants(bench, 50, 50)
    name = place(bench, (one, 24), (two, 18))
    posts = [post(bench, name, "S-1", {0: 12, 1: 18}, "T1", "T2"), post(bench, name, "S-2", {0: 12}, "T3")]
    answers = bench.storefront.post_fulfilments(posts)
    assert answers.keys() == {each.key for _, each in posts}
    assert all(isinstance(each, Posted) for each in answers.values()), answers
    assert len({each.fulfilment_id for each in answers.values() if isinstance(each, Posted)}) == 2
    assert bench.fulfilments(bench.shop, name) == [({one: 12, two: 18}, ["T1", "T2"]), ({one: 12}, ["T3"])]


@shop_check()
def check_posting_again_posts_nothing_and_answers_the_same(bench: ShopBench) -> None:
    (sku,) = variants(bench, 50)
    name = place(bench, (sku, 24))
    posts = [post(bench, name, "S-1", {0: 12}, "T1")]
    first = bench.storefront.post_fulfilments(posts)
    assert bench.fresh().post_fulfilments(posts) == first
    assert bench.fulfilments(bench.shop, name) == [({sku: 12}, ["T1"])]


@shop_check()
def check_a_post_in_doubt_is_found_and_nothing_is_posted_twice(bench: ShopBench) -> None:
    for kind in ("reset_after", "cut_after", "html_after", "5xx_before"):
        for spoilt in range(_CALLS):
            (sku,) = variants(bench, 50)
            name = place(bench, (sku, 24))
            posts = [post(bench, name, "S-1", {0: 12}, "T1")]
            bench.wire.clear()
            bench.wire.spoil(kind, after_calls=spoilt)
            answer = _post(bench, posts)
            made = len(bench.wire.heard)
            bench.wire.calm()
            bench.clock.pass_time(5)
            held = bench.fulfilments(bench.shop, name)
            assert not isinstance(answer, Rejected), f"{kind}: a passing fault was taken for a refusal: {answer}"
            assert not isinstance(answer, Posted) or len(held) == 1, f"{kind}: answered {answer}, {len(held)} are held"
            again = bench.fresh().post_fulfilments(posts)[posts[0][1].key]
            assert isinstance(again, Posted), f"{kind}, the next try: {again}"
            assert bench.fulfilments(bench.shop, name) == [({sku: 12}, ["T1"])], f"{kind} at call {spoilt}"
            if spoilt >= made:
                break
        else:
            raise AssertionError(f"a post took more than {_CALLS} calls")


@shop_check()
def check_a_post_that_the_shop_refuses_costs_no_other(bench: ShopBench) -> None:
    (sku,) = variants(bench, 50)
    names = [place(bench, (sku, 12)) for _ in range(2)]
    too_many, plain = post(bench, names[0], "S-1", {0: 13}, "T1"), post(bench, names[1], "S-1", {0: 12}, "T2")
    answers = bench.storefront.post_fulfilments([too_many, plain])
    refused = answers[too_many[1].key]
    assert isinstance(refused, Rejected), refused
    assert refused.message
    assert isinstance(answers[plain[1].key], Posted)
    assert [bench.fulfilments(bench.shop, name) for name in names] == [[], [({sku: 12}, ["T2"])]]


@shop_check()
def check_the_fulfilment_side_is_read_back_and_what_is_gone_is_missing(bench: ShopBench) -> None:
    one, two = variants(bench, 50, 50)
    name = place(bench, (one, 12), (two, 6))
    here = post(bench, name, "S-1", {1: 6}, "T1", "T2")
    bench.storefront.post_fulfilments([here])
    read = bench.storefront.read_shop_orders([here[0], "404404404"])
    assert list(read) == [here[0]]
    found = read[here[0]]
    assert (found.name, found.cancelled, found.tracking_numbers) == (name, False, ("T1", "T2"))
    assert [(each.sku, each.current_quantity, each.fulfilled_quantity) for each in found.lines] == [
        (one, 12, 0),
        (two, 6, 6),
    ]
    assert [each.line_id for each in found.lines] == [each.line_id for each in order(bench, name).lines]


@shop_check("no_status_field")
def check_our_status_is_written_and_a_refusal_is_named(bench: ShopBench) -> None:
    (sku,) = variants(bench, 50)
    ids = [order(bench, place(bench, (sku, 1))).platform_id for _ in range(2)]
    refused = bench.storefront.set_statuses({**dict.fromkeys(ids, "held"), "404404404": "held"})
    assert list(refused) == ["404404404"]
    assert {each.our_status for each in bench.storefront.read_shop_orders(ids).values()} == {"held"}


@shop_check()
def check_nothing_but_what_is_ours_changes_on_an_order(bench: ShopBench) -> None:
    (sku,) = variants(bench, 50)
    name = place(bench, (sku, 12), note="PO: 1\nhands off")
    before = bench.untouched(bench.shop, name)
    platform_id, _ = posted = post(bench, name, "S-1", {0: 5}, "T1")
    bench.storefront.set_statuses({platform_id: "released"})
    bench.storefront.post_fulfilments([posted])
    assert bench.untouched(bench.shop, name) == before
    assert [each.quantity for each in order(bench, name).lines] == [12]


def _set(bench: ShopBench, wanted: list[AvailabilityChange], key: str) -> list[ChangeAnswer] | FulfilmentError:
    try:
        return bench.storefront.set_available(wanted, key)
    except FulfilmentError as error:
        return error


def _post(bench: ShopBench, posts: list[tuple[str, FulfilmentPost]]) -> Posted | Rejected | Unknown | FulfilmentError:
    try:
        return only(list(bench.fresh().post_fulfilments(posts).values()))
    except FulfilmentError as error:
        return error
