"""The partner as a process: it watches the mailbox, and has the staff door that every warehouse sandbox has."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Annotated

from pydantic import Field, StrictInt, StrictStr
from starlette.applications import Starlette

from ..database import Clock, wall_clock
from ..door import Action, Body
from ..floor.door import control_routes
from ..floor.state import FloorState
from ..serve import two_secrets
from .partner import KINDS, Partner

_LOOK = 0.2  # seconds between two looks into the mailbox


class PacksBody(Body):
    """What a pack holds, units by SKU and unit code."""

    packs: dict[StrictStr, dict[StrictStr, Annotated[StrictInt, Field(ge=1)]]]


def create_app(
    db_path: Path, api_key: str, control_token: str, clock: Clock = wall_clock, *, mailbox: Path
) -> Starlette:
    """Make the application. `api_key` opens nothing here: the mailbox itself is the door. While it is served it looks
    into the mailbox five times a second.

    Raises:
        ValueError: a secret is missing, or the two are the same.
    """
    two_secrets(api_key, control_token)
    state = FloorState(db_path, clock)
    partner = Partner(state, mailbox)
    actions: dict[str, Action] = {
        "packs": (PacksBody, lambda body: partner.agree_packs(body.packs)),
    }
    app = Starlette(routes=control_routes(state, control_token, KINDS, actions), lifespan=_watching(partner))
    app.state.partner = partner
    return app


def _watching(partner: Partner) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def watching(_app: Starlette) -> AsyncIterator[None]:
        stop = threading.Event()

        def watch() -> None:
            while not stop.wait(_LOOK):
                partner.turn()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        yield
        stop.set()
        thread.join(timeout=10)

    return watching
