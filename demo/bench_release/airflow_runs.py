"""Releases on real Airflow against the quick shop and warehouse: ours, and one mapped task for each order."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx

from demo.bench_release.orders import BenchOrders
from demo.environment import CHECKOUT, Connection, Folders, base_environment
from demo.errors import DemoError
from demo.floor import Staff
from demo.ledger_store import StoreLedger
from demo.ports import HOST, Ports
from demo.site import SITE, write_site
from demo.stack import Stack, StackOptions
from demo.storefronts import STOREFRONTS
from demo.supervisor import Command
from include.fulfilment.clock import system_clock
from include.fulfilment.ports import StockLevel, StockSnapshot
from include.fulfilment.store.database import PostgresStore

RUN_SECONDS = 3600.0
_WAREHOUSE = "shipbob"
_PLENTY = 10**9
_SAMPLE_SECONDS = 0.2


class BenchWarehouse:
    """The quick server as the stack's warehouse; the shop is the same process."""

    code = _WAREHOUSE

    def __init__(self, port: int, orders: Path) -> None:
        self._port, self._orders = port, orders
        self.url = f"http://{HOST}:{port}"

    def preparation(self, say: object) -> None:
        """Nothing."""

    def server(self) -> Command:
        """Nothing more: the shop's process is the warehouse's too."""
        return Command("warehouse", [sys.executable, "-c", ""], base_environment(), ends=True)

    def remotes(self) -> Command:
        """Both in one process."""
        argv = [sys.executable, "-P", "-m", "demo.bench_release.remotes", "--port", str(self._port)]
        return Command("remotes", [*argv, "--orders", str(self._orders)], base_environment(), grace_seconds=3.0)

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=2.0, trust_env=False).is_success
        except httpx.TransportError:
            return False

    def clear(self) -> None:
        """Nothing is kept."""

    def connection(self) -> Connection:
        return Connection("fulfilment_shipbob", host=self.url, password="bench", extra={"channel_id": "1"})  # noqa: S106

    def site_section(self, folder: Path) -> dict[str, Any]:
        return {"call_limit": "none"}

    def staff(self) -> AbstractContextManager[Staff]:
        raise NotImplementedError("nobody works here")


class BenchStack(Stack):
    """The demo's stack with the quick shop and warehouse in place of the sandboxes."""

    def __init__(self, folder: Path, orders: BenchOrders) -> None:
        folders = Folders(state=folder, dags=folder / "dags")
        file = folder / "orders.jsonl"
        self._orders, self._bodies = orders, folder / "bodies"
        port = Ports(folder / "ports.json").take("remotes")
        settings = {
            "FULFILMENT_SITES": str(folder / "sites"),
            "BENCH_BODIES": str(self._bodies),
            "BENCH_WAREHOUSE": f"http://{HOST}:{port}",
        }
        super().__init__(StackOptions(_WAREHOUSE, "shopify", settings=settings, folders=folders))
        self._both = BenchWarehouse(port, file)
        self.warehouse = self._both
        self.storefront_url = self.warehouse.url
        folders.dags.mkdir(exist_ok=True)
        for dag in (CHECKOUT / "dags" / "order_release.py", Path(__file__).parent / "plain_dags" / "plain_release.py"):
            shutil.copy(dag, folders.dags)
        file.write_text("".join(json.dumps(each) + "\n" for each in orders.records), encoding="utf-8")
        shop = STOREFRONTS["shopify"].site_section("gid://shopify/Location/1")
        write_site(folder / "sites", orders.packs, shop, _WAREHOUSE, self.warehouse.site_section(folder))

    def _storefront(self) -> Command:
        return self._both.remotes()

    def ready(self) -> None:
        """Make the store, and let Airflow run our DAG once on an empty shop."""
        self.set_up()
        for dag in ("order_release", "plain_release"):
            self.airflow.unpause(dag)
        self.airflow.run("order_release", {"site": SITE}, RUN_SECONDS)

    def release(self, orders: int) -> tuple[float, int]:
        """Wall seconds from trigger to success for so many new orders, and the most megabytes that a task took."""
        with StoreLedger(self.fulfilment_db_url) as ledger:
            ledger.clear(embedded=self.embedded_store)
        self.set_up()
        self._goods()
        self._begin(orders)
        with _watched(Path(self.environment["AIRFLOW_HOME"])) as most:
            seconds = self.airflow.run("order_release", {"site": SITE}, RUN_SECONDS).seconds
        held = len(self._ask("held"))
        if held != orders:
            raise DemoError(f"the warehouse holds {held} of {orders} orders: the run did not release them all")
        return seconds, most[0]

    def plain(self, orders: int) -> float:
        """Wall seconds of the plain DAG for the first of the orders that were released last."""
        bodies = sorted(self._ask("held"), key=lambda each: int(each["order_number"].strip("#")))[:orders]
        shutil.rmtree(self._bodies, ignore_errors=True)
        self._bodies.mkdir()
        for number, body in enumerate(bodies):
            sent = {name: value for name, value in body.items() if name not in ("id", "status", "shipments")}
            (self._bodies / f"{number}.json").write_text(json.dumps(sent), encoding="utf-8")
        self._begin(0)
        seconds = self.airflow.run("plain_release", None, RUN_SECONDS).seconds
        if len(self._ask("held")) != len(bodies):
            raise DemoError(f"the plain DAG made {len(self._ask('held'))} of {len(bodies)} orders")
        return seconds

    def _goods(self) -> None:
        levels = tuple(StockLevel(row["base_sku"], "A1", _PLENTY) for row in self._orders.packs)
        now = system_clock()
        with PostgresStore(self.fulfilment_db_url, SITE).transaction() as rows:
            rows.stock.record_snapshot(_WAREHOUSE, StockSnapshot(now, levels), True, now)

    def _begin(self, orders: int) -> None:
        url = f"{self._both.url}/bench/begin"
        httpx.post(url, json={"orders": orders}, trust_env=False).raise_for_status()

    def _ask(self, what: str) -> Any:
        url = f"{self._both.url}/bench/{what}"
        return httpx.get(url, timeout=120.0, trust_env=False).raise_for_status().json()


@contextmanager
def _watched(home: Path) -> Iterator[list[int]]:
    """The most resident megabytes that any task process of this Airflow had; a task works in its home and says in its
    title that it is a worker."""
    most, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(_SAMPLE_SECONDS):
            for process in Path("/proc").glob("[0-9]*"):
                most[0] = max(most[0], _megabytes(process, home))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        done.set()
        thread.join()


def _megabytes(process: Path, home: Path) -> int:
    try:
        if not (process / "cmdline").read_bytes().startswith(b"airflow worker -- "):
            return 0
        if (process / "cwd").readlink() != home:
            return 0
        status = (process / "status").read_text(encoding="utf-8")
    except OSError:
        return 0
    found = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(found.split()[1]) // 1024
