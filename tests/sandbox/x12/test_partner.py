"""The X12 partner in its mailbox: what it answers, and what it tells of the floor."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.truth.grammar import obey
from include.fulfilment.sandbox.faults import Fault, replace_plan
from include.fulfilment.sandbox.floor.book import find_orders, products
from include.fulfilment.sandbox.floor.client import FloorControl
from include.fulfilment.sandbox.floor.staff import Dispatch, cancel, close_short, receive, ship, void
from include.fulfilment.sandbox.floor.state import FloorState
from include.fulfilment.sandbox.x12.partner import Partner
from include.fulfilment.sandbox.x12.wire import NotX12, take_apart
from tests.adapters.warehouse.x12.public import grammar, needs_grammars
from tests.stories.world import Ticking

LINES = ["LX*1", "W01*24*EA**SK*MUG", "N9*LI*L1"]
REF = "B2B1"


class Box:
    """A partner with goods on the shelf, and the merchant's hand in its mailbox."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.folder = Ticking(), folder / "box"
        self.state = FloorState(folder / "floor.sqlite", self.clock)
        self.partner = Partner(self.state, self.folder)
        self._number = 0

    def send(self, rows: list[str], code: str = "940", number: int = 0) -> None:
        """Leave one message of ours."""
        self._number = number or self._number + 1
        n = self._number
        segments = [
            f"ISA*00*{'':10}*00*{'':10}*ZZ*{'MERCHANT':15}*ZZ*{'WAREHOUSE':15}*261123*1000*U*00401*{n:09d}*0*T*>",
            f"GS*{'OW' if code == '940' else 'FA'}*MERCHANT*WAREHOUSE*20261123*1000*{n}*X*004010",
            f"ST*{code}*{n:04d}",
            *rows,
            f"SE*{len(rows) + 2}*{n:04d}",
            f"GE*1*{n}",
            f"IEA*1*{n:09d}",
        ]
        (self.folder / "outbound" / f"{code}-{n}.edi").write_text("".join(f"{each}~\n" for each in segments))

    def told(self) -> list[str]:
        """What the partner wrote since last time: message code and its segments in one line."""
        self.clock.pass_time(1)
        self.partner.turn()
        found = []
        for file in sorted((self.folder / "inbound").iterdir()):
            for letter in take_apart(file.read_text()):
                found.append(f"{letter.code} " + "~".join("*".join(row) for row in letter.rows))
            file.unlink()
        return found


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path)
    receive(made.state, {"MUG": 100}, "")
    made.told()
    yield made
    made.state.close()


def ordered(box: Box) -> None:
    box.send([f"W05*N*{REF}*PO-7", "NTE*WHI*Ring", *LINES])
    box.told()


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("", "997 AK1*OW*1~AK2*940*0001~AK5*A~AK9*A*1*1*1"),
        ("E", "997 AK1*OW*1~AK2*940*0001~AK3*N4*4**8~AK4*2**5~AK5*E*5~AK9*E*1*1*1"),
        ("R", "997 AK1*OW*1~AK2*940*0001~AK3*N4*4**8~AK4*2**5~AK5*R*5~AK9*R*1*1*0"),
        ("P", "997 AK1*OW*1~AK2*940*0001~AK5*A~AK9*P*1*1*1"),
        ("silence", ""),
    ],
)
def test_a_940_is_answered_as_the_plan_says(box: Box, kind: str, answer: str) -> None:
    replace_plan(box.state, [Fault("940", kind)] if kind else [])
    box.send([f"W05*N*{REF}*PO-7", *LINES])
    assert box.told() == ([answer] if answer else [])
    assert len(find_orders(box.state)) == (kind != "R")


def test_an_unknown_product_is_refused_with_its_place_and_nothing_is_held(box: Box) -> None:
    box.send([f"W05*N*{REF}", "LX*1", "W01*1*EA**SK*NONE", "N9*LI*L1"])
    assert box.told() == ["997 AK1*OW*1~AK2*940*0001~AK3*W01*4**8~AK4*5**7*NONE~AK5*R*5~AK9*R*1*1*0"]
    assert find_orders(box.state) == []


def test_the_same_interchange_counts_once_and_a_resubmission_is_no_second_order(box: Box) -> None:
    for number in (1, 1):
        box.send([f"W05*N*{REF}*PO-7", *LINES], number=number)
        box.told()
    box.send([f"W05*T*{REF}*PO-7", *LINES], number=2)
    assert box.told() == ["997 AK1*OW*2~AK2*940*0002~AK5*A~AK9*A*1*1*1"]
    assert len(find_orders(box.state)) == 1
    box.send([f"W05*N*{REF}*PO-7", *LINES], number=3)  # a second original is a second order, as in real life
    box.told()
    assert len(find_orders(box.state)) == 2


def test_a_pack_counts_by_what_was_agreed(box: Box) -> None:
    box.send([f"W05*N*{REF}", "LX*1", "W01*2*CA**SK*MUG", "N9*LI*L1"])
    assert "AK4*2**7" in box.told()[0]
    box.partner.agree_packs({"MUG": {"CA": 12}})
    box.send([f"W05*N*{REF}", "LX*1", "W01*2*CA**SK*MUG", "N9*LI*L1"])
    box.told()
    assert find_orders(box.state)[0].lines[0].ordered == 24


