"""A plain warehouse over HTTP, on the sandboxes' floor: what a dialect could look like at its simplest.

It neither dedupes nor validates beyond SKUs; it pages by id, a handful of rows at a time, so that every reading of the
kit takes several pages. Its dates are of its own clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from include.fulfilment.sandbox.floor.book import (
    FloorOrder,
    FloorShipment,
    NewLine,
    add_order,
    cancel_order,
    find_orders,
    find_shipments,
    products,
)
from include.fulfilment.sandbox.floor.changes import describe, progress, replace_lines
from include.fulfilment.sandbox.floor.door import control_routes
from include.fulfilment.sandbox.floor.state import FloorState

STOCK_PAGE, SHIPMENT_PAGE = 100, 10
Answer = Callable[[FloorState, Request, Any], tuple[int, Any]]


def create_app(path: Path, api_key: str, control_token: str, clock: Callable[[], datetime]) -> Starlette:
    """The warehouse whose API takes `api_key` as a bearer token."""
    state = FloorState(path, clock)
    routes = [
        _route(state, api_key, "/orders", "POST", _create),
        _route(state, api_key, "/orders/search", "POST", _search),
        _route(state, api_key, "/orders/cancel", "POST", _cancel),
        _route(state, api_key, "/orders/amend", "POST", _amend),
        _route(state, api_key, "/stock", "GET", _stock),
        _route(state, api_key, "/shipments", "GET", _shipments),
        _route(state, api_key, "/closed", "GET", _closed),
    ]
    return Starlette(routes=[*routes, *control_routes(state, control_token)])


def _route(state: FloorState, api_key: str, path: str, method: str, answer: Answer) -> Route:
    async def endpoint(request: Request) -> Response:
        body = await request.json() if method == "POST" else None
        if request.headers.get("authorization") != f"Bearer {api_key}":
            return JSONResponse({"error": "who are you"}, 401)
        headers = {"Date": format_datetime(state.now().replace(microsecond=0), usegmt=True)}
        status, said = await run_in_threadpool(answer, state, request, body)
        return JSONResponse(said, status, headers=headers)

    return Route(path, endpoint, methods=[method])


def _create(state: FloorState, _: Request, body: Any) -> tuple[int, Any]:
    if unknown := _unknown_sku(state, body):
        return 422, {"error": "unknown_sku", "sku": unknown}
    return 201, {"id": add_order(state, body["ref"], _lines(body), body, _summary(body)).id}


def _cancel(state: FloorState, _: Request, body: Any) -> tuple[int, Any]:
    (order,) = find_orders(state, ids=[int(body["id"])])
    begun = progress(state, order)
    if begun and not body.get("force"):
        return 409, {"error": begun}
    cancel_order(state, order.id)
    return 200, {"done": True}


def _amend(state: FloorState, _: Request, body: Any) -> tuple[int, Any]:
    (order,) = find_orders(state, ids=[int(body["id"])])
    begun = progress(state, order)
    if begun and not body.get("force"):
        return 409, {"error": begun}
    if unknown := _unknown_sku(state, body):
        return 422, {"error": "unknown_sku", "sku": unknown}
    with state.transaction():
        describe(state, order.id, body, _summary(body))
        replace_lines(state, order.id, _lines(body))
    return 200, {"done": True}


def _unknown_sku(state: FloorState, body: Any) -> str:
    known = {each.sku for each in products(state, skus=[line["sku"] for line in body["lines"]])}
    return next((line["sku"] for line in body["lines"] if line["sku"] not in known), "")


def _lines(body: Any) -> list[NewLine]:
    return [NewLine(line["key"], line["sku"], line["count"] * line["units"], line) for line in body["lines"]]


def _summary(body: Any) -> dict[str, str]:
    words = {"po_number": body["po"], "instructions": body["note"], "service": body["service"]}
    return {**words, "requested_on": body["day"]}


def _search(state: FloorState, _: Request, body: Any) -> tuple[int, Any]:
    """By our reference, or by any of the `fields` of an order that hold one of the `numbers`."""
    if "numbers" in body:
        wanted = set(body["numbers"])
        found = [each for each in find_orders(state) if wanted & {each.given.get(name) for name in body["fields"]}]
    else:
        found = find_orders(state, refs=body["refs"])
    shipped = find_shipments(state, order_ids=[each.id for each in found])
    return 200, {"orders": [_order(each, shipped) for each in found]}


def _order(order: FloorOrder, shipped: Sequence[FloorShipment]) -> dict[str, Any]:
    gone = any(each.order_id == order.id and each.state == "dispatched" for each in shipped)
    rest = any(line.left for line in order.lines)
    begun = any(each.order_id == order.id and each.state in ("picked", "labelled") for each in shipped)
    waiting = "picking" if begun else "waiting"
    status = order.state if order.state != "open" else waiting if not gone else "partial" if rest else "sent"
    return {
        "id": order.id,
        "ref": order.external_ref,
        "number": order.given.get("number", order.external_ref),
        "status": status,
        "po": order.summary["po_number"],
        "note": order.summary["instructions"],
        "lines": [
            {
                "key": each.line_key,
                "sku": each.sku,
                "count": each.ordered // each.given["units"],
                "units": each.given["units"],
            }
            for each in order.lines
        ],
    }


def _stock(state: FloorState, request: Request, _: Any) -> tuple[int, Any]:
    rows = products(state, after_id=int(request.query_params.get("after", 0)), limit=STOCK_PAGE)
    told = [{"id": each.id, "sku": each.sku, "place": "A1", "on_hand": each.on_hand} for each in rows]
    return 200, {"rows": told, "next": rows[-1].id if len(rows) == STOCK_PAGE else None}


def _shipments(state: FloorState, request: Request, _: Any) -> tuple[int, Any]:
    query = request.query_params
    since = datetime.fromisoformat(query["since"]) if "since" in query else None
    found = find_shipments(state, changed_since=since, after_id=int(query.get("after", 0)), limit=SHIPMENT_PAGE)
    orders = {each.id: each for each in find_orders(state, ids=[each.order_id for each in found])}
    told = [_shipment(each, orders[each.order_id]) for each in found]
    return 200, {"shipments": told, "next": found[-1].id if len(found) == SHIPMENT_PAGE else None}


def _shipment(shipment: FloorShipment, order: FloorOrder) -> dict[str, Any]:
    lines = {each.id: each for each in order.lines}

    def told(units: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
        return [{"key": lines[line].line_key, "sku": lines[line].sku, "each": count} for line, count in units]

    return {
        "id": shipment.id,
        "ref": order.external_ref,
        "state": shipment.state,
        "left_at": shipment.dispatched_at.isoformat() if shipment.dispatched_at else None,
        "lines": told(shipment.lines),
        "parcels": [
            {"id": each.id, "carrier": each.carrier, "tracking": each.tracking_number, "inside": told(each.contents)}
            for each in shipment.parcels
        ],
    }


def _closed(state: FloorState, request: Request, _: Any) -> tuple[int, Any]:
    query = request.query_params
    since = datetime.fromisoformat(query["since"]) if "since" in query else None
    told = []
    for order in find_orders(state, changed_since=since):
        for line in order.lines:
            short = line.ordered - line.shipped if order.state == "cancelled" else line.closed
            if short:
                told.append({"ref": order.external_ref, "key": line.line_key, "each": short})
    return 200, {"closed": told}
