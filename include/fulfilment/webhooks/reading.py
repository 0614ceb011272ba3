"""Reads a request's body within its limits of size and time."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

from include.fulfilment.webhooks.limits import Limits


class Refused(Exception):
    """The request is answered with this status and these words, and nothing is kept."""

    def __init__(self, status: int, words: str, retry_after: int | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
        self.retry_after = retry_after


async def read_body(request: Request, limits: Limits) -> bytes:
    """The raw body. Raises Refused: 413 when it is, or says it is, too long; 408 when it does not come in time."""
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and int(said[:20]) > limits.body_bytes:
        raise _too_long(limits)
    try:
        async with asyncio.timeout(limits.body_seconds):
            return await _collect(request, limits)
    except TimeoutError:
        raise Refused(408, "the body took too long to arrive") from None
    except ClientDisconnect:
        raise Refused(400, "the sender hung up") from None


async def _collect(request: Request, limits: Limits) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limits.body_bytes:
            raise _too_long(limits)
    return bytes(body)


def _too_long(limits: Limits) -> Refused:
    return Refused(413, f"the body is longer than {limits.body_bytes} bytes")
