"""Cursors, clocks, counts, timelines, and tickets that open and close by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from include.fulfilment.domain.exception_ticket import ExceptionTicket
from include.fulfilment.store.database import PostgresStore
from tests.store.seeds import MINUTE, NOW, order, record

Ask = Callable[..., list[dict[str, Any]]]
SCOPE = "order_release"
HOUR = timedelta(hours=1)


def reconcile(store: PostgresStore, *tickets: ExceptionTicket, scope: str = SCOPE, hours: int = 0) -> dict[str, int]:
    with store.transaction() as rows:
        return rows.log.reconcile_tickets(scope, tickets, NOW + hours * HOUR)


def test_a_cursor_never_moves_back(store: PostgresStore) -> None:
    with store.transaction() as rows:
        assert rows.log.cursor("orders") is None
        rows.log.move_cursor("orders", NOW)
        rows.log.move_cursor("orders", NOW - MINUTE)
        assert rows.log.cursor("orders") == NOW
        assert rows.log.cursor("shipments") is None


def test_the_last_good_run_of_a_beat_is_remembered(store: PostgresStore, ask: Ask) -> None:
    with store.transaction() as rows:
        rows.log.beat_done("stock_sync", "decide", {"variants": 1}, NOW)
        rows.log.beat_done("stock_sync", "decide", {"variants": 2}, NOW + MINUTE)
    found = ask("SELECT dag_id, beat, good_at, figures FROM run_clock WHERE site = %(site)s")
    assert found == [{"dag_id": "stock_sync", "beat": "decide", "good_at": NOW + MINUTE, "figures": {"variants": 2}}]


def test_calls_add_up(store: PostgresStore, ask: Ask) -> None:
    for _ in range(2):
        with store.transaction() as rows:
            rows.log.count_calls({("storefront", "orders", "ok"): 3, ("storefront", "orders", "throttled"): 1})
            rows.log.count_calls({})
    found = ask("SELECT outcome, calls FROM remote_call WHERE site = %(site)s ORDER BY outcome")
    assert found == [{"outcome": "ok", "calls": 6}, {"outcome": "throttled", "calls": 2}]


def test_words_for_an_order_we_do_not_hold_are_left_out(store: PostgresStore, ask: Ask) -> None:
    record(store, order())
    with store.transaction() as rows:
        rows.log.events([("cart:9", "desk", "lost"), ("cart:1042", "desk", "one"), ("cart:1042", "desk", "two")], NOW)
    found = ask("SELECT words FROM order_event WHERE site = %(site)s AND source = 'desk' ORDER BY event_id")
    assert [row["words"] for row in found] == ["one", "two"]


def test_a_ticket_opens_once_is_kept_up_to_date_and_closes_when_its_cause_is_gone(
    store: PostgresStore, ask: Ask
) -> None:
    cause = ExceptionTicket("po_missing", "#1042", "cart:1042", NOW, {"required": "True"})
    newer = ExceptionTicket("po_missing", "#1042", "cart:1042", NOW, {"required": "True", "asked": "yes"})

    assert reconcile(store, cause, cause) == {"opened": 1, "closed": 0, "open": 1}
    assert reconcile(store, newer, hours=99) == {"opened": 0, "closed": 0, "open": 1}
    query = (
        "SELECT code, subject, order_id, owner, severity, evidence, opened_at, due_at, closed_at FROM exception_ticket"
    )
    (ticket,) = ask(query + " WHERE site = %(site)s")
    assert ticket == {
        "code": "po_missing",
        "subject": "#1042",
        "order_id": "cart:1042",
        "owner": "customer_service",
        "severity": "warning",
        "evidence": {"required": "True", "asked": "yes"},
        "opened_at": NOW,
        "due_at": NOW + 4 * HOUR,
        "closed_at": None,
    }

    assert reconcile(store, hours=100) == {"opened": 0, "closed": 1, "open": 0}
    assert reconcile(store, cause, hours=101) == {"opened": 1, "closed": 0, "open": 1}
    closed = ask("SELECT closed_at FROM exception_ticket WHERE site = %(site)s ORDER BY ticket_id")
    assert closed == [{"closed_at": NOW + 100 * HOUR}, {"closed_at": None}]


def test_other_scopes_are_left_alone(store: PostgresStore) -> None:
    reconcile(store, ExceptionTicket("po_missing", "#1"))

    assert reconcile(store, scope="stock_sync") == {"opened": 0, "closed": 0, "open": 0}
    assert reconcile(store, ExceptionTicket("po_missing", "#1")) == {"opened": 0, "closed": 0, "open": 1}


def test_a_young_cause_opens_no_ticket_yet_and_some_never_do(store: PostgresStore) -> None:
    pending = ExceptionTicket("payment_pending", "#1", since=NOW)
    draft = ExceptionTicket("awaiting_completion", "#2", since=NOW)

    assert reconcile(store, pending, draft, hours=23)["opened"] == 0
    assert reconcile(store, pending, draft, hours=24) == {"opened": 1, "closed": 0, "open": 1}
    assert reconcile(store, pending, draft, hours=999) == {"opened": 0, "closed": 0, "open": 1}


def test_four_hundred_tickets_are_one_statement(store: PostgresStore) -> None:
    tickets = [ExceptionTicket("po_missing", f"#{number}") for number in range(400)]

    assert reconcile(store, *tickets) == {"opened": 400, "closed": 0, "open": 400}
    assert reconcile(store, *tickets[100:]) == {"opened": 0, "closed": 100, "open": 300}
