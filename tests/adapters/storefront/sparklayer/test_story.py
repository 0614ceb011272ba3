"""A merchant whose orders live in SparkLayer alone: the services, a real store, and the site over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from include.fulfilment.adapters.storefront.sparklayer import SparkLayerStorefront
from include.fulfilment.adapters.storefront.sparklayer.client import SparkLayerClient
from include.fulfilment.adapters.storefront.sparklayer.options import Options
from include.fulfilment.adapters.transport import Transport
from include.fulfilment.ports import Storefront
from include.fulfilment.sandbox.control import SandboxControl
from include.fulfilment.sandbox.sparklayer.access import CLIENT_ID, SITE_ID
from include.fulfilment.sandbox.sparklayer.app import create_app
from include.fulfilment.store.schema import migrate
from tests.adapters.storefront.sparklayer.kit import serving
from tests.fakes import FakeWarehouse
from tests.stories.world import CONTROL_TOKEN, SHOP_TOKEN, Shop, Ticking, World

OPTIONS = Options(po_required_groups=("base-po",), status_metadata="fulfilment.status")
PUT = "createUpdatePurchase"


class TradeSite(World):
    """The merchant of the stories, on SparkLayer alone."""

    def connect_shop(self) -> Storefront:
        client = SparkLayerClient(self.wire, (CLIENT_ID, SHOP_TOKEN), OPTIONS)
        return SparkLayerStorefront(client, OPTIONS, self.site, self.clock, self._catalogue_skus)

    def _catalogue_skus(self) -> list[str]:
        with self.store.transaction() as rows:
            return list(dict.fromkeys(row.sku for row in rows.packs.packs()))

    def lines(self, name: str) -> dict[str, str]:
        """Our line ids by SKU."""
        read = (order for page in self.storefront.read_orders(None) for order in page.orders)
        return next({line.sku: line.line_id for line in order.lines} for order in read if order.name == name)


@pytest.fixture
def world(tmp_path: Path, postgres_url: str) -> Iterator[TradeSite]:
    migrate(postgres_url)
    clock = Ticking()
    warehouse = FakeWarehouse(clock)
    app = create_app(tmp_path / "site.sqlite", SHOP_TOKEN, CONTROL_TOKEN, clock=clock)
    with (
        serving(app) as url,
        SandboxControl(url, CONTROL_TOKEN) as control,
        Transport(
            url, system="sparklayer", connection_id="t", headers={"Site-Id": SITE_ID}, sleep=clock.pass_time
        ) as wire,
    ):
        made = TradeSite(Shop(url, control, wire), postgres_url, warehouse, warehouse, clock)
        made.open(tmp_path)
        yield made


def test_an_order_is_read_released_shipped_in_two_parts_and_told_once_each(world: TradeSite) -> None:
    world.goods("MUG", 25)
    world.goods("TEA", 5, shown=1)
    name = world.sell(("MUG", 40), ("TEA", 5), note="PO: PO-4711\nDelivery instructions: Gate B")
    world.release()
    ids = world.lines(name)
    (held,) = world.held(name)
    assert (held.ordered, held.po_number, held.instructions) == ({ids["MUG"]: 25, ids["TEA"]: 5}, "PO-4711", "Gate B")
    world.floor.ship(world.ref(name), {ids["MUG"]: 25}, [("DPD", "D1", {})])
    world.control.set_faults([{"operation": PUT, "kind": "reset_after", "times": 1}])
    for _ in range(3):
        world.aggregate()
    assert world.posted(name) == [({"MUG": 25}, ["D1"])]
    assert world.status(name) == ("PARTIALLY_FULFILLED", "partly_shipped")
    world.floor.receive({"MUG": 15})
    world.release()
    world.floor.ship(world.ref(name), {ids["TEA"]: 5}, [("UPS", "U1", {})])
    world.floor.ship(world.ref(name, 2), {ids["MUG"]: 15}, [("DPD", "D2", {})])
    for _ in range(2):
        world.aggregate()
    assert sorted(world.posted(name), key=str) == [
        ({"MUG": 15}, ["D2"]),
        ({"MUG": 25}, ["D1"]),
        ({"TEA": 5}, ["U1"]),
    ]
    assert world.status(name) == ("FULFILLED", "fulfilled")
    assert world.standing(name) == ("fulfilled", "")
    assert world.tickets() == []
    world.sync()
    assert world.shown() == {"MUG": 0, "TEA": 0}


def test_a_run_that_is_repeated_writes_nothing_to_the_site(world: TradeSite) -> None:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 40))
    world.release()
    world.floor.ship(world.ref(name))
    world.aggregate()
    world.sync()
    before = {operation: world.control.calls()[operation] for operation in (PUT, "updateBatchStock")}
    world.release()
    world.aggregate()
    world.sync()
    assert {operation: world.control.calls()[operation] for operation in before} == before


def test_an_order_waits_for_its_po_number_its_credit_and_its_confirmation(world: TradeSite) -> None:
    world.goods("MUG", 500)
    world.customer_says("po_required")
    no_po, dear = world.sell(("MUG", 1)), world.sell(("MUG", 1), note="PO: 2", price="9000")
    draft = world.sell(("MUG", 1), note="PO: 3", source="draft")
    world.release()
    assert [world.standing(name) for name in (no_po, dear, draft)] == [
        ("held", "po_missing"),
        ("held", "credit_limit_exceeded"),
        ("held", "awaiting_completion"),
    ]
    world.control.set_note(no_po, "PO: 1")
    world.credit(limit="20000")
    completed = world.complete(draft)
    world.release()
    assert [world.standing(name)[0] for name in (no_po, dear, completed)] == ["in_warehouse"] * 3


def test_a_figure_that_moved_in_the_site_is_computed_anew_and_never_overwritten_blindly(world: TradeSite) -> None:
    world.goods("MUG", 50)
    world.sync()
    world.floor.receive({"MUG": 10})
    world.collect_stock()
    world.control.set_inventory("MUG", 47)
    figures = world.push_stock()
    assert (figures["stale"], figures["applied"], world.shown()) == (1, 1, {"MUG": 60})
