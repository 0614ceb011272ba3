"""The account as an ASGI application."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StrictInt, StrictStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..database import Clock, wall_clock
from ..door import Body
from ..floor.book import find_orders
from ..floor.door import RefBody, control_routes
from ..floor.staff import find_order
from ..floor.state import FloorState, stored
from ..serve import dated, two_secrets
from .access import Access
from .credits import Meter
from .endpoint import Endpoint
from .resolvers import build_schema

_TABLES = Path(__file__).with_name("tables.sql")
Word = Annotated[StrictStr, Field(max_length=100)]


class LabelBody(Body):
    """Writes a word on one label, such as `void`."""

    label: StrictInt
    status: Word


class StatusBody(RefBody):
    """Gives an order a status of the warehouse's own."""

    status: Word


def create_app(
    db_path: Path,
    api_key: str,
    control_token: str,
    clock: Clock = wall_clock,
    meter: Callable[[Clock], Meter] = Meter,
) -> Starlette:
    """Open the account kept in the file `db_path` and return it as an application.

    `api_key` is the password of its user, `control_token` opens the staff door; they must differ and neither may be
    empty. Staff may also say `label-status` and `order-status`. With a clock of its own the server should write no
    `Date`: the application does.
    """
    two_secrets(api_key, control_token)
    state = FloorState(db_path, clock)
    state.add_tables(_TABLES)
    access = Access(state, api_key)
    endpoint = Endpoint(build_schema(), state, meter(clock), access)
    more: dict[str, Any] = {
        "label-status": (LabelBody, lambda body: _word_on_label(state, body)),
        "order-status": (StatusBody, lambda body: _word_on_order(state, body)),
    }

    async def answer(request: Request) -> Response:
        return dated(await endpoint.answer(request), clock)

    api = [Route("/graphql", answer, methods=["POST"]), *access.routes()]
    return Starlette(routes=[*api, *control_routes(state, control_token, more=more)])


def _word_on_label(state: FloorState, body: LabelBody) -> None:
    state.run("INSERT OR REPLACE INTO label_word VALUES (?, ?)", body.label, body.status)
    row = state.one(
        "SELECT order_id FROM shipment JOIN parcel ON parcel.shipment_id = shipment.id WHERE parcel.id = ?", body.label
    )
    if row is not None:
        _touch(state, row["order_id"])


def _word_on_order(state: FloorState, body: StatusBody) -> None:
    order = find_order(state, body.ref)
    state.run("INSERT OR REPLACE INTO order_word VALUES (?, ?)", order.id, body.status)
    _touch(state, order.id)


def _touch(state: FloorState, order_id: int) -> None:
    if find_orders(state, ids=[order_id]):
        state.run("UPDATE warehouse_order SET updated_at = ? WHERE id = ?", stored(state.now()), order_id)
