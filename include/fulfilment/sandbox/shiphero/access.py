"""ShipHero's tokens: a user's login or a refresh token buys an access token for 28 days.

Source: https://developer.shiphero.com/getting-started/ (authentication). What a refused login or token is answered is
not shown there; status 401 with a message is the sandbox's own choice.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..floor.state import FloorState, instant, stored

LIFE = timedelta(days=28)


class Access:
    """The account's one user: any login name, and the sandbox's key as password."""

    def __init__(self, state: FloorState, key: str) -> None:
        self._state, self._key = state, key

    @property
    def refresh_token(self) -> str:
        """What buys access tokens without the password."""
        return hashlib.sha256(f"refresh {self._key}".encode()).hexdigest()

    def routes(self) -> list[Route]:
        """Return the two routes that sell tokens."""
        return [
            Route("/auth/token", self._token, methods=["POST"]),
            Route("/auth/refresh", self._refresh, methods=["POST"]),
        ]

    def knows(self, request: Request) -> bool:
        """Say whether a request carries a token that is still good."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        row = self._state.one("SELECT expires_at FROM access_token WHERE token = ?", _digest(token))
        return scheme.lower() == "bearer" and row is not None and instant(row["expires_at"]) > self._state.now()

    async def _token(self, request: Request) -> Response:
        given = await _body(request)
        right = _same(given.get("password"), self._key) and bool(given.get("username"))
        return await run_in_threadpool(self._answer, right)

    async def _refresh(self, request: Request) -> Response:
        right = _same((await _body(request)).get("refresh_token"), self.refresh_token)
        return await run_in_threadpool(self._answer, right)

    def _answer(self, right: bool) -> Response:
        if not right:
            return refused("Wrong email or password.")
        token = secrets.token_urlsafe(48)
        self._state.insert("access_token", token=_digest(token), expires_at=stored(self._state.now() + LIFE))
        seconds = int(LIFE.total_seconds())
        body = {"access_token": token, "refresh_token": self.refresh_token, "expires_in": seconds}
        return JSONResponse(body | {"scope": "openid profile offline_access", "token_type": "Bearer"})


def refused(message: str) -> Response:
    """Return the answer to somebody who is not known."""
    return JSONResponse({"message": message}, status_code=401)


def _same(given: object, wanted: str) -> bool:
    return isinstance(given, str) and secrets.compare_digest(given.encode(), wanted.encode())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
