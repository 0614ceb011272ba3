"""ShipHero as a warehouse, over its public GraphQL API: plain orders, or wholesale ones with a unit of measure.

The plain operations are checked against the schema of February 2023, the wholesale one against the vendor's
documentation pages alone (see `documents`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from include.fulfilment.adapters.connecting import Connecting, read_options
from include.fulfilment.adapters.warehouse.shiphero.changes import ShipHeroChanges
from include.fulfilment.adapters.warehouse.shiphero.client import ShipHeroClient
from include.fulfilment.adapters.warehouse.shiphero.options import Options, open_session, open_transport
from include.fulfilment.adapters.warehouse.shiphero.order import CARRIED, CARRIED_WHOLESALE
from include.fulfilment.adapters.warehouse.shiphero.orders import ShipHeroOrders
from include.fulfilment.adapters.warehouse.shiphero.others import ShipHeroOthers
from include.fulfilment.adapters.warehouse.shiphero.shipments import ShipHeroShipments
from include.fulfilment.adapters.warehouse.shiphero.stock import read_stock
from include.fulfilment.clock import Clock
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.ports import (
    AmendAnswer,
    CallRate,
    CancelAnswer,
    CancelKind,
    Capabilities,
    DeductsAt,
    FindAnswer,
    OtherOrder,
    RateKind,
    ShipmentPage,
    StockSnapshot,
    SubmitAnswer,
    Warehouse,
    WebhookProof,
    carries,
)

_CREDITS, _CREDITS_A_SECOND = 4004, 60
CAPABILITIES = Capabilities(
    name="shiphero",
    idempotent_create=False,  # nothing is said of a repeated partner_order_id
    find_by_ref=True,
    finds_others=True,
    update=True,  # order_update, order_update_line_items
    cancel=CancelKind.SYNC,  # order_cancel
    partial_shipments=True,
    parcel_contents=True,
    lots=True,
    uom_on_line=False,
    orders_changed_since=True,
    stock_changed_since=True,
    webhook_proof=WebhookProof.HMAC_BASE64,
    deducts_at=DeductsAt.DISPATCH,  # of on_hand, the figure that is read
    unsafe_gets=False,
    field_limits=carries(*CARRIED),  # no length is documented
    # Besides, at most 7,000 requests in five minutes: out of reach where each asks for 6 credits or more, as ours do.
    rate=CallRate(RateKind.BUCKET, _CREDITS, _CREDITS / _CREDITS_A_SECOND),
)
# A wholesale order leaves whole from one warehouse (https://software-help.shiphero.com/hc/en-us/articles/40903005177869).
# Its line's unit of measure is in no input that changes a line, so it is cancelled and sent anew.
WHOLESALE = replace(
    CAPABILITIES,
    uom_on_line=True,
    partial_shipments=False,
    update=False,
    field_limits=carries(*CARRIED_WHOLESALE),
)


def connect(given: Connecting) -> Warehouse:
    """The warehouse behind a connection: a user's login and password, or a refresh token as password; extra may name
    `customer_account_id`. Raises ConfigError when one of them or an option is missing."""
    options = read_options(Options, given.warehouse_site.options, f"{given.warehouse_field}.options", given.site)
    transport = open_transport(given)
    session = open_session(transport, given.connection.login, given.connection.password)
    client = ShipHeroClient(transport, session, given.give_back)
    return ShipHeroWarehouse(client, options, str(given.connection.extra.get("customer_account_id") or ""), given.clock)


class ShipHeroWarehouse:
    """One ShipHero warehouse behind the port `Warehouse`. The stock figure is all that has not left the dock."""

    def __init__(self, client: ShipHeroClient, options: Options, customer: str, clock: Clock) -> None:
        self._client, self._options, self._customer = client, options, customer
        self._orders = ShipHeroOrders(client, options, customer, clock)
        self._shipments = ShipHeroShipments(client, self._orders, options, customer)
        self._others = ShipHeroOthers(client, self._shipments, options, customer)
        self._changes = ShipHeroChanges(client, self._orders, options, customer)

    @property
    def capabilities(self) -> Capabilities:
        """What ShipHero can do with the kind of orders that the site sends."""
        return WHOLESALE if self._options.order_kind == "wholesale" else CAPABILITIES

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        """Create the order once: three calls, of which the second is spared for SKUs that were seen before."""
        return self._orders.submit(order, until)

    def find(self, external_refs: Sequence[str]) -> dict[str, FindAnswer]:
        """What ShipHero holds under each reference: one call for fifty references, one for the lines of twenty orders,
        and one more for every hundred lines beyond an order's first twenty-five."""
        return self._orders.find(external_refs)

    def others(self, references: Sequence[str]) -> dict[str, OtherOrder]:
        """The orders of any shop under these numbers: a call for fifty numbers, and one for ten orders that are
        there."""
        return self._others.read(references)

    def cancel(self, external_ref: str) -> CancelAnswer:
        """Cancel the order, never by force: one with labels or shipments stays."""
        return self._changes.cancel(external_ref, self.others)

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        """Change a plain order: lines off, changed and on, then its head; a wholesale one is refused."""
        return self._changes.amend(order)

    def read_stock(self) -> StockSnapshot:
        """Sellable units on hand of every product of the warehouse."""
        return read_stock(self._client, self._options, self._customer)

    def read_shipments(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        """Shipments of orders that changed since then, and remainders that the warehouse closed."""
        return self._shipments.read(changed_since)
