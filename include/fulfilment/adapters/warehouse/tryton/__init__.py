"""Tryton 8.0 as a warehouse, over its REST door."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property

from include.fulfilment.adapters.connecting import Connecting
from include.fulfilment.adapters.transport import Transport
from include.fulfilment.adapters.warehouse.changing import also_by_number, cancel_held
from include.fulfilment.adapters.warehouse.tryton.changes import AMENDS_NOTHING, ask_to_cancel
from include.fulfilment.adapters.warehouse.tryton.orders import TrytonOrders
from include.fulfilment.adapters.warehouse.tryton.others import TrytonOthers
from include.fulfilment.adapters.warehouse.tryton.shipments import TrytonShipments
from include.fulfilment.adapters.warehouse.tryton.wire import Record, TrytonClient, tryton_transport, whole
from include.fulfilment.clock import Clock
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import ConfigError, DataError
from include.fulfilment.ports import (
    AmendAnswer,
    CancelAnswer,
    CancelKind,
    Capabilities,
    DeductsAt,
    FindAnswer,
    OtherOrder,
    Problem,
    ShipmentPage,
    StockLevel,
    StockSnapshot,
    SubmitAnswer,
    Warehouse,
    WebhookProof,
    carries,
)

_PAGE = 1000  # 10,000 products took 7.5 s in one call and 3.9 s in pages of this size
_GOODS = [["type", "=", "goods"], ["code", "!=", None]]
CAPABILITIES = Capabilities(
    name="tryton",
    idempotent_create=False,
    find_by_ref=True,
    finds_others=True,
    update=False,  # a confirmed sale's lines are fixed
    cancel=CancelKind.SYNC,  # of its shipments, which is all that leaves
    partial_shipments=True,
    parcel_contents=True,
    lots=False,
    uom_on_line=False,
    orders_changed_since=True,
    stock_changed_since=False,
    webhook_proof=WebhookProof.NONE,
    deducts_at=DeductsAt.DISPATCH,
    unsafe_gets=False,
    field_limits=carries(),  # Tryton's text has no length limit
    rate=None,
    submit_concurrency=1,  # its orders are numbered in turn, and on SQLite there is one writer
)


def connect(given: Connecting) -> Warehouse:
    """The warehouse behind a connection: host, database as schema, a user's application key as password."""
    remote = given.connection
    transport = tryton_transport(
        remote.base_url,
        remote.schema,
        remote.password,
        connection_id=remote.conn_id,
        on_call=given.on_call,
        acquire=given.acquire,
    )
    return TrytonWarehouse(transport, given.clock)


class TrytonWarehouse:
    """One Tryton warehouse behind the port `Warehouse`. The stock figure is all that has not left the dock."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._client = TrytonClient(transport)
        self._connection = transport.connection_id
        self._orders = TrytonOrders(self._client, clock)

    @property
    def capabilities(self) -> Capabilities:
        """What Tryton can do. It has no unique key of ours, so a create is looked for first and never repeated."""
        return CAPABILITIES

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        """Create and confirm the order once, or finish a half-submitted one; about 0.8 s for 25 lines."""
        return self._orders.submit(order, until)

    def find(self, external_refs: Sequence[str]) -> dict[str, FindAnswer]:
        """What Tryton holds under each reference, two calls per hundred; a half-submitted order is absent."""
        return self._orders.find(external_refs)

    def others(self, references: Sequence[str]) -> dict[str, OtherOrder]:
        """The sales under these numbers: a call per hundred, two for all that are there, and up to four for each."""
        return TrytonOthers(self._client, self._orders, self._shipments).read(references)

    def cancel(self, external_ref: str) -> CancelAnswer:
        """Cancel the order's shipments, of which none may be assigned."""
        find = also_by_number(self.find, self.others)
        return cancel_held(find, external_ref, lambda held: ask_to_cancel(self._client, held))

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        """Always refused: a confirmed sale is fixed."""
        return AMENDS_NOTHING

    def read_stock(self) -> StockSnapshot:
        """The warehouse's quantity of every product with a code. A product that is not counted in whole units is left
        out and told as a problem: it cannot be a base unit of the shop's, and missing is not zero.

        Raises:
            DataError: a page came twice, or fewer products came than there are.
        """
        location = self._place["code"]
        as_of = self._client.server_time()
        expected = self._client.count("product.product", _GOODS)
        products = list(self._products())
        if len(products) < expected:
            found = f"{len(products)} of {expected} products"
            raise DataError(f"tryton: the reading of stock broke off at {found}", "stock")
        levels, problems = list[StockLevel](), list[Problem]()
        for each in products:
            try:
                levels.append(StockLevel(each["code"], location, whole(each["quantity"], f"stock {each['code']}")))
            except DataError as odd:
                problems.append(Problem(odd.subject, str(odd)))
        return StockSnapshot(as_of, tuple(levels), tuple(problems))

    def read_shipments(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        """Shipments picked, sent or cancelled since then, and remainders that the staff closed."""
        return self._shipments.read(changed_since)

    @property
    def _shipments(self) -> TrytonShipments:
        return TrytonShipments(self._client, self._place["code"])

    @cached_property
    def _place(self) -> Record:
        places = self._client.search("stock.location", [["type", "=", "warehouse"]], ["code"])
        if len(places) != 1 or not places[0]["code"]:
            found = f"Tryton has {len(places)} warehouses; exactly one, with a code, is needed"
            raise ConfigError(f"connection {self._connection!r}: {found}")
        return places[0]

    def _products(self) -> Iterator[Record]:
        place = {"locations": [self._place["id"]]}
        last = 0
        while True:
            domain = [*_GOODS, ["id", ">", last]]
            page = self._client.search("product.product", domain, ["code", "quantity"], limit=_PAGE, context=place)
            yield from page
            if len(page) < _PAGE:
                return
            if page[-1]["id"] <= last:
                raise DataError("tryton: a page of stock came twice; the reading is incomplete", "stock")
            last = page[-1]["id"]
