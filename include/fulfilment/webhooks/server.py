"""HTTP for the open internet: like uvicorn's own, and hangs up on whoever does not finish a request's head in time or
sends a body in crumbs."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
CONNECTIONS = 1024
"""Connections at a time; beyond it a request is answered with 503. Keep the process's limit of open files above it."""
MOST_BREAKS = 4096
"""Line breaks in a chunked request; each chunk has two. Chunks of one byte cost a second of work for a few packets, and
whoever proves nothing can send them; 2 MiB in chunks of 1 KiB still pass."""
_SLICE = 4096
log = logging.getLogger(__name__)


class ImpatientProtocol(H11Protocol):
    """Uvicorn limits how long a connection may idle after an answer, but not how long a head may take."""

    _head_due: asyncio.TimerHandle | None = None
    _breaks = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        # In slices, because all that came at once would be taken apart before anybody else's turn.
        for start in range(0, len(data), _SLICE):
            part = data[start : start + _SLICE]
            self._breaks += part.count(b"\n")
            super().data_received(part)
            if self._breaks > MOST_BREAKS and self._is_chunked():
                self.transport.abort()
            if self.transport.is_closing():
                return

    def _is_chunked(self) -> bool:
        return any(name == b"transfer-encoding" for name, _ in self.headers or ())

    def on_response_complete(self) -> None:
        self._breaks = 0
        super().on_response_complete()
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._no_longer_wait()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._no_longer_wait()
        self._head_due = self.loop.call_later(HEAD_SECONDS, self._hang_up)

    def _no_longer_wait(self) -> None:
        if self._head_due:
            self._head_due.cancel()

    def _hang_up(self) -> None:
        answered = self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr] # None at first
        if answered and not self.transport.is_closing():
            self.transport.close()


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until the process is told to end. No access log: an address may hold a secret."""
    options: dict[str, Any] = {"http": ImpatientProtocol, "ws": "none", "lifespan": "off"}
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    log.info("the webhook door opens on %s port %s", host, port)
    uvicorn.run(
        app,
        host=host,
        port=port,
        access_log=False,
        log_level="error",  # a line for each malformed request would let strangers fill the disk
        workers=1,  # whatever WEB_CONCURRENCY says: the limits are this process's
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=10,
        log_config=None,
        **options,
    )
