"""A reading of stock is whole, in base units and as of the warehouse's own clock; or it is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from include.fulfilment.errors import DataError, FulfilmentError
from include.fulfilment.ports import DeductsAt, StockSnapshot
from tests.contract.kit import Bench, warehouse_check
from tests.contract.orders import MARK, figures, goods, named, placed, ship
from tests.contract.wire import swapped, without

_STEP = 400  # products added at a time until a reading takes more than one page
_MOST = 1200


@warehouse_check()
def check_every_figure_is_told_exactly(bench: Bench) -> None:
    one, two = goods(bench, 120, 7)
    snapshot = bench.warehouse.read_stock()
    assert figures(snapshot, [one, two]) == {one: 120, two: 7}
    assert len([level for level in snapshot.levels if level.base_sku == one]) == 1
    assert all(type(level.on_hand) is int and level.location for level in snapshot.levels)
    assert "K-NEVER-SEEN" not in {level.base_sku for level in snapshot.levels}


@warehouse_check()
def check_a_sku_with_odd_signs_is_told_as_it_is(bench: Bench) -> None:
    odd = f"{goods(bench, 1)[0]}/a&b #1+é%20"
    bench.floor.load_products({odd: "Odd"})
    bench.floor.receive({odd: 5})
    bench.settle()
    snapshot = bench.warehouse.read_stock()
    assert figures(snapshot, [odd]) == {odd: 5} or named(snapshot.problems, odd[:6])


@warehouse_check("no_http")
def check_a_row_that_is_missing_is_not_zero(bench: Bench) -> None:
    one, two = goods(bench, 30, 40)
    bench.warehouse.read_stock()  # so that the adapter may have seen it before
    bench.wire.alter = lambda heard, answer: without(answer, one)
    snapshot = _reading(bench)
    if isinstance(snapshot, StockSnapshot):
        assert figures(snapshot, [one, two]) == {two: 40}
    else:
        assert isinstance(snapshot, DataError), snapshot


@warehouse_check("no_http")
def check_a_figure_that_is_no_whole_number_is_no_figure(bench: Bench) -> None:
    for nonsense in (MARK + 0.5, None, "many"):
        sku, other = goods(bench, MARK, 40)
        bench.wire.alter = lambda heard, answer, said=nonsense: swapped(answer, MARK, said)
        snapshot = _reading(bench)
        bench.wire.calm()
        if isinstance(snapshot, StockSnapshot):
            assert figures(snapshot, [sku, other]) == {other: 40}, f"{nonsense!r} was read as a figure"
            assert named(snapshot.problems, sku), f"{nonsense!r}: nobody is told that {sku} has no figure"
        else:
            assert isinstance(snapshot, DataError), snapshot
        bench.floor.receive({sku: 1})  # so that no later check meets the mark
        bench.settle()


@warehouse_check("no_http")
def check_a_reading_that_breaks_off_is_no_reading(bench: Bench) -> None:
    goods(bench, 30)
    bench.wire.clear()
    bench.fresh().read_stock()
    calls = len(bench.wire.heard)
    for kind in ("5xx_before", "reset_after", "html_before", "cut_after", "odd_after", "null_after", "401"):
        for spoilt in {0, 1, calls - 1} & set(range(calls)):
            bench.wire.spoil(kind, after_calls=spoilt, times=50)
            reading = _reading(bench, bench.fresh)
            bench.wire.calm()
            bench.clock.pass_time(30)
            assert isinstance(reading, FulfilmentError), f"{kind} from call {spoilt} on: {reading}"


@warehouse_check("no_http")
def check_as_of_is_the_warehouses_clock_at_the_start(bench: Bench) -> None:
    (sku,) = goods(bench, 30)
    for skew in (timedelta(hours=-3), timedelta(minutes=7)):
        began = bench.clock().replace(microsecond=0) + skew
        told: list[datetime] = []
        bench.wire.remote_clock = _ticking(began, told)
        bench.wire.clear()
        as_of = bench.warehouse.read_stock().as_of
        bench.wire.calm()
        assert as_of.utcoffset() == timedelta(0)
        first = min(each.date for each in bench.wire.heard if each.date and sku in str(each.answer))
        assert began <= as_of <= first, (
            f"as of {as_of}; the first figures came at {first}, the reading began at {began}"
        )


@warehouse_check("no_pick")
def check_the_figure_falls_at_the_step_that_is_declared(bench: Bench) -> None:
    (sku,) = goods(bench, 50)

    def figure() -> int:
        return figures(bench.warehouse.read_stock(), [sku])[sku]

    seen = [figure()]
    order = placed(bench, (sku, 20))
    seen.append(figure())
    bench.floor.pick(order.external_ref)
    bench.settle()
    seen.append(figure())
    ship(bench, order)
    seen.append(figure())
    expected = {
        DeductsAt.ACKNOWLEDGE: ([50, 30, 30, 30],),
        DeductsAt.ALLOCATE: ([50, 30, 30, 30], [50, 50, 30, 30]),
        DeductsAt.DISPATCH: ([50, 50, 50, 30],),
    }
    assert seen in expected[bench.warehouse.capabilities.deducts_at], seen


@warehouse_check("no_http", "slow")
def check_all_pages_are_read_and_a_page_that_repeats_is_an_error(bench: Bench) -> None:
    calls = _calls(bench)
    made: dict[str, int] = {}
    while len(made) < _MOST and _calls(bench) == calls:
        more = {f"KP{bench.clock().timestamp():.0f}{len(made) + number}": 3 + number for number in range(_STEP)}
        bench.floor.load_products(dict.fromkeys(more, "Many"))
        bench.floor.receive(more)
        made |= more
    assert figures(bench.warehouse.read_stock(), list(made)) == made
    if _calls(bench) == calls:
        return  # this remote tells everything in one answer
    bench.wire.repeat = True
    with pytest.raises(DataError):
        bench.warehouse.read_stock()


def _reading(bench: Bench, maker: Callable[[], Any] | None = None) -> StockSnapshot | FulfilmentError:
    try:
        return (maker() if maker else bench.warehouse).read_stock()
    except FulfilmentError as error:
        return error
    except Exception as error:  # noqa: BLE001 - anything else is the finding itself
        pytest.fail(f"read_stock raised {type(error).__name__}: {error}")


def _calls(bench: Bench) -> int:
    bench.wire.clear()
    bench.warehouse.read_stock()
    return len(bench.wire.heard)


def _ticking(began: datetime, told: list[datetime]) -> Callable[[], datetime]:
    """A remote clock that goes on ten seconds with each call."""

    def now() -> datetime:
        told.append(began + timedelta(seconds=10 * len(told)))
        return told[-1]

    return now
