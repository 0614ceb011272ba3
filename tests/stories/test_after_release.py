"""What the shop changes while the warehouse has the order: amended, cancelled and sent anew, or a person's matter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from include.fulfilment.ports import CancelKind
from tests.stories.test_concurrency import at_once
from tests.stories.world import World


def able(world: World, **can: Any) -> None:
    """What this warehouse does when asked."""
    world.floor.capabilities = replace(world.floor.capabilities, **can)


def ordered(world: World, name: str) -> list[tuple[str, str, int]]:
    """(reference, state, units ordered) of what the warehouse holds of an order."""
    return [(each.external_ref, each.state, sum(each.ordered.values())) for each in world.held(name)]


def timeline(world: World, name: str) -> list[str]:
    sql = """SELECT e.words FROM order_event e JOIN sales_order o USING (site, order_id)
        WHERE e.site = %(site)s AND o.name = %(name)s ORDER BY e.event_id"""
    return [row["words"] for row in world.query(sql, name=name)]


def released(world: World, units: int = 10) -> str:
    """An order that the warehouse holds."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", units), note="PO: PO-1")
    world.release()
    return name


def edited(world: World, units: int = 6) -> str:
    """An order of 10 that the warehouse holds and the shop has set to `units`."""
    name = released(world)
    world.control.edit_line_quantity(name, 1, units)
    return name


def test_r15_an_edit_before_the_pick_is_amended_and_the_history_is_kept(world: World) -> None:
    """R15, F33. 10 to 6: one order, the same record, six units; a repeat asks nothing again."""
    name = edited(world)
    world.release()
    before = world.contents()
    world.release()
    ref, (line,) = world.ref(name), world.line_ids(name)
    assert ordered(world, name) == [(ref, "open", 6)]
    assert world.units(name) == {"ordered": 10, "released": 6, "cancelled": 4, "outstanding": 6}
    assert (world.floor.calls["amend"], world.floor.calls["cancel"], world.tickets()) == (1, 0, [])
    assert timeline(world, name) == [
        "Order seen in the shop",
        f"Released 10 EA as warehouse order {ref}",
        f"The warehouse took {ref} as its W1",
        "Changed in the shop",
        f"Asked the warehouse to change {ref} to revision 2: line {line}: 4 EA fewer",
        f"The warehouse holds {ref} as revision 2 now: 4 EA less",
    ]
    world.floor.ship(ref)
    world.aggregate()
    assert (world.standing(name), world.posted(name)) == (("fulfilled", ""), [({"MUG": 6}, ["T00011"])])
    assert before["outbox"] == [each for each in world.contents()["outbox"] if each["kind"] != "fulfilment"]


def test_r15_where_nothing_is_amended_it_is_sent_anew_only_after_the_confirmed_cancel(world: World) -> None:
    """R15. The warehouse confirms later: until then the ten stand and nothing else is sent."""
    able(world, update=False, cancel=CancelKind.ASYNC)
    name = edited(world)
    ref = world.ref(name)
    for _ in range(2):
        world.release()
        assert ordered(world, name) == [(ref, "open", 10)]
        assert world.units(name) == {"ordered": 10, "released": 10, "outstanding": 10}
    world.floor.answer_requests()
    world.release()
    assert world.units(name) == {"ordered": 10, "held": 10}
    assert world.standing(name) == ("held", "taken_back")
    world.release()
    assert ordered(world, name) == [(ref, "cancelled", 10), (world.ref(name, 2), "open", 6)]
    assert world.units(name) == {"ordered": 10, "released": 6, "cancelled": 4, "outstanding": 6}
    (row,) = world.query("SELECT revision, state FROM warehouse_order WHERE external_ref = %(ref)s", ref=f"{ref}-2")
    assert (row["revision"], row["state"], world.tickets()) == (2, "acknowledged", [])
    world.aggregate()
    assert world.standing(name) == ("in_warehouse", "")
    world.floor.ship(world.ref(name, 2))
    world.aggregate()
    assert world.standing(name) == ("fulfilled", "")


@pytest.mark.parametrize(
    ("can", "why"),
    [
        ({"update": False, "cancel": CancelKind.NONE}, "this warehouse changes no orders that it holds"),
        ({}, "the warehouse would not: too late: picking"),
    ],
)
def test_r16_what_cannot_be_changed_is_a_persons_matter_and_nothing_moves(
    world: World, can: dict[str, Any], why: str
) -> None:
    """R16. Taken back to 10 the ticket closes."""
    able(world, **can)
    name = edited(world)
    world.floor.begin_picking(world.ref(name))
    for _ in range(3):
        world.release()
    ref, (line,) = world.ref(name), world.line_ids(name)
    assert world.tickets() == [("changed_after_release", name, "customer_service")]
    assert world.evidence("changed_after_release") == {
        f"line {line}": "4 EA fewer wanted than the warehouse was told",
        f"why not {ref}": why,
    }
    assert ordered(world, name) == [(ref, "open", 10)]
    assert world.units(name) == {"ordered": 10, "released": 10, "outstanding": 10}
    assert world.floor.calls["amend"] == (0 if can else 1)
    world.control.edit_line_quantity(name, 1, 10)
    world.release()
    assert world.tickets() == []


