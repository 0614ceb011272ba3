"""What ShipBob has on hand, SKU by SKU: in the centre that the orders name, or where they name none in all of them.

`total_on_hand_quantity` is what is "physically present in all fulfillment centers" (OpenAPI,
InventoryQuantityResponse), `on_hand_quantity` what is "at this location" (FulfillmentCenterResponse), orders that wait
for it included; fulfillable and sellable have those taken off already. A product that a centre does not list has no
level there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from include.fulfilment.adapters.warehouse.shipbob.wire import Json, ShipBobClient, asked_at
from include.fulfilment.clock import Clock
from include.fulfilment.errors import DataError
from include.fulfilment.ports import Problem, StockLevel, StockSnapshot

LOCATION = "network"  # of a figure that is the sum of all fulfilment centres


def read_stock(client: ShipBobClient, clock: Clock, centre: int | None = None) -> StockSnapshot:
    """All stock, or that of one fulfilment centre, as of the instant the first page was asked for. Goods without a SKU
    are not ours; a figure that is no whole number, and a SKU that two goods have, are left out by name: missing is not
    zero.

    Raises:
        DataError: a page came twice, or one is missing.
    """
    as_of: datetime | None = None
    items: dict[Any, Json] = {}
    started = clock()
    for reply, page in client.levels(centre):
        as_of = as_of or asked_at(reply, clock() - started)
        for item in page if centre is None else _at(centre, page):
            if item.get("inventory_id") in items:
                raise DataError("shipbob: a page of stock came twice; the reading is incomplete", "stock")
            items[item.get("inventory_id")] = item
    assert as_of is not None  # noqa: S101 - the first page was read, or an error was raised
    counts = Counter(each["sku"] for each in items.values() if _has_sku(each))
    problems = {each.subject: each for each in _problems(items, counts)}  # one a SKU: it becomes one ticket
    levels = (
        StockLevel(item["sku"], LOCATION if centre is None else str(centre), int(item["total_on_hand_quantity"]))
        for item in items.values()
        if _has_sku(item) and _subject(item) not in problems
    )
    return StockSnapshot(as_of, tuple(levels), tuple(problems.values()))


def _at(centre: int, page: list[Json]) -> Iterator[Json]:
    """The products that a centre lists, with its figure in place of the total."""
    for item in page:
        listed = item.get("locations")
        for each in listed if isinstance(listed, list) else []:
            if isinstance(each, dict) and each.get("location_id") == centre:
                yield item | {"total_on_hand_quantity": each.get("on_hand_quantity")}


def _has_sku(item: Json) -> bool:
    return isinstance(item.get("sku"), str) and bool(item["sku"])


def _subject(item: Json) -> str:
    return f"stock of {item['sku']}"


def _problems(items: Mapping[Any, Json], counts: Counter[str]) -> Iterator[Problem]:
    for item in items.values():
        if not _has_sku(item):
            continue
        on_hand = item.get("total_on_hand_quantity")
        if isinstance(on_hand, bool) or not isinstance(on_hand, int | Decimal) or on_hand != int(on_hand):
            words = f"ShipBob has {str(on_hand)[:40]} on hand, which is no whole number of base units; correct it there"
            yield Problem(_subject(item), words)
        elif counts[item["sku"]] > 1:
            words = (
                f"{counts[item['sku']]} goods at ShipBob have this SKU, so its stock cannot be told; merge them there"
            )
            yield Problem(_subject(item), words)
