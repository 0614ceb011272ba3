"""What the port's checks run on: one adapter on its remote, the remote's staff and ledger, and an ear on the wire.

A dialect's bench is `tests/contract/benches/<dialect>.py` with `open_bench(folder)`, a context manager that yields a
`Bench` (a warehouse) or a `ShopBench` (a storefront). It builds its adapters through the dialect's `connect`, so that
the kit can lend them its own wire, call budget and options (`tests/contract/wire.py`). A check is a function of a bench
that raises AssertionError; a bench's `traits` exempt it from checks, each for the reason given here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Protocol

import pytest

from demo.truth.sent import Sent
from include.fulfilment.adapters.connecting import Connecting
from include.fulfilment.adapters.registry import make_storefront, make_warehouse
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.ports import Storefront, Warehouse
from tests.contract import shop_state
from tests.contract.wire import Wire, listening
from tests.stories.world import Ticking
from tests.truth.recording import recording

TRAITS: Mapping[str, str] = {
    "no_http": "its messages travel as files: there is no call to spoil, count or overhear",
    "messages": "it answers by message: a new order is Pending until the partner has acknowledged it",
    "creates_blindly": "the warehouse in memory holds an order twice on purpose, so that the tests above it see it",
    "no_over_shipment": "the staff of this system cannot send more than was ordered",
    "no_void": "the staff of this system cannot take a shipment back",
    "no_pick": "the system tells nothing of picks before goods leave",
    "no_label": "the staff of this system print no label before goods leave",
    "no_hold": "the staff of this system put no order aside",
    "no_cancel": "the staff of this system cancel no order that was submitted",
    "cancels_nothing": "the system cancels no order that it was given: the capability is off",
    "amends_nothing": "the system amends no order that it was given: the capability is off",
    "keeps_po": "the system changes no PO number of an order that it holds",
    "no_remainder": "the system cannot tell a remainder that is closed from one that is open",
    "closes_on_shipping": "the staff close a remainder when they ship the rest, not before",
    "one_carrier": "all parcels of a shipment have one carrier here, and the staff deal the goods out in turn",
    "no_statuses": "the system tells no status of an order beside its shipments",
    "no_foreign": "nothing but our own orders ever reaches this system's messages",
    "slow": "the real system takes seconds an order; what needs dozens of orders is shown on the others",
    "products_only": "its shipments name products: of two lines of one product nobody can tell which left",
    "no_sku_check": "the system refuses no SKU that it does not know before it has acknowledged the order",
    "no_drafts": "the shop's staff door makes no drafts",
    "no_edit": "the shop's staff door edits no order lines",
    "no_cancelled_orders": "the shop's staff door cancels no order",
    "no_status_field": "the platform has no place for our status",
    "no_progress": "the platform has no state for a pick under way: the capability is off",
    "no_webhooks": "the platform sends no webhooks: the capability is off",
    "unshown_until_set": "the platform shows no figure of a variant before it was set once",
}
"""Why a bench cannot show what a check asks for."""


class Floor(Protocol):
    """The remote's staff and ledger, by our line ids and in base units, as `FloorControl` has them."""

    def load_products(self, products: Mapping[str, str]) -> Any: ...

    def receive(self, goods: Mapping[str, int]) -> Any: ...

    def ship(
        self,
        ref: str,
        quantities: Mapping[str, int] | None = None,
        parcels: Sequence[tuple[str, str, Mapping[str, int]]] = (),
        boxes: int = 1,
        close_rest: bool = False,
    ) -> Any: ...

    def pick(self, ref: str) -> Any: ...

    def label(self, ref: str) -> Any: ...

    def close_short(self, ref: str, line: str, units: int) -> Any: ...

    def void(self, shipment: Any) -> Any: ...

    def hold(self, ref: str) -> Any: ...

    def cancel(self, ref: str) -> Any: ...

    def held(self) -> Sequence[Any]: ...

    def requested_on(self, ref: str) -> Any: ...


@dataclass
class Bench:
    """One warehouse adapter on its remote.

    `fresh` makes a second adapter on the same remote, as another worker has; `transport_log` holds what `on_call`
    heard; `settle` lets messages under way arrive; `connect` makes an adapter that is connected otherwise. `bring` is
    another route: it writes such an order in its own way, under this number, and answers it as the staff name it; None
    where another route writes as our adapter does. `wire`, `sent` (every request since the bench was opened), `ran`
    (the checks so far) and `began`, the start of the check that runs, are the kit's own.
    """

    name: str
    warehouse: Warehouse
    floor: Floor
    clock: Ticking
    fresh: Callable[[], Warehouse]
    transport_log: list[tuple[str, str, str]] = field(default_factory=list)
    traits: set[str] = field(default_factory=set)
    settle: Callable[[], Any] = lambda: None
    began: datetime | None = None
    connect: Callable[[Connecting], Warehouse] = make_warehouse
    bring: Callable[[WarehouseOrder, str], WarehouseOrder] | None = None
    wire: Wire = field(default_factory=Wire)
    sent: list[Sent] = field(default_factory=list)
    ran: set[str] = field(default_factory=set)


