"""What ShipBob answers to a cancel: all shipments, none, or only some."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from include.fulfilment.adapters.transport import UnknownOutcome
from include.fulfilment.adapters.warehouse.shipbob.changes import ask_to_cancel
from include.fulfilment.ports import Cancelled, TooLate
from tests.contract.benches.shipbob import open_bench
from tests.contract.kit import Bench, opened
from tests.contract.orders import goods, holds, only, placed, record


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with opened(open_bench, tmp_path) as made:
        yield made


def test_an_order_of_which_only_a_part_was_cancelled_is_in_doubt_and_names_why(bench: Bench) -> None:
    """One shipment is labelled meanwhile, another waits: ShipBob cancels the one that waits."""
    (sku,) = goods(bench, 50)
    order = placed(bench, (sku, 10))
    held = record(bench, order)
    bench.floor.ship(order.external_ref, {order.lines[0].line_id: 4})
    with pytest.raises(UnknownOutcome, match="PartialSuccess: Shipment has been completed"):
        ask_to_cancel(bench.warehouse._client, held)  # type: ignore[attr-defined]
    assert only(holds(bench, order)).closed == {order.lines[0].line_id: 6}
    assert isinstance(bench.warehouse.cancel(order.external_ref), TooLate)


def test_a_picked_order_is_refused_in_shipbobs_words_and_another_goes(bench: Bench) -> None:
    (sku,) = goods(bench, 50)
    order, other = placed(bench, (sku, 10)), placed(bench, (sku, 2))
    bench.floor.pick(order.external_ref)
    answer = bench.warehouse.cancel(order.external_ref)
    words = f"ShipBob cancelled {order.external_ref} with Failure: Shipment has been picked"
    assert answer == TooLate(words)
    assert bench.warehouse.cancel(other.external_ref) == Cancelled()
