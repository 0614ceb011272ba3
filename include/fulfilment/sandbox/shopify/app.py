"""The shop as an ASGI application."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route

from .control_door import control_routes
from .endpoint import Endpoint
from .schema import build_schema
from .state import Clock, ShopState
from .throttle import Meter, Throttle

API_PATH = "/admin/api/2026-07/graphql.json"


def wall_clock() -> datetime:
    """Return the present instant, aware and in UTC."""
    return datetime.now(UTC)


def create_app(
    db_path: Path,
    shop_token: str,
    control_token: str,
    clock: Clock = wall_clock,
    throttle: Throttle | None = None,
) -> Starlette:
    """Open the shop kept in the file `db_path` and return it as an application.

    `shop_token` opens the Admin API, `control_token` the control door; they must differ and neither may be empty.
    """
    if not shop_token or not control_token or shop_token == control_token:
        raise ValueError("the sandbox needs two different tokens, one for the shop and one for the control door")
    state = ShopState(db_path, clock)
    endpoint = Endpoint(build_schema(), state, Meter(throttle or Throttle(), clock), shop_token)
    return Starlette(routes=[Route(API_PATH, endpoint.answer, methods=["POST"]), *control_routes(state, control_token)])
