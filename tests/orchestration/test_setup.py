"""The set-up command: run it again at any time; the first thing that is wrong is said."""

from __future__ import annotations

import json

import pytest

from include.fulfilment.orchestration import setup
from tests.stories.world import World


@pytest.fixture(autouse=True)
def _no_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Creating pools needs Airflow's own database; the end-to-end run of the demo has one."""
    monkeypatch.setattr(setup, "create_pools", lambda: print(f"pools: {', '.join(setup.POOLS)}"))


def test_set_up_may_be_run_again_and_says_each_step(installed: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert (setup.main(), setup.main()) == (0, 0)
    lines = capsys.readouterr().out.splitlines()
    half = len(lines) // 2
    assert lines[:half] == lines[half:]
    assert lines[0] == f"sites: {installed.site_code}"
    assert lines[1].startswith("store: schema ")
    assert lines[2:half] == [
        f"connection storefront_{installed.site_code}: {installed.url}",
        f"connection warehouse_{installed.site_code}_main: https://wms",
        "pools: storefront, warehouse",
    ]


def test_set_up_stops_at_a_missing_connection_and_names_it(
    installed: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(f"AIRFLOW_CONN_STOREFRONT_{installed.site_code.upper()}")
    assert setup.main() == 1
    assert f"set-up stopped: connection 'storefront_{installed.site_code}' is not defined" in capsys.readouterr().err


def test_set_up_stops_when_the_store_does_not_answer(
    installed: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dead = {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "me", "password": "s3cret", "schema": "x"}
    monkeypatch.setenv("AIRFLOW_CONN_FULFILMENT_DB", json.dumps(dead))
    assert setup.main() == 1
    told = capsys.readouterr().err
    assert told.startswith("set-up stopped: ")
    assert "s3cret" not in told
