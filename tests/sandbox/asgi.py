"""An ASGI application called from synchronous code, without a network."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx


class Asgi(httpx.BaseTransport):
    """Calls an ASGI application from synchronous code."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def send() -> httpx.Response:
            answer = await self._inner.handle_async_request(request)
            body = b"".join([part async for part in answer.stream])
            return httpx.Response(answer.status_code, headers=answer.headers, content=body)

        return asyncio.run(send())
