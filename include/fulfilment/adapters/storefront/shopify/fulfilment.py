"""The fulfilment side of an order: reading it, and posting one fulfilment per shipment, once.

Shopify's fulfillmentCreate takes no idempotency key and a fulfilment has no field of ours that can be read back, so
once-only is ours to keep. The order carries a metafield `$app:fulfilment.posted` that binds the digest of each
`post.key` to the fulfilment it became, and a post counts as there when it is bound, or when a live fulfilment that is
bound to no other post has the same tracking numbers, location and lines. The binding is written before Posted is
answered; if it cannot be, the answer is Unknown and the next attempt finds the fulfilment and binds it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from include.fulfilment.adapters.storefront.fields import Fields, Json
from include.fulfilment.adapters.storefront.shopify import queries
from include.fulfilment.adapters.storefront.shopify.client import ShopifyClient, gid, next_cursor, nodes_of, number_of
from include.fulfilment.domain.shipment import FulfilmentPost
from include.fulfilment.errors import DataError

_LIVE = frozenset({"SUCCESS", "OPEN", "PENDING"})
SHIPPABLE = frozenset({"OPEN", "IN_PROGRESS"})


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """A fulfilment as the shop holds it, without its lines."""

    fulfilment_id: str
    live: bool
    location_id: str
    tracking_numbers: frozenset[str]


@dataclass(slots=True)
class OpenLine:
    """What remains to ship of one line in one fulfilment order; lowered as posts use it up."""

    fulfilment_order_id: str
    location_id: str
    status: str
    item_id: str
    line_id: str
    remaining: int


@dataclass(slots=True)
class OrderSide:
    """One order while its posts are written."""

    platform_id: str
    name: str
    cancelled: bool
    bound: dict[str, str]
    fulfilments: list[Fulfilment]
    open_lines: list[OpenLine] = field(default_factory=list)

    def bound_to(self, post: FulfilmentPost) -> str:
        """The fulfilment this post became, or nothing."""
        return self.bound.get(digest(post), "")

    def candidates(self, post: FulfilmentPost, location_id: str) -> list[str]:
        """Live fulfilments bound to no post that carry this post's tracking numbers from the same location."""
        taken = set(self.bound.values())
        return [
            each.fulfilment_id
            for each in self.fulfilments
            if each.live
            and each.fulfilment_id not in taken
            and each.tracking_numbers == frozenset(post.tracking_numbers)
            and each.location_id == location_id
        ]


def digest(post: FulfilmentPost) -> str:
    """Sixteen hex digits that stand for a post in the order's metafield."""
    return hashlib.sha256(post.key.encode()).hexdigest()[:16]


def read_sides(client: ShopifyClient, platform_ids: Sequence[str]) -> dict[str, OrderSide]:
    """The fulfilment side of each order; one the shop does not hold is missing."""
    sides: dict[str, OrderSide] = {}
    for node in read_nodes(client, queries.FULFILMENT_SIDES, "Order", platform_ids, queries.SIDES_PER_READ):
        raw = node.get("fulfillments")
        fulfilments = raw if isinstance(raw, list) else []
        if len(fulfilments) >= queries.FULFILMENTS_PER_ORDER:
            whole = client.read(queries.ALL_FULFILMENTS, id=node.get("id")).get("node")
            fulfilments = (whole if isinstance(whole, dict) else node).get("fulfillments") or []
        side = _side(node, fulfilments)
        sides[side.platform_id] = side
    return sides


def read_nodes(
    client: ShopifyClient, document: str, kind: str, numbers: Sequence[str], at_once: int, **variables: Json
) -> Iterator[Mapping[str, Json]]:
    """The records behind these numbers, in batches; those the shop does not hold are left out."""
    ids = [gid(kind, each) for each in dict.fromkeys(numbers) if each.isascii() and each.isdigit()]
    for start in range(0, len(ids), at_once):
        nodes = client.read(document, ids=ids[start : start + at_once], **variables)["nodes"]
        yield from (each for each in nodes if isinstance(each, dict) and each.get("id"))


def _side(node: Mapping[str, Json], fulfilments: Sequence[Json]) -> OrderSide:
    fields = Fields(node, "", [])
    return OrderSide(
        platform_id=number_of(node.get("id")),
        name=fields.text("name", 255),
        cancelled=node.get("cancelledAt") is not None,
        bound=_bound(fields),
        fulfilments=[_fulfilment(each) for each in fulfilments],
    )


