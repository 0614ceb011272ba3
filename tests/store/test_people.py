"""What people decided is kept for ever and counts for the order as it stood; what was ordered twice is found."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from include.fulfilment.domain.correction import Correction
from include.fulfilment.domain.hold_decision import Decision, Seen, Signed, Verdict
from include.fulfilment.domain.release_case import Lift
from include.fulfilment.errors import DataError
from include.fulfilment.store.database import PostgresStore
from tests.store.seeds import MINUTE, NOW, line, order, record

DAY = timedelta(days=1)


def decide(store: PostgresStore, verdict: Verdict, person: str, after: int = 0, version: str = "") -> Decision:
    with store.transaction() as rows:
        (stored,) = rows.orders.waiting()
        seen, signed = Seen(version or stored.content_hash, after), Signed(person, "by phone")
        return rows.people.decide("po_missing", "cart:1", "cart:1", verdict, seen, signed, NOW)


def test_of_two_people_the_first_decides_and_an_edit_makes_the_hold_count_again(store: PostgresStore) -> None:
    record(store, order(1))
    first = decide(store, Verdict.LIFTED, "Ada")
    assert (first.person, first.verdict, first.late) == ("Ada", Verdict.LIFTED, False)
    assert decide(store, Verdict.REFUSED, "Ben") == replace(first, late=True)
    with store.transaction() as rows:
        assert rows.people.lifts(["cart:1", "cart:2"]) == {"cart:1": {"po_missing": Lift("Ada", NOW)}}
    record(store, order(1, line(quantity=7), updated_at=NOW + MINUTE))
    with store.transaction() as rows:
        assert rows.people.lifts(["cart:1"]) == {}
    assert decide(store, Verdict.LIFTED, "Ben").late is False


def test_who_has_seen_a_refusal_may_still_lift_and_the_audit_keeps_every_row(
    store: PostgresStore, ask: Callable[..., list[dict[str, Any]]]
) -> None:
    """D9."""
    record(store, order(1))
    refused = decide(store, Verdict.REFUSED, "Ben")
    assert decide(store, Verdict.LIFTED, "Ada") == replace(refused, late=True)
    assert decide(store, Verdict.LIFTED, "Ada", after=refused.decision_id).late is False
    rows = ask("SELECT person, verdict, follows FROM hold_decision WHERE site = %(site)s ORDER BY decision_id")
    assert [(row["person"], row["verdict"], row["follows"]) for row in rows] == [
        ("Ben", "refused", 0),
        ("Ada", "lifted", None),
        ("Ada", "lifted", refused.decision_id),
    ]


def test_of_two_people_at_the_same_instant_one_decides(store: PostgresStore) -> None:
    """Neither sees the other's row when they write; the second waits for the first and is told."""
    record(store, order(1))
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda person: decide(store, Verdict.LIFTED, person, version="v"), ("Ada", "Ben")))
    assert sorted(each.late for each in found) == [False, True]
    assert len({each.person for each in found}) == 1


def test_the_newest_correction_of_a_field_counts_and_an_empty_one_takes_it_back(store: PostgresStore) -> None:
    record(store, order(1), order(2))
    with store.transaction() as rows:
        for value in ("PO-1", "PO-2"):
            rows.people.correct("cart:1", "po_number", Correction(value, "Ada", "digest"), "by phone", NOW)
        rows.people.correct("cart:2", "po_number", Correction("PO-3", "Ada"), "by phone", NOW)
        rows.people.correct("cart:2", "po_number", Correction("", "Ben"), "it was right", NOW)
        found = rows.people.corrections(["cart:1", "cart:2"])
        assert found == {"cart:1": {"po_number": Correction("PO-2", "Ada", "digest")}}


def test_nothing_is_decided_without_a_person_or_about_an_order_that_is_not_there(store: PostgresStore) -> None:
    record(store, order(1))
    with pytest.raises(DataError, match="person"), store.transaction() as rows:
        rows.people.correct("cart:1", "po_number", Correction("PO-1", ""), "by phone", NOW)
    with pytest.raises(DataError, match="foreign key"), store.transaction() as rows:
        rows.people.correct("cart:404", "po_number", Correction("PO-1", "Ada"), "by phone", NOW)


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
