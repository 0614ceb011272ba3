"""The embedded PostgreSQL server, for real."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from demo.ports import HOST, Ports
from demo.postgres import EmbeddedPostgres
from demo.secrets import SecretFiles
from demo.supervisor import Supervisor

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another account")


class Installation:
    """One state folder and what runs in it."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.supervisor = Supervisor(state)

    def start(self) -> EmbeddedPostgres:
        self.supervisor.open()
        secrets = SecretFiles(self.state / "secrets")
        server = EmbeddedPostgres(self.state, secrets, Ports(self.state / "ports.json"))
        server.start(self.supervisor)
        return server

    def postmaster(self) -> int:
        return int((self.data() / "postmaster.pid").read_text().split()[0])

    def data(self) -> Path:
        location = self.state / "postgres" / "location"
        return (Path(location.read_text()) if location.exists() else self.state / "postgres") / "data"


@pytest.fixture
def installation() -> Iterator[Installation]:
    with TemporaryDirectory(prefix="fulfilment test ") as folder:
        Path(folder).chmod(0o711)
        one = Installation(Path(folder) / "state")
        yield one
        one.supervisor.stop()


@pytest.fixture
def private_installation() -> Iterator[Installation]:
    """Below a folder that only its owner may enter, as root's home is."""
    with TemporaryDirectory() as folder:
        one = Installation(Path(folder) / "state")
        yield one
        one.supervisor.stop()
        location = one.state / "postgres" / "location"
        if location.exists():
            shutil.rmtree(location.read_text())


def one_value(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    return row[0] if row else None


def test_passwords_are_kept_as_scram_with_one_round_since_they_are_random(installation: Installation) -> None:
    server = installation.start()

    kept = "select string_agg(distinct left(rolpassword, 16), ' ') from pg_authid where rolpassword is not null"
    assert one_value(server.superuser_url(), kept) == "SCRAM-SHA-256$1:"


def test_each_database_has_its_own_role_and_only_airflows_may_lose_a_moment(installation: Installation) -> None:
    server = installation.start()

    assert one_value(server.url("airflow"), "select current_user") == "airflow"
    assert one_value(server.url("fulfilment"), "select current_user") == "fulfilment"
    assert one_value(server.url("airflow"), "show synchronous_commit") == "off"
    assert one_value(server.url("fulfilment"), "show synchronous_commit") == "on"
    assert one_value(server.url("fulfilment"), "show fsync") == "on"


def test_it_listens_on_this_machine_alone_and_wants_the_password(installation: Installation) -> None:
    server = installation.start()

    assert one_value(server.superuser_url(), "show listen_addresses") == HOST
    assert one_value(server.superuser_url(), "show unix_socket_directories") == ""
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://fulfilment:wrong@{HOST}:{server.port}/fulfilment")


def test_passwords_are_readable_by_their_owner_alone_and_in_no_command_line(installation: Installation) -> None:
    installation.start()
    secrets = sorted((installation.state / "secrets").iterdir())

    assert [stat.S_IMODE(file.stat().st_mode) for file in secrets] == [0o600] * 3
    assert stat.S_IMODE((installation.state / "secrets").stat().st_mode) == 0o700
    command_line = Path(f"/proc/{installation.postmaster()}/cmdline").read_text()
    assert not [file.name for file in secrets if file.read_text() in command_line]


def test_what_was_committed_survives_kill_9_of_the_server(installation: Installation) -> None:
    url = installation.start().url("fulfilment")
    with psycopg.connect(url) as connection:
        connection.execute("create table kept as select 41 + 1 as answer")

    os.kill(installation.postmaster(), signal.SIGKILL)
    installation.supervisor.stop()

    assert one_value(installation.start().url("fulfilment"), "select answer from kept") == 42


def test_the_port_stays_the_same_unless_somebody_else_took_it(installation: Installation) -> None:
    first = installation.start().port
    installation.supervisor.stop()
    second = installation.start().port
    installation.supervisor.stop()
    with socket.create_server((HOST, first)):
        third = installation.start().port

    assert second == first
    assert third != first


def test_a_stale_lock_file_that_names_a_living_stranger_is_no_obstacle(installation: Installation) -> None:
    installation.start()
    lock_file = installation.data() / "postmaster.pid"
    lines = lock_file.read_text().splitlines()
    installation.supervisor.stop()
    lock_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    assert one_value(installation.start().url("fulfilment"), "select 1") == 1


@as_root
def test_root_hands_over_the_servers_own_folder_and_nothing_else(installation: Installation) -> None:
    installation.start()

    assert Path(f"/proc/{installation.postmaster()}").stat().st_uid != 0
    assert installation.data().is_relative_to(installation.state)
    assert installation.state.stat().st_uid == 0
    assert {file.stat().st_uid for file in (installation.state / "secrets").iterdir()} == {0}


@as_root
def test_below_a_private_folder_data_and_binaries_go_where_the_account_can_reach(
    private_installation: Installation,
) -> None:
    parent = private_installation.state.parent
    url = private_installation.start().url("fulfilment")

    assert one_value(url, "select 1") == 1
    assert not private_installation.data().is_relative_to(private_installation.state)
    assert stat.S_IMODE(private_installation.data().parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(parent.stat().st_mode) == 0o700
    private_installation.supervisor.stop()
    assert one_value(private_installation.start().url("fulfilment"), "select 1") == 1
