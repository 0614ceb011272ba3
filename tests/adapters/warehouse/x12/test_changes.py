"""Cancels and changes by message: asked for once, believed when they are answered, in doubt when they are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.ports import (
    Absent,
    Amended,
    Cancelled,
    Pending,
    Rejected,
    TooLate,
    Unknown,
    WarehouseRecord,
)
from tests.adapters.warehouse.x12.kit import Desk, acknowledgement, interchange

REF = "B2B1042"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "mail box")


def answered(desk: Desk, kind: str, code: str = "A", *notes: str) -> None:
    """The partner's 997 to the newest cancel or change."""
    group, message = desk.journal.get(kind, [REF])[REF]["acks"][0].split("/")
    desk.drop(f"{kind}-{group}.edi", acknowledgement((group, message), code, *notes, number=7000 + int(group)))


def sixes(order: WarehouseOrder, units: int = 6) -> WarehouseOrder:
    return replace(order, lines=(replace(order.lines[0], base_quantity=units),))


def units(desk: Desk) -> int:
    found = desk.warehouse.find([REF])[REF]
    assert isinstance(found, WarehouseRecord)
    return found.lines["L1"]


def test_a_cancel_is_written_once_and_is_cancelled_when_a_945_closes_the_order(desk: Desk) -> None:
    desk.sent(("L1", "MUG", 24))
    answers = [desk.warehouse.cancel(REF), desk.fresh().cancel(REF)]
    assert all(isinstance(each, Pending) for each in answers), answers
    (text,) = [text for text in desk.files("outbound").values() if f"W05*F*{REF}*PO-778~" in text]
    assert "W01*24*EA**SK*MUG~\nN9*LI*L1~\n" in text
    answered(desk, "cancel")
    assert isinstance(desk.warehouse.cancel(REF), Pending), "a 997 alone says nothing of what leaves"
    closing = ["W06*X*B2B1042*20261123*C1", "LX*1", "W12*CU*24*0*24*EA**SK*MUG", "N9*LI*L1", "W03*0"]
    desk.drop("closed.edi", interchange("945", closing, number=77))
    assert desk.warehouse.cancel(REF) == Cancelled()
    assert desk.warehouse.cancel(REF) == Cancelled()


def test_a_cancel_that_nobody_answers_is_in_doubt_and_is_not_written_again(desk: Desk) -> None:
    desk.sent(("L1", "MUG", 24))
    desk.warehouse.cancel(REF)
    written = desk.files("outbound")
    desk.clock.pass_time(5 * 3600)
    answer = desk.warehouse.cancel(REF)
    assert isinstance(answer, Unknown)
    assert "ask the warehouse what it does with the order B2B1042" in answer.reason
    assert desk.files("outbound") == written


def test_a_cancel_waits_until_the_order_itself_is_acknowledged(desk: Desk) -> None:
    assert desk.warehouse.cancel(REF) == Absent()
    assert desk.files("outbound") == {}


@pytest.mark.parametrize(
    ("segment", "expected"), [("AK3*W05*2**8", TooLate), ("AK3*N1*3**8", Rejected)], ids=["kind of order", "elsewhere"]
)
def test_a_refused_change_leaves_the_order_as_it_was(desk: Desk, segment: str, expected: type) -> None:
    made = desk.sent(("L1", "MUG", 24))
    assert isinstance(desk.warehouse.amend(sixes(made)), Pending)
    answered(desk, "change", "R", segment, "AK4*1**7")
    assert isinstance(desk.warehouse.amend(sixes(made)), expected)
    assert units(desk) == 24


def test_a_change_is_the_whole_order_anew_and_holds_from_its_997_on(desk: Desk) -> None:
    made = desk.sent(("L1", "MUG", 24))
    assert isinstance(desk.warehouse.amend(sixes(made)), Pending)
    assert units(desk) == 24
    (text,) = [text for text in desk.files("outbound").values() if f"W05*R*{REF}*PO-778~" in text]
    assert "W01*6*EA**SK*MUG~" in text
    answered(desk, "change")
    assert units(desk) == 6
    assert desk.warehouse.amend(sixes(made)) == Amended()
    shipped = ["W06*F*B2B1042*20261123*S1", "LX*1", "W12*CC*6*6*0*EA**SK*MUG", "N9*LI*L1", "W03*6"]
    desk.drop("shipped.edi", interchange("945", shipped, number=78))
    assert isinstance(desk.warehouse.amend(sixes(made, 4)), TooLate)
    assert desk.warehouse.find([REF])[REF].status == "shipped"  # type: ignore[union-attr]


def test_a_second_change_waits_for_the_answer_to_the_first(desk: Desk) -> None:
    made = desk.sent(("L1", "MUG", 24))
    desk.warehouse.amend(sixes(made))
    written = desk.files("outbound")
    assert isinstance(desk.warehouse.amend(sixes(made, 8)), Pending)
    assert desk.files("outbound") == written
    answered(desk, "change")
    assert isinstance(desk.warehouse.amend(sixes(made, 8)), Pending)
    assert units(desk) == 6
    answered(desk, "change")
    assert desk.warehouse.amend(sixes(made, 8)) == Amended()
    assert units(desk) == 8


def test_no_change_is_written_while_a_cancel_is_unanswered(desk: Desk) -> None:
    made = desk.sent(("L1", "MUG", 24))
    desk.warehouse.cancel(REF)
    written = desk.files("outbound")
    assert isinstance(desk.warehouse.amend(sixes(made)), Pending)
    assert desk.files("outbound") == written
