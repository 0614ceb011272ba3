"""The staff of the real warehouse do what they are told, once."""

from __future__ import annotations

import os
import signal
import subprocess
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest

from demo.tryton.floor import Floor, Plan
from demo.tryton.install import DATABASE, FLOOR, fresh_database
from demo.tryton.ledger import HeldOrder, held_orders
from demo.tryton.rpc import Rpc, TrytonFault
from demo.tryton.server import command, running, url, wait_ready
from demo.tryton.setup import load_products
from include.fulfilment.adapters.warehouse.tryton import TrytonWarehouse
from include.fulfilment.adapters.warehouse.tryton.wire import tryton_transport
from include.fulfilment.clock import system_clock
from include.fulfilment.domain.order import Address
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.ports import Created
from tests.demo.tryton.kit import Yard

pytestmark = pytest.mark.e2e
_numbers = count(1)


def place(address: str, key: str, *lines: tuple[str, int]) -> str:
    """Submit an order for (SKU, units) with line ids L1, L2, …; answers its reference."""
    ref = f"B2BFLOOR{next(_numbers)}"
    held = tuple(WarehouseOrderLine(f"L{n}", sku, units, sku, "") for n, (sku, units) in enumerate(lines, start=1))
    ship_to = Address(company="Shop", address1="1 High St", city="Leeds", country_code="GB")
    order = WarehouseOrder(ref, ref, ref, 1, 1, "PO-1", "", None, "Standard", ship_to, held)
    with tryton_transport(address, DATABASE, key, connection_id="warehouse_test") as transport:
        assert isinstance(
            TrytonWarehouse(transport, system_clock).submit(order, datetime(2100, 1, 1, tzinfo=UTC)), Created
        )
    return ref


def held(rpc: Rpc, ref: str) -> HeldOrder:
    (found,) = [order for order in held_orders(rpc) if order.external_ref == ref]
    return found


def test_a_receipt_is_booked_once_however_often_it_is_given(yard: Yard) -> None:
    (sku,) = yard.goods(60)
    for _ in range(2):
        yard.floor.receive("GRN-twice", {sku: 5})
    assert yard.floor.stock()[sku] == 65


def test_a_receipt_for_an_unknown_sku_names_it_and_books_nothing(yard: Yard) -> None:
    (sku,) = yard.goods(7)
    with pytest.raises(TrytonFault, match="No product here for SKU 'NOSUCH'"):
        yard.floor.receive("GRN-bad", {sku: 5, "NOSUCH": 1})
    assert yard.floor.stock()[sku] == 7


def test_products_are_made_once_by_code(yard: Yard) -> None:
    names = {"ONCE-a": "Lower", "ONCE-A": "Upper"}
    assert load_products(yard.rpc, names) == 2
    assert load_products(yard.rpc, names) == 0


def test_an_order_whose_follow_up_was_lost_is_taken_up_again(yard: Yard) -> None:
    """Tryton makes the shipments in a task of its own after it confirmed; a server that dies in between forgets it."""
    (sku,) = yard.goods(30)
    done = place(yard.url, yard.home.api_key, (sku, 5))
    (sale,) = yard.rpc.search("sale.sale", [["description", "=", done]], ["description"])
    (lost,) = yard.rpc.call("model.sale.sale.copy", [sale["id"]], {"description": "B2BLOST"})
    yard.rpc.call("model.sale.sale.quote", [lost])
    yard.rpc.write("sale.sale", [lost], {"state": "confirmed", "sale_date": date(2026, 11, 23)})
    assert yard.floor.open_shipments(["B2BLOST"]) == []
    assert yard.floor.catch_up() == 1
    (shipment,) = yard.floor.open_shipments(["B2BLOST"])
    assert shipment.lines == {"L1": 5}


def test_everything_is_shipped_in_two_parcels(yard: Yard) -> None:
    one, two = yard.goods(30, 30)
    ref = place(yard.url, yard.home.api_key, (one, 24), (two, 5))
    (shipment,) = yard.floor.open_shipments([ref])
    assert shipment.lines == {"L1": 24, "L2": 5}
    yard.floor.ship({shipment.id: Plan(parcels=2)})
    assert yard.floor.open_shipments([ref]) == []
    order = held(yard.rpc, ref)
    assert (order.shipped, order.closed) == ({"L1": 24, "L2": 5}, {"L1": 0, "L2": 0})
    assert order.tracking_numbers == (f"TRK{shipment.id:08d}01", f"TRK{shipment.id:08d}02")
    assert {sku: yard.floor.stock()[sku] for sku in (one, two)} == {one: 6, two: 25}


