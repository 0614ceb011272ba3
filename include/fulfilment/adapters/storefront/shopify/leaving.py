"""Which warehouse each line of an order leaves from: the location that the shop has assigned its fulfilment order to.

An order's fulfilment orders come with it; most orders have one, or all at one location. Only of an order at several
locations the lines of each are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from include.fulfilment.adapters.storefront.fields import Fields, Json
from include.fulfilment.adapters.storefront.shopify.client import ShopifyClient, next_cursor, nodes_of, number_of
from include.fulfilment.adapters.storefront.shopify.fulfilment import line_items, read_fulfilment_orders
from include.fulfilment.errors import RetryableError

_TO_SHIP = frozenset({"OPEN", "IN_PROGRESS", "ON_HOLD", "SCHEDULED", "INCOMPLETE"})
_WAITING = frozenset({"ON_HOLD", "SCHEDULED"})
GONE = "gone"
"""In the place of a location that the shop has deleted though goods are still to leave from it."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """The locations (numbers) that lines leave from: of those in `lines` each, by line id, and `rest` of all others;
    empty where the shop names none. `waiting` are the locations at which the shop holds the order, or has scheduled it
    for later."""

    rest: str = ""
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    waiting: frozenset[str] = frozenset()

    def of(self, line_id: str) -> tuple[str, ...]:
        """The locations that still have to send something of the line; where none has, the last one that had."""
        return self.lines.get(line_id, (self.rest,))


NOWHERE = Leaving()
"""Of a draft, and of an order for which the shop names no location."""


def read_leaving(client: ShopifyClient, page: Sequence[Json]) -> list[Leaving]:
    """Where each order of the page leaves from, in its sequence."""
    orders = [each if isinstance(each, dict) else {} for each in page]
    heads = [_heads(nodes_of(each.get("fulfillmentOrders"))) for each in orders]
    numbers = [number_of(each.get("id")) for each in orders]
    spread = [number for number, each, head in zip(numbers, orders, heads, strict=True) if _is_spread(each, head)]
    whole = dict(_whole(client, spread)) if spread else {}
    if missing := [number for number in spread if number not in whole]:
        raise RetryableError(f"the shop no longer gives the fulfilment orders of order {missing[0]}; it is read again")
    return [whole.get(number) or _leaving(head, {}) for number, head in zip(numbers, heads, strict=True)]


def _heads(fulfilment_orders: Iterable[Json]) -> list[tuple[str, str]]:
    """(location, status) of each fulfilment order that counts."""
    return [(location, status) for location, status in map(_head, fulfilment_orders) if status != "CANCELLED"]


def _head(raw: Json) -> tuple[str, str]:
    fields = Fields(raw, "", [])
    status, assigned = fields.text("status", 40), fields.raw.get("assignedLocation")
    location = number_of(fields.inside("assignedLocation").inside("location").raw.get("id"))
    if isinstance(assigned, dict) and not location and status in _TO_SHIP:
        location = GONE
    return location, status


def _is_spread(order: Mapping[str, Json], head: Sequence[tuple[str, str]]) -> bool:
    return next_cursor(order.get("fulfillmentOrders")) is not None or len({location for location, _ in head}) > 1


def _leaving(head: Sequence[tuple[str, str]], lines: Mapping[str, tuple[str, ...]]) -> Leaving:
    waiting = frozenset(location for location, status in head if status in _WAITING)
    return Leaving(head[-1][0] if head else "", lines, waiting)


def _whole(client: ShopifyClient, numbers: Sequence[str]) -> Iterator[tuple[str, Leaving]]:
    for number, found in read_fulfilment_orders(client, numbers):
        yield number, _leaving(_heads(found), _places(found))


def _places(fulfilment_orders: Iterable[Json]) -> dict[str, tuple[str, ...]]:
    to_ship: dict[str, dict[str, None]] = {}
    last: dict[str, str] = {}
    for each in fulfilment_orders:
        location, status = _head(each)
        for raw in nodes_of(line_items(each)) if status != "CANCELLED" else ():
            line_id = number_of(Fields(raw, "", []).inside("lineItem").raw.get("id"))
            last[line_id] = location
            if raw.get("remainingQuantity"):
                to_ship.setdefault(line_id, {})[location] = None
    return {line_id: tuple(to_ship.get(line_id, (location,))) for line_id, location in last.items()}
