"""Whoever may leave files in the mailbox is a stranger: no file stops the others, fills memory, reads what is ours."""

from __future__ import annotations

import os
import random
import string
from pathlib import Path
from uuid import uuid4

import pytest

from include.fulfilment.adapters.connecting import RemoteConnection
from include.fulfilment.adapters.warehouse.x12 import segments
from include.fulfilment.adapters.warehouse.x12.mailbox import FolderMailbox, TooLarge, open_mailbox
from include.fulfilment.errors import ConfigError
from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store.journal import PostgresJournal
from include.fulfilment.store.schema import migrate
from tests.adapters.warehouse.x12.kit import FOLDERS, Desk, interchange
from tests.adapters.warehouse.x12.test_inbox import ADVICE, INVENTORY

GOOD = interchange("945", ADVICE, number=99)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "box")
    made.sent(("L1", "MUG", 24))
    return made


def problems(desk: Desk) -> list[tuple[str, str]]:
    return [(each.subject, each.words) for page in desk.warehouse.read_shipments(None) for each in page.problems]


def shipments(desk: Desk) -> list[str]:
    return [each.shipment_id for page in desk.warehouse.read_shipments(None) for each in page.shipments]


@pytest.mark.parametrize(
    "name", [b"0-\xff.edi", "\U0001f600".encode() * 62 + b".e", b"0\xe2\x80\xae'; DROP TABLE x --"]
)
@pytest.mark.parametrize("content", [b"", b"x"])
def test_a_file_of_whatever_name_is_put_away_and_the_next_one_is_read(desk: Desk, name: bytes, content: bytes) -> None:
    (desk.folder / "inbound").mkdir(exist_ok=True)
    Path(os.fsdecode(os.fsencode(desk.folder / "inbound") + b"/" + name)).write_bytes(content)
    desk.drop("good.edi", GOOD)
    assert shipments(desk) == ["S1"]
    assert len(problems(desk)) == 1
    assert list((desk.folder / "inbound").iterdir()) == []
    assert all(each.name.isascii() for each in (desk.folder / "quarantine").iterdir())


def test_a_link_in_the_mailbox_is_never_followed(desk: Desk, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(GOOD)
    (desk.folder / "inbound").mkdir(exist_ok=True)
    (desk.folder / "inbound" / "a.edi").symlink_to(secret)
    assert (shipments(desk), problems(desk)) == ([], [])
    box = FolderMailbox(desk.folder, FOLDERS, "warehouse_test")
    with pytest.raises(Exception, match="symbolic links"):
        box.fetch("inbound", "a.edi")


def test_a_file_that_grows_while_it_is_read_is_cut_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.fulfilment.adapters.warehouse.x12.mailbox.MOST_BYTES", 10)
    desk.drop("a.edi", "x" * 11)
    with pytest.raises(TooLarge):
        FolderMailbox(desk.folder, FOLDERS, "warehouse_test").fetch("inbound", "a.edi")


def test_more_segments_than_any_message_has_are_not_taken_apart(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "MOST_SEGMENTS", 1000)
    desk.drop("a.edi", interchange("945", [ADVICE[0], *["LX"] * 1000]))
    ((_, words),) = problems(desk)
    assert words == "ISA: it has more than 1000 segments, which no message needs"


def test_a_message_with_endless_faults_makes_few_words_and_few_tickets(desk: Desk) -> None:
    desk.drop("a.edi", interchange("945", [ADVICE[0], *["W12"] * 3000], number=1))
    desk.drop("b.edi", interchange("945", [ADVICE[0], *["LX*1", "W12*ZZ*24*x*4*EA**SK*MUG"] * 1000], number=2))
    found = problems(desk)
    assert len(found) == 1 + 200 + 1
    assert found[-1] == ("message b.edi", "800 more problems like these")
    assert max(len(words) for _, words in found) <= 1000


def test_a_name_too_long_to_be_a_key_of_the_store_stops_nothing(tmp_path: Path, postgres_url: str) -> None:
    migrate(postgres_url)
    desk = Desk(tmp_path / "box")
    desk.journal = PostgresJournal(PostgresStore(postgres_url, f"site_{uuid4().hex[:12]}"), "warehouse_x_main")
    desk.warehouse = desk.fresh()
    desk.sent(("L1", "MUG", 24))
    long = "".join(random.Random(1).choices(string.ascii_letters, k=6000))  # noqa: S311 - hard to compress, no secret
    places = [row for n in range(400) for row in (f"LIN**SK*A{n}", "QTY*17*4*EA", f"N1*WH**91*{long[n * 10 :][:12]}")]
    desk.drop("0.edi", interchange("945", [f"W06*F*B2B1042*20261123*{long}", *ADVICE[1:]], number=1))
    desk.drop("1.edi", interchange("846", [INVENTORY[0], *places, "CTT*400"], number=2))
    desk.drop("2.edi", GOOD)
    assert shipments(desk) == ["S1"]
    assert [words for _, words in problems(desk)] == ["W0604: 6000 characters; no element has 300"]
    assert len(desk.warehouse.read_stock().levels) == 400


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("day", ["00010101", "99991231", "20621123"])
def test_a_statement_of_an_impossible_day_is_told_and_outweighs_none(tmp_path: Path, day: str, zone: str) -> None:
    desk = Desk(tmp_path / "box", zone=zone)
    desk.drop("0.edi", interchange("846", [f"BIA*00*MM*77*{day}*2359", "LIN**SK*MUG", "QTY*17*9999*EA"], number=1))
    desk.drop("1.edi", interchange("944", [f"W17*F*{day}*R1", "W07*5000*EA**SK*MUG", "W14*5000"], number=2))
    desk.drop("2.edi", interchange("846", INVENTORY, number=3))
    found = desk.warehouse.read_stock()
    assert [(each.base_sku, each.on_hand) for each in found.levels] == [("MUG", 40)]
    assert len(problems(desk)) == 2


def test_a_digit_that_is_none_in_an_acknowledgement_stops_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "box", encoding="utf-8")
    desk.sent(("L1", "MUG", 24))
    notes = ["AK1*OW*1", "AK2*940*0001", "AK3*W01*5", "AK4*²*1*7", "AK5*R", "AK9*R*1*1*0"]
    desk.drop("0.edi", interchange("997", notes, number=1))
    desk.drop("1.edi", GOOD)
    assert shipments(desk) == ["S1"]


def test_a_file_that_comes_again_after_it_was_settled_is_told_again(desk: Desk) -> None:
    for _ in range(2):
        desk.drop("stock.edi", "")
        assert problems(desk) == [("message stock.edi", "the file is empty or too large")]
        for each in (desk.folder / "quarantine").iterdir():
            each.unlink()
        assert problems(desk) == [("message stock.edi", "")]


@pytest.mark.parametrize(
    "address", ["sftp://merchant:hunter2@edi.example", "sftp://merchant:hunter2", "sftp://[hunter2"]
)
def test_a_password_in_the_mailbox_address_is_refused_and_not_repeated(address: str) -> None:
    connection = RemoteConnection("warehouse_test", address, "merchant", "x", extra={"host_key": "ssh-ed25519 AAAA"})
    with pytest.raises(ConfigError) as caught:
        open_mailbox(connection, FOLDERS, lambda *_: None, lambda _: None)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
