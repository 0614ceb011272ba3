"""What Airflow's processes are told, and what they are not."""

from __future__ import annotations

import base64
import json
import socket
import stat
from pathlib import Path

import pytest

from demo.environment import USERS, Connection, Folders, airflow_environment, base_environment, login_passwords
from demo.errors import PortInUse
from demo.ports import HOST, Ports, free_port
from demo.secrets import SecretFiles
from demo.stack import database_connection


def environment(tmp_path: Path) -> dict[str, str]:
    shop = Connection("http", host="http://127.0.0.1:1", password="token", extra={"api_version": "2026-07"})
    return airflow_environment(
        Folders(state=tmp_path),
        SecretFiles(tmp_path / "secrets"),
        8080,
        "postgresql://airflow:secret@127.0.0.1:5432/airflow",
        {"storefront_demo": shop},
    )


def test_everything_binds_and_points_to_this_machine_alone(tmp_path: Path) -> None:
    told = environment(tmp_path)

    assert told["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert told["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:8080"
    assert told["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8080/execution/"


def test_secrets_are_long_enough_made_once_and_private(tmp_path: Path) -> None:
    first, second = environment(tmp_path), environment(tmp_path)

    assert len(first["AIRFLOW__API_AUTH__JWT_SECRET"]) >= 64
    assert len(base64.urlsafe_b64decode(first["AIRFLOW__CORE__FERNET_KEY"])) == 32
    assert first == second
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "secrets").iterdir()} == {0o600}


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    here, there = environment(tmp_path / "here"), environment(tmp_path / "there")

    for name in ("AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__API__SECRET_KEY", "AIRFLOW__CORE__FERNET_KEY"):
        assert here[name] != there[name]


def test_every_login_has_a_password_that_stays(tmp_path: Path) -> None:
    secrets = SecretFiles(tmp_path)
    passwords = login_passwords(secrets)

    assert passwords.keys() == USERS.keys()
    assert len(set(passwords.values())) == 4
    assert login_passwords(secrets) == passwords


def test_a_connection_is_json_without_what_is_not_set(tmp_path: Path) -> None:
    assert json.loads(environment(tmp_path)["AIRFLOW_CONN_STOREFRONT_DEMO"]) == {
        "conn_type": "http",
        "host": "http://127.0.0.1:1",
        "password": "token",
        "extra": {"api_version": "2026-07"},
    }


def test_the_persons_own_airflow_settings_do_not_leak_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", "/elsewhere")
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("PGPASSWORD", "theirs")
    monkeypatch.setenv("NO_PROXY", "intranet")

    told = base_environment()

    assert not [name for name in told if name.startswith(("AIRFLOW", "PG"))]
    assert told["NO_PROXY"] == "intranet,127.0.0.1,localhost"


def test_a_database_url_becomes_a_connection_with_its_options() -> None:
    connection = database_connection("postgresql://me:p%40ss@db.example:6432/ops?sslmode=require")

    assert connection == Connection(
        "postgres", "db.example", 6432, "me", "p@ss", schema="ops", extra={"sslmode": "require"}
    )


def test_a_port_is_remembered_and_a_taken_one_is_named(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    wanted = free_port()

    assert ports.take("airflow", wanted) == wanted
    assert ports.take("airflow") == wanted
    assert ports.take("tryton") != wanted
    with socket.create_server((HOST, wanted)):
        with pytest.raises(PortInUse, match=f"Port {wanted} on 127.0.0.1 is in use"):
            ports.take("airflow", wanted)
        assert ports.take("airflow") != wanted
