"""Orders, goods and readings that the checks share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from include.fulfilment.domain.order import Address
from include.fulfilment.domain.shipment import LineClosure, Shipment, shipped_by_line
from include.fulfilment.domain.warehouse_order import WarehouseOrder, WarehouseOrderLine
from include.fulfilment.errors import FulfilmentError
from include.fulfilment.ports import (
    Created,
    Pending,
    Problem,
    ShipmentPage,
    StockSnapshot,
    SubmitAnswer,
    Warehouse,
    WarehouseRecord,
)
from tests.contract.kit import Bench

LATE = datetime(2100, 1, 1, tzinfo=UTC)
MARK = 7919  # a figure that nothing else in a remote's answers equals
_STREET = ("17 Mercer Lane", "Unit 2", "Leeds", "West Yorkshire", "LS1 1AA", "GB")
SHOP = Address("Ann Quill", "Corner Shop", *_STREET, "0113 555 0101")
_numbers = count(1)


def goods(bench: Bench, *units: int) -> list[str]:
    """New products with so many units on hand each; answers their SKUs."""
    stock = {f"K{next(_numbers):05d}": each for each in units}
    bench.floor.load_products({sku: f"Title of {sku}" for sku in stock})
    bench.floor.receive(stock)
    bench.settle()
    return list(stock)


def an_order(*lines: tuple[str, int], **changes: Any) -> WarehouseOrder:
    """A new order for (SKU, units). Its line ids are numbers that no binary float holds."""
    number = next(_numbers)
    made = tuple(
        WarehouseOrderLine(
            line_id=str(16_400_000_000_000_001 + number * 1000 + position),
            base_sku=sku,
            base_quantity=units,
            title=f"Title of {sku}",
            proof="",
        )
        for position, (sku, units) in enumerate(lines)
    )
    order = WarehouseOrder(
        external_ref=f"B2BK{number}",
        order_id=f"order-{number}",
        order_name=f"#K{number}",
        revision=1,
        part=1,
        po_number=f"PO-{number}",
        instructions="",
        requested_on=None,
        shipping_service="Standard",
        ship_to=SHOP,
        lines=made,
    )
    return replace(order, **changes)


def submit(bench: Bench, order: WarehouseOrder, until: datetime = LATE) -> SubmitAnswer:
    """Submit, and let the partner's acknowledgement arrive."""
    answer = bench.warehouse.submit(order, until)
    if isinstance(answer, Pending):
        bench.settle()
    bench.clock.pass_time(2)
    return answer


def accepted(bench: Bench, answer: SubmitAnswer) -> bool:
    """Whether the order is on its way: created, or (by message) sent."""
    return isinstance(answer, Created) or ("messages" in bench.traits and isinstance(answer, Pending))


def placed(bench: Bench, *lines: tuple[str, int], **changes: Any) -> WarehouseOrder:
    """An order that the warehouse has taken."""
    order = an_order(*lines, **changes)
    answer = submit(bench, order)
    assert accepted(bench, answer), f"a plain order was answered {answer}"
    return order


def record(bench: Bench, order: WarehouseOrder) -> WarehouseRecord:
    """What the adapter finds of an order that is there."""
    found = bench.warehouse.find([order.external_ref])[order.external_ref]
    assert isinstance(found, WarehouseRecord), f"an order that is held was answered {found}"
    return found


def holds(bench: Bench, order: WarehouseOrder) -> list[Any]:
    """Every order that the warehouse itself holds under the reference."""
    return [each for each in bench.floor.held() if each.external_ref == order.external_ref and not _gone(each)]


def _gone(held: Any) -> bool:
    return getattr(held, "state", "") == "cancelled"


def only(found: Sequence[Any]) -> Any:
    """The one thing that there must be."""
    assert len(found) == 1, f"one was expected, there are {len(found)}: {found}"
    return found[0]


def ship(bench: Bench, order: WarehouseOrder, quantities: Mapping[str, int] | None = None, **more: Any) -> Any:
    """The staff send units by line id (None: everything), and the news arrives. Answers their id of the shipment."""
    bench.clock.pass_time(1)
    made = bench.floor.ship(order.external_ref, quantities, **more)
    bench.settle()
    bench.clock.pass_time(1)
    return made


def pages(bench: Bench, since: datetime | None = None) -> list[ShipmentPage]:
    """All pages of one reading, of what changed since this check began unless told otherwise."""
    return list(bench.warehouse.read_shipments(since or bench.began))


def shipments(bench: Bench, order: WarehouseOrder, since: datetime | None = None) -> list[Shipment]:
    """The order's shipments in the order told, each as it was told last."""
    found: dict[str, Shipment] = {}
    for page in pages(bench, since):
        for each in page.shipments:
            if order.external_ref in {line.external_ref for line in each.lines}:
                found[each.shipment_id] = each
    return list(found.values())


def sent(bench: Bench, order: WarehouseOrder) -> dict[str, int]:
    """Base units that left, by line id, as our own rules count them."""
    shipped = shipped_by_line(shipments(bench, order))
    return {line: units for (ref, line), units in shipped.items() if ref == order.external_ref}


def closures(bench: Bench, order: WarehouseOrder, since: datetime | None = None) -> dict[str, int]:
    """Base units closed short by line id, as told last."""
    told: list[LineClosure] = [each for page in pages(bench, since) for each in page.closures]
    return {each.line_id: each.short for each in told if each.external_ref == order.external_ref}


def figures(snapshot: StockSnapshot, skus: Sequence[str]) -> dict[str, int]:
    """What a reading says of these SKUs; one without a level is missing."""
    return {each.base_sku: each.on_hand for each in snapshot.levels if each.base_sku in skus}


def named(problems: Sequence[Problem], *words: str) -> list[Problem]:
    """The problems that name one of these in their subject or words."""
    return [each for each in problems if any(word in each.subject or word in each.words for word in words)]


@contextmanager
def refused_in_our_words() -> Iterator[pytest.ExceptionInfo[FulfilmentError]]:
    """The reading must raise one of our errors: no answer, and no KeyError from a message that is none."""
    with pytest.raises(FulfilmentError) as caught:
        yield caught


def as_asked(warehouse: Warehouse, order: WarehouseOrder) -> SubmitAnswer | FulfilmentError:
    """The answer to a submit, or our error where the call failed as a whole."""
    try:
        return warehouse.submit(order, LATE)
    except FulfilmentError as error:
        return error
