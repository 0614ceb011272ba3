"""Every difference has one cause, and every cause says who acts next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from include.fulfilment.domain.discrepancy import (
    CAUSES,
    Aspect,
    Cause,
    Difference,
    DriftRules,
    Kind,
    cause_of,
    judge,
)

CUT_OFF = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
RULES = DriftRules(settling=timedelta(minutes=30), stale_after=timedelta(hours=4))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def before(age: timedelta) -> datetime:
    return CUT_OFF - age


STOCK = Difference(
    kind=Kind.STOCK,
    aspect=Aspect.AVAILABLE,
    sku="22423",
    ours=50,
    theirs=47,
    units_per=1,
    started_at=before(3 * HOUR),
    answered_at=before(3 * HOUR),
    read_at=before(5 * MINUTE),
    pushed=50,
    difference_base=-3,
)
LINE = Difference(
    kind=Kind.ORDER_LINE,
    aspect=Aspect.SHIPPED,
    sku="22423",
    ours=24,
    theirs=0,
    units_per=12,
    started_at=before(3 * HOUR),
    read_at=before(5 * MINUTE),
    order_id="cart:9",
    line_id="1",
    order_name="#1042",
    external_ref="B2B1042",
    difference_base=-24,
)
SENT = replace(LINE, kind=Kind.ORDER, aspect=Aspect.IN_WAREHOUSE, theirs=None)


@pytest.mark.parametrize(
    ("difference", "cause"),
    [
        (STOCK, Cause.CHANNEL_EDIT),
        (replace(STOCK, theirs=50, ours=44), Cause.NOT_POSTED),
        (replace(STOCK, pushed=None, answered_at=None), Cause.NOT_POSTED),
        (replace(STOCK, ours=None, units_per=None), Cause.UNMAPPED),
        (replace(STOCK, copies=2), Cause.UNMAPPED),
        (replace(STOCK, theirs=None), Cause.MISSING_IN_SHOP),
        (replace(STOCK, warehouse_lists_it=False), Cause.MISSING_IN_WAREHOUSE),
        (replace(STOCK, read_at=before(5 * HOUR)), Cause.STALE_READ),
        (replace(STOCK, aspect=Aspect.PACK, ours=12, theirs=10), Cause.UNIT_OF_MEASURE),
        (replace(STOCK, started_at=before(5 * MINUTE)), Cause.IN_FLIGHT),
        (LINE, Cause.NOT_POSTED),
        (replace(LINE, answered_at=before(2 * HOUR)), Cause.CHANNEL_EDIT),
        (replace(LINE, ours=0, theirs=24, difference_base=24), Cause.CHANNEL_EDIT),
        (SENT, Cause.NOT_ACKNOWLEDGED),
        (replace(SENT, answered_at=before(2 * HOUR)), Cause.MISSING_IN_WAREHOUSE),
        (replace(SENT, answered_at=before(2 * HOUR), theirs=12), Cause.UNKNOWN),
        (replace(LINE, aspect=Aspect.ORDERED, theirs=12), Cause.CHANNEL_EDIT),
        (replace(LINE, aspect=Aspect.ORDERED, ours=None, theirs=12), Cause.CHANNEL_EDIT),
        (replace(LINE, aspect=Aspect.ORDERED, ours=None, theirs=12, units_per=None), Cause.UNMAPPED),
        (replace(LINE, aspect=Aspect.ORDERED, theirs=None), Cause.MISSING_IN_SHOP),
        (replace(LINE, kind=Kind.ORDER, aspect=Aspect.ORDERED, ours=None), Cause.MISSING_IN_WAREHOUSE),
    ],
)
def test_each_difference_has_the_cause_its_evidence_supports(difference: Difference, cause: Cause) -> None:
    assert cause_of(difference, CUT_OFF, RULES) is cause


@pytest.mark.parametrize(
    ("age", "cause"),
    [
        (5 * MINUTE, Cause.IN_FLIGHT),
        (30 * MINUTE - timedelta(seconds=1), Cause.IN_FLIGHT),
        (30 * MINUTE, Cause.NOT_ACKNOWLEDGED),
        (3 * HOUR, Cause.NOT_ACKNOWLEDGED),
    ],
)
def test_an_order_on_its_way_is_drift_only_once_the_settling_window_is_over(age: timedelta, cause: Cause) -> None:
    assert cause_of(replace(SENT, started_at=before(age)), CUT_OFF, RULES) is cause


def test_a_row_that_changed_while_the_sides_were_read_is_in_flight() -> None:
    assert cause_of(replace(LINE, started_at=CUT_OFF + MINUTE), CUT_OFF, RULES) is Cause.IN_FLIGHT


def test_a_missing_factor_or_another_factor_never_settles_by_itself() -> None:
    young = replace(STOCK, started_at=before(MINUTE))
    assert cause_of(replace(young, units_per=None), CUT_OFF, RULES) is Cause.UNMAPPED
    assert cause_of(replace(young, aspect=Aspect.PACK), CUT_OFF, RULES) is Cause.UNIT_OF_MEASURE


def test_a_shop_edit_is_dated_from_the_push_that_still_agreed() -> None:
    edited = replace(STOCK, started_at=before(30 * HOUR), answered_at=before(3 * HOUR))
    assert judge(edited, CUT_OFF, RULES).since == before(3 * HOUR)
    assert judge(LINE, CUT_OFF, RULES).since == before(3 * HOUR)


def test_every_combination_of_evidence_has_exactly_one_cause() -> None:
    sides, ages = (None, 0, 12), (None, before(MINUTE), before(3 * HOUR))
    for aspect, kind, ours, theirs, started, answered in product(Aspect, Kind, sides, sides, ages, ages):
        difference = replace(
            STOCK, aspect=aspect, kind=kind, ours=ours, theirs=theirs, started_at=started, answered_at=answered
        )
        assert cause_of(difference, CUT_OFF, RULES) in CAUSES


def test_every_cause_of_drift_names_a_team_and_a_next_step() -> None:
    assert set(CAUSES) == set(Cause)
    teams = {"operations", "finance", "customer service", "ecommerce", "master data", "warehouse", "on-call"}
    for cause, facts in CAUSES.items():
        assert facts.words
        assert facts.next_step.endswith(".")
        assert facts.owner in teams or cause is Cause.IN_FLIGHT


def test_a_discrepancy_is_named_as_people_name_it() -> None:
    line, order, stock = (judge(each, CUT_OFF, RULES) for each in (LINE, SENT, STOCK))
    assert line.subject == "Order #1042, line 1 (22423)"
    assert order.subject == "Order #1042"
    assert stock.subject == "SKU 22423"
    assert judge(replace(STOCK, sku=""), CUT_OFF, RULES).subject == "variants without a SKU"
    assert (line.owner, line.next_step) == (CAUSES[Cause.NOT_POSTED].owner, CAUSES[Cause.NOT_POSTED].next_step)


def test_the_same_line_keeps_its_key_when_its_backorder_joins_it() -> None:
    split = replace(LINE, external_ref="B2B1042 B2B1042-2", ours=36)
    assert judge(split, CUT_OFF, RULES).key == judge(LINE, CUT_OFF, RULES).key
    assert judge(replace(SENT, external_ref="B2B1042-2"), CUT_OFF, RULES).key != judge(SENT, CUT_OFF, RULES).key
