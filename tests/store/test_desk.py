from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from include.fulfilment.desk.today import marks
from include.fulfilment.domain.quantity import LineQuantities, Proof
from include.fulfilment.errors import RetryableError
from include.fulfilment.store.desk import PostgresDesk
from include.fulfilment.store.desk_rows import StateCount, TicketSubject
from include.fulfilment.store.schema import migrate
from tests.store import desk_seed

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
MARKS = marks(NOW)


@pytest.fixture
def desk(postgres_url: str) -> Iterator[PostgresDesk]:
    """The desk on a store that holds the six orders of one site."""
    migrate(postgres_url)
    with psycopg.connect(postgres_url) as connection:
        desk_seed.seed(connection, "trade", NOW)
    yield PostgresDesk(postgres_url)
    with psycopg.connect(postgres_url) as connection:
        connection.execute(
            "TRUNCATE fulfilment.sales_order, fulfilment.stock_snapshot, fulfilment.run_clock, fulfilment.shipment,"
            " fulfilment.exception_ticket, fulfilment.outbox CASCADE"
        )


def add(url: PostgresDesk, **ticket: object) -> None:
    with psycopg.connect(url._conninfo) as connection:
        desk_seed.ticket(connection, "trade", now=NOW, **ticket)


def test_every_unfinished_order_is_counted_once_as_moving_needing_or_stuck(desk: PostgresDesk) -> None:
    states = {each.state: each for each in desk.today("trade", MARKS).states}
    assert states["held"] == StateCount("held", 1, NOW - timedelta(minutes=130), 0, 1, 0)
    assert states["awaiting_stock"] == StateCount("awaiting_stock", 1, NOW - timedelta(days=2), 1, 0, 0)
    assert states["in_warehouse"] == StateCount("in_warehouse", 2, NOW - timedelta(hours=1), 0, 0, 1)
    assert states["partly_shipped"] == StateCount("partly_shipped", 1, NOW - timedelta(hours=1), 0, 0, 0)
    assert set(states) == {"held", "awaiting_stock", "in_warehouse", "partly_shipped"}


def test_each_number_of_the_page_lists_exactly_the_orders_it_counts(desk: PostgresDesk) -> None:
    def names(which: str) -> list[str]:
        return [row.name for row in desk.listed("trade", which, MARKS, 10)]

    assert names("needing") == ["#1001"]
    assert names("stuck") == ["#1003"]
    assert names("moving") == ["#1002", "#1004", "#1005"]
    assert names("fulfilled_today") == ["#1006"]
    assert names("in_warehouse") == ["#1003", "#1004"]
    assert names("fulfilled") == ["#1006"]
    assert names("credit_limit_exceeded") == ["#1001"]
    assert names("no_such_thing") == []
    assert [row.name for row in desk.listed("trade", "moving", MARKS, 2)] == ["#1002", "#1004"]


def test_an_order_with_two_exceptions_waits_for_a_person_once_and_the_buyers_own_matters_do_not_count(
    desk: PostgresDesk,
) -> None:
    add(desk, code="po_missing", subject="#1001", order_id="cart-1001")
    add(desk, code="payment_pending", subject="#1004", order_id="cart-1004", owner="buyer")
    rows = desk.today("trade", MARKS)
    assert (rows.waiting_orders, rows.waiting_since, rows.waiting_for) == (1, NOW - timedelta(minutes=130), "finance")
    assert [row.name for row in desk.listed("trade", "needing", MARKS, 10)] == ["#1001"]


def test_tickets_are_grouped_by_code_with_the_oldest_five_and_closed_ones_are_left_out(desk: PostgresDesk) -> None:
    for number in range(7):
        add(desk, code="pack_unknown", subject=f"SKU {number}", opened_at=NOW - timedelta(minutes=number))
    add(desk, code="task_failed", subject="order_release", severity="urgent", owner="on_call")
    add(desk, code="po_missing", subject="#1002", closed_at=NOW)
    groups = desk.today("trade", MARKS).groups
    assert [(each.code, each.tickets) for each in groups] == [
        ("task_failed", 1),
        ("credit_limit_exceeded", 1),
        ("pack_unknown", 7),
    ]
    assert groups[2].oldest == tuple(TicketSubject(f"SKU {number}", "", "") for number in (6, 5, 4, 3, 2))
    assert groups[1].oldest == (TicketSubject("#1001", "cart-1001", "#1001"),)


def test_stock_is_as_old_as_the_oldest_warehouse_and_a_refused_reading_does_not_count(desk: PostgresDesk) -> None:
    assert desk.today("trade", MARKS).stock_as_of == NOW - timedelta(minutes=4)
    with psycopg.connect(desk._conninfo) as connection:
        for warehouse, age, accepted in (("main", 1, False), ("north", 50, True), ("north", 20, True)):
            desk_seed.insert(
                connection,
                "stock_snapshot",
                site="trade",
                warehouse=warehouse,
                as_of=NOW - timedelta(minutes=age),
                taken_at=NOW,
                levels=1,
                accepted=accepted,
            )
    assert desk.today("trade", MARKS).stock_as_of == NOW - timedelta(minutes=20)


