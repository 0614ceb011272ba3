"""What a decision writes, and what the database refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from include.fulfilment.domain.quantity import LineQuantities
from include.fulfilment.domain.release import Outcome
from include.fulfilment.errors import DataError
from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store_port import LineUpdate, OrderQuantities, Proven
from tests.store.seeds import (
    CODE,
    MINUTE,
    NOW,
    decision,
    line,
    order,
    proof,
    record,
    release,
    save,
    update,
    warehouse_order,
)

Ask = Callable[..., list[dict[str, Any]]]
HELD = LineQuantities.placed(40)


def test_a_release_writes_quantities_warehouse_order_and_what_is_owed(store: PostgresStore, ask: Ask) -> None:
    record(store, order())
    sent = warehouse_order(1042, 25)
    found = update(1042, HELD.allocate(25), "in_warehouse", "awaiting_stock", event="Released 25 EA")
    save(store, replace(found, warehouse_orders={CODE: sent}, decision=decision("cart:1042"), decision_digest="d1"))

    with store.transaction() as rows:
        (stored,) = rows.orders.waiting()
        (owed,) = rows.outbox.claim("warehouse_order", 10, NOW, warehouse=CODE)
    assert stored.lines[0].quantities == LineQuantities(ordered=40, backordered=15, released=25, open=25)
    assert stored.lines[0].proof == proof(40)
    assert (stored.state, stored.reason, stored.decision_digest) == ("in_warehouse", "awaiting_stock", "d1")
    assert (stored.parts, stored.rejected_part, stored.revision) == (1, 0, 1)
    assert (owed.key, owed.order_id, owed.attempts) == ("cart:1042/1/1", "cart:1042", 1)
    assert sent.from_json(owed.payload) == sent
    head = ask("SELECT ever_held, ever_released, ever_backordered FROM sales_order WHERE site = %(site)s")
    assert head == [{"ever_held": False, "ever_released": False, "ever_backordered": True}]
    assert ask("SELECT line_id, base_sku, base_quantity FROM warehouse_order_line WHERE site = %(site)s") == [
        {"line_id": "1", "base_sku": "MUG", "base_quantity": 25}
    ]


def test_the_clock_of_a_hold_runs_on_while_its_reason_stays(store: PostgresStore, ask: Ask) -> None:
    record(store, order())
    save(store, update(1042, HELD, "held", "po_missing"), now=NOW + MINUTE)
    save(store, update(1042, HELD, "held", "po_missing"), now=NOW + 2 * MINUTE)
    assert ask("SELECT state_since FROM sales_order WHERE site = %(site)s") == [{"state_since": NOW + MINUTE}]

    partly = LineQuantities(ordered=40, held=30, backordered=10)
    save(store, update(1042, partly, "held", "po_missing"), now=NOW + 2 * MINUTE)
    assert ask("SELECT state_since, ever_backordered FROM sales_order WHERE site = %(site)s") == [
        {"state_since": NOW + MINUTE, "ever_backordered": True}
    ]

    save(store, update(1042, HELD, "held", "account_on_stop"), now=NOW + 3 * MINUTE)
    assert ask("SELECT state_since, ever_held FROM sales_order WHERE site = %(site)s") == [
        {"state_since": NOW + 3 * MINUTE, "ever_held": True}
    ]


def test_the_same_decision_again_is_not_written_again(store: PostgresStore, ask: Ask) -> None:
    record(store, order())
    hold = update(1042, HELD, "held", "po_missing", decision=decision("cart:1042", Outcome.HOLD, "po_missing"))
    for digest in ("a", "a", "b", "a"):
        save(store, replace(hold, decision_digest=digest))

    found = ask(
        "SELECT digest, outcome, reason, policy_version, rules FROM release_decision WHERE site = %(site)s"
        " ORDER BY decision_id"
    )
    assert [row["digest"] for row in found] == ["a", "b", "a"]
    assert found[0]["rules"] == [
        {"rule": "credit", "passed": False, "inputs": {"after": "120.00"}, "code": "po_missing"}
    ]
    assert (found[0]["outcome"], found[0]["reason"], found[0]["policy_version"]) == ("hold", "po_missing", "policy-1")


def test_a_line_that_was_not_judged_keeps_its_proof(store: PostgresStore) -> None:
    record(store, order())
    save(store, update(1042, HELD, "held", "po_missing"))
    unjudged = LineUpdate("1", HELD.allocate(40))

    save(store, replace(update(1042, HELD, "in_warehouse"), lines=(unjudged,)))

    with store.transaction() as rows:
        found = rows.orders.quantities(["cart:1042", "nobody's"])
        assert rows.orders.waiting() == []
    assert found == {"cart:1042": OrderQuantities("in_warehouse", "", "#1042", False, {"1": HELD.allocate(40)})}


def test_a_refused_line_keeps_the_refusal_without_a_proof(store: PostgresStore, ask: Ask) -> None:
    record(store, order())
    refused = LineUpdate("1", LineQuantities(), Proven(None, "pack_unknown"))
    save(store, replace(update(1042, HELD, "held", "pack_unknown"), lines=(refused,)))

    found = ask("SELECT proof, base_sku, refusal FROM order_line WHERE site = %(site)s")
    assert found == [{"proof": None, "base_sku": None, "refusal": "pack_unknown"}]


def test_units_without_a_proof_are_refused_by_the_database(store: PostgresStore) -> None:
    record(store, order())
    unproven = LineUpdate("1", HELD, Proven(None, "pack_unknown"))

    with pytest.raises(DataError, match="fulfilment_db refused order_line: unproven_has_no_base"):
        save(store, replace(update(1042, HELD, "held", "pack_unknown"), lines=(unproven,)))


@pytest.mark.parametrize(
    ("change", "law"),
    [
        ("held_base = held_base + 1", "ordered_is_conserved"),
        ("open_base = open_base - 1", "released_is_conserved"),
        ("shipped_base = -1", "order_line_shipped_base_check"),
        ("proof = NULL", "unproven_has_no_base"),
    ],
)
def test_the_database_itself_refuses_a_broken_quantity_law(
    store: PostgresStore, store_url: str, site: str, change: str, law: str
) -> None:
    release(store)

    with psycopg.connect(store_url) as connection, pytest.raises(psycopg.errors.CheckViolation) as refused:
        connection.execute(f"UPDATE fulfilment.order_line SET {change} WHERE site = %s", (site,))  # noqa: S608
    assert refused.value.diag.constraint_name == law


def test_a_hold_without_a_reason_is_refused(store: PostgresStore) -> None:
    record(store, order())

    with pytest.raises(DataError, match="a_hold_has_a_reason"):
        save(store, update(1042, HELD, "held", ""))


def test_a_reference_is_never_given_to_two_warehouse_orders(store: PostgresStore, ask: Ask) -> None:
    release(store, 1042)
    record(store, order(1043))
    stolen = replace(warehouse_order(1043, 40), external_ref="B2B1042")

    with pytest.raises(DataError, match="the reference B2B1042 is taken"):
        save(store, replace(update(1043, HELD.allocate(40), "in_warehouse"), warehouse_orders={CODE: stolen}))

    assert ask("SELECT state FROM sales_order WHERE site = %(site)s AND order_id = 'cart:1043'") == [
        {"state": "placed"}
    ]


def test_an_acknowledged_order_is_not_replaced_by_another_revision(store: PostgresStore) -> None:
    release(store, 1042)
    again = replace(
        update(1042, HELD.allocate(40), "in_warehouse"), warehouse_orders={CODE: warehouse_order(1042, 40, revision=2)}
    )

    with pytest.raises(DataError, match="the reference B2B1042 is taken"):
        save(store, again)


def test_a_decision_on_a_line_that_left_meanwhile_is_refused_whole(store: PostgresStore, ask: Ask) -> None:
    record(store, order(1), order(2))
    gone = replace(update(2, HELD, "held", "po_missing"), lines=(LineUpdate("9", HELD, Proven(proof(40))),))

    with pytest.raises(DataError, match="order cart:2 has no line 9 any more"):
        save(store, update(1, HELD, "held", "po_missing"), gone)

    assert ask("SELECT DISTINCT state FROM sales_order WHERE site = %(site)s") == [{"state": "placed"}]


def test_an_edit_waits_for_the_decision_that_reads_the_order(store: PostgresStore, store_url: str) -> None:
    record(store, order())
    with store.transaction() as deciding:
        assert len(deciding.orders.waiting()) == 1
        with psycopg.connect(store_url) as other, pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("SELECT FROM fulfilment.sales_order WHERE order_id = 'cart:1042' FOR UPDATE NOWAIT")


def test_lines_of_many_orders_are_saved_by_the_same_few_statements(store: PostgresStore) -> None:
    record(store, *(order(number, line(quantity=number)) for number in range(1, 200)))
    save(store, *(update(number, LineQuantities.placed(number), "held", "po_missing") for number in range(1, 200)))

    with store.transaction() as rows:
        waiting = rows.orders.waiting()
    assert [each.lines[0].quantities.held for each in waiting] == list(range(1, 200))
