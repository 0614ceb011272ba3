"""The checks of storefronts catch what they are there for."""

from __future__ import annotations

from pathlib import Path

import pytest

import tests.contract.checks  # noqa: F401 - fills the list of checks
from tests.contract.benches import shopify
from tests.contract.kit import SHOP_CHECKS, opened, run_check
from tests.contract.wrong import shops

WRONG: dict[type[shops.Adapted], str] = {
    shops.PostsUnderAnotherName: "posting_again_posts_nothing_and_answers_the_same",
    shops.TakesDoubtForPosted: "a_post_in_doubt_is_found_and_nothing_is_posted_twice",
    shops.TakesDoubtForARefusal: "a_post_in_doubt_is_found_and_nothing_is_posted_twice",
    shops.OneRefusalRefusesAll: "a_post_that_the_shop_refuses_costs_no_other",
    shops.LosesTracking: "two_shipments_are_two_fulfilments_with_their_numbers",
    shops.OverwritesWhatOthersSet: "a_row_that_somebody_else_changed_is_stale_and_the_rest_is_applied",
    shops.OneBadRowRefusesAll: "a_row_that_the_shop_refuses_costs_no_other",
    shops.ForgetsTheSecondPage: "every_order_of_many_is_read_once_and_no_cursor_passes_one",
    shops.AdvancesTheCursorTooEarly: "every_order_of_many_is_read_once_and_no_cursor_passes_one",
    shops.DropsWhatItCannotRead: "part_of_a_unit_is_a_problem_of_its_order_alone",
    shops.RoundsMoney: "money_passes_through_no_binary_float",
    shops.MergesEqualSkus: "two_lines_of_one_sku_are_two_lines",
    shops.KeepsCancelledOrdersAlive: "a_cancelled_order_is_told_as_cancelled",
    shops.TellsDraftsApart: "a_draft_and_the_order_it_becomes_are_one",
    shops.InventsOrders: "the_fulfilment_side_is_read_back_and_what_is_gone_is_missing",
    shops.LosesTheEndOfTheNight: "the_nightly_reading_tells_the_same_variants",
    shops.TakesAnIncompleteNight: "a_nightly_reading_that_breaks_off_raises",
    shops.TakesALostNightForAnEmptyShop: "a_nightly_reading_survives_a_lost_reply",
    shops.ShowsNoPick: "a_pick_under_way_is_shown_once_and_moves_nothing",
    shops.HidesWhatIsNotShown: "a_pick_that_cannot_be_shown_is_named_and_costs_no_other",
    shops.SubscribesAnew: "webhooks_are_subscribed_once_and_those_of_others_stay",
    shops.TakesDoubtForSubscribed: "a_lost_reply_subscribes_nothing_twice",
    shops.DeclaresOffWhatItDoes: "what_is_declared_off_is_refused_and_sends_nothing",
}
"""Each mistake, and the check that must find it."""

PLAIN = "every_variant_is_read_with_what_the_shop_shows"


@pytest.mark.parametrize("wrong", WRONG, ids=lambda each: each.__name__)
def test_a_wrong_adapter_fails_the_check_that_is_there_for_it(wrong: type[shops.Adapted], tmp_path: Path) -> None:
    with opened(lambda folder: shopify.open_bench(folder, wrong), tmp_path) as bench:
        run_check(SHOP_CHECKS[PLAIN], bench)
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            run_check(SHOP_CHECKS[WRONG[wrong]], bench)


def test_the_mistakes_are_of_many_kinds() -> None:
    assert (len(WRONG), len(set(WRONG.values()))) == (23, 21)
