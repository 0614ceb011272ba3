"""Makes the real warehouse, and the port onto it, known to every test of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.tryton.install import DATABASE
from include.fulfilment.adapters.warehouse.tryton import TrytonWarehouse
from include.fulfilment.adapters.warehouse.tryton.wire import tryton_transport
from include.fulfilment.clock import system_clock
from tests.demo.tryton.kit import Yard, yard

__all__ = ["warehouse", "yard"]


@pytest.fixture
def warehouse(yard: Yard) -> Iterator[TrytonWarehouse]:
    with tryton_transport(yard.url, DATABASE, yard.home.api_key, connection_id="warehouse_test") as transport:
        yield TrytonWarehouse(transport, system_clock)
