"""A dialect is found by its name, and what the site file says of it is checked."""

from __future__ import annotations

import pytest
from pydantic import Field

from include.fulfilment.adapters import storefront, warehouse
from include.fulfilment.adapters.connecting import Connecting, RemoteConnection, read_options
from include.fulfilment.adapters.registry import capabilities, dialects, make_storefront, make_warehouse
from include.fulfilment.adapters.storefront.shopify import ShopifyStorefront
from include.fulfilment.adapters.warehouse.tryton import TrytonWarehouse
from include.fulfilment.errors import ConfigError
from include.fulfilment.settings import Site
from include.fulfilment.yaml_file import Strict
from tests.fakes import MemoryJournal
from tests.site_files import CREDIT
from tests.stories.world import Ticking

SITE = {
    "code": "north",
    "timezone": "Europe/London",
    "storefront": {"dialect": "shopify", "location_id": "7"},
    "warehouse": {"code": "main", "dialect": "tryton", "services": {}},
    "credit": CREDIT,
    "packs": {},
    "release": {"version": "1", "demo": True},
}


def given(**changes: object) -> Connecting:
    site = Site.model_validate(SITE | changes)
    remote = RemoteConnection("some_connection", "https://remote.example", "login", "secret", schema="database")
    return Connecting(site, remote, Ticking(), lambda *_: None, lambda _: None, MemoryJournal())


def test_every_dialect_has_what_its_room_asks_for() -> None:
    assert {"shopify"} <= set(dialects(storefront))
    assert {"tryton"} <= set(dialects(warehouse))
    assert [capabilities(name).name for name in dialects(warehouse)] == dialects(warehouse)


def test_the_sites_dialects_are_made() -> None:
    assert isinstance(make_warehouse(given()), TrytonWarehouse)
    assert isinstance(make_storefront(given()), ShopifyStorefront)


def test_an_unknown_dialect_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"warehouse\.dialect 'sap' is unknown; known: .*tryton"):
        make_warehouse(given(warehouse=SITE["warehouse"] | {"dialect": "sap"}))  # type: ignore[operator]


def test_a_wrong_option_names_its_field_in_the_site_file() -> None:
    class Options(Strict):
        facility: int = Field(ge=1)

    site = given().site
    assert read_options(Options, {"facility": 3}, "warehouse.options", site).facility == 3
    with pytest.raises(ConfigError, match=r"^site north: warehouse\.options\.facility: Field required; correct it"):
        read_options(Options, {}, "warehouse.options", site)
    with pytest.raises(ConfigError, match=r"warehouse\.options\.fcility: Extra inputs are not permitted"):
        read_options(Options, {"facility": 3, "fcility": 4}, "warehouse.options", site)


def test_a_connection_never_shows_its_secrets() -> None:
    shown = repr(given())
    assert "secret" not in shown
    assert "some_connection" in shown
