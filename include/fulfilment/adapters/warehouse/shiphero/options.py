"""What is agreed with a ShipHero warehouse (site file, `warehouse.options`), and the way in.

A connection's login and password are those of a ShipHero user; with an empty login the password is a refresh token, as
ShipHero gives it to developer users. Either buys an access token for 28 days. `customer_account_id` in the connection's
extra names the client on whose behalf a 3PL's user calls.
Source: https://developer.shiphero.com/getting-started/ (authentication).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from include.fulfilment.adapters.access import Session
from include.fulfilment.adapters.connecting import Connecting
from include.fulfilment.adapters.transport import RemoteRefusal, Transport
from include.fulfilment.errors import ConfigError, RetryableError
from include.fulfilment.yaml_file import Strict

SYSTEM = "shiphero"
ADDRESS = "https://public-api.shiphero.com"


class Options(Strict):
    """`warehouse_id` and `shop_name` are ShipHero's; `po_name` is what the floor reads before the PO number.

    `order_kind`: `plain` orders count base units and may leave in parts; `wholesale` orders leave whole and name a unit
    of measure on each line. `line_unit`: with `pack`, a line of whole packs is sent in packs.
    """

    warehouse_id: str = Field(min_length=1)
    shop_name: str = Field(default="B2B", min_length=1)
    order_kind: Literal["plain", "wholesale"] = "plain"
    line_unit: Literal["base", "pack"] = "base"
    po_name: str = Field(default="PO number", min_length=1, pattern=r"^[^\n:]+$")

    @model_validator(mode="after")
    def _packs_are_for_wholesale(self) -> Self:
        if self.line_unit == "pack" and self.order_kind == "plain":
            raise ValueError("line_unit: pack needs order_kind: wholesale; a plain order has no unit of measure")
        return self


def open_transport(given: Connecting) -> Transport:
    """The transport to ShipHero. Raises ConfigError when the connection has no password."""
    remote = given.connection
    if not remote.password:
        raise ConfigError(
            f"connection {remote.conn_id!r}: ShipHero needs a user's login and password, or a refresh token as password"
        )
    return Transport(
        remote.base_url or ADDRESS,
        system=SYSTEM,
        connection_id=remote.conn_id,
        scope_hint="the user's login and its permissions in ShipHero (orders, products, shipments)",
        acquire=given.acquire,
        on_call=given.on_call,
    )


def open_session(transport: Transport, login: str, password: str) -> Session:
    """A session that logs in before its first call, and once more when ShipHero no longer takes its token."""
    conn_id = transport.connection_id

    def log_in() -> Mapping[str, str]:
        path, given = ("/auth/token", {"username": login, "password": password})
        if not login:
            path, given = "/auth/refresh", {"refresh_token": password}
        try:
            reply = transport.request("POST", path, operation="login", safe=True, body=given)
        except RemoteRefusal as refusal:
            raise ConfigError(f"connection {conn_id!r}: ShipHero refused the login ({refusal.status})") from None
        token = reply.body.get("access_token") if isinstance(reply.body, dict) else None
        if not isinstance(token, str) or not token:
            words = "ShipHero answered the login without a token; if that stays so, check the address"
            raise RetryableError(f"connection {conn_id!r}: {words}")
        return {"Authorization": f"Bearer {token}"}

    return Session(transport, log_in)
