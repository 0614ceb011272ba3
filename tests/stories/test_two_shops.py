"""A trade shop and a public one sell the same stock: each is kept right, and each order is told where it was placed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from include.fulfilment.errors import RetryableError
from include.fulfilment.reports.compare import DriftInputs
from include.fulfilment.reports.drift import build_report
from include.fulfilment.services import drift_report
from tests.fakes import FakeWarehouse
from tests.stories.world import World, sandbox

OpenShop = Callable[[str], World]


@pytest.fixture
def open_shop(world: World, store_url: str, tmp_path: Path) -> Iterator[OpenShop]:
    """Adds a second shop, `public`, to the merchant. What it answers is for its sandbox alone: what people do there,
    and what it shows."""
    with ExitStack() as stack:

        def opened(release: str) -> World:
            folder = tmp_path / "public"
            folder.mkdir()
            shop = stack.enter_context(sandbox(folder, world.clock, world.clock.pass_time))  # type: ignore[attr-defined]
            public = World(shop, store_url, FakeWarehouse(world.clock), FakeWarehouse(world.clock), world.clock)
            public.open(folder)
            section = public.site.storefront.model_copy(update={"release": release})
            world.site = world.site.model_copy(update={"more_storefronts": {"public": section}})
            world.more_storefronts = {"public": public.storefront}
            return public

        yield opened


def test_orders_of_a_shop_that_others_release_lower_both_shops_and_are_never_submitted(
    world: World, open_shop: OpenShop
) -> None:
    public = open_shop("other")
    world.goods("MUG", 50, cases=[12])
    public.goods("MUG", 0, shown=3)
    theirs, ours = public.sell(("MUG", 6)), world.sell(("MUG-12", 1))
    world.release()
    world.sync()
    assert (world.standing(theirs), public.status(theirs)[1]) == (("not_ours", "released_elsewhere"), "")
    assert [each.external_ref for each in world.floor.held()] == [world.ref(ours)]
    assert (world.shown(), public.shown()) == ({"MUG": 32, "MUG-12": 2}, {"MUG": 32})


def test_each_order_is_told_to_the_shop_where_it_was_placed(world: World, open_shop: OpenShop) -> None:
    public = open_shop("us")
    world.goods("MUG", 50)
    public.goods("MUG", 0)
    here, there = world.sell(("MUG", 2)), public.sell(("MUG", 3))
    world.release()
    world.floor.ship(world.ref(here))
    world.floor.ship(world.ref(there))
    world.aggregate()
    assert (world.posted(here)[0][0], public.posted(there)[0][0]) == ({"MUG": 2}, {"MUG": 3})
    assert (world.status(here)[1], public.status(there)[1]) == ("fulfilled", "fulfilled")


def test_the_same_ids_and_numbers_in_two_shops_are_two_orders(world: World, open_shop: OpenShop) -> None:
    """Both sandboxes count from one, as two shops on one platform of a merchant's own would."""
    public = open_shop("us")
    world.goods("MUG", 50)
    public.goods("MUG", 0)
    here, there = world.sell(("MUG", 2)), public.sell(("MUG", 3))
    assert world.shop(here)["id"] == public.shop(there)["id"]
    world.release()
    sold = world.query("SELECT storefront, name, ordered FROM order_status WHERE site = %(site)s ORDER BY storefront")
    assert [tuple(row.values()) for row in sold] == [("public", there, 3), ("shop", here, 2)]
    assert sorted(sum(each.ordered.values()) for each in world.floor.held()) == [2, 3]
    world.release()
    assert len(world.floor.held()) == 2


def test_a_shop_that_cannot_be_reached_leaves_the_other_neither_unread_nor_untold(
    world: World, open_shop: OpenShop
) -> None:
    public = open_shop("us")
    world.goods("MUG", 50)
    public.goods("MUG", 0)
    world.collect_stock()
    world.more_storefronts = {"public": Unreachable()}
    with pytest.raises(RetryableError, match="public is down"):
        world.push_stock()
    name = world.sell(("MUG", 5))
    with pytest.raises(RetryableError, match="public is down"):
        world.release()
    assert world.standing(name) == ("placed", "")
    assert (world.shown(), public.shown()) == ({"MUG": 45}, {"MUG": 0})


def test_two_shops_that_show_another_figure_are_two_rows_of_drift(world: World, open_shop: OpenShop) -> None:
    public = open_shop("us")
    world.goods("MUG", 50)
    public.goods("MUG", 0)
    world.sync()
    public.control.set_inventory("MUG", 7)
    world.control.set_inventory("MUG", 40)
    world.pass_time(hours=3)
    cut_off, _ = drift_report.collect(world.store, world.warehouses, world.storefronts, world.site, world.clock)
    with world.store.transaction() as rows:
        kept = rows.drift.evidence(cut_off)
    inputs = DriftInputs(kept.stock_ours, kept.stock_shown, kept.lines_ours, kept.lines_shown)
    report = build_report(world.site_code, cut_off, inputs)
    found = [(each.storefront, each.subject, each.ours, each.theirs, each.cause.value) for each in report.rows]
    assert found == [
        ("public", "SKU MUG in public", 50, 7, "channel_edit"),
        ("shop", "SKU MUG", 50, 40, "channel_edit"),
    ]
    assert len(report.keys) == 2
    drift_report.save_verdict(world.store, cut_off, report, world.clock)
    stored = world.query("SELECT storefront, theirs FROM drift_row WHERE site = %(site)s ORDER BY storefront")
    assert [tuple(row.values()) for row in stored] == [("public", 7), ("shop", 40)]


class Unreachable:
    """A shop behind a broken line."""

    def __getattr__(self, name: str) -> Any:
        raise RetryableError("public is down; it will be tried again")
