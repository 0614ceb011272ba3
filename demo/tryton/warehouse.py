"""Tryton as the demo's warehouse."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from demo.environment import Connection, base_environment
from demo.floor import HeldOrder, OpenShipment, Plan, Staff
from demo.ports import Ports
from demo.supervisor import Command
from demo.tryton import install, server
from demo.tryton.floor import Floor
from demo.tryton.ledger import held_orders
from demo.tryton.rpc import Rpc
from demo.tryton.setup import load_products

_PREPARE = """
import sys, pathlib
from demo.tryton import install, setup
setup.prepare(install.Home(pathlib.Path(sys.argv[1])))
"""


class TrytonDemo:
    """An installation of Tryton beside the demo, with one empty warehouse for each run."""

    code = "tryton"

    def __init__(self, state: Path, ports: Ports) -> None:
        self._state = state
        self._home = install.Home(state)
        self._port = ports.take("tryton")

    def preparation(self, say: Callable[[str], None]) -> Command:
        """Installation and empty database; a process of its own, so that stopping ends all that it starts."""
        if not self._home.template.exists():
            say("Installing Tryton, the warehouse, and making its database (about a minute, once)")
        argv = [sys.executable, "-P", "-c", _PREPARE, str(self._state)]
        return Command("warehouse-set-up", argv, base_environment(), ends=True)

    def server(self) -> Command:
        """The server on the run's database; an absent one is made from the template."""
        return server.command(self._home, self._port)

    def is_ready(self) -> bool:
        """Whether the server answers for its database."""
        return server.answers(self._port)

    def clear(self) -> None:
        """Remove the database of the last run."""
        self._home.database_file(self._home.data).unlink(missing_ok=True)

    def connection(self) -> Connection:
        """The integration's REST key."""
        url = server.url(self._port)
        return Connection("fulfilment_tryton", host=url, schema=install.DATABASE, password=self._home.api_key)

    def site_section(self, folder: Path) -> dict[str, Any]:
        """Nothing beyond what every warehouse has."""
        return {}

    @contextmanager
    def staff(self) -> Iterator[Staff]:
        """The floor's login."""
        login = (install.DATABASE, install.FLOOR, self._home.password_of(install.FLOOR))
        with Rpc(server.url(self._port), *login) as rpc:
            yield TrytonStaff(rpc)


class TrytonStaff:
    """The floor's login in the words of the story."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc, self._floor = rpc, Floor(rpc)

    def load_products(self, names: Mapping[str, str]) -> int:
        """Make a product for each SKU that has none; answers how many were made."""
        return load_products(self._rpc, names)

    def receive(self, receipt: str, goods: Mapping[str, int]) -> None:
        """Book a delivery in; a receipt of the same name is booked once."""
        self._floor.receive(receipt, goods)

    def catch_up(self) -> None:
        """Let Tryton go on with orders whose follow-up was lost when its server died."""
        self._floor.catch_up()

    def open_shipments(self) -> list[OpenShipment]:
        """What waits or is under way, oldest first."""
        return self._floor.open_shipments()

    def ship(self, day: str, plans: Mapping[int, Plan]) -> None:
        """Send what was planned. Tryton's own states tell what of it is done, whatever the day is called."""
        self._floor.ship(plans)

    def stock(self) -> dict[str, int]:
        """Units in the whole warehouse by SKU."""
        return self._floor.stock()

    def held_orders(self) -> list[HeldOrder]:
        """Every order, oldest first; the instructions without the line that names the shipping service."""
        return [replace(each, instructions=_without_service(each.instructions)) for each in held_orders(self._rpc)]


def _without_service(text: str) -> str:
    """The sale's comment without its first line, which names the shipping service."""
    first, _, rest = text.partition("\n")
    return rest if first.startswith("Service: ") else text
