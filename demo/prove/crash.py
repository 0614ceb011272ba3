"""`bin/prove crash`: real processes of the demo's stack die by SIGKILL while they work, are started again, and what is
at both ends afterwards is judged from outside."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
import psycopg

from demo.airflow_api import ENDED
from demo.environment import CHECKOUT, Folders
from demo.errors import DemoError
from demo.floor import Plan
from demo.orders_packs import UOM_SCHEME
from demo.orders_types import PackCatalogueRow
from demo.processes import family, kill, parent_of, title_of
from demo.prove.checker import Checker
from demo.prove.crash_plan import DAGS, Blow, CrashFigures, CrashSchedule, draw_crash
from demo.prove.fault_plans import CREATES
from demo.prove.merchant import furnish, place
from demo.prove.plan import SKUS, Flow, Order, single, units_of
from demo.sandbox_staff import SandboxStaff
from demo.site import SITE, write_site
from demo.stack import Stack, StackOptions
from demo.warehouses import SandboxWarehouse
from include.fulfilment.clock import system_clock
from include.fulfilment.sandbox.control import SandboxControl, SandboxRefused
from include.fulfilment.sandbox.floor.client import FloorControl

WAREHOUSES = ("mintsoft", "shipbob", "shiphero")
"""Warehouses with an API, whose sandbox can be slow to answer: a letter to x12 is in the mailbox at once."""
ROUNDS = 16
"""Quiet rounds in which everything must have come to rest; a dead worker's claim holds for three minutes."""
_PAUSE_SECONDS = 20.0
_PATIENCE_SECONDS = 300.0
_BEAT_SECONDS = 120.0
_POLL_SECONDS = 0.1
_SLOW_CREATES = 3
_AT_FIRST = {"MUG": 50_000, "CUP": 50_000}
"""Jugs come with the deliveries alone, and may be short."""
_FLOWS: tuple[Flow, ...] = ("stock", "release", "shipments")
T = TypeVar("T")


class CrashStack(Stack):
    """The demo's stack with a service manager: once everything is up, what ends is started again."""

    def __init__(self, folder: Path, warehouse: str) -> None:
        """Claim `folder`, with the site's three DAGs in it."""
        folders = Folders(state=folder, dags=folder / "dags")
        settings = {"FULFILMENT_SITES": str(folder / "sites")}
        super().__init__(StackOptions(warehouse, settings=settings, folders=folders))
        self.folder, self.revived = folder, Counter[str]()
        self._is_up = False
        folders.dags.mkdir()
        for dag in DAGS.values():
            shutil.copy(CHECKOUT / "dags" / f"{dag}.py", folders.dags)

    def _start(self) -> None:
        super()._start()
        self._is_up = True

    def check(self) -> None:
        """Start again what has ended; before everything is up, raise ChildDied instead."""
        if self._is_up:
            self.revived.update(self._supervisor.revive())
        else:
            super().check()

    def floor(self) -> FloorControl:
        """The warehouse's staff door. Raises DemoError where the warehouse is no sandbox."""
        if not isinstance(self.warehouse, SandboxWarehouse):
            raise DemoError(f"{self.warehouse.code} is no sandbox: choose one of {', '.join(WAREHOUSES)}")
        return self.warehouse.control()

    def strike(self, blow: Blow, task_instance: str) -> bool:
        """Kill the blow's victim; whether there was one to kill. A task is known by its instance's id in Airflow."""
        if blow.victim not in ("task", "worker"):
            self._supervisor.kill(self.warehouse.code if blow.victim == "warehouse" else blow.victim)
            return True
        title = f"airflow worker -- {task_instance}"
        found = [pid for pid in self._supervisor.pids("scheduler") if title_of(pid) == title]
        first = [parent_of(pid) for pid in found] if blow.victim == "worker" else found
        kill(one for pid in first for one in (pid, *family(pid)))
        return bool(found)


