"""Every remote of the package as a sandbox, with the connection and the site file that belong to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from include.fulfilment.clock import system_clock
from include.fulfilment.sandbox.mintsoft.app import create_app as mintsoft
from include.fulfilment.sandbox.shipbob.app import create_app as shipbob
from include.fulfilment.sandbox.shiphero.app import create_app as shiphero
from include.fulfilment.sandbox.shopify.app import create_app as shopify
from include.fulfilment.sandbox.sparklayer.access import CLIENT_ID, SITE_ID
from include.fulfilment.sandbox.sparklayer.app import create_app as sparklayer
from include.fulfilment.settings import DEMO_SITES
from tests.contract.serving import API_KEY, CONTROL_TOKEN, served, site
from tests.site_files import write_site

PROFILE = DEMO_SITES / "demo" / "x12-partner.yaml"


@dataclass(frozen=True)
class Remote:
    """One dialect: its sandbox, and what the connection and the site file say beside address and key."""

    dialect: str
    kind: str
    create_app: Callable[..., Any] | None
    login: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def conn_id(self) -> str:
        return "storefront_bench" if self.kind == "storefront" else "warehouse_bench_main"

    @contextmanager
    def running(self, folder: Path) -> Iterator[dict[str, Any]]:
        """The connection to it while it runs, as `AIRFLOW_CONN_…` has it."""
        values = {"conn_type": f"fulfilment_{self.dialect}", "login": self.login, "password": API_KEY}
        values |= {"extra": dict(self.extra)}
        if self.create_app is None:
            (folder / "mail box").mkdir()
            yield values | {"host": (folder / "mail box").as_uri()}
            return
        with served(self.create_app(folder / "remote.sqlite", API_KEY, CONTROL_TOKEN, clock=system_clock)) as url:
            yield values | {"host": url}


REMOTES = {
    each.dialect: each
    for each in (
        Remote("shopify", "storefront", shopify, extra={"api_version": "2026-07"}),
        Remote("sparklayer", "storefront", sparklayer, CLIENT_ID, {"site_id": SITE_ID}),
        Remote("shipbob", "warehouse", shipbob, extra={"channel_id": "100001", "api_version": "2026-01"}),
        Remote("mintsoft", "warehouse", mintsoft, "integration", options={"warehouse_id": 3}),
        Remote("shiphero", "warehouse", shiphero, "staff@example.org", options={"warehouse_id": "7145"}),
        Remote("x12", "warehouse", None, options={"profile": str(PROFILE)}),
    )
}
"""Tryton is tried on the real thing (test_trial.py)."""


def install(remote: Remote, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of site files with the remote's one site."""
    made = site(
        **{"warehouse": "tryton"} | {remote.kind: remote.dialect, f"{remote.kind}_options": dict(remote.options)}
    )
    (folder / "sites").mkdir()
    write_site(folder / "sites", made.model_dump(mode="json"), "bench")
    monkeypatch.setenv("FULFILMENT_SITES", str(folder / "sites"))


def define(monkeypatch: pytest.MonkeyPatch, conn_id: str, values: Mapping[str, Any]) -> None:
    """The connection in the environment; Airflow looks there before its database."""
    monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(dict(values)))
