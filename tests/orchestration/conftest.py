"""A merchant as Airflow sees one: a site file and connections in the environment, all on the machine's clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from include.fulfilment.clock import system_clock
from tests.fakes import FakeWarehouse
from tests.site_files import write_site
from tests.stories.conftest import store_url
from tests.stories.world import SHOP_TOKEN, World, sandbox

__all__ = ["store_url"]


def store_connection(url: str) -> str:
    """The connection `fulfilment_db` to this server, as Airflow's environment variables have it."""
    found = urlsplit(url)
    values = {"conn_type": "postgres", "host": found.hostname, "port": found.port, "schema": found.path.strip("/")}
    return json.dumps(values | {"login": unquote(found.username or ""), "password": unquote(found.password or "")})


@pytest.fixture
def installed(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The merchant, installed in Airflow. The warehouse is the one in memory, in place of the dialect's adapter."""
    from include.fulfilment.adapters.warehouse import tryton

    warehouse = FakeWarehouse(system_clock)
    with sandbox(tmp_path, system_clock, lambda seconds: None) as shop:
        world = World(shop, store_url, warehouse, warehouse, system_clock)
        world.open(tmp_path)
        folder = tmp_path / "sites"
        folder.mkdir()
        site = world.site.model_dump(mode="json")
        write_site(folder, site)
        monkeypatch.setenv("FULFILMENT_SITES", str(folder))
        monkeypatch.setenv("FULFILMENT_REPORTS_URI", str(tmp_path / "reports"))
        monkeypatch.setenv("AIRFLOW_CONN_FULFILMENT_DB", store_connection(store_url))
        storefront = {"conn_type": "http", "host": shop.url, "password": SHOP_TOKEN}
        code = world.site_code.upper()
        monkeypatch.setenv(f"AIRFLOW_CONN_STOREFRONT_{code}", json.dumps(storefront))
        monkeypatch.setenv(f"AIRFLOW_CONN_WAREHOUSE_{code}_MAIN", json.dumps({"conn_type": "http", "host": "wms"}))
        monkeypatch.setattr(tryton, "connect", lambda _: warehouse)
        yield world
