from __future__ import annotations

from dataclasses import replace

import pytest

from include.fulfilment.desk.order import answer, view_order
from include.fulfilment.domain.matter import Team
from include.fulfilment.domain.quantity import LineQuantities
from tests.desk.fakes import CASES, DAY, HEAD, HOUR, NOW, ORDER, TICKET


def test_without_an_exception_the_answer_is_that_of_the_orders_state() -> None:
    found = answer(replace(HEAD, state="held", reason="po_missing"), ())
    assert (found.where, found.why, found.who) == (
        "Held before the warehouse",
        "PO number missing",
        Team.CUSTOMER_SERVICE,
    )
    assert found.since == NOW - HOUR
    assert found.due == NOW + 3 * HOUR


def test_an_open_exception_decides_who_acts_next_and_by_when() -> None:
    found = answer(HEAD, (TICKET,))
    assert (found.where, found.why, found.who) == (
        "Partly shipped",
        "The warehouse closed a line short",
        Team.FINANCE,
    )
    assert (found.since, found.due) == (NOW - HOUR, NOW + 23 * HOUR)
    assert found.next_step == "Credit the quantity in the evidence."


def test_of_several_exceptions_the_one_that_holds_the_order_is_the_answer() -> None:
    holds = replace(TICKET, code="po_missing", next_step="Ask the buyer.")
    found = answer(replace(HEAD, state="held", reason="po_missing"), (TICKET, holds))
    assert found.why == "PO number missing"


def test_settled_exceptions_no_longer_answer() -> None:
    view = view_order(replace(ORDER, tickets=(replace(TICKET, closed_at=NOW),)))
    assert view.answer.why == "Waiting for stock"
    assert view.open_tickets == ()
    assert [ticket.code for ticket in view.closed_tickets] == ["short_closed"]


def test_an_unproven_line_has_no_bar_and_says_why() -> None:
    line = replace(CASES, proof=None, refusal="pack_unknown", quantities=LineQuantities())
    (shown,) = view_order(replace(ORDER, lines=(line,))).lines
    assert (shown.bought, shown.trouble, shown.bar) == ("2 (unit not proven)", "Units per pack unknown", ())


def test_what_left_beyond_the_released_is_counted_apart() -> None:
    line = replace(CASES, quantities=LineQuantities(ordered=24, released=24, shipped=24, over_shipped=6))
    view = view_order(replace(ORDER, lines=(line,)))
    assert view.over_shipped == 6
    assert [(part.kind, part.number) for part in view.lines[0].bar] == [("shipped", 24)]


@pytest.mark.parametrize(
    ("url", "followed"),
    [
        ("https://track.example/1", "https://track.example/1"),
        ("http://track.example/1", "http://track.example/1"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//track.example", ""),
        ("https:", ""),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_only_an_ordinary_web_address_is_followed(url: str, followed: str) -> None:
    (shipment,) = ORDER.shipments
    parcel = replace(shipment.parcels[0], tracking_url=url)
    view = view_order(replace(ORDER, shipments=(replace(shipment, parcels=(parcel,)),)))
    assert view.shipments[0].parcels[0].url == followed


def test_a_shipment_says_whether_it_left_was_only_picked_or_was_voided() -> None:
    (shipment,) = ORDER.shipments
    ways = (shipment, replace(shipment, dispatched_at=None), replace(shipment, voided=True))
    view = view_order(replace(ORDER, shipments=ways))
    assert [each.status for each in view.shipments] == ["Left the dock", "Picked, not gone yet", "Voided"]


def test_an_order_waiting_for_days_keeps_its_clock() -> None:
    found = answer(replace(HEAD, state="awaiting_stock", state_since=NOW - 9 * DAY), ())
    assert found.due == NOW - 2 * DAY
