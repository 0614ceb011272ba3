"""How people name an order."""

from __future__ import annotations

import pytest

from include.fulfilment.domain.order import is_named
from include.fulfilment.domain.warehouse_order import external_ref


@pytest.mark.parametrize("wanted", [(), ("1042",), ("#1042",), ("cart:1042",), ("7", "1042")])
def test_an_order_is_named_by_its_number_or_our_id_and_naming_none_means_all(wanted: tuple[str, ...]) -> None:
    assert is_named(wanted, "cart:1042", "#1042")


@pytest.mark.parametrize("wanted", [("104",), ("10422",), ("",)])
def test_another_order_is_not_named(wanted: tuple[str, ...]) -> None:
    assert not is_named(wanted, "cart:1042", "#1042")


def test_two_orders_of_one_number_have_references_of_their_own_that_stay_readable() -> None:
    first, second = external_ref("#7", "cart:a", 1, True), external_ref("7", "cart:b", 1, True)
    assert first != second
    assert first.startswith("B2B7-")
    assert external_ref("#7", "cart:a", 1) == "B2B7"
    assert len(external_ref("#7", "cart:a", 12, True)) <= 22
