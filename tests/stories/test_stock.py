"""The stock stories on the warehouse in memory."""

from __future__ import annotations

from datetime import timedelta

from tests.stories.world import START, World


def test_s1_packs_are_floored_and_an_order_the_warehouse_does_not_know_yet_counts(world: World) -> None:
    """S1, F14. 50 free: single 50, case 4; two cases ordered: single 26, case 2, and never more again."""
    world.goods("MUG", 50, cases=[12])
    world.sync()
    assert world.shown() == {"MUG": 50, "MUG-12": 4}
    world.sell(("MUG-12", 2))
    world.sync()
    assert world.shown() == {"MUG": 26, "MUG-12": 2}


def test_s2_nothing_moves_when_the_warehouse_knows_of_it_and_when_it_has_left(world: World) -> None:
    """S2. Acknowledged the figure is still 50, after dispatch 26: either way buyers see 26 and 2."""
    world.goods("MUG", 50, cases=[12])
    name = world.sell(("MUG-12", 2))
    world.release()
    world.sync()
    assert world.shown() == {"MUG": 26, "MUG-12": 2}
    world.floor.ship(world.ref(name))
    world.sync()
    assert (world.floor.stock["MUG"], world.shown()) == (26, {"MUG": 26, "MUG-12": 2})
    world.aggregate()
    world.sync()
    assert world.shown() == {"MUG": 26, "MUG-12": 2}


def test_s3_a_buffer_stays_behind(world: World) -> None:
    """S3. 50 free, buffer 5: 45."""
    world.goods("MUG", 50, cases=[12])
    world.agree(buffer=5)
    world.sync()
    assert world.shown() == {"MUG": 45, "MUG-12": 3}


def test_s5_a_shrunken_reading_stops_the_sync_and_leaves_the_shop_alone(world: World) -> None:
    """S5. Ten SKUs before, three now: a ticket for the warehouse; a full reading closes it."""
    for number in range(10):
        world.goods(f"SKU{number}", 10)
    world.sync()
    world.floor.hidden = {f"SKU{number}" for number in range(3, 10)}
    world.floor.receive({"SKU0": 5})
    world.sync()
    assert world.shown() == {f"SKU{number}": 10 for number in range(10)}
    assert world.tickets() == [("snapshot_suspicious", "stock of main", "warehouse")]
    assert world.evidence("snapshot_suspicious") == {"found": "3 SKUs now, 10 before"}
    world.floor.hidden = set()
    world.sync()
    assert (world.shown()["SKU0"], world.tickets()) == (15, [])


def test_s5_a_reading_that_repeats_a_page_is_not_used(world: World) -> None:
    world.goods("MUG", 50)
    world.sync()
    world.floor.stock_breaks_off = True
    world.floor.receive({"MUG": 50})
    world.sync()
    assert world.shown() == {"MUG": 50}
    assert world.evidence("snapshot_suspicious") == {"found": "page 3 repeats page 2; the reading is incomplete"}


def test_s5_a_sku_that_is_missing_from_the_reading_is_not_zero(world: World) -> None:
    world.goods("MUG", 50)
    world.goods("CUP", 20)
    world.sync()
    world.floor.hidden = {"CUP"}
    world.floor.receive({"MUG": 1})
    world.sync()
    assert world.shown() == {"CUP": 20, "MUG": 51}


def test_s6_a_write_that_comes_late_is_refused_and_computed_anew(world: World) -> None:
    """S6, F15. The shop sells 3 between our reading and our write: 60 less 3, not 60."""
    world.goods("MUG", 50)
    world.sync()
    world.floor.receive({"MUG": 10})
    world.collect_stock()
    world.sell(("MUG", 3))
    assert world.shown() == {"MUG": 47}
    figures = world.push_stock()
    assert (figures["stale"], figures["applied"], world.shown()) == (1, 1, {"MUG": 57})


def test_s7_an_older_reading_that_arrives_late_changes_nothing(world: World) -> None:
    """S7, F7, F50. Observed before the newest one, told after it."""
    world.goods("MUG", 50)
    world.pass_time(minutes=20)
    world.sync()
    world.floor.stock["MUG"] = 70
    world.floor.as_of = START + timedelta(minutes=5)
    writes = world.control.calls()["inventorySetQuantities"]
    world.sync()
    assert (world.shown(), world.control.calls()["inventorySetQuantities"]) == ({"MUG": 50}, writes)
    world.sync()
    assert world.shown() == {"MUG": 70}


def test_s8_a_bad_row_in_250_is_told_and_the_others_are_applied(world: World) -> None:
    """S8, F11. One figure is beyond what the shop can hold."""
    for number in range(250):
        world.goods(f"SKU{number:03d}", 2_000_000_000 if number == 111 else number + 1)
    calls = world.control.calls().get("inventorySetQuantities", 0)
    world.sync()
    shown = world.shown()
    assert sum(shown[f"SKU{number:03d}"] == number + 1 for number in range(250)) == 249
    assert shown["SKU111"] == 0
    assert world.tickets() == [("stock_row_rejected", "SKU111", "ecommerce")]
    assert world.control.calls()["inventorySetQuantities"] - calls <= 2


def test_s11_a_negative_figure_shows_zero_and_opens_a_ticket(world: World) -> None:
    """S11, F18. The warehouse reports -4: 0 is shown, and once it is put right the ticket closes."""
    world.goods("MUG", -4)
    world.control.set_inventory("MUG", 3)
    world.sync()
    assert world.shown() == {"MUG": 0}
    assert world.tickets() == [("negative_on_hand", "MUG", "warehouse")]
    world.floor.receive({"MUG": 10})
    world.sync()
    assert (world.shown(), world.tickets()) == ({"MUG": 6}, [])


def test_more_ordered_than_there_is_shows_zero(world: World) -> None:
    """F18. 0 on hand and 4 ordered: 0, not -4."""
    world.goods("MUG", 0)
    world.sell(("MUG", 4))
    world.sync()
    assert world.shown() == {"MUG": 0}


def test_s13_an_order_of_the_public_channel_counts_and_is_never_submitted(world: World) -> None:
    """S13, F46. 50 there; 6 sold to the public, 24 on credit hold: single 20, case 1; after the public 6 have left,
    still."""
    world.goods("MUG", 50, cases=[12])
    world.credit("0")
    public = world.sell(("MUG", 6), custom_attributes={})
    world.sell(("MUG-12", 2))
    world.release()
    world.sync()
    assert (world.shown(), world.floor.held()) == ({"MUG": 20, "MUG-12": 1}, [])
    assert world.standing(public) == ("not_ours", "not_sparklayer")


def test_s15_a_case_sold_takes_its_singles_along_though_the_warehouse_said_nothing(world: World) -> None:
    """S15. 50, three cases of 12 ordered: single 14, case 1."""
    world.goods("MUG", 50, cases=[12])
    world.sync()
    world.sell(("MUG-12", 3))
    world.sync()
    assert world.shown() == {"MUG": 14, "MUG-12": 1}


def test_a_variant_without_a_factor_keeps_what_the_shop_shows(world: World) -> None:
    world.goods("MUG", 50)
    world.control.load(variants=[{"sku": "ODD", "title": "Odd", "available": 9}])
    world.sync()
    assert world.shown() == {"MUG": 50, "ODD": 9}
    assert world.tickets() == [("variant_unmapped", "ODD", "master_data")]
