"""Sales orders of one site: what the shop says of them, what was decided, and what the warehouse answered."""

from __future__ import annotations

from datetime import datetime

from include.fulfilment.store.decisions import Decisions
from include.fulfilment.store.seen_orders import SeenOrders
from include.fulfilment.store.shop_statuses import ShopStatuses
from include.fulfilment.store.twins import Twins
from include.fulfilment.store.waiting_orders import WaitingOrders
from include.fulfilment.store.warehouse_answers import WarehouseAnswers


class PostgresOrders(SeenOrders, WaitingOrders, Decisions, WarehouseAnswers, ShopStatuses, Twins):
    """Sales orders, decisions and warehouse orders."""

    def follow_shop(self, now: datetime) -> None:
        """What the shop changed or cancelled since it was decided waits again, as do the twins of what it cancelled."""
        self.withdraw_changed(now)
        self.settle_twins()
