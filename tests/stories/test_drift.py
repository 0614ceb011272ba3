"""The drift stories on the warehouse in memory: collect, judge and replay, as the operators do it."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from include.fulfilment.errors import DataError
from include.fulfilment.orchestration.drift_operators import build
from include.fulfilment.reports.drift import DriftReport
from include.fulfilment.services import drift_report
from tests.stories.world import World


def compare(world: World) -> tuple[datetime, DriftReport]:
    """One night's report, stored."""
    cut_off, _ = drift_report.collect(world.store, world.warehouses, world.storefronts, world.site, world.clock)
    report = replay(world, cut_off)
    drift_report.save_verdict(world.store, cut_off, report, world.clock)
    return cut_off, report


def replay(world: World, cut_off: datetime) -> DriftReport:
    rooms: Any = SimpleNamespace(store=world.store, site=world.site)
    return build(rooms, cut_off)


def causes(report: DriftReport) -> list[tuple[str, str]]:
    return sorted((row.subject, row.cause) for row in report.rows)


def test_two_systems_that_agree_have_no_drift(world: World) -> None:
    world.goods("MUG", 50, cases=[12])
    name = world.sell(("MUG-12", 2), ("MUG", 3))
    world.release()
    world.floor.ship(world.ref(name))
    world.aggregate()
    world.sync()
    world.pass_time(hours=3)
    world.sync()
    _, report = compare(world)
    assert (causes(report), report.settling) == ([], 0)


def test_d1_what_is_in_flight_is_no_drift_until_it_takes_too_long(world: World) -> None:
    """D1. The warehouse never answers: 5 minutes in flight is not drift, 3 hours is `not_acknowledged`."""
    world.goods("MUG", 50)
    world.floor.submit_faults = ["lost_request"]
    name = world.sell(("MUG", 10))
    world.release()
    world.sync()
    world.pass_time(minutes=5)
    _, young = compare(world)
    assert (causes(young), young.settling) == ([], 1)
    world.pass_time(hours=3)
    world.sync()
    _, old = compare(world)
    assert causes(old) == [(f"Order {name}", "not_acknowledged")]
    assert [(code, world.evidence(code)["owner"]) for code, _, _ in world.tickets()] == [("drift_found", "operations")]


def test_d2_an_edit_of_stock_in_the_shop_s_admin_is_named(world: World) -> None:
    """D2, F16."""
    world.goods("MUG", 50)
    world.sync()
    world.pass_time(hours=3)
    world.collect_stock()
    world.control.set_inventory("MUG", 7)
    _, report = compare(world)
    assert causes(report) == [("SKU MUG", "channel_edit")]
    (row,) = report.rows
    assert (row.ours, row.theirs, row.difference_base) == (50, 7, -43)


def test_d4_goods_that_left_and_are_unfulfilled_in_the_shop_have_a_row_until_they_are_posted(world: World) -> None:
    """D4, F48. The row says which line, since when and the next step; posting closes the ticket, waiting never does."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 10))
    world.release()
    world.sync()
    shipped_at = world.clock()
    world.floor.ship(world.ref(name))
    world.fault("fulfillmentCreate", "5xx_before")
    world.aggregate()
    world.pass_time(hours=3)
    world.sync()
    _, report = compare(world)
    (row,) = report.rows
    assert (row.cause, row.order_name, row.line_id, row.since) == (
        "not_posted",
        name,
        world.line_ids(name)[0],
        shipped_at,
    )
    assert row.next_step.startswith("Rerun fulfilment_aggregation")
    assert [code for code, _, _ in world.tickets()] == ["drift_found"]
    world.pass_time(hours=24)
    world.sync()
    compare(world)
    assert [code for code, _, _ in world.tickets()] == ["drift_found"]
    world.aggregate()
    _, report = compare(world)
    assert (causes(report), world.tickets()) == ([], [])


def test_d5_a_replay_gives_the_same_rows_and_the_same_hash(world: World) -> None:
    """D5. Whatever happened since: the kept rows give the stored verdict, byte for byte."""
    world.goods("MUG", 50)
    world.sync()
    world.control.set_inventory("MUG", 7)
    world.pass_time(hours=3)
    cut_off, first = compare(world)
    world.pass_time(hours=24 * 30)
    world.sync()
    again = replay(world, cut_off)
    drift_report.save_verdict(world.store, cut_off, again, world.clock)
    assert (again.hash, again.rows) == (first.hash, first.rows)
    assert len(first.rows) == 1


def test_d5_a_replay_that_would_say_something_else_is_refused(world: World) -> None:
    world.goods("MUG", 50)
    world.sync()
    cut_off, _ = compare(world)
    world.control.set_inventory("MUG", 7)
    world.pass_time(hours=3)
    _, other = compare(world)
    with pytest.raises(DataError, match="another verdict than stored"):
        drift_report.save_verdict(world.store, cut_off, other, world.clock)


def test_a_cut_off_that_was_never_kept_is_refused_by_name(world: World) -> None:
    with pytest.raises(DataError, match="no drift rows are kept for 2026-11-23T10:00:00"):
        replay(world, world.clock())
