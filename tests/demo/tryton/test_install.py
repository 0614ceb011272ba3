"""Installing and copying the warehouse, without running it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from demo.errors import DemoError
from demo.tryton.install import Home, fresh_database, run, settle, write_config
from demo.tryton.setup import countries


def a_template(home: Home) -> None:
    home.template.mkdir()
    with sqlite3.connect(home.database_file(home.template)) as connection:
        connection.execute("create table made (by text)")


def test_a_fresh_database_replaces_the_old_one_and_its_journal(tmp_path: Path) -> None:
    home, folder = Home(tmp_path), tmp_path / "a run"
    a_template(home)
    folder.mkdir()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{home.database_file(folder)}{suffix}").write_text("stale")
    fresh_database(home, folder)
    assert sorted(file.name for file in folder.iterdir()) == ["warehouse.sqlite"]
    with sqlite3.connect(home.database_file(folder)) as connection:
        assert connection.execute("select count(*) from made").fetchone() == (0,)


def test_a_settled_database_is_one_file(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("pragma journal_mode = wal")
    connection.execute("create table made (by text)")
    connection.commit()
    connection.close()
    settle(file)
    assert [each.name for each in tmp_path.iterdir()] == ["warehouse.sqlite"]


def test_the_server_listens_on_this_machine_alone(tmp_path: Path) -> None:
    text = write_config(Home(tmp_path), tmp_path, 4711).read_text()
    assert "listen = 127.0.0.1:4711" in text
    assert f"path = {tmp_path}" in text


def test_secrets_are_for_their_owner_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    file = home.password_file("floor")
    assert file.stat().st_mode & 0o777 == 0o600
    assert home.password_of("floor") == file.read_text()
    assert len(home.api_key) == 64


def test_a_step_that_fails_shows_its_last_lines() -> None:
    with pytest.raises(DemoError, match=r"Could not try it \(exit code 3\).*\nfirst\nlast"):
        run(["/bin/sh", "-c", "echo first; echo last; exit 3"], "try it")


def test_every_country_has_its_name_and_groups_are_none() -> None:
    names = countries()
    assert (names["GB"], names["IE"], len(names) > 240) == ("United Kingdom", "Ireland", True)
    assert {"EU", "ZZ", "001"}.isdisjoint(names)
