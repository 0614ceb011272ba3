"""Warehouse orders in ShipHero: looked for, created once, and read back.

Nothing says that ShipHero refuses a second order with the same `partner_order_id`, so an order is looked for before it
is created, and a create that got no clear answer is never repeated. It is not documented either what becomes of an
order for a SKU that ShipHero does not know, so SKUs are looked up first.

`fulfillment_status` is free text: `pending`, `default` and `unfulfilled` all say that an order waits
(https://community.shiphero.com/t/default-pending-and-unfullfiled-order-status/753), a warehouse adds words of its own,
and `fulfilled` and `canceled` are ShipHero's. Where an order waits, its holds and its lines say for what.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from include.fulfilment.adapters.transport import RemoteRefusal, UnknownOutcome
from include.fulfilment.adapters.warehouse.shiphero import documents
from include.fulfilment.adapters.warehouse.shiphero.client import GraphQLRefusal, Json, ShipHeroClient
from include.fulfilment.adapters.warehouse.shiphero.lines import all_lines, held_units
from include.fulfilment.adapters.warehouse.shiphero.options import Options
from include.fulfilment.adapters.warehouse.shiphero.order import order_input, texts
from include.fulfilment.adapters.warehouse.shiphero.wire import Order, OrderLine, global_id, nodes_of, number_of, read
from include.fulfilment.clock import Clock
from include.fulfilment.domain.warehouse_order import WarehouseOrder
from include.fulfilment.errors import DataError
from include.fulfilment.ports import (
    Absent,
    AlreadyExists,
    Created,
    FindAnswer,
    Rejected,
    SubmitAnswer,
    Unknown,
    WarehouseRecord,
    WarehouseStatus,
    differences,
)

_WAITING = ("", "pending", "default", "unfulfilled")
_Item = TypeVar("_Item")


class ShipHeroOrders:
    """Submits warehouse orders to one ShipHero account and finds them again."""

    def __init__(self, client: ShipHeroClient, options: Options, customer: str, clock: Clock) -> None:
        self._client = client
        self._options = options
        self._customer = customer
        self._clock = clock
        self._known_skus: set[str] = set()

    def submit(self, order: WarehouseOrder, until: datetime) -> SubmitAnswer:
        """Create the order unless a live one is there under its reference; no create starts after `until`."""
        found = self.heads([order.external_ref])[order.external_ref]
        if isinstance(found, Unknown):
            return found
        held = [each for each in found if not each.is_cancelled]
        if held:
            record = self._record(held, self.lines([held[0]])[held[0].raw_id])
            if isinstance(record, Unknown):
                return record
            return AlreadyExists(record.wms_id, differences(order, record))
        unknown = self.missing_sku({line.base_sku for line in order.lines})
        if unknown:
            return unknown_sku(unknown)
        if self._clock() >= until:
            return Unknown("looking things up took so long that it was not sent")
        return self._create(order)

    def find(self, refs: Sequence[str]) -> dict[str, FindAnswer]:
        """What ShipHero holds under each reference; a cancelled order only where there is no live one. What cannot be
        read is Unknown for its own reference, and stands in no other's way."""
        heads = self.heads(refs)
        held = {ref: _leading_first(found) for ref, found in heads.items() if not isinstance(found, Unknown) and found}
        lines = self.lines([found[0] for found in held.values()])
        answers: dict[str, FindAnswer] = {
            ref: found if isinstance(found, Unknown) else Absent() for ref, found in heads.items()
        }
        return answers | {ref: self._record(found, lines[found[0].raw_id]) for ref, found in held.items()}

    def heads(self, refs: Iterable[str]) -> dict[str, list[Order] | Unknown]:
        """Every order under each reference, oldest first, without its lines; Unknown where one cannot be read."""
        found: dict[str, list[Order] | Unknown] = {ref: [] for ref in refs}
        for batch in chunks(sorted(found), documents.REFS_PER_READ):
            variables = {f"r{number}": ref for number, ref in enumerate(batch)}
            answer = self._read(documents.heads(len(batch)), documents.HEADS_COST * len(batch), variables)
            for number, ref in enumerate(batch):
                found[ref] = _read_heads(ref, answer[f"r{number}"].get("data"))
        return found

    def _create(self, order: WarehouseOrder) -> SubmitAnswer:
        wholesale = self._options.order_kind == "wholesale"
        document = documents.CREATE_WHOLESALE if wholesale else documents.CREATE
        try:
            payload = self._client.mutate(document, order_input(order, self._options, self._customer))
        except DataError as error:
            return Rejected("unit_unknown", str(error), error.subject)
        except UnknownOutcome as unclear:
            return Unknown(str(unclear))
        except GraphQLRefusal as refusal:
            return Rejected(refusal.code or "refused_by_warehouse", refusal.words, refusal.field)
        except RemoteRefusal as refusal:
            return Rejected("refused_by_warehouse", str(refusal))
        stored: Json = payload
        for field in ("wholesale_order", "order") if wholesale else ("order",):
            stored = stored.get(field) if isinstance(stored, Mapping) else None
        wms_id = number_of(stored.get("id")) if isinstance(stored, Mapping) else ""
        return Created(wms_id) if wms_id else Unknown("ShipHero answered without the id of what it stored")

    def missing_sku(self, skus: set[str]) -> str:
        """The first SKU that the warehouse does not have, empty when it has them all; what it had is remembered."""
        warehouse = global_id("Warehouse", self._options.warehouse_id)
        for batch in chunks(sorted(skus - self._known_skus), documents.SKUS_PER_READ):
            variables = {f"s{number}": sku for number, sku in enumerate(batch)}
            document, cost = documents.skus(len(batch)), documents.SKU_COST * len(batch)
            answer = self._read(document, cost, variables, warehouse=warehouse)
            for number, sku in enumerate(batch):
                if not nodes_of(answer[f"s{number}"].get("data"), f"product {sku}"):
                    return sku
                self._known_skus.add(sku)
        return ""

    def lines(self, orders: Sequence[Order]) -> dict[str, list[OrderLine] | Unknown]:
        """The lines of each order by its id as the API gave it."""
        found: dict[str, list[OrderLine] | Unknown] = {}
        for batch in chunks(orders, documents.ORDERS_PER_LINES_READ):
            variables = {f"i{number}": order.raw_id for number, order in enumerate(batch)}
            cost = documents.LINES_COST * len(batch)
            answer = self._client.read(documents.lines(len(batch)), *variables, cost=cost, **variables)
            for number, order in enumerate(batch):
                first = (answer[f"i{number}"].get("data") or {}).get("line_items")
                try:
                    found[order.raw_id] = all_lines(self._client, order.raw_id, first, f"order {order.ref}")
                except DataError as error:
                    found[order.raw_id] = Unknown(str(error))
        return found

    def _record(self, found: Sequence[Order], lines: Sequence[OrderLine] | Unknown) -> WarehouseRecord | Unknown:
        order = found[0]
        if isinstance(lines, Unknown):
            return lines
        try:
            held = held_units(order, lines, self._options)
        except DataError as error:
            return Unknown(str(error))
        po_number, instructions = texts(order.packing_note, self._options.po_name)
        return WarehouseRecord(
            external_ref=order.ref,
            wms_id=order.id,
            status=status_of(order, lines),
            raw_status=order.fulfillment_status or "",
            po_number=po_number,
            instructions=instructions,
            lines=held,
            duplicates=tuple(each.id for each in found[1:] if not each.is_cancelled),
        )

    def _read(self, document: str, cost: int, each: Mapping[str, str], **more: str) -> Mapping[str, Mapping[str, Json]]:
        """A query with one field for each variable of `each`, under the variable's name."""
        return self._client.read(document, *each, cost=cost, customer=self._customer or None, **each, **more)


