"""The ShipHero adapter on its sandbox, whose answers are dated by the bench's clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from include.fulfilment.adapters.registry import make_warehouse
from include.fulfilment.sandbox.floor.client import FloorControl
from include.fulfilment.sandbox.shiphero.app import create_app
from include.fulfilment.sandbox.shiphero.credits import Meter
from tests.contract.kit import Bench
from tests.contract.serving import API_KEY, CONTROL_TOKEN, given, served, site
from tests.stories.world import Ticking

OPTIONS = {"warehouse_id": "7145"}
CREDITS = 400_400
"""A hundred times what ShipHero grants: the checks read everything again and again while the clock stands, and a
refusal would stand in the place of the answer that they alter. The limit has its tests beside client and sandbox."""


@contextmanager
def open_bench(folder: Path, order_kind: str = "plain") -> Iterator[Bench]:
    """A new account, and the staff of its warehouse."""
    clock, log = Ticking(), list[tuple[str, str, str]]()
    app = create_app(folder / "shiphero.sqlite", API_KEY, CONTROL_TOKEN, clock, lambda moving: Meter(moving, CREDITS))
    with served(app) as url, FloorControl(url, CONTROL_TOKEN) as floor:
        made = site("shiphero", warehouse_options={**OPTIONS, "order_kind": order_kind})
        connecting = given(made, url, log, clock, "warehouse_bench_main", login="staff@example.org")
        yield Bench(
            name="shiphero",
            warehouse=make_warehouse(connecting),
            floor=floor,
            clock=clock,
            fresh=lambda: make_warehouse(replace(connecting)),
            transport_log=log,
        )
