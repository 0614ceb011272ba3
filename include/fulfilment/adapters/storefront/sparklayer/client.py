"""Calls to SparkLayer's API: token, site header, one purchase, the list of purchases, and posts.

The token is asked for with a JSON body (form data is refused), is good for an hour and for one site, and has no refresh
token; every call names the site (https://docs.sparklayer.io/developers/api/core/get-an-access-token). A call that meets
401 logs in anew, once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from include.fulfilment.adapters.access import Session
from include.fulfilment.adapters.connecting import Connecting, RemoteConnection
from include.fulfilment.adapters.storefront.sparklayer.options import Options
from include.fulfilment.adapters.storefront.sparklayer.problems import read_problem
from include.fulfilment.adapters.transport import RemoteRefusal, Transport
from include.fulfilment.errors import ConfigError, DataError, RetryableError

_MOST_PAGES = 10_000
_RESTARTS = 3
_USER_AGENT = "b2b-fulfilment"

Json = Any


class _Moved(Exception):
    """Rows left the list while it was read, so that one may have been missed."""


class SparkLayerClient:
    """One SparkLayer site. `credentials` are client id and client secret; raises ConfigError where they are refused."""

    def __init__(self, transport: Transport, credentials: tuple[str, str], options: Options) -> None:
        self._transport = transport
        self._credentials = credentials
        self._options = options
        self._session = Session(transport, self._log_in)

    def __repr__(self) -> str:
        return f"SparkLayerClient({self._transport!r})"

    def wait(self, seconds: float) -> None:
        """Waits in place."""
        self._transport.sleep(seconds)

    def get(self, path: str, operation: str) -> Json:
        """The body of a GET answer, None where SparkLayer has no such record; never an empty one."""
        try:
            found = self._session.request("GET", path, operation=operation, safe=True).body
        except RemoteRefusal as refusal:
            if refusal.status == 404:
                return None
            raise
        if found is None or found == {}:
            raise RetryableError(f"{operation}: SparkLayer answered nothing; it will be read again")
        return found

    def purchase(self, platform_id: str) -> dict[str, Json] | None:
        """The purchase that `<kind of identifier>/<identifier>` names, as SparkLayer holds it; None where none is."""
        found = self.get(purchase_path(platform_id), "getPurchase") if "/" in platform_id else None
        if found is None:
            return None
        if not isinstance(found, dict) or not isinstance(found.get("purchase_identifiers"), dict):
            raise RetryableError(f"the answer for purchase {platform_id} is no purchase; it will be read again")
        return found

    def put_purchase(self, platform_id: str, body: Json) -> None:
        """Replaces the whole purchase. Never repeated by itself: somebody else may have written in between. Raises
        RemoteRefusal, or UnknownOutcome when no clear answer came."""
        path = purchase_path(platform_id)
        self._session.request("PUT", path, operation="createUpdatePurchase", safe=False, body=body)

    def post(self, path: str, operation: str, body: Json, *, safe: bool) -> Json:
        """The body of a POST answer."""
        return self._session.request("POST", path, operation=operation, safe=safe, body=body).body

    def purchases(self, params: Mapping[str, str | int]) -> Iterator[list[Json]]:
        """Every purchase that the filter `params` allows, once, newest first, a page at a time.

        The list is addressed by offset, so a row that leaves it while it is read would hide another: pages overlap by
        one row, and a page that lacks it makes the reading begin anew. Raises DataError when paging repeats itself.
        """
        told: set[str] = set()
        for _ in range(_RESTARTS):
            try:
                for rows, keys in self._pages(params):
                    yield [row for row, key in zip(rows, keys, strict=True) if key not in told]
                    told.update(keys)
            except _Moved:
                continue
            return
        raise RetryableError("the list of purchases changed in every reading of it; it will be read again")

    def _pages(self, params: Mapping[str, str | int]) -> Iterator[tuple[list[Json], list[str]]]:
        """(rows, what tells each from all others) of one page after the other."""
        size, offset, last = self._options.page_rows, 0, ""
        seen: set[str] = set()
        for _ in range(_MOST_PAGES):
            rows = self._rows({**params, "limit": size, "offset": offset})
            keys = [_row_key(each) for each in rows]
            if last and last not in keys:
                raise _Moved
            if (page := _digest("".join(keys))) in seen:
                raise DataError("paging of the purchases came back to an earlier page; the reading is incomplete")
            seen.add(page)
            yield rows, keys
            if len(rows) < size:
                return
            last, offset = keys[-1], offset + size - 1
        raise DataError(f"there are more than {_MOST_PAGES} pages of purchases; the reading is incomplete")

    def _rows(self, params: Mapping[str, str | int]) -> list[Json]:
        try:
            answer = self._session.request(
                "GET", "/api/v1/purchases", operation="getPurchases", safe=True, params=params
            ).body
        except RemoteRefusal as refusal:
            where = "storefront.options (updated_since, page_rows)"
            raise ConfigError(
                f"SparkLayer refused the list of purchases: {read_problem(refusal).words}; correct {where}"
            ) from None
        rows = answer.get(self._options.rows_in) if isinstance(answer, dict) and self._options.rows_in else answer
        if not isinstance(rows, list):
            raise DataError("the list of purchases is not where storefront.options.rows_in says it is; correct it")
        return rows

    def _log_in(self) -> Mapping[str, str]:
        client_id, secret = self._credentials
        body = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        try:
            answer = self._transport.request(
                "POST", "/api/auth/token", operation="getAccessToken", safe=True, body=body
            ).body
        except RemoteRefusal as refusal:
            where = f"login, password and site_id of connection {self._transport.connection_id!r}"
            raise ConfigError(f"SparkLayer gave no access token (answer {refusal.status}); check {where}") from None
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise RetryableError("SparkLayer's answer to the login holds no access token; it will be tried again")
        return {"Authorization": f"Bearer {token}"}


def purchase_path(platform_id: str) -> str:
    """Where a purchase is addressed."""
    lookup, _, identifier = platform_id.partition("/")
    return f"/api/v1/purchases/{quote(lookup, safe='')}/{quote(identifier, safe='')}"


def _row_key(row: Json) -> str:
    identifiers = row.get("purchase_identifiers") if isinstance(row, dict) else None
    return _digest(json.dumps(identifiers or row, sort_keys=True, default=str))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:24]


def connect_client(given: Connecting, options: Options) -> SparkLayerClient:
    """The client for a connection: host the address, login the Client ID, password the Client Secret, `site_id` in the
    extra fields. Raises ConfigError naming what is missing."""
    remote = given.connection
    site_id = remote.extra.get("site_id")
    _require(remote, "login", remote.login)
    _require(remote, "password", remote.password)
    _require(remote, "extra field site_id", site_id)
    transport = Transport(
        remote.base_url,
        system="sparklayer",
        connection_id=remote.conn_id,
        headers={"Site-Id": str(site_id), "User-Agent": _USER_AGENT},
        scope_hint="Client ID, Client Secret and Site ID (SparkLayer Dashboard, Settings, API; plan Pro or Enterprise)",
        on_call=given.on_call,
        acquire=given.acquire,
    )
    return SparkLayerClient(transport, (remote.login, remote.password), options)


def _require(remote: RemoteConnection, name: str, value: object) -> None:
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise ConfigError(f"connection {remote.conn_id!r}: its {name} is missing or no plain text; set it")
