"""The test of a connection: what Airflow's button and `airflow connections test` answer."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tests.stories.airflow_home  # noqa: F401 - before anything imports Airflow
from demo.tryton.install import DATABASE
from include.fulfilment.adapters.warehouse.x12.profile import load_profile
from include.fulfilment.orchestration.hooks import RemoteHook
from tests.contract.serving import API_KEY
from tests.demo.tryton.kit import Yard, yard
from tests.provider.remotes import PROFILE, REMOTES, Remote, define, install

__all__ = ["yard"]
Running = tuple[Remote, dict[str, Any]]
WITH_HTTP = [name for name in REMOTES if name != "x12"]


def hook(remote: Remote, conn_id: str = "") -> RemoteHook:
    """The hook of the remote's connection type, as Airflow makes it."""
    from fulfilment_provider import hooks

    kind: type[RemoteHook] = getattr(hooks, f"{remote.dialect.capitalize()}Hook")
    return kind(conn_id=conn_id or remote.conn_id)


@pytest.fixture
def running(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    remote = REMOTES[request.param]
    install(remote, tmp_path, monkeypatch)
    with remote.running(tmp_path) as values:
        define(monkeypatch, remote.conn_id, values)
        yield remote, values


@pytest.mark.parametrize("running", REMOTES, indirect=True)
def test_a_remote_that_answers_is_named_with_its_site(running: Running) -> None:
    remote, _ = running
    words = f"{remote.dialect} answered, asked as the {remote.kind} of site bench"
    assert hook(remote).test_connection() == (True, words)


@pytest.mark.parametrize("running", WITH_HTTP, indirect=True)
def test_a_wrong_password_is_told_without_the_password(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    remote, values = running
    define(monkeypatch, remote.conn_id, values | {"password": "wrong-S3cret"})
    done, words = hook(remote).test_connection()
    assert not done
    assert repr(remote.conn_id) in words
    assert "wrong-S3cret" not in words
    assert API_KEY not in words


@pytest.mark.parametrize("running", ["shipbob"], indirect=True)
def test_a_host_that_does_not_answer_is_told(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    remote, values = running
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    define(monkeypatch, remote.conn_id, values | {"host": f"http://127.0.0.1:{port}"})
    done, words = hook(remote).test_connection()
    assert (done, words) == (
        False,
        "shipbob cannot be reached (ConnectError); connection 'warehouse_bench_main'; it will be tried again",
    )


@pytest.mark.parametrize("running", ["x12"], indirect=True)
def test_the_mailbox_s_messages_stay_where_they_are(running: Running, tmp_path: Path) -> None:
    remote, _ = running
    inbound = tmp_path / "mail box" / load_profile(PROFILE).folders.inbound
    inbound.mkdir()
    (inbound / "945.edi").write_text("ISA*", encoding="utf-8")
    assert hook(remote).test_connection()[0]
    assert [each.name for each in inbound.iterdir()] == ["945.edi"]


@pytest.mark.parametrize("running", ["x12"], indirect=True)
def test_a_mailbox_that_is_not_there_is_told(running: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    remote, values = running
    define(monkeypatch, remote.conn_id, values | {"host": (tmp_path / "none").as_uri()})
    done, words = hook(remote).test_connection()
    assert not done
    assert words == f"connection 'warehouse_bench_main': the mailbox folder {tmp_path / 'none'} does not exist"


@pytest.mark.parametrize("running", ["mintsoft"], indirect=True)
def test_a_connection_that_no_site_asks_for_is_told_with_those_that_are(running: Running) -> None:
    done, words = hook(running[0], "warehouse_bench_other").test_connection()
    assert (done, words) == (
        False,
        "no site has a connection 'warehouse_bench_other'; the site files ask for: storefront_bench, "
        "warehouse_bench_main",
    )


@pytest.mark.parametrize("running", ["mintsoft"], indirect=True)
def test_a_type_that_is_not_the_site_s_dialect_is_told(running: Running) -> None:
    done, words = hook(REMOTES["shipbob"]).test_connection()
    assert (done, words) == (
        False,
        "connection 'warehouse_bench_main' is of type fulfilment_shipbob, but the file of site bench says "
        "warehouse.dialect: mintsoft; correct one of them",
    )


@pytest.mark.parametrize("running", ["mintsoft"], indirect=True)
def test_the_form_s_button_tests_under_a_name_by_chance(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """POST /api/v2/connections/test gives the connection eight letters and digits as its name."""
    remote, values = running
    define(monkeypatch, "aB3dE5fG", values)
    assert hook(remote, "aB3dE5fG").test_connection()[0]
    define(monkeypatch, "aB3dE5fG", values | {"password": "wrong"})
    done, words = hook(remote, "aB3dE5fG").test_connection()
    assert (done, "'warehouse_bench_main'" in words) == (False, True)


@pytest.mark.parametrize("running", ["mintsoft"], indirect=True)
def test_a_connection_that_airflow_does_not_have_is_told(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_WAREHOUSE_BENCH_MAIN")
    done, words = hook(running[0]).test_connection()
    assert (done, words) == (
        False,
        "connection 'warehouse_bench_main' is not defined in Airflow; add it and rerun",
    )


@pytest.mark.e2e
def test_a_real_tryton_answers_and_a_wrong_key_is_told(
    yard: Yard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = Remote("tryton", "warehouse", None)
    install(remote, tmp_path, monkeypatch)
    values = {"conn_type": "fulfilment_tryton", "host": yard.url, "schema": DATABASE, "password": yard.home.api_key}
    define(monkeypatch, remote.conn_id, values)
    assert hook(remote).test_connection() == (True, "tryton answered, asked as the warehouse of site bench")
    define(monkeypatch, remote.conn_id, values | {"password": "wrong-S3cret"})
    done, words = hook(remote).test_connection()
    assert (done, "wrong-S3cret" in words, "'warehouse_bench_main'" in words) == (False, False, True)
