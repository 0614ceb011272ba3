"""The warehouses that the demo can work with: what to start, what to tell Airflow and the site file, and the staff."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from demo.environment import Connection, base_environment
from demo.floor import Staff
from demo.ports import HOST, Ports
from demo.sandbox_staff import SandboxStaff
from demo.secrets import SecretFiles
from demo.supervisor import Command
from demo.tryton.warehouse import TrytonDemo
from include.fulfilment.sandbox.floor.client import FloorControl
from include.fulfilment.settings import DEMO_SITES


class DemoWarehouse(Protocol):
    """One warehouse of the demo; `code` is its dialect's name."""

    @property
    def code(self) -> str: ...

    def preparation(self, say: Callable[[str], None]) -> Command | None:
        """Work to be done before the server starts, as a process that ends; None where there is none."""
        ...

    def server(self) -> Command:
        """The server, once it is prepared."""
        ...

    def is_ready(self) -> bool:
        """Whether the server answers."""
        ...

    def clear(self) -> None:
        """Remove what an earlier run left; to be called while nothing runs."""
        ...

    def connection(self) -> Connection:
        """How Airflow reaches it."""
        ...

    def site_section(self, folder: Path) -> dict[str, Any]:
        """What of `warehouse` in the site file is particular to it; files that it names are written into `folder`."""
        ...

    def staff(self) -> AbstractContextManager[Staff]:
        """Its staff, logged in."""
        ...


@dataclass(frozen=True)
class _Dialect:
    """What a sandbox's connection and site file need beyond address and key; with `mailbox` its address is a folder."""

    login: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    mailbox: bool = False


_SANDBOXES: Mapping[str, _Dialect] = {
    "shipbob": _Dialect(extra={"channel_id": "100001"}, options={"instructions_in": "gift_message"}),
    "mintsoft": _Dialect(login="integration", options={"warehouse_id": 3}),
    "shiphero": _Dialect(login="integration", options={"warehouse_id": "7145"}),
    "x12": _Dialect(options={"profile": str(DEMO_SITES / "demo" / "x12-partner.yaml")}, mailbox=True),
}
WAREHOUSES = ("tryton", *_SANDBOXES)


class SandboxWarehouse:
    """A sandbox of this package as the demo's warehouse."""

    def __init__(self, code: str, state: Path, secrets: SecretFiles, ports: Ports) -> None:
        self.code = code
        self._dialect = _SANDBOXES[code]
        self._folder = state.absolute() / "warehouses" / code
        self._mailbox = self._folder / "mailbox"
        self._key = secrets.get(f"{code}-api-key")
        self._control_token = secrets.get("warehouse-control-token")
        self._port = ports.take(code)
        self._url = f"http://{HOST}:{self._port}"

    def preparation(self, say: Callable[[str], None]) -> None:
        """Nothing: a sandbox makes its file when it starts."""

    def server(self) -> Command:
        """The sandbox as a process."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        argv = [sys.executable, "-P", "-m", f"include.fulfilment.sandbox.{self.code}"]
        argv += ["--port", str(self._port), "--db", str(self._folder / "floor.sqlite")]
        argv += ["--mailbox", str(self._mailbox)] if self._dialect.mailbox else []
        env = base_environment() | {
            "WAREHOUSE_SANDBOX_KEY": self._key,
            "SANDBOX_CONTROL_TOKEN": self._control_token,
        }
        return Command(name=self.code, argv=argv, env=env, cwd=self._folder, grace_seconds=3.0)

    def is_ready(self) -> bool:
        """Whether the sandbox answers."""
        with self.control() as control:
            return control.is_up()

    def clear(self) -> None:
        """Remove the sandbox's files."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def connection(self) -> Connection:
        """Address and key, and what the dialect wants beside them."""
        extra = dict(self._dialect.extra) or None
        host = self._mailbox.as_uri() if self._dialect.mailbox else self._url
        return Connection(
            f"fulfilment_{self.code}", host=host, login=self._dialect.login, password=self._key, extra=extra
        )

    def site_section(self, folder: Path) -> dict[str, Any]:
        """The dialect's options."""
        return {"options": dict(self._dialect.options)}

    @contextmanager
    def staff(self) -> Iterator[Staff]:
        """The staff at the sandbox's own door."""
        with self.control() as control:
            yield SandboxStaff(control)

    def control(self) -> FloorControl:
        """The sandbox's own door for its staff, to be closed by the caller."""
        return FloorControl(self._url, self._control_token)


def open_warehouse(code: str, state: Path, secrets: SecretFiles, ports: Ports) -> DemoWarehouse:
    """The warehouse of that name (one of `WAREHOUSES`), with its files under `state`; nothing is started."""
    if code in _SANDBOXES:
        return SandboxWarehouse(code, state, secrets, ports)
    return TrytonDemo(state, ports)
