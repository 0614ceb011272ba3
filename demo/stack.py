"""Everything that runs while the demo is up: PostgreSQL, the storefront sandbox, the warehouse, and Airflow.

`with Stack(options) as stack:` starts them and stops them; between, `stack.check()` raises when one has died.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import psycopg

from demo.airflow import airflow_commands, migrate
from demo.airflow_api import AirflowApi
from demo.environment import Connection, Folders, airflow_environment, base_environment, login_passwords
from demo.errors import DemoError
from demo.ports import HOST, Ports
from demo.postgres import EmbeddedPostgres
from demo.secrets import SecretFiles
from demo.storefronts import STOREFRONTS
from demo.supervisor import Command, Supervisor
from demo.warehouses import DemoWarehouse, open_warehouse

_SET_UP_SECONDS = 600.0
_READY_SECONDS = 60.0
_POLL_SECONDS = 0.05
_TRIAL_SECONDS = 10


@dataclass(frozen=True)
class StackOptions:
    """What to run, and where; `port` is the Airflow UI's, None = any free one."""

    warehouse: str = "tryton"
    storefront: str = "shopify"
    port: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    """The product's own settings (`FULFILMENT_…`) for Airflow's processes, beyond where reports go."""
    folders: Folders = field(default_factory=Folders)


