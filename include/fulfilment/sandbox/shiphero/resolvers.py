"""What answers each field of the schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from ariadne import MutationType, ObjectType, QueryType, load_schema_from_path, make_executable_schema
from graphql import GraphQLResolveInfo, GraphQLSchema

from ..floor.book import FloorOrder, find_orders, find_shipments, products
from ..floor.state import FloorState
from . import changes, orders, views
from .ids import ACCOUNT, WAREHOUSE, number_in
from .paging import Record, connection, listed
from .problems import NOT_FOUND, Problem, request_id

query, mutation = QueryType(), MutationType()
_orders_result, _products_result = ObjectType("OrdersQueryResult"), ObjectType("WarehouseProductsQueryResult")
_order, _shipment = ObjectType("Order"), ObjectType("Shipment")
_FOLDER = Path(__file__).parent
Info: TypeAlias = GraphQLResolveInfo[Any]


@cache
def build_schema() -> GraphQLSchema:
    """Read the two schema files and bind the resolvers to them, once in a process: no account's state is in it."""
    files = [load_schema_from_path(str(_FOLDER / name)) for name in ("schema.graphql", "wholesale.graphql")]
    return make_executable_schema(files, query, mutation, _orders_result, _products_result, _order, _shipment)


def _result(info: Info, **more: Any) -> Record:
    name = info.path.key
    return {"request_id": request_id(), "complexity": info.context["estimates"].get(name), **more}


def _state(info: Info) -> FloorState:
    state: FloorState = info.context["state"]
    return state


@query.field("orders")
def resolve_orders(_: object, info: Info, **wanted: Any) -> Record:
    return _result(info, wanted=wanted)


@_orders_result.field("data")
def resolve_orders_data(result: Record, info: Info, first: int | None = None, after: str | None = None) -> Record:
    state, wanted = _state(info), result["wanted"]
    since = _instant(wanted.get("updated_from"))

    number = wanted.get("order_number")
    ids = None if number is None else orders.numbered(state, number)

    def fetch(position: int, count: int) -> list[FloorOrder]:
        refs = [wanted["partner_order_id"]] if wanted.get("partner_order_id") is not None else None
        return find_orders(state, ids=ids, refs=refs, changed_since=since, after_id=position, limit=count)

    page = _sifted(fetch, lambda order: _is_wanted(order, wanted))
    return connection(lambda position, count: [views.order_view(state, o) for o in page(position, count)], first, after)


@query.field("order")
def resolve_order(_: object, info: Info, id: str) -> Record:
    found = find_orders(_state(info), ids=[number_in("Order", id) or 0])
    if not found:
        raise Problem("Order not found", NOT_FOUND)
    return _result(info, data=views.order_view(_state(info), found[0]))


@query.field("shipment")
def resolve_shipment(_: object, info: Info, id: str | None = None) -> Record:
    found = find_shipments(_state(info), ids=[number_in("Shipment", id or "") or 0])
    if not found:
        raise Problem("Shipment not found", NOT_FOUND)
    (order,) = find_orders(_state(info), ids=[found[0].order_id])
    return _result(info, data=views.shipment_view(_state(info), order, found[0]))


@query.field("warehouse_products")
def resolve_products(_: object, info: Info, **wanted: Any) -> Record:
    return _result(info, wanted=wanted)


@_products_result.field("data")
def resolve_products_data(result: Record, info: Info, first: int | None = None, after: str | None = None) -> Record:
    state, wanted = _state(info), result["wanted"]
    warehouse = wanted.get("warehouse_id")
    if not _is_ours(wanted) or (warehouse is not None and number_in("Warehouse", warehouse) != WAREHOUSE):
        return listed([], first, after)
    skus = [wanted["sku"]] if wanted.get("sku") is not None else None

    def fetch(position: int, count: int) -> list[Record]:
        return [views.product_view(each) for each in products(state, skus=skus, after_id=position, limit=count)]

    return connection(fetch, first, after)


@query.field("user_quota")
def resolve_quota(_: object, info: Info) -> Record:
    quota: Record = info.context["quota"]
    return {**quota, "is_expired": False}


@_order.field("line_items")
def resolve_lines(order: Record, info: Info, first: int | None = None, after: str | None = None) -> Record:
    lines = views.line_views(_state(info), order["of_order"])
    return listed(lines, first, after) | {"total_count": len(lines)}


@_order.field("shipments")
def resolve_shipments(order: Record, info: Info) -> list[Record]:
    return views.shipment_views(_state(info), order["of_order"])


@_shipment.field("line_items")
def resolve_shipped_lines(shipment: Record, _: Info, first: int | None = None, after: str | None = None) -> Record:
    return listed(views.shipped_line_views(*shipment["of_shipment"]), first, after)


@mutation.field("order_create")
def resolve_create(_: object, info: Info, data: Record) -> Record:
    order = orders.create(_state(info), data)
    return _result(info, order=views.order_view(_state(info), order))


@mutation.field("wholesale_order_create")
def resolve_wholesale_create(_: object, info: Info, data: Record) -> Record:
    order = orders.create(_state(info), data)
    return _result(info, wholesale_order=orders.wholesale_view(_state(info), order))


@mutation.field("order_cancel")
def resolve_cancel(_: object, info: Info, data: Record) -> Record:
    return _changed(info, changes.cancel(_state(info), data))


@mutation.field("order_update")
def resolve_update(_: object, info: Info, data: Record) -> Record:
    return _changed(info, changes.update(_state(info), data))


@mutation.field("order_update_line_items")
def resolve_update_lines(_: object, info: Info, data: Record) -> Record:
    return _changed(info, changes.update_lines(_state(info), data))


@mutation.field("order_add_line_items")
def resolve_add_lines(_: object, info: Info, data: Record) -> Record:
    return _changed(info, changes.add_lines(_state(info), data))


@mutation.field("order_remove_line_items")
def resolve_remove_lines(_: object, info: Info, data: Record) -> Record:
    return _changed(info, changes.remove_lines(_state(info), data))


def _changed(info: Info, order: FloorOrder) -> Record:
    return _result(info, order=views.order_view(_state(info), order))


def _is_wanted(order: FloorOrder, wanted: Record) -> bool:
    until = _instant(wanted.get("updated_to"))
    if not _is_ours(wanted) or (until is not None and order.updated_at > until):
        return False
    shop = wanted.get("shop_name")
    return shop is None or shop == order.given.get("shop_name")


def _is_ours(wanted: Record) -> bool:
    """Whether the account that is named is this one, or none is."""
    named = wanted.get("customer_account_id")
    return named is None or number_in("Account", named) == ACCOUNT


def _sifted(
    fetch: Callable[[int, int], Sequence[FloorOrder]], keep: Callable[[FloorOrder], bool]
) -> Callable[[int, int], list[FloorOrder]]:
    """The same records without those that are not wanted, and still as many as were asked for."""

    def sift(position: int, count: int) -> list[FloorOrder]:
        kept: list[FloorOrder] = []
        while len(kept) < count:
            found = fetch(position, count)
            kept += [each for each in found if keep(each)]
            if len(found) < count:
                break
            position = found[-1].id
        return kept[:count]

    return sift


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise Problem(f"Invalid date {str(text)[:40]!r}") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
