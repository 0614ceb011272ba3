"""What the connection and the site file must say, and in which words they are refused."""

from __future__ import annotations

from typing import Any

import pytest

from include.fulfilment.adapters.connecting import RemoteConnection
from include.fulfilment.adapters.registry import make_warehouse
from include.fulfilment.adapters.warehouse.shipbob.wire import shipbob_transport
from include.fulfilment.errors import ConfigError
from tests.contract.serving import given, site
from tests.stories.world import Ticking

KEY = "token-1"


def remote(*, token: str | None = KEY, **extra: Any) -> RemoteConnection:
    return RemoteConnection("warehouse_test", "https://api.shipbob.com/", "", token or "", extra=extra)


def test_address_version_and_channel_come_from_the_connection() -> None:
    heard: list[str] = []
    transport = shipbob_transport(remote(channel_id=100001), on_call=lambda *call: heard.append(call[0]))
    assert repr(transport) == "Transport(shipbob, api.shipbob.com)"
    assert "token-1" not in repr(vars(transport))


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        (remote(), "extra channel_id must be the number"),
        (remote(channel_id="main"), "extra channel_id must be the number"),
        (remote(channel_id=1, api_version="latest"), "extra api_version must be written like 2026-01"),
        (remote(token=None, channel_id=1), "needs an access token as password"),
    ],
)
def test_a_connection_that_lacks_something_is_refused_by_name(connection: RemoteConnection, words: str) -> None:
    with pytest.raises(ConfigError, match=f"connection 'warehouse_test': .*{words}") as caught:
        shipbob_transport(connection)
    assert "token-1" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"line_unit": "box"}, "line_unit"),
        ({"instruction_in": "none"}, "instruction_in"),
        ({"location_id": "x"}, "location_id"),
    ],
)
def test_an_agreement_that_is_wrong_is_refused_by_its_field_in_the_site_file(
    options: dict[str, Any], field: str
) -> None:
    made = site("shipbob", warehouse_options=options)
    with pytest.raises(ConfigError, match=f"warehouse.options.{field}"):
        make_warehouse(given(made, "http://127.0.0.1", [], Ticking(), "warehouse_test", extra={"channel_id": 1}))
