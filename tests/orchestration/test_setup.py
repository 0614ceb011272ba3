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


def steps(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What was said, without the log lines that Airflow's logging may write between them."""
    return [each for each in capsys.readouterr().out.splitlines() if "[alembic" not in each]


def test_set_up_may_be_run_again_and_says_each_step(installed: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert (setup.main(), setup.main()) == (0, 0)
    lines = steps(capsys)
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


def test_shops_send_their_webhooks_to_the_door_once(installed: World, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--webhooks", "https://door.example/"]
    assert (setup.main(asked), setup.main(asked)) == (0, 0)
    address = f"https://door.example/webhooks/shopify/{installed.site_code}"
    told = [each for each in steps(capsys) if each.startswith("webhooks")]
    name = f"webhooks storefront_{installed.site_code}"
    assert told == [f"{name}: 20 new to {address}", f"{name}: 0 new to {address}"]
    kept = installed.control.state("webhooks")["webhooks"]
    assert ({each["uri"] for each in kept}, len(kept)) == ({address}, 20)


def test_without_being_asked_no_shop_is_told_to_send_anything(installed: World) -> None:
    assert setup.main() == 0
    assert installed.control.state("webhooks")["webhooks"] == []


def test_a_door_without_tls_is_refused(installed: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert setup.main(["--webhooks", "http://door.example"]) == 1
    assert "set-up stopped: webhooks go to an address that starts with https://" in capsys.readouterr().err
    assert installed.control.state("webhooks")["webhooks"] == []
