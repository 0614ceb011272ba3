"""One transaction per beat: all or nothing, one decider at a time, and errors that repeat no row."""

from __future__ import annotations

from threading import Event, Thread
from time import monotonic

import pytest

from include.fulfilment.domain.quantity import LineQuantities
from include.fulfilment.errors import DataError, RetryableError
from include.fulfilment.store.database import PostgresStore
from tests.store.seeds import NOW, order, record, save, update


def test_an_error_rolls_everything_back(store: PostgresStore) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction() as rows:
        rows.orders.record([order()], NOW)
        raise ZeroDivisionError

    with store.transaction() as rows:
        assert rows.orders.waiting() == []


def test_a_second_decider_waits_and_sees_what_the_first_decided(store: PostgresStore) -> None:
    record(store, order())
    inside, seen = Event(), []

    def decide() -> None:
        inside.wait(10)
        with store.transaction(lock="order_release") as rows:
            seen.extend((each.state, each.reason) for each in rows.orders.waiting())

    second = Thread(target=decide)
    second.start()
    with store.transaction(lock="order_release") as rows:
        inside.set()
        second.join(0.3)
        assert second.is_alive()
        assert seen == []
        rows.orders.save([update(1042, LineQuantities.placed(40), "held", "po_missing")], "policy-1", NOW)
    second.join(10)

    assert seen == [("held", "po_missing")]


def test_locks_of_other_names_and_sites_do_not_wait(store: PostgresStore, store_url: str, site: str) -> None:
    began = monotonic()
    other = PostgresStore(store_url, site + "_b")
    with store.transaction(lock="a"), store.transaction(lock="b"), other.transaction(lock="a"):
        assert monotonic() - began < 5


def test_an_unreachable_database_is_worth_another_try_and_shows_no_password() -> None:
    store = PostgresStore("postgresql://user:hush-hush@127.0.0.1:1/none", "site")

    with pytest.raises(RetryableError, match="nothing of this step was stored") as failed:
        store.transaction().__enter__()

    assert "hush-hush" not in str(failed.value)


def test_a_refused_row_is_not_repeated_in_the_error(store: PostgresStore) -> None:
    record(store, order())

    with pytest.raises(DataError) as refused:
        save(store, update(1042, LineQuantities.placed(40), "no such state"))

    text = f"{refused.value!s} {refused.value.__cause__}"
    assert "sales_order_state_check" in text
    assert "A Buyer" not in text
    assert "Failing row" not in text


def test_instants_come_back_aware_and_in_utc(store: PostgresStore) -> None:
    with store.transaction() as rows:
        rows.log.move_cursor("orders", NOW)
        found = rows.log.cursor("orders")
    assert found == NOW
    assert found is not None
    assert found.utcoffset() == NOW.utcoffset()
