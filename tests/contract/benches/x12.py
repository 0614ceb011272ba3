"""The X12 adapter and its partner, with a mailbox folder between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from include.fulfilment.adapters.registry import make_warehouse
from include.fulfilment.adapters.warehouse import x12
from include.fulfilment.ports import Warehouse
from include.fulfilment.sandbox.floor.client import FloorControl
from include.fulfilment.sandbox.x12.app import create_app
from include.fulfilment.settings import DEMO_SITES
from tests.contract.kit import Bench
from tests.contract.serving import API_KEY, CONTROL_TOKEN, given, served, site
from tests.fakes import MemoryJournal
from tests.stories.world import Ticking

PROFILE = DEMO_SITES / "demo" / "x12-partner.yaml"


@contextmanager
def open_bench(folder: Path) -> Iterator[Bench]:
    """One partner; it looks into the mailbox when the bench settles, so that nothing depends on chance."""
    clock, log, journal = Ticking(), list[tuple[str, str, str]](), MemoryJournal()
    mailbox = folder / "mail box"
    app = create_app(folder / "x12.sqlite", API_KEY, CONTROL_TOKEN, clock, mailbox=mailbox)

    # Pages of 20 instead of 200, so that the kit's readings take several.
    small = patch.object(x12, "_PAGE", 20)
    with small, served(app) as url, FloorControl(url, CONTROL_TOKEN) as floor:

        def fresh() -> Warehouse:
            made = site("x12", warehouse_options={"profile": str(PROFILE)})
            connection = given(made, f"file://{mailbox}", log, clock, "warehouse_bench_main")
            return make_warehouse(replace(connection, journal=journal))

        traits = {"no_http", "messages", "no_hold", "no_pick", "no_label"}
        app.state.partner.agree_packs({"*": {"CA": 12}})
        settle = app.state.partner.turn
        yield Bench("x12", fresh(), floor, clock, fresh, log, traits, settle)