def _bound(fields: Fields) -> dict[str, str]:
    try:
        found = json.loads(fields.inside("posted").text("value", 1_000_000) or "{}")
    except (ValueError, RecursionError):
        found = {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _fulfilment(raw: Json) -> Fulfilment:
    fields = Fields(raw, "", [])
    parcels = fields.raw.get("trackingInfo")
    numbers = (Fields(each, "", []).text("number", 255) for each in (parcels if isinstance(parcels, list) else []))
    return Fulfilment(
        fulfilment_id=number_of(fields.raw.get("id")),
        live=fields.text("status", 40) in _LIVE,
        location_id=number_of(fields.inside("location").raw.get("id")),
        tracking_numbers=frozenset(each for each in numbers if each),
    )


def read_open_lines(client: ShopifyClient, sides: Sequence[OrderSide]) -> None:
    """Fills `open_lines` of each side with what remains in its fulfilment orders, wherever they are."""
    by_id = {side.platform_id: side for side in sides}
    for number, found in read_fulfilment_orders(client, list(by_id)):
        by_id[number].open_lines = [line for each in found for line in _open_lines(each)]


def read_fulfilment_orders(client: ShopifyClient, numbers: Sequence[str]) -> Iterator[tuple[str, list[Json]]]:
    """(order, its fulfilment orders with their lines, as often as these have pages) of each that the shop holds."""
    for node in read_nodes(client, queries.OPEN_LINES, "Order", numbers, queries.OPEN_LINES_PER_READ):
        orders = node.get("fulfillmentOrders")
        whole = next_cursor(orders) is None and all(next_cursor(line_items(each)) is None for each in nodes_of(orders))
        yield number_of(node["id"]), list(nodes_of(orders) if whole else every_fulfilment_order(client, node["id"]))


def line_items(fulfilment_order: Json) -> Json:
    """The page of lines of a fulfilment order."""
    return fulfilment_order.get("lineItems") if isinstance(fulfilment_order, dict) else None


def every_fulfilment_order(client: ShopifyClient, order: str) -> Iterator[Json]:
    """Each fulfilment order of one order, as often as its lines have pages."""
    place: tuple[str | None, str | None] = (None, None)
    seen = {place}
    while True:
        node = client.read(queries.OPEN_LINES_OF_ORDER, id=order, order=place[0], after=place[1]).get("node")
        connection = node.get("fulfillmentOrders") if isinstance(node, dict) else None
        yield from nodes_of(connection)
        more = next((cursor for each in nodes_of(connection) if (cursor := next_cursor(line_items(each)))), None)
        place = (place[0], more) if more else (next_cursor(connection), None)
        if place == (None, None):
            return
        if place in seen:
            raise DataError(f"paging of the fulfilment orders of {order} repeats itself", order)
        seen.add(place)


def _open_lines(fulfilment_order: Json) -> Iterator[OpenLine]:
    fields = Fields(fulfilment_order, "", [])
    location_id = number_of(fields.inside("assignedLocation").inside("location").raw.get("id"))
    number, status = number_of(fields.raw.get("id")), fields.text("status", 40)
    for raw in nodes_of(fields.raw.get("lineItems")):
        remaining = raw.get("remainingQuantity") if isinstance(raw, dict) else None
        if isinstance(remaining, int) and remaining > 0 and (line_id := _line_id(raw)):
            yield OpenLine(number, location_id, status, str(raw.get("id")), line_id, remaining)


def _line_id(raw: Mapping[str, Json]) -> str:
    return number_of(Fields(raw, "", []).inside("lineItem").raw.get("id"))


def read_fulfilment_lines(client: ShopifyClient, fulfilment_id: str) -> dict[str, int]:
    """Units per line id of one fulfilment, however many pages its lines have."""
    units: dict[str, int] = {}
    after: str | None = None
    seen: set[str] = set()
    while True:
        node = next(read_nodes(client, queries.FULFILMENT_LINES, "Fulfillment", [fulfilment_id], 1, after=after), {})
        lines = node.get("fulfillmentLineItems")
        for raw in nodes_of(lines):
            line_id, quantity = _line_id(raw), raw.get("quantity")
            units[line_id] = units.get(line_id, 0) + (quantity if isinstance(quantity, int) else 0)
        after = next_cursor(lines)
        if after is None:
            return units
        if after in seen:
            raise DataError(f"paging of the lines of fulfilment {fulfilment_id} repeats itself", fulfilment_id)
        seen.add(after)
