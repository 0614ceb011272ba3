"""The operators of the four flows: a collect, a decide and a submit each, thin over one service function.

XCom carries counts only. A wait that a remote asks for is deferred, so that no worker slot sleeps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, BaseOperatorLink

from include.fulfilment.errors import RetryableError

if TYPE_CHECKING:
    from airflow.sdk import Context

    from include.fulfilment.orchestration.wiring import Wiring

MOST_DEFERRALS = 20
SHORTEST_DEFERRAL = 5.0  # seconds; shorter waits cost less inside the task than deferring does


class DeskLink(BaseOperatorLink):
    """Opens the desk from a task."""

    name = "Fulfilment desk"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        return "/fulfilment/"


class BeatOperator(BaseOperator):
    """One beat of one flow for one site. Subclasses say what it does in `beat` and return counts."""

    template_fields: Sequence[str] = ("site", "order_ids", "skus", "dry_run")
    operator_extra_links = (DeskLink(),)
    ui_color = "#eef3f8"
    flow = ""
    beat_name = ""
    gives_way = False
    """Whether its calls to the warehouse wait until no release or shipment needs them."""

    def __init__(self, *, site: str, order_ids: Any = (), skus: Any = (), dry_run: Any = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.site = site
        self.order_ids = order_ids
        self.skus = skus
        self.dry_run = dry_run

    def beat(self, rooms: Wiring) -> Mapping[str, Any]:
        """What this operator does; returns counts."""
        raise NotImplementedError

    def covers_all(self) -> bool:
        """Whether this run does the whole beat: a dry run, or one for named orders or SKUs, proves nothing about it."""
        return not (self.dry_run or self.order_ids or self.skus)

    def execute(self, context: Context) -> dict[str, Any]:
        return self._run(context, deferred=0)

    def resume(self, context: Context, event: Any = None, deferred: int = 0) -> dict[str, Any]:
        """Continue after a wait that the remote asked for."""
        return self._run(context, deferred)

    def _run(self, context: Context, deferred: int) -> dict[str, Any]:
        from include.fulfilment.orchestration.wiring import wired

        try:
            with wired(self.site, self.gives_way) as rooms:
                figures = dict(self.beat(rooms))
                if self.covers_all():
                    self._ended_well(rooms, figures)
        except RetryableError as error:
            wait = error.retry_after or 0.0
            if wait < SHORTEST_DEFERRAL or deferred >= MOST_DEFERRALS:
                raise
            self._defer(wait, 0 if error.got_on else deferred + 1)
        self.log.info("%s %s of site %s: %s", self.flow, self.beat_name, self.site, figures)
        return {"site": self.site, **figures}

    def _ended_well(self, rooms: Wiring, figures: Mapping[str, Any]) -> None:
        """Set the beat's clock and close the ticket of its last failure."""
        with rooms.store.transaction() as rows:
            rows.log.beat_done(self.flow, self.beat_name, _counts(figures), rooms.now())
            for done in (self.beat_name, "sites"):  # a beat that ran proves that the sites were read
                rows.log.reconcile_tickets(task_scope(self.flow, done), [], rooms.now())

    def _defer(self, seconds: float, deferred: int) -> None:
        from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger

        self.log.info("the remote asks for %.0f s; waiting without a worker slot", seconds)
        self.defer(
            trigger=TimeDeltaTrigger(timedelta(seconds=seconds)),
            method_name="resume",
            kwargs={"deferred": deferred},
        )


def task_scope(flow: str, beat: str) -> str:
    """Scope of the ticket that a failed task opens and its next success closes."""
    return f"task/{flow}/{beat}"


def _counts(figures: Mapping[str, Any]) -> dict[str, int]:
    return {name: value for name, value in figures.items() if isinstance(value, int)}


