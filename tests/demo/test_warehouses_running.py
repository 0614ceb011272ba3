"""Each sandbox as the demo starts it, with the adapter as the demo's connection and site file make it."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from demo.floor import Plan
from demo.ports import Ports
from demo.secrets import SecretFiles
from demo.site import write_site
from demo.storefronts import STOREFRONTS
from demo.warehouses import DemoWarehouse, open_warehouse
from include.fulfilment.adapters.connecting import Connecting, RemoteConnection
from include.fulfilment.adapters.registry import make_warehouse
from include.fulfilment.clock import system_clock
from include.fulfilment.domain.order import Address
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.ports import Created, Pending, Warehouse, WarehouseRecord
from include.fulfilment.settings import load_site
from tests.demo.test_warehouses import SANDBOXES
from tests.fakes import MemoryJournal

LATE = datetime(2100, 1, 1, tzinfo=UTC)
LINES = {"9107199254740993": ("BOLT", 24), "9107199254740995": ("NUT", 5)}


@contextmanager
def running(warehouse: DemoWarehouse, log: Path) -> Iterator[None]:
    command = warehouse.server()
    with log.open("wb") as file:
        process = subprocess.Popen(command.argv, env=dict(command.env), cwd=command.cwd, stdout=file, stderr=file)
        try:
            deadline = time.monotonic() + 90
            while not warehouse.is_ready():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, "the sandbox did not start"
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def adapter(warehouse: DemoWarehouse, sites: Path, journal: MemoryJournal) -> Warehouse:
    sites.mkdir()
    shop = STOREFRONTS["shopify"].site_section("gid://shopify/Location/1")
    write_site(sites, [], shop, warehouse.code, warehouse.site_section(sites))
    given = warehouse.connection()
    remote = RemoteConnection(
        conn_id=f"warehouse_demo_{warehouse.code}",
        base_url=given.host,
        login=given.login or "",
        password=given.password or "",
        schema=given.schema or "",
        extra=dict(given.extra or {}),
    )
    site = load_site("demo", sites)
    return make_warehouse(Connecting(site, remote, system_clock, lambda *_call: None, lambda _cost: None, journal))


def order(ref: str) -> WarehouseOrder:
    lines = tuple(
        WarehouseOrderLine(line_id=line, base_sku=sku, base_quantity=units, title=f"Title of {sku}", proof="")
        for line, (sku, units) in LINES.items()
    )
    to = Address(
        company="Hilltop Stores", name="Ada Hill", address1="1 High St", city="Hull", postcode="HU1", country_code="GB"
    )
    return WarehouseOrder(ref, ref, ref, 1, 1, "PO-12345", "Leave at gate 2", None, "standard", to, lines)


def until(done: Any, what: str) -> Any:
    deadline = time.monotonic() + 30
    while not (found := done()):
        assert time.monotonic() < deadline, what
        time.sleep(0.2)
    return found


@pytest.mark.parametrize("code", SANDBOXES)
def test_an_order_goes_out_in_part_and_comes_back_as_shipped(tmp_path: Path, code: str) -> None:
    state = tmp_path / "some state"
    warehouse = open_warehouse(code, state, SecretFiles(state / "secrets"), Ports(state / "ports.json"))
    with running(warehouse, tmp_path / "log"), warehouse.staff() as staff:
        made = adapter(warehouse, tmp_path / "sites", MemoryJournal())
        assert staff.load_products({"BOLT": "Bolt", "NUT": "Nut"}) == 2
        staff.receive("first", {"BOLT": 50, "NUT": 50})
        assert isinstance(made.submit(order("B2B1042"), LATE), Created | Pending)
        found = until(lambda: _record(made, "B2B1042"), "the order was not acknowledged")
        assert (found.po_number, dict(found.lines)) == ("PO-12345", {line: units for line, (_, units) in LINES.items()})
        (waiting,) = staff.open_shipments()
        assert waiting.lines == {line: units for line, (_, units) in LINES.items()}
        staff.ship("day_1", {waiting.id: Plan({"9107199254740993": 12}, parcels=1, carrier="Royal Mail")})
        first = {"9107199254740993": 12}
        assert until(lambda: _shipped(made) == first, "the first shipment was not told")
        (rest,) = staff.open_shipments()
        staff.ship("day_2", {rest.id: Plan(parcels=2)})
        everything = {line: units for line, (_, units) in LINES.items()}
        assert until(lambda: _shipped(made) == everything, f"not everything was told: {_shipped(made)}")
        (held,) = staff.held_orders()
        assert (held.po_number, held.instructions) == ("PO-12345", "Leave at gate 2")
        assert (dict(held.shipped), staff.open_shipments()) == (everything, [])
        stock = until(lambda: _levels(made) == {"BOLT": 26, "NUT": 45}, f"the stock differs: {_levels(made)}")
        assert stock


def _record(made: Warehouse, ref: str) -> WarehouseRecord | None:
    answer = made.find([ref])[ref]
    return answer if isinstance(answer, WarehouseRecord) else None


def _shipped(made: Warehouse) -> dict[str, int]:
    """Units by line id over everything dispatched that the warehouse tells."""
    units: Counter[str] = Counter()
    seen = {each.shipment_id: each for page in made.read_shipments(None) for each in page.shipments}
    for shipment in seen.values():
        if shipment.dispatched_at and not shipment.voided:
            for line in shipment.lines:
                units[line.line_id] += line.base_quantity
    return dict(units)


def _levels(made: Warehouse) -> dict[str, int]:
    return {level.base_sku: level.on_hand for level in made.read_stock().levels}
