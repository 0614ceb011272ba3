"""One order all the way: from the shop to the X12 partner's floor and back, through the real services and store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from include.fulfilment.adapters.warehouse.x12 import X12Warehouse
from include.fulfilment.adapters.warehouse.x12.mailbox import FolderMailbox
from include.fulfilment.adapters.warehouse.x12.profile import load_profile
from include.fulfilment.sandbox.faults import Fault, replace_plan
from include.fulfilment.sandbox.floor.client import FloorControl
from include.fulfilment.sandbox.x12.app import create_app
from include.fulfilment.sandbox.x12.partner import Partner
from include.fulfilment.settings import DEMO_SITES
from include.fulfilment.store.database import PostgresStore
from include.fulfilment.store.journal import PostgresJournal
from include.fulfilment.store.schema import migrate
from tests.adapters.warehouse.x12.kit import FOLDERS
from tests.contract.serving import API_KEY, CONTROL_TOKEN, served
from tests.stories.world import Ticking, World, sandbox


class Trade:
    """The merchant, and the partner who works when told to."""

    def __init__(self, world: World, partner: Partner, floor: FloorControl) -> None:
        self.world, self.partner, self.floor = world, partner, floor

    def night(self) -> None:
        """A minute passes, the partner works, and every flow of ours runs once."""
        self.world.pass_time(minutes=1)
        self.partner.turn()
        self.world.release()
        self.partner.turn()
        self.world.aggregate()
        self.world.sync()


@pytest.fixture
def trade(tmp_path: Path, postgres_url: str) -> Iterator[Trade]:
    migrate(postgres_url)
    clock, mailbox = Ticking(), tmp_path / "mail box"
    app = create_app(tmp_path / "x12.sqlite", API_KEY, CONTROL_TOKEN, clock, mailbox=mailbox)
    with (
        served(app) as url,
        FloorControl(url, CONTROL_TOKEN) as floor,
        sandbox(tmp_path, clock, clock.pass_time) as shop,
    ):
        profile = load_profile(DEMO_SITES / "demo" / "x12-partner.yaml")
        box = FolderMailbox(mailbox, FOLDERS, "warehouse_test")
        journal = PostgresJournal(PostgresStore(postgres_url, f"journal_{tmp_path.name}"[:40]), "warehouse_x_main")
        world = World(shop, postgres_url, X12Warehouse(box, journal, profile, clock), floor, clock)
        world.open(tmp_path)
        yield Trade(world, app.state.partner, floor)


def test_an_order_goes_out_by_940_and_comes_back_in_two_shipments_with_a_closed_rest(trade: Trade) -> None:
    world = trade.world
    world.goods("MUG", 100)
    trade.partner.turn()
    name = world.sell(("MUG", 40), po_number="PO-778")
    assert world.release()["pending"] == 1
    assert trade.floor.held() == []
    trade.night()
    (held,) = trade.floor.held()
    assert (held.external_ref, held.po_number, list(held.ordered.values())) == (world.ref(name), "PO-778", [40])
    line = next(iter(held.ordered))
    trade.floor.ship(held.external_ref, {line: 25})
    trade.night()
    assert [lines for lines, _ in world.posted(name)] == [{"MUG": 25}]
    trade.floor.ship(held.external_ref, {line: 12}, close_rest=True)
    trade.night()
    assert [lines for lines, _ in world.posted(name)] == [{"MUG": 25}, {"MUG": 12}]
    assert world.units(name) == {"ordered": 40, "released": 40, "shipped": 37, "short": 3}
    assert [code for code, _, _ in world.tickets()] == ["short_closed"]
    assert world.shown()["MUG"] == 63
    before = world.contents()
    trade.night()
    assert world.contents() == before


def test_a_refused_940_holds_the_order_and_silence_opens_a_ticket(trade: Trade) -> None:
    world = trade.world
    world.goods("MUG", 100)
    trade.partner.turn()
    replace_plan(trade.partner._state, [Fault("940", "R"), Fault("940", "silence")])
    refused, unheard = world.sell(("MUG", 1)), world.sell(("MUG", 2))
    world.release()
    trade.night()
    trade.night()
    assert world.standing(refused) == ("held", "warehouse_rejected")
    assert "outcome_unknown" not in {code for code, _, _ in world.tickets()}
    world.pass_time(hours=5)
    trade.night()
    silence = world.evidence("outcome_unknown")["last answer"]
    assert silence.startswith("no acknowledgement (997) of 940-")
    assert silence.endswith(f"; ask the warehouse whether it has the order {world.ref(unheard)}")
