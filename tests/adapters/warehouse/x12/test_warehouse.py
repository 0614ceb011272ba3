"""The adapter between journal and mailbox: orders out once, answers by message, and nothing lost on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include.fulfilment.adapters.warehouse.x12.mailbox import FolderMailbox
from include.fulfilment.errors import RetryableError
from include.fulfilment.ports import (
    Absent,
    AlreadyExists,
    Pending,
    Problem,
    Rejected,
    Unknown,
    WarehouseRecord,
    WarehouseStatus,
)
from tests.adapters.warehouse.x12.kit import LATE, Desk, acknowledgement, interchange, order

REF = "B2B1042"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "mail box")


def test_an_order_is_written_as_one_940_and_is_pending_until_the_997_comes(desk: Desk) -> None:
    answer = desk.warehouse.submit(order(("L1", "MUG", 24), ("L2", "TRAY", 3)), LATE)
    assert answer == Pending("940-000000001.edi is in the mailbox; its acknowledgement (997) is due by 14:00 UTC")
    assert desk.files("outbound") == {
        "940-000000001.edi": "ISA*00*          *00*          *ZZ*MERCHANT       *08*WH9251         *261123*1000*U*00401"
        "*000000001*0*T*>~\n"
        "GS*OW*MERCHANT*WHGROUP*20261123*100000*1*X*004010~\n"
        "ST*940*0001~\n"
        "W05*N*B2B1042*PO-778~\n"
        "N1*ST*Corner Shop~\n"
        "N2*Ann Quill~\n"
        "N3*17 Mercer Lane~\n"
        "N4*Leeds**LS1 1AA*GB*SP*ENG~\n"
        "PER*DC**TE*0113 496 0000~\n"
        "N1*WH**91*MAIN~\n"
        "G62*10*20261130~\n"
        "NTE*WHI*Ring at the gate~\n"
        "W66*PP*M***pallet~\n"
        "LX*1~\n"
        "W01*24*EA**SK*MUG~\n"
        "N9*LI*L1~\n"
        "LX*2~\n"
        "W01*3*EA**SK*TRAY~\n"
        "N9*LI*L2~\n"
        "W76*27~\n"
        "SE*19*0001~\n"
        "GE*1*1~\n"
        "IEA*1*000000001~\n"
    }
    assert isinstance(desk.warehouse.find([REF])[REF], Pending)


@pytest.mark.parametrize("code", ["A", "E"])
def test_an_acknowledged_order_is_held_as_it_was_sent(desk: Desk, code: str) -> None:
    desk.warehouse.submit(order(("L1", "MUG", 24)), LATE)
    desk.drop("997.edi", acknowledgement(("1", "0001"), code))
    found = desk.warehouse.find([REF])[REF]
    assert found == WarehouseRecord(
        REF, "940-000000001", WarehouseStatus.RECEIVED, "940 acknowledged", "PO-778", "Ring at the gate", {"L1": 24}
    )
    assert desk.files("inbound") == {}
    assert len(desk.files("archive")) == 1


def test_a_refused_order_is_rejected_with_segment_element_and_our_field_and_can_go_out_anew(desk: Desk) -> None:
    desk.warehouse.submit(order(), LATE)
    desk.drop("997.edi", acknowledgement(("1", "0001"), "R", "AK3*N4*6**8", "AK4*3**5"))
    message = "the warehouse's 997 refused 940-000000001.edi (R): N403 too long"
    assert desk.warehouse.find([REF]) == {REF: Rejected("x12_997", message, "ship_to.postcode")}
    assert isinstance(desk.warehouse.submit(order(), LATE), Pending)
    assert "W05*N*B2B1042" in desk.files("outbound")["940-000000002.edi"]


def test_a_partly_accepted_group_is_judged_message_by_message(desk: Desk) -> None:
    for number in (1, 2):
        desk.warehouse.submit(order(ref=f"B2B{number}"), LATE)
    body = ["AK1*OW*1", "AK2*940*0001", "AK5*A", "AK9*P*2*2*1"]
    desk.drop("997-1.edi", interchange("997", body, number=31))
    desk.drop("997-2.edi", interchange("997", ["AK1*OW*2", "AK9*P*2*2*1"], number=32))
    found = desk.warehouse.find(["B2B1", "B2B2"])
    assert isinstance(found["B2B1"], WarehouseRecord)
    assert isinstance(found["B2B2"], Pending)


def test_a_997_of_the_whole_group_speaks_for_its_message(desk: Desk) -> None:
    desk.warehouse.submit(order(), LATE)
    desk.drop("997.edi", interchange("997", ["AK1*OW*000000001", "AK9*A*1*1*1"], number=33))
    assert isinstance(desk.warehouse.find([REF])[REF], WarehouseRecord)


def test_a_refusal_that_comes_after_an_acceptance_undoes_nothing(desk: Desk) -> None:
    desk.sent(("L1", "MUG", 24))
    desk.drop("late.edi", acknowledgement(("1", "0001"), "R", number=950))
    assert isinstance(desk.warehouse.find([REF])[REF], WarehouseRecord)


def test_silence_is_doubt_after_the_agreed_hours_and_a_repeat_is_a_resubmission(desk: Desk) -> None:
    desk.warehouse.submit(order(), LATE)
    desk.clock.pass_time(4 * 3600)
    assert isinstance(desk.warehouse.find([REF])[REF], Pending)
    desk.clock.pass_time(1)
    silence = "no acknowledgement (997) of 940-000000001.edi came by 2026-11-23 14:00 UTC"
    assert desk.warehouse.find([REF])[REF] == Unknown(f"{silence}; ask the warehouse whether it has the order {REF}")
    assert isinstance(desk.warehouse.submit(order(), LATE), Pending)
    assert "W05*T*B2B1042*PO-778~" in desk.files("outbound")["940-000000002.edi"]
    desk.drop("997.edi", acknowledgement(("1", "0001"), "A"))  # to the first one, at last
    assert isinstance(desk.warehouse.find([REF])[REF], WarehouseRecord)


def test_an_order_submitted_again_is_not_written_again(desk: Desk) -> None:
    desk.warehouse.submit(order(), LATE)
    assert isinstance(desk.fresh().submit(order(), LATE), Pending)
    other = replace(order(("L1", "MUG", 12)), po_number="PO-9")
    expected = ("PO number", "line L1: sent 12 EA, holds 24 EA")
    assert desk.warehouse.submit(other, LATE) == AlreadyExists("940-000000001", expected)
    desk.drop("997.edi", acknowledgement(("1", "0001")))
    assert desk.warehouse.submit(order(), LATE) == AlreadyExists("940-000000001", ())
    assert list(desk.files("outbound")) == ["940-000000001.edi"]


class _Broken(FolderMailbox):
    """A mailbox that fails at one write: before it happened, or after."""

    def __init__(self, desk: Desk, after: bool) -> None:
        super().__init__(desk.folder, ("outbound", "inbound", "archive", "quarantine"), "warehouse_test")
        self._after, self.left = after, 1

    def write(self, folder: str, name: str, content: bytes) -> None:
        if not self.left:
            super().write(folder, name, content)
            return
        self.left -= 1
        if self._after:
            super().write(folder, name, content)
        raise RetryableError("the mailbox did not answer")


@pytest.mark.parametrize("after", [False, True], ids=["nothing was written", "it was written"])
def test_after_a_lost_write_the_very_same_file_is_written_again(desk: Desk, after: bool) -> None:
    desk.warehouse._outbox._mailbox = _Broken(desk, after)
    assert isinstance(desk.warehouse.submit(order(), LATE), Unknown)
    first = desk.files("outbound")
    desk.clock.pass_time(90)
    assert desk.warehouse.find([REF]) == {REF: Absent()}
    assert isinstance(desk.warehouse.submit(order(), LATE), Pending)
    written = desk.files("outbound")
    assert list(written) == ["940-000000001.edi"]
    assert first in ({}, written)


def test_an_order_that_was_answered_is_not_written_again_though_we_died_before_noting_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(desk.journal, "put", dies)
        desk.warehouse.submit(order(), LATE)
    (desk.folder / "outbound" / "940-000000001.edi").unlink()  # the warehouse fetched it
    assert desk.fresh().find([REF]) == {REF: Absent()}
    desk.drop("ack.edi", acknowledgement(("1", "0001")))
    assert isinstance(desk.fresh().find([REF])[REF], WarehouseRecord)
    assert desk.fresh().submit(order(), LATE) == AlreadyExists("940-000000001")
    assert desk.files("outbound") == {}


@pytest.mark.parametrize(
    ("step", "words", "files"),
    [
        ("put", "940-000000001.edi is in the mailbox, which could not be noted: no room", ["940-000000001.edi"]),
        ("add", "it is not known whether it was kept to be sent: no room", []),
    ],
)
def test_where_the_journal_fails_nobody_takes_the_order_for_unsent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str, words: str, files: list[str]
) -> None:
    """A RetryableError would say that nothing was sent, and the order could be taken back."""

    def fails(*_: object) -> None:
        raise RetryableError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(desk.journal, step, fails)
        assert desk.warehouse.submit(order(), LATE) == Unknown(words)
    assert list(desk.files("outbound")) == files
    assert isinstance(desk.warehouse.submit(order(), LATE), Pending)
    assert list(desk.files("outbound")) in (["940-000000001.edi"], ["940-000000002.edi"])


def test_no_write_starts_after_the_given_instant(desk: Desk) -> None:
    answer = desk.warehouse.submit(order(), desk.clock())
    assert answer == Unknown("preparing it took so long that it was not put into the mailbox")
    assert desk.files("outbound") == {}
    assert desk.warehouse.find([REF]) == {REF: Absent()}


def test_control_numbers_are_never_used_twice_even_for_what_was_not_sent(desk: Desk) -> None:
    too_long = replace(order(), po_number="P" * 23)
    refused = desk.warehouse.submit(too_long, LATE)
    words = "po_number cannot be written in the 940: W0503: 23 characters, at most 22 fit"
    assert refused == Rejected("x12_element", words, "po_number")
    desk.warehouse.submit(order(), LATE)
    assert list(desk.files("outbound")) == ["940-000000002.edi"]


def test_an_unknown_reference_is_absent(desk: Desk) -> None:
    assert desk.warehouse.find(["B2B9"]) == {"B2B9": Absent()}


ADVICE = ["W06*F*B2B1042*20261123*S1", "G62*11*20261123*W*1130", "LX*1", "W12*CC*24*24**EA**SK*MUG", "N9*LI*L1"]


@pytest.mark.parametrize("crash_at", ["put_away", "write", "told"])
def test_a_crash_anywhere_while_reading_repeats_nothing_and_loses_nothing(
    desk: Desk, crash_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.sent(("L1", "MUG", 24))
    desk.drop("945.edi", interchange("945", ADVICE))

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    broken = desk.fresh()
    if crash_at == "told":
        monkeypatch.setattr(broken._memory, "record_standing", crash)
    else:
        monkeypatch.setattr(broken._outbox._mailbox, "move" if crash_at == "put_away" else "write", crash)
    with pytest.raises(KeyboardInterrupt):
        list(broken.read_shipments(None))
    (page,) = desk.warehouse.read_shipments(None)
    assert [(each.shipment_id, each.lines[0].base_quantity) for each in page.shipments] == [("S1", 24)]
    replies = [name for name in desk.files("outbound") if name.startswith("997")]
    assert len(replies) == 1
    assert desk.files("inbound") == {}


def test_the_same_945_twice_counts_once_under_whatever_name_or_number(desk: Desk) -> None:
    desk.sent(("L1", "MUG", 24))
    for name, number in (("a.edi", 7), ("b.edi", 7), ("c.edi", 8)):
        desk.drop(name, interchange("945", ADVICE, number=number))
    (page,) = desk.warehouse.read_shipments(None)
    assert [sum(line.base_quantity for line in each.lines) for each in page.shipments] == [24]
    assert page.problems == ()
    assert page.shipments[0].dispatched_at == datetime(2026, 11, 23, 11, 30, tzinfo=UTC)


def test_a_control_number_that_comes_again_with_other_content_is_not_used(desk: Desk) -> None:
    desk.sent(("L1", "MUG", 24))
    desk.drop("a.edi", interchange("945", ADVICE))
    desk.drop("b.edi", interchange("945", [ADVICE[0].replace("S1", "S2"), *ADVICE[1:]]))
    (page,) = desk.warehouse.read_shipments(None)
    assert [each.shipment_id for each in page.shipments] == ["S1"]
    words = "ISA13: this control number came before with other content; nothing of this one is used"
    assert page.problems == (Problem("message b.edi", words),)


def test_what_cannot_be_read_is_told_until_it_is_taken_out_of_quarantine_and_holds_up_nothing(desk: Desk) -> None:
    desk.sent(("L1", "MUG", 24))
    desk.drop("a.edi", interchange("945", ADVICE, count=99))
    desk.drop("b.edi", "no message at all")
    desk.drop("c.edi", interchange("945", ADVICE, number=8))
    for _ in range(2):
        (page,) = desk.warehouse.read_shipments(None)
        assert [each.shipment_id for each in page.shipments] == ["S1"]
        assert [each.subject for each in page.problems if each.words] == ["message a.edi", "message b.edi"]
    for file in (desk.folder / "quarantine").iterdir():
        file.unlink()
    cursor = desk.clock()
    desk.clock.pass_time(3600)
    (page,) = desk.warehouse.read_shipments(cursor)
    assert page.problems == (Problem("message a.edi", ""), Problem("message b.edi", ""))


def test_a_refused_message_is_answered_with_a_997_that_names_segment_and_element(desk: Desk) -> None:
    desk.sent(("L1", "MUG", 24))
    desk.drop("a.edi", interchange("945", ADVICE, count=99))
    desk.drop("b.edi", interchange("945", [*ADVICE, "W12**24*24**EA**SK*MUG"], number=8))
    list(desk.warehouse.read_shipments(None))
    replies = [text for name, text in desk.files("outbound").items() if name.startswith("997")]
    assert "AK1*SW*7~\nAK2*945*0007~\nAK5*R*4~\nAK9*R*1*1*0~" in replies[0]
    assert "AK2*945*0008~\nAK3*W12*7**8~\nAK4*1**1~\nAK5*R*5~\nAK9*R*1*1*0~" in replies[1]


def test_a_message_still_being_written_is_left_until_it_is_whole(desk: Desk) -> None:
    desk.sent(("L1", "MUG", 24))
    whole = interchange("945", ADVICE)
    desk.drop("a.edi", whole[:200])
    (page,) = desk.warehouse.read_shipments(None)
    assert (page.shipments, page.problems, list(desk.files("inbound"))) == ((), (), ["a.edi"])
    desk.drop("a.edi", whole)
    (page,) = desk.warehouse.read_shipments(None)
    assert [each.shipment_id for each in page.shipments] == ["S1"]


def test_a_message_that_stays_half_is_told(desk: Desk) -> None:
    desk.drop("a.edi", interchange("945", ADVICE)[:200])
    list(desk.warehouse.read_shipments(None))
    (page,) = desk.warehouse.read_shipments(None)
    assert page.problems == (Problem("message a.edi", "IEA: the interchange ends without its trailer"),)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"sender": "STRANGER"}, "ISA06: the sender is not the one of the partner profile"),
        ({"receiver": "OTHER"}, "ISA08: the receiver is not the one of the partner profile"),
        ({"usage": "P"}, "ISA15: usage 'P', 'T' was agreed"),
    ],
)
def test_a_message_of_another_pair_or_for_live_use_is_not_read(desk: Desk, change: dict[str, str], place: str) -> None:
    desk.sent(("L1", "MUG", 24))
    desk.drop("a.edi", interchange("945", ADVICE, **change))
    (page,) = desk.warehouse.read_shipments(None)
    assert (page.shipments, page.problems) == ((), (Problem("message a.edi", place),))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (interchange("945", ADVICE).replace("S1", "S\x001"), "ISA: character 196 is a NUL, which no element can hold"),
        (interchange("945", ADVICE).replace("S1", "Sé"), "ISA: byte 196 is no character of ascii, the agreed encoding"),
    ],
)
def test_a_message_with_characters_that_were_not_agreed_is_not_read(desk: Desk, text: str, words: str) -> None:
    desk.drop("a.edi", text)
    (page,) = desk.warehouse.read_shipments(None)
    assert page.problems == (Problem("message a.edi", words),)


def test_an_order_with_a_945_is_held_even_if_its_997_never_came(desk: Desk) -> None:
    desk.warehouse.submit(order(("L1", "MUG", 24)), LATE)
    desk.drop("945.edi", interchange("945", ADVICE))
    desk.clock.pass_time(24 * 3600)
    found = desk.warehouse.find([REF])[REF]
    assert isinstance(found, WarehouseRecord)
    assert found.status == WarehouseStatus.SHIPPED


def test_reading_since_a_cursor_overlaps_and_ends(desk: Desk) -> None:
    desk.sent(("L1", "MUG", 24))
    desk.drop("945.edi", interchange("945", ADVICE))
    (page,) = desk.warehouse.read_shipments(None)
    desk.clock.pass_time(600)
    assert [len(each.shipments) for each in desk.warehouse.read_shipments(page.read_to)] == [1]
    assert [len(each.shipments) for each in desk.warehouse.read_shipments(page.read_to + timedelta(hours=1))] == [0]
