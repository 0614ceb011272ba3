"""The warehouse's staff door under /sandbox, and its ledger in the words of the demo and the tests."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, StrictBool, StrictInt, StrictStr
from starlette.routing import Route

from .. import door
from ..door import Action, Body, Doors
from . import staff
from .book import FloorOrder, FloorShipment, add_product, find_orders, find_shipments, products
from .faults import KINDS
from .state import FloorState

Count = Annotated[StrictInt, Field(ge=0, le=1_000_000_000)]
Name = Annotated[StrictStr, Field(min_length=1, max_length=200)]


class ProductsBody(Body):
    """Products to be made, title by SKU."""

    products: dict[Name, StrictStr]


class ReceiveBody(Body):
    """A delivery, units by SKU; a receipt of the same name is booked once."""

    goods: dict[Name, Count]
    receipt: StrictStr = ""


class RefBody(Body):
    """Names an order by the sender's reference."""

    ref: Name


class ParcelBody(Body):
    """A parcel with its contents, units by line key."""

    carrier: StrictStr
    tracking_number: StrictStr
    contents: dict[Name, Count] = Field(default_factory=dict)


class ShipBody(RefBody):
    """A dispatch: units by line key (none given: all that is left), in the parcels given or in so many boxes."""

    quantities: dict[Name, Count] | None = None
    parcels: list[ParcelBody] = Field(default_factory=list)
    boxes: Annotated[StrictInt, Field(ge=1, le=100)] = 1
    carrier: StrictStr = "DPD"
    close_rest: StrictBool = False
    key: StrictStr = ""


class CloseBody(RefBody):
    """Units of a line that will not be sent."""

    line: Name
    units: Count


class ShipmentBody(Body):
    """Names a shipment by the warehouse's id."""

    shipment: StrictInt


class HoldBody(RefBody):
    """Puts an order aside, or goes on with it."""

    on: StrictBool = True


def control_routes(
    state: FloorState, control_token: str, kinds: tuple[str, ...] = KINDS, more: Mapping[str, Action] | None = None
) -> list[Route]:
    """Return the routes of the staff door. A dialect may name other fault kinds and add actions of its own."""
    actions: dict[str, Action] = {
        "products": (ProductsBody, lambda body: _load(state, body.products)),
        "receive": (ReceiveBody, lambda body: staff.receive(state, body.goods, body.receipt)),
        "pick": (RefBody, lambda body: {"shipment": staff.pick(state, body.ref)}),
        "label": (RefBody, lambda body: {"shipment": staff.label(state, body.ref)}),
        "ship": (ShipBody, lambda body: {"shipment": _ship(state, body)}),
        "close-short": (CloseBody, lambda body: staff.close_short(state, body.ref, body.line, body.units)),
        "void": (ShipmentBody, lambda body: staff.void(state, body.shipment)),
        "hold": (HoldBody, lambda body: staff.hold(state, body.ref, body.on)),
        "cancel": (RefBody, lambda body: staff.cancel(state, body.ref)),
        "faults": door.fault_action(state, kinds),
    }
    views = {
        "orders": lambda wanted: held(state, [wanted["ref"]] if "ref" in wanted else None),
        "stock": lambda _wanted: {product.sku: product.on_hand for product in products(state)},
    }
    return door.control_routes(state, control_token, Doors(actions | dict(more or {}), views))


def held(state: FloorState, refs: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Every order as the warehouse holds it, oldest first, with units by line key."""
    orders = find_orders(state, refs=refs)
    shipments: dict[int, list[FloorShipment]] = defaultdict(list)
    for shipment in find_shipments(state, order_ids=[order.id for order in orders]):
        shipments[shipment.order_id].append(shipment)
    return [_held(order, shipments[order.id]) for order in orders]


def _held(order: FloorOrder, shipments: Sequence[FloorShipment]) -> dict[str, Any]:
    figures = {name: Counter[str]() for name in ("ordered", "shipped", "closed")}
    for line in order.lines:
        for name, units in figures.items():
            units[line.line_key] += getattr(line, name)
    gone = [each for each in shipments if each.state == "dispatched"]
    return {
        "id": order.id,
        "external_ref": order.external_ref,
        "state": order.state,
        **{name: order.summary.get(name) or "" for name in ("po_number", "instructions", "service", "requested_on")},
        **figures,
        "left": staff.left(order),
        "skus": {line.line_key: line.sku for line in order.lines},
        "shipments": [each.id for each in gone],
        "tracking_numbers": [parcel.tracking_number for each in gone for parcel in each.parcels],
    }


def _load(state: FloorState, wanted: Mapping[str, str]) -> dict[str, int]:
    known = {product.sku for product in products(state, skus=list(wanted))}
    missing = {sku: title for sku, title in wanted.items() if sku not in known}
    for sku, title in missing.items():
        add_product(state, sku, title)
    return {"made": len(missing)}


def _ship(state: FloorState, body: ShipBody) -> int:
    boxes = [staff.Box(each.carrier, each.tracking_number, each.contents) for each in body.parcels]
    dispatch = staff.Dispatch(body.quantities, boxes, body.boxes, body.carrier, body.close_rest, body.key)
    return staff.ship(state, body.ref, dispatch)
