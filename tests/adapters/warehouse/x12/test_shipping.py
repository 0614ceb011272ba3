"""What a 945 says, line by line. The order is L1: 24 MUG, L2: 6 TRAY unless a test says otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from include.fulfilment.domain.shipment import LineClosure, Parcel, Shipment, ShipmentLine
from include.fulfilment.ports import Problem, ShipmentPage, WarehouseRecord, WarehouseStatus
from tests.adapters.warehouse.x12.kit import LATE, Desk, acknowledgement, interchange, order

REF = "B2B1042"
HEAD = ["W06*F*B2B1042*20261123*S1", "G62*11*20261123*W*1130*UT"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "box")
    made.sent(("L1", "MUG", 24), ("L2", "TRAY", 6))
    return made


def told(desk: Desk, *bodies: list[str], first: int = 10) -> ShipmentPage:
    """What is read after the partner sent these 945s."""
    for number, body in enumerate(bodies, start=first):
        desk.drop(f"945-{number}.edi", interchange("945", body, number=number))
    (page,) = desk.warehouse.read_shipments(None)
    return page


def units(page: ShipmentPage) -> dict[str, int]:
    """Base units by line of all shipments."""
    total: dict[str, int] = {}
    for shipment in page.shipments:
        for line in shipment.lines:
            total[line.line_id] = total.get(line.line_id, 0) + line.base_quantity
    return total


def test_parcels_carry_their_sscc_their_tracking_their_carrier_and_their_contents(desk: Desk) -> None:
    page = told(
        desk,
        [
            *HEAD,
            "W27*M*DPDG*DPD",
            "LX*1",
            "MAN*GM*00350123450000000017**CP*1Z9",
            "W12*CC*24*20*4*EA**SK*MUG",
            "N9*LI*L1",
            "LX*2",
            "MAN*CP*1Z8",
            "W12*CC*24*4*20*EA**SK*MUG",
            "N9*LI*L1",
            "W27*M*UPSN",
            "W12*CC*6*6**EA**SK*TRAY",
            "N9*LI*L2",
        ],
    )

    def line(line_id: str, sku: str, count: int) -> ShipmentLine:
        return ShipmentLine(REF, line_id, sku, count)

    assert page.shipments == (
        Shipment(
            shipment_id="S1",
            location="MAIN",
            dispatched_at=datetime(2026, 11, 23, 11, 30, tzinfo=UTC),
            picked_at=None,
            voided=False,
            lines=(line("L1", "MUG", 24), line("L2", "TRAY", 6)),
            parcels=(
                Parcel("00350123450000000017", "DPD", "1Z9", "", (line("L1", "MUG", 20),)),
                Parcel("1Z8", "UPSN", "1Z8", "", (line("L1", "MUG", 4), line("L2", "TRAY", 6))),
            ),
        ),
    )
    assert (page.closures, page.problems) == ((), ())


@pytest.mark.parametrize("status", ["BP", "PR", "BO", "BK", "BM", "DS"])
def test_a_remainder_that_is_to_come_stays_open(desk: Desk, status: str) -> None:
    page = told(desk, [*HEAD, "LX*1", f"W12*{status}*24*20*4*EA**SK*MUG", "N9*LI*L1"])
    assert (units(page), page.closures, page.problems) == ({"L1": 20}, (), ())


@pytest.mark.parametrize("status", ["CP", "CU", "IC", "DE"])
def test_a_remainder_that_will_not_come_is_closed(desk: Desk, status: str) -> None:
    page = told(desk, [*HEAD, "LX*1", f"W12*{status}*24*20*4*EA**SK*MUG", "N9*LI*L1"])
    assert (units(page), page.closures) == ({"L1": 20}, (LineClosure(REF, "L1", 4),))


def test_a_line_that_is_closed_without_anything_shipped_makes_no_shipment(desk: Desk) -> None:
    page = told(desk, [*HEAD, "LX*1", "W12*CU*24***EA**SK*MUG", "N9*LI*L1"])
    assert (page.shipments, page.closures) == ((), (LineClosure(REF, "L1", 24),))


def test_several_945s_add_up_and_the_last_closes_what_all_of_them_left(desk: Desk) -> None:
    first = [*HEAD, "LX*1", "W12*BP*24*10*14*EA**SK*MUG", "N9*LI*L1"]
    second = [HEAD[0].replace("S1", "S2"), HEAD[1], "LX*1", "W12*CP*24*11*13*EA**SK*MUG", "N9*LI*L1"]
    page = told(desk, first, second)
    assert (units(page), page.closures) == ({"L1": 21}, (LineClosure(REF, "L1", 3),))


def test_more_than_ordered_is_told_as_it_left(desk: Desk) -> None:
    assert units(told(desk, [*HEAD, "LX*1", "W12*CM*24*30**EA**SK*MUG", "N9*LI*L1"])) == {"L1": 30}


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        ("W12*CS*24*24**EA**SK*CUP", "status CS: another product left in place of the one ordered"),
        ("W12*IS*24*24**EA**SK*CUP********SK*MUG", "status IS: another product left in place of the one ordered"),
        ("W12*CC*24*24**EA**SK*CUP", "another product than ordered: 'CUP'"),
        ("W12*CC*24*2.5**EA**SK*MUG", "W1203 is 2.5, which is no whole number of units"),
        ("W12*CC*24*-4**EA**SK*MUG", "W1203 is '-4', which is no count of units"),
        ("W12*CC*24*9999999999**EA**SK*MUG", "W1203 is 9999999999, which is more than any warehouse holds"),
        ("W12*CC*24***EA**SK*MUG", "W1203 is '', which is no count of units"),
        ("W12*CC*2*2**CA**SK*MUG", "it counts in 'CA'; we sent it in 'EA', so its base units are not known"),
        ("W12*CC*2*2**QQ**SK*MUG", "unit code 'QQ' is not known in the scheme 'x12'; ask the sender what it means"),
        ("W12*CC*24*24****SK*MUG", "it counts in 'no unit'; we sent it in 'EA', so its base units are not known"),
    ],
)
def test_a_line_that_cannot_be_used_is_told_and_the_others_go_through(desk: Desk, segment: str, words: str) -> None:
    page = told(desk, [*HEAD, "LX*1", segment, "N9*LI*L1", "W12*CC*6*6**EA**SK*TRAY", "N9*LI*L2"])
    assert units(page) == {"L2": 6}
    assert page.problems == (Problem("shipment S1 line L1", f"945 W12: {words}"),)


def test_an_unknown_status_is_told_and_what_left_counts(desk: Desk) -> None:
    page = told(desk, [*HEAD, "LX*1", "W12*ZZ*24*20**EA**SK*MUG", "N9*LI*L1"])
    words = "945 W12: status 'ZZ' is not known; 20 base units are counted, the rest stays open"
    assert (units(page), page.closures, page.problems) == ({"L1": 20}, (), (Problem("shipment S1 line L1", words),))


def test_a_pack_counts_by_what_we_sent(desk: Desk) -> None:
    made = order(("L1", "MUG", 24), ref="B2B9")
    cases = replace(made, lines=(replace(made.lines[0], uom="CASE", units_per_uom=12),))
    desk.fresh("pack").submit(cases, LATE)
    written = next(text for text in desk.files("outbound").values() if "B2B9" in text)
    assert "W01*2*CA**SK*MUG~" in written
    group, message = desk.journal.get("order", ["B2B9"])["B2B9"]["acks"][0].split("/")
    desk.drop("ack.edi", acknowledgement((group, message)))
    found = desk.warehouse.find(["B2B9"])["B2B9"]
    assert isinstance(found, WarehouseRecord)
    assert dict(found.lines) == {"L1": 24}
    head = ["W06*F*B2B9*20261123*S9", "LX*1"]
    page = told(desk, [*head, "W12*BP*2*1**CA**SK*MUG", "N9*LI*L1", "W12*CC*24*5**EA**SK*MUG", "N9*LI*L1"])
    assert units(page) == {"L1": 17}


def test_without_a_line_number_a_product_that_stands_once_is_matched_and_no_other(desk: Desk) -> None:
    desk.sent(("A", "PEN", 5), ("B", "PEN", 7), ("C", "INK", 2), ref="B2B7")
    body = ["W06*F*B2B7*20261123*S7", "LX*1", "W12*CC*2*2**EA**VN*INK", "W12*CC*5*5**EA**SK*PEN"]
    page = told(desk, body)
    assert units(page) == {"C": 2}
    words = "945 W12: no line number, and its product is on 2 lines of the order"
    assert page.problems == (Problem("shipment S7 line 2 of the message", words),)


def test_a_line_number_that_the_order_does_not_have_is_told(desk: Desk) -> None:
    page = told(desk, [*HEAD, "LX*1", "W12*CC*24*24**EA**SK*MUG", "N9*LI*L9"])
    words = "945 W12: N9*LI names line 'L9', which the order does not have"
    assert (page.shipments, page.problems) == ((), (Problem("shipment S1 line L9", words),))


def test_a_shipment_told_again_with_other_content_counts_once_unless_it_replaces(desk: Desk) -> None:
    first = [*HEAD, "LX*1", "W12*BP*24*10**EA**SK*MUG", "N9*LI*L1"]
    again = [*HEAD, "LX*1", "W12*BP*24*12**EA**SK*MUG", "N9*LI*L1"]
    page = told(desk, first, again)
    assert units(page) == {"L1": 10}
    assert [each.subject for each in page.problems] == ["shipment S1 of B2B1042"]
    assert units(told(desk, [again[0].replace("W06*F", "W06*R"), *again[1:]], first=20)) == {"L1": 12}


def test_a_replacement_by_nothing_takes_the_shipment_back(desk: Desk) -> None:
    first = [*HEAD, "LX*1", "W12*CC*24*24**EA**SK*MUG", "N9*LI*L1"]
    none = [HEAD[0].replace("W06*F", "W06*R"), HEAD[1], "LX*1", "W12*BP*24*0*24*EA**SK*MUG", "N9*LI*L1"]
    page = told(desk, first, none)
    assert [(each.shipment_id, each.voided) for each in page.shipments] == [("S1", True)]
    found = desk.warehouse.find([REF])[REF]
    assert isinstance(found, WarehouseRecord)
    assert found.status == WarehouseStatus.RECEIVED


def test_one_shipment_of_two_orders_is_one_shipment(desk: Desk) -> None:
    desk.sent(("X", "PEN", 5), ref="B2B7")
    first = [*HEAD, "LX*1", "W12*CC*24*24**EA**SK*MUG", "N9*LI*L1"]
    second = [HEAD[0].replace(REF, "B2B7"), HEAD[1], "LX*1", "W12*CC*5*5**EA**SK*PEN", "N9*LI*X"]
    page = told(desk, first, second)
    (shipment,) = page.shipments
    assert {(line.external_ref, line.base_quantity) for line in shipment.lines} == {(REF, 24), ("B2B7", 5)}


def test_an_order_that_we_never_sent_is_told_and_one_of_others_is_passed_over(desk: Desk) -> None:
    lost = ["W06*F*B2B999*20261123*S5", "LX*1", "W12*CC*1*1**EA**SK*MUG"]
    page = told(desk, lost, ["W06*F*WEB-12*20261123*S6", "LX*1", "W12*CC*1*1**EA**SK*MUG"])
    assert (page.shipments, page.problems) == (
        (),
        (Problem("shipment S5", "945 W0602: we never sent an order 'B2B999'"),),
    )


def test_a_date_without_a_time_is_the_messages_own_time_or_the_end_of_that_day(desk: Desk) -> None:
    line = ["LX*1", "W12*BP*24*1**EA**SK*MUG", "N9*LI*L1"]
    same = ["W06*F*B2B1042*20261123*S1", "G62*11*20261123", *line]
    earlier = ["W06*F*B2B1042*20261122*S2", *line]
    page = told(desk, same, earlier)
    assert [each.dispatched_at for each in page.shipments] == [
        datetime(2026, 11, 23, 10, 0, tzinfo=UTC),
        datetime(2026, 11, 22, 23, 59, 59, 990000, tzinfo=UTC),
    ]


def test_a_time_without_a_code_is_in_the_agreed_zone(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "box", zone="America/New_York")
    desk.sent(("L1", "MUG", 24))
    page = told(desk, ["W06*F*B2B1042*20261123*S1", "G62*11*20261122*W*2330", "LX*1", "W12*CC*24*24**EA**SK*MUG"])
    assert page.shipments[0].dispatched_at == datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


def test_a_line_break_in_a_shipment_id_stops_no_reading(desk: Desk) -> None:
    page = told(desk, [HEAD[0].replace("S1", "S\n1"), HEAD[1], "LX*1", "W12*CC*6*6**EA**SK*TRAY", "N9*LI*L2"])
    assert [(each.shipment_id, each.lines) for each in page.shipments] == [
        ("S\n1", (ShipmentLine(REF, "L2", "TRAY", 6),))
    ]


def test_a_replacement_without_a_line_takes_the_shipment_back(desk: Desk) -> None:
    told(desk, [*HEAD, "LX*1", "W12*CC*6*6**EA**SK*TRAY", "N9*LI*L2"])
    page = told(desk, [HEAD[0].replace("*F*", "*R*"), HEAD[1], "W03*0"], first=11)
    (shipment,) = page.shipments
    assert (shipment.voided, shipment.lines, page.problems) == (True, (), ())


def test_a_first_945_without_a_line_is_told(desk: Desk) -> None:
    page = told(desk, [*HEAD, "W03*0"])
    assert page.shipments == ()
    assert page.problems == (Problem("shipment S1 of B2B1042", "945: it names no line of the order"),)


def test_945s_without_a_shipment_id_are_shipments_of_their_own_orders(desk: Desk) -> None:
    """Many partners number the messages of every interchange from 0001 on."""
    desk.sent(("L1", "MUG", 24), ref="B2B1043")
    line = ["LX*1", "W12*CC*24*24**EA**SK*MUG", "N9*LI*L1"]
    for number, ref in enumerate((REF, "B2B1043"), start=40):
        body = [f"W06*F*{ref}*2026112{number - 38}", f"G62*11*2026112{number - 38}*W*0900*UT", *line]
        text = interchange("945", body, number=number).replace(f"ST*945*{number:04d}", "ST*945*0001")
        desk.drop(f"{number}.edi", text.replace(f"*{number:04d}~\nGE", "*0001~\nGE"))
    (page,) = desk.warehouse.read_shipments(None)
    assert [(each.shipment_id, each.dispatched_at) for each in page.shipments] == [
        ("945-B2B1042-0001", datetime(2026, 11, 22, 9, 0, tzinfo=UTC)),
        ("945-B2B1043-0001", datetime(2026, 11, 23, 9, 0, tzinfo=UTC)),
    ]
