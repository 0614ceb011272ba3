"""Stock of one site: the warehouse's readings, what is promised out of them, and what the shop shows."""

from __future__ import annotations

from include.fulfilment.store.demand import Demand
from include.fulfilment.store.readings import Readings
from include.fulfilment.store.shown_stock import ShownStock


class PostgresStock(Readings, Demand, ShownStock):
    """Stock readings, variants and what the shop shows."""
