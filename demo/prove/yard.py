"""The sandboxes of one worker: two doors on 127.0.0.1 that stay open, with a new shop and warehouse behind them for
each schedule."""

from __future__ import annotations

import secrets
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from demo.prove.clock import ScheduleClock
from include.fulfilment.sandbox.control import SandboxControl
from include.fulfilment.sandbox.floor.client import FloorControl
from include.fulfilment.sandbox.mintsoft.app import create_app as mintsoft
from include.fulfilment.sandbox.shipbob.app import create_app as shipbob
from include.fulfilment.sandbox.shiphero.app import create_app as shiphero
from include.fulfilment.sandbox.shopify.app import create_app as shopify
from include.fulfilment.sandbox.x12.app import create_app as x12
from include.fulfilment.settings import DEMO_SITES


@dataclass(frozen=True)
class Dialect:
    """What the adapter of a warehouse must be told; `service` is the warehouse's word for the one way of shipping."""

    login: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    service: str = "Standard"


DIALECTS: Mapping[str, Dialect] = {
    "shipbob": Dialect(extra={"channel_id": "100001"}, options={"instructions_in": "gift_message"}),
    "mintsoft": Dialect(login="integration", options={"warehouse_id": 3}),
    "shiphero": Dialect(login="integration", options={"warehouse_id": "7145"}),
    "x12": Dialect(options={"profile": str(DEMO_SITES / "demo" / "x12-partner.yaml")}, service="standard"),
}
"""The warehouses that orders can be proven against, by dialect."""
_CREATE: Mapping[str, Any] = {"shipbob": shipbob, "mintsoft": mintsoft, "shiphero": shiphero}


class _Door:
    """One port whose application is exchanged between schedules."""

    def __init__(self) -> None:
        self.app: ASGIApp = Starlette()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@contextmanager
def _served(door: _Door) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # The applications date their answers by the schedule's clock; a busy machine may keep a connection idle long.
        config = uvicorn.Config(door, log_level="critical", lifespan="off", date_header=False, timeout_keep_alive=600)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


class Yard:
    """Shop and warehouse of one schedule after another, on the same clock."""

    def __init__(self, folder: Path, warehouse: str, doors: ExitStack) -> None:
        """Open the doors; `doors` closes them."""
        self.folder, self.warehouse, self.clock = folder, warehouse, ScheduleClock()
        self.key, self._token = secrets.token_urlsafe(), secrets.token_urlsafe()
        self._shop_door, self._floor_door = _Door(), _Door()
        self.shop_url, self.floor_url = (
            doors.enter_context(_served(door)) for door in (self._shop_door, self._floor_door)
        )
        self.shop = doors.enter_context(SandboxControl(self.shop_url, self._token))
        self.floor = doors.enter_context(FloorControl(self.floor_url, self._token))
        self.mailbox = folder
        self._partner: Any = None
        self._files: list[Path] = []

    def open(self, name: str) -> None:
        """A new shop and a new warehouse, both empty."""
        self.close()
        self.clock.set_back()
        self._files = [self.folder / f"{name}-{end}.sqlite" for end in ("shop", "floor")]
        self._shop_door.app = shopify(self._files[0], self.key, self._token, clock=self.clock)
        self._floor_door.app = self._warehouse(name)

    def _warehouse(self, name: str) -> ASGIApp:
        if self.warehouse != "x12":
            made: ASGIApp = _CREATE[self.warehouse](self._files[1], self.key, self._token, self.clock)
            return made
        self.mailbox = self.folder / f"{name}-mailbox"
        app = x12(self._files[1], self.key, self._token, self.clock, mailbox=self.mailbox)
        self._partner = app.state.partner
        self._partner.agree_packs({"*": {"CA": 12}})
        return app

    def settle(self) -> None:
        """Let a partner who is told by files look into the mailbox."""
        if self._partner is not None:
            self._partner.turn()

    def faults_left(self) -> dict[tuple[str, str], int]:
        """How many of the planned faults, by end and kind, have not struck."""
        left: dict[tuple[str, str], int] = {}
        for end, file in zip(("shop", "warehouse"), self._files, strict=True):
            connection = sqlite3.connect(file)
            for kind, times in connection.execute("SELECT kind, sum(times) FROM fault GROUP BY kind"):
                left[(end, kind)] = times
            connection.close()
        return left

    def close(self) -> None:
        """Forget shop and warehouse."""
        for file in self._files:
            for each in file.parent.glob(f"{file.name}*"):
                each.unlink(missing_ok=True)
        self._files = []
