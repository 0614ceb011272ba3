"""HTTP for the open internet: like uvicorn's own, and hangs up on whoever does not finish a request's head in time."""

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


class ImpatientProtocol(H11Protocol):
    """Uvicorn limits how long a connection may idle after an answer, but not how long a head may take."""

    _head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def on_response_complete(self) -> None:
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
    uvicorn.run(
        app,
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=10,
        log_config=None,
        **options,
    )
