"""What the credit source said is kept with its date, under the ledger's account, and the queue goes by that."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from include.fulfilment.domain.credit import OpenOrder
from include.fulfilment.domain.order import SHOP, CreditAccount, PaymentMethod
from include.fulfilment.domain.quantity import LineQuantities
from include.fulfilment.ports import CreditReading, Debtor
from include.fulfilment.store import credit
from include.fulfilment.store.database import PostgresStore
from tests.store.seeds import MINUTE, NOW, order, record, release, save, update

HELD = LineQuantities.placed(40)
OLD = CreditAccount("account-1", Decimal("5000.00"), Decimal("1200.10"), "GBP", False, NOW, "invoices_only")
NEW = replace(OLD, balance=Decimal("900.00"), as_of=NOW + MINUTE)
OTHER = replace(OLD, account_id="account-2")
ASKED = (Debtor("account-1", "1"),)


def read(store: PostgresStore, *accounts: CreditAccount, source: str = "ledger") -> None:
    """The source was asked for both accounts and has these, under one account of the ledger."""
    ledger = {each.account_id: "L1" for each in accounts}
    with store.transaction() as rows:
        rows.credit.record((*ASKED, Debtor("account-2", "2")), CreditReading(accounts, ledger), source, NOW)


def known(store: PostgresStore) -> tuple[dict[str, CreditAccount], dict[str, str]]:
    with store.transaction() as rows:
        found = rows.credit.known()
    return {each.account_id: each for each in found.accounts}, dict(found.ledger)


def test_an_older_statement_never_replaces_a_newer_one_of_its_source(store: PostgresStore) -> None:
    read(store, NEW, OLD)
    read(store, OLD)
    assert known(store) == ({"account-1": NEW}, {"account-1": "L1"})


def test_the_statement_of_another_source_counts_though_it_is_older(store: PostgresStore) -> None:
    read(store, NEW, source="shop")
    read(store, OLD, source="ledger")
    assert known(store)[0] == {"account-1": OLD}


def test_an_account_that_the_source_has_no_more_has_no_credit_and_one_not_asked_for_keeps_it(
    store: PostgresStore,
) -> None:
    read(store, OLD, OTHER)
    with store.transaction() as rows:
        rows.credit.record(ASKED, CreditReading(()), "ledger", NOW)
    assert known(store) == ({"account-2": OTHER}, {"account-2": "L1"})


def test_every_order_that_waits_on_an_account_is_asked_for_its_login_s_credit(store: PostgresStore) -> None:
    record(store, order(1), order(2), order(3, account_id="account-2"), order(4, is_draft=True))
    record(store, order(5, payment_method=PaymentMethod.CARD), order(6, account_id=""))
    release(store, 7)
    save(store, update(2, HELD, "held", "on_stop"))

    with store.transaction() as rows:
        found = [(each.account_id, each.platform_id, each.storefront) for each in rows.credit.debtors()]
    assert found == [
        ("account-1", order(7).platform_id, SHOP),
        ("account-1", order(2).platform_id, SHOP),
        ("account-1", order(1).platform_id, SHOP),
        ("account-2", order(3).platform_id, SHOP),
    ]


def test_of_one_account_only_so_many_orders_are_asked(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credit, "PER_ACCOUNT", 2)
    record(store, order(1), order(2), order(3), order(4, account_id="account-2"))

    with store.transaction() as rows:
        assert [each.platform_id for each in rows.credit.debtors()] == [order(n).platform_id for n in (3, 2, 4)]


def queue(store: PostgresStore) -> dict[str, OpenOrder]:
    with store.transaction() as rows:
        return {each.order_id: each for each in rows.credit.queue()}


def test_only_live_orders_on_account_use_credit(store: PostgresStore) -> None:
    card = {"payment_method": PaymentMethod.CARD}
    record(store, order(1), order(2, **card), order(3, is_draft=True), order(4, cancelled_at=NOW), order(5))
    save(store, update(5, HELD.cancel_waiting(), "cancelled"))

    first = order(1)
    assert queue(store) == {"cart:1": OpenOrder("cart:1", "account-1", first.placed_at, first.total_gross)}


def test_buyers_of_one_ledger_account_stand_in_one_queue(store: PostgresStore) -> None:
    record(store, order(1), order(2, account_id="account-2"), order(3, account_id="account-3"))
    read(store, OLD, OTHER)
    found = {key: each.account_id for key, each in queue(store).items()}
    assert found == {"cart:1": "L1", "cart:2": "L1", "cart:3": "account-3"}


def test_an_order_is_released_when_nothing_of_it_waits(store: PostgresStore) -> None:
    release(store, 1)
    assert queue(store)["cart:1"].released_at == released_at(store)


def released_at(store: PostgresStore) -> datetime:
    with store.connected() as (connection, site):
        row = connection.execute("SELECT created_at FROM warehouse_order WHERE site = %s", (site,)).fetchone()
    assert row is not None
    return datetime.fromisoformat(row["created_at"].isoformat())


def test_an_order_finished_after_the_balance_stays_in_the_queue_while_one_before_it_leaves(
    store: PostgresStore,
) -> None:
    """The balance of NOW may lack the invoice of what was finished later; another order of the account waits."""
    gone = HELD.allocate(40).fold(40, 0)
    for number, done_at in ((1, NOW - MINUTE), (2, NOW + MINUTE)):
        record(store, order(number))
        save(store, update(number, gone, "fulfilled"), now=done_at)
    record(store, order(3))
    read(store, OLD)
    found = {key: each.finished_at for key, each in queue(store).items()}
    assert found == {"cart:2": NOW + MINUTE, "cart:3": None}
