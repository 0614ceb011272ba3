"""Shipments folded, and the fulfilments planned for them: any arrival order, any repeats."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.fulfilment.domain.shipment import (
    FulfilmentPost,
    LineKey,
    Parcel,
    Shipment,
    ShipmentLine,
    SoldAs,
    plan_posts,
    shipped_by_line,
)

DAY_1 = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY: LineKey = ("B2B1", "1")
SINGLES = {KEY: SoldAs("cart:1", "1", 47, 1)}


def line(units: int, line_id: str = "1") -> ShipmentLine:
    return ShipmentLine("B2B1", line_id, "MUG", units)


def shipment(number: int, *lines: ShipmentLine, parcels: tuple[Parcel, ...] | None = None, hours: int = 0) -> Shipment:
    given = (Parcel(f"P{number}", "DPD", f"T{number}"),) if parcels is None else parcels
    return Shipment(f"S{number}", "WH", DAY_1 + hours * HOUR, None, False, lines, given)


def units(posts: list[FulfilmentPost]) -> list[tuple[str, str, tuple[tuple[str, int], ...]]]:
    return [(post.shipment_id, post.carrier, post.lines) for post in posts]


def test_each_shipment_counts_once_and_a_voided_or_picked_one_not_at_all() -> None:
    gone = shipment(1, line(12), line(5, "2"))
    told = [gone, gone, replace(shipment(2, line(9)), voided=True), replace(shipment(3, line(9)), dispatched_at=None)]

    assert shipped_by_line(told) == {KEY: 12, ("B2B1", "2"): 5}


def test_two_carriers_of_one_shipment_are_two_fulfilments() -> None:
    parcels = (
        Parcel("P1", "DPD", "T1", contents=(line(12),)),
        Parcel("P2", "UPS", "T2", "https://track.example/2", contents=(line(18, "2"),)),
        Parcel("P3", "DPD", "T3"),
    )
    sold = SINGLES | {("B2B1", "2"): SoldAs("cart:1", "2", 18, 1)}

    first, second = plan_posts([shipment(1, line(12), line(18, "2"), parcels=parcels)], sold, [])

    assert first == FulfilmentPost("cart:1", "S1", "DPD", "WH", ("T1", "T3"), ("", "")[:0], (("1", 12),))
    assert second.lines == (("2", 18),)
    assert (second.tracking_numbers, second.tracking_urls) == (("T2",), ("https://track.example/2",))
    assert second.key == "cart:1/S1/UPS/WH"


def test_what_no_parcel_names_goes_with_the_first_carrier() -> None:
    parcels = (Parcel("P1", "DPD", "T1"), Parcel("P2", "UPS", "T2", contents=(line(5),)))

    posts = plan_posts([shipment(1, line(12), parcels=parcels)], SINGLES, [])

    assert units(posts) == [("S1", "DPD", (("1", 7),)), ("S1", "UPS", (("1", 5),))]


def test_where_no_parcel_says_what_is_in_it_no_carriers_tracking_number_is_lost() -> None:
    parcels = (Parcel("P1", "DPD", "T1"), Parcel("P2", "Palletline", "T2"))
    (post,) = plan_posts([shipment(1, line(47), parcels=parcels)], SINGLES, [])
    assert (post.carrier, post.tracking_numbers, post.lines) == ("DPD", ("T1", "T2"), (("1", 47),))


def test_a_shipment_without_parcels_is_posted_without_a_carrier() -> None:
    assert units(plan_posts([shipment(1, line(12), parcels=())], SINGLES, [])) == [("S1", "", (("1", 12),))]


def test_a_pack_is_posted_with_the_shipment_that_completes_it() -> None:
    """P12: of 4 cases of 12, 42 units left: 3 cases are posted, 6 units are loose."""
    cases = {KEY: SoldAs("cart:1", "1", 4, 12)}
    told = [shipment(1, line(18)), shipment(2, line(24), hours=1)]

    assert units(plan_posts(told, cases, [])) == [("S1", "DPD", (("1", 1),)), ("S2", "DPD", (("1", 2),))]


def test_more_than_was_ordered_is_never_posted() -> None:
    assert units(plan_posts([shipment(1, line(50))], SINGLES, [])) == [("S1", "DPD", (("1", 47),))]


def test_goods_of_nobody_are_not_posted() -> None:
    assert plan_posts([shipment(1, line(50, "77"))], SINGLES, []) == []


def test_two_orders_in_one_shipment_are_posted_apart() -> None:
    sold = SINGLES | {("B2B2", "1"): SoldAs("cart:2", "1", 3, 1)}
    both = shipment(1, line(12), ShipmentLine("B2B2", "1", "MUG", 3))

    assert [(post.order_id, post.lines) for post in plan_posts([both], sold, [])] == [
        ("cart:1", (("1", 12),)),
        ("cart:2", (("1", 3),)),
    ]


def test_an_earlier_shipment_that_is_told_late_is_still_posted() -> None:
    early, late = shipment(1, line(12)), shipment(2, line(12), hours=1)
    planned = plan_posts([late], SINGLES, [])

    assert units(planned) == [("S2", "DPD", (("1", 12),))]
    assert units(plan_posts([early, late], SINGLES, planned)) == [("S1", "DPD", (("1", 12),))]


def test_a_reissued_shipment_is_not_posted_a_second_time() -> None:
    planned = plan_posts([shipment(1, line(47))], SINGLES, [])
    reissued = [replace(shipment(1, line(47)), voided=True), shipment(2, line(47), hours=1)]

    assert plan_posts(reissued, SINGLES, planned) == []


def test_a_post_comes_back_from_the_outbox_as_it_was() -> None:
    (post,) = plan_posts([shipment(1, line(12))], SINGLES, [])

    assert FulfilmentPost.from_json(post.to_json()) == post


@settings(max_examples=150)
@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=6),
    st.sampled_from([1, 6, 12]),
    st.integers(1, 60),
    st.randoms(use_true_random=False),
)
def test_however_shipments_arrive_the_same_units_are_posted_once(
    sizes: list[int], per: int, quantity: int, random: object
) -> None:
    told = [shipment(number, line(size), hours=number) for number, size in enumerate(sizes)]
    sold = {KEY: SoldAs("cart:1", "1", quantity, per)}
    arrived = list(told)
    random.shuffle(arrived)  # type: ignore[attr-defined]

    planned: list[FulfilmentPost] = []
    for count in range(1, len(arrived) + 1):
        planned += plan_posts(arrived[:count], sold, planned)
        assert plan_posts(arrived[:count], sold, planned) == []

    posted = sum(count for post in planned for _, count in post.lines)
    assert posted == min(sum(sizes) // per, quantity)
    assert len({post.key for post in planned}) == len(planned)


@pytest.mark.parametrize("repeats", [2, 5])
def test_repeats_plan_nothing_more(repeats: int) -> None:
    told = [shipment(1, line(12))] * repeats

    assert units(plan_posts(told, SINGLES, [])) == [("S1", "DPD", (("1", 12),))]
