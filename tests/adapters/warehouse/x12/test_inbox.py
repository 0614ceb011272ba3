"""The inbox under two workers at once, and under messages that were damaged on their way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store.journal import PostgresJournal
from include.fulfilment.store.schema import migrate
from tests.adapters.warehouse.x12.kit import Desk, acknowledgement, interchange

ADVICE = [
    "W06*F*B2B1042*20261123*S1",
    "N1*WH**91*LEEDS",
    "G62*11*20261123*W*1130*UT",
    "W27*M*DPDG*DPD",
    "LX*1",
    "MAN*GM*00350123450000000017**CP*1Z9",
    "W12*CP*24*20*4*EA**SK*MUG",
    "N9*LI*L1",
    "W03*20",
]
INVENTORY = ["BIA*00*MM*77*20261123*0900", "N1*WH**91*LEEDS", "LIN**SK*MUG", "QTY*17*40*EA", "CTT*1"]
RECEIPT = ["W17*F*20261123*R1", "N1*WH**91*LEEDS", "W07*12*EA**SK*MUG", "W14*12"]
LOSS = ["W15*20261123*A1", "W19*AC*-2*EA**SK*MUG"]


def test_two_workers_at_one_mailbox_read_everything_once_and_answer_each_message_once(
    tmp_path: Path, postgres_url: str
) -> None:
    migrate(postgres_url)
    desk = Desk(tmp_path / "box")
    desk.journal = PostgresJournal(PostgresStore(postgres_url, f"site_{uuid4().hex[:12]}"), "warehouse_x_main")
    desk.warehouse = desk.fresh()
    for number in range(6):
        desk.sent(("L1", "MUG", 24), ref=f"B2B{number}")
        body = [f"W06*F*B2B{number}*20261123*S{number}", *ADVICE[1:]]
        desk.drop(f"{number:02d}.edi", interchange("945", body, number=100 + number))
    workers = [desk.fresh() for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda worker: list(worker.read_shipments(None)), workers))
    (page,) = desk.warehouse.read_shipments(None)
    assert sorted(each.shipment_id for each in page.shipments) == sorted(f"S{number}" for number in range(6))
    assert {each.base_quantity for shipment in page.shipments for each in shipment.lines} == {20}
    assert [each.short for each in page.closures] == [4] * 6
    assert page.problems == ()
    assert sum(name.startswith("997") for name in desk.files("outbound")) == 6
    assert len([name for name in desk.files("archive") if "ack" not in name]) == 6


WHOLE = {
    "945": interchange("945", ADVICE),
    "846": interchange("846", INVENTORY),
    "944": interchange("944", RECEIPT),
    "947": interchange("947", LOSS),
    "997": acknowledgement(("1", "0001"), "R", "AK3*N4*6**8", "AK4*3**5"),
}


@settings(max_examples=100, deadline=None)
@given(
    code=st.sampled_from(sorted(WHOLE)),
    cuts=st.lists(
        st.tuples(st.integers(0, 700), st.integers(0, 12), st.text(alphabet="*~>AZ09- \n.é\x00", max_size=6)),
        max_size=4,
    ),
    header=st.booleans(),
    lenient=st.booleans(),
)
def test_no_damaged_message_stops_the_reading(
    code: str, cuts: list[tuple[int, int, str]], header: bool, lenient: bool
) -> None:
    text = WHOLE[code]
    for start, length, put in cuts:
        at = start % len(text) if header else 107 + start % (len(text) - 107)
        text = text[:at] + put + text[at + length :]
    with TemporaryDirectory() as folder:
        desk = Desk(Path(folder) / "box", mode="lenient" if lenient else "strict", encoding="utf-8")
        desk.sent(("L1", "MUG", 24))
        desk.drop("846.edi", interchange("846", INVENTORY, number=8))
        desk.drop("odd.edi", text)
        for _ in range(2):
            (page,) = desk.warehouse.read_shipments(None)
            assert sum(line.base_quantity for each in page.shipments for line in each.lines) < 10**9
            assert all(abs(each.on_hand) < 10**9 for each in desk.warehouse.read_stock().levels)
        assert "odd.edi" not in desk.files("inbound")
