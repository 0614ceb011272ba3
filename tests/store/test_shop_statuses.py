"""Our status in the shop: written until the shop shows it, and only where it is ours to write."""

from __future__ import annotations

import pytest

from include.fulfilment.domain.order import SHOP, PaymentMethod
from include.fulfilment.domain.quantity import LineQuantities
from include.fulfilment.store import shop_statuses
from include.fulfilment.store.database import PostgresStore
from tests.store.seeds import NOW, order, record, release, save, update

HELD = LineQuantities.placed(40)


def test_a_status_is_owed_until_the_shop_shows_it(store: PostgresStore) -> None:
    record(store, order(1), order(2), order(3, is_draft=True), order(4, is_b2b=False))
    save(store, update(1, HELD, "held", "po_missing"))
    first, second = order(1).platform_id, order(2).platform_id

    with store.transaction() as rows:
        assert rows.orders.statuses_to_write(SHOP, 10) == {first: "held:po_missing", second: "placed"}
        assert len(rows.orders.statuses_to_write(SHOP, 1)) == 1
        rows.orders.status_written(SHOP, {first: "held:po_missing"})
        assert rows.orders.statuses_to_write(SHOP, 10) == {second: "placed"}
    save(store, update(1, HELD.allocate(40), "in_warehouse"))
    with store.transaction() as rows:
        assert rows.orders.statuses_to_write(SHOP, 10) == {first: "in_warehouse", second: "placed"}


def test_an_order_that_is_not_ours_gets_no_status(store: PostgresStore) -> None:
    record(store, order(1))
    save(store, update(1, HELD, "not_ours"))

    with store.transaction() as rows:
        assert rows.orders.statuses_to_write(SHOP, 10) == {}


def test_our_order_ids_lead_to_the_shops(store: PostgresStore) -> None:
    record(store, order(1), now=NOW)

    with store.transaction() as rows:
        assert rows.orders.platform_ids(["cart:1", "cart:2"]) == {SHOP: {"cart:1": "gid://shopify/Order/1"}}


def test_every_order_that_waits_on_an_account_is_asked_for_its_login_s_credit(store: PostgresStore) -> None:
    record(store, order(1), order(2), order(3, account_id="account-2"), order(4, is_draft=True))
    record(store, order(5, payment_method=PaymentMethod.CARD), order(6, account_id=""))
    release(store, 7)
    save(store, update(2, HELD, "held", "on_stop"))

    with store.transaction() as rows:
        assert rows.orders.accounts_in_use(SHOP) == [order(number).platform_id for number in (7, 2, 1, 3)]


def test_of_one_account_only_so_many_orders_are_asked(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop_statuses, "PER_ACCOUNT", 2)
    record(store, order(1), order(2), order(3), order(4, account_id="account-2"))

    with store.transaction() as rows:
        assert rows.orders.accounts_in_use(SHOP) == [order(number).platform_id for number in (3, 2, 4)]
