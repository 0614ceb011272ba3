"""What is asked of the warehouse about an order that it holds, and its answers: each recorded once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from include.fulfilment.change_port import CHANGE
from include.fulfilment.domain.after_release import SentLine
from include.fulfilment.domain.shipment import LineClosure
from include.fulfilment.errors import DataError
from include.fulfilment.store.database import PostgresStore
from tests.store.seeds import CODE, MINUTE, NOW, line, order, record, release, shipment, warehouse_order

Ask = Callable[..., list[dict[str, Any]]]
REF = "B2B1042"


def asked(store: PostgresStore, act: str) -> None:
    release(store)
    with store.transaction() as rows:
        rows.changes.ask(CODE, REF, act, {"act": act}, NOW)


def lines(store: PostgresStore) -> dict[str, SentLine]:
    with store.transaction() as rows:
        (sent,) = rows.changes.sent(["cart:1042"])["cart:1042"]
    return dict(sent.lines)


def test_one_question_at_a_time_is_owed_and_numbered(store: PostgresStore, ask: Ask) -> None:
    asked(store, "amend")
    with store.transaction() as rows:
        rows.changes.ask(CODE, REF, "cancel", {"act": "cancel"}, NOW)
    found = ask("SELECT kind, key, payload FROM outbox WHERE site = %(site)s AND kind = 'warehouse_change'")
    assert found == [{"kind": CHANGE, "key": f"{REF}/1", "payload": {"act": "amend", "number": 1}}]


def test_a_confirmed_cancel_leaves_what_left_and_counts_once(store: PostgresStore, ask: Ask) -> None:
    asked(store, "cancel")
    with store.transaction() as rows:
        rows.shipments.record(CODE, [shipment(units=12)], [LineClosure(REF, "1", 28)], NOW)
        assert rows.changes.cancelled(CODE, REF, 2) is None
        assert rows.changes.cancelled(CODE, REF, 1) == {"1": 28}
        assert rows.changes.cancelled(CODE, REF, 1) is None
    assert lines(store) == {"1": SentLine(12, 12, 0)}
    assert ask("SELECT state, asked FROM warehouse_order WHERE site = %(site)s") == [
        {"state": "cancelled", "asked": ""}
    ]
    with store.transaction() as rows:
        assert rows.shipments.record(CODE, [], [LineClosure(REF, "1", 40)], NOW) == 0


def test_an_amended_order_stands_for_what_is_kept_and_is_read_back_again(store: PostgresStore) -> None:
    asked(store, "amend")
    target = replace(warehouse_order(1042, 30), revision=2)
    with store.transaction() as rows:
        rows.orders.checked(CODE, {REF: ()}, NOW)
        assert rows.orders.unchecked(CODE, "", 10) == []
        assert rows.changes.amended(CODE, target, 1, "hash") == {"1": 10}
        assert rows.changes.amended(CODE, target, 1, "hash") is None
        assert rows.orders.unchecked(CODE, "", 10) == [(target, NOW)]
    assert lines(store) == {"1": SentLine(30)}


def test_a_refusal_is_kept_for_its_wish_until_the_order_is_as_wanted(store: PostgresStore) -> None:
    asked(store, "amend")
    with store.transaction() as rows:
        assert rows.changes.refused(CODE, REF, 1, "cancel", "wish-1", "too late: picking")
        assert not rows.changes.refused(CODE, REF, 1, "amend", "wish-2", "no")
        (sent,) = rows.changes.sent(["cart:1042"])["cart:1042"]
        assert (sent.asked, sent.refused, sent.refused_wish, sent.refusal) == (
            "", "cancel", "wish-1", "too late: picking",
        )  # fmt: skip
        rows.changes.looked_at(CODE, [REF])
        (sent,) = rows.changes.sent(["cart:1042"])["cart:1042"]
        assert (sent.refused, sent.refusal) == ("", "")


def test_an_order_is_touched_while_the_shop_says_something_else(store: PostgresStore) -> None:
    release(store)
    with store.transaction() as rows:
        assert rows.orders.touched() == []
    record(store, order(1042, line(), po_number="PO-2", updated_at=NOW + MINUTE))
    with store.transaction() as rows:
        assert [each.order.po_number for each in rows.orders.touched()] == ["PO-2"]
        rows.changes.looked_at(CODE, [REF])
        assert rows.orders.touched() == []


def test_what_was_never_tried_is_taken_back_when_the_shop_changes_it(store: PostgresStore, ask: Ask) -> None:
    release(store, acknowledged=False)
    with store.transaction() as rows:
        assert rows.orders.withdraw_changed(NOW) == 0
    record(store, order(1042, line(), po_number="PO-2", updated_at=NOW + MINUTE))
    with store.transaction() as rows:
        assert rows.orders.withdraw_changed(NOW) == 1
    assert ask("SELECT state FROM warehouse_order WHERE site = %(site)s") == [{"state": "rejected"}]
    words = ask("SELECT words FROM order_event WHERE site = %(site)s ORDER BY event_id DESC LIMIT 1")
    assert words == [{"words": f"{REF} was not sent: changed in the shop"}]


def test_what_was_tried_once_is_not_taken_back(store: PostgresStore) -> None:
    release(store, acknowledged=False)
    with store.transaction() as rows:
        (row,) = rows.outbox.claim("warehouse_order", 5, NOW, warehouse=CODE)
        rows.outbox.again({row.outbox_id: "reset"}, NOW)
    record(store, order(1042, line(), po_number="PO-2", updated_at=NOW + MINUTE))
    with store.transaction() as rows:
        assert rows.orders.withdraw_changed(NOW) == 0


def test_of_two_people_who_ask_to_stop_an_order_the_first_is_noted(store: PostgresStore) -> None:
    release(store)
    with store.transaction() as rows:
        rows.changes.ask_cancel("1042", "Ada", "the buyer rang", NOW)
        assert rows.changes.ask_cancel("#1042", "Ben", "twice", NOW + MINUTE).person == "Ada"
        rows.changes.judge("cart:1042", "shipped", NOW)
        assert rows.changes.cancel_requests() == {}
        with pytest.raises(DataError, match="is not known; nothing was stored"):
            rows.changes.ask_cancel("404", "Ada", "x", NOW)


def test_what_left_is_told_with_its_value_and_its_tracking(store: PostgresStore) -> None:
    release(store)
    with store.transaction() as rows:
        assert rows.changes.gone(["cart:1042"]) == {}
        rows.shipments.record(CODE, [shipment(units=12)], [], NOW)
        goods = rows.changes.gone(["cart:1042"])["cart:1042"]
    assert (goods.value_net, goods.currency, goods.tracking_numbers) == (Decimal("30.00"), "GBP", ("S1-T1",))
