"""The shop as an ASGI application."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route

from ..database import Clock, wall_clock
from ..serve import two_secrets
from .control_door import control_routes
from .endpoint import Endpoint
from .schema import build_schema
from .state import ShopState
from .throttle import Meter, Throttle

API_VERSIONS = ("2026-04", "2026-07")
API_PATHS = tuple(f"/admin/api/{version}/graphql.json" for version in API_VERSIONS)
"""By version. What the shop serves is the same in both: its schema says only what both versions say."""
API_PATH = API_PATHS[-1]


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
    two_secrets(shop_token, control_token)
    state = ShopState(db_path, clock)
    endpoint = Endpoint(build_schema(), state, Meter(throttle or Throttle(), clock), shop_token)
    doors = [Route(path, endpoint.answer, methods=["POST"]) for path in API_PATHS]
    doors.append(Route("/bulk/{name}", endpoint.file, methods=["GET"]))
    return Starlette(routes=[*doors, *control_routes(state, control_token)])
