"""What people decided is kept for ever and counts for the order as it stood; what was ordered twice is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from include.fulfilment.domain.correction import Correction
from include.fulfilment.domain.release_case import Lift
from include.fulfilment.errors import DataError
from include.fulfilment.store.database import PostgresStore
from tests.store.seeds import MINUTE, NOW, line, order, record

DAY = timedelta(days=1)


def test_of_two_people_the_first_ends_a_hold_and_an_edit_makes_it_count_again(store: PostgresStore) -> None:
    record(store, order(1))
    with store.transaction() as rows:
        assert rows.people.lift("cart:1", "po_missing", "Ada", "by phone", NOW) == Lift("Ada", NOW)
        assert rows.people.lift("cart:1", "po_missing", "Ben", "again", NOW + MINUTE) == Lift("Ada", NOW)
        assert rows.people.lifts(["cart:1", "cart:2"]) == {"cart:1": {"po_missing": Lift("Ada", NOW)}}
    record(store, order(1, line(quantity=7), updated_at=NOW + MINUTE))
    with store.transaction() as rows:
        assert rows.people.lifts(["cart:1"]) == {}
        assert rows.people.lift("cart:1", "po_missing", "Ben", "again", NOW + MINUTE) == Lift("Ben", NOW + MINUTE)


def test_the_newest_correction_of_a_field_counts_and_an_empty_one_takes_it_back(store: PostgresStore) -> None:
    record(store, order(1), order(2))
    with store.transaction() as rows:
        for value in ("PO-1", "PO-2"):
            rows.people.correct("cart:1", "po_number", value, "Ada", "by phone", NOW)
        rows.people.correct("cart:2", "po_number", "PO-3", "Ada", "by phone", NOW)
        rows.people.correct("cart:2", "po_number", "", "Ben", "it was right", NOW)
        found = rows.people.corrections(["cart:1", "cart:2"])
        assert found == {"cart:1": {"po_number": Correction("PO-2", "Ada")}}


def test_nothing_is_decided_without_a_person_or_about_an_order_that_is_not_there(store: PostgresStore) -> None:
    record(store, order(1))
    with pytest.raises(DataError, match="person"), store.transaction() as rows:
        rows.people.correct("cart:1", "po_number", "PO-1", "", "by phone", NOW)
    with pytest.raises(DataError, match="foreign key"), store.transaction() as rows:
        rows.people.correct("cart:404", "po_number", "PO-1", "Ada", "by phone", NOW)


def test_an_order_like_one_of_days_before_is_found_by_account_po_number_and_lines(store: PostgresStore) -> None:
    first = order(1, line("1", quantity=3), line("2", "CUP", 5), account_id="a", po_number="PO-1", placed_at=NOW)
    again = replace(
        order(2, line("7", "CUP", 5), line("9", quantity=3), account_id="a", po_number="PO-1"), placed_at=NOW + DAY
    )
    record(
        store,
        first,
        again,
        replace(again, order_id="cart:3", platform_id="3", account_id="b"),
        replace(again, order_id="cart:4", platform_id="4", po_number="PO-2"),
        replace(again, order_id="cart:5", platform_id="5", lines=again.lines[:1]),
        replace(again, order_id="cart:6", platform_id="6", placed_at=NOW + 20 * DAY),
        replace(again, order_id="cart:7", platform_id="7", is_draft=True),
    )
    ids = [f"cart:{number}" for number in range(1, 8)]
    with store.transaction() as rows:
        assert rows.people.alike(ids, 14 * DAY) == {"cart:2": first.name}
        assert rows.people.alike(ids, 30 * DAY) == {"cart:2": first.name, "cart:6": again.name}
        assert rows.people.alike(ids, timedelta(0)) == {}
