"""What is planned for warehouse orders whose order changed: by what the warehouse can do and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from include.fulfilment.domain.after_release import Holder, Move, SentLine, SentOrder, Wish, plan_changes, too_many
from include.fulfilment.domain.carriage import Carriage
from include.fulfilment.domain.order import Address
from include.fulfilment.domain.preflight import Target
from include.fulfilment.domain.warehouse_order import (
    MOVES,
    WarehouseOrder,
    WarehouseOrderLine,
    WarehouseOrderState,
    comes_from,
)
from tests.store.seeds import order

TARGET = Target({}, {"Standard": Carriage("pallet")})
BOTH, CANCELS, NEITHER = (
    {"main": Holder(TARGET, amend=amend, cancel=cancel)}
    for amend, cancel in ((True, True), (False, True), (False, False))
)


def sent(part: int = 1, units: int = 10, shipped: int = 0, **more: Any) -> SentOrder:
    """A warehouse order of so many MUG on line 1, told what `order()` says."""
    now = order()
    line = WarehouseOrderLine("1", "MUG", units, "Mug", "")
    head = (1, part, now.po_number, now.instructions, None, "pallet", now.ship_to)
    told = WarehouseOrder(f"B2B1042-{part}", now.order_id, now.name, *head, (line,))
    state = more.pop("state", WarehouseOrderState.ACKNOWLEDGED)
    return SentOrder(told, more.pop("warehouse", "main"), state, {"1": SentLine(units, shipped)}, **more)


def wish(units: int = 10, **more: Any) -> Wish:
    changes = more.pop("order", {})
    return Wish(order(**changes), {"1": units}, **more)


def moves(sent_orders: list[SentOrder], wanted: Wish, can: Mapping[str, Holder] = BOTH) -> list[Move]:
    return [plan.move for plan in plan_changes(sent_orders, wanted, can)]


def test_what_is_as_wanted_is_kept() -> None:
    assert moves([sent(), sent(2, 5)], wish(15)) == [Move.KEEP, Move.KEEP]
    assert moves([sent()], wish(16)) == [Move.KEEP]


def test_fewer_units_come_off_the_newest_order_that_nobody_picked() -> None:
    plans = plan_changes([sent(), sent(2, 5), sent(3, 5, picked=True)], wish(12), BOTH)
    assert [plan.move for plan in plans] == [Move.AMEND, Move.CANCEL, Move.KEEP]
    assert plans[0].target is not None
    assert [line.base_quantity for line in plans[0].target.lines] == [7]
    assert (plans[0].target.revision, plans[0].differences) == (2, ("line 1: 3 EA fewer",))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"po_number": "PO-2"}, "PO number"),
        ({"instructions": "Ring once"}, "instructions"),
        ({"ship_to": Address(city="York")}, "delivery address"),
    ],
)
def test_another_head_is_told_and_named_without_its_content(changes: dict[str, Any], words: str) -> None:
    (plan,) = plan_changes([sent()], wish(order=changes), BOTH)
    assert (plan.move, plan.differences) == (Move.AMEND, (words,))
    assert moves([sent()], wish(order=changes), CANCELS) == [Move.CANCEL]


def test_an_outcome_that_is_open_is_waited_for() -> None:
    assert moves([sent(state=WarehouseOrderState.QUEUED)], wish(6)) == [Move.WAIT]
    assert moves([sent(asked="cancel")], wish(6)) == [Move.WAIT]


def test_what_was_refused_is_not_asked_again_for_the_same_wish_but_for_another() -> None:
    (plan,) = plan_changes([sent()], wish(6), BOTH)
    refused = sent(refused="amend", refused_wish=plan.wish, refusal="no")
    assert moves([refused], wish(6)) == [Move.CANCEL]
    assert moves([replace(refused, refused="cancel")], wish(6)) == [Move.PERSON]
    assert moves([replace(refused, refused="cancel")], wish(5)) == [Move.AMEND]


def test_what_is_picked_is_a_persons_matter_but_a_stop_is_still_asked() -> None:
    assert moves([sent(picked=True)], wish(6)) == [Move.PERSON]
    assert moves([sent(picked=True)], wish(stop="cancelled_in_shop")) == [Move.CANCEL]
    assert moves([sent(picked=True)], wish(stop="cancelled_in_shop"), NEITHER) == [Move.PERSON]
    assert moves([sent(shipped=10, picked=True)], wish(stop="cancelled_in_shop")) == [Move.KEEP]


def test_what_cannot_be_told_is_a_persons_matter_but_a_stop_is_still_asked() -> None:
    assert moves([sent()], wish(6, unfit="field_too_long")) == [Move.PERSON]
    assert moves([sent()], wish(6, doubtful={"1": "pack_unknown"})) == [Move.PERSON]
    assert moves([sent()], wish(10, doubtful={"1": "pack_unknown"})) == [Move.KEEP]
    assert moves([sent()], wish(unfit="field_too_long", stop="held_in_shop")) == [Move.CANCEL]


def test_what_left_of_a_cancelled_order_counts_and_a_surplus_of_a_live_one_does_not() -> None:
    gone = sent(units=0, shipped=10, state=WarehouseOrderState.CANCELLED)
    assert too_many([gone, sent(2, 6)], {"1": 6}) == {"1": 10}
    assert moves([gone, sent(2, 6)], wish(6)) == [Move.CANCEL]
    assert too_many([sent(units=12, shipped=13), sent(2, 10)], {"1": 22}) == {}


def test_nothing_comes_back_from_cancelled() -> None:
    assert comes_from(WarehouseOrderState.CANCELLED) == ["acknowledged"]
    assert [pair for pair in MOVES if pair[0] is WarehouseOrderState.CANCELLED] == []