@dataclass
class ShopBench:
    """One storefront adapter on its shop. `shop` speaks the words of `sandbox.control.SandboxControl`; the other hooks
    ask that shop's own state, and a bench whose shop keeps it otherwise gives its own.

    `order` makes an order for `shop.load` from its name and lines of (SKU, quantity). `fulfilments` are (quantity by
    SKU, tracking numbers) of each that stands; `shown` is what the shop shows by SKU; `untouched` what we never write.
    """

    name: str
    storefront: Storefront
    shop: Any
    clock: Ticking
    fresh: Callable[[], Storefront]
    transport_log: list[tuple[str, str, str]] = field(default_factory=list)
    traits: set[str] = field(default_factory=set)
    connect: Callable[[Connecting], Storefront] = make_storefront
    order: Callable[..., dict[str, Any]] = shop_state.an_order
    fulfilments: Callable[[Any, str], list[tuple[dict[str, int], list[str]]]] = shop_state.fulfilments
    shown: Callable[[Any], dict[str, int]] = shop_state.shown
    untouched: Callable[[Any, str], Any] = shop_state.untouched
    wire: Wire = field(default_factory=Wire)
    sent: list[Sent] = field(default_factory=list)
    ran: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Check:
    """One thing that every adapter must do. `exempt` are the traits that excuse a bench."""

    name: str
    run: Callable[[Any], None]
    exempt: frozenset[str]

    def excuse(self, traits: set[str]) -> str:
        """Why this bench is let off, or nothing."""
        return "; ".join(TRAITS[each] for each in sorted(self.exempt & traits))


WAREHOUSE_CHECKS: dict[str, Check] = {}
SHOP_CHECKS: dict[str, Check] = {}


def warehouse_check(*exempt: str) -> Callable[[Callable[[Bench], None]], Callable[[Bench], None]]:
    """Adds a check to those that every warehouse must pass."""
    return _adder(WAREHOUSE_CHECKS, exempt)


def shop_check(*exempt: str) -> Callable[[Callable[[ShopBench], None]], Callable[[ShopBench], None]]:
    """Adds a check to those that every storefront must pass."""
    return _adder(SHOP_CHECKS, exempt)


def _adder(checks: dict[str, Check], exempt: Sequence[str]) -> Callable[[Callable[[Any], None]], Any]:
    def add(run: Callable[[Any], None]) -> Callable[[Any], None]:
        name = run.__name__.removeprefix("check_")
        assert name not in checks, name
        assert set(exempt) <= TRAITS.keys(), exempt
        checks[name] = Check(name, run, frozenset(exempt))
        return run

    return add


def benches() -> list[str]:
    """The dialects that have a bench, by name."""
    return sorted(each.name for each in iter_modules([str(Path(__file__).parent / "benches")]))


def load_bench(dialect: str) -> Any:
    """The bench's module."""
    return import_module(f"tests.contract.benches.{dialect}")


@contextmanager
def opened(open_bench: Callable[[Path], AbstractContextManager[Any]], folder: Path) -> Iterator[Any]:
    """The bench that `open_bench` makes, with the kit's ear on its wire."""
    with recording() as sent, listening() as wire, open_bench(folder) as bench:
        assert bench.traits <= TRAITS.keys(), f"unknown traits {bench.traits - TRAITS.keys()}"
        bench.wire, bench.sent = wire, sent
        wire.clock = bench.clock
        yield bench


def run_check(check: Check, bench: Bench | ShopBench) -> None:
    """Run one check, ten quiet minutes after the one before, so that neither call windows nor overlaps reach back.
    Raises pytest's Skipped with the reason where the bench's traits excuse it."""
    bench.ran.add(check.name)
    excuse = check.excuse(bench.traits)
    if excuse:
        pytest.skip(f"{bench.name}: {excuse}")
    bench.clock.pass_time(600)
    if isinstance(bench, Bench) and "slow" not in bench.traits:  # the real system has a clock of its own
        bench.began = bench.clock()
    try:
        check.run(bench)
    finally:
        bench.wire.calm()
