"""The rest of the lines of orders that have more than their page shows: several orders' lines in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from include.fulfilment.adapters.storefront.fields import Json
from include.fulfilment.adapters.storefront.shopify.client import ShopifyClient, next_cursor, nodes_of
from include.fulfilment.errors import DataError, RetryableError


@dataclass(slots=True)
class _Unread:
    """One order on its way: the lines read so far, and every place its lines went on from."""

    record: Json
    lines: list[Json]
    cursor: str | None
    seen: set[str] = field(default_factory=set)


def read_all_lines(client: ShopifyClient, records: Sequence[Json], more: Mapping[int, str]) -> list[list[Json]]:
    """Every line of each record, however many, in the order of the records. `more` is one of the queries for further
    lines, by how many orders it asks for. Half an order is none: raises DataError when paging of an order repeats
    itself, RetryableError when the shop no longer gives the lines of an order it gave a moment ago."""
    orders = [_begun(each) for each in records]
    waiting = [each for each in orders if each.cursor is not None]
    while waiting:
        asked, waiting = waiting[: len(more)], waiting[len(more) :]
        _go_on(client, asked, more[len(asked)])
        waiting += [each for each in asked if each.cursor is not None]
    return [each.lines for each in orders]


def _begun(record: Json) -> _Unread:
    connection = record.get("lineItems") if isinstance(record, dict) else None
    return _Unread(record, list(nodes_of(connection)), next_cursor(connection))


def _go_on(client: ShopifyClient, orders: Sequence[_Unread], document: str) -> None:
    places: dict[str, Json] = {}
    for position, each in enumerate(orders):
        places |= {f"id{position}": each.record.get("id"), f"after{position}": each.cursor}
    answer = client.read(document, **places)
    for position, each in enumerate(orders):
        node = answer.get(f"order{position}")
        _take(each, node.get("lineItems") if isinstance(node, dict) else None)


def _take(order: _Unread, connection: Json) -> None:
    subject = str(order.record.get("id"))
    if not isinstance(connection, dict):
        raise RetryableError(f"the shop gave the first lines of {subject} and not the others; it will be read again")
    order.lines += nodes_of(connection)
    order.seen.add(order.cursor or "")
    order.cursor = next_cursor(connection)
    if order.cursor in order.seen:
        raise DataError(f"paging of the lines of {subject} repeats itself", subject)
