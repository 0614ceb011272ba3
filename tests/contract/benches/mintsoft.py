"""The Mintsoft adapter on its sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import httpx

from include.fulfilment.adapters.registry import make_warehouse
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.ports import Warehouse
from include.fulfilment.sandbox.floor.client import FloorControl
from include.fulfilment.sandbox.mintsoft.app import create_app
from tests.contract.kit import Bench
from tests.contract.serving import API_KEY, CONTROL_TOKEN, given, served, site
from tests.stories.world import Ticking

OPTIONS = {"warehouse_id": 3}
_numbers = count(90_001)


@contextmanager
def open_bench(folder: Path) -> Iterator[Bench]:
    """One account of a client's user."""
    clock, log = Ticking(), list[tuple[str, str, str]]()
    app = create_app(folder / "mintsoft.sqlite", API_KEY, CONTROL_TOKEN, clock)

    with served(app) as url, FloorControl(url, CONTROL_TOKEN) as floor:

        def fresh() -> Warehouse:
            made = site("mintsoft", warehouse_options=OPTIONS)
            return make_warehouse(given(made, url, log, clock, "warehouse_bench_main", login="integration"))

        def bring(order: WarehouseOrder, number: str) -> WarehouseOrder:
            return _brought_by_the_shop(url, order, number)

        yield Bench("mintsoft", fresh(), floor, clock, fresh, log, {"keeps_po"}, bring=bring)


def _brought_by_the_shop(url: str, order: WarehouseOrder, number: str) -> WarehouseOrder:
    """An order as a connector with numbers of its own writes it: the shop's number as external reference, and on the
    lines nothing of ours, so that the staff name them by their place."""
    key = httpx.post(f"{url}/api/Auth", json={"Username": "connector", "Password": API_KEY}).json()
    kept = replace(order, external_ref=f"SO-{next(_numbers)}")
    lines = [replace(line, line_id=str(place)) for place, line in enumerate(order.lines, start=1)]
    body = {
        "OrderNumber": kept.external_ref,
        "ExternalOrderReference": number,
        "WarehouseId": OPTIONS["warehouse_id"],
        "CourierService": "Standard",
        "FirstName": "Ann",
        "Address1": "17 Mercer Lane",
        "PostCode": "LS1 1AA",
        "Country": "GB",
        "OrderItems": [{"SKU": line.base_sku, "Quantity": line.base_quantity} for line in lines],
    }
    made = httpx.put(f"{url}/api/Order", json=body, headers={"ms-apikey": key}).json()
    assert made[0]["Success"], made
    return replace(kept, lines=tuple(lines))