class CrashPlay:
    """Schedules on one stack, then quiet runs and the checker."""

    def __init__(self, stack: CrashStack, shop: SandboxControl, floor: FloorControl) -> None:
        self._stack, self._shop, self._floor, self._staff = stack, shop, floor, SandboxStaff(floor)
        self._orders: list[Order] = []
        self._received: Counter[str] = Counter()
        self._deliveries = 0
        self._dead: set[str] = set()  # task instances that were killed: Airflow calls them running for a while

    def open(self) -> None:
        """Fill shop and warehouse, write the site, let the DAGs run, and the stock be known."""
        furnish(self._shop, self._floor, SKUS, _AT_FIRST)
        self._received.update(_AT_FIRST)
        packs: list[PackCatalogueRow] = [
            {
                "sku": sku, "uom": "EA" if sku == single(sku) else "CA", "uom_scheme": UOM_SCHEME,
                "base_sku": single(sku), "units_per_uom": units_of(sku), "version": "1",
            }
            for sku in SKUS
        ]  # fmt: skip
        section = self._stack.storefront.site_section(self._shop.state("variants")["shop"]["location"])
        warehouse, folder = self._stack.warehouse, self._stack.folder / "sites"
        write_site(folder, packs, section, warehouse.code, warehouse.site_section(folder))
        self._stack.set_up()
        for dag in DAGS.values():
            self._stack.airflow.unpause(dag)
        self._stack.airflow.run(DAGS["stock"], {"site": SITE}, _PATIENCE_SECONDS)

    def play(self, schedule: CrashSchedule, figures: CrashFigures) -> None:
        """What happens before the blow, the blow, and everything up again; runs go on by themselves."""
        self._wait_for_room()
        for order in schedule.orders:
            place(self._shop, order, f"#{1001 + order.number}", system_clock())
            self._orders.append(order)
            figures.orders, figures.units = figures.orders + 1, figures.units + order.wanted().total()
        self._receive(schedule.goods)
        if schedule.ships:
            self._ship_everything()
        create = CREATES[self._stack.warehouse.code]
        slow = {"operation": create, "kind": "delay", "times": _SLOW_CREATES, "seconds": schedule.create_seconds}
        self._floor.set_faults([slow])
        before = self._creates()
        for flow in schedule.flows:
            self._patiently(partial(self._stack.airflow.trigger, DAGS[flow], {"site": SITE}))
        task = self._wait_for_moment(schedule.blow, before)
        sending = task != "" and schedule.blow.flow == "release" and self._creates() > before
        if self._stack.strike(schedule.blow, task):
            figures.struck(schedule.blow, sending=sending)
            self._dead.add(task)
        else:
            figures.missed += 1
        self._patiently(self._until_warehouse_answers)
        figures.schedules += 1

    def settle(self, figures: CrashFigures) -> None:
        """Deliver what is missing, ship everything, run until nothing is owed, and have both ends and the store
        judged."""
        self._floor.set_faults([])
        wanted: Counter[str] = Counter()
        for order in self._orders:
            wanted.update(order.wanted())
        self._receive(dict(wanted - self._received))
        self._until(lambda: not self._open_runs(), _PATIENCE_SECONDS)
        with psycopg.connect(self._stack.fulfilment_db_url, autocommit=True) as connection:
            checker = Checker(connection, SITE, self._orders, self._shop, self._floor)
            checker.allowed.update(order.number for order in self._orders)
            self._come_to_rest(checker, figures)
            checker.look_at_the_end()
        figures.harm = {kind: sorted(found) for kind, found in checker.harm.items()}
        for dag in DAGS.values():
            figures.runs.update(run["state"] for run in self._stack.airflow.runs(dag))
        figures.revived = self._stack.revived

    def _come_to_rest(self, checker: Checker, figures: CrashFigures) -> None:
        before: object = None
        for _ in range(ROUNDS):
            figures.quiet_rounds += 1
            for flow in _FLOWS:
                run = self._stack.airflow.trigger(DAGS[flow], {"site": SITE})
                self._stack.airflow.wait(DAGS[flow], run, _PATIENCE_SECONDS)
                if flow == "release":
                    self._ship_everything()
            now, left = checker.look(), list(checker.left_open())
            if checker.harm or (not left and now == before):
                return
            before = now
            if left:
                time.sleep(_PAUSE_SECONDS)
        checker.note("not_converged", f"something still moves or is open after {ROUNDS} quiet rounds")

    def _receive(self, goods: dict[str, int]) -> None:
        self._deliveries += 1
        self._floor.receive(goods, f"delivery-{self._deliveries}")
        self._received.update(goods)

    def _ship_everything(self) -> None:
        self._deliveries += 1
        for each in self._staff.open_shipments():
            with suppress(SandboxRefused):  # two orders under one reference: the checker will count them
                self._staff.ship(f"day_{self._deliveries}", {each.id: Plan()})

    def _creates(self) -> int:
        return self._floor.calls().get(CREATES[self._stack.warehouse.code], 0)

    # --- moments

    def _wait_for_room(self) -> None:
        """Let no more than one run of the release be open: the others would only wait for it."""
        self._until(lambda: self._open_runs("release") < 2, _PATIENCE_SECONDS)

    def _open_runs(self, *flows: Flow) -> int:
        api = self._stack.airflow
        return sum(run["state"] not in ENDED for flow in flows or _FLOWS for run in api.runs(DAGS[flow]))

    def _wait_for_moment(self, blow: Blow, before: int) -> str:
        """The beat's task instance, at the moment when the blow falls; empty when it did not come, or is over."""
        found: list[str] = []

        def runs() -> bool:
            running = self._stack.airflow.running_tasks(DAGS[blow.flow])
            found[:] = [key for key, task in running.items() if task == blow.task_id and key not in self._dead]
            return bool(found)

        if not self._until(runs, _BEAT_SECONDS):
            return ""
        task = found[0]
        if blow.creates:
            self._until(lambda: self._creates() - before >= blow.creates or not runs() or task not in found, 60)
        time.sleep(blow.seconds)
        return task if self._patiently(runs) and task in found else ""

    def _until_warehouse_answers(self) -> None:
        if not self._stack.warehouse.is_ready():
            raise DemoError("The warehouse does not answer")

    def _until(self, done: Callable[[], bool], seconds: float) -> bool:
        """Wait until it is done, for so many seconds at most; whether it is."""
        deadline = time.monotonic() + seconds
        while not self._patiently(done):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def _patiently(self, act: Callable[[], T]) -> T:
        """Do it as soon as what it needs is up again. Raises what it raised last when that takes too long."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            self._stack.check()
            try:
                return act()
            except (DemoError, httpx.TransportError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)


def prove_crash(schedules: int, seed: int, warehouse: str, say: Callable[[str], None] = print) -> CrashFigures:
    """Play schedules 0, 1, … of the seed on one stack, which goes away with all its files; after harm they are kept.

    Raises:
        DemoError: the stack did not start, or did not come up again after a kill.
    """
    figures, began = CrashFigures(seed, warehouse), time.monotonic()
    with _opened(figures, say) as folder, CrashStack(folder, warehouse) as stack:
        say(f"Everything is up after {time.monotonic() - began:.0f} s; logs in {folder / 'logs'}")
        with (
            SandboxControl(stack.storefront_url, stack.control_token) as shop,
            stack.floor() as floor,
        ):
            play = CrashPlay(stack, shop, floor)
            play.open()
            for number in range(schedules):
                schedule = draw_crash(seed, number)
                play.play(schedule, figures)
                done, blow = figures.kills.total(), schedule.blow
                say(f"{time.monotonic() - began:.0f} s: schedule {number}, {blow.words()}; {done} killed")
            play.settle(figures)
    figures.seconds = time.monotonic() - began
    return figures


@contextmanager
def _opened(figures: CrashFigures, say: Callable[[str], None]) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="fulfilment-crash-"))
    folder.chmod(0o711)  # run by root, the database server is another account's process
    whole = False
    try:
        yield folder
        whole = figures.good
    finally:
        if whole:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            say(f"What the processes said is kept in {folder}")
