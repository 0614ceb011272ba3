"""The control door under /sandbox: what people do to the shop. Its token is not the shop's."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import faults, orders, report, stock
from .gid import gid
from .load_models import LoadIn, MetafieldIn
from .loading import load, write_metafields
from .state import ShopState


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OrderBody(_Body):
    """Names an order."""

    name: StrictStr


class CancelBody(OrderBody):
    """Cancels an order, for one of Shopify's reasons."""

    reason: Literal["CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "OTHER", "STAFF"] = "OTHER"


class NoteBody(OrderBody):
    """Replaces the note of an order, or of a draft."""

    note: Annotated[StrictStr, Field(max_length=20_000)] | None
    source: Literal["order", "draft"] = "order"


class HoldBody(OrderBody):
    """Puts an order on hold in the shop; no reason ends the hold."""

    reason: (
        Literal[
            "AWAITING_PAYMENT",
            "AWAITING_RETURN_ITEMS",
            "HIGH_RISK_OF_FRAUD",
            "INCORRECT_ADDRESS",
            "INVENTORY_OUT_OF_STOCK",
            "ONLINE_STORE_POST_PURCHASE_CROSS_SELL",
            "OTHER",
            "UNKNOWN_DELIVERY_DATE",
        ]
        | None
    )


class LineBody(OrderBody):
    """Sets the units wanted of a line, counted from 1."""

    line: StrictInt
    quantity: Annotated[StrictInt, Field(ge=0, le=1_000_000_000)]


class DraftBody(OrderBody):
    """Completes a draft order."""

    payment_pending: StrictBool = False


class CustomerMetafieldBody(MetafieldIn):
    """Sets a metafield of the customer with the loader's key."""

    customer_key: StrictStr


class InventoryBody(_Body):
    """Sets what is available of a SKU."""

    sku: StrictStr
    available: Annotated[StrictInt, Field(ge=-1_000_000_000, le=1_000_000_000)]


class FaultIn(_Body):
    """One entry of the fault plan."""

    operation: StrictStr
    kind: faults.Kind
    times: Annotated[StrictInt, Field(ge=1)] = 1
    after_calls: Annotated[StrictInt, Field(ge=0)] = 0
    seconds: Annotated[float, Field(ge=0, le=600)] = 0.0


class FaultsBody(_Body):
    """A fault plan, which replaces the one before."""

    faults: list[FaultIn]


def _complete(state: ShopState, body: DraftBody) -> dict[str, Any]:
    draft = orders.find_document(state, "DraftOrder", body.name)
    order_id = orders.complete_draft(state, draft, payment_pending=body.payment_pending)
    row = state.one("SELECT name FROM document WHERE id = ?", order_id)
    return {"order_id": gid("Order", order_id), "name": row["name"] if row else None}


def _customer_metafield(state: ShopState, body: CustomerMetafieldBody) -> None:
    row = state.one("SELECT id FROM customer WHERE key = ?", body.customer_key)
    if row is None:
        raise orders.Refused(f"there is no customer with the key {body.customer_key!r} in the shop")
    write_metafields(state, gid("Customer", row["id"]), [body], f"customer {body.customer_key!r}")


def _set_inventory(state: ShopState, body: InventoryBody) -> None:
    row = state.one("SELECT item_id FROM variant WHERE sku = ?", body.sku)
    if row is None:
        raise orders.Refused(f"there is no variant with the SKU {body.sku!r} in the shop")
    stock.set_available(state, int(row["item_id"]), state.location_id(), body.available)


def _plan(state: ShopState, body: FaultsBody) -> None:
    plan = [faults.Fault(f.operation, f.kind, f.times, f.after_calls, f.seconds) for f in body.faults]
    faults.replace_plan(state, plan)


_KINDS = {"order": "Order", "draft": "DraftOrder"}
_ACTIONS: dict[str, tuple[type[BaseModel], Callable[[ShopState, Any], Any]]] = {
    "load": (LoadIn, load),
    "orders/pay": (OrderBody, lambda state, body: orders.pay(state, body.name)),
    "orders/cancel": (CancelBody, lambda state, body: orders.cancel(state, body.name, body.reason)),
    "orders/note": (NoteBody, lambda state, body: orders.set_note(state, _KINDS[body.source], body.name, body.note)),
    "orders/hold": (HoldBody, lambda state, body: orders.hold(state, body.name, body.reason)),
    "orders/edit-line-quantity": (
        LineBody,
        lambda state, body: orders.edit_line_quantity(state, body.name, body.line, body.quantity),
    ),
    "drafts/complete": (DraftBody, _complete),
    "customers/metafield": (CustomerMetafieldBody, _customer_metafield),
    "inventory/set": (InventoryBody, _set_inventory),
    "faults": (FaultsBody, _plan),
}


def control_routes(state: ShopState, token: str) -> list[Route]:
    """Return the routes of the control door; all but `health` want `Authorization: Bearer <token>`."""

    def known(request: Request) -> bool:
        given = request.headers.get("authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())

    async def act(request: Request) -> Response:
        if not known(request):
            return _stranger()
        return await run_in_threadpool(_act, state, request.path_params["action"], await request.body())

    async def show(request: Request) -> Response:
        if not known(request):
            return _stranger()
        return await run_in_threadpool(_show, state, dict(request.query_params))

    async def calls(request: Request) -> Response:
        if not known(request):
            return _stranger()
        rows = state.all("SELECT operation, count FROM call ORDER BY operation")
        return JSONResponse({row["operation"]: row["count"] for row in rows})

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return [
        Route("/sandbox/health", health, methods=["GET"]),
        Route("/sandbox/state", show, methods=["GET"]),
        Route("/sandbox/calls", calls, methods=["GET"]),
        Route("/sandbox/{action:path}", act, methods=["POST"]),
    ]


def _stranger() -> Response:
    return JSONResponse({"errors": ["the control door needs its own bearer token"]}, status_code=401)


def _act(state: ShopState, action: str, raw: bytes) -> Response:
    if action not in _ACTIONS:
        return JSONResponse({"errors": [f"no action {action!r}; there are {', '.join(_ACTIONS)}"]}, status_code=404)
    model, run = _ACTIONS[action]
    try:
        body = model.model_validate_json(raw)
        with state.transaction():
            answer = run(state, body)
    except ValidationError as error:
        return JSONResponse({"errors": [_sentence(part, raw) for part in error.errors()[:50]]}, status_code=422)
    except orders.Refused as error:
        return JSONResponse({"errors": [str(error)]}, status_code=422)
    return JSONResponse({"ok": True} if answer is None else answer)


def _sentence(problem: Any, raw: bytes) -> str:
    """Say what is wrong with which record: orders and lines are named by number, as their loader knows them."""
    where = [str(part) for part in problem["loc"]]
    name = _name_of(raw, list(problem["loc"]))
    return f"{' '.join(where) or 'the request'}{f' ({name})' if name else ''}: {problem['msg']}"


def _name_of(raw: bytes, where: list[Any]) -> str | None:
    if len(where) < 2 or not isinstance(where[1], int):
        return None
    # pydantic found the record at this place, so the body is JSON of that shape
    record = json.loads(raw)[where[0]][where[1]]
    known = [record.get(key) for key in ("name", "sku", "key")] if isinstance(record, dict) else []
    return next((value[:80] for value in known if isinstance(value, str)), None)


def _show(state: ShopState, wanted: dict[str, str]) -> Response:
    part, limit = wanted.get("part"), wanted.get("limit")
    if part is not None and part not in report.PARTS:
        return JSONResponse({"errors": [f"no part {part!r}; there are {', '.join(report.PARTS)}"]}, status_code=422)
    if limit is not None and not (limit.isascii() and limit.isdigit() and len(limit) < 10):
        return JSONResponse({"errors": [f"limit must be a whole number, not {limit[:20]!r}"]}, status_code=422)
    return JSONResponse(report.whole_state(state, part, wanted.get("after", ""), int(limit) if limit else None))