class Stack:
    """The demo's processes with their addresses and tokens, all on 127.0.0.1."""

    def __init__(
        self,
        options: StackOptions,
        say: Callable[[str], None] = print,
        before_start: Callable[[DemoWarehouse], None] = lambda _warehouse: None,
    ) -> None:
        """Claim the installation; `before_start` is called with the warehouse once nobody else runs it and before
        anything starts."""
        state = options.folders.state
        self.options = options
        self._folders = options.folders
        self._settings = options.settings
        self.storefront = STOREFRONTS[options.storefront]
        self._say = say
        self._before_start = before_start
        self._supervisor = Supervisor(state)
        self._supervisor.open()
        try:
            self.secrets = SecretFiles(state / "secrets")
            self._ports = Ports(state / "ports.json")
            self._airflow_port = self._ports.take("airflow", options.port)
            self._storefront_port = self._ports.take("storefront")
            self.warehouse = open_warehouse(options.warehouse, state, self.secrets, self._ports)
        except BaseException:
            self._supervisor.stop()
            raise
        self.passwords: Mapping[str, str] = login_passwords(self.secrets)
        self.ui_url = f"http://{HOST}:{self._airflow_port}"
        self.storefront_url = f"http://{HOST}:{self._storefront_port}"
        self.shop_token = self.secrets.get("shop-token")
        self.control_token = self.secrets.get("sandbox-control-token")
        self.fulfilment_db_url = ""
        self.embedded_store = not os.environ.get("FULFILMENT_DB_URL")
        self.environment: dict[str, str] = {}
        self.airflow = AirflowApi(self.ui_url, "admin", self.passwords["admin"], self.check)

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def check(self) -> None:
        """Return if every process runs.

        Raises:
            ChildDied: one has ended; the message names it, with its last log lines.
        """
        self._supervisor.check()

    def set_up(self) -> None:
        """Run the product's set-up command, as operations do.

        Raises:
            DemoError: it failed; the message has its last words.
        """
        argv = [sys.executable, "-m", "include.fulfilment.orchestration.setup"]
        done = subprocess.run(argv, env=self.environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise DemoError(f"The set-up command failed: {(done.stderr or done.stdout).strip()[-800:]}")

    def _start(self) -> None:
        for name in ("FULFILMENT_DB_URL", "AIRFLOW_DB_URL"):
            if given := os.environ.get(name):
                try_database(name, given)
        self._before_start(self.warehouse)
        self._supervisor.announce(self.ui_url)
        self._supervisor.start(self._storefront())
        preparation = self.warehouse.preparation(self._say)
        if preparation:
            self._supervisor.start(preparation)
        airflow_db_url = self._start_databases()
        self.environment = self._environment(airflow_db_url)
        migrate(self.environment, airflow_db_url, self._folders.state / "airflow" / "schema")
        for command in airflow_commands(self.environment):
            self._supervisor.start(command)
        if preparation:
            name = preparation.name
            self._until(lambda: self._supervisor.has_ended(name), "The warehouse is not set up", _SET_UP_SECONDS)
        self._supervisor.start(self.warehouse.server())
        health = f"{self.storefront_url}/sandbox/health"
        self._until(lambda: _answers(health), f"The storefront sandbox does not answer at {health}", _READY_SECONDS)
        self._until(self.warehouse.is_ready, "The warehouse does not answer", _READY_SECONDS)
        self.airflow.wait_healthy()
        self.airflow.wait_dags({file.stem for file in self._folders.dags.glob("*.py")})
        # Airflow builds its task interface on the first request (4 s); better now, beside the loading, than in a task.
        threading.Thread(target=self.airflow.warm_up, daemon=True).start()

    def _stop(self) -> None:
        self.airflow.close()
        self._supervisor.stop()

    def _start_databases(self) -> str:
        """Make both databases available, from FULFILMENT_DB_URL and AIRFLOW_DB_URL where set; answer Airflow's URL."""
        given, airflow_given = os.environ.get("FULFILMENT_DB_URL"), os.environ.get("AIRFLOW_DB_URL")
        if given and airflow_given:
            self.fulfilment_db_url = given
            return airflow_given
        embedded = EmbeddedPostgres(self._folders.state, self.secrets, self._ports)
        embedded.start(self._supervisor)
        self.fulfilment_db_url = given or embedded.url("fulfilment")
        return airflow_given or embedded.url("airflow")

    def _storefront(self) -> Command:
        database = self._folders.state / "storefront" / "shop.sqlite"
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        tokens = {"SANDBOX_SHOP_TOKEN": self.shop_token, "SANDBOX_CONTROL_TOKEN": self.control_token}
        where = ["--port", str(self._storefront_port), "--db", str(database)]
        return Command(
            name="storefront",
            argv=[sys.executable, "-P", "-m", self.storefront.module, *where],
            env=base_environment() | tokens,
            cwd=database.parent,
            grace_seconds=3.0,
        )

    def _environment(self, airflow_db_url: str) -> dict[str, str]:
        connections = {
            "fulfilment_db": database_connection(self.fulfilment_db_url),
            "storefront_demo": self.storefront.connection(self.storefront_url, self.shop_token),
            f"warehouse_demo_{self.warehouse.code}": self.warehouse.connection(),
        }
        reports = {"FULFILMENT_REPORTS_URI": str(self._folders.state / "reports")}
        airflow = airflow_environment(self._folders, self.secrets, self._airflow_port, airflow_db_url, connections)
        return airflow | reports | dict(self._settings)

    def _until(self, done: Callable[[], bool], complaint: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            self.check()
            if time.monotonic() > deadline:
                raise DemoError(
                    f"{complaint} after {seconds:.0f} seconds; the logs are in {self._folders.state / 'logs'}."
                )
            time.sleep(_POLL_SECONDS)
        self.check()


def try_database(variable: str, url: str) -> None:
    """Return if the variable's URL leads to a PostgreSQL database.

    Raises:
        DemoError: it does not. The message names the variable alone: even a library's words may hold the password.
    """
    try:
        parts = urlsplit(url)
        known, _ = parts.scheme in ("postgresql", "postgres"), parts.port
    except ValueError:
        raise DemoError(f"{variable} is not a URL: its host or port cannot be read; correct it.") from None
    if not known:
        raise DemoError(f"{variable} does not begin with postgresql://; give the URL of a PostgreSQL database.")
    try:
        psycopg.connect(url, connect_timeout=_TRIAL_SECONDS).close()
    except (psycopg.Error, ValueError):
        raise DemoError(
            f"{variable}: no connection to that database; check its host, port, name, login and password "
            f'(psql "${variable}" says more).'
        ) from None


def database_connection(url: str) -> Connection:
    """The Airflow connection of a PostgreSQL URL; what stands after `?` (sslmode, say) becomes its extra."""
    parts = urlsplit(url)
    return Connection(
        "postgres",
        host=parts.hostname or HOST,
        port=parts.port or 5432,
        login=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        schema=parts.path.lstrip("/"),
        extra=dict(parse_qsl(parts.query)) or None,
    )


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
