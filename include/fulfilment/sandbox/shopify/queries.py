"""Resolvers of the query root: single records, and lists with search, sorting and keyset cursors."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ariadne import ObjectType
from graphql import GraphQLResolveInfo

from . import bulk, catalogue_views, shipping_views, subscriptions, views
from .gid import gid, number_of, split_gid
from .paging import Node, connection, page_of, page_size, read_cursor, write_cursor
from .search import Field, compile_search
from .state import ShopState

query = ObjectType("QueryRoot")  # the vendor's name for it

_DOCUMENT = {
    "updated_at": Field("updated_at", "time"),
    "created_at": Field("created_at", "time"),
    "name": Field("name", "name"),
    "id": Field("id", "id"),
}
_VARIANT = {"id": Field("id", "id"), "sku": Field("sku", "text"), "updated_at": Field("updated_at", "time")}


@dataclass(frozen=True)
class Listing:
    """One sortable, searchable list of the shop: its rows, its fields and how a row becomes an object."""

    source: str
    fields: dict[str, Field]
    view: Callable[[ShopState, sqlite3.Row], Node]


_ORDERS = Listing(
    "(SELECT * FROM document WHERE kind = 'Order')",
    _DOCUMENT | {"financial_status": Field("financial_status", "text"), "processed_at": Field("processed_at", "time")},
    views.order,
)
_DRAFTS = Listing("(SELECT * FROM document WHERE kind = 'DraftOrder')", _DOCUMENT, views.draft_order)
_VARIANTS = Listing("variant", _VARIANT, catalogue_views.variant)


def _list(state: ShopState, listing: Listing, arguments: dict[str, Any]) -> Node:
    size = page_size(arguments.get("first"))
    column = arguments["sortKey"].lower()
    where = compile_search(arguments.get("query"), listing.fields)
    after, downwards = arguments.get("after"), arguments.get("reverse")
    if after:
        beyond = "<" if downwards else ">"
        where.sql += f" AND ({column}, id) {beyond} (?, ?)"
        where.values += read_cursor(after, (int, int) if column == "id" else (str, int))
    way = "DESC" if downwards else "ASC"
    # column and source are the program's own words; what a caller wrote is bound
    rows = state.all(
        f"SELECT * FROM {listing.source} WHERE {where.sql} ORDER BY {column} {way}, id {way} LIMIT ?",  # noqa: S608
        *where.values,
        size + 1,
    )
    found = [(write_cursor([row[column], row["id"]]), listing.view(state, row)) for row in rows[:size]]
    return connection(found, more=len(rows) > size, earlier=bool(after))


@query.field("orders")
def _orders(_root: object, info: GraphQLResolveInfo[ShopState], **arguments: Any) -> Node:
    return _list(info.context, _ORDERS, arguments)


@query.field("draftOrders")
def _draft_orders(_root: object, info: GraphQLResolveInfo[ShopState], **arguments: Any) -> Node:
    return _list(info.context, _DRAFTS, arguments)


@query.field("productVariants")
def _product_variants(_root: object, info: GraphQLResolveInfo[ShopState], **arguments: Any) -> Node:
    return _list(info.context, _VARIANTS, arguments)


@query.field("locations")
def _locations(
    _root: object, info: GraphQLResolveInfo[ShopState], first: int | None = None, after: str | None = None
) -> Node:
    rows = info.context.all("SELECT * FROM location ORDER BY id")
    return page_of([(row["id"], _location(row)) for row in rows], first, after)


def _location(row: sqlite3.Row) -> Node:
    return {"__typename": "Location", "id": gid("Location", row["id"]), "name": row["name"]}


@query.field("shop")
def _shop(_root: object, info: GraphQLResolveInfo[ShopState]) -> Node:
    state = info.context
    return {"id": gid("Shop", 1), "name": state.setting("name"), "currencyCode": state.setting("currency")}


@query.field("order")
def _order(_root: object, info: GraphQLResolveInfo[ShopState], id: str) -> Node | None:
    return find_node(info.context, id) if number_of("Order", id) else None


@query.field("draftOrder")
def _draft_order(_root: object, info: GraphQLResolveInfo[ShopState], id: str) -> Node | None:
    return find_node(info.context, id) if number_of("DraftOrder", id) else None


@query.field("productVariant")
def _product_variant(_root: object, info: GraphQLResolveInfo[ShopState], id: str) -> Node | None:
    return find_node(info.context, id) if number_of("ProductVariant", id) else None


@query.field("node")
def _node(_root: object, info: GraphQLResolveInfo[ShopState], id: str) -> Node | None:
    return find_node(info.context, id)


@query.field("nodes")
def _nodes(_root: object, info: GraphQLResolveInfo[ShopState], ids: list[str]) -> list[Node | None]:
    return [find_node(info.context, one) for one in ids]


@query.field("bulkOperation")
def _bulk_operation(root: str, info: GraphQLResolveInfo[ShopState], id: str) -> Node | None:
    with info.context.transaction():
        row = bulk.look(info.context, info.schema, id)
    return bulk.view(row, root) if row else None


@query.field("bulkOperations")
def _bulk_operations(root: str, info: GraphQLResolveInfo[ShopState], **arguments: Any) -> Node:
    fields = {"created_at": Field("created_at", "time"), "operation_type": Field("'query'", "text")}
    fields["status"] = Field("status", "text")
    listing = Listing("bulk_operation", fields, lambda _state, row: bulk.view(row, root))
    # Shopify shows the newest first unless asked for the reverse.
    return _list(info.context, listing, arguments | {"reverse": not arguments.get("reverse")})


@query.field("webhookSubscriptions")
def _webhook_subscriptions(
    _root: object,
    info: GraphQLResolveInfo[ShopState],
    first: int | None = None,
    after: str | None = None,
    uri: str | None = None,
) -> Node:
    rows = info.context.all("SELECT * FROM webhook_subscription WHERE ? IS NULL OR uri = ? ORDER BY id", uri, uri)
    return page_of([(row["id"], subscriptions.view(row)) for row in rows], first, after)


def find_node(state: ShopState, global_id: str) -> Node | None:
    """Return the record of a global id (order, draft, variant, inventory item, customer, location, fulfilment)."""
    parts = split_gid(global_id)
    if parts is None:
        return None
    kind, number = parts
    if kind == "Customer":
        return views.customer(state, number)
    if kind == "Fulfillment":
        return fulfilment_node(state, number)
    finders: dict[str, tuple[str, Callable[[ShopState, sqlite3.Row], Node]]] = {
        "Order": (f"{_ORDERS.source} WHERE id = ?", views.order),
        "DraftOrder": (f"{_DRAFTS.source} WHERE id = ?", views.draft_order),
        "ProductVariant": ("variant WHERE id = ?", catalogue_views.variant),
        "InventoryItem": ("variant WHERE item_id = ?", catalogue_views.inventory_item),
        "Location": ("location WHERE id = ?", lambda _state, row: _location(row)),
    }
    if kind not in finders:
        return None
    source, view = finders[kind]
    row = state.one(f"SELECT * FROM {source}", number)  # noqa: S608  the program's own words
    return view(state, row) if row else None


def fulfilment_node(state: ShopState, number: int) -> Node | None:
    """Return a Fulfillment object by its number, or None."""
    row = state.one("SELECT * FROM fulfillment WHERE id = ?", number)
    if row is None:
        return None
    order = state.one("SELECT * FROM document WHERE id = ?", row["order_id"])
    assert order is not None  # noqa: S101  a foreign key
    return shipping_views.fulfilment(state, row, order, views.line_item)


def fulfilment_order_node(state: ShopState, global_id: str) -> Node | None:
    """Return a FulfillmentOrder object by its global id, or None."""
    number = number_of("FulfillmentOrder", global_id)
    order = state.one("SELECT * FROM document WHERE id = (SELECT order_id FROM fulfillment_order WHERE id = ?)", number)
    if order is None:
        return None
    return dict(shipping_views.fulfilment_orders(state, order, views.line_item)).get(number or 0)
