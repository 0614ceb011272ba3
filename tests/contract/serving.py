"""A sandbox on a free port of this machine, and the site that its bench belongs to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import uvicorn

from include.fulfilment.adapters.connecting import Connecting, RemoteConnection, Skus
from include.fulfilment.clock import Clock
from include.fulfilment.settings import Site
from tests.fakes import MemoryJournal
from tests.site_files import CREDIT

API_KEY, CONTROL_TOKEN = "api-key-of-the-test-bench", "control-token-of-the-test-bench"


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The app's address while it runs. Dates come from the app's own clock."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_level="error", lifespan="off", date_header=False)
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


def site(warehouse: str = "model", storefront: str = "shopify", **more: Any) -> Site:
    """A merchant with this pairing; `more` are the dialects' options, `warehouse_options` and `storefront_options`."""
    return Site.model_validate(
        {
            "code": "bench",
            "timezone": "Europe/London",
            "storefront": {
                "dialect": storefront,
                "location_id": more.get("location_id", "1"),
                "options": more.get("storefront_options", {}),
            },
            "warehouse": {
                "code": "main",
                "dialect": warehouse,
                "services": {"Standard": "Standard"},
                "options": more.get("warehouse_options", {}),
            },
            "credit": CREDIT,
            "packs": {},
            "release": {"version": "test-1", "demo": True},
        }
    )


def given(
    made: Site,
    url: str,
    log: list[tuple[str, str, str]],
    clock: Clock,
    conn_id: str,
    skus: Skus = lambda: (),
    **connection: Any,
) -> Connecting:
    """How the bench's adapter is connected; `connection` are further fields of the connection."""
    fields: Mapping[str, Any] = {"login": "", "password": API_KEY, **connection}
    remote = RemoteConnection(conn_id=conn_id, base_url=url, **fields)
    return Connecting(
        site=made,
        connection=remote,
        clock=clock,
        on_call=lambda *call: log.append(call),
        acquire=lambda cost: None,
        journal=MemoryJournal(),
        skus=skus,
    )
