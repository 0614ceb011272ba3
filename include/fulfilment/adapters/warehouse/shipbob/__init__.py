"""ShipBob as a warehouse, over its REST API 2026-01."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from include.fulfilment.adapters.connecting import Connecting, read_options
from include.fulfilment.adapters.transport import RemoteRefusal, Transport, UnknownOutcome
from include.fulfilment.adapters.warehouse.changing import cancel_held
from include.fulfilment.adapters.warehouse.shipbob.changes import AMENDS_NOTHING, ask_to_cancel
from include.fulfilment.adapters.warehouse.shipbob.order import (
    CARRIED,
    GIFT_MESSAGE_LIMIT,
    NotCarried,
    Options,
    order_body,
)
from include.fulfilment.adapters.warehouse.shipbob.others import read_others
from include.fulfilment.adapters.warehouse.shipbob.record import read_order, read_record
from include.fulfilment.adapters.warehouse.shipbob.shipments import ShipBobShipments
from include.fulfilment.adapters.warehouse.shipbob.stock import read_stock
from include.fulfilment.adapters.warehouse.shipbob.wire import Json, ShipBobClient, shipbob_transport
from include.fulfilment.clock import Clock
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import DataError, RetryableError
from include.fulfilment.ports import (
    Absent,
    AlreadyExists,
    AmendAnswer,
    CallRate,
    CancelAnswer,
    CancelKind,
    Capabilities,
    Created,
    DeductsAt,
    FindAnswer,
    OtherOrder,
    RateKind,
    Rejected,
    ShipmentPage,
    StockSnapshot,
    SubmitAnswer,
    Unknown,
    Warehouse,
    WarehouseRecord,
    WebhookProof,
    carries,
    differences,
)

_LONGEST_WORDS = 300
_TAKEN = re.compile(r"existing.{0,20}reference|reference.{0,40}(exist|already|duplicate|unique|in use)", re.IGNORECASE)
CAPABILITIES = Capabilities(
    name="shipbob",
    idempotent_create=True,  # a repeated reference_id is refused with 422
    find_by_ref=True,
    finds_others=True,
    update=False,  # shipments can be edited, an order cannot
    cancel=CancelKind.SYNC,
    partial_shipments=True,
    parcel_contents=True,
    lots=True,
    uom_on_line=True,
    orders_changed_since=True,
    stock_changed_since=False,
    webhook_proof=WebhookProof.STANDARD_WEBHOOKS,
    deducts_at=DeductsAt.DISPATCH,
    unsafe_gets=False,
    field_limits={**carries(*CARRIED), "instructions": 0, "ship_to.phone": 50},
    rate=CallRate(RateKind.SLIDING, 150, 60),
    submit_concurrency=4,
)


def connect(given: Connecting) -> Warehouse:
    """The warehouse behind a connection: host, access token as password, extra `channel_id` (and `api_version`); the
    agreements of `Options` in the site file."""
    options = read_options(Options, given.warehouse_site.options, f"{given.warehouse_field}.options", given.site)
    transport = shipbob_transport(given.connection, on_call=given.on_call, acquire=given.acquire)
    return ShipBobWarehouse(transport, options, given.clock)


class ShipBobWarehouse:
    """One ShipBob account behind the port `Warehouse`."""

    def __init__(self, transport: Transport, options: Options, clock: Clock) -> None:
        self._client = ShipBobClient(transport)
        self._options = options
        self._clock = clock
        self._known_skus: set[str] = set()

    @property
    def capabilities(self) -> Capabilities:
        """What ShipBob can do. It has no field for instructions; the gift message carries them where that is agreed."""
        if self._options.instructions_in == "none":
            return CAPABILITIES
        return replace(CAPABILITIES, field_limits={**CAPABILITIES.field_limits, "instructions": GIFT_MESSAGE_LIMIT})

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        """Create the order once. Its SKUs are looked up first: ShipBob makes a new product of one it does not know."""
        try:
            body = order_body(order, self._options)
        except DataError as error:
            return Rejected("unit_unknown", str(error), f"unit {error.subject}")
        except NotCarried as error:
            return Rejected("not_carried", str(error), "payer")
        unknown = self._unknown_skus(order)
        if unknown:
            words = f"the warehouse has no product with SKU {unknown[0]!r}; add it there or correct the pack catalogue"
            return Rejected("sku_unknown", words, f"sku {unknown[0]}")
        if self._clock() >= until:
            return Unknown("looking the SKUs up took so long that it was not sent")
        try:
            created = self._client.create(body)
        except UnknownOutcome as unclear:
            return Unknown(str(unclear))
        except RemoteRefusal as refusal:
            return self._refused(order, refusal)
        if not isinstance(created, dict) or not isinstance(created.get("id"), int):
            return Unknown("ShipBob answered the create with something that is no order")
        return Created(str(created["id"]))

    def find(self, external_refs: Sequence[str]) -> dict[str, FindAnswer]:
        """What ShipBob holds under each reference, a call per hundred."""
        by_ref: dict[str, list[Json]] = defaultdict(list)
        for raw in self._client.find(sorted(set(external_refs))):
            by_ref[str(raw.get("reference_id"))].append(raw)
        return {ref: _found(ref, by_ref.get(ref, [])) for ref in external_refs}

    def others(self, references: Sequence[str]) -> dict[str, OtherOrder]:
        """The orders of the channel under these references, a call per hundred."""
        return read_others(self._client, references)

    def cancel(self, external_ref: str) -> CancelAnswer:
        """Cancel the order with all its shipments, of which none may be worked on."""
        return cancel_held(self.find, external_ref, lambda held: ask_to_cancel(self._client, held))

    def amend(self, order: WarehouseOrder) -> AmendAnswer:
        """Always refused: ShipBob edits no order."""
        return AMENDS_NOTHING

    def read_stock(self) -> StockSnapshot:
        """All stock on hand where our orders are served from, a call per 250 SKUs. Raises DataError when paging repeats
        or breaks off."""
        return read_stock(self._client, self._clock, self._options.location_id)

    def read_shipments(self, changed_since: datetime | None) -> Iterator[ShipmentPage]:
        """Shipments that were labelled, left or were voided since then, and remainders that will not be sent."""
        return ShipBobShipments(self._client, self._clock).read(changed_since)

    def _unknown_skus(self, order: WarehouseOrder) -> list[str]:
        """The SKUs that ShipBob has no product for. What it has is remembered; the rest may be added."""
        asked = sorted({line.base_sku for line in order.lines} - self._known_skus)
        if asked:
            self._known_skus |= self._client.skus(asked)
        return [sku for sku in asked if sku not in self._known_skus]

    def _refused(self, order: WarehouseOrder, refusal: RemoteRefusal) -> SubmitAnswer:
        """422 is a repeated reference as well as a broken rule (developer.shipbob.com/errors): which, find tells."""
        if refusal.status != 422:
            return _rejected(refusal)
        try:
            held = self.find([order.external_ref])[order.external_ref]
        except RetryableError as error:
            return Unknown(f"ShipBob refused the create, perhaps as a repeat, and the order could not be read: {error}")
        if isinstance(held, WarehouseRecord):
            return AlreadyExists(held.wms_id, differences(order, held))
        refused = _rejected(refusal)
        if isinstance(held, Absent) and _TAKEN.search(refused.message):
            # What ShipBob finds can lag behind what it took: a refusal for good would leave an order on the floor.
            return Unknown(f"{refused.message}; ShipBob does not find it under {order.external_ref}; look there")
        return held if isinstance(held, Unknown) else refused


def _found(ref: str, same: Sequence[Json]) -> FindAnswer:
    if not same:
        return Absent()
    try:
        return read_record(ref, [read_order(raw) for raw in same])
    except DataError as error:
        return Unknown(str(error))


def _rejected(refusal: RemoteRefusal) -> Rejected:
    """ShipBob's own words: a map of field to messages, the field empty where it is about the order as a whole."""
    body: Any = refusal.body
    said = body if isinstance(body, Mapping) else {}
    for name, messages in said.items():
        words = "; ".join(str(each) for each in messages) if isinstance(messages, list) else str(messages)
        return Rejected("refused_by_warehouse", words[:_LONGEST_WORDS], str(name))
    return Rejected("refused_by_warehouse", str(refusal)[:_LONGEST_WORDS])
