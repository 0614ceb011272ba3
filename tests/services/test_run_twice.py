"""Each service run again on a world where nothing happened: no row moves and no remote is written to."""

from __future__ import annotations

from include.fulfilment.services import drift_report, fulfilment_aggregation
from tests.stories.world import World


def busy(world: World) -> tuple[str, str, str]:
    """An order that shipped in part with a backorder, one that is held, one that waits for stock."""
    world.goods("MUG", 25, cases=[12])
    world.goods("CUP", 0)
    partly = world.sell(("MUG", 40), ("MUG-12", 1))
    held = world.sell(("MUG", 1), payment="upfrontPayment")
    waiting = world.sell(("CUP", 3))
    world.release()
    line = world.line_ids(partly)[0]
    world.floor.ship(world.ref(partly), {line: 10})
    world.aggregate()
    world.sync()
    return partly, held, waiting


def test_order_release_twice_moves_nothing(world: World) -> None:
    """F8, F24: our own status write comes back as a change of the order and means nothing."""
    busy(world)
    world.release()
    before, writes = world.contents(), world.writes()
    for _ in range(2):
        world.release()
    assert world.contents() == before
    assert world.writes() == writes


def test_stock_sync_twice_moves_nothing(world: World) -> None:
    busy(world)
    before, writes = world.contents(), world.writes()
    for _ in range(2):
        assert world.sync()["calls"] == 0
    assert world.contents() == before
    assert world.writes() == writes


def test_fulfilment_aggregation_twice_moves_nothing(world: World) -> None:
    """F26, F27: the overlap reads the same shipments again."""
    busy(world)
    before, writes = world.contents(), world.writes()
    for _ in range(2):
        assert world.aggregate()["posted"] == 0
    assert world.contents() == before
    assert world.writes() == writes


def test_drift_report_twice_on_one_cut_off_keeps_the_first_rows(world: World) -> None:
    busy(world)
    count = "SELECT count(*) AS rows FROM drift_evidence WHERE site = %(site)s"
    at = world.clock()
    drift_report.collect(world.store, world.warehouses, world.storefronts, world.site, lambda: at)
    before, writes = world.query(count), world.writes()
    drift_report.collect(world.store, world.warehouses, world.storefronts, world.site, lambda: at)
    assert (world.query(count), world.writes()) == (before, writes)


def test_a_dry_run_judges_and_writes_nothing(world: World) -> None:
    world.goods("MUG", 25)
    world.sell(("MUG", 10))
    world.collect_stock()
    before = world.contents()
    assert world.decide(dry_run=True)["release"] == 1
    assert world.contents() == before


def test_a_dry_run_of_the_aggregation_writes_nothing(world: World) -> None:
    world.goods("MUG", 25)
    name = world.sell(("MUG", 10))
    world.release()
    world.floor.ship(world.ref(name))
    world.pass_time(minutes=1)
    fulfilment_aggregation.collect(world.store, world.warehouses, world.site, world.clock)
    before = world.contents()
    figures = fulfilment_aggregation.decide(world.store, world.site, world.clock, dry_run=True)
    assert (figures, world.contents()) == ({"orders": 1, "posts": 1}, before)


def test_a_run_for_named_orders_decides_those_alone(world: World) -> None:
    """The others keep their place in the queue: what they need is not given away."""
    world.goods("MUG", 10)
    world.pass_time(minutes=1)
    older = world.sell(("MUG", 8))
    world.pass_time(minutes=1)
    younger = world.sell(("MUG", 8))
    world.collect_stock()
    world.decide(order_ids=[f"cart:cart-{younger.strip('#')}"])
    world.submit()
    assert (world.standing(older), world.held(older)) == (("placed", ""), [])
    assert [sum(each.ordered.values()) for each in world.held(younger)] == [2]


def test_a_run_for_named_orders_posts_those_alone(world: World) -> None:
    world.goods("MUG", 50)
    one, other = world.sell(("MUG", 8)), world.sell(("MUG", 9))
    world.release()
    world.floor.ship(world.ref(one))
    world.floor.ship(world.ref(other))
    fulfilment_aggregation.collect(world.store, world.warehouses, world.site, world.clock)
    chosen = [f"cart:cart-{one.strip('#')}"]
    fulfilment_aggregation.decide(world.store, world.site, world.clock, order_ids=chosen)
    fulfilment_aggregation.submit(world.store, world.storefronts, world.clock)
    assert (len(world.posted(one)), len(world.posted(other))) == (1, 0)
    world.aggregate()
    assert (len(world.posted(one)), len(world.posted(other))) == (1, 1)


def test_what_the_warehouse_refuses_waits_until_its_data_changed(world: World) -> None:
    """The units are held again, one ticket names the words; the same content is not sent again, mended content is."""
    world.goods("MUG", 50)
    world.packs(("CUP", "EA", "CUP", 1))
    world.control.load(variants=[{"sku": "CUP", "title": "Cup", "available": 0}])
    name = world.sell(("MUG", 5))
    del world.floor.stock["MUG"]
    world.collect_stock()
    world.floor.stock["MUG"] = 50
    world.sync()
    world.decide()
    del world.floor.stock["MUG"]
    assert world.submit()["rejected"] == 1
    assert world.standing(name) == ("held", "warehouse_rejected")
    assert world.units(name) == {"ordered": 5, "held": 5}
    world.floor.stock["MUG"] = 50
    for _ in range(2):
        world.release()  # the refusal stands for this content, whatever the warehouse would say today
    assert (world.floor.calls["submit"], [code for code, _, _ in world.tickets()]) == (1, ["warehouse_rejected"])
    world.control.set_note(name, "PO: PO-2")
    world.release()
    assert [(each.po_number, sum(each.ordered.values())) for each in world.held(name)] == [("PO-2", 5)]
    assert (world.floor.calls["submit"], world.tickets()) == (2, [])


def test_naming_a_refused_order_sends_it_again_as_it_is(world: World) -> None:
    """The warehouse mended its own data; a person reruns order_release for this order."""
    world.goods("MUG", 50)
    name = world.sell(("MUG", 5))
    world.collect_stock()
    world.decide()
    del world.floor.stock["MUG"]
    world.submit()
    world.floor.stock["MUG"] = 50
    world.decide(order_ids=[f"cart:cart-{name.strip('#')}"])
    assert world.submit()["created"] == 1
    assert [sum(each.ordered.values()) for each in world.held(name)] == [5]
    world.release()
    assert (world.tickets(), world.floor.calls["submit"]) == ([], 2)


def test_our_status_is_written_for_every_order_and_only_when_it_changed(world: World) -> None:
    world.goods("MUG", 50)
    world.sell(("MUG", 5))
    held = world.sell(("MUG", 5), payment="upfrontPayment")
    assert world.release()["statuses"] == 2
    assert world.status(held)[1] == "held:payment_pending"
    assert world.release()["statuses"] == 0


def test_nothing_is_released_before_the_stock_was_ever_read(world: World) -> None:
    world.goods("MUG", 50)
    name = world.sell(("MUG", 5))
    world.collect()
    world.decide()
    world.submit()
    assert (world.standing(name), world.floor.held(), world.tickets()) == (("held", "stock_unknown"), [], [])