def unknown_sku(sku: str) -> Rejected:
    """The refusal of an order for a product that the warehouse does not have."""
    words = f"the warehouse has no product {sku!r}; add it there or correct the pack catalogue"
    return Rejected("sku_unknown", words, f"sku {sku}")


def _read_heads(ref: str, connection: Json) -> list[Order] | Unknown:
    what = f"orders under {ref}"
    try:
        orders = [read(Order, node, f"order {ref}") for node in nodes_of(connection, what)]
    except DataError as error:
        return Unknown(str(error))
    info = connection.get("pageInfo")
    if not isinstance(info, Mapping) or info.get("hasNextPage") is not False:
        return Unknown(f"shiphero: {what} are more than {documents.ORDERS_PER_REF}; clear them up there")
    return sorted((each for each in orders if each.ref == ref), key=lambda each: _age(each.id))


def _leading_first(found: Sequence[Order]) -> list[Order]:
    """The order that counts under a reference first: a live one before a cancelled one, then the oldest."""
    return sorted(found, key=lambda each: each.is_cancelled)


def _age(number: str) -> tuple[int, str]:
    return (int(number), "") if number.isdigit() else (0, number)


def status_of(order: Order, lines: Sequence[OrderLine]) -> WarehouseStatus:
    """Where an order with these lines is."""
    if order.is_cancelled:
        return WarehouseStatus.CANCELLED
    if order.status == "fulfilled":
        return WarehouseStatus.SHIPPED
    if order.status not in _WAITING:
        return WarehouseStatus.UNRECOGNISED
    if order.is_on_hold:
        return WarehouseStatus.HELD
    if any(line.quantity_shipped for line in lines):
        return WarehouseStatus.PARTIALLY_SHIPPED
    if any(pick.picked_quantity for line in lines for pick in line.tote_picks or ()):
        return WarehouseStatus.PICKING
    if any(line.backorder_quantity for line in lines):
        return WarehouseStatus.BACKORDERED
    if lines and all((line.quantity_allocated or 0) >= line.quantity for line in lines):
        return WarehouseStatus.ALLOCATED
    return WarehouseStatus.RECEIVED


def chunks(items: Sequence[_Item], size: int) -> Iterator[Sequence[_Item]]:
    """The items in slices of at most `size`, in order."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
