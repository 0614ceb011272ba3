"""The checks catch what they are there for: each adapter with a deliberate mistake fails those that are named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import tests.contract.checks  # noqa: F401 - fills the list of checks
from tests.contract.benches import model
from tests.contract.kit import WAREHOUSE_CHECKS, Bench, opened, run_check
from tests.contract.model.adapter import ModelWarehouse
from tests.contract.wrong import changing, reading, sending

WRONG: dict[type[ModelWarehouse], tuple[str, ...]] = {
    sending.CreatesAfterUnknown: ("a_lost_reply_is_found_and_nothing_is_sent_twice",),
    sending.RepeatsTheCreate: ("a_lost_reply_is_found_and_nothing_is_sent_twice",),
    sending.NeverLooksFirst: ("a_second_submit_answers_that_it_exists_and_in_nothing_differs",),
    sending.SwallowsDifferences: ("other_content_under_the_same_reference_is_named",),
    sending.AnswersCreatedForWhatExists: ("a_second_submit_answers_that_it_exists_and_in_nothing_differs",),
    sending.TakesAnyAnswerForCreated: ("a_page_or_half_a_message_is_no_answer_and_nothing_is_created_again",),
    sending.TakesAFaultForARefusal: ("a_lost_reply_is_found_and_nothing_is_sent_twice",),
    sending.IgnoresUntil: ("no_create_starts_after_its_time",),
    sending.LooksAtTheClockTooEarly: ("no_create_starts_after_lookups_that_took_too_long",),
    sending.CutsTheOrderNumber: (
        "the_declared_limits_are_the_true_ones",
        "a_long_text_is_whole_or_refused_and_never_cut",
    ),
    sending.DeclaresMoreThanItCarries: ("the_declared_limits_are_the_true_ones",),
    sending.LosesEmoji: (
        "texts_of_any_script_are_whole_or_refused",
        "the_whole_address_reaches_the_remote_with_its_emoji",
    ),
    sending.ForgetsThePhone: ("the_whole_address_reaches_the_remote_with_its_emoji",),
    sending.MergesEqualSkus: ("two_lines_of_one_sku_stay_two_lines",),
    sending.ReadsLineIdsAsNumbers: ("a_line_id_of_any_form_comes_back_or_is_refused",),
    sending.CountsPacksAsUnits: ("packs_are_sent_as_packs_and_come_back_as_base_units",),
    sending.CutsHalfPacks: ("packs_are_sent_as_packs_and_come_back_as_base_units",),
    sending.IgnoresTheBudget: (
        "every_attempt_asks_the_budget_and_is_heard",
        "a_call_that_the_budget_refuses_is_not_made",
    ),
    sending.TellsNobodyOfItsCalls: ("every_attempt_asks_the_budget_and_is_heard",),
    sending.TellsTheToken: ("nothing_secret_or_personal_is_told",),
    sending.TellsTheAddress: ("nothing_secret_or_personal_is_told",),
    sending.PutsTheTokenIntoTheAddress: ("nothing_secret_or_personal_is_told",),
    sending.SwallowsEverything: ("refused_credentials_are_a_matter_for_a_person_and_are_not_shown",),
    reading.AnswersAbsentOnAFault: ("a_search_that_fails_never_answers_absent",),
    reading.TakesNothingForAbsent: (
        "a_search_that_fails_never_answers_absent",
        "a_search_for_the_shops_number_that_fails_is_no_proof_of_absence",
        "a_reading_that_breaks_off_is_no_reading",
    ),
    reading.HidesDuplicates: ("an_order_that_is_held_twice_is_named",),
    reading.ForgetsHalfTheReferences: ("every_reference_of_many_is_answered",),
    reading.TakesAnyNumberThatEndsAlike: ("an_order_of_another_route_is_found_by_its_reference_with_what_left",),
    reading.TellsTheOthersOrderWithoutItsShipments: (
        "an_order_of_another_route_is_found_by_its_reference_with_what_left",
    ),
    reading.TakesACancelledOtherForLive: ("a_cancelled_order_of_another_route_is_told_as_cancelled",),
    reading.LooksForTheShopsNumberInOurOwnField: (
        "an_order_of_another_route_is_found_by_its_reference_with_what_left",
        "a_hundred_numbers_are_looked_for_and_nothing_is_found_under_most",
    ),
    reading.TakesAPurchaseNumberForTheShops: ("an_order_of_ours_is_none_of_another_route",),
    reading.TellsTheCancelledOneOfTwo: ("of_two_orders_under_one_number_the_live_one_is_told",),
    reading.TakesAnyStatusForShipped: ("a_status_nobody_knows_is_unrecognised_and_kept",),
    reading.TakesHeldForReceived: ("an_order_that_the_staff_put_aside_is_held",),
    reading.RoundsDecimals: (
        "a_figure_that_is_no_whole_number_is_no_figure",
        "part_of_a_unit_is_never_rounded_in_what_is_found",
        "part_of_a_unit_that_left_is_never_rounded",
    ),
    reading.TakesNullForZero: ("a_figure_that_is_no_whole_number_is_no_figure",),
    reading.FillsMissingSkusWithZero: ("a_row_that_is_missing_is_not_zero",),
    reading.ForgetsTheSecondPage: (
        "all_pages_are_read_and_a_page_that_repeats_is_an_error",
        "no_page_is_forgotten_and_no_cursor_passes_what_was_not_read",
    ),
    reading.TurnsPagesForEver: ("all_pages_are_read_and_a_page_that_repeats_is_an_error",),
    reading.KeepsWhatItGotBeforeAFault: ("a_reading_that_breaks_off_is_no_reading",),
    reading.ReadsItsOwnClock: ("as_of_is_the_warehouses_clock_at_the_start",),
    reading.DatesAReadingAtItsEnd: ("as_of_is_the_warehouses_clock_at_the_start",),
    reading.TellsTheNetFigure: ("the_figure_falls_at_the_step_that_is_declared",),
    reading.CountsALabelAsDispatch: ("a_printed_label_is_no_dispatch",),
    reading.CountsAPickAsDispatch: ("what_was_picked_has_not_left",),
    reading.CountsAVoid: ("a_shipment_that_was_taken_back_is_voided_and_counts_nothing",),
    reading.LeavesVoidedShipmentsOut: ("a_shipment_that_was_taken_back_is_voided_and_counts_nothing",),
    reading.LosesParcels: ("several_boxes_have_a_number_each",),
    reading.LosesTheSecondCarrier: ("each_carrier_has_its_parcels_and_what_is_in_them",),
    reading.LosesContents: ("each_carrier_has_its_parcels_and_what_is_in_them",),
    reading.MatchesBySku: ("two_lines_of_one_sku_stay_two_lines",),
    reading.CapsOverShipments: ("more_than_was_ordered_is_told_as_it_left",),
    reading.AdvancesTheCursorPastWhatWasNotRead: ("no_page_is_forgotten_and_no_cursor_passes_what_was_not_read",),
    reading.ReadsWithoutOverlap: ("the_cursor_reads_on_with_an_overlap",),
    reading.ForgetsClosures: ("a_remainder_that_was_closed_is_short",),
    reading.TakesAnOpenRestForClosed: ("two_shipments_are_two_and_the_remainder_stays_open",),
    reading.TellsOthersOrders: ("orders_of_others_in_the_same_warehouse_are_passed_over",),
    changing.SaysCancelledAndAsksNobody: ("an_order_that_nobody_works_on_is_cancelled",),
    changing.ReadsCancelledAsReceived: ("an_order_that_nobody_works_on_is_cancelled",),
    changing.CancelsEveryOrderOfTheSku: ("an_order_that_nobody_works_on_is_cancelled",),
    changing.RefusesTheSecondCancel: ("a_cancel_asked_twice_answers_the_same",),
    changing.PromisesACancelForLater: ("a_cancel_is_told_by_the_warehouse_before_it_is_believed",),
    changing.CancelsWhatIsPicked: ("an_order_that_is_picked_is_not_cancelled_and_goes_out_whole",),
    changing.TakesTooLateForCancelled: (
        "an_order_that_is_picked_is_not_cancelled_and_goes_out_whole",
        "an_order_of_which_a_part_has_left_keeps_its_rest",
    ),
    changing.CancelsByOurOwnReferenceAlone: (
        "a_cancelled_order_of_another_route_is_told_as_cancelled",
        "of_two_orders_under_one_number_the_live_one_is_told",
    ),
    changing.TakesAbsentForCancelled: ("a_cancel_of_what_is_not_there_is_absent",),
    changing.TakesALostCancelForDone: ("whatever_befalls_a_cancel_it_is_asked_again_and_never_taken_for_done",),
    changing.TakesAFaultForTooLate: ("whatever_befalls_a_cancel_it_is_asked_again_and_never_taken_for_done",),
    changing.ForgetsTheDay: ("an_amended_order_is_held_as_it_is_now",),
    changing.LeavesLinesOn: ("an_amended_order_is_held_as_it_is_now",),
    changing.AddsAgain: ("an_amendment_asked_twice_answers_the_same_and_adds_nothing",),
    changing.SendsOnlyWhatChanged: ("an_amendment_of_one_figure_leaves_the_rest",),
    changing.AmendsWhatIsPicked: ("an_order_that_is_picked_is_not_amended_and_goes_out_as_it_was",),
    changing.CreatesWhatIsAbsent: ("an_amendment_of_what_is_not_there_is_absent",),
    changing.TakesTheCancelledForAmended: ("an_order_that_is_cancelled_is_not_amended",),
    changing.AmendsHalfOfWhatIsRefused: ("an_amendment_that_the_warehouse_refuses_changes_nothing",),
    changing.CutsTheAmendedOrderNumber: ("an_amendment_that_does_not_fit_is_refused_and_changes_nothing",),
    changing.AmendsThoughItDeclaresNot: ("a_warehouse_that_amends_nothing_says_so_and_changes_nothing",),
    changing.TakesALostAmendmentForDone: ("whatever_befalls_an_amendment_it_is_asked_again_and_nothing_is_doubled",),
    reading.HidesWhatItCannotRead: ("part_of_a_unit_that_left_is_never_rounded",),
}
"""Each mistake, and the checks that must find it."""

PLAIN = ("a_new_order_is_held_once_and_whole", "every_figure_is_told_exactly")
"""What almost every wrong adapter still does right: it is wrong in one thing, not broken."""


@contextmanager
def _bench(wrong: type[ModelWarehouse], folder: Path) -> Iterator[Bench]:
    with opened(lambda at: model.open_bench(at, wrong), folder) as made:
        yield made


@pytest.mark.parametrize("wrong", WRONG, ids=lambda each: each.__name__)
def test_a_wrong_adapter_fails_the_checks_that_are_there_for_it(wrong: type[ModelWarehouse], tmp_path: Path) -> None:
    with _bench(wrong, tmp_path) as bench:
        for name in PLAIN:
            run_check(WAREHOUSE_CHECKS[name], bench)
        for name in WRONG[wrong]:
            with pytest.raises((AssertionError, pytest.fail.Exception)):
                run_check(WAREHOUSE_CHECKS[name], bench)


def test_the_mistakes_are_many_and_of_many_kinds() -> None:
    assert len(WRONG) == 81
    assert len({name for names in WRONG.values() for name in names}) == 64
