"""What many tests need: a PostgreSQL database of their own."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from demo.ports import Ports
from demo.postgres import EmbeddedPostgres
from demo.secrets import SecretFiles
from demo.supervisor import Supervisor
from demo.tls import read_certificates_once

pytest_plugins = ["tests.demo_run"]

read_certificates_once()

# Started in the background by a shell, this process ignores Ctrl-C and so would every demo that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server on which databases may be made: TEST_DB_URL, or an embedded one for this session."""
    given = os.environ.get("TEST_DB_URL")
    if given:
        yield given
        return
    with TemporaryDirectory(prefix="fulfilment-test-") as folder:
        state = Path(folder)
        # Run by root, the server is another account's process, which must be able to reach its data.
        state.chmod(0o711)
        supervisor = Supervisor(state)
        supervisor.open()
        try:
            server = EmbeddedPostgres(state, SecretFiles(state / "secrets"), Ports(state / "ports.json"))
            server.start(supervisor)
            yield server.superuser_url()
        finally:
            supervisor.stop()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a database that all tests of this session (of each xdist worker) share."""
    with _database(postgres_server) as url:
        yield url


@pytest.fixture
def empty_database(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database for one test alone."""
    with _database(postgres_server) as url:
        yield url


@contextmanager
def _database(postgres_server: str) -> Iterator[str]:
    name = f"fulfilment_test_{uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        # No test takes the power from the server: the disk need not be waited for at every commit.
        connection.execute(sql.SQL("alter database {} set synchronous_commit = off").format(sql.Identifier(name)))
    yield urlsplit(postgres_server)._replace(path=f"/{name}").geturl()
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of reference data beside the checkout; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("FULFILMENT_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    if not folder.is_dir():
        pytest.skip(f"reference data are not at {folder} (FULFILMENT_SHARED overrides)")
    return folder
