"""The ShipHero adapter on its sandbox, whose answers are dated by the bench's clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import httpx

from include.fulfilment.adapters.registry import make_warehouse
from include.fulfilment.adapters.warehouse.shiphero import documents
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.sandbox.floor.client import FloorControl
from include.fulfilment.sandbox.shiphero.app import create_app
from include.fulfilment.sandbox.shiphero.credits import Meter
from tests.contract.kit import Bench
from tests.contract.serving import API_KEY, CONTROL_TOKEN, given, served, site
from tests.stories.world import Ticking

OPTIONS = {"warehouse_id": "7145"}
_AT = {"first_name": "Ann", "last_name": "Quill", "address1": "17 Mercer Lane", "city": "Leeds", "country": "GB"}
_platform_ids = count(1)
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
            bring=lambda order, number: _brought_by_the_shop(url, order, number),
        )


def _brought_by_the_shop(url: str, order: WarehouseOrder, number: str) -> WarehouseOrder:
    """An order as a shop's own connection to ShipHero writes it: the shop's number as order number, the id that the
    shop's platform gave it as partner order id, and on the lines nothing of ours."""
    login = {"username": "connector@example.org", "password": API_KEY}
    token = httpx.post(f"{url}/auth/token", json=login).json()["access_token"]
    kept = replace(order, external_ref=str(5_590_000_000_000 + next(_platform_ids)))
    named = {"order_number": number, "partner_order_id": kept.external_ref, "shop_name": "corner-shop.myshopify.com"}
    lines = [
        {"sku": each.base_sku, "partner_line_item_id": each.line_id, "quantity": each.base_quantity, "price": "9.90"}
        for each in order.lines
    ]
    data = named | {
        "shipping_lines": {"title": "Standard", "price": "0.00"},
        "shipping_address": _AT,
        "line_items": lines,
    }
    body = {"query": documents.CREATE, "variables": {"data": data}}
    answer = httpx.post(f"{url}/graphql", json=body, headers={"Authorization": f"Bearer {token}"}).json()
    assert answer["data"]["order_create"]["order"]["id"], answer
    return kept
