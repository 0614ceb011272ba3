"""The warehouse in memory that the tests of the services stand on: it keeps the port's promises too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.contract.kit import Bench
from tests.fakes import FakeWarehouse
from tests.stories.world import Ticking

TRAITS = {"no_http", "creates_blindly", "no_label", "no_hold", "no_cancel", "no_foreign"}


class _FakeFloor(FakeWarehouse):
    def load_products(self, products: Mapping[str, str]) -> None:
        for sku in products:
            self.stock.setdefault(sku, 0)


@contextmanager
def open_bench(folder: Path) -> Iterator[Bench]:
    """The warehouse and its staff are one object."""
    clock = Ticking()
    fake = _FakeFloor(clock)
    yield Bench("fake", fake, fake, clock, lambda: fake, traits=set(TRAITS))
