"""The queue for an account's credit: one answer, whatever the balance contains and however old it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.fulfilment.domain.credit import BalanceContains, CreditQueue, OpenOrder

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST = OpenOrder("o1", "acc", NOON, Decimal(1500))
SECOND = OpenOrder("o2", "acc", NOON + HOUR, Decimal(1500))
QUEUE = CreditQueue([SECOND, FIRST])


@pytest.mark.parametrize(("contains", "balance"), [("invoices_only", 3000), ("placed_orders", 6000)])
def test_two_kinds_of_balance_give_one_answer(contains: str, balance: int) -> None:
    assert QUEUE.exposure_before("o1", "acc", Decimal(balance), contains) == 3000
    assert QUEUE.exposure_before("o2", "acc", Decimal(balance), contains) == 4500


def test_a_balance_of_last_night_lacks_what_was_placed_since() -> None:
    contained = NOON + HOUR / 2  # the first is in it, the second is not
    assert QUEUE.exposure_before("o1", "acc", Decimal(4500), "placed_orders", contained) == 3000
    assert QUEUE.exposure_before("o2", "acc", Decimal(4500), "placed_orders", contained) == 4500
    assert QUEUE.exposure_before("o2", "acc", Decimal(3000), "placed_orders", NOON - HOUR) == 4500


def test_a_balance_of_released_orders_contains_the_released_ones_alone() -> None:
    queue = CreditQueue([replace(FIRST, released_at=NOON + HOUR), SECOND])
    as_of = NOON + 2 * HOUR
    assert queue.exposure_before("o2", "acc", Decimal(4500), "released_orders", as_of) == 4500
    assert queue.exposure_before("o2", "acc", Decimal(3000), "released_orders", NOON) == 4500


def test_what_was_invoiced_after_the_statement_is_owed_whatever_its_place() -> None:
    later = replace(SECOND, finished_at=NOON + 2 * HOUR)
    queue = CreditQueue([FIRST, later])
    assert queue.exposure_before("o1", "acc", Decimal(3000), "invoices_only", NOON + HOUR) == 4500
    assert queue.exposure_before("o1", "acc", Decimal(4500), "invoices_only", NOON + 2 * HOUR) == 4500


def test_accounts_do_not_use_each_others_credit() -> None:
    queue = CreditQueue([FIRST, replace(SECOND, account_id="other")])
    assert queue.exposure_before("o2", "other", Decimal(0), "invoices_only") == 0


def test_a_word_that_no_source_declares_is_refused() -> None:
    with pytest.raises(ValueError, match="everything"):
        QUEUE.exposure_before("o1", "acc", Decimal(0), "everything")


@given(
    totals=st.lists(st.integers(1, 10_000), min_size=1, max_size=8),
    as_of=st.integers(-1, 9),
    debt=st.integers(0, 50_000),
)
def test_a_source_that_contains_more_gives_the_same_answer(totals: list[int], as_of: int, debt: int) -> None:
    orders = [OpenOrder(f"o{n}", "acc", NOON + n * HOUR, Decimal(total)) for n, total in enumerate(totals)]
    queue, at = CreditQueue(orders), NOON + as_of * HOUR
    placed = Decimal(debt + sum(total for n, total in enumerate(totals) if n <= as_of))
    for order in orders:
        lacking = queue.exposure_before(order.order_id, "acc", Decimal(debt), BalanceContains.INVOICES_ONLY, at)
        assert queue.exposure_before(order.order_id, "acc", placed, BalanceContains.PLACED_ORDERS, at) == lacking
