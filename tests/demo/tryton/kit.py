"""A real Tryton for tests: one server per session on a copy of the template, and one staff login."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from demo.tryton.floor import Floor
from demo.tryton.install import DATABASE, FLOOR, Home, fresh_database
from demo.tryton.rpc import Rpc
from demo.tryton.server import running
from demo.tryton.setup import load_products, prepare

_STATE = Path(__file__).resolve().parents[3] / ".state"
_numbers = count(1)


@dataclass(frozen=True)
class Yard:
    """A running warehouse: its address, its installation and the staff."""

    url: str
    home: Home
    rpc: Rpc
    floor: Floor

    def goods(self, *quantities: int) -> list[str]:
        """New products with so many units on hand each; answers their SKUs."""
        stock = {f"T{next(_numbers):05d}": units for units in quantities}
        load_products(self.rpc, {sku: f"Test {sku}" for sku in stock})
        self.floor.receive(f"GRN-{min(stock)}", stock)
        return list(stock)


def home() -> Home:
    """This checkout's Tryton, installed if need be."""
    found = Home(_STATE)
    prepare(found)
    return found


@pytest.fixture(scope="session")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    """A warehouse that the tests of this session share: each makes its own products and orders."""
    installed, folder = home(), tmp_path_factory.mktemp("tryton yard")
    fresh_database(installed, folder)
    with running(installed, folder) as url, Rpc(url, DATABASE, FLOOR, installed.password_of(FLOOR)) as rpc:
        yield Yard(url, installed, rpc, Floor(rpc))
