"""ShipHero's values: ids of two forms, instants without a zone, connections, and the records that we read.

Every field may be null in its schema. What we cannot do without is checked when a record is read, and one bad record is
a DataError that names it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from include.fulfilment.errors import DataError

Json = Any
_MOST_PAGES = 10_000
_GLOBAL = re.compile(r"[A-Za-z]+:([0-9]+)")
_DIGITS = re.compile(r"[0-9]{1,18}")
UNITS, ORDERED = "units_per_uom", "ordered"  # what we write into a line's custom_options, in base units


def number_of(value: Json) -> str:
    """The number in an id. One record's id is base64 of `Order:561016355` in one field and the bare number in another
    (webhooks, labels). An id of neither form is kept as it is; none is empty."""
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        return ""
    try:
        found = _GLOBAL.fullmatch(base64.b64decode(value, validate=True).decode("ascii"))
    except (binascii.Error, ValueError):
        return value
    return found[1] if found else value


def global_id(kind: str, value: str) -> str:
    """The id as the API takes it: base64 of `Warehouse:7145` for a bare number; anything else is left as it is."""
    return base64.b64encode(f"{kind}:{value}".encode()).decode() if _DIGITS.fullmatch(value) else value


def instant(text: str) -> datetime:
    """An instant of ShipHero's; it writes none with a zone, and they are UTC. Raises ValueError for no instant."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def wire_time(at: datetime) -> str:
    """An aware instant as ShipHero takes it: UTC without saying so, to the second below."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


Id = Annotated[str, BeforeValidator(number_of)]


class _Record(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class Pick(_Record):
    """Units of a line in a picker's tote."""

    picked_quantity: int | None = None


class OrderLine(_Record):
    """A line of an order. `custom_options` is a scalar of any form; ours are an object."""

    id: Id
    partner_line_item_id: str | None = None
    sku: str | None = None
    quantity: int
    quantity_shipped: int | None = None
    quantity_allocated: int | None = None
    quantity_pending_fulfillment: int | None = None
    backorder_quantity: int | None = None
    fulfillment_status: str | None = None
    custom_options: Any = None
    tote_picks: list[Pick] | None = None

    @property
    def line_id(self) -> str:
        """Our line's id; a line that somebody added there has one of its own."""
        return self.partner_line_item_id or f"shiphero line {self.id}"

    def option(self, name: str) -> int | None:
        """A number that we wrote into the line when it was sent; None when it is not there."""
        held = self.custom_options
        if isinstance(held, str):
            try:
                held = json.loads(held)
            except ValueError:
                return None
        value = held.get(name) if isinstance(held, dict) else None
        return value if isinstance(value, int) and value > 0 else None


class Order(_Record):
    """An order's head. `raw_id` is the id as the API gave it and takes it."""

    raw_id: str
    id: Id
    order_number: str | None = None
    partner_order_id: str | None = None
    fulfillment_status: str | None = None
    packing_note: str | None = None
    holds: dict[str, bool | None] | None = None

    @property
    def ref(self) -> str:
        return self.partner_order_id or ""

    @property
    def status(self) -> str:
        return (self.fulfillment_status or "").strip().lower()

    @property
    def is_cancelled(self) -> bool:
        return self.status in ("canceled", "cancelled")

    @property
    def is_on_hold(self) -> bool:
        return any((self.holds or {}).values())


class Label(_Record):
    """A shipping label: one parcel."""

    id: Id
    status: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None


class ShipmentHead(_Record):
    """A shipment without its lines."""

    raw_id: str
    id: Id
    created_date: str
    completed: bool | None = None
    warehouse_id: Id
    shipping_labels: list[Label] | None = None


class ShippedLine(_Record):
    """Units of an order's line in a shipment; `shipping_label_id` says in which parcel."""

    line_item_id: Id
    quantity: int
    shipping_label_id: Id = ""


class StockRow(_Record):
    """A product at a warehouse."""

    id: Id
    sku: str
    warehouse_id: Id
    on_hand: int
    non_sellable_quantity: int | None = None


_Model = TypeVar("_Model", bound=_Record)


def read(model: type[_Model], node: Json, what: str) -> _Model:
    """A record out of an answer. Raises DataError naming `what`, the field and what is wrong with it."""
    try:
        given = {**node, "raw_id": node.get("id")} if isinstance(node, Mapping) else node
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DataError(f"shiphero: {what}: {where or 'it'}: {first['msg']}", what) from None


def nodes_of(connection: Json, what: str) -> list[Json]:
    """The records of a page. Raises DataError when the page is none: an incomplete reading is no reading."""
    edges = connection.get("edges") if isinstance(connection, Mapping) else None
    if not isinstance(edges, list):
        raise DataError(f"shiphero: {what}: the answer holds no page of them", what)
    found = [edge.get("node") if isinstance(edge, Mapping) else None for edge in edges]
    if not all(isinstance(each, Mapping) for each in found):
        raise DataError(f"shiphero: a page of {what} is incomplete; nothing of it is used", what)
    return found


def pages(first: Json, fetch: Callable[[str], Json], what: str) -> Iterator[list[Json]]:
    """The records of this page and all after it. Raises DataError when paging breaks off or comes back to itself."""
    connection, seen = first, set[str]()
    for _ in range(_MOST_PAGES):
        yield nodes_of(connection, what)
        info = connection.get("pageInfo")
        if not isinstance(info, Mapping) or not isinstance(info.get("hasNextPage"), bool):
            raise DataError(f"shiphero: a page of {what} does not say whether it is the last", what)
        if not info["hasNextPage"]:
            return
        after = info.get("endCursor")
        if not isinstance(after, str) or not after or after in seen:
            raise DataError(f"shiphero: paging of {what} came back to an earlier page; the reading is incomplete", what)
        seen.add(after)
        connection = fetch(after)
    raise DataError(f"shiphero: {what} has more than {_MOST_PAGES} pages; the reading is incomplete", what)
