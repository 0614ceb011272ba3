"""Parcels keep their carriers, their numbers and, where the system says so, what is in them."""

from __future__ import annotations

from collections import Counter

from tests.contract.kit import Bench, warehouse_check
from tests.contract.orders import goods, placed, sent, ship, shipments


@warehouse_check()
def check_several_boxes_have_a_number_each(bench: Bench) -> None:
    one, two, three = goods(bench, 50, 50, 50)
    order = placed(bench, (one, 24), (two, 18), (three, 5))
    ship(bench, order, boxes=3)
    told = [parcel for each in shipments(bench, order) for parcel in each.parcels]
    assert len(told) == 3
    assert len({parcel.tracking_number for parcel in told}) == 3
    assert all(parcel.tracking_number and parcel.carrier and parcel.parcel_id for parcel in told)
    assert sum(sent(bench, order).values()) == 47


@warehouse_check("one_carrier")
def check_each_carrier_has_its_parcels_and_what_is_in_them(bench: Bench) -> None:
    one, two = goods(bench, 50, 50)
    order = placed(bench, (one, 10), (two, 6))
    first, second = (line.line_id for line in order.lines)
    pallets = [("Palletline", "T-PAL-1", {second: 4}), ("Palletline", "T-PAL-2", {second: 2})]
    boxes = [("DPD", "T-DPD-1", {first: 10}), *pallets]
    ship(bench, order, {first: 10, second: 6}, parcels=boxes)
    told = {parcel.tracking_number: parcel for each in shipments(bench, order) for parcel in each.parcels}
    assert {number: parcel.carrier for number, parcel in told.items()} == {number: name for name, number, _ in boxes}
    assert sent(bench, order) == {first: 10, second: 6}
    if bench.warehouse.capabilities.parcel_contents:
        for _, number, inside in boxes:
            contents = Counter[str]()
            for line in told[number].contents:
                contents[line.line_id] += line.base_quantity
            assert contents == inside, number
    else:
        assert not any(parcel.contents for parcel in told.values()), "contents that the system cannot tell"


@warehouse_check()
def check_a_parcel_counts_once_though_it_is_told_twice(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 10))
    ship(bench, order, {order.lines[0].line_id: 4})
    ship(bench, order, {order.lines[0].line_id: 6})
    numbers = [parcel.tracking_number for each in shipments(bench, order) for parcel in each.parcels]
    assert len(numbers) == len(set(numbers)) == 2
    assert sent(bench, order) == {order.lines[0].line_id: 10}