class CollectOrdersOperator(BeatOperator):
    """Reads the pack catalogue, changed orders and the credit of their accounts into the store."""

    flow, beat_name = "order_release", "collect"

    def beat(self, rooms: Wiring) -> Mapping[str, Any]:
        from include.fulfilment.services import order_release

        return order_release.collect(rooms.store, rooms.storefronts, rooms.credit, rooms.packs, rooms.site, rooms.clock)


class DecideReleasesOperator(BeatOperator):
    """Judges every waiting order and writes decisions, holds and owed warehouse orders; touches no remote."""

    flow, beat_name = "order_release", "decide"

    def beat(self, rooms: Wiring) -> Mapping[str, Any]:
        from include.fulfilment.services import order_release

        return order_release.decide(
            rooms.store, rooms.site, rooms.warehouses, rooms.clock, tuple(self.order_ids or ()), bool(self.dry_run)
        )


class SubmitWarehouseOrdersOperator(BeatOperator):
    """Sends owed warehouse orders, reads them back and writes our status to the shop."""

    flow, beat_name = "order_release", "submit"

    def beat(self, rooms: Wiring) -> Mapping[str, Any]:
        from include.fulfilment.services import order_release

        if self.dry_run:
            return {"dry_run": 1}
        return order_release.submit(rooms.store, rooms.warehouses, rooms.storefronts, rooms.clock)


class CollectStockOperator(BeatOperator):
    """Reads the pack catalogue, the warehouse's stock and shipments, what the shop shows and its orders."""

    flow, beat_name = "stock_sync", "collect"
    gives_way = True

    def beat(self, rooms: Wiring) -> Mapping[str, Any]:
        from include.fulfilment.services import stock_sync

        return stock_sync.collect(
            rooms.store, rooms.warehouses, rooms.storefronts, rooms.packs, rooms.site, rooms.clock
        )


class DecideAvailabilityOperator(BeatOperator):
    """Computes what each variant should show; touches no remote."""

    flow, beat_name = "stock_sync", "decide"

    def beat(self, rooms: Wiring) -> Mapping[str, Any]:
        from include.fulfilment.services import stock_sync

        return stock_sync.decide(rooms.store, rooms.site, rooms.clock, bool(self.dry_run))


class SubmitAvailabilityOperator(BeatOperator):
    """Pushes changed availability by compare-and-set."""

    flow, beat_name = "stock_sync", "submit"

    def beat(self, rooms: Wiring) -> Mapping[str, Any]:
        from include.fulfilment.services import stock_sync

        if self.dry_run:
            return {"dry_run": 1}
        return stock_sync.submit(rooms.store, rooms.storefronts, rooms.site, rooms.clock, tuple(self.skus or ()))


class CollectShipmentsOperator(BeatOperator):
    """Reads changed shipments and short closures from the warehouse."""

    flow, beat_name = "fulfilment_aggregation", "collect"

    def beat(self, rooms: Wiring) -> Mapping[str, Any]:
        from include.fulfilment.services import fulfilment_aggregation

        return fulfilment_aggregation.collect(rooms.store, rooms.warehouses, rooms.site, rooms.clock)


class DecideFulfilmentsOperator(BeatOperator):
    """Folds all shipments of each order and writes owed fulfilments; touches no remote."""

    flow, beat_name = "fulfilment_aggregation", "decide"

    def beat(self, rooms: Wiring) -> Mapping[str, Any]:
        from include.fulfilment.services import fulfilment_aggregation

        chosen = tuple(self.order_ids or ())
        return fulfilment_aggregation.decide(rooms.store, rooms.site, rooms.clock, chosen, bool(self.dry_run))


class SubmitFulfilmentsOperator(BeatOperator):
    """Posts owed fulfilments with tracking and writes our status to the shop."""

    flow, beat_name = "fulfilment_aggregation", "submit"

    def beat(self, rooms: Wiring) -> Mapping[str, Any]:
        from include.fulfilment.services import fulfilment_aggregation

        if self.dry_run:
            return {"dry_run": 1}
        return fulfilment_aggregation.submit(rooms.store, rooms.storefronts, rooms.clock)
