"""Mintsoft (Access) as a warehouse, over its REST API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from include.fulfilment.adapters.connecting import Connecting, read_options
from include.fulfilment.adapters.transport import Transport
from include.fulfilment.adapters.warehouse.mintsoft.changes import MintsoftChanges
from include.fulfilment.adapters.warehouse.mintsoft.client import MintsoftClient
from include.fulfilment.adapters.warehouse.mintsoft.options import Options, read_account
from include.fulfilment.adapters.warehouse.mintsoft.order import CARRIED
from include.fulfilment.adapters.warehouse.mintsoft.orders import MintsoftOrders
from include.fulfilment.adapters.warehouse.mintsoft.others import MintsoftOthers
from include.fulfilment.adapters.warehouse.mintsoft.shipments import MintsoftShipments
from include.fulfilment.adapters.warehouse.mintsoft.stock import read_stock
from include.fulfilment.clock import Clock
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import ConfigError
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
    WebhookProof,
    carries,
)

CAPABILITIES = Capabilities(
    name="mintsoft",
    idempotent_create=False,  # only 3PL accounts refuse a number that they have
    find_by_ref=True,
    finds_others=True,  # a call for each number: two more an order, beside the three of sending it and reading it back
    update=True,  # all but the PO number
    cancel=CancelKind.SYNC,
    partial_shipments=True,
    parcel_contents=False,
    lots=True,
    uom_on_line=False,
    orders_changed_since=True,
    stock_changed_since=True,
    webhook_proof=WebhookProof.NONE,
    deducts_at=DeductsAt.DISPATCH,  # of the figure that we read, StockLevel
    unsafe_gets=True,
    field_limits=carries(*CARRIED),  # Mintsoft publishes no lengths
    # Nothing is published either; at 4 calls a second nobody has seen a 429, so that is our own caution.
    rate=CallRate(RateKind.BUCKET, 4, 1),
    submit_concurrency=2,
)


class MintsoftWarehouse:
    """One Mintsoft account, of which one warehouse's stock is ours, behind the port `Warehouse`."""

    def __init__(self, client: MintsoftClient, options: Options, clock: Clock) -> None:
        self._client = client
        self._options = options
        self._orders = MintsoftOrders(client, options, clock)
        self._others = MintsoftOthers(client, options)
        self._changes = MintsoftChanges(client, self._orders, self._others)

    @property
    def capabilities(self) -> Capabilities:
        """What Mintsoft can do. It keeps no unique key of ours for all accounts, so a create is looked for first. What
        it has no field for goes into a name and value pair where one was agreed."""
        return replace(CAPABILITIES, field_limits=carries(*CARRIED, *self._options.pairs))

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        """Create the order once."""
        return self._orders.submit(order, until)

    def find(self, external_refs: Sequence[str]) -> dict[str, FindAnswer]:
        """What Mintsoft holds under each reference, one call each."""
        return self._orders.find(external_refs)

    def others(self, references: Sequence[str]) -> dict[str, OtherOrder]:
        """The orders of our client under these numbers, one call each."""
        return self._others.read(references)

    def cancel(self, external_ref: str) -> CancelAnswer:
        """Cancel the order with all parts that it was split into."""
        return self._changes.cancel(external_ref)

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        """Change lines, notes, day, courier and address; a changed PO number and a split order are refused."""
        return self._changes.amend(order)

    def read_stock(self) -> StockSnapshot:
        """The warehouse's stock per SKU. Raises DataError when paging repeats."""
        return read_stock(self._client, self._options)

    def read_shipments(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        """Parts of our orders that were picked, despatched or cancelled since then."""
        return MintsoftShipments(self._client, self._options).read(changed_since)


def connect(given: Connecting) -> MintsoftWarehouse:
    """The site's Mintsoft. Raises ConfigError when the connection lacks login or password, or an option is wrong."""
    remote = given.connection
    if not remote.login or not remote.password:
        raise ConfigError(f"connection {remote.conn_id!r}: Mintsoft needs a user's login and password")
    transport = Transport(
        remote.base_url,
        system="mintsoft",
        connection_id=remote.conn_id,
        scope_hint="the user's login and password, and that it may use the API, in Mintsoft",
        on_call=given.on_call,
        acquire=given.acquire,
    )
    options = read_options(Options, given.warehouse_site.options, f"{given.warehouse_field}.options", given.site)
    account = read_account(remote.extra, remote.conn_id)
    return MintsoftWarehouse(MintsoftClient(transport, remote.login, remote.password, account), options, given.clock)