def test_a_partial_shipment_leaves_a_further_one_that_tryton_makes(yard: Yard) -> None:
    one, two = yard.goods(50, 50)
    ref = place(yard.url, yard.home.api_key, (one, 24), (two, 18))
    (first,) = yard.floor.open_shipments([ref])
    plan = {first.id: Plan(quantities={"L1": 12})}
    yard.floor.ship(plan)
    (rest,) = yard.floor.open_shipments([ref])
    assert rest.lines == {"L1": 12, "L2": 18}
    yard.floor.ship(plan)  # the same day's work again changes nothing
    assert [each.id for each in yard.floor.open_shipments([ref])] == [rest.id]
    assert held(yard.rpc, ref).shipped == {"L1": 12, "L2": 0}


def test_a_remainder_closed_by_the_staff_is_not_shipped_later(yard: Yard) -> None:
    one, two = yard.goods(50, 50)
    ref = place(yard.url, yard.home.api_key, (one, 40), (two, 3))
    (first,) = yard.floor.open_shipments([ref])
    plan = {first.id: Plan(quantities={"L1": 37, "L2": 3}, close_rest=True)}
    for _ in range(2):
        yard.floor.ship(plan)
    order = held(yard.rpc, ref)
    assert yard.floor.open_shipments([ref]) == []
    assert (order.shipped, order.closed) == ({"L1": 37, "L2": 3}, {"L1": 3, "L2": 0})
    assert yard.floor.stock()[one] == 13


def test_a_shipment_that_stock_does_not_cover_waits(yard: Yard) -> None:
    (sku,) = yard.goods(5)
    ref = place(yard.url, yard.home.api_key, (sku, 9))
    (shipment,) = yard.floor.open_shipments([ref])
    yard.floor.ship({shipment.id: Plan()})
    assert sum(sum(each.lines.values()) for each in yard.floor.open_shipments([ref])) == 9
    yard.floor.receive("GRN-more", {sku: 10})
    yard.floor.ship({shipment.id: Plan()})
    assert held(yard.rpc, ref).shipped == {"L1": 9}


def test_an_unknown_carrier_is_refused_by_name(yard: Yard) -> None:
    (sku,) = yard.goods(5)
    ref = place(yard.url, yard.home.api_key, (sku, 1))
    (shipment,) = yard.floor.open_shipments([ref])
    with pytest.raises(TrytonFault, match="Carrier 'Pigeon' is not known here; known: DPD, Palletways, Royal Mail"):
        yard.floor.ship({shipment.id: Plan(carrier="Pigeon")})


def test_a_killed_server_keeps_what_it_committed(yard: Yard, tmp_path: Path) -> None:
    folder = tmp_path / "killed yard"
    fresh_database(yard.home, folder)
    with running(yard.home, folder) as address:
        with Rpc(address, DATABASE, FLOOR, yard.home.password_of(FLOOR)) as rpc:
            load_products(rpc, {"K1": "Kept"})
            Floor(rpc).receive("GRN-1", {"K1": 9})
        port = int(address.rpartition(":")[2])
        ref = place(address, yard.home.api_key, ("K1", 4))
    serve = command(yard.home, port, folder)
    process = subprocess.Popen(serve.argv, env=dict(serve.env), stderr=subprocess.DEVNULL)
    wait_ready(port, alive=process)
    with Rpc(url(port), DATABASE, FLOOR, yard.home.password_of(FLOOR)) as rpc:
        (shipment,) = Floor(rpc).open_shipments()
        Floor(rpc).ship({shipment.id: Plan(quantities={"L1": 3})})
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with running(yard.home, folder) as address, Rpc(address, DATABASE, FLOOR, yard.home.password_of(FLOOR)) as rpc:
        floor = Floor(rpc)
        floor.catch_up()
        assert (floor.stock()["K1"], [each.lines for each in floor.open_shipments([ref])]) == (6, [{"L1": 1}])
