"""The Mintsoft adapter on its sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from include.fulfilment.adapters.registry import make_warehouse
from include.fulfilment.ports import Warehouse
from include.fulfilment.sandbox.floor.client import FloorControl
from include.fulfilment.sandbox.mintsoft.app import create_app
from tests.contract.kit import Bench
from tests.contract.serving import API_KEY, CONTROL_TOKEN, given, served, site
from tests.stories.world import Ticking

OPTIONS = {"warehouse_id": 3}


@contextmanager
def open_bench(folder: Path) -> Iterator[Bench]:
    """One account of a client's user."""
    clock, log = Ticking(), list[tuple[str, str, str]]()
    app = create_app(folder / "mintsoft.sqlite", API_KEY, CONTROL_TOKEN, clock)

    with served(app) as url, FloorControl(url, CONTROL_TOKEN) as floor:

        def fresh() -> Warehouse:
            made = site("mintsoft", warehouse_options=OPTIONS)
            return make_warehouse(given(made, url, log, clock, "warehouse_bench_main", login="integration"))

        yield Bench("mintsoft", fresh(), floor, clock, fresh, log, {"keeps_po"})
