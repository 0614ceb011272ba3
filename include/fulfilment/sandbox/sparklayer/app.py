"""The site as an ASGI application."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette

from ..database import Clock, wall_clock
from ..serve import two_secrets
from .control_door import door_routes
from .endpoint import Endpoint
from .state import SiteState


def create_app(db_path: Path, client_secret: str, control_token: str, clock: Clock = wall_clock) -> Starlette:
    """Open the site kept in the file `db_path` and return it as an application.

    `client_secret` belongs to the API's client (`access.CLIENT_ID`, of the site `access.SITE_ID`), `control_token` to
    the control door; raises ValueError where one is empty or both are the same.
    """
    two_secrets(client_secret, control_token)
    state = SiteState(db_path, clock)
    return Starlette(routes=[*Endpoint(state, client_secret).routes(), *door_routes(state, control_token)])
