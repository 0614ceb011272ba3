"""Where an order is: one state, one answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.fulfilment.domain.matter import Team
from include.fulfilment.domain.matters import MATTERS
from include.fulfilment.domain.quantity import LineQuantities
from include.fulfilment.domain.standing import OrderState, order_state, standing

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PLACED = LineQuantities.placed(40)
WHOLE, PART = PLACED.allocate(40), PLACED.allocate(25)
SHIPPED, CANCELLED = WHOLE.fold(40, 0), PLACED.cancel_waiting()


@pytest.mark.parametrize(
    ("lines", "hold", "state", "reason"),
    [
        ([PLACED], "po_missing", OrderState.HELD, "po_missing"),
        ([PLACED.allocate(0)], "", OrderState.AWAITING_STOCK, "awaiting_stock"),
        ([WHOLE], "", OrderState.IN_WAREHOUSE, ""),
        ([PART], "", OrderState.IN_WAREHOUSE, "awaiting_stock"),
        ([WHOLE.fold(12, 0)], "", OrderState.PARTLY_SHIPPED, ""),
        ([PART.fold(25, 0)], "", OrderState.PARTLY_SHIPPED, "awaiting_stock"),
        ([SHIPPED, WHOLE], "", OrderState.PARTLY_SHIPPED, ""),
        ([WHOLE.fold(37, 3)], "", OrderState.PARTLY_SHIPPED, "short_closed"),
        ([WHOLE.fold(0, 40)], "", OrderState.IN_WAREHOUSE, "short_closed"),
        ([SHIPPED], "", OrderState.FULFILLED, ""),
        ([SHIPPED, CANCELLED], "", OrderState.FULFILLED, ""),
        ([CANCELLED], "", OrderState.CANCELLED, ""),
    ],
)
def test_lines_and_hold_make_one_state(lines: list[LineQuantities], hold: str, state: OrderState, reason: str) -> None:
    assert order_state(lines, hold) == (state, reason)


@given(st.lists(st.sampled_from([PLACED, WHOLE, PART, SHIPPED, CANCELLED, WHOLE.fold(12, 0)]), min_size=1))
def test_fulfilled_means_that_every_unit_is_shipped_or_cancelled(lines: list[LineQuantities]) -> None:
    state, _ = order_state(lines, "")

    finished = all(row.ordered == row.shipped + row.cancelled for row in lines)
    assert (state in (OrderState.FULFILLED, OrderState.CANCELLED)) == finished


@pytest.mark.parametrize("state", list(OrderState))
@pytest.mark.parametrize("reason", ["", *MATTERS])
def test_every_state_and_reason_has_an_answer(state: OrderState, reason: str) -> None:
    answer = standing(state, reason, NOW)

    assert answer.where
    assert answer.who in Team
    assert answer.since == NOW


def test_the_reason_says_who_acts_and_until_when() -> None:
    answer = standing(OrderState.HELD, "credit_limit_exceeded", NOW)

    assert (answer.who, answer.due) == (Team.FINANCE, NOW + timedelta(hours=4))
    assert answer.next_step == "Take a payment, raise the limit, or refuse the order in the shop."
