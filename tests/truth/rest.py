"""What an adapter can send and no check of the port makes it send: other agreements, and records of unusual length."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from include.fulfilment.ports import Created, Posted, Rejected
from tests.contract.checks.shop_orders import order, place
from tests.contract.checks.shop_writes import post
from tests.contract.orders import LATE, an_order, goods
from tests.contract.wire import connected_otherwise


def send_the_rest(bench: Any) -> None:
    """Make the bench's adapter send it."""
    _REST.get(bench.name, lambda _: None)(bench)


def _wholesale_orders(bench: Any) -> None:
    (sku,) = goods(bench, 5)
    bench.fresh()  # `wire.given` is how the bench's own adapter is connected, whatever a check connected
    given = connected_otherwise(bench.wire.given, order_kind="wholesale")
    assert isinstance(bench.connect(given).submit(an_order((sku, 1)), LATE), Created)


def _long_orders_and_many_fulfilments(bench: Any) -> None:
    """More lines than a first page has, in orders and drafts; more fulfilments; a post whose reply was lost."""
    lines = [(f"LONG-{number}", 2) for number in range(80)]
    bench.shop.load(orders=[bench.order("#D-long", *lines, source="draft")])
    name = place(bench, *lines)
    assert len(order(bench, "#D-long").lines) == 80
    for number in range(6):
        (answer,) = bench.storefront.post_fulfilments([post(bench, name, f"S-{number}", {number: 2}, "T")]).values()
        assert isinstance(answer, Posted)
    platform_id = order(bench, name).platform_id
    (held,) = bench.storefront.read_shop_orders([platform_id]).values()
    assert [each.fulfilled_quantity for each in held.lines[:7]] == [2] * 6 + [0]
    assert bench.storefront.read_accounts([platform_id])
    assert bench.storefront.read_ledger_codes([platform_id]) == {}


def _a_sale_that_is_taken_back(bench: Any) -> None:
    """A date before the sale's own, which the adapter's clock does not see: refused at a button, so it is deleted."""
    (sku,) = goods(bench, 5)
    bench.fresh()
    given = replace(bench.wire.given, clock=lambda: datetime(2019, 1, 1, tzinfo=UTC))
    refused = bench.connect(given).submit(an_order((sku, 1), requested_on=date(2020, 1, 1)), LATE)
    assert isinstance(refused, Rejected)


def _stock_of_one_centre(bench: Any) -> None:
    (sku,) = goods(bench, 5)
    bench.fresh()
    snapshot = bench.connect(connected_otherwise(bench.wire.given, location_id=8)).read_stock()
    assert [(each.location, each.on_hand) for each in snapshot.levels if each.base_sku == sku] == [("8", 5)]


_REST: Mapping[str, Callable[[Any], None]] = {
    "shipbob": _stock_of_one_centre,
    "shiphero": _wholesale_orders,
    "tryton": _a_sale_that_is_taken_back,
    "shopify": _long_orders_and_many_fulfilments,
}
