"""The environment variables that Airflow's processes get from the demo, cleared of what the person's shell says."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from demo.ports import HOST
from demo.secrets import SecretFiles, fernet_key, password

USERS = {"admin": "admin", "operations": "op", "finance": "user", "viewer": "viewer"}
"""Logins of the demo's Airflow and their roles in its simple auth manager."""
CHECKOUT = Path(__file__).resolve().parents[1]
_LOCAL_HOSTS = "127.0.0.1,localhost"


@dataclass(frozen=True)
class Folders:
    """Where Airflow finds its DAGs and plugins, and where the installation keeps its state."""

    state: Path = field(default_factory=lambda: Path(os.environ.get("DEMO_STATE") or CHECKOUT / ".state"))
    dags: Path = CHECKOUT / "dags"
    plugins: Path = CHECKOUT / "plugins"


@dataclass(frozen=True)
class Connection:
    """An Airflow connection as its JSON form has it; `password` is a secret."""

    conn_type: str
    host: str
    port: int | None = None
    login: str | None = None
    password: str | None = None
    schema: str | None = None
    extra: Mapping[str, str] | None = None

    def as_json(self) -> str:
        """The form that an `AIRFLOW_CONN_…` variable takes."""
        return json.dumps({name: value for name, value in vars(self).items() if value is not None})


def base_environment() -> dict[str, str]:
    """This process's environment without what would steer Airflow, Python or PostgreSQL from outside."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW", "PYTHON", "PG", "FULFILMENT_DB_URL", "VIRTUAL_ENV"))
    }
    # A proxy set for the internet must not get our calls to our own servers.
    exempt = ",".join(filter(None, [kept.get("NO_PROXY") or kept.get("no_proxy"), _LOCAL_HOSTS]))
    return kept | {
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": exempt,
        "no_proxy": exempt,
    }


def airflow_environment(
    folders: Folders, secrets: SecretFiles, port: int, database_url: str, connections: Mapping[str, Connection]
) -> dict[str, str]:
    """Everything the scheduler, the DAG processor, the triggerer, the API server and `airflow db migrate` need."""
    named = {f"AIRFLOW_CONN_{name.upper()}": connection.as_json() for name, connection in connections.items()}
    settings = {
        f"AIRFLOW__{section}__{name}".upper(): value
        for section, options in _settings(folders, secrets, port, database_url).items()
        for name, value in options.items()
    }
    return base_environment() | {"AIRFLOW_HOME": str(folders.state / "airflow")} | settings | named


def login_passwords(secrets: SecretFiles) -> dict[str, str]:
    """The password of each login in `USERS`, made on the first call."""
    known = json.loads(secrets.get("airflow-passwords.json", lambda: "{}"))
    wanted = {user: known.get(user) or password() for user in USERS}
    if wanted != known:
        secrets.write("airflow-passwords.json", json.dumps(wanted))
    return wanted


def _settings(folders: Folders, secrets: SecretFiles, port: int, database_url: str) -> dict[str, dict[str, str]]:
    """Airflow's options by section; names and meanings as in its configuration reference."""
    login_passwords(secrets)
    return {
        "core": {
            "dags_folder": str(folders.dags),
            "plugins_folder": str(folders.plugins),
            "executor": "LocalExecutor",
            "parallelism": "4",  # more brings nothing on two cores
            "load_examples": "False",
            "dags_are_paused_at_creation": "True",  # the story lets them run once shop and warehouse are filled
            "fernet_key": secrets.get("airflow-fernet", fernet_key),
            "auth_manager": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
            "simple_auth_manager_users": ",".join(f"{user}:{role}" for user, role in USERS.items()),
            "simple_auth_manager_passwords_file": str(secrets.path("airflow-passwords.json")),
            "execution_api_server_url": f"http://{HOST}:{port}/execution/",
        },
        "database": {"sql_alchemy_conn": _with_driver(database_url)},
        "api": {
            "host": HOST,
            "port": str(port),
            "base_url": f"http://{HOST}:{port}",
            "secret_key": secrets.get("airflow-secret-key"),
            "workers": "1",
        },
        "api_auth": {"jwt_secret": secrets.get("airflow-jwt")},
        "logging": {"base_log_folder": str(folders.state / "airflow" / "logs")},
        "scheduler": {
            "scheduler_idle_sleep_time": "0.2",
            # After a kill -9 the next start takes up what was running within seconds, not minutes.
            "task_instance_heartbeat_timeout": "30",
            "task_instance_heartbeat_timeout_detection_interval": "5",
            "orphaned_tasks_check_interval": "10",
            "scheduler_health_check_threshold": "15",
        },
        "dag_processor": {"refresh_interval": "10", "min_file_process_interval": "10"},
    }


def _with_driver(url: str) -> str:
    """The URL as SQLAlchemy takes it."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg2://" + url.removeprefix(prefix)
    return url