@pytest.mark.parametrize(
    "text", ["1005", "#1005", " 1005 ", "B2B1005", "b2b1005-2", "cart-1005", "gid://shopify/Order/1005"]
)
def test_an_order_is_found_by_whatever_name_a_person_has(desk: PostgresDesk, text: str) -> None:
    assert [row.name for row in desk.find("trade", text)] == ["#1005"]


@pytest.mark.parametrize("text", ["100", "%", "", "' OR 1=1 --", "1005' --"])
def test_what_is_no_name_of_an_order_finds_none(desk: PostgresDesk, text: str) -> None:
    assert desk.find("trade", text) == []


def test_sites_are_those_with_orders_or_runs_and_never_see_each_other(desk: PostgresDesk) -> None:
    with psycopg.connect(desk._conninfo) as connection:
        desk_seed.order(connection, "public", 1001, NOW, po_number="another")
        desk_seed.insert(
            connection, "run_clock", site="empty", dag_id="stock_sync", beat="collect", good_at=NOW, figures={}
        )
    assert desk.sites() == ["empty", "public", "trade"]
    assert [row.order_id for row in desk.find("public", "1001")] == ["cart-1001"]
    assert desk.find("empty", "1001") == []
    found = desk.order("public", "cart-1001")
    assert found is not None
    assert found.head.po_number == "another"
    assert found.decision is None
    assert desk.today("empty", MARKS).states == ()


def test_an_order_is_read_with_all_that_belongs_to_it(desk: PostgresDesk) -> None:
    rows = desk.order("trade", "cart-1005")
    assert rows is not None
    assert rows.lines[0].proof == Proof(2, "CASE", 12, "MUG", "packs.csv row 7", "v1")
    assert rows.lines[1].quantities == LineQuantities(ordered=16, released=4, backordered=10, cancelled=2, short=4)
    assert [(each.external_ref, each.wms_id, each.lines, each.units) for each in rows.warehouse_orders] == [
        ("B2B1005", "SO1", 1, 24),
        ("B2B1005-2", "SO2", 1, 4),
    ]
    (shipment,) = rows.shipments
    assert [parcel.tracking_number for parcel in shipment.parcels] == ["PF1", "DPD2"]
    assert shipment.parcels[0].contents[0].base_quantity == 12
    assert [(line.line_id, line.base_quantity) for line in shipment.lines] == [("l1", 24)]
    assert [event.words for event in rows.events] == ["Shipment OUT1 left", "Released 24 units"]
    assert desk.order("trade", "cart-9") is None


def test_the_decision_is_the_latest_with_every_rule(desk: PostgresDesk) -> None:
    rows = desk.order("trade", "cart-1001")
    assert rows is not None
    assert rows.decision is not None
    assert [(rule.rule, rule.passed) for rule in rows.decision.rules] == [("payment", True), ("credit", False)]
    assert rows.decision.rules[1].inputs == {"limit": "5000 GBP", "after": "6000"}
    assert [ticket.evidence for ticket in rows.tickets] == [{"limit": "5000 GBP"}]


def test_the_desk_cannot_write(desk: PostgresDesk) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), desk._reading() as connection:
        connection.execute("DELETE FROM run_clock")


def test_a_store_that_does_not_answer_is_said_in_words_without_its_address() -> None:
    desk = PostgresDesk("postgresql://someone:hidden@127.0.0.1:1/fulfilment")
    with pytest.raises(RetryableError) as caught:
        desk.sites()
    assert str(caught.value) == (
        "The store does not answer: check that the database behind the connection fulfilment_db is up."
    )


def test_pages_stay_quick_with_twenty_thousand_orders(desk: PostgresDesk) -> None:
    with psycopg.connect(desk._conninfo) as connection:
        desk_seed.many(connection, "trade", 20_000, NOW)
    questions = {
        "sites": desk.sites,
        "today": lambda: desk.today("trade", MARKS),
        "find": lambda: desk.find("trade", "B2BB19999"),
        "order": lambda: desk.order("trade", "big-19999"),
        "needing": lambda: desk.listed("trade", "needing", MARKS, 200),
        "moving": lambda: desk.listed("trade", "moving", MARKS, 200),
    }
    for name, ask in questions.items():
        ask()
        taken = []
        for _ in range(5):
            start = time.perf_counter()
            ask()
            taken.append(time.perf_counter() - start)
        assert sorted(taken)[2] < 0.3, f"{name} took {taken}"
    assert [row.name for row in desk.find("trade", "B2BB19999")] == ["#B19999"]
    assert desk.today("trade", MARKS).waiting_orders == 201
