"""Proof of quantities, and the two laws that every change of a line keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.fulfilment.domain.quantity import (
    LineQuantities,
    PackRow,
    Proof,
    Refusal,
    changed_since_order,
    index_packs,
    prove_line,
    prove_quantity,
    what_it_is,
)
from include.fulfilment.errors import DataError

CASE = PackRow("MUG-C12", "MUG", "CASE", "X12", 12, "2026-11-01", "packs.csv row 7")
EACH = PackRow("MUG", "MUG", "EA", "X12", 1, "2026-11-01", "packs.csv row 2")
PACKS = index_packs([CASE, EACH])
UNITS = st.integers(0, 10_000)


@st.composite
def quantities(draw: st.DrawFn) -> LineQuantities:
    """Any line that keeps the laws."""
    held, backordered, cancelled, still_open, shipped, short, over = (draw(UNITS) for _ in range(7))
    released = still_open + shipped + short
    ordered = held + backordered + cancelled + released
    return LineQuantities(ordered, held, released, backordered, cancelled, still_open, shipped, short, over)


def test_the_proof_says_how_packs_became_base_units() -> None:
    proof = prove_quantity("MUG-C12", 2, None, PACKS)

    assert proof == Proof(2, "CASE", 12, "MUG", "packs.csv row 7", "2026-11-01")
    assert proof.base == 24
    assert proof.text() == "2 × CASE(12) = 24 EA, factor from packs.csv row 7, version 2026-11-01"


def test_a_pack_size_forces_multiples_and_never_multiplies() -> None:
    proof = prove_quantity("MUG", 18, 6, PACKS)

    assert isinstance(proof, Proof)
    assert proof.base == 18


@pytest.mark.parametrize(
    ("sku", "quantity", "pack_size", "code"),
    [
        ("", 1, None, "sku_missing"),
        ("POT", 1, None, "pack_unknown"),
        ("mug", 1, None, "pack_unknown"),
        ("MUG", 0, None, "quantity_not_positive"),
        ("MUG", -3, None, "quantity_not_positive"),
        ("MUG", 17, 6, "pack_size_violated"),
        ("MUG", 6, 0, "pack_size_violated"),
    ],
)
def test_what_cannot_be_proven_is_refused_with_its_code(
    sku: str, quantity: int, pack_size: int | None, code: str
) -> None:
    refusal = prove_quantity(sku, quantity, pack_size, PACKS)

    assert isinstance(refusal, Refusal)
    assert refusal.code == code


def test_rows_that_disagree_are_ambiguous_and_rows_that_agree_are_not() -> None:
    other = replace(CASE, units_per_uom=10, source="packs.csv row 8")
    refusal = prove_quantity("MUG-C12", 2, None, index_packs([CASE, other]))

    assert refusal == Refusal(
        "pack_ambiguous",
        "SKU 'MUG-C12' has rows that disagree: CASE=12 MUG (packs.csv row 7), CASE=10 MUG (packs.csv row 8)",
    )
    assert isinstance(prove_quantity("MUG-C12", 2, None, index_packs([CASE, CASE])), Proof)


def test_a_factor_below_one_is_no_factor() -> None:
    refusal = prove_quantity("MUG", 1, None, index_packs([replace(EACH, units_per_uom=0)]))

    assert isinstance(refusal, Refusal)
    assert refusal.code == "pack_unknown"


@given(st.integers(1, 10**9), st.integers(1, 1000))
def test_base_units_are_exact_however_large(quantity: int, units: int) -> None:
    proof = prove_quantity("MUG", quantity, None, index_packs([replace(EACH, units_per_uom=units)]))

    assert isinstance(proof, Proof)
    assert proof.base == quantity * units


@pytest.mark.parametrize(
    "broken",
    [{"ordered": 1}, {"ordered": 1, "held": 2, "cancelled": -1}, {"ordered": 1, "released": 1}, {"over_shipped": -1}],
)
def test_a_line_that_breaks_a_law_cannot_be_made(broken: dict[str, int]) -> None:
    with pytest.raises(DataError):
        LineQuantities(**broken)


@given(quantities(), st.data())
def test_releasing_moves_what_waits_and_orders_nothing(line: LineQuantities, data: st.DataObject) -> None:
    units = data.draw(st.integers(0, line.waiting))
    after = line.allocate(units)

    assert (after.ordered, after.waiting, after.held) == (line.ordered, line.waiting - units, 0)
    assert (after.released, after.open) == (line.released + units, line.open + units)


@given(quantities())
def test_more_than_waits_cannot_be_released(line: LineQuantities) -> None:
    with pytest.raises(DataError):
        line.allocate(line.waiting + 1)


@given(quantities())
def test_holding_and_cancelling_touch_only_what_waits(line: LineQuantities) -> None:
    held, cancelled = line.hold(), line.cancel_waiting()

    assert (held.held, held.backordered, held.released) == (line.waiting, 0, line.released)
    assert (cancelled.waiting, cancelled.cancelled) == (0, line.cancelled + line.waiting)
    assert cancelled.released == line.released


@given(quantities(), UNITS)
def test_an_edit_ends_at_the_shops_quantity_or_says_what_is_left(line: LineQuantities, live: int) -> None:
    after, left = line.amended(live)

    assert after.ordered - after.cancelled == live + left
    assert after.ordered >= line.ordered
    assert (after.open, after.shipped) == (line.open, line.shipped)
    assert left == 0 or (after.waiting == 0 and after.short == 0)
    assert after.amended(live) == (after, left)


@given(quantities(), UNITS, UNITS)
def test_folding_totals_keeps_the_release_and_repeats_change_nothing(
    line: LineQuantities, shipped: int, short: int
) -> None:
    after = line.fold(shipped, short)

    assert (after.ordered, after.released, after.waiting) == (line.ordered, line.released, line.waiting)
    assert after.shipped + after.over_shipped == shipped
    assert after.short <= short
    assert after.fold(shipped, short) == after


def test_over_shipment_stands_outside_the_law() -> None:
    after = LineQuantities.placed(12).allocate(12).fold(13, 0)

    assert after == LineQuantities(ordered=12, released=12, shipped=12, over_shipped=1)
    assert after.finished


def test_a_short_line_is_finished_only_once_it_is_settled() -> None:
    short = LineQuantities.placed(40).allocate(40).fold(37, 3)
    assert not short.finished

    settled = short.settle_short(3)
    assert settled == LineQuantities(ordered=40, released=37, cancelled=3, shipped=37)
    assert settled.finished


SET = [
    PackRow("GIFT", "MUG", "KIT", "ours", 2, "v1", "kits.csv row 2"),
    PackRow("GIFT", "TIN", "KIT", "ours", 1, "v1", "kits.csv row 3"),
]


def test_a_kit_is_expanded_once_into_a_proof_for_each_component() -> None:
    proofs = prove_line("GIFT", 10, None, index_packs([*SET, EACH]))

    assert isinstance(proofs, tuple)
    assert [(proof.base_sku, proof.base) for proof in proofs] == [("MUG", 20), ("TIN", 10)]
    assert proofs[0].text() == "10 × KIT(2) = 20 EA, factor from kits.csv row 2, version v1"


def test_a_line_that_is_no_kit_has_one_proof() -> None:
    assert prove_line("MUG-C12", 2, None, PACKS) == (Proof(2, "CASE", 12, "MUG", "packs.csv row 7", "2026-11-01"),)
    assert prove_line("POT", 2, None, PACKS) == prove_quantity("POT", 2, None, PACKS)


@pytest.mark.parametrize(
    ("case", "rows"),
    [
        ("a kit in a kit", [*SET, PackRow("BOX", "GIFT", "KIT", "ours", 1, "v1", "row 4")]),
        ("a pack in a kit", [PackRow("BOX", "MUG-C12", "KIT", "ours", 1, "v1", "row 4"), CASE]),
        ("a pack as well", [PackRow("BOX", "MUG", "KIT", "ours", 2, "v1", "row 4"), replace(CASE, sku="BOX")]),
        ("a component twice", [PackRow("BOX", "MUG", "KIT", "ours", units, "v1", "row 4") for units in (1, 2)]),
    ],
)
def test_a_kit_that_contradicts_itself_is_refused(case: str, rows: list[PackRow]) -> None:
    refusal = prove_line("BOX", 1, None, index_packs(rows))

    assert isinstance(refusal, Refusal), case
    assert refusal.code == "pack_ambiguous"


def test_a_kit_is_ordered_in_its_multiples_as_any_variant() -> None:
    refusal = prove_line("GIFT", 5, 2, index_packs(SET))

    assert refusal == Refusal("pack_size_violated", "5 of SKU 'GIFT' is not a multiple of its pack size 2")


def test_one_of_a_sku_is_its_row_or_all_components_of_a_kit_and_nothing_where_rows_disagree() -> None:
    assert what_it_is(index_packs(SET), "GIFT") == tuple(SET)
    assert what_it_is(index_packs([CASE, replace(CASE, source="twice")]), CASE.sku) == (CASE,)
    assert what_it_is(index_packs([CASE, replace(CASE, units_per_uom=10)]), CASE.sku) == ()
    assert what_it_is(index_packs([CASE]), "NONE") == ()


def test_rows_that_disagreed_when_ordered_and_were_settled_since_are_no_change() -> None:
    other = replace(CASE, units_per_uom=10)

    assert changed_since_order(CASE.sku, [CASE, other], [CASE]) is None
    assert changed_since_order("GIFT", SET, SET[:1]) is not None  # a kit lost a component


def test_a_changed_factor_names_both_versions() -> None:
    now = replace(CASE, units_per_uom=10, version="2026-11-20", source="packs.csv row 9")

    assert changed_since_order("MUG-C12", [CASE], [now]) == Refusal(
        "pack_changed",
        "SKU 'MUG-C12' was CASE(12) of MUG (packs.csv row 7, version 2026-11-01) when ordered"
        " and is CASE(10) of MUG (packs.csv row 9, version 2026-11-20) now",
    )


def test_a_new_row_number_or_version_is_no_change() -> None:
    assert changed_since_order("MUG-C12", [CASE], [replace(CASE, version="2026-12-01", source="row 99")]) is None
    assert changed_since_order("MUG-C12", [], [CASE]) is None
    assert changed_since_order("MUG-C12", [CASE], []) is None


@given(quantities(), UNITS, st.booleans())
def test_what_the_warehouse_gives_back_is_cancelled_or_held_and_never_what_left(
    line: LineQuantities, units: int, cancel: bool
) -> None:
    after = line.take_back(units, cancel)
    back = min(units, line.open + line.short)
    assert (after.ordered, after.shipped, after.released) == (line.ordered, line.shipped, line.released - back)
    assert (after.cancelled - line.cancelled, after.held - line.held) == ((back, 0) if cancel else (0, back))


@given(quantities(), UNITS)
def test_what_left_after_its_cancel_is_released_again_as_far_as_anything_is_not(
    line: LineQuantities, units: int
) -> None:
    after = line.regain(units)
    gained = min(units, line.waiting + line.cancelled)
    assert (after.released, after.open, after.ordered) == (line.released + gained, line.open + gained, line.ordered)
    assert after.waiting == max(0, line.waiting - units)
