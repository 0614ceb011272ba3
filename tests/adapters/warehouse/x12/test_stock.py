"""What 846, 944 and 947 say of the stock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include.fulfilment.errors import DataError
from include.fulfilment.ports import Problem, StockLevel, StockSnapshot
from tests.adapters.warehouse.x12.kit import Desk, interchange

HEAD = ["BIA*00*MM*77*20261123*0900", "N1*WH**91*LEEDS"]
AS_OF = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "box")


def item(sku: str, units: str, unit: str = "EA") -> list[str]:
    return [f"LIN**SK*{sku}", f"QTY*17*{units}*{unit}", f"QTY*33*1*{unit}"]


def read(desk: Desk, *messages: tuple[str, list[str]], **more: str) -> StockSnapshot:
    """The reading after these messages came."""
    for number, (code, body) in enumerate(messages, start=1):
        desk.drop(f"{number:02d}.edi", interchange(code, body, number=number, **more))
    return desk.warehouse.read_stock()


def figures(snapshot: StockSnapshot) -> dict[str, int]:
    return {each.base_sku: each.on_hand for each in snapshot.levels}


def test_before_the_first_846_there_is_no_reading(desk: Desk) -> None:
    with pytest.raises(DataError, match="the warehouse has sent no 846 yet"):
        desk.warehouse.read_stock()


def test_an_846_is_a_statement_of_one_place_at_its_own_instant(desk: Desk) -> None:
    found = read(desk, ("846", [*HEAD, *item("MUG", "40"), *item("TRAY", "0"), "CTT*2"]))
    levels = (StockLevel("MUG", "LEEDS", 40), StockLevel("TRAY", "LEEDS", 0))
    assert found == StockSnapshot(AS_OF, levels)


def test_the_agreed_quantity_counts_and_the_unit_may_stand_in_its_own_segment(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "box", stock_quantity="33")
    body = [*HEAD, "LIN*1*SK*MUG", "QTY*17*40", "UIT*EA", "QTY*33*35", "UIT*EA"]
    assert figures(read(desk, ("846", body))) == {"MUG": 35}


def test_several_lots_of_a_product_add_up_and_several_places_stand_beside_one_another(desk: Desk) -> None:
    other = ["BIA*00*MM*78*20261123*0800", "N1*WH**91*YORK", *item("MUG", "7")]
    found = read(desk, ("846", [*HEAD, *item("MUG", "40"), *item("MUG", "2")]), ("846", other))
    assert {(each.location, each.on_hand) for each in found.levels} == {("LEEDS", 42), ("YORK", 7)}
    assert found.as_of == datetime(2026, 11, 23, 8, 0, tzinfo=UTC) + 3600 * MICROSECOND


def test_a_newer_statement_of_one_place_is_a_reading_of_its_own_while_another_place_is_silent(desk: Desk) -> None:
    other = ["BIA*00*MM*78*20261123*0800", "N1*WH**91*YORK", *item("MUG", "7")]
    first = read(desk, ("846", [*HEAD, *item("MUG", "40")]), ("846", other))
    newer = ["BIA*00*MM*79*20261123*1000", HEAD[1], *item("MUG", "12")]
    desk.drop("03.edi", interchange("846", newer, number=3))
    second = desk.warehouse.read_stock()
    assert {each.location: each.on_hand for each in second.levels} == {"LEEDS": 12, "YORK": 7}
    assert second.as_of > first.as_of


def test_a_figure_below_zero_is_told_as_it_is(desk: Desk) -> None:
    found = read(
        desk,
        ("846", [*HEAD, *item("MUG", "-3"), *item("TRAY", "1")]),
        ("947", [*LOSS[:2], LOSS[2].replace("MUG", "TRAY")]),
    )
    assert (figures(found), found.problems) == ({"MUG": -3, "TRAY": -1}, ())


def test_an_older_846_that_comes_late_changes_nothing(desk: Desk) -> None:
    older = ["BIA*00*MM*70*20261123*0700", HEAD[1], *item("MUG", "99")]
    found = read(desk, ("846", [*HEAD, *item("MUG", "40")]), ("846", older))
    assert (found.as_of, figures(found)) == (AS_OF, {"MUG": 40})


def test_a_product_that_the_newest_846_leaves_out_has_no_level(desk: Desk) -> None:
    newer = ["BIA*00*MM*79*20261123*0930", HEAD[1], *item("MUG", "41")]
    found = read(desk, ("846", [*HEAD, *item("MUG", "40"), *item("TRAY", "3")]), ("846", newer))
    assert figures(found) == {"MUG": 41}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (["LIN**SK*MUG", "QTY*17*2.5*EA"], "QTY02 is 2.5, which is no whole number of units"),
        (
            ["LIN**SK*MUG", "QTY*17*2.5*EA", "LIN**SK*MUG", "QTY*17*3*EA"],
            "QTY02 is 2.5, which is no whole number of units",
        ),
        (
            ["LIN**SK*MUG", "QTY*17*4*CA"],
            "it counts in 'CA'; its factor was never agreed, so its base units are not known",
        ),
        (
            ["LIN**SK*MUG", "QTY*17*4"],
            "it counts in 'no unit'; its factor was never agreed, so its base units are not known",
        ),
        (["LIN**SK*MUG", "QTY*33*4*EA"], "0 quantities with the qualifier 17; one is needed"),
        (["LIN**ZZ*MUG", "QTY*17*4*EA"], "no product under SK, VN, UP"),
    ],
)
def test_a_figure_that_cannot_be_used_is_left_out_and_told(desk: Desk, body: list[str], words: str) -> None:
    found = read(desk, ("846", [*HEAD, *body, *item("TRAY", "3")]))
    assert figures(found) == {"TRAY": 3}
    assert found.problems == (Problem("stock of MUG", f"846 LIN: {words}"),)


def test_a_lenient_partner_need_not_say_that_it_counts_singles(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "box", mode="lenient")
    assert figures(read(desk, ("846", [*HEAD, "LIN**SK*MUG", "QTY*17*4"]))) == {"MUG": 4}


def test_a_statement_of_changes_is_no_statement_of_stock(desk: Desk) -> None:
    changes = ["BIA*04*MM*79*20261123*0930", HEAD[1], *item("MUG", "1")]
    assert figures(read(desk, ("846", [*HEAD, *item("MUG", "40")]), ("846", changes))) == {"MUG": 40}
    (page,) = desk.warehouse.read_shipments(None)
    words = "846 BIA01: purpose '04' is no complete statement of stock (00 or 05)"
    assert page.problems == (Problem("message 846 0002", words),)


RECEIPT = ["W17*F*20261123*R1", "N1*WH**91*LEEDS", "W07*12*EA**SK*MUG", "W07*5*EA**SK*NEW", "W14*17"]
LOSS = ["W15*20261123*A1", "N1*WH**91*LEEDS", "W19*AC*-2*EA**SK*MUG"]


def test_later_receipts_and_adjustments_are_added_and_make_a_reading_of_its_own(desk: Desk) -> None:
    found = read(desk, ("846", [*HEAD, *item("MUG", "40")]), ("944", RECEIPT), ("947", LOSS))
    assert (found.as_of, figures(found)) == (AS_OF + 2 * MICROSECOND, {"MUG": 50, "NEW": 5})


def test_a_receipt_told_twice_counts_once(desk: Desk) -> None:
    found = read(desk, ("846", [*HEAD, *item("MUG", "40")]), ("944", RECEIPT), ("944", RECEIPT))
    assert figures(found)["MUG"] == 52


def test_a_receipt_told_again_with_other_content_is_told(desk: Desk) -> None:
    more = [each.replace("W07*12", "W07*13") for each in RECEIPT]
    assert figures(read(desk, ("846", [*HEAD, *item("MUG", "40")]), ("944", RECEIPT), ("944", more)))["MUG"] == 52
    (page,) = desk.warehouse.read_shipments(None)
    words = "it was told again with other content; the first counts"
    assert page.problems == (Problem("stock, 944 R1", words),)


def test_a_receipt_with_an_unusable_line_told_twice_is_told_as_that_alone(desk: Desk) -> None:
    half = [*RECEIPT[:2], "W07*2.5*EA**SK*MUG", "W14*2"]
    found = read(desk, ("846", [*HEAD, *item("MUG", "40")]), ("944", half), ("944", half))
    words = "W07: W0701 is 2.5, which is no whole number of units"
    assert (figures(found), found.problems) == ({"MUG": 40}, (Problem("stock, 944 R1", words),))
    (page,) = desk.warehouse.read_shipments(None)
    assert page.problems == ()


def test_what_is_earlier_than_the_846_is_in_it_already(desk: Desk) -> None:
    later = [HEAD[0].replace("0900", "1030"), HEAD[1], *item("MUG", "40")]
    found = read(desk, ("944", RECEIPT), ("947", LOSS), ("846", later))
    assert (found.as_of, figures(found)) == (AS_OF + timedelta(minutes=90), {"MUG": 40})


def test_a_date_that_could_be_before_or_after_never_promises_a_unit_twice(desk: Desk) -> None:
    """The 846 is of the 22nd at 09:00; both differences are of that day, told a day later."""
    body = ["BIA*00*MM*77*20261122*0900", HEAD[1], *item("MUG", "40")]
    receipt = [each.replace("20261123", "20261122") for each in RECEIPT]
    loss = [each.replace("20261123", "20261122") for each in LOSS]
    assert figures(read(desk, ("846", body), ("944", receipt), ("947", loss)))["MUG"] == 38


def test_an_instant_in_a_dtm_counts_with_its_own_zone(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "box", stock_instant="007", zone="America/New_York")
    body = [HEAD[0], "DTM*007*20261123*090015*UT", HEAD[1], *item("MUG", "40")]
    assert read(desk, ("846", body)).as_of == AS_OF + timedelta(seconds=15)