def test_what_leaves_is_a_945_and_then_a_new_846(box: Box) -> None:
    ordered(box)
    ship(box.state, REF, Dispatch({"L1": 20}))
    advice, inventory = box.told()
    line = "W12*BP*24*20*4*EA**SK*MUG~N9*LI*L1~W27*M*DPD*DPD~W03*20"
    assert advice.startswith("945 W06*F*B2B1*20261123*530000001**PO-7~N1*WH**91*MAIN~G62*11*20261123*W*10000200*UT~")
    assert advice.endswith(line)
    assert inventory.endswith("LIN*1*SK*MUG~QTY*17*80*EA~QTY*33*76*EA~CTT*1")
    assert box.told() == []


def test_a_closed_line_a_cancelled_order_and_a_void_are_told(box: Box) -> None:
    ordered(box)
    close_short(box.state, REF, "L1", 24)
    assert box.told()[0].endswith("LX*1~W12*CP*24*0*24*EA**SK*MUG~N9*LI*L1~W03*0")
    box.send(["W05*N*B2B2", *LINES])
    box.told()
    cancel(box.state, "B2B2")
    assert box.told()[0].endswith("LX*1~W12*CU*24*0*24*EA**SK*MUG~N9*LI*L1~W03*0")
    box.send(["W05*N*B2B3", *LINES])
    box.told()
    shipment = ship(box.state, "B2B3", Dispatch())
    box.told()
    void(box.state, shipment)
    advice, inventory = box.told()
    assert advice.startswith(f"945 W06*R*B2B3*20261123*{shipment}~")
    assert "W12*BP*24*0*24*EA**SK*MUG" in advice
    assert "QTY*17*100*EA" in inventory


def test_a_delivery_is_a_944_and_less_on_the_shelf_a_947(box: Box) -> None:
    receive(box.state, {"MUG": 5}, "")
    assert box.told() == ["944 W17*F*20261123*R1000001~N1*WH**91*MAIN~W07*5*EA**SK*MUG~W14*5"]
    box.state.run("UPDATE product SET on_hand = on_hand - 2")
    assert box.told() == ["947 W15*20261123*A1000001~N1*WH**91*MAIN~W19*AC*-2*EA**SK*MUG"]


@pytest.mark.parametrize(("kind", "names"), [("twice", ["001000002-944.edi", "copy-001000002-944.edi"]), ("later", [])])
def test_the_plan_spoils_what_is_told(box: Box, kind: str, names: list[str]) -> None:
    replace_plan(box.state, [Fault("944", kind)])
    receive(box.state, {"MUG": 5}, "")
    box.partner.turn()
    assert sorted(each.name for each in (box.folder / "inbound").iterdir()) == names
    box.partner.turn()
    assert len(list((box.folder / "inbound").iterdir())) == max(1, len(names))


def test_half_a_message_is_no_interchange(box: Box) -> None:
    replace_plan(box.state, [Fault("944", "cut")])
    receive(box.state, {"MUG": 5}, "")
    with pytest.raises(NotX12):
        box.told()


def test_a_message_counts_as_acknowledged_when_the_997_came(box: Box) -> None:
    (name,) = box.partner.unacknowledged()
    number = int(name[:9])
    box.send([f"AK1*IB*{number}", f"AK2*846*{number:04d}", "AK5*A", "AK9*A*1*1*1"], "997")
    assert box.told() == []
    assert (box.partner.unacknowledged(), box.partner.verdicts()) == ([], {name: "A"})


@needs_grammars
def test_everything_it_says_obeys_the_public_grammars(box: Box) -> None:
    ordered(box)
    ship(box.state, REF, Dispatch({"L1": 20}, count=2))
    box.told()
    receive(box.state, {"MUG": 5}, "")
    box.told()
    box.state.run("UPDATE product SET on_hand = on_hand - 2")
    box.told()
    rows = box.state.all("SELECT code, content FROM message ORDER BY number")
    assert {row["code"] for row in rows} == {"846", "997", "945", "944", "947"}
    for row in rows:
        (letter,) = take_apart(row["content"])
        assert obey(grammar(letter.code), [each[0] for each in letter.rows]) == [], letter.code


def test_the_process_watches_its_mailbox(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    mailbox = tmp_path / "mail box"
    command = [sys.executable, "-m", "include.fulfilment.sandbox.x12", "--port", str(port)]
    command += ["--db", str(tmp_path / "floor.sqlite"), "--mailbox", str(mailbox)]
    secrets = {"WAREHOUSE_SANDBOX_KEY": "key", "SANDBOX_CONTROL_TOKEN": "token"}
    process = subprocess.Popen(command, env=os.environ | secrets)
    try:
        with FloorControl(f"http://127.0.0.1:{port}", "token") as floor:
            _wait(floor.is_up)
            floor.receive({"MUG": 7})
            _wait(lambda: any(each.name.endswith("846.edi") for each in (mailbox / "inbound").iterdir()))
            assert floor.stock() == {"MUG": 7}
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(ready: object, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not ready():  # type: ignore[operator]
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def test_products_are_known_by_the_floor(box: Box) -> None:
    assert [(each.sku, each.on_hand) for each in products(box.state)] == [("MUG", 100)]