def test_r16_what_is_known_to_be_picked_is_not_even_asked(world: World) -> None:
    name = released(world)
    world.floor.pick(world.ref(name))
    world.aggregate()
    world.control.edit_line_quantity(name, 1, 6)
    world.release()
    assert world.evidence("changed_after_release")[f"why not {world.ref(name)}"].startswith(
        "the warehouse has picked it"
    )
    assert (world.floor.calls["amend"], world.floor.calls["cancel"]) == (0, 0)


def test_r10_an_edit_waits_until_the_outcome_of_the_first_is_known(world: World) -> None:
    """R10. The reply of the create is lost and the search gives no answer: nothing is asked until it does."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    world.floor.submit_faults, world.floor.lost_finds = ["lost_reply"], 2
    world.release()
    world.control.edit_line_quantity(name, 1, 6)
    for _ in range(2):
        world.release()
        assert (world.floor.calls["amend"], world.floor.calls["submit"], len(world.held(name))) == (0, 1, 1)
    for _ in range(2):
        world.release()
    assert ordered(world, name) == [(world.ref(name), "open", 6)]
    assert world.floor.calls["submit"] == 1


def test_an_order_that_was_edited_before_it_was_sent_goes_once_as_it_is_now(world: World) -> None:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    world.collect_stock()
    world.decide()
    world.control.edit_line_quantity(name, 1, 6)
    world.release()
    assert ordered(world, name) == [(world.ref(name), "open", 6)]
    assert world.units(name) == {"ordered": 10, "released": 6, "cancelled": 4, "outstanding": 6}
    assert world.floor.calls["amend"] == 0


def test_f33_a_line_taken_off_is_taken_off_in_the_warehouse_too(world: World) -> None:
    world.goods("MUG", 50)
    world.goods("CUP", 50)
    name = world.sell(("MUG", 10), ("CUP", 5))
    world.release()
    world.control.edit_line_quantity(name, 1, 0)
    world.release()
    (held,) = world.held(name)
    assert (held.skus, sum(held.ordered.values())) == ({world.line_ids(name)[1]: "CUP"}, 5)
    assert world.units(name) == {"ordered": 15, "released": 5, "cancelled": 10, "outstanding": 5}


def test_an_order_emptied_in_the_shop_is_cancelled_in_the_warehouse(world: World) -> None:
    name = edited(world, units=0)
    for _ in range(2):
        world.release()
    assert ordered(world, name) == [(world.ref(name), "cancelled", 10)]
    assert (world.standing(name), world.units(name)) == (("cancelled", ""), {"ordered": 10, "cancelled": 10})


def test_r28_an_increase_leaves_what_the_warehouse_has_alone(world: World) -> None:
    name = edited(world, units=16)
    for _ in range(2):
        world.release()
    assert ordered(world, name) == [(world.ref(name), "open", 10), (world.ref(name, 2), "open", 6)]
    assert (world.floor.calls["amend"], world.floor.calls["cancel"]) == (0, 0)


@pytest.mark.parametrize("fault", ["lost_reply", "lost_request"])
def test_a_lost_answer_to_a_change_is_asked_again_and_counts_once(world: World, fault: str) -> None:
    name = edited(world)
    world.floor.change_faults = [fault]
    world.release()
    assert world.units(name) == {"ordered": 10, "released": 10, "outstanding": 10}
    world.release()
    assert ordered(world, name) == [(world.ref(name), "open", 6)]
    assert world.units(name) == {"ordered": 10, "released": 6, "cancelled": 4, "outstanding": 6}
    assert world.floor.calls["amend"] == 2


def test_two_runs_20_ms_apart_make_one_change(world: World) -> None:
    able(world, update=False)
    name = edited(world)
    world.collect_stock()
    at_once(*[lambda: (world.release(), world.release())] * 2)
    world.release()
    assert ordered(world, name) == [(world.ref(name), "cancelled", 10), (world.ref(name, 2), "open", 6)]
    assert world.units(name) == {"ordered": 10, "released": 6, "cancelled": 4, "outstanding": 6}
    assert (world.floor.calls["cancel"], world.floor.calls["submit"]) == (1, 2)


def test_r27_an_account_put_on_stop_lists_what_is_not_picked_and_cancels_nothing(world: World) -> None:
    """R27. What waits is held; what the warehouse has is a person's decision."""
    name = released(world)
    waiting = world.sell(("MUG", 5))
    world.customer_says("on_stop")
    world.release()
    assert world.standing(waiting) == ("held", "account_on_stop")
    assert world.tickets(name) == [("released_on_stop", name, "finance")]
    assert world.evidence("released_on_stop")[world.ref(name)] == "10 EA not picked"
    assert (ordered(world, name), world.floor.calls["cancel"]) == ([(world.ref(name), "open", 10)], 0)
    world.customer_says("on_stop", "false")
    world.release()
    assert world.tickets() == []
