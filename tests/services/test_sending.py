"""A batch in which one order goes wrong: the others keep their answers and their turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import DataError, FulfilmentError, RetryableError
from include.fulfilment.ports import Absent, FindAnswer, Pending, Rejected, SubmitAnswer
from include.fulfilment.services import order_release
from include.fulfilment.store_port import TakenOrder
from tests.stories.world import World


def three_decided(world: World) -> list[str]:
    world.goods("MUG", 50)
    names = [world.sell(("MUG", 5)) for _ in range(3)]
    world.collect_stock()
    world.decide()
    return names


def spoil_submit(world: World, monkeypatch: pytest.MonkeyPatch, ref: str, error: FulfilmentError) -> None:
    """The warehouse fails on this order alone, each time it is sent."""
    real = world.floor.submit

    def submit(order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        if order.external_ref == ref:
            raise error
        answer: SubmitAnswer = real(order, until)
        return answer

    monkeypatch.setattr(world.floor, "submit", submit)


@pytest.mark.parametrize("error", [RetryableError("party create answered 500"), DataError("no such party")])
def test_an_order_that_the_warehouse_fails_on_is_unknown_and_its_batch_mates_go(
    world: World, monkeypatch: pytest.MonkeyPatch, error: FulfilmentError
) -> None:
    names = three_decided(world)
    spoil_submit(world, monkeypatch, world.ref(names[1]), error)
    figures = world.submit()
    assert (figures["created"], figures["unknown"]) == (2, 1)
    assert [len(world.held(name)) for name in names] == [1, 0, 1]
    world.pass_time(hours=2)  # the ticket opens after an hour
    newer = world.sell(("MUG", 5))
    world.release()
    assert len(world.held(newer)) == 1
    assert world.tickets() == [("outcome_unknown", f"cart:cart-{names[1].strip('#')}/1/1", "operations")]
    assert world.evidence("outcome_unknown") == {"last answer": str(error)}


def test_an_order_that_cannot_be_looked_for_blocks_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    names = three_decided(world)
    world.floor.submit_faults = ["lost_reply", "lost_reply", "lost_reply"]
    assert world.submit()["unknown"] == 3
    world.pass_time(minutes=1)
    real = world.floor.find

    def find(refs: Sequence[str]) -> dict[str, FindAnswer]:
        if world.ref(names[1]) in refs:
            raise RetryableError("the search answered 500")
        found: dict[str, FindAnswer] = real(refs)
        return found

    monkeypatch.setattr(world.floor, "find", find)
    figures = world.submit()
    assert (figures["found"], figures["unknown"]) == (2, 1)
    assert world.floor.calls["submit"] == 3


def test_an_answer_that_the_store_refuses_costs_no_other_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    names = three_decided(world)
    with world.store.transaction() as rows:
        kind = type(rows.orders)
    real = kind.acknowledge

    def acknowledge(orders: Any, code: str, taken: Sequence[TakenOrder], now: datetime) -> None:
        real(orders, code, taken, now)
        if (ref := world.ref(names[1])) in {each.external_ref for each in taken}:
            raise DataError(f"warehouse order {ref} is rejected", ref)

    monkeypatch.setattr(kind, "acknowledge", acknowledge)
    figures = world.submit()
    assert (figures["created"], figures["unknown"]) == (2, 1)
    assert [world.standing(name)[0] for name in names] == ["in_warehouse"] * 3
    states = world.query("SELECT external_ref, state FROM warehouse_order WHERE site = %(site)s ORDER BY external_ref")
    assert {row["external_ref"]: row["state"] for row in states} == {
        world.ref(names[0]): "acknowledged",
        world.ref(names[1]): "queued",
        world.ref(names[2]): "acknowledged",
    }
    words = f"its answer could not be recorded: warehouse order {world.ref(names[1])} is rejected"
    world.pass_time(hours=2)  # the ticket opens after an hour
    assert world.submit()["unknown"] == 1
    assert world.evidence("outcome_unknown") == {"last answer": words}


def test_an_order_whose_acknowledgement_is_awaited_is_looked_for_later_and_is_no_matter_for_a_person(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warehouse that acknowledges by message: sent, then silence, then accepted."""
    (name, *_) = three_decided(world)
    real_submit, real_find = world.floor.submit, world.floor.find
    silent = True

    def submit(order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        real_submit(order, until)
        return Pending("sent, not acknowledged yet")

    def find(refs: Sequence[str]) -> dict[str, FindAnswer]:
        return {ref: Pending("not acknowledged yet") for ref in refs} if silent else real_find(refs)

    monkeypatch.setattr(world.floor, "submit", submit)
    monkeypatch.setattr(world.floor, "find", find)
    figures = world.submit()
    assert (figures["pending"], figures["unknown"], figures["left"]) == (3, 0, 3)
    world.pass_time(hours=2)
    assert world.submit()["pending"] == 3
    assert world.tickets() == []
    silent = False
    world.pass_time(minutes=1)
    figures = world.submit()
    assert (figures["found"], figures["left"], len(world.held(name))) == (3, 0, 1)


def test_an_order_that_the_warehouse_refuses_by_message_is_rejected_when_it_is_looked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (name, *_) = three_decided(world)
    monkeypatch.setattr(world.floor, "submit", lambda order, until: Pending("sent"))
    monkeypatch.setattr(world.floor, "find", lambda refs: {ref: Rejected("R", "segment W05 missing") for ref in refs})
    world.submit()
    world.pass_time(minutes=1)
    assert world.submit()["rejected"] == 3
    assert world.held(name) == []


def test_orders_without_an_answer_are_tried_once_a_run_and_keep_no_newer_one_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warehouse that takes its time for each call and acknowledges nothing: the run ends, and new orders go."""
    three_decided(world)
    real = world.floor.submit
    tried: list[str] = []

    def submit(order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        tried.append(order.external_ref)
        world.pass_time(minutes=0.25)
        return Pending("sent")

    def find(refs: Sequence[str]) -> dict[str, FindAnswer]:
        world.pass_time(minutes=0.25)
        return {ref: Pending("not acknowledged yet") for ref in refs}

    def never(refs: Sequence[str]) -> dict[str, FindAnswer]:
        raise AssertionError(f"{refs} are looked for in the run that sent them")

    monkeypatch.setattr(order_release, "BATCH", 1)
    monkeypatch.setattr(world.floor, "submit", submit)
    monkeypatch.setattr(world.floor, "find", never)
    world.submit()
    monkeypatch.setattr(world.floor, "find", find)
    assert len(tried) == len(set(tried)) == 3
    newer = world.sell(("MUG", 5))
    world.pass_time(minutes=1)
    monkeypatch.setattr(world.floor, "submit", real)
    world.collect_stock()
    world.decide()
    figures = world.submit()
    assert (figures["created"], figures["pending"], len(world.held(newer))) == (1, 3, 1)


def test_an_order_that_the_warehouse_took_and_does_not_hold_is_told_after_an_hour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 5))
    real = world.floor.find
    monkeypatch.setattr(world.floor, "find", lambda refs: {ref: Absent() for ref in refs})
    world.release()
    world.submit()
    assert world.tickets() == []
    world.pass_time(minutes=61)
    world.submit()
    assert world.tickets() == [("missing_in_warehouse", world.ref(name), "operations")]
    monkeypatch.setattr(world.floor, "find", real)
    world.submit()
    assert world.tickets() == []
