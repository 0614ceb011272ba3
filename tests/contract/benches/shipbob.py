"""The ShipBob adapter on its sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from include.fulfilment.adapters.registry import make_warehouse
from include.fulfilment.adapters.warehouse.shipbob import wire
from include.fulfilment.ports import Warehouse
from include.fulfilment.sandbox.floor.client import FloorControl
from include.fulfilment.sandbox.shipbob.app import create_app
from tests.contract.kit import Bench
from tests.contract.serving import API_KEY, CONTROL_TOKEN, given, served, site
from tests.stories.world import Ticking

CHANNEL = {"channel_id": "100001"}


class ShipBobFloor(FloorControl):
    """The staff of a client who has told ShipBob that a case of everything is 12 singles."""

    def load_products(self, titles: Mapping[str, str]) -> int:
        made = super().load_products(titles)
        self.act("packs", **{sku: {"CS": 12} for sku in titles})
        return made


@contextmanager
def open_bench(folder: Path, instructions_in: str = "") -> Iterator[Bench]:
    """One account with one channel; `instructions_in` names the field that carries them, as the site's option does."""
    options = {"instructions_in": instructions_in} if instructions_in else {}
    clock, log = Ticking(), list[tuple[str, str, str]]()
    app = create_app(folder / "shipbob.sqlite", API_KEY, CONTROL_TOKEN, clock)

    # Pages of 50 instead of 250, so that the kit's readings take several.
    small = patch.object(wire, "PAGE", 50)
    with small, served(app) as url, ShipBobFloor(url, CONTROL_TOKEN) as floor:

        def fresh() -> Warehouse:
            made = site("shipbob", warehouse_options=options)
            return make_warehouse(given(made, url, log, clock, "warehouse_bench_main", extra=CHANNEL))

        yield Bench("shipbob", fresh(), floor, clock, fresh, log, {"products_only", "amends_nothing"})
