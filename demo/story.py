"""The demo's run: a shop and a warehouse are filled, Airflow moves the orders, the floor ships, everything is checked.

Every DAG runs through Airflow's scheduler; the outside world (buyers, finance, the warehouse's staff) acts in between.
A run that was killed is taken up where it stopped.
"""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from demo import floor_plans
from demo.account import account, describe
from demo.environment import Folders
from demo.errors import DemoError
from demo.floor import Staff
from demo.ledger_store import StoreLedger
from demo.orders_types import LoadedOrders, RemedyKind
from demo.progress import Progress, run_key
from demo.site import write_site
from demo.stack import Stack
from demo.verify import Evidence, verify
from demo.warehouses import DemoWarehouse
from include.fulfilment.sandbox.control import SandboxControl

DAGS = ("order_release", "stock_sync", "fulfilment_aggregation", "drift_report", "hold_decision")
RUN_SECONDS = 1800.0
DRAIN_ROUNDS = 16
DRAIN_PAUSE = 15.0
MOST_DAYS = 5


def progress_of(options: Namespace, folders: Folders) -> Progress:
    """What an earlier start of the same run has done; a finished run is begun anew with --once, else kept."""
    progress = Progress(
        folders.state / "story.json", run_key(options.orders, options.limit, options.warehouse, options.storefront)
    )
    return progress.anew() if progress.complete and options.once else progress


def prepare(progress: Progress, folders: Folders, warehouse: DemoWarehouse) -> None:
    """Before a new run, remove the shop and the warehouse of the last one. To be called while nothing runs."""
    if not progress.fresh:
        return
    # First of all: stopped in between, an older run's progress must not stand beside empty systems.
    progress.save()
    for file in (folders.state / "storefront").glob("shop.sqlite*"):
        file.unlink()
    warehouse.clear()


def run(stack: Stack, orders: LoadedOrders, figures_file: Path | None, progress: Progress) -> int:
    """Run or resume the story; prints the account and answers 0 only if every check of the run holds."""
    begun = time.monotonic()
    _describe_orders(orders)
    with SandboxControl(stack.storefront_url, stack.control_token) as shop, stack.warehouse.staff() as staff:
        Story(stack, progress, orders, shop, staff).play()
        with StoreLedger(stack.fulfilment_db_url) as ledger:
            figures = account(orders, ledger, progress, stack.warehouse.code, stack.options.storefront)
            problems = verify(Evidence(orders, shop.state(), staff, ledger))
    figures |= {kind: len(found) for kind, found in problems.items()}
    figures["seconds"]["total"] = round(time.monotonic() - begun, 1)
    figures["ok"] = not any(problems.values())
    print(describe(figures), flush=True)
    for kind, found in problems.items():
        for words in found[:20]:
            print(f"  {kind}: {words}", file=sys.stderr)
    progress.finish()
    written = figures_file is None or _write(figures, figures_file)
    return 0 if figures["ok"] and written else 1


def _describe_orders(orders: LoadedOrders) -> None:
    _say(f"{len(orders.orders)} orders with {orders.line_count} lines read; skipped: {_words(orders.skipped)}")
    for bad in orders.bad_rows:
        _say(f"  row {bad.row}: {bad.reason}: {bad.detail}")
    _say(f"  kept though unusual: {_words(orders.kept)}; {len(orders.case_collisions)} case collisions")


def _write(figures: Mapping[str, Any], file: Path) -> bool:
    """Write the figures as JSON; False, and a word on why, when that is impossible."""
    try:
        file.write_text(json.dumps(figures, indent=2, default=str) + "\n", encoding="utf-8")
    except OSError as error:
        print(f"The figures could not be written to {file}: {error.strerror}.", file=sys.stderr)
        return False
    return True


