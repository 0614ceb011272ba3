"""Tokens: asked for with a JSON body and the Site-Id header, good for an hour
(https://docs.sparklayer.io/developers/api/core/get-an-access-token)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta

from .problems import ApiRefusal
from .state import Json, SiteState, instant_text

CLIENT_ID, SITE_ID = "sandbox-client", "sandbox-trade"
LIFETIME = timedelta(seconds=3600)
_FIELDS = ("grant_type", "client_id", "client_secret")


class Access:
    """The site's one API key."""

    def __init__(self, state: SiteState, client_secret: str) -> None:
        self._state, self._secret = state, client_secret

    def token(self, headers: Mapping[str, str], raw: bytes) -> Json:
        """Return a new token; raises ApiRefusal for a form-encoded body, another grant, or wrong credentials."""
        if not headers.get("content-type", "").startswith("application/json"):
            raise ApiRefusal(400, "the body must be JSON; form data is not supported")
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            raise ApiRefusal(400, "the body is not JSON") from None
        given = [body.get(name) if isinstance(body, dict) else None for name in _FIELDS]
        if not all(isinstance(each, str) for each in given) or given[0] != "client_credentials":
            raise ApiRefusal(400, "grant_type, client_id and client_secret are needed")
        if headers.get("site-id") != SITE_ID or given[1] != CLIENT_ID or not self._is_secret(str(given[2])):
            raise ApiRefusal(401, "the client is not known to this site")
        token, now = secrets.token_urlsafe(32), self._state.clock()
        self._state.insert("token", value=token, expires_at=instant_text(now + LIFETIME))
        return {"access_token": token, "token_type": "Bearer", "expires_in": int(LIFETIME.total_seconds())}

    def check(self, headers: Mapping[str, str]) -> None:
        """Return if the call carries a token of this site that is still good; raises ApiRefusal."""
        kind, _, token = headers.get("authorization", "").partition(" ")
        row = self._state.one("SELECT expires_at FROM token WHERE value = ?", token)
        if kind != "Bearer" or row is None or row["expires_at"] <= self._state.now():
            raise ApiRefusal(401, "the access token is missing, wrong or expired")
        if headers.get("site-id") != SITE_ID:
            raise ApiRefusal(401, "the access token belongs to another site")

    def _is_secret(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self._secret.encode())
