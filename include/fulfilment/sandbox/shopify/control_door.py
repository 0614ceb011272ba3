"""The control door under /sandbox: what people do to the shop. Its token is not the shop's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr
from starlette.routing import Route

from .. import door
from ..door import Action, Body, Doors
from ..errors import Refused
from . import locations, orders, report, stock
from .faults import KINDS
from .gid import gid
from .load_models import LoadIn, MetafieldIn
from .loading import load, write_metafields
from .state import ShopState


class OrderBody(Body):
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
    """Puts an order on hold in the shop, at one location alone where that is named; no reason ends the hold."""

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
    location: StrictStr | None = None


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


class LocationBody(Body):
    """Opens a further location."""

    name: Annotated[StrictStr, Field(min_length=1, max_length=255)]


class MoveBody(OrderBody):
    """Lets what remains of lines, counted from 1, leave from another location: all of it, or so many units of each."""

    lines: Annotated[list[StrictInt], Field(min_length=1)]
    location: StrictStr
    units: Annotated[StrictInt, Field(ge=1, le=1_000_000_000)] | None = None


class InventoryBody(Body):
    """Sets what is available of a SKU, at the shop's first location unless another is named."""

    sku: StrictStr
    location: StrictStr | None = None
    available: Annotated[StrictInt, Field(ge=-1_000_000_000, le=1_000_000_000)]


def _complete(state: ShopState, body: DraftBody) -> dict[str, Any]:
    draft = orders.find_document(state, "DraftOrder", body.name)
    order_id = orders.complete_draft(state, draft, payment_pending=body.payment_pending)
    row = state.one("SELECT name FROM document WHERE id = ?", order_id)
    return {"order_id": gid("Order", order_id), "name": row["name"] if row else None}


def _customer_metafield(state: ShopState, body: CustomerMetafieldBody) -> None:
    row = state.one("SELECT id FROM customer WHERE key = ?", body.customer_key)
    if row is None:
        raise Refused(f"there is no customer with the key {body.customer_key!r} in the shop")
    write_metafields(state, gid("Customer", row["id"]), [body], f"customer {body.customer_key!r}")


def _set_inventory(state: ShopState, body: InventoryBody) -> None:
    row = state.one("SELECT item_id FROM variant WHERE sku = ?", body.sku)
    if row is None:
        raise Refused(f"there is no variant with the SKU {body.sku!r} in the shop")
    place = state.location_id() if body.location is None else locations.known(state, body.location)
    stock.set_available(state, int(row["item_id"]), place, body.available)


def _hold(state: ShopState, body: HoldBody) -> None:
    place = None if body.location is None else locations.known(state, body.location)
    orders.hold(state, body.name, body.reason, place)


_KINDS = {"order": "Order", "draft": "DraftOrder"}


def control_routes(state: ShopState, token: str) -> list[Route]:
    """Return the routes of the control door; all but `health` want `Authorization: Bearer <token>`."""
    actions: dict[str, Action] = {
        "load": (LoadIn, lambda body: load(state, body)),
        "orders/pay": (OrderBody, lambda body: orders.pay(state, body.name)),
        "orders/cancel": (CancelBody, lambda body: orders.cancel(state, body.name, body.reason)),
        "orders/note": (NoteBody, lambda body: orders.set_note(state, _KINDS[body.source], body.name, body.note)),
        "orders/hold": (HoldBody, lambda body: _hold(state, body)),
        "orders/edit-line-quantity": (
            LineBody,
            lambda body: orders.edit_line_quantity(state, body.name, body.line, body.quantity),
        ),
        "drafts/complete": (DraftBody, lambda body: _complete(state, body)),
        "customers/metafield": (CustomerMetafieldBody, lambda body: _customer_metafield(state, body)),
        "orders/move": (
            MoveBody,
            lambda body: locations.move(state, body.name, body.lines, body.location, body.units),
        ),
        "locations/add": (LocationBody, lambda body: {"id": locations.add_location(state, body.name)}),
        "inventory/set": (InventoryBody, lambda body: _set_inventory(state, body)),
        "faults": door.fault_action(state, KINDS),
    }
    return door.control_routes(state, token, Doors(actions, {"state": lambda wanted: _show(state, wanted)}))


def _show(state: ShopState, wanted: Mapping[str, str]) -> dict[str, Any]:
    part, limit = wanted.get("part"), wanted.get("limit")
    if part is not None and part not in report.PARTS:
        raise Refused(f"no part {part!r}; there are {', '.join(report.PARTS)}")
    if limit is not None and not (limit.isascii() and limit.isdigit() and len(limit) < 10):
        raise Refused(f"limit must be a whole number, not {limit[:20]!r}")
    return report.whole_state(state, part, wanted.get("after", ""), int(limit) if limit else None)
