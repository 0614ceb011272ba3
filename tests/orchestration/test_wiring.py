"""Airflow's connections as the rooms take them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.fulfilment.errors import ConfigError
from include.fulfilment.orchestration.wiring import connection, ends, store_url, wired
from tests.stories.world import World


def define(monkeypatch: pytest.MonkeyPatch, conn_id: str, **values: Any) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps({"conn_type": "http"} | values))


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({"host": "shop.example"}, "https://shop.example"),
        ({"host": "shop.example", "port": 8443}, "https://shop.example:8443"),
        ({"host": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080"),
        ({"host": "http://127.0.0.1", "port": 8080}, "http://127.0.0.1:8080"),
        ({"host": "127.0.0.1", "port": 80, "extra": '{"scheme": "http"}'}, "http://127.0.0.1:80"),
    ],
)
def test_an_address_is_https_unless_the_connection_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, Any], url: str
) -> None:
    define(monkeypatch, "storefront_x", **values)
    assert connection("storefront_x").base_url == url


def test_the_secret_stays_in_its_field(monkeypatch: pytest.MonkeyPatch) -> None:
    define(monkeypatch, "storefront_x", host="shop.example", password="s3cret", extra='{"api_version": "2026-07"}')
    found = connection("storefront_x")
    assert (found.password, found.extra) == ("s3cret", {"api_version": "2026-07"})
    assert "s3cret" not in found.base_url
    assert "s3cret" not in repr(found)


def test_a_connection_without_a_host_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    define(monkeypatch, "storefront_x")
    with pytest.raises(ConfigError, match="connection 'storefront_x' has no host; set it and rerun"):
        connection("storefront_x")


def test_a_connection_that_is_not_defined_is_named() -> None:
    with pytest.raises(ConfigError, match="connection 'warehouse_none_main' is not defined in Airflow"):
        connection("warehouse_none_main")


def test_every_shop_of_a_site_is_asked_through_a_connection_of_its_own(
    installed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = next(Path(os.environ["FULFILMENT_SITES"]).glob("*.yaml"))
    site = yaml.safe_load(file.read_text(encoding="utf-8"))
    location = {"dialect": "shopify", "location_id": "gid://shopify/Location/77", "release": "other"}
    file.write_text(yaml.safe_dump(site | {"more_storefronts": {"public": location}}), encoding="utf-8")
    conn_id = f"storefront_{installed.site_code}_public"
    with pytest.raises(ConfigError, match=f"connection '{conn_id}' is not defined"), wired(installed.site_code):
        pass
    define(monkeypatch, conn_id, host="public.example", password="of-the-public-shop")
    with wired(installed.site_code) as rooms:
        assert list(rooms.storefronts) == ["shop", "public"]
    assert [(end.conn_id, end.code) for end in ends() if end.kind == "storefront"] == [
        (f"storefront_{installed.site_code}", "shop"),
        (conn_id, "public"),
    ]


def test_the_store_s_address_is_escaped_and_keeps_its_tls_options(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = json.dumps({"sslmode": "require", "cursor": "dictcursor"})
    values = {"host": "db.example", "login": "a@b", "password": "p:/?#%", "schema": "fulfilment", "extra": extra}
    define(monkeypatch, "fulfilment_db", conn_type="postgres", **values)
    assert store_url() == "postgresql://a%40b:p%3A%2F%3F%23%25@db.example:5432/fulfilment?sslmode=require"


def test_a_store_without_a_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    define(monkeypatch, "fulfilment_db", conn_type="postgres", host="db.example")
    with pytest.raises(ConfigError, match="connection 'fulfilment_db' needs a host and a database"):
        store_url()
