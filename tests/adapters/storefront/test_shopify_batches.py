"""Taking bad rows out of a batch that is refused as a whole, and the calls that costs."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from include.fulfilment.adapters.storefront.batches import BatchFaults, RowFault, read_faults, send_all_but_bad
from include.fulfilment.adapters.storefront.shopify.client import GraphQLRefusal


class SilentShop:
    """Refuses a whole call for one bad row and does not say which."""

    def __init__(self, bad: set[int]) -> None:
        self.bad, self.calls, self.applied = bad, 0, list[int]()

    def send(self, rows: Sequence[int]) -> BatchFaults:
        self.calls += 1
        if self.bad & set(rows):
            return BatchFaults({}, RowFault("REFUSED", "something is wrong"))
        self.applied += rows
        return BatchFaults({})


@given(st.integers(0, 249))
def test_one_bad_row_in_250_is_found_in_at_most_17_calls_where_the_answer_names_none(bad: int) -> None:
    shop = SilentShop({bad})
    verdicts = send_all_but_bad(range(250), shop.send)
    assert [index for index, each in enumerate(verdicts) if each] == [bad]
    assert sorted(shop.applied) == [index for index in range(250) if index != bad]
    assert shop.calls <= 17


def test_a_shop_that_refuses_everything_is_not_asked_for_ever() -> None:
    shop = SilentShop(set(range(250)))
    verdicts = send_all_but_bad(range(250), shop.send)
    assert shop.calls == 60
    assert all(each is not None for each in verdicts)
    assert {each.passing for each in verdicts if each and each.code == "NOT_SENT"} == {True}


def test_a_document_the_schema_refuses_is_searched_like_a_silent_answer() -> None:
    def send(rows: Sequence[int]) -> BatchFaults:
        if 3 in rows:
            raise GraphQLRefusal("the shop refused the operation: invalid id")
        return BatchFaults({})

    verdicts = send_all_but_bad(range(8), send)
    assert [each.message if each else "" for each in verdicts][3] == "the shop refused the operation: invalid id"
    assert sum(each is None for each in verdicts) == 7


def test_nothing_to_send_sends_nothing() -> None:
    shop = SilentShop(set())
    assert (send_all_but_bad([], shop.send), shop.calls) == ([], 0)


def test_faults_are_sorted_by_the_row_their_path_names() -> None:
    errors = [
        {"field": ["input", "quantities", "1", "quantity"], "code": "STALE", "message": "no longer"},
        {"field": ["input", "quantities", "9", "quantity"], "code": "ODD", "message": "beyond the batch"},
        {"field": None, "message": "whole"},
    ]
    faults = read_faults(errors, "quantities", 3)
    assert faults.named == {1: RowFault("STALE", "no longer")}
    assert faults.unnamed == RowFault("ODD", "beyond the batch")