class Story:
    """The acts in order; each is skipped when an earlier start finished it."""

    def __init__(
        self, stack: Stack, progress: Progress, orders: LoadedOrders, shop: SandboxControl, staff: Staff
    ) -> None:
        self._stack, self._progress, self._orders, self._shop, self._staff = stack, progress, orders, shop, staff

    def play(self) -> None:
        """All acts, up to the day on which nothing is left to ship."""
        if self._progress.fresh:
            self._begin()
        self._step("receive", self._receive_first, "The warehouse receives its first goods")
        self._step("load", self._load, "Buyers place their orders in the shop")
        self._step("release", self._release, "Airflow releases what may go")
        self._day("day_1")
        self._step("remedies", self._remedy, "Buyers pay and send PO numbers, finance books payments, goods arrive")
        self._step("release_again", self._release, "Airflow releases what was held or short")
        for day in (f"day_{number}" for number in range(2, 2 + MOST_DAYS)):
            self._day(day)
            self._step(f"{day}_released", self._release, "Airflow releases what has come free")
            if not self._progress.once(f"{day}_left", lambda: len(self._staff.open_shipments())):
                break
        self._step("stock", self._sync_stock, "Airflow shows the stock")
        self._step("drift", self._drift, "Airflow compares both systems")

    def _day(self, day: str) -> None:
        self._step(day, partial(self._ship, day), "The floor ships what is there")
        self._step(f"{day}_told", self._tell, "Airflow tells the shop")

    def _step(self, name: str, act: Callable[[], None], words: str) -> None:
        self._progress.step(name, partial(self._act, words, act))

    def _act(self, words: str, act: Callable[[], None]) -> None:
        _say(words)
        act()

    def _begin(self) -> None:
        for dag in DAGS:
            self._stack.airflow.set_paused(dag, True)
            self._stack.airflow.end_open_runs(dag)
        with StoreLedger(self._stack.fulfilment_db_url) as ledger:
            ledger.clear(embedded=self._stack.embedded_store)
        self._progress.start()

    def _set_up(self) -> None:
        location = self._shop.state("customers", limit=1)["shop"]["location"]
        warehouse, folder = self._stack.warehouse, Path(self._stack.environment["FULFILMENT_SITES"])
        shop = self._stack.storefront.site_section(location)
        write_site(folder, self._orders.pack_rows, shop, warehouse.code, warehouse.site_section(folder))
        self._stack.set_up()

    def _receive_first(self) -> None:
        self._set_up()
        names = {variant["sku"]: variant["title"] for variant in self._orders.variants}
        base = {row["base_sku"]: names.get(row["base_sku"], row["base_sku"]) for row in self._orders.pack_rows}
        made = self._staff.load_products(base)
        self._staff.receive("first", self._orders.stock.first)
        _say(f"  {made} products, {sum(self._orders.stock.first.values())} units")

    def _load(self) -> None:
        body: dict[str, Any] = dict(self._orders.body)
        self._shop.load(**body)

    def _release(self) -> None:
        self._dag("stock_sync")
        self._drain("order_release", "release.submit")

    def _tell(self) -> None:
        self._drain("fulfilment_aggregation", "aggregate.submit")

    def _sync_stock(self) -> None:
        self._dag("stock_sync")

    def _drift(self) -> None:
        self._dag("drift_report")
        self._stack.airflow.unpause("hold_decision")  # from here on people are asked about what is held

    def _ship(self, day: str) -> None:
        self._staff.catch_up()
        plan = floor_plans.first_day if day == "day_1" else floor_plans.later_day
        kept = self._progress.once(day, lambda: floor_plans.to_json(plan(self._staff.open_shipments())))
        self._staff.ship(day, floor_plans.from_json(kept))
        _say(f"  {len(kept)} shipments")

    def _remedy(self) -> None:
        for remedy in self._orders.remedies.values():
            if remedy.kind is RemedyKind.PAY:
                self._shop.pay(remedy.order)
            elif remedy.kind is RemedyKind.NOTE:
                self._shop.set_note(remedy.order, remedy.note)
            else:
                value = json.loads(remedy.metafield_value)
                self._shop.set_customer_metafield(
                    remedy.customer_key, "sparklayer", "payment_on_account", "json", value
                )
        self._staff.receive("second", self._orders.stock.second)
        _say(f"  {len(self._orders.remedies)} holds answered, {sum(self._orders.stock.second.values())} units arrived")

    def _drain(self, dag_id: str, submit: str) -> None:
        """Run a DAG until nothing is owed any more: what a killed worker had claimed is taken over after its lease."""
        for _ in range(DRAIN_ROUNDS):
            left = self._dag(dag_id, submit)
            if not left:
                return
            _say(f"  {left} still owed: not answered yet, or perhaps sent by an earlier try; they are looked for first")
            time.sleep(DRAIN_PAUSE)
        raise DemoError(f"{dag_id}: {left} rows are still owed after {DRAIN_ROUNDS} runs; see the desk's Today page.")

    def _dag(self, dag_id: str, submit: str = "") -> int:
        """One run through the scheduler; answers what its submit task left owed. From its first run on, the DAG also
        runs on its own schedule."""
        self._stack.airflow.unpause(dag_id)
        result = self._stack.airflow.run(dag_id, {"site": "demo"}, RUN_SECONDS)
        self._progress.tasks[dag_id] = max(self._progress.tasks.get(dag_id, 0), result.task_count)
        self._progress.seconds[dag_id] = round(self._progress.seconds.get(dag_id, 0) + result.seconds, 1)
        self._progress.save()
        _say(f"  {dag_id}: {result.seconds:.0f} s")
        if not submit:
            return 0
        figures = self._stack.airflow.xcom(dag_id, result.run_id, submit, map_index=0)
        return int(figures["left"])


def _say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", flush=True)


def _words(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items())) or "nothing"
