"""Orders as the shop states them: any arrival order, repeats and echoes end in the same record."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import permutations
from threading import Barrier, Thread
from typing import Any

import pytest

from include.fulfilment.domain.quantity import LineQuantities
from include.fulfilment.store.database import PostgresStore
from tests.store.seeds import MINUTE, NOW, line, order, record, save, update

Ask = Callable[..., list[dict[str, Any]]]
COUNTS = {"new": 0, "changed": 0, "unchanged": 0, "ignored": 0}


def test_a_new_order_is_stored_whole_and_its_timeline_begins(store: PostgresStore, ask: Ask) -> None:
    given = order(1042, line("1"), line("2", "CUP", 3, price=Decimal("7.990"), position=1), requested_on=NOW.date())

    assert record(store, given) == COUNTS | {"new": 1}

    with store.transaction() as rows:
        (stored,) = rows.orders.waiting()
    assert stored.order == given
    assert (stored.state, stored.reason, stored.state_since) == ("placed", "", NOW)
    assert (stored.parts, stored.rejected_part, stored.revision, stored.decision_digest) == (0, 0, 0, "")
    assert ask("SELECT source, words, at FROM order_event WHERE site = %(site)s") == [
        {"source": "shop", "words": "Order seen in the shop", "at": NOW}
    ]


def test_an_echo_of_our_own_write_moves_only_when_it_was_last_touched(store: PostgresStore, ask: Ask) -> None:
    record(store, order())
    before = ask("SELECT * FROM sales_order WHERE site = %(site)s")

    assert record(store, order(updated_at=NOW + MINUTE), now=NOW + MINUTE) == COUNTS | {"unchanged": 1}

    after = ask("SELECT * FROM sales_order WHERE site = %(site)s")
    assert after == [before[0] | {"updated_at": NOW + MINUTE}]
    assert len(ask("SELECT FROM order_event WHERE site = %(site)s")) == 1


def test_an_older_reading_that_comes_late_changes_nothing(store: PostgresStore, ask: Ask) -> None:
    record(store, order(po_number="PO-2", updated_at=NOW + MINUTE))

    assert record(store, order(po_number="PO-1")) == COUNTS | {"ignored": 1}

    assert ask("SELECT po_number FROM sales_order WHERE site = %(site)s") == [{"po_number": "PO-2"}]


@pytest.mark.parametrize("sequence", list(permutations(range(3))))
@pytest.mark.parametrize("together", [True, False])
def test_draft_order_and_edit_end_as_the_one_edited_order_in_any_sequence(
    store: PostgresStore, ask: Ask, sequence: tuple[int, ...], together: bool
) -> None:
    draft = order(1042, is_draft=True, platform_id="draft-1", name="#D7", updated_at=NOW + 5 * MINUTE)
    placed, edited = order(1042), order(1042, po_number="PO-9", updated_at=NOW + MINUTE)
    readings = [(draft, placed, edited)[each] for each in sequence]

    for batch in [readings] if together else [[each] for each in readings]:
        record(store, *batch)

    assert ask("SELECT order_id, platform_id, name, is_draft, po_number FROM sales_order WHERE site = %(site)s") == [
        {
            "order_id": "cart:1042",
            "platform_id": "gid://shopify/Order/1042",
            "name": "#1042",
            "is_draft": False,
            "po_number": "PO-9",
        }
    ]


def test_an_order_keeps_our_first_id_when_the_shop_gives_it_a_cart_later(store: PostgresStore, ask: Ask) -> None:
    record(store, order(order_id="shop:1042"))

    assert record(store, order(updated_at=NOW + MINUTE, po_number="PO-7"))["changed"] == 1

    found = ask("SELECT order_id, po_number FROM sales_order WHERE site = %(site)s")
    assert found == [{"order_id": "shop:1042", "po_number": "PO-7"}]


def test_a_second_completed_order_of_one_cart_gets_an_id_of_its_own_and_is_held(store: PostgresStore, ask: Ask) -> None:
    record(store, order())
    twin = order(platform_id="other", name="#1043", updated_at=NOW + MINUTE)

    assert record(store, twin)["new"] == 1
    assert record(store, twin)["unchanged"] == 1

    found = ask("SELECT order_id, name, problems FROM sales_order WHERE site = %(site)s ORDER BY name")
    assert [(row["order_id"], row["name"], len(row["problems"])) for row in found] == [
        ("cart:1042", "#1042", 0),
        ("shop:other", "#1043", 1),
    ]


def test_a_line_taken_off_leaves_unless_units_were_promised(store: PostgresStore, ask: Ask) -> None:
    record(store, order(1042, line("1"), line("2", "CUP", 3)))
    save(store, update(1042, LineQuantities.placed(40), "held", "credit_limit_exceeded"))

    record(store, order(1042, line("3", "POT", 1), updated_at=NOW + MINUTE))

    found = ask("SELECT line_id, quantity, held_base FROM order_line WHERE site = %(site)s ORDER BY line_id")
    assert found == [
        {"line_id": "1", "quantity": 0, "held_base": 40},
        {"line_id": "3", "quantity": 1, "held_base": 0},
    ]


def test_an_edit_of_a_line_leaves_its_proof_and_its_units_alone(store: PostgresStore, ask: Ask) -> None:
    record(store, order())
    save(store, update(1042, LineQuantities.placed(40), "held", "po_missing"))

    record(store, order(1042, line(quantity=46), updated_at=NOW + MINUTE))

    query = "SELECT quantity, proof ->> 'quantity' AS proven, ordered_base FROM order_line WHERE site = %(site)s"
    assert ask(query) == [{"quantity": 46, "proven": "40", "ordered_base": 40}]


def test_a_finished_order_that_is_edited_stays_finished(store: PostgresStore, ask: Ask) -> None:
    record(store, order())
    save(store, update(1042, LineQuantities.placed(40).cancel_waiting(), "cancelled"))

    record(store, order(instructions="Too late", updated_at=NOW + MINUTE))

    found = ask("SELECT state, instructions FROM sales_order WHERE site = %(site)s")
    assert found == [{"state": "cancelled", "instructions": "Too late"}]


def test_two_lines_with_one_id_are_a_problem_of_that_order_alone(store: PostgresStore) -> None:
    record(store, order(1, line("1"), line("1", "CUP")), order(2))

    with store.transaction() as rows:
        first, second = rows.orders.waiting()
    assert first.order.problems == ("two of its lines have the same id",)
    assert second.order.problems == ()


def test_text_that_the_database_cannot_hold_is_replaced_and_harms_no_other_order(store: PostgresStore) -> None:
    nasty = "a\x00b \ud800 🙂 '; DROP TABLE sales_order; -- \\u0000 \u202e"

    record(store, order(1, instructions=nasty), order(2))

    with store.transaction() as rows:
        first, second = rows.orders.waiting()
    assert first.order.instructions == "a\ufffdb ? 🙂 '; DROP TABLE sales_order; -- \\u0000 \u202e"
    assert second.order.instructions == "Ring twice"


def test_two_readers_of_the_same_new_order_store_it_once(store: PostgresStore, ask: Ask) -> None:
    barrier, counts = Barrier(2), []

    def read() -> None:
        with store.transaction() as rows:
            barrier.wait(10)
            counts.append(rows.orders.record([order(number) for number in range(20)], NOW))

    readers = [Thread(target=read) for _ in range(2)]
    for each in readers:
        each.start()
    for each in readers:
        each.join(20)

    assert sorted(each["new"] for each in counts) == [0, 20]
    assert len(ask("SELECT FROM order_event WHERE site = %(site)s")) == 20


def test_sites_do_not_see_each_other(store: PostgresStore, store_url: str, site: str) -> None:
    record(store, order())

    with PostgresStore(store_url, site + "_b").transaction() as rows:
        assert rows.orders.waiting() == []
        assert rows.orders.record([order()], NOW)["new"] == 1
