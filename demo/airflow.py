"""Airflow's four components as supervised commands, and its metadata database brought up to date."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import psycopg

from demo.errors import DemoError
from demo.supervisor import Command

COMPONENTS: Mapping[str, tuple[str, ...]] = {
    "api-server": ("api-server",),
    # The log servers of scheduler and triggerer listen on every address and cannot be told otherwise. Where all
    # components share one disk nobody needs them, so they are not started.
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
_GRACE_SECONDS = {"triggerer": 2.0}
"""It waits for its runner long after that has stopped; triggers are kept in the database and lose nothing."""
_MIGRATE_SECONDS = 180


def airflow_commands(environment: Mapping[str, str]) -> list[Command]:
    """The scheduler, the DAG processor, the triggerer and the API server, the slowest to start first."""
    home = Path(environment["AIRFLOW_HOME"])
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [
        Command(name, _argv(*words), environment, cwd=home, grace_seconds=_GRACE_SECONDS.get(name, 8.0))
        for name, words in COMPONENTS.items()
    ]


def migrate(environment: Mapping[str, str], database_url: str, stamp: Path) -> None:
    """Bring Airflow's tables to the installed version; quick when `stamp` and the database say that they are.

    Raises:
        DemoError: the migration failed; the message has its last lines.
    """
    if stamp.exists() and stamp.read_text(encoding="utf-8") == _schema(database_url):
        return
    Path(environment["AIRFLOW_HOME"]).mkdir(mode=0o700, parents=True, exist_ok=True)
    done = subprocess.run(  # noqa: S603 - fixed command
        _argv("db", "migrate"),
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=_MIGRATE_SECONDS,
        check=False,
    )
    if done.returncode:
        raise DemoError(f"Airflow's database could not be made:\n{(done.stderr or done.stdout)[-2000:]}")
    stamp.write_text(_schema(database_url), encoding="utf-8")


def _schema(database_url: str) -> str:
    """The installed Airflow and the schema version that the database has; without one when it has no tables yet."""
    with psycopg.connect(database_url) as connection:
        found = connection.execute("select to_regclass('alembic_version')").fetchone()
        row = connection.execute("select version_num from alembic_version").fetchone() if found and found[0] else None
    return f"{version('apache-airflow-core')} {row[0] if row else 'empty'}"


def _argv(*words: str) -> list[str]:
    # -P: the working folder stays out of the import path. A console script would not survive a path with a space.
    return [sys.executable, "-P", "-m", "airflow", *words]
