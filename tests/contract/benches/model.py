"""The plain warehouse with its adapter: what the deliberately wrong adapters are made from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from include.fulfilment.adapters.connecting import Connecting
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.sandbox.floor.client import FloorControl
from tests.contract.kit import Bench
from tests.contract.model.adapter import ModelWarehouse
from tests.contract.model.remote import create_app
from tests.contract.serving import API_KEY, CONTROL_TOKEN, given, served, site
from tests.stories.world import Ticking


@contextmanager
def open_bench(folder: Path, adapter: type[ModelWarehouse] = ModelWarehouse) -> Iterator[Bench]:
    """The warehouse and this adapter of it."""
    clock, log = Ticking(), list[tuple[str, str, str]]()
    app = create_app(folder / "model.sqlite", API_KEY, CONTROL_TOKEN, clock)

    with served(app) as url, FloorControl(url, CONTROL_TOKEN) as floor:

        def connect(how: Connecting) -> ModelWarehouse:
            return adapter(how)

        def fresh() -> ModelWarehouse:
            return connect(given(site("model"), url, log, clock, "warehouse_bench_main"))

        def bring(order: WarehouseOrder, number: str) -> WarehouseOrder:
            """Another connector has a reference of its own, and the shop's number in another field."""
            body = ModelWarehouse(given(site("model"), url, log, clock, "another connector")).body(order)
            kept = replace(order, external_ref=f"CONN-{order.external_ref[3:]}")
            key = {"Authorization": f"Bearer {API_KEY}"}
            httpx.post(f"{url}/orders", json={**body, "ref": kept.external_ref, "number": number}, headers=key)
            return kept

        yield Bench("model", fresh(), floor, clock, fresh, log, connect=connect, bring=bring)
